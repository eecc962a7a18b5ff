"""Layout engines of matplotlib: they move the Axes while a figure is drawn."""

from typing import Any

import numpy as np
from matplotlib.figure import Figure
from matplotlib.layout_engine import LayoutEngine, PlaceHolderLayoutEngine
from numpy.typing import NDArray

# If a layout engine moves Axes by less than this, they look the same.
LAYOUT_PIXELS = 1e-6
# A constrained layout of most figures moves Axes by less than this in every draw: it starts from
# the places of the draw before, and rounds.
ROUNDING_PIXELS = 1e-9


def layout_engine(figure: Figure) -> LayoutEngine | None:
    """Return the layout engine that moves a figure's Axes, or None."""
    engine = figure.get_layout_engine()
    # The placeholder for an engine that was switched off moves nothing.
    return None if isinstance(engine, PlaceHolderLayoutEngine) else engine


def layout_of(figure: Figure) -> NDArray[np.float64] | None:
    """Return the places of the Axes, (n, 4) in pixels; None without a layout engine."""
    if layout_engine(figure) is None:
        return None
    return np.array([axes.bbox.bounds for axes in figure.axes])


def is_same_layout(one: NDArray[np.float64] | None, other: NDArray[np.float64] | None) -> bool:
    """Return whether two layouts, from `layout_of`, put all Axes in the same places."""
    if one is None or other is None:
        return one is other
    return one.shape == other.shape and np.allclose(one, other, rtol=0, atol=LAYOUT_PIXELS)


# An Axes with the box that a layout gave it and the box that its aspect leaves of that.
Boxes = list[tuple[Any, Any, Any]]


def boxes_of(figure: Figure) -> Boxes:
    """Return copies of the boxes of all Axes, in parts of the figure."""
    return [(axes, axes.get_position(original=True), axes.get_position()) for axes in figure.axes]


def put_back(boxes: Boxes) -> None:
    """Give Axes the boxes that they had, and leave them to the layout engine."""
    for axes, original, active in boxes:
        axes._set_position(original, which="original")
        axes._set_position(active, which="active")


def moved_by_rounding(before: Boxes, figure: Figure) -> bool:
    """Return whether the Axes are where they were, or as good as there."""
    now = boxes_of(figure)
    if [axes for axes, *_ in now] != [axes for axes, *_ in before]:
        return False
    moves = [
        np.abs(one.get_points() - other.get_points()) * figure.bbox.size
        for (_, *boxes), (_, *old) in zip(now, before, strict=True)
        for one, other in zip(boxes, old, strict=True)
    ]
    return max((float(move.max()) for move in moves), default=0.0) < ROUNDING_PIXELS
