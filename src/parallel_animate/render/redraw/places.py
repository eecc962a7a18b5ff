"""Find Axes whose place or limits have changed, and which of their artists that moves."""

from collections.abc import Iterable, Mapping
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np
from matplotlib.axes import Axes
from matplotlib.axis import XAxis, YAxis
from matplotlib.legend import Legend
from matplotlib.offsetbox import OffsetBox
from matplotlib.text import Text

from parallel_animate.render.redraw.state import Watch
from parallel_animate.render.redraw.values import Values, values_of
from parallel_animate.render.redraw.walk import Opaque, Walk, geometry

# What may change: limits, which are columns of a Bbox' points, or the box of the Axes.
X, Y, BOX = 0, 1, 2
BOTH = frozenset({X, Y})
LIMITS = [frozenset({X}), frozenset({Y}), BOTH]
ALL = frozenset({X, Y, BOX})
# The axis and the spines that limits move.
AXES_OF = {X: XAxis, Y: YAxis}
SPINES_OF = {X: ("bottom", "top"), Y: ("left", "right")}
# Positions of a spine that do not depend on limits.
FIXED_POSITIONS = {"outward", "axes"}


class Places:
    """The places and limits of Axes at the last look."""

    def __init__(self) -> None:
        # By the id of the Axes, which are kept alive so that no other gets this id.
        self._watches: dict[int, tuple[Any, Watch]] = {}
        self._limits: dict[int, Any] = {}
        # For the states of some artists, by what they consist of: whether they depend on limits.
        self._reads_limits: WeakKeyDictionary[Watch, tuple[frozenset[int], bool]] = (
            WeakKeyDictionary()
        )

    def forget_all_but(self, axes: Iterable[Any]) -> None:
        """Forget the Axes that are not given."""
        present = set(map(id, axes))
        self._watches = {key: kept for key, kept in self._watches.items() if key in present}
        self._limits = {key: kept for key, kept in self._limits.items() if key in present}

    def watch_of(self, axes: Any) -> Watch | None:
        """Return what is known of an Axes; None if its limits go through a user's function."""
        _, watch = self._watches.get(id(axes), (axes, None))
        return watch

    def look(self, axes: Any) -> None:
        """Note the place and the limits of an Axes."""
        try:
            self._watches[id(axes)] = axes, Watch(geometry(axes))
            self._limits[id(axes)] = axes._viewLim.get_points().copy()
        except Opaque:
            self._watches.pop(id(axes), None)

    def moved(self, axes: Iterable[Any]) -> dict[int, frozenset[int]]:
        """Return, for the id of each Axes that has moved, what has changed; look at it again."""
        moved = {}
        for each in axes:
            watch = self.watch_of(each)
            if watch is None or not watch.unchanged():
                moved[id(each)] = self._changes(each, watch)
                self.look(each)
        return moved

    def has_moved(
        self, artist: Any, axes: Any, watch: Watch, moved: Mapping[int, frozenset[int]]
    ) -> bool:
        """Return whether an artist in a known state looks different because its Axes has moved."""
        if not is_moved(artist, axes, moved):
            return False
        if BOX in moved[id(axes)] or type(artist) not in (Text, Legend):
            return True
        parts, answer = self._reads_limits.get(watch, (None, True))
        # A part may be another one by now, which was equal when it took the place of the first.
        if parts is not watch.ids:
            answer = not watch.unchanged() or reads_limits(artist, axes)
            self._reads_limits[watch] = watch.ids, answer
        return answer

    def _changes(self, axes: Any, watch: Watch | None) -> frozenset[int]:
        """Return what has changed in the place of an Axes."""
        if watch is not None and type(axes) is Axes:
            for limits in LIMITS:
                if self._is_same_but_for(axes, watch, limits):
                    return limits
        return ALL

    def _is_same_but_for(self, axes: Any, watch: Watch, limits: frozenset[int]) -> bool:
        """Return whether nothing has changed if these limits are what they were before."""
        points = axes._viewLim._points
        now = points.copy()
        for direction in limits:
            points[:, direction] = self._limits[id(axes)][:, direction]
        try:
            return watch.unchanged()
        finally:
            points[...] = now


def is_moved(artist: Any, axes: Any, moved: Mapping[int, frozenset[int]]) -> bool:
    """Return whether an artist looks different because its Axes has moved."""
    changed = moved.get(id(axes))
    if not changed or BOX in changed:
        return bool(changed)
    return not changed.isdisjoint(limits_read_by(artist, axes))


def limits_read_by(artist: Any, axes: Any) -> frozenset[int]:
    """Return which limits of its Axes an artist depends on.

    Titles and the background are placed in the Axes' box. An axis and its spines do not depend on
    the limits of the other axis, unless a spine is placed by them.
    """
    kind: type = type(axes)
    if kind is not Axes:
        return BOTH
    if artist in (axes.patch, axes.title, axes._left_title, axes._right_title):
        return frozenset()
    if all(map(is_fixed, axes.spines.values())):
        for direction in (X, Y):
            spines = [axes.spines.get(name) for name in SPINES_OF[direction]]
            if type(artist) is AXES_OF[direction] or artist in spines:
                return frozenset({direction})
    return BOTH


def reads_limits(artist: Any, axes: Any) -> bool:
    """Return whether a text or a legend is placed by the limits of its Axes, or may be."""
    # A legend refers to its Axes, which gives it a box.
    parts = [part for part in artist.findobj() if not isinstance(part, Legend | OffsetBox)]
    if isinstance(artist, Legend):
        parts.append(artist._bbox_to_anchor)  # type: ignore[attr-defined]
    try:
        return id(axes._viewLim) in Walk(parts, frozenset()).seen
    except Opaque:
        return True


def place_values(axes: Any, limits: frozenset[int]) -> Values:
    """Return the values of an Axes' place, with these limits only."""
    if limits == BOTH:
        return values_of(geometry(axes))
    points = axes._viewLim._points
    now = points.copy()
    for direction in BOTH - limits:
        points[:, direction] = np.nan
    try:
        return values_of(geometry(axes))
    finally:
        points[...] = now


def is_fixed(spine: Any) -> bool:
    """Return whether the position of a spine does not depend on limits."""
    position = spine._position
    return position is None or (isinstance(position, tuple) and position[0] in FIXED_POSITIONS)
