"""Layout engines of matplotlib: they move the Axes while a figure is drawn."""

import numpy as np
from matplotlib.figure import Figure
from matplotlib.layout_engine import LayoutEngine, PlaceHolderLayoutEngine
from numpy.typing import NDArray

# If a layout engine moves Axes by less than this, they look the same.
LAYOUT_PIXELS = 1e-6


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
