"""Choose what draws the frames of an animator: its figure, or the pixels that it returns.

No other code asks which of them it is.
"""

from typing import Any

from matplotlib.figure import Figure

from parallel_animate.errors import SetupError
from parallel_animate.inputs.animator import AnimatorBase, PixelAnimatorBase
from parallel_animate.render.figure_source import FigureSource
from parallel_animate.render.frame_source import FrameSource
from parallel_animate.render.pixel_source import PixelSource
from parallel_animate.render.redraw import prove
from parallel_animate.settings import VideoSettings


def choose_source(
    animator: AnimatorBase,
    made: Any,
    settings: VideoSettings,
    *,
    uses_layout: bool,
    persists: bool,
    checked: dict[int, bool],
) -> FrameSource:
    """Return the source of an animator's frames.

    Parameters
    ----------
    animator : AnimatorBase
        The animator.
    made : Any
        What its setup() has returned.
    settings : VideoSettings
        The movie's settings.
    uses_layout, persists, checked : bool, bool, dict
        As for `FigureSource`.

    Raises
    ------
    SetupError
        If it draws a figure, and setup() has returned none.
    """
    if isinstance(animator, PixelAnimatorBase):
        return PixelSource(settings)
    if not isinstance(made, Figure):
        raise SetupError(
            f"{type(animator).__name__}.setup() must return a matplotlib Figure, found "
            f"{made!r}; end it with 'return fig'."
        )
    return FigureSource(made, settings, uses_layout, persists, checked)


def prove_early(animator: AnimatorBase, settings: VideoSettings) -> None:
    """Find out whether drawing less works here, before the first frame of an animator asks."""
    if settings.redraw == "auto" and not isinstance(animator, PixelAnimatorBase):
        prove()
