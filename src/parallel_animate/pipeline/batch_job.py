"""Render the chunks of a batch on all cores of one cluster job.

This module knows files, not schedulers.
"""

import logging
from collections.abc import Sequence
from pathlib import Path

from parallel_animate.atomic_files import make_folder
from parallel_animate.encode.segment import has_segment
from parallel_animate.errors import RenderError, SetupError
from parallel_animate.pipeline.batches import read_batch
from parallel_animate.project.folder_lock import folder_in_use
from parallel_animate.project.work_folder import WorkFolder
from parallel_animate.render.job import (
    LOG_INTERVAL,
    earlier_failure,
    record_failure,
    render_chunk_job,
)
from parallel_animate.render.other_files import other_files_in_use, other_targets
from parallel_animate.render.progress import IntervalLog

logger = logging.getLogger(__name__)


def render_batch(batch_path: Path, n_workers: int, attempt: int = 1) -> None:
    """Render the chunks of a batch that have no segment yet.

    If a chunk fails because of an error in the user's code, the other chunks are still rendered.

    Parameters
    ----------
    batch_path : Path
        ``.../batches/NAME.batch``.
    n_workers : int
        Number of chunks rendered at a time; 1 renders them in this process.
    attempt : int
        As in `render_chunk_job`.

    Raises
    ------
    RenderError, SetupError
        The first failure, raised after all other chunks have been tried.
    SegmentError, SettingsError, FFmpegError
        As in `render_chunk_file`, raised at once.
    """
    folder = WorkFolder(batch_path.parent.parent)
    make_folder(folder.segments)
    chunks = read_batch(batch_path).chunks
    with folder_in_use(folder), other_files_in_use(folder) as others:
        missing = [name for name in chunks if not has_segment(folder.segment(name))]
        logger.info("%d of %d chunks are to be rendered.", len(missing), len(chunks))
        n_workers = min(n_workers, len(missing))
        if n_workers > 1:
            failures = _render_in_pool(folder, others, missing, n_workers, attempt)
        else:
            failures = _render_here(folder, missing, attempt)
    for failure in failures[1:]:
        logger.error("%s", failure)
    if failures:
        raise failures[0]


Failures = list[RenderError | SetupError]


def _render_here(folder: WorkFolder, names: Sequence[str], attempt: int) -> Failures:
    failures: Failures = []
    for name in names:
        try:
            render_chunk_job(folder.chunk(name), folder.segment(name), attempt)
        except (RenderError, SetupError) as error:
            failures.append(error)
    return failures


def _render_in_pool(
    folder: WorkFolder,
    other_files: Sequence[WorkFolder],
    names: Sequence[str],
    n_workers: int,
    attempt: int,
) -> Failures:
    # Imported here, so that a job with one core need not import loky.
    from parallel_animate.local.fork_server import fork_server
    from parallel_animate.local.pool import ChunkPool, Task

    failures: Failures = []

    def failed(task: Task, error: RenderError | SetupError) -> None:
        record_failure(task.segment, error)
        failures.append(error)

    interval = IntervalLog("%d frames have been drawn.", LOG_INTERVAL * n_workers)
    with (
        fork_server(),
        ChunkPool(
            n_workers,
            queue_length=n_workers,
            on_frame=interval.add,
            folder=folder.segments,
            on_failure=failed,
        ) as pool,
    ):
        for name in names:
            segment = folder.segment(name)
            if known := earlier_failure(segment, attempt):
                failures.append(known)
                continue
            start, stop = (int(part) for part in name.split("-")[:2])
            others = other_targets(folder, other_files, name)
            pool.submit(Task(folder.chunk(name), segment, (start, stop), others))
        pool.drain()
    return failures
