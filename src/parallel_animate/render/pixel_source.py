"""Frames that are arrays of pixels, which ``update()`` of a `PixelAnimator` returns."""

import logging
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from parallel_animate.formats import LARGEST_SIDE
from parallel_animate.render.canvas import WHITE
from parallel_animate.render.frame_source import FrameSource
from parallel_animate.render.warn_once import warn_once
from parallel_animate.settings import VideoSettings
from parallel_animate.validation import in_words

logger = logging.getLogger(__name__)

OPAQUE = 255


class PixelSource(FrameSource):
    """Takes the arrays that ``update()`` returns, and copies each at once.

    Parameters
    ----------
    settings : VideoSettings
        The movie's settings: the scale, and whether alpha is kept.
    """

    noun = "picture"
    size_advice = "return arrays of one size from update()"

    def __init__(self, settings: VideoSettings) -> None:
        if settings.dpi is not None:
            warn_once(
                logger,
                "pixels-have-no-dpi",
                "savefig_params: 'dpi' is ignored, since a PixelAnimator returns its frames in "
                "pixels.",
            )
        self._scale = settings.scale
        self._keeps_alpha = settings.keeps_alpha
        self._shape: tuple[int, ...] | None = None
        self._pixels: NDArray[np.uint8] | None = None

    def draw(self, result: Any) -> NDArray[np.uint8]:
        """Return the pixels of the array that ``update()`` returned."""
        picture = checked_picture(result)
        shape = picture.shape[:2]
        self._shape = self._shape or shape
        if shape != self._shape:
            raise ValueError(
                f"update() returned a picture of {_size(shape)} pixels, and those before have "
                f"{_size(self._shape)}; {self.size_advice}"
            )
        rgba = with_alpha(picture) if self._keeps_alpha else on_white(picture)
        self._pixels = self._filled(_scaled(rgba, self._scale))
        return self._pixels

    def repeat(self) -> NDArray[np.uint8]:
        """Return the pixels of the frame before."""
        assert self._pixels is not None, "draw a frame first"
        return self._pixels

    def _filled(self, picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """Copy a picture into the buffer, whose size is even."""
        height, width, n_colours = picture.shape
        shape = (height + height % 2, width + width % 2, 4)
        pixels = self._pixels
        if pixels is None:
            if shape[:2] != (height, width):
                logger.info(
                    "The pictures have %dx%d pixels, but H.264 needs even numbers: frames are "
                    "padded to %dx%d, with the colours of the edge.",
                    *(width, height, shape[1], shape[0]),
                )
            pixels = np.full(shape, OPAQUE, np.uint8)
        pixels[:height, :width, :n_colours] = picture
        pixels[:height, width:, :n_colours] = picture[:, -1:]
        pixels[height:] = pixels[height - 1 : height]
        return pixels

    def size(self) -> tuple[int, int] | None:
        """Return width and height in pixels; None before the first frame."""
        return None if self._pixels is None else (self._pixels.shape[1], self._pixels.shape[0])


def checked_picture(result: Any) -> NDArray[np.uint8]:
    """Return what ``update()`` of a `PixelAnimator` returned, if it is a picture.

    Raises
    ------
    TypeError, ValueError
        If it is none; the message says what was found, and what to do.
    """
    wanted = "update() must return an RGB or RGBA array (uint8, (height, width, 3 or 4))"
    if result is None:
        raise TypeError(f"{wanted}, found None; end it with 'return picture'")
    if not isinstance(result, np.ndarray):
        raise TypeError(
            f"{wanted}, found {in_words(result)}; np.asarray() makes an array of a Pillow image, "
            "and of most other pictures"
        )
    if isinstance(result, np.ma.MaskedArray):
        raise TypeError(f"{wanted}, found a masked array; fill it, as with picture.filled(255)")
    if result.ndim != 3 or result.shape[2] not in (3, 4):
        raise ValueError(f"{wanted}, found the shape {result.shape}{_shape_advice(result.shape)}")
    if result.dtype != np.uint8:
        raise TypeError(f"{wanted}, found {_values(result)}{_type_advice(result)}")
    if not all(0 < side <= LARGEST_SIDE for side in result.shape[:2]):
        raise ValueError(
            f"{wanted} with 1 to {LARGEST_SIDE} pixels on each side, found {_size(result.shape)}"
        )
    return result


def _size(shape: tuple[int, ...]) -> str:
    return f"{shape[1]}x{shape[0]}"


def _shape_advice(shape: tuple[int, ...]) -> str:
    if len(shape) == 2:
        return "; for grey, return np.stack([picture] * 3, axis=-1)"
    if len(shape) == 3 and shape[0] in (3, 4):
        return "; np.moveaxis(picture, 0, -1) puts the colours last"
    return ""


def _values(picture: NDArray[Any]) -> str:
    is_measured = picture.size > 0 and picture.dtype.kind in "fiu"
    values = f" from {np.min(picture)} to {np.max(picture)}" if is_measured else ""
    return f"{picture.dtype}{values}"


def _type_advice(picture: NDArray[Any]) -> str:
    if picture.dtype.kind == "f":
        return "; if 1.0 means white, return np.rint(255 * picture).astype(np.uint8)"
    return "; convert it so that 255 means white, with picture.astype(np.uint8) at the end"


def on_white(picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return RGB: an RGBA picture, whose alpha is not premultiplied, over white."""
    rgb, alpha = picture[..., :3], picture[..., 3:]
    if not alpha.size or alpha.min() == OPAQUE:
        return rgb
    weight = alpha.astype(np.uint16)
    # At most 255 * 255 + 127, so nothing overflows. This rounds to the nearest level.
    blended = (rgb * weight + WHITE * (OPAQUE - weight) + OPAQUE // 2) // OPAQUE
    return blended.astype(np.uint8)


def with_alpha(picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return RGBA: an RGB picture is opaque."""
    if picture.shape[2] == 4:
        return picture
    return np.pad(picture, ((0, 0), (0, 0), (0, 1)), constant_values=OPAQUE)


def _scaled(picture: NDArray[np.uint8], scale: float) -> NDArray[np.uint8]:
    """Return a picture in another size, for a draft."""
    if scale == 1:
        return picture
    height, width = (max(round(side * scale), 1) for side in picture.shape[:2])
    image = Image.fromarray(np.ascontiguousarray(picture))
    return np.asarray(image.resize((width, height), Image.Resampling.LANCZOS))
