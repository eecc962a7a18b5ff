"""Render a chunk: setup() once, update() and draw per frame, pixels into a segment.

The heart of both drivers. It knows nothing of processes, plans or where a chunk came from.
"""

import dataclasses
import logging
from abc import abstractmethod
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from parallel_animate.encode.encoders import Encoder
from parallel_animate.encode.segment import Segment, SegmentWriter
from parallel_animate.errors import RenderError
from parallel_animate.inputs.animator import AnimatorBase
from parallel_animate.inputs.frames import Chunk, Frame
from parallel_animate.render.isolation import (
    isolated_drawing,
)
from parallel_animate.render.redraw import RedrawMismatchError
from parallel_animate.render.scene import OnPixels, Scene
from parallel_animate.settings import VideoSettings

logger = logging.getLogger(__name__)


class CheckedAnimator(AnimatorBase):
    """An animator that looks at what became of a chunk before its segment counts."""

    @abstractmethod
    def check_chunk(
        self, chunk: Chunk, last_pixels: NDArray[np.uint8], settings: VideoSettings
    ) -> None:
        """Raise an error of this package if the frames of a chunk are not what they must be.

        Parameters
        ----------
        chunk : Chunk
            Its frames; all of them have been drawn.
        last_pixels : ndarray
            The last one, as `Scene.draw` returned it.
        settings : VideoSettings
            Of the movie.
        """


def render_chunk(
    start: Callable[[], AnimatorBase],
    chunk: Chunk,
    settings: VideoSettings,
    encoder: Encoder,
    path: Path,
    *,
    extradata: str | None = None,
    on_frame: Callable[[int], None] = lambda frame_id: None,
    on_pixels: "OnPixels | None" = None,
) -> Segment:
    """Render the frames of a chunk into a segment.

    Some frames are drawn in part and in whole. Should the pixels differ, the chunk is rendered anew
    with every frame drawn whole, and a warning says which frame it was.

    Parameters
    ----------
    start : callable
        Returns the user's animator as it is before setup().
    chunk : Chunk
        Its frames.
    settings : VideoSettings
        Of the movie.
    encoder : Encoder
        Of the movie.
    path : Path
        The segment; it is there, whole and verified, if and only if this returns.
    extradata : str, optional
        The extradata that all segments of the movie have.
    on_frame : callable
        Called with the id of each frame that was drawn and sent to the encoder, once per frame.
    on_pixels : callable, optional
        Called with the `Scene`, the frame and its pixels, each time that a frame was drawn.

    Raises
    ------
    SetupError
        If setup() returns no Figure.
    RenderError
        If setup() or update() raises, or the size of the figure changes.
    FFmpegError, SegmentError
        If encoding fails.
    """
    told: set[int] = set()

    def tell(frame_id: int) -> None:
        if frame_id not in told:
            told.add(frame_id)
            on_frame(frame_id)

    target = (encoder, path, extradata, tell, on_pixels)
    try:
        return _render(start(), chunk, settings, *target)
    except RedrawMismatchError as error:
        mismatch = error
    segment = _render(start(), chunk, dataclasses.replace(settings, redraw="full"), *target)
    logger.warning(
        "%s. So the frames %d to %d were rendered anew, each drawn in full: the movie is right. "
        "Please report it; redraw='full' avoids the attempt.",
        *(mismatch, chunk.start, chunk.stop - 1),
    )
    return segment


def _render(
    animator: AnimatorBase,
    chunk: Chunk,
    settings: VideoSettings,
    encoder: Encoder,
    path: Path,
    extradata: str | None,
    on_frame: Callable[[int], None],
    on_pixels: "OnPixels | None",
) -> Segment:
    with isolated_drawing(), SegmentWriter(path, encoder, settings, extradata) as writer:
        scene = Scene(animator, chunk, settings, checks=True)
        for frame in chunk.frames:
            pixels = scene.draw(frame)
            check_size(writer.size, pixels, frame, chunk)
            writer.write(pixels)
            on_frame(frame.id)
            if on_pixels is not None:
                on_pixels(scene, frame, pixels)
        if isinstance(animator, CheckedAnimator):
            animator.check_chunk(chunk, pixels, settings)
        return writer.finish()


def check_size(
    size: tuple[int, int] | None, pixels: NDArray[np.uint8], frame: Frame, chunk: Chunk
) -> None:
    """Raise RenderError unless a frame has the size of those before; None before the first."""
    height, width = pixels.shape[:2]
    if size is not None and size != (width, height):
        raise RenderError(
            f"The figure has another size in frame {frame.id}: {width}x{height} pixels, and "
            f"{size[0]}x{size[1]} in the frames before. All frames of a movie have one size; do "
            "not change the figure's size or dpi in update().",
            frame_idx=frame.id,
            chunk=(chunk.start, chunk.stop),
        )
