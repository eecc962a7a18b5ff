"""Draw a figure's next frame by painting again only what has changed.

Two rules make the pixels those of a full redraw. An artist is replayed only if its last draw did
not change its own state; an artist whose draw does (a layout that settles, say) is drawn until it
stops. An artist whose state cannot be known is always drawn.
"""

import logging
import time
from collections.abc import Iterable
from operator import attrgetter
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.axis import Axis
from matplotlib.quiver import Barbs, Quiver
from matplotlib.spines import Spine
from numpy.typing import NDArray

from parallel_animate.render.redraw.artists import (
    is_legend_in_best_place,
    is_title,
    moves_others,
    refers_to,
    scales_at_draw,
    stays_in_its_clip_box,
)
from parallel_animate.render.redraw.layers import SHORT_REST, Item, Layers, copy_region
from parallel_animate.render.redraw.order import (
    Structure,
    aligned_axes,
    family,
    flat_axes,
    leaves,
    settle_limits,
)
from parallel_animate.render.redraw.raster import Box, box_of
from parallel_animate.render.redraw.state import Watch
from parallel_animate.render.redraw.text import RasterRenderer
from parallel_animate.render.redraw.walk import Opaque, geometry

logger = logging.getLogger(__name__)

# In pixels, around a box that grows: the text of a counter changes its width all the time.
MARGIN = 12
# Largest number of frames for which an artist that keeps changing is redrawn without a look.
LONG_REST = 64
# Replay pauses after this many frames in a row that were no cheaper than a full draw.
PATIENCE = 3


class Replay:
    """The figure as it was last drawn, and how to bring that up to date.

    Parameters
    ----------
    figure : Figure
        A figure that has been drawn at least once: matplotlib makes the ticks in the first draw.
    renderer : RasterRenderer
        The renderer it is drawn with.
    full_cost : float
        CPU seconds of a full draw.
    """

    def __init__(self, figure: Any, renderer: RasterRenderer, full_cost: float) -> None:
        self._figure = figure
        self._renderer = renderer
        self._raster = renderer.raster
        self._pixels: Any = np.asarray(renderer.buffer_rgba())  # type: ignore[no-untyped-call]
        self._full_cost = full_cost
        # Number of frames in a row, up to the last one, that took about as long as a full draw.
        self._slow_frames = 0
        self._globals = globals_snapshot()
        self._is_first = True
        self._n_calls = self._raster.n_calls
        self._layers: Layers | None = None
        self._background: Any = None
        self._background_calls: list[tuple[Item, tuple[int, ...]]] = []
        self._items: list[Item] = []
        self._by_artist: dict[int, Item] = {}
        self._geometries: dict[int, Watch | None] = {}
        self._restructure()

    def is_for(self, renderer: RasterRenderer) -> bool:
        """Return whether renderer, rcParams and named colours still allow replay."""
        return (
            renderer is self._renderer
            and dict.__eq__(mpl.rcParams, self._globals[0]) is True
            and mpl.colors.get_named_colors_mapping() == self._globals[1]
            # Its draw would make a colorbar rebuild itself in the middle of the figure's draw.
            and not any(scales_at_draw(item.artist) for item in self._items)
        )

    @property
    def is_worth_it(self) -> bool:
        """Return whether one of the last frames was cheaper than a full draw."""
        return self._slow_frames < PATIENCE

    def draw(self, hints: Iterable[Any] = ()) -> None:
        """Bring the pixels up to date.

        Parameters
        ----------
        hints : iterable of Artist
            Artists that the caller reports as changed.
        """
        start = time.thread_time()
        if self._is_first:
            self._begin()
            self._is_first = False
        else:
            self._go_on(hints)
            is_slow = time.thread_time() - start > 0.9 * self._full_cost
            self._slow_frames = self._slow_frames + 1 if is_slow else 0
        self._n_calls = self._raster.n_calls

    def _begin(self) -> None:
        """Draw every artist, in order, and learn what each draw does."""
        for axes in self._figure.axes:
            self._watch_geometry(axes)
        # Record the states that the last draw left; this draw should not change them.
        for item in self._items:
            self._watch(item)
        self._settle()
        if not self._structure.unchanged():
            self._restructure()
        moved = self._moved_axes()
        for item in self._items:
            if id(item.axes) in moved:
                item.watch = None
        for axes in flat_axes(self._figure):
            axes._update_title_position(self._renderer)
        self._draw_all()

    def _go_on(self, hints: Iterable[Any]) -> None:
        """Draw what has changed."""
        if self._raster.n_calls != self._n_calls:
            # Other code has drawn here, for example in update().
            self._layers = None
        self._settle()
        is_rebuilt = not self._structure.unchanged()
        if is_rebuilt:
            self._restructure()
        dirty = self._find_dirty(hints)
        if is_rebuilt or any(map(moves_others, dirty)):
            # The places of titles, labels, legends and arrows depend on other artists.
            for item in self._items:
                item.watch = None if item not in dirty else item.watch
            dirty = set(self._items)
            for axes in flat_axes(self._figure):
                axes._update_title_position(self._renderer)
        if any(not item.changes for item in dirty):
            self._layers = None
        self._paint(dirty)

    def classes_at(self, where: NDArray[np.bool_]) -> list[str]:
        """Return the names of the classes of artists that touch some of the given pixels."""
        height = where.shape[0]
        rows, columns = np.nonzero(where)
        region = Box(columns.min(), height - rows.max() - 1, columns.max() + 1, height - rows.min())
        return sorted({type(i.artist).__name__ for i in self._items if i.box.meets(region)})

    # The steps of Figure.draw before it draws

    def _settle(self) -> None:
        figure: Any = self._figure
        figure._get_draw_artists(self._renderer)
        engine = figure.get_layout_engine()
        if figure.axes and engine is not None:
            try:
                engine.execute(figure)
            except ValueError:
                # As in Figure.draw: the figure is too small for the layout.
                logger.debug("The layout engine gave up", exc_info=True)
        for axes in flat_axes(figure):
            settle_limits(axes, self._renderer)

    def _restructure(self) -> None:
        self._structure = Structure(self._figure)
        old = self._by_artist
        self._items = [
            old.get(id(leaf.artist)) or Item(leaf.artist, leaf.axes)
            for leaf in leaves(self._figure)
        ]
        self._by_artist = {id(item.artist): item for item in self._items}
        self._aligned = aligned_axes(self._figure)
        self._layers = None

    # Finding changes

    def _find_dirty(self, hints: Iterable[Any]) -> set[Item]:
        moved = self._moved_axes()
        dirty = {item for item in self._items if self._is_dirty(item, moved)}
        hinted = [id(artist) for artist in hints]
        if hinted:
            dirty.update(item for item in self._items if refers_to(item, hinted))
        self._add_dependents(dirty)
        self._move_titles(dirty, moved)
        return dirty

    def _is_dirty(self, item: Item, moved: set[int]) -> bool:
        if item.opaque:
            return True
        if item.rest > 0:
            item.rest -= 1
            item.rested = item.rest == 0
            return True
        if item.watch is None or id(item.axes) in moved or not item.watch.unchanged():
            item.watch = None
            return True
        return not item.can_be_replayed()

    def _moved_axes(self) -> set[int]:
        return {id(axes) for axes in self._figure.axes if not self._has_same_geometry(axes)}

    def _has_same_geometry(self, axes: Any) -> bool:
        watch = self._geometries.get(id(axes))
        if watch is not None and watch.unchanged():
            return True
        self._watch_geometry(axes)
        return False

    def _add_dependents(self, dirty: set[Item]) -> None:
        """Add the artists that depend on changed ones without a reference to them."""
        touched = {id(item.axes) for item in dirty}
        for item in self._items:
            # The best place for a legend depends on everything in the Axes.
            if is_legend_in_best_place(item.artist) and id(item.axes) in touched:
                dirty.add(item)
        axes_with_ticks = {
            item.axes for item in dirty if isinstance(item.artist, Axis | Spine) and item.axes
        }
        # Labels keep clear of ticks and spines, also those of Axes they are aligned with.
        if axes_with_ticks & self._aligned:
            axes_with_ticks |= self._aligned
        for item in self._items:
            if isinstance(item.artist, Axis) and item.axes in axes_with_ticks:
                dirty.add(item)

    def _move_titles(self, dirty: set[Item], moved: set[int]) -> None:
        """Place titles again where ticks, limits or titles have changed."""
        changed = {
            item.axes
            for item in dirty
            if item.axes is not None and (isinstance(item.artist, Axis | Spine) or is_title(item))
        }
        for axes in flat_axes(self._figure):
            relatives = family(axes)
            if relatives & changed or any(id(relative) in moved for relative in relatives):
                axes._update_title_position(self._renderer)
                for title in (axes.title, axes._left_title, axes._right_title):
                    item = self._by_artist.get(id(title))
                    if item is not None and not (item.watch and item.watch.unchanged()):
                        item.watch = None
                        dirty.add(item)

    # Watching

    def _watch_geometry(self, axes: Any) -> None:
        try:
            self._geometries[id(axes)] = Watch(geometry(axes))
        except Opaque:
            self._geometries.pop(id(axes), None)

    def _watch(self, item: Item) -> None:
        place = self._geometries.get(id(item.axes))
        if item.axes is not None and place is None:
            # The limits go through a user's function, which may return anything next time.
            item.opaque, item.watch = True, None
            return
        roots = [item.artist]
        if isinstance(item.artist, Quiver | Barbs | Axis) and item.axes is not None:
            # Arrows and the ticks of an IndexLocator read the limits of the data.
            roots.append(item.axes.dataLim)
        try:
            item.watch = Watch(roots, place.ids if place else frozenset())
        except Opaque:
            item.opaque, item.watch = True, None

    def _look_back(self, item: Item) -> None:
        """Check after a draw whether it changed the artist's state."""
        if item.opaque or item.rest > 0:
            return
        if item.watch is not None and item.watch.unchanged():
            item.settled = item.recording is not None and item.recording.is_whole
            item.heat, item.pause = 0, SHORT_REST
            return
        item.settled = False
        item.changes = True
        if item.watch is None and not item.rested:
            item.heat += 1
        if item.heat > 1 and not item.rested:
            item.rest = item.pause
            item.pause = min(2 * item.pause, LONG_REST)
            return
        item.rested = False
        self._watch(item)

    # Painting

    def _draw_all(self) -> None:
        """Draw every artist, in order, and find which ones stay unchanged."""
        self._pixels[...] = 255
        start = time.thread_time()
        for item in self._items:
            self._draw_item(item)
        # The figure's first draw takes longer than later ones: it makes the ticks.
        self._full_cost = min(self._full_cost, time.thread_time() - start)
        for item in self._items:
            self._look_back(item)
            item.changes = not item.can_be_replayed()

    def _paint(self, dirty: set[Item]) -> None:
        """Paint the groups with changes again."""
        for item in dirty:
            item.changes = True
        self._paint_groups(dirty)
        for item in dirty:
            self._look_back(item)

    def _paint_groups(self, dirty: set[Item]) -> None:
        undrawn = set(dirty)
        while True:
            is_new = self._layers is None
            if self._layers is None:
                self._lay()
            layers: Any = self._layers
            pieces = []
            for group, regions in zip(layers.groups, layers.regions, strict=True):
                if is_new or any(piece.item in dirty for piece in group):
                    for box in regions:
                        copy_region(self._background, self._pixels, box)
                    pieces += group
            grown = False
            # Groups share no pixels, but a draw may set something that a later draw reads.
            for piece in sorted(pieces, key=attrgetter("place")):
                item = piece.item
                if item in undrawn or not self._is_drawn_before(item):
                    grown |= not self._draw_item(item)
                    undrawn.discard(item)
                else:
                    self._raster.replay(piece.calls or item.calls)
            if not grown:
                return
            self._layers = None

    @staticmethod
    def _is_drawn_before(item: Item) -> bool:
        return item.recording is not None and item.recording.is_whole

    def _lay(self) -> None:
        for item in self._items:
            if item.changes:
                item.box = self._assumed_box(item)
        self._layers = Layers(self._items)
        if self._background is None or self._layers.background != self._background_calls:
            self._pixels[...] = 255
            for item, places in self._layers.background:
                self._raster.replay([item.calls[place] for place in places])
            self._background = self._pixels.copy()
            self._background_calls = self._layers.background
        else:
            np.copyto(self._pixels, self._background)

    def _assumed_box(self, item: Item) -> Box:
        """Return where a changing artist may paint, its whole clip box if it has one."""
        clip = item.artist.clipbox if item.artist.get_clip_on() else None
        if clip is not None:
            return item.box.union(box_of(clip))
        return item.box

    def _draw_item(self, item: Item) -> bool:
        """Draw an artist; return whether it stayed within its box."""
        # Recording costs time. An artist that is redrawn next time anyway needs no recording,
        # unless it may exceed its box: then it is painted twice, and must not be drawn twice.
        keeps_calls = item.rest == 0 or not stays_in_its_clip_box(item.artist)
        self._raster.start(keeps_calls)
        item.artist.draw(self._renderer)
        item.recording = self._raster.stop()
        item.settled = False
        if item.box.holds(item.recording.box):
            return True
        margin = 0 if self._is_first else MARGIN
        item.box = item.box.union(item.recording.box.grown(margin))
        return self._is_first


def globals_snapshot() -> tuple[dict[str, Any], dict[str, Any]]:
    """Return copies of rcParams, including the lists in it, and of the named colours."""
    content: Any = dict.copy(mpl.rcParams)
    params = {key: list(v) if isinstance(v, list) else v for key, v in content.items()}
    return params, dict(mpl.colors.get_named_colors_mapping())
