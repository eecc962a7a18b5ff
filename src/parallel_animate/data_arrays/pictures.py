"""Draw the steps of a DataArray: an image or a mesh, or what the user's function draws."""

from collections.abc import Callable
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from parallel_animate.api import Animator
from parallel_animate.data_arrays.steps import Steps
from parallel_animate.errors import SettingsError
from parallel_animate.validation import did_you_mean

KINDS = ("auto", "imshow", "pcolormesh")


class DataArrayAnimator(Animator):
    """Draws the steps of a DataArray as an image or a mesh; the params are numbers of steps.

    Parameters
    ----------
    steps : Steps
        The data.
    limits : tuple of (float, float)
        The values of the first and the last colour.
    kind : {"auto", "imshow", "pcolormesh"}
        "auto" means an image if both coordinates are even, otherwise a mesh.
    x, y : str or None
        The coordinates to draw along; None means those of the last dimension and of the one before.
    cmap : str or None
        The colour map; None means matplotlib's default.
    figsize : tuple of (float, float)
        Size of the figure in inches.
    title : callable or None
        Returns the title of a step; None means the coordinate.
    """

    def __init__(
        self,
        steps: Steps,
        limits: tuple[float, float],
        kind: str,
        x: str | None,
        y: str | None,
        cmap: str | None,
        figsize: tuple[float, float],
        title: Callable[[Any], str] | None,
    ) -> None:
        self._steps = steps
        self._limits = limits
        self._kind = kind
        self._names = (x, y)
        self._cmap = cmap
        self._figsize = figsize
        self._title = title

    def setup(self) -> Figure:
        """Draw the axes, the colour bar and the first step, and fix the layout."""
        figure = Figure(figsize=self._figsize, layout="constrained")
        self._axes = figure.add_subplot()
        step = self._steps[0]
        self._picture = self._draw(self._axes, step)
        figure.colorbar(self._picture, ax=self._axes, label=label_of(step), extend="both")
        self._axes.set_title(self._title_of(step))
        # The layout of the first step stays, so that nothing moves and no frame depends on another.
        figure.draw_without_rendering()
        figure.set_layout_engine("none")
        return figure

    def update(self, frame_idx: int, params: Any) -> None:
        """Show a step."""
        step = self._steps[int(params)]
        self._picture.set_array(_values(step, *self._coordinates(step)[2]))
        self._axes.set_title(self._title_of(step))

    def _title_of(self, step: Any) -> str:
        return str(self._title(step)) if self._title else title_of(step, self._steps.dim)

    def _coordinates(self, step: Any) -> tuple[Any, Any, tuple[str, str]]:
        """Return the coordinates, and the dimensions of the rows and of the columns."""
        rows, columns = step.dims
        x, y = (coordinate(step, *each) for each in zip(self._names, (columns, rows), strict=True))
        if x.ndim == y.ndim == 1:
            return x, y, (y.dims[0], x.dims[0])
        return x.transpose(rows, columns), y.transpose(rows, columns), (rows, columns)

    def _draw(self, axes: Axes, step: Any) -> Any:
        x, y, dims = self._coordinates(step)
        style: dict[str, Any] = {"cmap": self._cmap, "clim": self._limits}
        values = _values(step, *dims)
        if self._kind != "pcolormesh" and is_even(x.values) and is_even(y.values):
            extent = (*edges(x.values), *edges(y.values))
            style |= {"aspect": "auto", "interpolation": "nearest"}
            picture: Any = axes.imshow(values, extent=extent, origin="lower", **style)
        elif self._kind == "imshow":
            raise SettingsError(
                f"The coordinates {x.name!r} and {y.name!r} are not even, so kind='imshow' would "
                "draw the data in wrong places; use 'pcolormesh'."
            )
        else:
            picture = axes.pcolormesh(x.values, y.values, values, shading="nearest", **style)
        axes.set(xlabel=label_of(x), ylabel=label_of(y))
        # Upwards, also if the coordinate of the rows goes down.
        axes.set_xlim(*sorted(axes.get_xlim()))
        axes.set_ylim(*sorted(axes.get_ylim()))
        return picture


class DrawnSteps(Animator):
    """Lets the user's function draw each step into an empty figure.

    Parameters
    ----------
    steps : Steps
        The data.
    draw : callable
        Gets the figure and a step.
    figsize : tuple of (float, float)
        Size of the figure in inches.
    """

    def __init__(
        self, steps: Steps, draw: Callable[[Figure, Any], Any], figsize: tuple[float, float]
    ) -> None:
        self._steps = steps
        self._draw = draw
        self._figsize = figsize

    def setup(self) -> Figure:
        """Return an empty figure."""
        self._figure = Figure(figsize=self._figsize)
        return self._figure

    def update(self, frame_idx: int, params: Any) -> None:
        """Clear the figure and let the user's function draw a step."""
        self._figure.clear()
        self._draw(self._figure, self._steps[int(params)])


def _values(step: Any, rows: str, columns: str) -> NDArray[Any]:
    return np.ma.masked_invalid(step.transpose(rows, columns).values)


def coordinate(step: Any, name: str | None, dim: str) -> Any:
    """Return a coordinate of a step: the named one, that of the dimension, or else numbers."""
    if name is None:
        return step[dim]
    if name not in step.coords:
        raise SettingsError(
            f"The DataArray has no coordinate {name!r}; it has "
            f"{', '.join(repr(str(each)) for each in step.coords)}."
            + did_you_mean(name, map(str, step.coords))
        )
    return step[name]


def is_even(values: NDArray[Any]) -> bool:
    """Return whether the points of a coordinate are numbers at equal distances."""
    if values.ndim != 1 or values.dtype.kind not in "iuf":
        return False
    gaps = np.diff(values.astype(float))
    return not gaps.size or bool(gaps[0] and np.allclose(gaps, gaps[0], rtol=1e-3, atol=0))


def edges(values: NDArray[Any]) -> tuple[float, float]:
    """Return where the first cell begins and the last one ends."""
    first, last = float(values[0]), float(values[-1])
    half = (last - first) / (len(values) - 1) / 2 if len(values) > 1 else 0.5
    return first - half, last + half


def label_of(array: Any) -> str:
    """Return the name of a DataArray or a coordinate, with its units."""
    name = array.attrs.get("long_name") or array.attrs.get("standard_name") or array.name or ""
    units = array.attrs.get("units", "")
    return f"{name} [{units}]" if name and units else str(name)


def title_of(step: Any, dim: str) -> str:
    """Return the coordinate of a step in words."""
    if dim not in step.coords:
        return ""
    value = step[dim].values[()]
    if isinstance(value, np.datetime64):
        return time_in_words(value)
    shown = f"{value:.6g}" if np.issubdtype(type(value), np.number) else str(value)
    units = step[dim].attrs.get("units", "")
    return f"{step[dim].attrs.get('long_name', dim)} = {shown} {units}".rstrip()


def time_in_words(time: Any) -> str:
    """Return a time without the parts that are zero: a date, or with minutes, or with seconds."""
    if np.isnat(time):
        return "no time"
    units = ("D", "m", "s")
    exact = [unit for unit in units if time == time.astype(f"datetime64[{unit}]")]
    shown = time.astype(f"datetime64[{exact[0] if exact else 'ms'}]")
    return str(shown).replace("T", " ")
