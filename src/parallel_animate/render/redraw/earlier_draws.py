"""Remember how artists looked that are made again and again, as after ``ax.clear()``.

Such an artist is a new object, or one whose state was reset, so it cannot be compared with itself.
An artist whose draw depends on the same values as an earlier one draws the same: the earlier calls
are replayed, and it is not drawn.
"""

import contextlib
from collections import Counter, OrderedDict
from collections.abc import Hashable, Iterable, Iterator
from functools import partial
from typing import Any

from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.collections import LineCollection, PathCollection, PolyCollection, QuadMesh
from matplotlib.image import AxesImage
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.path import Path
from matplotlib.text import Text
from matplotlib.transforms import Bbox

from parallel_animate.render.redraw.artists import has_locators_of_limits
from parallel_animate.render.redraw.layers import Item
from parallel_animate.render.redraw.places import AXES_OF, SPINES_OF
from parallel_animate.render.redraw.raster import Recording
from parallel_animate.render.redraw.values import Values, values_of
from parallel_animate.render.redraw.walk import is_artist_known

# Recordings and boxes kept: those of the last frames, in a figure of many artists.
MAX_KEPT = 2000
# If few artists of a class looked as before in this number of frames in a row, it is not looked
# up for some frames.
PATIENCE = 3
FEW = 0.25
PAUSE = 32

# Their draw depends on their state alone, not on how often they have been drawn.
STEADY = Line2D | Patch | Axis | AxesImage
# Others of their subclasses, such as Quiver, settle something when they are first drawn.
STEADY_TYPES = {Text, LineCollection, PathCollection, PolyCollection, QuadMesh}


class EarlierDraws:
    """The calls of earlier draws, by the values that they depend on."""

    def __init__(self) -> None:
        self._kept: OrderedDict[Hashable, Recording] = OrderedDict()
        self._boxes: OrderedDict[Hashable, Bbox] = OrderedDict()
        self._asked: Counter[type] = Counter()
        self._known: Counter[type] = Counter()
        # Frames in a row in which few looked as before; below zero, frames to wait.
        self._misses: Counter[type] = Counter()

    def worth_asking(self, items: Iterable[Item]) -> list[Item]:
        """Return the items of which an earlier draw may be known, once per frame."""
        for kind, n_asked in self._asked.items():
            is_miss = self._known[kind] < FEW * n_asked
            self._misses[kind] = self._misses[kind] + 1 if is_miss else 0
        self._asked.clear()
        self._known.clear()
        for kind, n_misses in self._misses.items():
            if n_misses == PATIENCE:
                self._misses[kind] = -PAUSE
            elif n_misses < 0:
                self._misses[kind] += 1
        return [
            item
            for item in items
            if self._misses[type(item.artist)] >= 0 and is_steady(item.artist)
        ]

    def recall(self, item: Item, place: Values) -> bool:
        """Give an item the calls of an earlier draw with the same values, if there was one."""
        kind = type(item.artist)
        self._asked[kind] += 1
        if item.key is None:
            item.key = key_of(item.artist, item.axes, place)
        recording = None if item.key is None else self._kept.get(item.key)
        if recording is None or item.key is None:
            return False
        self._kept.move_to_end(item.key)
        self._known[kind] += 1
        item.recall(recording)
        return True

    def keep(self, item: Item) -> None:
        """Keep the calls of an item that was drawn, by its values before that."""
        if item.key is not None and item.recording is not None and is_steady(item.artist):
            add(self._kept, item.key, lasting(item.recording))
        item.key = None

    @contextlib.contextmanager
    def knowing_boxes(self, items: Iterable[Item], places: Iterable[Values]) -> Iterator[None]:
        """Let an axis give the box of an earlier one that looked the same.

        Titles keep clear of these boxes. To measure one, an axis makes all its ticks, which takes
        longer than to draw them.
        """
        placed = [
            (item.artist, partial(self._box, item, place))
            for item, place in zip(items, places, strict=True)
            if "get_tightbbox" not in vars(item.artist)
        ]
        for axis, box in placed:
            axis.get_tightbbox = box
        try:
            yield
        finally:
            for axis, _ in placed:
                del axis.get_tightbbox

    def _box(self, item: Item, place: Values, renderer: Any, **options: Any) -> Any:
        axis = item.artist
        replaced = vars(axis).pop("get_tightbbox")
        try:
            key = None if options else key_of(axis, item.axes, place)
            known = self._boxes.get(key)
            if known is not None:
                item.key = key
                return known.frozen()
            box = axis.get_tightbbox(renderer, **options)
            if key is not None and box is not None and is_steady(axis):
                add(self._boxes, key, box.frozen())
            return box
        finally:
            axis.get_tightbbox = replaced


def lasting(recording: Recording) -> Recording:
    """Return a recording with copies of its paths: a spine, for example, changes its path later."""
    calls = tuple(
        call._replace(arguments=tuple(map(copied, call.arguments))) for call in recording.calls
    )
    return recording._replace(calls=calls)


def copied(argument: Any) -> Any:
    """Return a copy of a path or of a list of paths, and any other argument itself."""
    if isinstance(argument, list):
        return list(map(copied, argument))
    return argument.deepcopy() if isinstance(argument, Path) else argument


def add(kept: "OrderedDict[Hashable, Any]", key: Hashable, found: Any) -> None:
    """Add what was found to what is kept; drop the oldest."""
    kept[key] = found
    if len(kept) > MAX_KEPT:
        kept.popitem(last=False)


def is_steady(artist: Any) -> bool:
    """Return whether an artist's draw depends on its values alone, not on earlier draws."""
    if not is_artist_known(artist):
        return False
    if isinstance(artist, Axis):
        # The offset's text is set by a draw, and later layouts see it.
        return not artist.major.formatter.get_offset()  # type: ignore[union-attr]
    return isinstance(artist, STEADY) or type(artist) in STEADY_TYPES


def key_of(artist: Any, axes: Any, place: "Values") -> Hashable | None:
    """Return the values that an artist's draw depends on, or None if they cannot be known.

    Parameters
    ----------
    artist : Artist
        A steady artist, before it is drawn.
    axes : Axes or None
        The Axes whose place it depends on.
    place : Values
        The values of this place and of the limits that it depends on.
    """
    roots = [artist]
    if axes is not None and isinstance(artist, Axis):
        roots += spines_beside(artist, axes)
        if not has_locators_of_limits(artist):
            roots.append(axes.dataLim)
    return values_of(roots, place).key()


def spines_beside(axis: Any, axes: Any) -> list[Any]:
    """Return the spines that the labels of an axis keep clear of, as far as is known."""
    for direction, kind in AXES_OF.items():
        if type(axis) is kind and type(axes) is Axes:
            # The outline is that of a colorbar.
            names = (*SPINES_OF[direction], "outline")
            return [axes.spines[name] for name in names if name in axes.spines]
    return list(axes.spines.values())
