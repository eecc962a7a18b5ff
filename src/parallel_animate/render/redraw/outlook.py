"""Tell at a glance whether nearly all of a figure changes: then drawing less is not worth trying.

To know what has changed in a thousand artists takes longer than to draw them. That most of them
have can be told from their ``stale`` flags and their Axes' limits: not for sure, but here nothing
depends on it except time.
"""

import math
from typing import Any

from matplotlib.axis import Axis
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.text import Text

from parallel_animate.render.redraw.order import Structure, leaves

# Of the time of a draw, the share that at least must be left to save.
WORTH_TRYING = 0.2
# The time that a draw takes, about, in that of a short line: an axis with its ticks, and what is
# known to be quick.
AXIS, LIGHT = 40, 1
POINTS_OF_A_SHORT_LINE = 1000


class Outlook:
    """How much of a figure's next draw could be saved, judged by what its last draw left.

    Parameters
    ----------
    figure : Figure
        Has just been drawn.
    """

    def __init__(self, figure: Any) -> None:
        self._structure = Structure(figure)
        self._leaves = leaves(figure)
        # What drawing leaves stale, such as what is hidden, says nothing later.
        self._fresh = {id(leaf.artist) for leaf in self._leaves if not leaf.artist.stale}
        self._places = {leaf.axes: place_of(leaf.axes) for leaf in self._leaves if leaf.axes}

    def is_hopeless(self) -> bool:
        """Tell whether all that could be saved is little: nearly everything has changed."""
        if not self._structure.unchanged():
            return True
        moved = {axes for axes, place in self._places.items() if place_of(axes) != place}
        total = saved = 0.0
        for artist, axes in self._leaves:
            if artist.get_visible():
                is_changed = artist.stale and id(artist) in self._fresh
                if not is_changed and axes not in moved:
                    saved += weight(artist)
                total += min(weight(artist), AXIS)
        return saved < WORTH_TRYING * total


def place_of(axes: Any) -> tuple[float, ...]:
    """Return where an Axes is and what it shows, to be compared later."""
    # Not its viewLim, which would find the limits that the draw is to find.
    return (*axes.bbox.extents, *axes._viewLim.extents)


def weight(artist: Any) -> float:
    """Return how long drawing an artist takes, about; infinite where that cannot be told."""
    if isinstance(artist, Axis):
        return AXIS
    if isinstance(artist, Line2D):
        path: Any = artist._path  # type: ignore[attr-defined]
        return LIGHT if path is None else LIGHT + len(path) / POINTS_OF_A_SHORT_LINE
    return LIGHT if isinstance(artist, Text | Patch) else math.inf
