"""One frame as the movie will show it, before it is encoded."""

from collections.abc import Mapping, Sequence
from typing import Any

from PIL import Image

from parallel_animate.inputs.animator import AnimatorBase
from parallel_animate.inputs.frame_stream import number_frames
from parallel_animate.inputs.frames import Chunk, Frame, IndexedFrameParams
from parallel_animate.render.animator_copy import best_copy
from parallel_animate.render.isolation import isolated_drawing
from parallel_animate.render.scene import Scene
from parallel_animate.settings import VideoSettings, video_settings
from parallel_animate.validation import check_count


def preview_frame(
    animator: AnimatorBase,
    frame_idx: int,
    params: Any,
    savefig_params: Mapping[str, Any] | None = None,
    chunk_start: int | None = None,
) -> Image.Image:
    """Draw one frame; see `Animator.preview`."""
    (frame,) = number_frames([IndexedFrameParams(frame_idx, params)], must_pickle=False)
    start = frame.id if chunk_start is None else check_count("chunk_start", chunk_start, 0)
    settings = video_settings(fps=1, savefig_params=savefig_params)
    return draw(best_copy(animator), frame, start, settings)


def draw(
    animator: AnimatorBase,
    frame: Frame,
    start: int,
    settings: VideoSettings,
    before: Sequence[Frame] = (),
    first: Frame | None = None,
) -> Image.Image:
    """Draw a frame after setup(), without changing anything except the animator.

    Parameters
    ----------
    animator : AnimatorBase
        The animator to draw with: a copy, not the user's own.
    frame : Frame
        The frame to draw.
    start : int
        Id of the first frame of its chunk, which seeds setup().
    settings : VideoSettings
        The movie's settings.
    before : sequence of Frame
        The frames to draw before it, if the movie is drawn in order.
    first : Frame, optional
        The movie's first frame, if the chunks are drawn after it; see `Scene`.
    """
    chunk = Chunk((Frame(start, b""), frame) if start < frame.id else (frame,))
    with isolated_drawing():
        scene = Scene(animator, chunk, settings, first=first)
        for earlier in before:
            scene.draw(earlier)
        pixels = scene.draw(frame)
        return Image.fromarray(pixels[..., : 4 if settings.keeps_alpha else 3].copy())
