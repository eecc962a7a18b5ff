"""From a figure to pixels: an Agg buffer of even size, opaque unless the movie keeps alpha.

This module knows nothing of frames or files.
"""

import logging
from collections.abc import Iterable
from typing import Any

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg, RendererAgg
from matplotlib.colors import to_rgba
from matplotlib.figure import Figure
from numpy.typing import NDArray

from parallel_animate.formats import LARGEST_SIDE

logger = logging.getLogger(__name__)

WHITE = 255


class OpaqueCanvas(FigureCanvasAgg):
    """An Agg canvas that draws on opaque white, so that alpha is blended and never dropped."""

    # The value of every pixel before the figure is drawn.
    cleared = (WHITE, WHITE, WHITE, WHITE)

    def draw(self) -> None:
        """Draw the whole figure."""
        self.renderer: RendererAgg = self.get_renderer()  # type: ignore[no-untyped-call]
        np.asarray(self.renderer.buffer_rgba())[...] = self.cleared
        self.figure.draw(self.renderer)

    def draw_frame(self, hints: Iterable[Any] = ()) -> None:
        """Bring the pixels up to date, given the artists that update() returned as changed."""
        self.draw()


class TransparentCanvas(OpaqueCanvas):
    """An Agg canvas that draws on transparent white, as matplotlib's own canvas does."""

    cleared = (WHITE, WHITE, WHITE, 0)


class FrameCanvas:
    """The pixels of a figure's frames.

    Parameters
    ----------
    figure : Figure
        The user's figure; its canvas is replaced.
    dpi : float, optional
        Dots per inch; None means the figure's own.
    scale : float
        Factor for dpi.
    canvas_class : type
        The canvas that draws the figure; by default, one that draws every frame in full.
    transparent : bool
        True draws figures and axes without their backgrounds, as ``savefig(transparent=True)``.
    """

    def __init__(
        self,
        figure: Figure,
        dpi: float | None = None,
        scale: float = 1.0,
        canvas_class: type[OpaqueCanvas] = OpaqueCanvas,
        transparent: bool = False,
    ) -> None:
        if dpi is not None or scale != 1:
            figure.set_dpi((dpi or figure.dpi) * scale)
        self.figure = figure
        self.canvas = canvas_class(figure)
        self._transparent = transparent
        self._padded: NDArray[np.uint8] | None = None

    def draw(self, hints: Iterable[Any] = ()) -> NDArray[np.uint8]:
        """Draw the figure as it is now.

        Parameters
        ----------
        hints : iterable of Artist
            Artists that update() returned as changed; others may have changed as well.

        Returns
        -------
        ndarray
            (height, width, 4) uint8, C-contiguous: RGB and alpha, which is 255 on an opaque canvas.
            Width and height are even: an odd size is padded by one pixel, on the right or at the
            bottom, with the figure's background. The array is valid until the next call.

        Raises
        ------
        ValueError
            If a movie cannot have this size.
        """
        self.size()
        if self._transparent:
            # Every time: update() may add axes or clear them.
            remove_backgrounds(self.figure)
        self.canvas.draw_frame(hints)
        pixels: NDArray[np.uint8] = np.asarray(self.canvas.renderer.buffer_rgba())  # type: ignore[no-untyped-call]
        height, width = pixels.shape[:2]
        if height % 2 == 0 and width % 2 == 0:
            return pixels
        return self._pad(pixels)

    def size(self) -> tuple[int, int]:
        """Return width and height of the frames in pixels, even.

        Raises
        ------
        ValueError
            If a movie cannot have this size.
        """
        width, height = self.canvas.get_width_height(physical=True)
        if not (0 < width <= LARGEST_SIDE and 0 < height <= LARGEST_SIDE):
            raise ValueError(
                f"the figure has {width}x{height} pixels, and a movie must have 1 to "
                f"{LARGEST_SIDE} pixels on each side; change the figure's size or dpi"
            )
        return width + width % 2, height + height % 2

    def _pad(self, pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
        height, width = pixels.shape[:2]
        shape = (height + height % 2, width + width % 2, 4)
        if self._padded is None or self._padded.shape != shape:
            logger.info(
                "The canvas has %dx%d pixels, but H.264 needs even numbers: frames are padded to "
                "%dx%d with the figure's background.",
                *(width, height, shape[1], shape[0]),
            )
            self._padded = np.empty(shape, np.uint8)
        is_opaque = self.canvas.cleared == OpaqueCanvas.cleared
        colour = background(self.figure) if is_opaque else self.canvas.cleared
        self._padded[height:] = colour
        self._padded[:, width:] = colour
        self._padded[:height, :width] = pixels
        return self._padded


def background(figure: Figure) -> NDArray[np.uint8]:
    """Return the figure's background over white as (4,) uint8 RGBA."""
    patch: Any = figure.patch
    face = np.array(to_rgba(patch.get_facecolor()))
    alpha = face[3] if patch.get_visible() and figure.frameon else 0.0
    rgb = face[:3] * alpha + (1 - alpha)
    return np.append(np.rint(rgb * WHITE), WHITE).astype(np.uint8)


def remove_backgrounds(figure: Any) -> None:
    """Make the backgrounds of a figure, its subfigures and its axes transparent."""
    for patch in background_patches(figure):
        # A change would draw it again.
        if patch.get_facecolor()[3]:
            patch.set_facecolor("none")
        if patch.get_edgecolor()[3]:
            patch.set_edgecolor("none")


def background_patches(figure: Any) -> list[Any]:
    """Return the patches behind a figure, its subfigures, its axes and their insets."""
    # As in Figure.savefig (matplotlib/figure.py).
    parts: list[Any] = [figure, *figure.axes]
    for part in parts:
        parts += getattr(part, "child_axes", ())
    patches = [part.patch for part in parts]
    for subfigure in figure.subfigs:
        patches += background_patches(subfigure)
    return patches
