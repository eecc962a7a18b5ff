"""Find out whether rounding decides where the Axes are drawn.

A layout that starts from the layout before, as every ``tight_layout()`` in update() does, is the
same in all frames except for the last bits of its numbers. These bits depend on all frames before.
They can be seen where an edge lies on the border between two pixels: it is drawn one pixel aside.
"""

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from parallel_animate.render.canvas import FrameCanvas
from parallel_animate.render.layout import LAYOUT_PIXELS

# Axes are moved by this many pixels to see whether it shows: more than rounding does, and less than
# anything else.
SHIFT = 1e-8

ADVICE = "call tight_layout() and functions like it once, not in every frame"


def places_of(figure: Figure) -> NDArray[np.float64]:
    """Return the places of the Axes, (n, 4) in pixels."""
    return np.array([axes.bbox.bounds for axes in figure.axes]).reshape(-1, 4)


def flickers(before: NDArray[np.float64], after: NDArray[np.float64]) -> bool:
    """Return whether Axes have moved by rounding alone."""
    return (
        before.shape == after.shape
        and not np.array_equal(before, after)
        and np.allclose(before, after, rtol=0, atol=LAYOUT_PIXELS)
    )


def why_layout_shows(
    frame_idx: int, in_order: NDArray[np.float64], figure: Figure, has_flickered: bool = False
) -> str:
    """Return why a frame must not be drawn alone, although it has the same pixels so far.

    Parameters
    ----------
    frame_idx : int
        The frame's id.
    in_order : ndarray
        The places of the Axes when the frame is drawn after those before, from `places_of`.
    figure : Figure
        The figure in which the frame was drawn alone; it is changed, and is of no use afterwards.
    has_flickered : bool
        True if rounding has moved Axes in a frame before.

    Returns
    -------
    str
        Empty if the layout does not matter.
    """
    alone = places_of(figure)
    if np.array_equal(in_order, alone) and not has_flickered:
        return ""
    if in_order.shape != alone.shape or not np.allclose(
        in_order, alone, rtol=0, atol=LAYOUT_PIXELS
    ):
        return (
            f"frame {frame_idx} drawn after the frames before has its Axes in other places than "
            f"frame {frame_idx} drawn alone ({ADVICE})"
        )
    if not _shows_shifts(figure):
        return ""
    return (
        f"the places of the Axes in frame {frame_idx} depend on the frames before by rounding, "
        f"which is seen where an edge lies between two pixels ({ADVICE})"
    )


def _shows_shifts(figure: Figure) -> bool:
    """Return whether the pixels change if all Axes move by much less than a pixel."""
    figure.set_layout_engine("none")
    canvas = FrameCanvas(figure)
    places = [(axes, axes.get_position(original=True).bounds) for axes in figure.axes]
    before = canvas.draw().copy()
    width, height = figure.bbox.size
    for shift in (SHIFT, -SHIFT):
        for axes, (x0, y0, *size) in places:
            axes.set_position((x0 + shift / width, y0 + shift / height, size[0], size[1]))
        if not np.array_equal(canvas.draw(), before):
            return True
    return False
