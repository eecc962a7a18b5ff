"""Choose the frames per chunk for ``chunk_size: auto``, from the time that a frame takes."""

import math
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from parallel_animate.formats import first_of, is_other_file
from parallel_animate.inputs.frames import (
    MAX_CHUNK_SIZE,
    MIN_CHUNK_SIZE,
    least_chunk_size,
)
from parallel_animate.pipeline.config import is_in_order
from parallel_animate.pipeline.try_movie import TriedMovie
from parallel_animate.project.chunk_files import fetch, is_whole
from parallel_animate.project.plan import Plan, joined_name, read_plan
from parallel_animate.project.work_folder import WorkFolder, listing

# Much longer than the start of a job (about 1 s), and short enough that losing a job costs little.
JOB_SECONDS = 20
MAX_JOB_SECONDS = 600
# A movie keeps at least this many cores busy, however cheap its frames are.
MIN_CHUNKS = 4
SMALLEST_CHUNK = 5


def choose_chunk_size(
    config: Mapping[str, Any], before: int | None, tried: TriedMovie, job_seconds: float
) -> int:
    """Return a movie's frames per chunk: as configured, as planned before, or from its trial.

    A movie that is rendered in order is one chunk.
    """
    if is_in_order(config):
        return sys.maxsize
    wanted = config.get("chunk_size", "auto")
    if wanted != "auto":
        return int(wanted)
    return before or auto_chunk_size(tried.n_frames, tried.trial.frame_seconds, job_seconds)


def chunk_size_before(folder: WorkFolder, previous: Plan | None) -> int | None:
    """Return the frames per chunk with which ``chunk_size: auto`` was planned before, if known.

    If the plan is lost, a join file still shows it. Another size would render every chunk again.
    """
    name = folder.root.name
    if is_other_file(name) and (first := read_plan(folder.root.with_name(first_of(name)))):
        # Jobs of the first file draw for this one as well.
        return first.chunk_size
    if previous is not None:
        return previous.chunk_size if _has_auto_size(previous.config) else None
    # The file from which the movie was joined comes first, then the newest.
    joins = [folder.join(joined_name(folder.root)), *_newest_first(folder.joins)]
    join = next((join for path in joins if is_whole(path) and (join := fetch(path))), None)
    return None if join is None else max(n_frames for _, n_frames in join.segments)


def _newest_first(folder: Path) -> list[Path]:
    paths = [folder / name for name in listing(folder)]
    return sorted(paths, key=lambda path: path.lstat().st_mtime, reverse=True)


def _has_auto_size(config: Mapping[str, Any]) -> bool:
    return config.get("chunk_size", "auto") == "auto" and not is_in_order(config)


def auto_chunk_size(
    n_frames: int | None, frame_seconds: float, job_seconds: float = JOB_SECONDS
) -> int:
    """Return the frames per chunk, from the number of frames and the seconds that each takes.

    A job lasts about job_seconds and at most 10 minutes; a movie has at least 4 chunks. The size is
    rounded up to a multiple of 25. Above 250 it is rounded to a multiple of 250, the longest GOP of
    x264, so that the chunks do not make the file larger.
    """
    seconds = max(frame_seconds, 1e-6)
    size = max(least_chunk_size(n_frames), math.ceil(job_seconds / seconds))
    if n_frames is not None:
        size = min(size, math.ceil(n_frames / MIN_CHUNKS))
    step = MAX_CHUNK_SIZE if size > MAX_CHUNK_SIZE else MIN_CHUNK_SIZE
    size = math.ceil(size / step) * step
    return max(SMALLEST_CHUNK, min(size, math.ceil(max(MAX_JOB_SECONDS, job_seconds) / seconds)))
