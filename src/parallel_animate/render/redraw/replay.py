"""Draw a figure's next frame by painting again only what has changed.

Two rules make the pixels those of a full redraw. An artist is replayed only if its last draw did
not change its own state; an artist whose draw does (a layout that settles, say) is drawn until it
stops. An artist whose state cannot be known is always drawn.
"""

import logging
import time
from collections.abc import Container, Iterable, Mapping
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.axis import Axis
from matplotlib.spines import Spine
from numpy.typing import NDArray

from parallel_animate.render.redraw.artists import (
    answer_of,
    has_animated,
    is_legend_in_best_place,
    is_legend_of,
    is_title,
    keeps_to_itself,
    may_change_others,
    moves_others,
    reads_data_limits,
    referring,
    refers_to,
    scales_at_draw,
)
from parallel_animate.render.redraw.axis_boxes import AxisBoxes
from parallel_animate.render.redraw.earlier_draws import EarlierDraws
from parallel_animate.render.redraw.layers import SHORT_REST, Item
from parallel_animate.render.redraw.order import (
    Structure,
    aligned_axes,
    family,
    flat_axes,
    leaves,
    settle_limits,
)
from parallel_animate.render.redraw.outlook import AXIS, weight
from parallel_animate.render.redraw.painter import Painter
from parallel_animate.render.redraw.places import (
    BOTH,
    Places,
    limits_read_by,
    place_values,
)
from parallel_animate.render.redraw.raster import Box
from parallel_animate.render.redraw.state import Watch
from parallel_animate.render.redraw.text import RasterRenderer
from parallel_animate.render.redraw.values import Values, values_of
from parallel_animate.render.redraw.walk import Opaque

logger = logging.getLogger(__name__)

# Largest number of frames for which an artist that keeps changing is redrawn without a look.
LONG_REST = 64
# After clear() and plot, half of an Axes' artists are new; the axes and the spines are not.
MANY_NEW = 0.3
# Replay pauses after this many frames in a row that were no cheaper than a full draw. The first
# frames in which artists are made again do not count: earlier draws are looked up in vain, and for
# some classes no more after that.
PATIENCE = 3
LEARNING = 3


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
        self._full_cost = full_cost
        # Number of frames in a row, up to the last one, that took about as long as a full draw.
        self._slow_frames = 0
        self._n_rebuilt = 0
        self._globals = globals_snapshot()
        self._is_first = True
        self._earlier_draws = EarlierDraws()
        self._axis_boxes = AxisBoxes()
        self._painter = Painter(renderer, self._earlier_draws)
        self._places: dict[Any, Values] = {}
        self._items: list[Item] = []
        self._by_artist: dict[int, Item] = {}
        self._structure: Structure | None = None
        self._axes_places = Places()
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

    def forget_pixels(self) -> None:
        """Let the next draw paint all pixels again; each artist's recorded calls are kept."""
        self._painter.layers = None

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
            n_before = self._n_rebuilt
            self._go_on(hints)
            is_learning = n_before < self._n_rebuilt <= LEARNING
            is_slow = not is_learning and time.thread_time() - start > 0.9 * self._full_cost
            self._slow_frames = self._slow_frames + 1 if is_slow else 0
        self._painter.note_calls()

    def _begin(self) -> None:
        """Draw every artist, in order, and learn what each draw does."""
        for axes in self._figure.axes:
            self._axes_places.look(axes)
        # Record the states that the last draw left; this draw should not change them.
        for item in self._items:
            self._watch(item)
        start = time.thread_time()
        self._settle()
        settle_cost = time.thread_time() - start
        assert self._structure is not None
        if not self._structure.unchanged():
            self._restructure()
        moved = self._axes_places.moved(self._figure.axes)
        for item in self._items:
            if id(item.axes) in moved:
                item.watch = None
        start = time.thread_time()
        for axes in flat_axes(self._figure):
            # It makes the ticks after clear().
            axes._update_title_position(self._renderer)
        self._draw_all(settle_cost + time.thread_time() - start)

    def _go_on(self, hints: Iterable[Any]) -> None:
        """Draw what has changed."""
        self._painter.forget_painted_over()
        self._settle()
        assert self._structure is not None
        is_rebuilt = not self._structure.unchanged()
        rebuilt, altered = self._restructure() if is_rebuilt else (set(), set())
        dirty = self._find_dirty(hints, rebuilt, altered)
        if any(moves_others(item) for item in dirty if not is_legend_of(item, rebuilt)):
            rebuilt = self._all_axes()
        # The places of titles, labels, legends and arrows depend on other artists.
        again = {item for item in self._items if item.axes in rebuilt}
        for item in again - dirty:
            item.watch = None
        dirty |= again
        for axes in flat_axes(self._figure):
            if axes in rebuilt:
                self._place_titles(axes, is_rebuilt)
        if is_rebuilt:
            self._n_rebuilt += 1
            is_mostly_new = self._is_mostly_new()
            self._recall(dirty, again | {item for item in dirty if item.is_new})
        if is_rebuilt and is_mostly_new:
            self._painter.repaint(self._items, dirty)
        else:
            self._painter.paint(self._items, dirty)
        for item in dirty:
            self._look_back(item)

    def _is_mostly_new(self) -> bool:
        """Return whether many artists are new, and the others are quickly painted again."""
        n_new = sum(item.is_new for item in self._items)
        return n_new > MANY_NEW * len(self._items) and all(
            item.is_new or weight(item.artist) <= AXIS for item in self._items
        )

    def _recall(self, dirty: set[Item], again: set[Item]) -> None:
        """Take those that may be new and look as earlier ones did out of those to draw."""
        if not any(scales_at_draw(i.artist) or may_change_others(i) for i in self._items):
            for item in self._earlier_draws.worth_asking(again):
                if item.axes not in self._aligned and self._earlier_draws.recall(
                    item, self._place_of(item)
                ):
                    dirty.discard(item)
        self._places.clear()

    def _place_of(self, item: Item) -> Values:
        """Return the values of the place and limits that an item depends on, in this frame."""
        axes = item.axes
        limits = BOTH if axes is None else limits_read_by(item.artist, axes)
        if (axes, limits) not in self._places:
            values = values_of([]) if axes is None else place_values(axes, limits)
            self._places[axes, limits] = values
        return self._places[axes, limits]

    def _place_titles(self, axes: Any, is_rebuilt: bool) -> None:
        """Place the titles of an Axes."""
        if not is_rebuilt or family(axes) != {axes}:
            axes._update_title_position(self._renderer)
            return
        items = [
            self._by_artist[key]
            for key in map(id, (axes.xaxis, axes.yaxis))
            if key in self._by_artist
        ]
        places = [self._place_of(item) for item in items]
        with self._earlier_draws.knowing_boxes(items, places):
            axes._update_title_position(self._renderer)

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
                # update() may have aligned labels just now.
                aligned = aligned_axes(figure)
                with self._axis_boxes.known(self._items, self._axes_places, aligned):
                    engine.execute(figure)
            except ValueError:
                # As in Figure.draw: the figure is too small for the layout.
                logger.debug("The layout engine gave up", exc_info=True)
        for axes in flat_axes(figure):
            settle_limits(axes, self._renderer)

    def _restructure(self) -> tuple[set[Any], set[Any]]:
        """Take the figure's artists as they are now.

        Returns
        -------
        rebuilt : set
            The Axes of which all artists are to be looked up again, such as after clear(). All
            Axes, and None, if the figure itself has other artists.
        altered : set
            The Axes of which only some artists are new or gone.
        """
        before, self._structure = self._structure, Structure(self._figure)
        old = self._by_artist
        self._items = []
        for leaf in leaves(self._figure):
            item = old.get(id(leaf.artist))
            is_kept = item is not None and item.axes is leaf.axes
            self._items.append(item if is_kept else Item(leaf.artist, leaf.axes))  # type: ignore[arg-type]
            self._items[-1].is_new = not (is_kept or self._is_first)
        self._by_artist = {id(item.artist): item for item in self._items}
        self._aligned = aligned_axes(self._figure)
        self._painter.layers = None
        self._axes_places.forget_all_but(self._figure.axes)
        changed = None if before is None else self._structure.changed_axes(before)
        if before is None or changed is None:
            return self._all_axes(), set()
        altered = {
            axes
            for axes, children in self._structure.changed_children(before, changed).items()
            if all(map(keeps_to_itself, children))
        }
        return changed - altered, altered

    def _all_axes(self) -> set[Any]:
        """Return all Axes, and None, for the artists that are in none."""
        return {None, *(item.axes for item in self._items)}

    # Finding changes

    def _find_dirty(
        self, hints: Iterable[Any], rebuilt: Container[Any], altered: Iterable[Any]
    ) -> set[Item]:
        """Return the items that have changed, and those that depend on them.

        The titles of Axes that are rebuilt are placed later, when it is known what they keep clear
        of. In altered Axes, artists may be gone.
        """
        moved = self._axes_places.moved(self._figure.axes)
        dirty = {item for item in self._items if self._is_dirty(item, moved)}
        hinted = [id(artist) for artist in hints]
        if hinted:
            dirty.update(item for item in self._items if refers_to(item, hinted))
        self._add_dependents(dirty, altered)
        self._move_titles(dirty, moved, rebuilt)
        return dirty | referring(self._items, dirty)

    def _is_dirty(self, item: Item, moved: Mapping[int, frozenset[int]]) -> bool:
        before, item.answer = item.answer, None
        if item.opaque:
            return True
        if item.rest > 0:
            item.rest -= 1
            item.rested = item.rest == 0
            return True
        if (
            item.watch is None
            or self._axes_places.has_moved(item.artist, item.axes, item.watch, moved)
            or not self._has_same_ticks(item, before)
            or not item.watch.unchanged()
        ):
            item.watch = None
            return True
        return not item.can_be_replayed()

    @staticmethod
    def _has_same_ticks(item: Item, before: Any) -> bool:
        """Ask an axis for its ticks if its state does not show them, as a draw would.

        It also gives the ticks their places and labels, which the item's watch compares.
        """
        if item.watch is None or not item.watch.asks:
            return True
        item.answer = answer_of(item.artist)
        return bool(before == item.answer)

    def _add_dependents(self, dirty: set[Item], altered: Iterable[Any]) -> None:
        """Add the artists that depend on changed ones without a reference to them."""
        touched = {id(item.axes) for item in dirty}.union(map(id, altered))
        for item in self._items:
            # The best place for a legend depends on everything in the Axes, drawn or not.
            if is_legend_in_best_place(item.artist) and (
                id(item.axes) in touched or has_animated(item.axes)
            ):
                dirty.add(item)
        # The label of an axis keeps clear of its ticks and its spines.
        spines = [item.artist for item in dirty if isinstance(item.artist, Spine)]
        dirty.update(
            self._by_artist[id(spine.axis)] for spine in spines if id(spine.axis) in self._by_artist
        )
        # It also keeps clear of those of Axes that it is aligned with.
        if any(isinstance(item.artist, Axis) and item.axes in self._aligned for item in dirty):
            dirty.update(
                item
                for item in self._items
                if isinstance(item.artist, Axis) and item.axes in self._aligned
            )

    def _move_titles(
        self, dirty: set[Item], moved: Container[int], rebuilt: Container[Any]
    ) -> None:
        """Place titles again where ticks, limits or titles have changed."""
        changed = {
            item.axes
            for item in dirty
            if item.axes is not None and (isinstance(item.artist, Axis | Spine) or is_title(item))
        }
        for axes in flat_axes(self._figure):
            if axes in rebuilt:
                continue
            relatives = family(axes)
            if relatives & changed or any(id(relative) in moved for relative in relatives):
                axes._update_title_position(self._renderer)
                for title in (axes.title, axes._left_title, axes._right_title):
                    item = self._by_artist.get(id(title))
                    if item is not None and not (item.watch and item.watch.unchanged()):
                        item.watch = None
                        dirty.add(item)

    # Watching

    def _watch(self, item: Item) -> None:
        place = self._axes_places.watch_of(item.axes)
        if item.axes is not None and place is None:
            # The limits go through a user's function, which may return anything next time.
            item.opaque, item.watch = True, None
            return
        roots = [item.artist]
        if item.axes is not None and reads_data_limits(item.artist):
            roots.append(item.axes.dataLim)
        try:
            item.watch = Watch(roots, place.ids if place else frozenset())
            if item.watch.asks and not isinstance(item.artist, Axis):
                # One that contains an axis, such as a polar Axes, gives no ticks when it is asked.
                raise Opaque
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
        if item.is_new:
            # It may be made again in each frame, so that a look at it is in vain.
            item.is_new = False
            return
        if item.watch is None and not item.rested:
            item.heat += 1
        if item.heat > 1 and not item.rested:
            item.rest = item.pause
            item.pause = min(2 * item.pause, LONG_REST)
            return
        item.rested = False
        self._watch(item)

    # Painting

    def _draw_all(self, settle_cost: float) -> None:
        """Draw every artist, in order, and find which ones stay unchanged."""
        start = time.thread_time()
        self._painter.draw_all(self._items)
        # The figure's first draw takes longer than later ones: it makes the ticks.
        self._full_cost = min(self._full_cost, settle_cost + time.thread_time() - start)
        for item in self._items:
            self._look_back(item)
            item.changes = not item.can_be_replayed()


def globals_snapshot() -> tuple[dict[str, Any], dict[str, Any]]:
    """Return copies of rcParams, including the lists in it, and of the named colours."""
    content: Any = dict.copy(mpl.rcParams)
    params = {key: list(v) if isinstance(v, list) else v for key, v in content.items()}
    return params, dict(mpl.colors.get_named_colors_mapping())
