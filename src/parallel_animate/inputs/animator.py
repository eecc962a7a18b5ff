"""The interface of an animation: a figure, or pixels, and how they change from frame to frame.

This module knows nothing of how frames become a movie.
"""

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from matplotlib.figure import Figure
    from numpy.typing import NDArray


class AnimatorBase(ABC):
    """The two methods of an animation that rendering calls: ``setup()`` and ``update()``."""

    @abstractmethod
    def setup(self) -> Any:
        """Prepare the frames of a chunk."""

    @abstractmethod
    def update(self, frame_idx: int, params: Any) -> Any:
        """Make one frame."""


class FigureAnimatorBase(AnimatorBase):
    """An animation whose ``setup()`` returns a figure that ``update()`` changes.

    Users derive from `parallel_animate.Animator`, which adds ``make_video()`` and ``preview()``.
    """

    @abstractmethod
    def setup(self) -> "Figure":
        """Build the figure and return it.

        Called once per chunk of frames (per frame if ``reuse_figure_object=False``), with
        ``random`` and ``numpy.random`` seeded from the chunk's first frame id.
        """

    @abstractmethod
    def update(self, frame_idx: int, params: Any) -> Any:
        """Change the figure to show one frame.

        Parameters
        ----------
        frame_idx : int
            The frame's id. ``random`` and ``numpy.random`` are seeded from it before the call.
        params : Any
            This frame's item of ``param_by_frame``.

        Returns
        -------
        Artist, or list or tuple of Artist, optional
            Artists to draw again even if they look unchanged, as FuncAnimation's functions return
            them. You need not return any: changed artists are found without it.
        """


class PartialAnimatorBase(FigureAnimatorBase):
    """An animator that prepares only what the frames need that are drawn after ``setup()``."""

    @abstractmethod
    def expect(self, frame_ids: "Sequence[int]") -> None:
        """Get ready for ``setup()`` and these frames; called just before ``setup()``."""


class PixelAnimatorBase(AnimatorBase):
    """An animation whose ``update()`` returns the pixels of a frame; no figure is drawn.

    Users derive from `parallel_animate.PixelAnimator`.
    """

    def setup(self) -> Any:
        """Prepare what ``update()`` needs, and keep it as attributes; nothing is done by default.

        Called once per chunk of frames (per frame if ``reuse_figure_object=False``), with
        ``random`` and ``numpy.random`` seeded from the chunk's first frame id. What it returns is
        not used.
        """

    @abstractmethod
    def update(self, frame_idx: int, params: Any) -> "NDArray[np.uint8]":
        """Return one frame.

        Parameters
        ----------
        frame_idx : int
            The frame's id. ``random`` and ``numpy.random`` are seeded from it before the call.
        params : Any
            This frame's item of ``param_by_frame``.

        Returns
        -------
        ndarray
            (height, width, 3 or 4) uint8: RGB, or RGBA whose alpha is not premultiplied, which is
            blended over white. All frames have the size of the first one; an odd size is padded by
            one pixel. The array is copied at once, so that you can return the same one again.
        """
