"""What a chunk needs of that which draws its frames; each kind of animator has its own source."""

import contextlib
from abc import ABC, abstractmethod
from typing import Any

import numpy as np
from numpy.typing import NDArray


class FrameSource(ABC):
    """Makes the pixels of a chunk's frames, from what ``update()`` did or returned.

    The methods that are not abstract are about figures. Here they return what is right for all
    others.

    Attributes
    ----------
    noun, size_advice : str
        For errors: what changes its size, and what to do.
    """

    noun: str
    size_advice: str

    @abstractmethod
    def draw(self, result: Any) -> NDArray[np.uint8]:
        """Return the pixels of a frame after ``update()``, whose result is given.

        Returns
        -------
        ndarray
            (height, width, 4) uint8, C-contiguous: RGB and alpha, which is 255 unless the movie
            keeps it. Width and height are even. The array is valid until the next call.

        Raises
        ------
        RedrawMismatchError
            If the frame was drawn in part, and looks different when drawn in full.
        """

    @abstractmethod
    def repeat(self) -> NDArray[np.uint8]:
        """Return the pixels of the frame before, which the next frame also shows; see `draw`."""

    @abstractmethod
    def size(self) -> tuple[int, int] | None:
        """Return width and height in pixels; None if they are unknown before the first frame."""

    def settle(self, result: Any) -> None:
        """Draw the movie's first frame before the chunk's own frames, and discard it."""
        self.draw(result)

    def while_updating(self) -> contextlib.AbstractContextManager[None]:
        """Return a block for the user's ``setup()`` and ``update()``."""
        return contextlib.nullcontext()

    def n_artists(self) -> int:
        """Return the number of artists in the figure; an axis counts as one artist."""
        return 0

    def layout_engine(self) -> str:
        """Return the name of the layout engine that moves the Axes; empty if there is none."""
        return ""

    def places(self) -> NDArray[np.float64] | None:
        """Return the places of the Axes (`places_of`); None without a figure."""
        return None

    def why_layout_shows(
        self, frame_idx: int, in_order: NDArray[np.float64], has_flickered: bool
    ) -> str:
        """Return why the layout is a reason not to draw a frame alone; empty if it is none."""
        return ""
