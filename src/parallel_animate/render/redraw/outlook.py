"""Estimate cheaply whether nearly all of a figure changes, so that drawing less would not pay.

Finding out what has changed in a thousand artists takes longer than drawing them. Their ``stale``
flags and their Axes' limits show whether most have changed. That is not reliable, but a wrong
estimate costs only time.
"""

import math
from typing import Any

import numpy as np
from matplotlib.axis import Axis
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.text import Text

from parallel_animate.render.redraw.order import Structure, leaves
from parallel_animate.render.redraw.places import ALL, BOTH, X, Y, is_moved

# Least share of a draw's time that must be left to save.
WORTH_TRYING = 0.2
# Rough drawing times, in units of a short line: an axis with its ticks, and artists known to be
# quick.
AXIS, LIGHT = 40, 1
POINTS_OF_A_SHORT_LINE = 1000


class Outlook:
    """An estimate of how much of a figure's next draw can be saved.

    Parameters
    ----------
    figure : Figure
        A figure that has just been drawn.
    before : Outlook, optional
        That of the frame before, if it was drawn in full, too.
    """

    def __init__(self, figure: Any, before: "Outlook | None" = None) -> None:
        self._figure = figure
        self._structure = Structure(figure)
        self._leaves = leaves(figure)
        # Artists that a draw leaves stale, such as hidden ones, show nothing later.
        self._fresh = {id(leaf.artist) for leaf in self._leaves if not leaf.artist.stale}
        self._places = {leaf.axes: place_of(leaf.axes) for leaf in self._leaves if leaf.axes}
        # What the last draw found about limits that only a draw finds; it may do so again.
        self._last_moves = None if before is None else before._moves()

    def is_hopeless(self) -> bool:
        """Return whether nearly everything has changed, so there is little to save."""
        now = self._leaves_now()
        if now is None:
            # After clear() all is made again, and may look as before.
            return len(self._places) > 1 and all(map(self._may_move_on, self._places))
        moved = self._moves()
        for axes in self._places:
            if any(axes._stale_viewlims.values()):
                if self._last_moves is None:
                    return True
                moved[id(axes)] |= self._last_moves.get(id(axes), ALL)
        known = {id(leaf.artist) for leaf in self._leaves}
        total = saved = 0.0
        for artist, axes in now:
            if artist.get_visible():
                is_changed = id(artist) not in known or (artist.stale and id(artist) in self._fresh)
                if not is_changed and not is_moved(artist, axes, moved):
                    saved += weight(artist)
                total += min(weight(artist), AXIS)
        return saved < WORTH_TRYING * total

    def _may_move_on(self, axes: Any) -> bool:
        """Return whether a draw finds limits of an Axes, and is not known to find the same ones."""
        moves = BOTH if self._last_moves is None else self._last_moves.get(id(axes), BOTH)
        return any(axes._stale_viewlims.values()) and moves >= BOTH

    def _leaves_now(self) -> list[Any] | None:
        """Return the figure's leaves, or None if not only some artists were added or removed."""
        if self._structure.unchanged():
            return self._leaves
        structure = Structure(self._figure)
        changed = structure.changed_axes(self._structure)
        if changed is None:
            return None
        altered = structure.changed_children(self._structure, changed)
        return leaves(self._figure) if altered.keys() == changed else None

    def _moves(self) -> dict[int, frozenset[int]]:
        """Return what has changed in the place of each Axes since the draw, as far as is known."""
        return {id(axes): changes(axes, place) for axes, place in self._places.items()}


def place_of(axes: Any) -> Any:
    """Return an Axes' position and limits, (4, 2) float, to be compared later."""
    # Not viewLim: that would autoscale, which is left to the draw.
    return np.concatenate([axes.bbox.get_points(), axes._viewLim.get_points()])


def changes(axes: Any, before: Any) -> frozenset[int]:
    """Return what has changed in the place of an Axes."""
    differs = place_of(axes) != before
    if differs[:2].any():
        return ALL
    return frozenset(direction for direction in (X, Y) if differs[2:, direction].any())


def weight(artist: Any) -> float:
    """Return roughly how long drawing an artist takes; infinite if that is unknown."""
    if isinstance(artist, Axis):
        return AXIS
    if isinstance(artist, Line2D):
        path: Any = artist._path  # type: ignore[attr-defined]
        return LIGHT if path is None else LIGHT + len(path) / POINTS_OF_A_SHORT_LINE
    return LIGHT if isinstance(artist, Text | Patch) else math.inf
