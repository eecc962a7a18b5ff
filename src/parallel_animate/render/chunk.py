"""Render a chunk to one or more segments: call setup() once, then update and draw each frame.

Both drivers use this. It knows nothing of processes or plans.
"""

import dataclasses
import logging
from abc import abstractmethod
from collections.abc import Callable, Iterable, Sequence
from typing import Self

import numpy as np
from numpy.typing import NDArray

from parallel_animate.encode.finisher import Finisher
from parallel_animate.encode.segments import SegmentTarget, SegmentWriters
from parallel_animate.errors import RenderError
from parallel_animate.inputs.animator import AnimatorBase, FigureAnimatorBase
from parallel_animate.inputs.frames import Chunk, Frame
from parallel_animate.render.isolation import isolated_drawing
from parallel_animate.render.redraw import RedrawMismatchError
from parallel_animate.render.scene import OnPixels, Scene
from parallel_animate.settings import VideoSettings

logger = logging.getLogger(__name__)


class CheckedAnimator(FigureAnimatorBase):
    """An animator that checks a chunk's frames before the segment is finished.

    If ``starts_settled`` is true, every chunk is drawn after the movie's first frame.
    """

    starts_settled = False

    @abstractmethod
    def check_chunk(
        self,
        chunk: Chunk,
        last_pixels: NDArray[np.uint8],
        settings: VideoSettings,
        first: Frame | None = None,
    ) -> None:
        """Raise an error of this package if a chunk's frames are wrong.

        Parameters
        ----------
        chunk : Chunk
            The chunk; all of its frames have been drawn.
        last_pixels : ndarray
            The pixels of its last frame, (height, width, 4) uint8, from `Scene.draw`.
        settings : VideoSettings
            The movie's settings.
        first : Frame, optional
            The movie's first frame, if the chunk was drawn after it.
        """


class SequentialAnimator(FigureAnimatorBase):
    """An animator with a single figure, whose every frame continues from the frame before.

    ``setup()`` is called for every chunk and returns the same figure. Each frame is drawn once, in
    this process. Its params are read after the frame before was drawn, and are not copied. All
    params are read, whatever ``n_frames`` of `make_video` is.

    If ``can_start_again`` is true, another object can draw all frames once more, so that frames may
    be drawn in part: `make_video` raises RedrawMismatchError if a check finds a difference.
    """

    can_start_again = False

    def __deepcopy__(self, memo: dict[int, object]) -> Self:
        return self


def render_chunk(
    start: Callable[[], AnimatorBase],
    chunk: Chunk,
    settings: VideoSettings,
    targets: Sequence[SegmentTarget],
    finisher: Finisher,
    *,
    on_frame: Callable[[int], None] = lambda frame_id: None,
    on_pixels: "OnPixels | None" = None,
    before_finish: Callable[[], None] = lambda: None,
    first: Frame | None = None,
    size: tuple[int, int] | None = None,
) -> tuple[int, int]:
    """Render the frames of a chunk into segments: each frame is drawn once for all of them.

    Some frames are drawn both in part and in full. If their pixels differ, the whole chunk is
    rendered again with every frame drawn in full, and a warning names the frame.

    Parameters
    ----------
    start : callable
        Returns the user's animator as it is before setup().
    chunk : Chunk
        The frames to render.
    settings : VideoSettings
        The movie's settings, which decide how frames are drawn.
    targets : sequence of SegmentTarget
        The segments, whose settings draw the same. When the finisher has finished them, they exist
        and are verified, except optional ones; after an error, each is complete or missing.
    finisher : Finisher
        Finishes the segments after the last frame.
    on_frame : callable
        Called with the id of each frame that was drawn and sent to the encoders, once per frame.
    on_pixels : callable, optional
        Called with the `Scene`, the frame and its pixels, each time a frame is drawn. It may raise
        an error of this package, and then there are no segments.
    before_finish : callable
        Called after the last frame; if it raises an error, there are no segments.
    first : Frame, optional
        The movie's first frame, if the chunk is drawn after it; see `Scene`.
    size : tuple of (int, int), optional
        Width and height of the movie's frames, if they are known.

    Returns
    -------
    tuple of (int, int)
        Width and height of the frames.

    Raises
    ------
    SetupError
        If setup() returns no Figure.
    RenderError
        If setup() or update() raises, or a frame has another size.
    FFmpegError, SegmentError
        If encoding fails, here or of the segments before.
    """
    reported: set[int] = set()

    def report(frame_id: int) -> None:
        if frame_id not in reported:
            reported.add(frame_id)
            on_frame(frame_id)

    rest = (targets, finisher, report, on_pixels, before_finish, first, size)
    try:
        return _render(start(), chunk, settings, *rest)
    except RedrawMismatchError as error:
        mismatch = error
    size = _render(start(), chunk, dataclasses.replace(settings, redraw="full"), *rest)
    logger.warning(
        "%s. Frames %d to %d were rendered again, each drawn in full, so the movie is correct. "
        "Please report this; redraw='full' avoids it.",
        *(mismatch, chunk.start, chunk.stop - 1),
    )
    return size


def _render(
    animator: AnimatorBase,
    chunk: Chunk,
    settings: VideoSettings,
    targets: Sequence[SegmentTarget],
    finisher: Finisher,
    on_frame: Callable[[int], None],
    on_pixels: "OnPixels | None",
    before_finish: Callable[[], None],
    first: Frame | None,
    size: tuple[int, int] | None,
) -> tuple[int, int]:
    with isolated_drawing(), finisher.finishing(SegmentWriters(targets, size)) as writer:
        scene = Scene(animator, chunk, settings, checks=True, first=first)
        for frame in chunk.frames:
            pixels = _write_frame(scene, frame, chunk, writer)
            on_frame(frame.id)
            if on_pixels is not None:
                on_pixels(scene, frame, pixels)
        if isinstance(animator, CheckedAnimator):
            animator.check_chunk(chunk, pixels, settings, first)
        before_finish()
    height, width = pixels.shape[:2]
    return width, height


def render_next_frames(
    animator: AnimatorBase,
    frames: Iterable[Frame],
    frame_ids: range,
    settings: VideoSettings,
    targets: Sequence[SegmentTarget],
    finisher: Finisher,
    on_frame: Callable[[int], None],
) -> int:
    """Render the next frames of a sequence into segments.

    Each frame continues from the one before, so changes that a frame makes in this process stay.
    Every frame is drawn in full, unless the animator's frames can all be drawn once more.

    Parameters
    ----------
    animator : AnimatorBase
        The animator, which draws the frames in order.
    frames : iterable of Frame
        The frames, at least one.
    frame_ids : range
        Ids for errors: those of the frames, or more.
    settings, targets, finisher, on_frame : VideoSettings, sequence, Finisher, callable
        As in `render_chunk`.

    Returns
    -------
    int
        Number of frames.

    Raises
    ------
    SetupError, RenderError, FFmpegError, SegmentError
        As `render_chunk`.
    RedrawMismatchError
        If a frame that was drawn in part looks different when drawn in full.
    """
    chunk = Chunk(tuple(Frame(number, b"") for number in frame_ids))
    is_repeatable = isinstance(animator, SequentialAnimator) and animator.can_start_again
    scene = Scene(animator, chunk, settings, checks=is_repeatable, replays=is_repeatable)
    n_frames = 0
    with finisher.finishing(SegmentWriters(targets)) as writer:
        for frame in frames:
            _write_frame(scene, frame, chunk, writer)
            on_frame(frame.id)
            n_frames += 1
    return n_frames


def _write_frame(
    scene: Scene, frame: Frame, chunk: Chunk, writer: SegmentWriters
) -> NDArray[np.uint8]:
    """Draw and encode a frame; raise RenderError if its size differs from the frames before."""
    pixels = scene.draw(frame)
    height, width = pixels.shape[:2]
    size = writer.size
    if size is not None and size != (width, height):
        raise RenderError(
            f"The {scene.source.noun} changed size in frame {frame.id}, from {size[0]}x{size[1]} "
            f"to {width}x{height} pixels. All frames of a movie must have the same size; "
            f"{scene.source.size_advice}.",
            frame_idx=frame.id,
            chunk=(chunk.start, chunk.stop),
        )
    writer.write(pixels)
    return pixels
