"""Make the ticks of an axis quickly, as copies of ticks that matplotlib has made.

matplotlib makes each tick from rcParams and options, 0.3 ms each, and gives it the properties of
the axis' first tick. ``ax.clear()`` alone makes four of them, and the next draw ten to twenty:
longer than drawing the Axes. Here, a tick is made in this way once for the same options and
rcParams, and once more for the properties of an axis' first tick. The rest are copies of these,
made before anything else has seen them.
"""

import contextlib
import enum
from collections.abc import Callable
from functools import partial
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.axis import Axis, Tick, XTick, YTick
from matplotlib.cbook import CallbackRegistry
from matplotlib.figure import FigureBase
from matplotlib.font_manager import FontProperties
from matplotlib.lines import Line2D
from matplotlib.markers import MarkerStyle
from matplotlib.path import Path
from matplotlib.text import Text
from matplotlib.transforms import TransformNode

from parallel_animate.render.redraw.replacement import Replacement

get_major_ticks: Any = Axis.get_major_ticks
get_minor_ticks: Any = Axis.get_minor_ticks
_get_tick: Any = Axis._get_tick  # type: ignore[attr-defined]
_copy_tick_props: Any = Axis._copy_tick_props  # type: ignore[attr-defined]
_set_artist_props: Any = Axes._set_artist_props  # type: ignore[attr-defined]

# What makes a tick; other code may replace it.
MAKERS = (Tick, XTick, YTick, Line2D, Text)
_inits = [kind.__init__ for kind in MAKERS]

# A copy can share these: nothing changes them in place. An array or a list of coordinates is
# replaced when a tick gets its place.
SHARED = (
    type(None), bool, int, float, str, tuple, np.generic, np.ndarray, enum.Enum,
    TransformNode, FigureBase, Axes, type(lambda: None),
)  # fmt: skip
PARTS = {Line2D, Text}
# Most ticks that are kept as originals. Options that change in each frame add new ones.
LIMIT = 256


class NotCopiedError(Exception):
    """A tick has something of which it is not known how to copy it."""


class Copier:
    """Makes copies of an artist: a tick, or a part of one, that has just been made.

    What a copy shares with the original is found once.

    Parameters
    ----------
    artist : Artist
        The artist. It may change afterwards, the copies do not.

    Raises
    ------
    NotCopiedError
        If it has something of which it is not known how to copy it.
    """

    def __init__(self, artist: Any) -> None:
        self._kind = type(artist)
        self._values = dict(vars(artist))
        self._makers = {
            name: maker
            for name, value in self._values.items()
            if (maker := value_maker(value)) is not None
        }

    def __call__(self, **others: Any) -> Any:
        """Return a copy; ``others`` are attributes that it has instead of the original's."""
        twin = with_values(self._kind, self._values)
        values = vars(twin)
        values.update(others)
        for name, make in self._makers.items():
            values[name] = make()
        return twin


def value_maker(value: Any) -> Callable[[], Any] | None:
    """Return what makes a copy of an attribute's value; None if copies can share the value."""
    kind = type(value)
    if kind in PARTS:
        return Copier(value)
    if isinstance(value, SHARED):
        return None
    if kind is list:
        return partial(list, tuple(value))
    if kind in (FontProperties, MarkerStyle, Path):
        return partial(with_values, kind, dict(vars(value)))
    if kind is CallbackRegistry and not value.callbacks:
        return partial(CallbackRegistry, signals=value._signals)
    raise NotCopiedError(kind.__name__)


def with_values(kind: type, values: dict[str, Any]) -> Any:
    """Return an object with these attributes, as `copy.copy` makes it, in a quarter of its time."""
    made: Any = object.__new__(kind)
    vars(made).update(values)
    return made


class Original:
    """A tick that was made with some options, and is copied for any Axes.

    Parameters
    ----------
    tick : XTick or YTick
        A tick that has just been made.

    Raises
    ------
    NotCopiedError
        If it has something of which it is not known how to copy it.
    """

    def __init__(self, tick: Any) -> None:
        self._copy = Copier(tick)
        self._pad = tick._pad
        self._name = "xaxis" if type(tick) is XTick else "yaxis"

    def copied_for(self, axes: Any) -> Any:
        """Return a copy for an Axes, which is asked for the same transforms as by matplotlib."""
        # The first question may reset the axis: it puts the spines in their places.
        transform = getattr(axes, f"get_{self._name}_transform")
        places = [transform(which) for which in ("tick1", "tick2", "grid")]
        labels = [getattr(axes, f"get_{self._name}_text{i}_transform")(self._pad) for i in (1, 2)]
        figure = axes.get_figure(root=False)
        tick = self._copy(_axes=axes, _parent_figure=figure)
        lines = tick.tick1line, tick.tick2line, tick.gridline
        for line, place in zip(lines, places, strict=True):
            vars(line).update(_parent_figure=figure, _transform=place)
        for label, (place, va, ha) in zip((tick.label1, tick.label2), labels, strict=True):
            vars(label).update(
                _parent_figure=figure,
                _transform=place,
                _verticalalignment=va,
                _horizontalalignment=ha,
            )
        return tick


class Originals:
    """Ticks by the options that they were made with, for all axes of this process."""

    def __init__(self) -> None:
        self._settings: dict[str, Any] = {}
        self._kept: dict[Any, Original | None] = {}

    def tick(self, axis: Any, major: bool) -> Any:
        """Replace ``Axis._get_tick``: a new tick with the axis' options."""
        options = axis._major_tick_kw if major else axis._minor_tick_kw
        kind = axis._tick_class
        values = options.values()
        key = (kind, major, *options, *values, *map(type, values))
        if not is_usual(axis, kind, values):
            return _get_tick(axis, major)
        if not dict.__eq__(mpl.rcParams, self._settings) or len(self._kept) > LIMIT:
            self._settings = current_settings()
            self._kept.clear()
        original = self._kept.get(key)
        if original is not None:
            return original.copied_for(axis.axes)
        tick = _get_tick(axis, major)
        with contextlib.suppress(NotCopiedError):
            self._kept[key] = Original(tick)
        return tick


def is_usual(axis: Any, kind: type, values: Any) -> bool:
    """Return whether rcParams, simple options and the Axes' transforms make an axis' ticks."""
    return (
        kind in (XTick, YTick)
        and type(axis.axes)._set_artist_props is _set_artist_props
        and all(type(value) in (type(None), bool, int, float, str) for value in values)
        and [maker.__init__ for maker in MAKERS] == _inits
    )


def current_settings() -> dict[str, Any]:
    """Return the values of all rcParams. Lists are copied, since they can change in place."""
    return {
        name: list(value) if type(value) is list else value
        for name, value in dict.items(mpl.rcParams)
    }


originals = Originals()


def get_tick(axis: Any, major: bool) -> Any:
    """Replace ``Axis._get_tick``."""
    return originals.tick(axis, major)


# Makes ticks by copying.
copying = Replacement(Axis, "_get_tick", get_tick)


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
    if n_ticks <= n_made or not makes_usual_ticks(axis):
        return
    make(axis, n_made)
    # The first ticks made may reset the axis, which then has another list.
    ticks = getattr(axis, name)
    if type(ticks[-1]) not in (XTick, YTick):
        return
    with contextlib.suppress(NotCopiedError):
        copier = Copier(ticks[-1])
        ticks += [copier() for _ in range(n_ticks - n_made)]


def makes_usual_ticks(axis: Any) -> bool:
    """Return whether only matplotlib's own methods, or ours, make the ticks of an axis."""
    maker, giver = (
        getattr(method, "__func__", None) for method in (axis._get_tick, axis._copy_tick_props)
    )
    return maker in (_get_tick, get_tick) and giver is _copy_tick_props
