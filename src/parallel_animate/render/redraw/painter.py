"""Paint a figure's changed artists on top of a background that is kept."""

from collections.abc import Sequence
from operator import attrgetter
from typing import Any

import numpy as np

from parallel_animate.render.canvas import WHITE
from parallel_animate.render.redraw.artists import stays_in_its_clip_box
from parallel_animate.render.redraw.best_places import BestPlaces
from parallel_animate.render.redraw.earlier_draws import EarlierDraws
from parallel_animate.render.redraw.layers import Item, Layers, copy_region
from parallel_animate.render.redraw.raster import Box, Recording, box_of
from parallel_animate.render.redraw.text import RasterRenderer

# In pixels, around a box that grows: the text of a counter changes its width all the time.
MARGIN = 12


class Painter:
    """A figure's pixels, and the layers that they consist of.

    Parameters
    ----------
    renderer : RasterRenderer
        The renderer of the figure.
    earlier_draws : EarlierDraws
        Is given the recordings of what is drawn.

    Attributes
    ----------
    layers : Layers or None
        None if they must be found again.
    """

    def __init__(self, renderer: RasterRenderer, earlier_draws: EarlierDraws) -> None:
        self._renderer = renderer
        self._raster = renderer.raster
        self._earlier_draws = earlier_draws
        self._best_places = BestPlaces()
        self._pixels: Any = np.asarray(renderer.buffer_rgba())  # type: ignore[no-untyped-call]
        self._background: Any = None
        self._background_calls: list[tuple[Recording | None, tuple[int, ...]]] = []
        self._n_calls = self._raster.n_calls
        self.layers: Layers | None = None

    def note_calls(self) -> None:
        """Count what was drawn up to now as a part of the frame."""
        self._n_calls = self._raster.n_calls

    def forget_painted_over(self) -> None:
        """Drop the layers if other code has drawn here since, for example in update()."""
        if self._raster.n_calls != self._n_calls:
            self.layers = None

    def draw_all(self, items: Sequence[Item]) -> None:
        """Draw every artist, in order."""
        self._pixels[...] = WHITE
        for item in items:
            self._draw(item)
            assert item.recording is not None
            item.box = item.box.union(item.recording.box)

    def repaint(self, items: Sequence[Item], dirty: set[Item]) -> None:
        """Paint the whole figure, in order: draw the dirty artists, replay the others.

        This is quicker than `paint` where most artists are new: it is unknown where they paint, so
        all of their calls would have to be kept, and painted again.
        """
        self.layers = None
        self._pixels[...] = WHITE
        for item in items:
            if item not in dirty:
                self._raster.replay(item.calls)
            elif item.key is not None:
                self._draw(item)
            else:
                item.artist.draw(self._renderer)
                item.recording = None
                item.settled = False

    def paint(self, items: Sequence[Item], dirty: set[Item]) -> None:
        """Draw the dirty artists, and paint those again that share pixels with them."""
        if any(not item.changes for item in dirty):
            self.layers = None
        for item in dirty:
            item.changes = True
        undrawn = set(dirty)
        while True:
            is_new = self.layers is None
            layers = self.layers = self.layers or self._lay(items)
            pieces = []
            for group, regions in zip(layers.groups, layers.regions, strict=True):
                if is_new or any(piece.item in dirty for piece in group):
                    for box in regions:
                        copy_region(self._background, self._pixels, box)
                    pieces += group
            has_grown = False
            # Groups share no pixels, but a draw may set something that a later draw reads.
            for piece in sorted(pieces, key=attrgetter("place")):
                item = piece.item
                if item in undrawn and self._best_places.is_kept(item, self._renderer):
                    undrawn.discard(item)
                if item in undrawn or item.recording is None or not item.recording.is_whole:
                    has_grown |= not self._stays_in_its_box(item)
                    undrawn.discard(item)
                else:
                    self._raster.replay(piece.calls or item.calls)
            if not has_grown:
                return
            self.layers = None

    def _lay(self, items: Sequence[Item]) -> Layers:
        for item in items:
            if item.changes:
                item.box = assumed_box(item)
        layers = Layers(items)
        background = layers.background
        if self._background is None or not is_same_background(background, self._background_calls):
            self._pixels[...] = WHITE
            for item, places in background:
                self._raster.replay([item.calls[place] for place in places])
            self._background = self._pixels.copy()
            self._background_calls = [(item.recording, places) for item, places in background]
        else:
            np.copyto(self._pixels, self._background)
        return layers

    def _stays_in_its_box(self, item: Item) -> bool:
        """Draw an artist; return whether it stayed within its box, and let that grow if not."""
        self._draw(item)
        assert item.recording is not None
        if item.box.holds(item.recording.box):
            return True
        item.box = item.box.union(item.recording.box.grown(MARGIN))
        return False

    def _draw(self, item: Item) -> None:
        # Recording costs time. An artist that is redrawn next time anyway needs no recording,
        # unless it may exceed its box: then it is painted twice, and must not be drawn twice.
        artist = item.artist
        keeps_calls = item.rest == 0 or item.key is not None or not stays_in_its_clip_box(artist)
        clip = None if keeps_calls or not is_all_clipped(artist) else box_of_clip(artist)
        if clip is not None:
            # Nor does it matter where exactly it paints.
            artist.draw(self._renderer)
            item.recording = Recording((), clip, is_whole=False)
        else:
            self._raster.start(keeps_calls)
            artist.draw(self._renderer)
            item.recording = self._raster.stop()
        item.settled = False
        self._earlier_draws.keep(item)


def box_of_clip(artist: Any) -> Box | None:
    """Return the box to which an artist is clipped, or None if there is none."""
    return box_of(artist.clipbox) if artist.get_clip_on() and artist.clipbox is not None else None


def is_all_clipped(artist: Any) -> bool:
    """Return whether an artist paints nothing by a filter, path effects or a method of its own.

    What these paint need not be clipped.
    """
    has_own_draw = "draw" in vars(artist)
    return artist.get_agg_filter() is None and not artist.get_path_effects() and not has_own_draw


def assumed_box(item: Item) -> Box:
    """Return where a changing artist may paint, its whole clip box if it has one."""
    clip = box_of_clip(item.artist)
    return item.box if clip is None else item.box.union(clip)


def is_same_background(
    now: list[tuple[Item, tuple[int, ...]]], before: list[tuple[Recording | None, tuple[int, ...]]]
) -> bool:
    """Return whether the background consists of the same calls."""
    return len(now) == len(before) and all(
        item.recording is recording and places == earlier
        for (item, places), (recording, earlier) in zip(now, before, strict=True)
    )
