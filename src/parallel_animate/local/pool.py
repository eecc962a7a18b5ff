"""Render chunk files in local worker processes; the first failure ends all of them.

Workers are fresh processes, or forks of a process that has only imported what they need, never
forks of one that has drawn. So no main guard is needed. This module knows files, not movies.
"""

import contextlib
import logging
import os
import socket
import sys
import time
from collections.abc import Callable, Collection, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from functools import partial
from multiprocessing.connection import Connection
from multiprocessing.context import BaseContext
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import loky
import psutil
from loky.process_executor import BrokenProcessPool

from parallel_animate.encode.segment import Segment
from parallel_animate.encode.segments import SegmentTarget
from parallel_animate.errors import AnimateError, RenderError, SetupError
from parallel_animate.inputs.shared_buffers import BufferFile
from parallel_animate.local.fork_server import ForkServer, current_fork_server, worker_variables
from parallel_animate.local.messages import Mailbox, deliver_record
from parallel_animate.local.remote_errors import restore, run_for_parent
from parallel_animate.local.safe_path import isolated_start
from parallel_animate.local.worker import render, start_worker
from parallel_animate.project.work_folder import WorkFolder
from parallel_animate.render.redraw import was_proven
from parallel_animate.render.warn_once import is_new_warning

logger = logging.getLogger(__name__)

# A process stops within a millisecond, unless it waits for a device or a disk.
STOP_SECONDS = 1
HALTED = (psutil.STATUS_STOPPED, psutil.STATUS_ZOMBIE, psutil.STATUS_DEAD)


@dataclass(frozen=True)
class Task:
    """A chunk file to render.

    Parameters
    ----------
    chunk : Path
        Absolute path of the chunk file.
    segment : Path
        Absolute path of the segment.
    frames : tuple of (int, int)
        The half-open range of frame ids, for errors.
    others : tuple of SegmentTarget
        Segments of other files that are written as well; the first one is then kept if it exists.
    """

    chunk: Path
    segment: Path
    frames: tuple[int, int]
    others: tuple[SegmentTarget, ...] = ()

    @classmethod
    def of(
        cls,
        chunk: Path,
        segment: Path,
        missing: Sequence[SegmentTarget],
        frames: tuple[int, int],
    ) -> Self:
        """Return the task that writes the missing segments of a chunk, of which segment is one."""
        others = tuple(target for target in missing if target.path != segment)
        return cls(chunk, segment, frames, others)


class ChunkPool:
    """Worker processes that render chunk files.

    An exception in the ``with`` block kills the workers and their ffmpeg processes, and removes
    their temporary files.

    Parameters
    ----------
    n_workers : int
        Number of processes.
    queue_length : int
        Number of chunks that may wait while others are rendered; `submit` blocks above it.
    on_frame : callable
        Called, in another thread, with the number of frames that have been drawn.
    folder : Path
        The folder of the segments.
    buffers : BufferFile, optional
        The file with the large arrays of what the workers load; None: there are none.
    remove_folder : Path, optional
        A temporary folder that the workers remove if this process is killed.
    log_interval : int, optional
        Each worker logs a line every this many frames.
    on_failure : callable, optional
        Called with a task and the error in the user's code that ended it; the other tasks go on.
        None: the first error ends all tasks.
    """

    def __init__(
        self,
        n_workers: int,
        queue_length: int,
        on_frame: Callable[[int], None],
        folder: Path,
        buffers: BufferFile | None = None,
        remove_folder: Path | None = None,
        log_interval: int | None = None,
        on_failure: Callable[[Task, RenderError | SetupError], None] | None = None,
    ) -> None:
        self._limit = n_workers + queue_length
        self._on_failure = on_failure
        self._on_frame = on_frame
        self._folder = folder
        self._worker_ids: set[int] = set()
        # What this process prints may be hidden for a moment.
        self._stderr = sys.stderr
        self._waiting: dict[Future[tuple[Segment, ...]], Task] = {}
        self._segments: list[Segment] = []
        self._mailbox = Mailbox(self._receive)
        shared = None
        if buffers is not None:
            # A descriptor travels to other processes in a Connection only.
            shared = (buffers.key, Connection(os.dup(buffers.descriptor), writable=False))
        self._server = current_fork_server()
        # Waits for the server, which still imports, while this process does other things.
        self._starter = ThreadPoolExecutor(1, thread_name_prefix="workers")
        with isolated_start():
            self._executor = loky.ProcessPoolExecutor(
                max_workers=n_workers,
                timeout=None,
                initializer=start_worker,
                initargs=(
                    *(self._mailbox.address, os.getpid(), folder, remove_folder),
                    *(log_interval, shared, was_proven()),
                ),
                env=worker_variables(),
                context=_context(self._server),
            )

    def __enter__(self) -> Self:
        """Start the workers, which import what they need while this process does other things."""
        self._mailbox.__enter__()
        if self._server is not None and self._server.start():
            self._starter.submit(self._executor.submit, os.getpid)
            return self
        with isolated_start():
            self._executor.submit(os.getpid)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        # After a failure the workers' results are useless; after success the workers are idle.
        if error is not None:
            _stop(set(self._worker_ids))
        self._starter.shutdown(cancel_futures=True)
        self._executor.shutdown(wait=True, kill_workers=True)
        self._mailbox.__exit__()
        if error is not None:
            host = socket.gethostname()
            marks = [f"{host}-{pid}" for pid in self._worker_ids]
            WorkFolder(self._folder.parent).remove_leftovers(marks)

    def call(self, function: Callable[..., Any], *arguments: Any) -> Any:
        """Call a function in a worker and return what it returns, or raise what it raises."""
        try:
            return self._executor.submit(run_for_parent, function, *arguments).result()
        except AnimateError as error:
            restore(error)
            raise

    def submit(self, task: Task) -> None:
        """Queue a task; blocks while the queue is full, and raises what a finished task raised."""
        while len(self._waiting) >= self._limit:
            self._collect()
        future: Future[tuple[Segment, ...]] = Future()
        self._starter.submit(self._start, task, future)
        self._waiting[future] = task

    def _start(self, task: Task, future: "Future[tuple[Segment, ...]]") -> None:
        """Give a task to the workers, as soon as there are some."""
        try:
            running = self._executor.submit(
                run_for_parent, render, task.chunk, task.segment, task.others
            )
        except Exception as error:  # noqa: BLE001 - raised where the task is waited for
            future.set_exception(error)
        else:
            running.add_done_callback(partial(_pass_on, future))

    @property
    def finished(self) -> Sequence[Segment]:
        """The segments so far, in the order in which they finished."""
        return self._segments

    def drain(self) -> list[Segment]:
        """Wait for all tasks and return the segments, in the order in which they finished."""
        while self._waiting:
            self._collect()
        return self._segments

    def _collect(self) -> None:
        finished, _ = wait(self._waiting, return_when=FIRST_COMPLETED)
        for future in finished:
            try:
                segments = future.result()
                for segment in segments[:1]:
                    self._check_size(self._waiting[future], segment)
                self._segments += segments
            except BrokenProcessPool as error:
                raise self._worker_died(error) from error
            except AnimateError as error:
                restore(error)
                if self._on_failure is None or not isinstance(error, RenderError | SetupError):
                    raise
                self._on_failure(self._waiting[future], error)
            del self._waiting[future]

    def _check_size(self, task: Task, segment: Segment) -> None:
        """Raise RenderError if a segment has another size than the first one that was finished."""
        size = self._segments[0].size if self._segments else segment.size
        if segment.size != size:
            raise RenderError(
                f"Frames {task.frames[0]} to {task.frames[1] - 1} have "
                f"{segment.size[0]}x{segment.size[1]} pixels, and others have {size[0]}x{size[1]}. "
                "All frames of a movie must have the same size.",
                chunk=task.frames,
            )

    def _worker_died(self, error: BrokenProcessPool) -> RenderError:
        ranges = [f"{task.frames[0]} to {task.frames[1] - 1}" for task in self._waiting.values()]
        return RenderError(
            f"A worker process died while frames {', '.join(ranges[:8])} were being rendered: "
            f"{error} If it was killed (-9), memory may have run out: use fewer workers."
        )

    def _receive(self, message: tuple[str, Any]) -> None:
        kind, content = message
        if kind == "frames":
            self._on_frame(content)
        elif kind == "log":
            deliver_record(content)
        elif kind == "warning":
            self._show_once(content)
        else:
            self._worker_ids.add(content)

    def _show_once(self, warning: str) -> None:
        """Show a warning, even if several workers or this process give it, only once."""
        if is_new_warning(warning):
            self._stderr.write(warning)


def _pass_on(future: "Future[tuple[Segment, ...]]", ended: "Future[tuple[Segment, ...]]") -> None:
    """Give a future the result of one that has ended."""
    if ended.cancelled():
        future.cancel()
    elif (error := ended.exception()) is not None:
        future.set_exception(error)
    else:
        future.set_result(ended.result())


def _stop(process_ids: Collection[int]) -> None:
    """Stop workers, so that they start no program while they and their programs are killed.

    loky lists what a worker has started before it kills the worker. An ffmpeg that starts in
    between would live on, and write its file after the leftovers have been removed.
    """
    deadline = time.monotonic() + STOP_SECONDS
    # Only descendants of this process: the id of a dead worker may be another program's by now.
    for process in psutil.Process().children(recursive=True):
        if process.pid not in process_ids:
            continue
        with contextlib.suppress(psutil.NoSuchProcess):
            process.suspend()
            while process.status() not in HALTED and time.monotonic() < deadline:
                time.sleep(0.001)


def _context(server: ForkServer | None) -> BaseContext | None:
    """Return the context that takes processes from a server; None: loky's own."""
    if server is None or not server.is_possible:
        return None
    # It uses parts of loky that are not documented, which another release may lack.
    from parallel_animate.local.loky_processes import ForkingContext

    return ForkingContext(server)
