"""The worker processes of the pool: they start fast, render chunk files and end with their parent.

A worker imports the drawing code only when it starts, without the parts that only people need.
"""

import contextlib
import io
import logging
import os
import signal
import socket
import sys
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from multiprocessing.connection import Connection
from pathlib import Path
from typing import TYPE_CHECKING

import psutil

from parallel_animate.atomic_files import process_mark, remove_tree
from parallel_animate.inputs.shared_buffers import attach
from parallel_animate.inputs.targets import mark_loading
from parallel_animate.local.fast_import import quick_imports
from parallel_animate.local.forked_worker import serving_process
from parallel_animate.local.messages import MailHandler, mail_warning, post
from parallel_animate.local.safe_path import undo_isolated_start
from parallel_animate.local.termination import end_with_parent
from parallel_animate.project.work_folder import WorkFolder

if TYPE_CHECKING:
    from parallel_animate.encode.segment import Segment
    from parallel_animate.encode.segments import SegmentTarget

logger = logging.getLogger(__name__)


@dataclass
class _Worker:
    """The state of this worker process."""

    address: socket.socket
    log_interval: int | None
    render_chunk_file: Callable[..., "tuple[Segment, ...]"]
    frames_drawn: int = 0

    def frame_drawn(self, frame_id: int) -> None:
        self.frames_drawn += 1
        post(self.address, ("frames", 1))
        if self.log_interval and self.frames_drawn % self.log_interval == 0:
            logger.info("Worker %d has drawn %d frames.", os.getpid(), self.frames_drawn)


_workers: list[_Worker] = []


def start_worker(
    address: socket.socket,
    parent: int,
    folder: Path,
    remove_folder: Path | None,
    log_interval: int | None,
    shared: tuple[str, Connection] | None,
    was_proven: bool,
) -> None:
    """Make this process a worker; called once, before its first chunk.

    Parameters
    ----------
    address : socket
        Receives the messages: ``("started", pid)``, ``("frames", n)``, warnings and log records.
    parent : int
        Process id of the parent.
    folder : Path
        The folder of the segments.
    remove_folder : Path or None
        A temporary folder that the worker removes if the parent is killed.
    log_interval : int or None
        Log a line every this many frames.
    shared : tuple of (str, Connection), or None
        Key and descriptor of the file with the large arrays of what this process loads.
    was_proven : bool
        The parent has proven that drawing less works with this matplotlib.
    """
    # ^C at the terminal reaches every process; only the parent decides how to react.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    undo_isolated_start()
    _write_whole_lines()
    logging.getLogger().addHandler(MailHandler(address))
    warnings.showwarning = partial(mail_warning, address)
    mark_loading("your module was being imported for a worker")
    if shared is not None:
        # The copy stays open as long as this process lives.
        attach(shared[0], os.dup(shared[1].fileno()))
    post(address, ("started", os.getpid()))
    end_with_parent(serving_process() or parent, partial(_end, folder, remove_folder))
    with quick_imports():
        from parallel_animate.render.job import render_chunk_file
        from parallel_animate.render.redraw import rely_on_proof
    if was_proven:
        rely_on_proof()
    _workers.append(_Worker(address, log_interval, render_chunk_file))


def _write_whole_lines() -> None:
    """Let each line that is printed reach the common output in one piece.

    A block-buffered stream ends its blocks anywhere, and one that is not buffered
    (``PYTHONUNBUFFERED``, usual in containers) gets a line and its end in two writes, with those of
    other workers between.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(line_buffering=True, write_through=False)


def _end(folder: Path, remove_folder: Path | None) -> None:
    """Kill ffmpeg, remove the files and end this process, since nobody needs its segments."""
    kill_children()
    WorkFolder(folder.parent).remove_leftovers([process_mark()])
    if remove_folder is not None:
        # A chunk may have started ffmpeg just now, which may have created its file.
        remove_tree(remove_folder, meanwhile=kill_children)
    os._exit(1)


def kill_children() -> None:
    """Kill the programs that this process has started, and those that they have started."""
    for child in psutil.Process().children(recursive=True):
        with contextlib.suppress(psutil.NoSuchProcess):
            child.kill()


def render(chunk: Path, segment: Path, others: "Sequence[SegmentTarget]") -> "tuple[Segment, ...]":
    """Render a chunk file in this worker; raises the errors of `render.job.render_chunk_file`."""
    worker = _workers[0]
    return worker.render_chunk_file(chunk, segment, worker.frame_drawn, others)
