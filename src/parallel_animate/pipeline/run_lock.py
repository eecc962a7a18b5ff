"""Allow one run at a time in a work folder, with a lock that ends with its process.

Snakemake's own lock is a file, which outlives a killed run. The kernel releases this one.
"""

import os
import socket
import time
from pathlib import Path
from typing import IO

from parallel_animate.atomic_files import open_lock, try_lock
from parallel_animate.errors import AnimateError
from parallel_animate.project.work_folder import LOCK_NAME


def hold_run_lock(work: Path) -> IO[str]:
    """Keep a second run out of a work folder until the returned file is closed.

    Parameters
    ----------
    work : Path
        The folder of all movies; it is made if it does not exist.

    Raises
    ------
    AnimateError
        If another run is rendering there; the message names that run and what to do.
    """
    work.mkdir(parents=True, exist_ok=True)
    lock = open_lock(work / LOCK_NAME)
    if not try_lock(lock):
        lock.seek(0)
        holder = lock.read().strip()
        lock.close()
        raise AnimateError(
            f"Another run, or 'clean', is at work in this folder ({holder}). Wait until it has "
            "finished or end it, then run the same command again."
        )
    if lock.writable():
        lock.truncate(0)
        lock.write(f"process {os.getpid()} on {socket.gethostname()} since {time.ctime()}\n")
        lock.flush()
    return lock
