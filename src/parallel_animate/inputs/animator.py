"""The interface of an animation: a figure, and how it changes from frame to frame.

It knows nothing of how frames become a movie.
"""

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.figure import Figure


class AnimatorBase(ABC):
    """What rendering knows of an animation: ``setup()`` and ``update()``.

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
        """Change the figure into that of one frame.

        Parameters
        ----------
        frame_idx : int
            Id of the frame. ``random`` and ``numpy.random`` are seeded from it before the call.
        params : Any
            This frame's item of ``param_by_frame``.

        Returns
        -------
        Artist, or list or tuple of Artist, optional
            What has changed, as FuncAnimation's functions say it: these are drawn anew even where
            no change was seen. Whatever else has changed is found without being named.
        """
