"""Make the ticks of an axis quickly: the second new one and all after it are equal.

matplotlib makes each tick from rcParams and options, 0.4 ms each, and gives it the properties of
the axis' first tick. After ``ax.clear()`` that takes longer than drawing the Axes. Here, one tick
is made in this way, and the rest are copies of it, made before anything else has seen it.
"""

import copy
import enum
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.axis import Axis, XTick, YTick
from matplotlib.cbook import CallbackRegistry
from matplotlib.figure import FigureBase
from matplotlib.font_manager import FontProperties
from matplotlib.lines import Line2D
from matplotlib.markers import MarkerStyle
from matplotlib.path import Path
from matplotlib.text import Text
from matplotlib.transforms import TransformNode

get_major_ticks: Any = Axis.get_major_ticks
get_minor_ticks: Any = Axis.get_minor_ticks
_get_tick: Any = Axis._get_tick  # type: ignore[attr-defined]
_copy_tick_props: Any = Axis._copy_tick_props  # type: ignore[attr-defined]

# A copy can share these: nothing changes them in place. An array or a list of coordinates is
# replaced when a tick gets its place.
SHARED = (
    type(None), bool, int, float, str, tuple, np.generic, np.ndarray, enum.Enum,
    TransformNode, FigureBase, Axes, type(lambda: None),
)  # fmt: skip
PARTS = {Line2D, Text}


class NotCopiedError(Exception):
    """A tick has something of which it is not known how to copy it."""


def major_ticks(axis: Any, n_ticks: int | None = None) -> list[Any]:
    """Replace ``Axis.get_major_ticks``."""
    if n_ticks is None:
        n_ticks = len(axis.get_majorticklocs())
    add_copies(axis, "majorTicks", n_ticks, get_major_ticks)
    found: list[Any] = get_major_ticks(axis, n_ticks)
    return found


def minor_ticks(axis: Any, n_ticks: int | None = None) -> list[Any]:
    """Replace ``Axis.get_minor_ticks``."""
    if n_ticks is None:
        n_ticks = len(axis.get_minorticklocs())
    add_copies(axis, "minorTicks", n_ticks, get_minor_ticks)
    found: list[Any] = get_minor_ticks(axis, n_ticks)
    return found


def add_copies(axis: Any, name: str, n_ticks: int, make: Any) -> None:
    """Add ticks to an axis until it has n_ticks, if that is quicker than making them.

    Parameters
    ----------
    axis : Axis
        The axis.
    name : str
        The axis' attribute for its major or minor ticks.
    n_ticks : int
        The number of ticks that it needs.
    make : callable
        matplotlib's method that makes ticks, called with the axis and the number needed.
    """
    # The first tick is not a copy of itself, and one more is made as the original of the copies.
    n_made = max(len(getattr(axis, name)), 1) + 1
    makers = (axis._get_tick, axis._copy_tick_props)
    functions = tuple(getattr(maker, "__func__", None) for maker in makers)
    if n_ticks <= n_made or functions != (_get_tick, _copy_tick_props):
        return
    make(axis, n_made)
    # The first ticks made may reset the axis, which then has another list.
    ticks = getattr(axis, name)
    original = ticks[-1]
    if type(original) not in (XTick, YTick):
        return
    try:
        ticks += [copied(original) for _ in range(n_ticks - n_made)]
    except NotCopiedError:
        return


def copied(artist: Any) -> Any:
    """Return a copy of a tick, or of a part of one, that has just been made.

    Raises
    ------
    NotCopiedError
        If it has something of which it is not known how to copy it.
    """
    twin = object.__new__(type(artist))
    vars(twin).update({name: copied_value(value) for name, value in vars(artist).items()})
    return twin


def copied_value(value: Any) -> Any:
    """Return what the copy of a tick has instead of a value of the original."""
    kind = type(value)
    if kind in PARTS:
        return copied(value)
    if isinstance(value, SHARED):
        return value
    if kind is list:
        return value[:]
    if kind in (FontProperties, MarkerStyle, Path):
        return copy.copy(value)
    if kind is CallbackRegistry and not value.callbacks:
        return CallbackRegistry(signals=value._signals)
    raise NotCopiedError(kind.__name__)
