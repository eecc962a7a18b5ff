"""Render an animation of matplotlib's frame after frame in this process.

For animations whose frames depend on those before: the next frame's data are read only when the
frame before has been drawn.
"""

import contextlib
import itertools
import logging
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from matplotlib.animation import Animation
from matplotlib.backends.backend_agg import FigureCanvasAgg

from parallel_animate.encode.concat import SegmentFile, concat_segments
from parallel_animate.encode.encoders import choose_encoder
from parallel_animate.encode.segment import SegmentWriter
from parallel_animate.errors import NoFramesError
from parallel_animate.funcanimation.animators import SavedAnimationInOrder
from parallel_animate.funcanimation.playback import Player
from parallel_animate.inputs.frames import Chunk, Frame, default_chunk_size
from parallel_animate.render.chunk import check_size
from parallel_animate.render.isolation import isolated_drawing
from parallel_animate.render.preflight import encoder_at
from parallel_animate.render.progress import FrameProgress, IntervalLog
from parallel_animate.render.scene import Scene
from parallel_animate.settings import VideoSettings

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class MovieRequest:
    """A movie that is wanted.

    Parameters
    ----------
    output : Path
        The movie; its folder is there.
    settings : VideoSettings
        Of the movie.
    n_frames : int or None
        Render only that many frames.
    chunk_size : int or None
        Frames per segment; None: as `default_chunk_size` says.
    disable_progress_bar, plotting_log_interval, saving_log_interval : optional
        As in `Animator.make_video`.
    """

    output: Path
    settings: VideoSettings
    n_frames: int | None = None
    chunk_size: int | None = None
    disable_progress_bar: bool | None = None
    plotting_log_interval: int | None = None
    saving_log_interval: int | None = None

    def count(self, total: int | None) -> int | None:
        """Return how many frames the movie has, of an animation with so many."""
        return total if self.n_frames is None else min(self.n_frames, total or self.n_frames)

    def frames_per_chunk(self, total: int | None) -> int:
        """Return the frames per segment."""
        return self.chunk_size or default_chunk_size(self.count(total))


def render_in_order(
    player: Player,
    frames: Iterator[Any],
    request: MovieRequest,
    total: int | None = None,
    is_pickled: bool = False,
) -> None:
    """Play an animation from its start and write the movie.

    Parameters
    ----------
    player : Player
        It has not been started.
    frames : iterator
        The data of the frames; not read before the player was started.
    request : MovieRequest
        What is wanted.
    total : int or None
        Frames of the animation, where that is known.
    is_pickled : bool
        True if the data are pickled, by `dump_frame`.

    Raises
    ------
    NoFramesError
        If there are no frames.
    RenderError, FFmpegError, SegmentError
        As rendering a chunk.
    """
    drawing = _Drawing(SavedAnimationInOrder(player, is_pickled), request, total)
    # A process that is being killed may still write while the folder is removed.
    with (
        tempfile.TemporaryDirectory(
            prefix="parallel-animate-", ignore_cleanup_errors=True
        ) as folder,
        FrameProgress(request.count(total), request.disable_progress_bar) as progress,
        isolated_drawing(),
    ):
        segments = list(drawing.write_segments(Path(folder), frames, progress))
        if not segments:
            raise NoFramesError("The animation has no frames.")
        checked = IntervalLog("The join has checked %d frames.", request.saving_log_interval)
        concat_segments(
            segments,
            request.output,
            request.settings,
            drawing.encoder.ffmpeg,
            on_frames=checked.add,
        )
    logger.info("%s: %d frames.", request.output, sum(segment.n_frames for segment in segments))


class _Drawing:
    """Frames of one figure into segments of chunk after chunk."""

    def __init__(
        self, animator: SavedAnimationInOrder, request: MovieRequest, total: int | None
    ) -> None:
        self._animator = animator
        self._request = request
        self._settings = request.settings
        self._size = request.frames_per_chunk(total)
        self._total = request.count(total)
        frame_size = self._scene(0).size()
        self.encoder = encoder_at(frame_size, choose_encoder(self._settings), self._settings)

    def write_segments(
        self, folder: Path, frames: Iterator[Any], progress: FrameProgress
    ) -> Iterator[SegmentFile]:
        """Write the segments and yield each when it is whole."""
        interval = IntervalLog("%d frames have been drawn.", self._request.plotting_log_interval)
        numbered = enumerate(itertools.islice(frames, self._request.n_frames))
        for first in numbered:
            scene, path, n_frames = self._scene(first[0]), folder / f"{first[0]}.mp4", 0
            with SegmentWriter(path, self.encoder, self._settings) as writer:
                rest = itertools.islice(numbered, self._size - 1)
                for frame_id, data in itertools.chain([first], rest):
                    frame = Frame(frame_id, b"", data)
                    pixels = scene.draw(frame)
                    check_size(writer.size, pixels, frame, Chunk((frame,)))
                    writer.write(pixels)
                    progress.drawn()
                    interval.add()
                    n_frames += 1
                writer.finish()
            yield SegmentFile(path, n_frames)

    def _scene(self, start: int) -> Scene:
        stop = start + self._size if self._total is None else min(start + self._size, self._total)
        chunk = Chunk((Frame(start, b""), Frame(max(start, stop - 1), b"")))
        return Scene(self._animator, chunk, self._settings, replays=False)


@contextlib.contextmanager
def borrowed_figure(animation: Animation) -> Iterator[float]:
    """Draw on an animation's own figure, and give it its canvas, dpi and colours back.

    Yields
    ------
    float
        Its dots per inch without the pixel ratio of a screen, as in a file.
    """
    figure: Any = animation._fig  # type: ignore[attr-defined]
    canvas, dpi, patch = figure.canvas, figure.dpi, figure.patch
    original_dpi = getattr(figure, "_original_dpi", dpi)
    colours = patch.get_facecolor(), patch.get_edgecolor()
    FigureCanvasAgg(figure)
    try:
        yield original_dpi
    finally:
        figure.set_canvas(canvas)
        figure._set_dpi(dpi, forward=False)
        figure._original_dpi = original_dpi
        patch.set_facecolor(colours[0])
        patch.set_edgecolor(colours[1])
