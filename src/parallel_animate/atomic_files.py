"""Write files so that each is whole or not there, on local and on shared disks.

A file is written under a temporary name in its own folder, synced, and renamed. Knows no format.
"""

import errno
import fcntl
import logging
import os
import socket
import time
import uuid
from collections.abc import Sequence
from pathlib import Path
from typing import IO, Any

logger = logging.getLogger(__name__)

TEMPORARY_SUFFIX = ".tmp"
# Who only looks whether a lock is held, as `is_locked` does, has a share in it for that moment.
LOCK_TRIES, LOCK_PAUSE_SECONDS = 5, 0.02


def temporary_path(path: Path) -> Path:
    """Return a name beside a path that no other process on any host uses."""
    unique = f"{socket.gethostname()}-{os.getpid()}-{uuid.uuid4().hex[:8]}"
    return path.with_name(f".{path.name}.{unique}{TEMPORARY_SUFFIX}")


def publish(temporary: Path, path: Path) -> None:
    """Give a finished file its name, so that after a power cut it is whole or not there."""
    _sync(temporary)
    os.replace(temporary, path)
    try:
        _sync(path.parent)
    except OSError as error:
        # Some network file systems cannot sync a folder; what they rename is then in their hands.
        if error.errno not in (errno.EINVAL, errno.ENOTSUP):
            raise


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def replace_text(path: Path, text: str) -> None:
    """Replace a small text file in one step, unless it holds the same text already."""
    if path.is_file() and path.read_text(encoding="utf-8") == text:
        return
    temporary = temporary_path(path)
    try:
        temporary.write_text(text, encoding="utf-8")
        publish(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


def replace_unsynced(path: Path, text: str) -> None:
    """Replace a small text file in one step; after a power cut it may be empty or gone."""
    temporary = temporary_path(path)
    try:
        temporary.write_text(text, encoding="utf-8")
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


def remove_leftovers(folder: Path, marks: Sequence[str]) -> None:
    """Remove temporary files that dead processes left; a mark is part of their names."""
    for path in folder.glob(f".*{TEMPORARY_SUFFIX}*"):
        if any(mark in path.name for mark in marks):
            path.unlink(missing_ok=True)


def is_locked(path: Path) -> bool:
    """Tell whether a process holds the kernel's lock of a lock file."""
    if not path.exists():
        return False
    with path.open("rb") as file:
        return not try_lock(file, fcntl.LOCK_SH)


def try_lock(file: IO[Any], kind: int = fcntl.LOCK_EX) -> bool:
    """Take the kernel's lock of an open file until it is closed; False if another process has it.

    Where the disk knows no locks (Lustre mounted without ``flock``), it is warned and gone on.
    """
    tries = LOCK_TRIES if kind == fcntl.LOCK_EX else 1
    while not _locks(file, kind):
        tries -= 1
        if not tries:
            return False
        time.sleep(LOCK_PAUSE_SECONDS)
    return True


def _locks(file: IO[Any], kind: int) -> bool:
    try:
        fcntl.flock(file, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError as error:
        logger.warning(
            "%s cannot be locked (%s): nothing keeps a second run of this folder from starting.",
            file.name,
            error.strerror,
        )
    return True


def remove_stale(folder: Path) -> None:
    """Remove temporary files whose process on this host is gone; those of other hosts stay."""
    for path in folder.glob(f".*{TEMPORARY_SUFFIX}*"):
        host, _, pid = path.name.rpartition(TEMPORARY_SUFFIX)[0].rpartition("-")[0].rpartition("-")
        if host.endswith(f".{socket.gethostname()}") and pid.isdigit() and not is_alive(int(pid)):
            path.unlink(missing_ok=True)


def is_alive(pid: int) -> bool:
    """Tell whether a process of this host lives."""
    # Here, since only leftovers need it and the plan's check must be quick.
    import psutil

    try:
        # A killed orphan stays a zombie where nobody collects it.
        return bool(psutil.Process(pid).status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False
