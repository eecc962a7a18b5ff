"""Locks of the folders that hold a movie's files; the kernel releases them with their process.

Everything that works in a movie's folder shares its lock: make_video, planning, jobs on all nodes,
the join. None of them waits for another, since a file's name depends on its content and files are
replaced in one step. ``clean`` deletes, so it needs the lock alone.
"""

import contextlib
import fcntl
import logging
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from parallel_animate.atomic_files import open_lock, try_lock
from parallel_animate.errors import AnimateError
from parallel_animate.project.work_folder import LOCK_NAME, WorkFolder

logger = logging.getLogger(__name__)

# Clean deletes files for seconds at most; only a stopped one holds the lock longer.
WAIT_SECONDS, POLL_SECONDS = 60.0, 0.2


@contextlib.contextmanager
def folder_in_use(folder: WorkFolder) -> Iterator[None]:
    """Keep ``clean`` out of a movie's folder, which must exist, during a ``with`` block.

    Raises
    ------
    AnimateError
        If ``clean`` does not end within a minute.
    """
    with open_lock(folder.lock) as lock:
        deadline = time.monotonic() + WAIT_SECONDS
        while not try_lock(lock, fcntl.LOCK_SH):
            if time.monotonic() > deadline:
                raise AnimateError(
                    f"'clean' has been at work in {folder.root} for {WAIT_SECONDS:.0f} s. End it, "
                    "and run the same command again."
                )
            time.sleep(POLL_SECONDS)
        yield


@contextlib.contextmanager
def all_unused(work: Path, folders: Sequence[Path]) -> Iterator[Path | None]:
    """Keep everything out of movies' folders, and runs out of the folder of all movies.

    Parameters
    ----------
    work : Path
        The folder of all movies.
    folders : sequence of Path
        The folders of movies in it.

    Yields
    ------
    Path or None
        A folder where something works, so that nothing may be deleted; None if there is none.
    """
    with contextlib.ExitStack() as locks:
        for folder, kind in [(work, fcntl.LOCK_SH), *((path, fcntl.LOCK_EX) for path in folders)]:
            if not try_lock(locks.enter_context(open_lock(folder / LOCK_NAME)), kind):
                yield folder
                return
        yield None
