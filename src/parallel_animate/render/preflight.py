"""Try an animation before a long render starts: setup(), some frames, a two-frame encode.

Mistakes then show within seconds. The trial does not change this process, and leaves no file.
"""

import logging
import math
import resource
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from resource import RUSAGE_CHILDREN, RUSAGE_SELF

from parallel_animate.atomic_files import temporary_folder
from parallel_animate.encode.encoders import NVENC, PROBE_SIZE, Encoder, choose_encoder
from parallel_animate.encode.segment import SegmentWriter
from parallel_animate.inputs.animator import AnimatorBase
from parallel_animate.inputs.frames import Chunk, Frame
from parallel_animate.render.animator_copy import fresh_copy
from parallel_animate.render.isolation import isolated_drawing
from parallel_animate.render.scene import Scene
from parallel_animate.settings import VideoSettings

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Trial:
    """The result of a trial.

    Parameters
    ----------
    size : tuple of (int, int)
        Width and height of the frames in pixels.
    extradata : str
        The extradata of every segment of the movie.
    setup_seconds : float
        Seconds until the first frame was drawn.
    frame_seconds : float
        Seconds to draw and encode a frame, without setup().
    memory_mb : int
        Peak memory of this process and its ffmpeg so far, in megabytes.
    """

    size: tuple[int, int]
    extradata: str
    setup_seconds: float
    frame_seconds: float
    memory_mb: int


def choose_encoder_for(
    animator: AnimatorBase, settings: VideoSettings, first: Callable[[], Frame]
) -> Encoder:
    """Return the encoder for an animator's movie, tested with the size of its frames.

    NVENC has a smallest size (145x49 on recent GPUs). Smaller frames use libx264, or raise
    EncoderUnavailableError if the user asked for NVENC. setup() is called only if NVENC was chosen.

    Parameters
    ----------
    animator, settings : AnimatorBase, VideoSettings
        The animator, and the movie's settings.
    first : callable
        Returns the movie's first frame; it is drawn if its size is unknown otherwise.

    Raises
    ------
    FFmpegError, SettingsError
        As `choose_encoder`.
    SetupError, RenderError
        If setup() fails.
    """
    if settings.transparent and not settings.keeps_alpha:
        logger.warning("A %s has no transparency: frames are composited over white.", settings.kind)
    encoder = choose_encoder(settings)
    if encoder.name != NVENC:
        return encoder
    with isolated_drawing():
        frame = first()
        size = Scene(fresh_copy(animator), Chunk((frame,)), settings).size(frame)
    return encoder_at(size, encoder, settings)


def encoder_at(size: tuple[int, int], encoder: Encoder, settings: VideoSettings) -> Encoder:
    """Return the chosen encoder; for NVENC and frames smaller than the probe's, choose again."""
    is_smaller = any(pixels < proven for pixels, proven in zip(size, PROBE_SIZE, strict=True))
    return choose_encoder(settings, size) if encoder.name == NVENC and is_smaller else encoder


def try_animator(
    animator: AnimatorBase, frames: Sequence[Frame], settings: VideoSettings, encoder: Encoder
) -> Trial:
    """Draw and encode a few frames, and discard them.

    Parameters
    ----------
    animator : AnimatorBase
        The user's animator itself, not a copy.
    frames : sequence of Frame
        The frames to draw, at least one.
    settings : VideoSettings
        The movie's settings.
    encoder : Encoder
        The movie's encoder.

    Raises
    ------
    SetupError, RenderError, FFmpegError, SegmentError
        As rendering the movie would.
    """
    with (
        temporary_folder() as folder,
        isolated_drawing(),
        SegmentWriter(folder / "trial.mp4", encoder, settings) as writer,
    ):
        begun = time.monotonic()
        scene = Scene(animator, Chunk(tuple(frames)), settings)
        writer.write(scene.draw(frames[0]))
        started = time.monotonic()
        # The first frame also loads fonts, so its time is not typical.
        for frame in frames[1:] or frames:
            writer.write(scene.draw(frame))
        seconds = (time.monotonic() - started) / max(len(frames) - 1, 1)
        segment = writer.finish()
    return Trial(segment.size, segment.extradata, started - begun, seconds, _peak_memory_mb())


def _peak_memory_mb() -> int:
    peaks = [resource.getrusage(who).ru_maxrss for who in (RUSAGE_SELF, RUSAGE_CHILDREN)]
    # Bytes on macOS, KiB on Linux (getrusage(2)).
    return math.ceil(sum(peaks) * (1 if sys.platform == "darwin" else 1024) / 1e6)
