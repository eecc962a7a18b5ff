"""The interface of an animation: a figure, and how it changes from frame to frame.

This module knows nothing of how frames become a movie.
"""

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.figure import Figure


class AnimatorBase(ABC):
    """The two methods of an animation that rendering calls: ``setup()`` and ``update()``.

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
