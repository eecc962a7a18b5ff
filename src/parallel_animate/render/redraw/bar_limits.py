"""Find the data limits of rectangles quickly, such as those of ``ax.bar`` and ``ax.hist``.

matplotlib adds them to an Axes one by one. For each it searches the sides of the unit square, which
are straight, for the extrema of curves: half of the time that a bar takes. The sides are the same
for all rectangles, so here they are searched once.
"""

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle
from matplotlib.path import Path
from numpy.typing import NDArray

from parallel_animate.render.redraw.replacement import Replacement

_AxesBase: Any = next(cls for cls in Axes.__mro__ if "_update_patch_limits" in vars(cls))
_update_patch_limits: Any = _AxesBase._update_patch_limits
_iter_bezier: Any = Path.iter_bezier
_get_path: Any = Rectangle.get_path


class _Sides:
    """The sides of a path, as one curve without extrema between the points that it returns."""

    def __init__(self, points: NDArray[np.float64]) -> None:
        self._points = points

    def axis_aligned_extrema(self) -> tuple[tuple[()], tuple[()]]:
        """Return that there are none."""
        return (), ()

    def __call__(self, t: object) -> NDArray[np.float64]:
        """Return the points."""
        return self._points


class _SearchedPath(Path):
    """A path whose curves have been searched.

    Parameters
    ----------
    path : Path
        The path.
    """

    def __init__(self, path: Path) -> None:
        super().__init__(np.array(path.vertices), np.array(path.codes), readonly=True)
        curves: Any = path.iter_bezier(simplify=False)
        found = [curve([0, *curve.axis_aligned_extrema()[1], 1]) for curve, _ in curves]
        self._sides = _Sides(np.vstack(found))

    def iter_bezier(self, **options: Any) -> Any:
        """Return all sides as one."""
        if options == {"simplify": False}:
            return iter([(self._sides, Path.LINETO)])
        return super().iter_bezier(**options)


_searched: dict[bytes, _SearchedPath] = {}


def _searched_path(path: Path) -> _SearchedPath:
    # By its content, since code may give all rectangles another path.
    key = np.asarray(path.vertices).tobytes()
    found = _searched.get(key)
    if found is None:
        found = _SearchedPath(path)
        _searched.clear()
        _searched[key] = found
    return found


def update_patch_limits(axes: Any, patch: Any) -> Any:
    """Replace ``Axes._update_patch_limits``."""
    if (
        type(patch) is not Rectangle
        or "get_path" in vars(patch)
        or (Rectangle.get_path, Path.iter_bezier) != (_get_path, _iter_bezier)
    ):
        return _update_patch_limits(axes, patch)
    searched = _searched_path(patch.get_path())
    vars(patch)["get_path"] = lambda: searched
    try:
        return _update_patch_limits(axes, patch)
    finally:
        del vars(patch)["get_path"]


limits_found_quickly = Replacement(_AxesBase, "_update_patch_limits", update_patch_limits)
