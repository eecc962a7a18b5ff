"""Compare a frame that a worker has drawn with the same frame drawn in this process.

Workers get the state of this process as far as it is known. This shows whether something is
missing: all other checks compare frames of one process with each other.
"""

import logging
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from parallel_animate.encode.segment import Segment, pixel_digest
from parallel_animate.errors import WorkerFrameError
from parallel_animate.inputs.frame_stream import FrameTape
from parallel_animate.inputs.frames import Chunk, Frame
from parallel_animate.local.in_order import render_next
from parallel_animate.local.movie_inputs import MovieInputs, drawing_lock
from parallel_animate.local.request import Folders, Rendered, Request
from parallel_animate.render.animator_copy import best_copy, fresh_copy
from parallel_animate.render.isolation import isolated_drawing, pyplot_of
from parallel_animate.render.quiet import quiet
from parallel_animate.render.scene import Scene

logger = logging.getLogger(__name__)


class WorkerCheck:
    """Compares the first frame of one chunk.

    Parameters
    ----------
    movie : Request
        The movie.
    first : Frame or None
        The movie's first frame, if all chunks are drawn after it.
    """

    def __init__(self, movie: Request, first: Frame | None) -> None:
        self._movie = movie
        self._first = first
        self._n_submitted = 0
        self._frame: Frame | None = None
        self._segment: Path | None = None
        self._pixels = ""

    def submitted(self, chunk: Chunk, segment: Path) -> None:
        """Draw the chunk's first frame here, if just now every worker has got its first chunk."""
        self._n_submitted += 1
        if self._n_submitted > self._movie.n_workers:
            return
        self._frame, self._segment = chunk.frames[0], segment
        if self._n_submitted == self._movie.n_workers:
            self._pixels = self._draw()

    def all_submitted(self) -> None:
        """Draw the frame now if there are fewer chunks than workers."""
        if self._n_submitted < self._movie.n_workers:
            self._pixels = self._draw()

    def compare(self, segments: Sequence[Segment]) -> None:
        """Raise WorkerFrameError if a finished segment shows that the frame is different.

        A frame that this process draws in two ways is random, which is found elsewhere.
        """
        if not self._pixels:
            return
        found = [segment for segment in segments if segment.path == self._segment]
        expected = self._pixels
        if not found:
            return
        self._pixels = ""
        if found[0].first_pixels != expected and self._draw() == expected:
            assert self._frame is not None
            raise WorkerFrameError(
                f"frame {self._frame.id} looks different when a worker process draws it. It "
                "depends on something that only this process has, such as a change to a module, an "
                "environment variable or a cache"
            )

    def _draw(self) -> str:
        """Return the digest of the frame drawn in this process; empty if that fails."""
        if self._frame is None:
            return ""
        try:
            with drawing_lock, pyplot_of({}), isolated_drawing(), quiet():
                animator = fresh_copy(self._movie.animator)
                scene = Scene(
                    animator,
                    Chunk((self._frame,)),
                    self._movie.settings,
                    replays=False,
                    first=self._first,
                )
                return pixel_digest(scene.draw(self._frame))
        except Exception as error:  # noqa: BLE001 - the worker reports what the user's code raises
            logger.debug("Cannot compare a worker's frame with this process: %r", error)
            return ""


def render_here_instead(
    movie: Request,
    inputs: MovieInputs,
    folders: Folders,
    frames: FrameTape,
    on_frame: Callable[[int], None],
    finding: WorkerFrameError,
) -> Rendered:
    """Render all frames in this process, with a copy of the animator, because workers differ."""
    lacking = " and the ".join(inputs.environment.drawing.left_out)
    logger.warning(
        "%s is rendered in this process alone, which takes as long as with one core%s: %s%s.",
        movie.output,
        ", and nothing is kept in work_dir" if movie.is_kept else "",
        finding,
        f". Workers may lack the {lacking}, which cannot be pickled: register it in setup()"
        if lacking
        else "",
    )
    unkept = replace(movie.options, work_dir=None)
    here = replace(movie, animator=best_copy(movie.animator), options=unkept)
    with drawing_lock, pyplot_of({}):
        return render_next(here, inputs, folders, frames, on_frame)
