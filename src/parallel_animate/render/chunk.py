"""Render a chunk: setup() once, update() and draw per frame, pixels into a segment.

The heart of both drivers. It knows nothing of processes, plans or where a chunk came from.
"""

import dataclasses
import logging
from abc import abstractmethod
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray

from parallel_animate.encode.encoders import Encoder
from parallel_animate.encode.segment import Segment, SegmentWriter
from parallel_animate.errors import RenderError
from parallel_animate.inputs.animator import AnimatorBase
from parallel_animate.inputs.frames import Chunk, Frame
from parallel_animate.render.isolation import isolated_drawing
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


class SequentialAnimator(AnimatorBase):
    """An animator that can only go on from the frame before, with the one figure that it has.

    ``setup()`` is called for every chunk and returns that figure. Each frame is drawn once, in this
    process; its params are read when the frame before has been drawn, and are not copied. They are
    read to their end: ``n_frames`` of `make_video` only says how many there are.
    """

    def __deepcopy__(self, memo: dict[int, object]) -> Self:
        return self


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
            pixels = _write_frame(scene, frame, chunk, writer)
            on_frame(frame.id)
            if on_pixels is not None:
                on_pixels(scene, frame, pixels)
        if isinstance(animator, CheckedAnimator):
            animator.check_chunk(chunk, pixels, settings)
        return writer.finish()


def render_next_frames(
    animator: SequentialAnimator,
    frames: Iterable[Frame],
    frame_ids: range,
    settings: VideoSettings,
    encoder: Encoder,
    path: Path,
    on_frame: Callable[[int], None],
) -> Segment:
    """Render frames that go on from those before into a segment.

    What the frames leave behind in this process stays for the next ones. None can be drawn anew, so
    no frame is drawn in part.

    Parameters
    ----------
    frames : iterable of Frame
        At least one.
    frame_ids : range
        Ids that the frames have, or a part of which they have; for errors.
    animator, settings, encoder, path, on_frame : optional
        As in `render_chunk`.

    Raises
    ------
    SetupError, RenderError, FFmpegError, SegmentError
        As `render_chunk`.
    """
    chunk = Chunk((Frame(frame_ids[0], b""), Frame(frame_ids[-1], b"")))
    scene = Scene(animator, chunk, settings, replays=False)
    with SegmentWriter(path, encoder, settings) as writer:
        for frame in frames:
            _write_frame(scene, frame, chunk, writer)
            on_frame(frame.id)
        return writer.finish()


def _write_frame(
    scene: Scene, frame: Frame, chunk: Chunk, writer: SegmentWriter
) -> NDArray[np.uint8]:
    """Draw and encode a frame; RenderError unless it has the size of those before."""
    pixels = scene.draw(frame)
    height, width = pixels.shape[:2]
    size = writer.size
    if size is not None and size != (width, height):
        raise RenderError(
            f"The figure has another size in frame {frame.id}: {width}x{height} pixels, and "
            f"{size[0]}x{size[1]} in the frames before. All frames of a movie have one size; do "
            "not change the figure's size or dpi in update().",
            frame_idx=frame.id,
            chunk=(chunk.start, chunk.stop),
        )
    writer.write(pixels)
    return pixels
