"""Clip the ticks of an axis quickly, as in ``ax.clear()``.

matplotlib makes a clip box of its own for each tick and each gridline. The boxes are equal, so here
they are one. To make the first tick of an axis may put a spine in its place, which resets the axis;
ticks that matplotlib makes and drops meanwhile are not made here.
"""

from collections.abc import Iterable
from typing import Any

from matplotlib.artist import Artist
from matplotlib.axis import Axis, Tick
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle

from parallel_animate.render.redraw.replacement import Replacement

_of_artist: Any = Artist.set_clip_path
_of_axis: Any = Axis.set_clip_path
_of_tick: Any = Tick.set_clip_path

LISTS = ("majorTicks", "minorTicks")
# The id of each axis whose first ticks are being made.
_being_made: set[int] = set()


def set_clip_path(axis: Any, path: Any, transform: Any = None) -> None:
    """Replace ``Axis.set_clip_path``."""
    if type(path) is not Rectangle or transform is not None:
        _of_axis(axis, path, transform)
        return
    _of_artist(axis, path)
    box = axis.clipbox
    if id(axis) in _being_made:
        # The call outside clips the ticks.
        return
    _being_made.add(id(axis))
    try:
        ticks = [*axis.majorTicks, *axis.minorTicks]
    finally:
        _being_made.discard(id(axis))
    clip(ticks, path, box)
    for name in LISTS:
        if name not in vars(axis):
            # Dropped by a reset, after which matplotlib clips to the Axes' patch. The axis has its
            # box from that reset, in a call that has returned above.
            clip(getattr(axis, name), axis.axes.patch, axis.clipbox)
    axis.stale = True


def clip(ticks: Iterable[Any], path: Any, box: Any) -> None:
    """Clip ticks to a rectangle, given the clip box that it makes."""
    for tick in ticks:
        line = tick.gridline
        if (
            not is_plain(tick, _of_tick)
            or type(line) is not Line2D
            or not is_plain(line, _of_artist)
        ):
            tick.set_clip_path(path)
            continue
        parts: tuple[Any, Any] = tick, line
        for part in parts:
            part.clipbox = box
            part._clippath = None
            part.pchanged()
            part.stale = True


def is_plain(artist: Any, method: Any) -> bool:
    """Return whether an artist is clipped by this method of matplotlib."""
    return getattr(artist.set_clip_path, "__func__", None) is method


# Clips ticks at once.
clipping = Replacement(Axis, "set_clip_path", set_clip_path)
