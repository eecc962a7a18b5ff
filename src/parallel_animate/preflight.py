"""Try an animation before anything long starts: setup(), some frames, a two-frame encode.

What can fail then fails in seconds, and an update() that depends on the frame before is found.
Leaves no trace in this process and no file.
"""

import contextlib
import io
import logging
import math
import resource
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from resource import RUSAGE_CHILDREN, RUSAGE_SELF

import numpy as np
from numpy.typing import NDArray

from parallel_animate.animator import Animator
from parallel_animate.encoders import NVENC, PROBE_SIZE, Encoder, choose_encoder
from parallel_animate.figures import isolated_drawing
from parallel_animate.frames import Chunk, Frame
from parallel_animate.render import Scene, fresh_copy
from parallel_animate.segment import SegmentWriter
from parallel_animate.settings import VideoSettings

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Trial:
    """What a trial found.

    Parameters
    ----------
    size : tuple of (int, int)
        Width and height of the frames in pixels.
    extradata : str
        What every segment of the movie has.
    setup_seconds : float
        Seconds until the first frame was drawn.
    frame_seconds : float
        Seconds to draw and encode a frame, setup() left out.
    memory_mb : int
        Most megabytes that this process and its ffmpeg have taken so far.
    """

    size: tuple[int, int]
    extradata: str
    setup_seconds: float
    frame_seconds: float
    memory_mb: int


def choose_encoder_for(animator: Animator, settings: VideoSettings) -> Encoder:
    """Return the encoder for an animator's movie, proven at the size of its frames.

    NVENC has a smallest size (145x49 on recent GPUs), below which libx264 is taken, or
    EncoderUnavailableError raised if NVENC was asked for. Only then is setup() called here.

    Raises
    ------
    FFmpegError, SettingsError
        As `choose_encoder`.
    SetupError, RenderError
        If setup() fails.
    """
    encoder = choose_encoder(settings)
    if encoder.name != NVENC:
        return encoder
    with isolated_drawing():
        size = Scene(fresh_copy(animator), Chunk((Frame(0, b""),)), settings).size()
    return encoder_at(size, encoder, settings)


def encoder_at(size: tuple[int, int], encoder: Encoder, settings: VideoSettings) -> Encoder:
    """Return an encoder that was chosen, or, where NVENC was and frames are smaller, another."""
    is_smaller = any(pixels < proven for pixels, proven in zip(size, PROBE_SIZE, strict=True))
    return choose_encoder(settings, size) if encoder.name == NVENC and is_smaller else encoder


def check_setup(animator: Animator, settings: VideoSettings) -> None:
    """Run setup() on a copy of an animator; SetupError or RenderError if it fails."""
    with isolated_drawing():
        Scene(fresh_copy(animator), Chunk((Frame(0, b""),)), settings).size()


def try_animator(
    animator: Animator, frames: Sequence[Frame], settings: VideoSettings, encoder: Encoder
) -> Trial:
    """Draw and encode a few frames and throw them away.

    Parameters
    ----------
    animator : Animator
        The user's.
    frames : sequence of Frame
        At least one.
    settings : VideoSettings
        Of the movie.
    encoder : Encoder
        Of the movie.

    Raises
    ------
    SetupError, RenderError, FFmpegError, SegmentError
        As rendering the movie would.
    """
    with (
        tempfile.TemporaryDirectory(prefix="parallel-animate-") as folder,
        isolated_drawing(),
        SegmentWriter(Path(folder, "trial.mp4"), encoder, settings) as writer,
    ):
        begun = time.monotonic()
        scene = Scene(animator, Chunk(tuple(frames)), settings)
        writer.write(scene.draw(frames[0]))
        started = time.monotonic()
        # The first frame also loads fonts: it says little about the others.
        for frame in frames[1:] or frames:
            writer.write(scene.draw(frame))
        seconds = (time.monotonic() - started) / max(len(frames) - 1, 1)
        segment = writer.finish()
    return Trial(segment.size, segment.extradata, started - begun, seconds, _peak_memory_mb())


def _peak_memory_mb() -> int:
    peaks = [resource.getrusage(who).ru_maxrss for who in (RUSAGE_SELF, RUSAGE_CHILDREN)]
    # Bytes on macOS, KiB on Linux (getrusage(2)).
    return math.ceil(sum(peaks) * (1 if sys.platform == "darwin" else 1024) / 1e6)


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Keep back what update() prints and logs: it does so again when the frame is rendered."""
    before = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            yield
    finally:
        logging.disable(before)


def warn_of_order(animator: Animator, frames: Sequence[Frame], settings: VideoSettings) -> None:
    """Warn if the second of some frames depends on the first; for movies that are rendered anyway.

    Nothing is raised: what fails here fails again where the frames are rendered, which says it.

    Parameters
    ----------
    animator : Animator
        The user's, as before setup(); copies of it are drawn.
    frames : sequence of Frame
        Of one chunk, in their order.
    settings : VideoSettings
        Of the movie.
    """
    if len(frames) < 2:
        return
    try:
        with _quiet():
            faults, growth = _draw_pairs(animator, [(frames[0], frames[1])], settings)
    except Exception as error:  # noqa: BLE001 - whatever an object of the user's raises
        logger.debug("Whether frames depend on each other could not be tried: %r", error)
        return
    _warn_of_growth(growth)
    for fault in faults:
        logger.warning(
            "update() depends on the frame before: %s. Frames are drawn in chunks by several "
            "processes, so the movie is wrong where a chunk begins, unless every update() sets all "
            "that changes.",
            fault,
        )


@dataclass(frozen=True)
class OrderFault:
    """A frame that looks different when the one before it was drawn first.

    Parameters
    ----------
    frame_idx : int
        Its id.
    previous : int
        Id of the frame before.
    n_pixels : int
        Pixels that differ.
    max_levels : int
        Largest difference in levels, 1 to 255.
    """

    frame_idx: int
    previous: int
    n_pixels: int
    max_levels: int

    def __str__(self) -> str:
        return (
            f"frame {self.frame_idx} drawn after frame {self.previous} differs from frame "
            f"{self.frame_idx} drawn alone in {self.n_pixels} pixels, by up to {self.max_levels} "
            "levels"
        )


def check_order(
    animator: Animator, pairs: Sequence[tuple[Frame, Frame]], settings: VideoSettings
) -> list[OrderFault]:
    """Draw frames after the one before and alone, and return the differences.

    Layout engines are switched off for it: they settle over several draws, which is no fault of
    update(). A growing number of artists is told in a warning, since it slows every draw.

    Parameters
    ----------
    animator : Animator
        The user's; copies of it are drawn.
    pairs : sequence of (Frame, Frame)
        Frames, each with the one before it in front.
    settings : VideoSettings
        Of the movie.

    Raises
    ------
    SetupError, RenderError
        If setup() or update() fails.
    """
    if not pairs:
        return []
    faults, growth = _draw_pairs(animator, pairs, settings)
    _warn_of_growth(growth)
    return faults


def _draw_pairs(
    animator: Animator, pairs: Sequence[tuple[Frame, Frame]], settings: VideoSettings
) -> tuple[list[OrderFault], list[int]]:
    """Return the differences, and by how many artists each second frame lets the figure grow."""
    # One seed for every setup(): random figures differ between chunks by design.
    chunk = Chunk((pairs[0][0],))
    faults = []
    with isolated_drawing():
        sequence = Scene(fresh_copy(animator), chunk, settings, uses_layout=False)
        growth = []
        for before, frame in pairs:
            sequence.draw(before)
            n_artists = sequence.n_artists()
            after = sequence.draw(frame).copy()
            growth.append(sequence.n_artists() - n_artists)
            alone = Scene(fresh_copy(animator), chunk, settings, uses_layout=False).draw(frame)
            if fault := compare_frames(frame.id, before.id, after, alone):
                faults.append(fault)
    return faults, growth


def _warn_of_growth(growth: Sequence[int]) -> None:
    if min(growth) > 0:
        logger.warning(
            "Every frame adds artists to the figure (%s in the frames tried): drawing gets slower "
            "from frame to frame. Change the artists that are there instead of adding new ones.",
            ", ".join(map(str, growth)),
        )


def compare_frames(
    frame_idx: int, previous: int, after: NDArray[np.uint8], alone: NDArray[np.uint8]
) -> OrderFault | None:
    """Compare a frame that was drawn after another one with the same frame drawn alone.

    Parameters
    ----------
    frame_idx, previous : int
        Ids of the frame and of the one before it.
    after, alone : ndarray
        (height, width, 4) uint8.

    Returns
    -------
    OrderFault or None
        None if they are equal.
    """
    if after.shape != alone.shape:
        return OrderFault(frame_idx, previous, alone.shape[0] * alone.shape[1], 255)
    if np.array_equal(after, alone):
        return None
    difference = np.abs(after.astype(np.int16) - alone)
    n_pixels = int(difference.any(axis=-1).sum())
    return OrderFault(frame_idx, previous, n_pixels, int(difference.max()))
