"""What a chunk needs of that which draws its frames: a figure, or an animator that paints pixels.

`frame_source` chooses; no other code asks which of them it is.
"""

import logging
from abc import ABC, abstractmethod
from typing import Any

import numpy as np
from matplotlib.artist import Artist
from matplotlib.figure import Figure
from numpy.typing import NDArray
from PIL import Image

from parallel_animate.errors import SetupError
from parallel_animate.formats import LARGEST_SIDE
from parallel_animate.inputs.animator import AnimatorBase, PixelAnimatorBase
from parallel_animate.render.canvas import (
    WHITE,
    FrameCanvas,
    OpaqueCanvas,
    TransparentCanvas,
)
from parallel_animate.render.layout import is_same_layout, layout_engine, layout_of
from parallel_animate.render.redraw import (
    RedrawMismatchError,
    canvas_class,
    check,
    count_artists,
)
from parallel_animate.render.rounding import places_of, why_layout_shows
from parallel_animate.render.warn_once import warn_once
from parallel_animate.settings import VideoSettings
from parallel_animate.validation import in_words

logger = logging.getLogger(__name__)

OPAQUE = 255
# A layout that still moves after this many draws does not settle.
MAX_SETTLING_DRAWS = 10


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


def frame_source(
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


class FigureSource(FrameSource):
    """Draws the user's figure.

    Parameters
    ----------
    figure : Figure
        The figure.
    settings : VideoSettings
        The movie's settings: dpi, scale, and redraw.
    uses_layout : bool
        False switches off the figure's layout engine.
    persists : bool
        The figure stays the same object from frame to frame.
    checked : dict of int to bool
        The frames that are drawn both in part and in full, as `frames_to_check` counts them.
    """

    noun = "figure"
    size_advice = "do not change the figure's size or dpi in update()"

    def __init__(
        self,
        figure: Figure,
        settings: VideoSettings,
        uses_layout: bool,
        persists: bool,
        checked: dict[int, bool],
    ) -> None:
        if not uses_layout:
            figure.set_layout_engine("none")
        chosen = canvas_class(settings.redraw, persists)
        if settings.keeps_alpha:
            chosen = TransparentCanvas
        self._draws_less = not settings.keeps_alpha and chosen is not OpaqueCanvas
        self._canvas = FrameCanvas(
            *(figure, settings.dpi, settings.scale, chosen, settings.transparent)
        )
        self._to_check = checked
        self._n_frames = 0
        self._figure = figure

    def draw(self, result: Any) -> NDArray[np.uint8]:
        """Draw the figure; the artists that ``update()`` returned are drawn in any case."""
        if self._draws_less:
            self._pixels = self._draw_less(artists_in(result))
            self._check()
        else:
            self._pixels = self._canvas.draw()
        return self._pixels

    def repeat(self) -> NDArray[np.uint8]:
        """Return the pixels of the frame before."""
        if self._draws_less:
            self._check()
        return self._pixels

    def _draw_less(self, hints: list[Artist]) -> NDArray[np.uint8]:
        try:
            return self._canvas.draw(hints)
        except Exception as error:
            # In full, so that an error in the user's artists is raised as it is.
            FrameCanvas(self._figure).draw()
            raise RedrawMismatchError(f"only a full draw works ({error!r})") from error

    def _check(self) -> None:
        """Compare the picture with one that is drawn in full, if it is the frame's turn."""
        position, self._n_frames = self._n_frames, self._n_frames + 1
        if position in self._to_check:
            check(self._canvas.canvas, plainly=self._to_check[position])

    def settle(self, result: Any) -> None:
        """Draw the movie's first frame until its layout does not move any more."""
        before = layout_of(self._figure)
        for _ in range(MAX_SETTLING_DRAWS):
            self._canvas.draw()
            after = layout_of(self._figure)
            if is_same_layout(before, after):
                break
            before = after

    def size(self) -> tuple[int, int]:
        """Return width and height in pixels, without drawing the figure."""
        return self._canvas.size()

    def n_artists(self) -> int:
        """Return the number of artists in the figure; an axis counts as one artist."""
        return count_artists(self._figure)

    def layout_engine(self) -> str:
        """Return the name of the layout engine that moves the Axes; empty if there is none."""
        engine = layout_engine(self._figure)
        return "" if engine is None else type(engine).__name__

    def places(self) -> NDArray[np.float64]:
        """Return the places of the Axes."""
        return places_of(self._figure)

    def why_layout_shows(
        self, frame_idx: int, in_order: NDArray[np.float64], has_flickered: bool
    ) -> str:
        """Return why the layout is a reason not to draw a frame alone; see `why_layout_shows`.

        The figure is changed, and is of no use afterwards.
        """
        return why_layout_shows(frame_idx, in_order, self._figure, has_flickered)


def artists_in(changed: Any, seen: frozenset[int] = frozenset()) -> list[Artist]:
    """Return the artists in the result of update(), which may be nested; ignore other objects."""
    if isinstance(changed, Artist):
        return [changed]
    if isinstance(changed, list | tuple | set) and id(changed) not in seen:
        # A list may hold itself.
        outer = seen | {id(changed)}
        return [artist for item in changed for artist in artists_in(item, outer)]
    return []


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
