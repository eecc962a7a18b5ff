"""One frame as the movie will show it, before it is encoded."""

from collections.abc import Mapping
from typing import Any

from PIL import Image

from parallel_animate.inputs.animator import AnimatorBase
from parallel_animate.inputs.frame_stream import number_frames
from parallel_animate.inputs.frames import Chunk, Frame, IndexedFrameParams
from parallel_animate.render.animator_copy import fresh_copy, loose_copy
from parallel_animate.render.isolation import isolated_drawing
from parallel_animate.render.scene import Scene
from parallel_animate.settings import VideoSettings, video_settings


def preview_frame(
    animator: AnimatorBase,
    frame_idx: int,
    params: Any,
    savefig_params: Mapping[str, Any] | None = None,
    chunk_start: int | None = None,
) -> Image.Image:
    """Draw one frame; see `Animator.preview`."""
    (frame,) = number_frames([IndexedFrameParams(frame_idx, params)], must_pickle=False)
    start = frame.id if chunk_start is None else chunk_start
    settings = video_settings(fps=1, savefig_params=savefig_params)
    try:
        drawn = fresh_copy(animator)
    except Exception:  # noqa: BLE001 - whatever an object of the user's raises
        drawn = loose_copy(animator)
    return draw(drawn, frame, start, settings)


def draw(animator: AnimatorBase, frame: Frame, start: int, settings: VideoSettings) -> Image.Image:
    """Draw a frame as the first one of its chunk, and leave no trace but in the animator.

    Parameters
    ----------
    animator : AnimatorBase
        Not the user's own.
    frame : Frame
        What to draw.
    start : int
        Id of the first frame of its chunk, from which setup() is seeded.
    settings : VideoSettings
        Of the movie.
    """
    first = Frame(start, b"")
    chunk = Chunk((first, frame) if start < frame.id else (frame,))
    with isolated_drawing():
        pixels = Scene(animator, chunk, settings).draw(frame)
        return Image.fromarray(pixels[..., :3].copy())
