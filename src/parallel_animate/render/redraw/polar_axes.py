"""Find polar Axes that look different although nothing that they hold has another value.

The transform of a polar Axes asks the Axes for the zero and the direction of theta and for the
origin of the radius, and matplotlib does not know that it depends on them. So a line may keep an
old path until something makes it look again, such as the same direction or the same data set once
more.
"""

from collections.abc import Iterable, Iterator
from typing import Any

from matplotlib.projections.polar import PolarAxes

from parallel_animate.render.redraw.walk import geometry


class PolarLooks:
    """The transforms of a figure's polar Axes, as the last draw left them."""

    def __init__(self) -> None:
        # How much of each transform must be computed again.
        self._validity: dict[PolarAxes, list[int]] = {}

    def touched(self, figure: Any) -> list[PolarAxes]:
        """Return the polar Axes of which a draw would compute a transform or a path again."""
        return [
            axes
            for axes in polar_axes(figure.axes)
            if _is_invalidated(validity_of(axes), self._validity.get(axes, []))
            or any(map(_computes_its_path, axes.get_lines()))
        ]

    def note(self, figure: Any) -> None:
        """Note the transforms after a draw."""
        self._validity = {axes: validity_of(axes) for axes in polar_axes(figure.axes)}


def polar_axes(all_axes: Iterable[Any]) -> Iterator[PolarAxes]:
    """Yield the polar Axes among Axes and the insets in them."""
    for axes in all_axes:
        if isinstance(axes, PolarAxes):
            yield axes
        yield from polar_axes(axes.child_axes)


def validity_of(axes: Any) -> list[int]:
    """Return how much of each transform of an Axes must be computed again."""
    return [node._invalid for node in geometry(axes)]


def _is_invalidated(now: list[int], before: list[int]) -> bool:
    return any(new > old for new, old in zip(now, before, strict=False))


def _computes_its_path(line: Any) -> bool:
    """Return whether a line's next draw computes its path, perhaps from the same data."""
    path = line._transformed_path
    is_new = path is None or path._invalid or line._invalidx or line._invalidy
    return bool(is_new and line.get_visible())
