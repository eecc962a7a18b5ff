"""Write files so that each is complete or missing, on local and on shared disks.

A file is written under a temporary name in its own folder, synced, and renamed. This module knows
no file formats.
"""

import errno
import fcntl
import hashlib
import logging
import os
import shutil
import socket
import time
import uuid
from collections.abc import Sequence
from pathlib import Path
from typing import IO, Any

logger = logging.getLogger(__name__)

TEMPORARY_SUFFIX = ".tmp"
# The longest name of a file on the file systems of Linux and macOS.
NAME_BYTES = 255
# `is_locked` holds a shared lock while it looks, so a lock can be refused for that moment.
LOCK_TRIES, LOCK_PAUSE_SECONDS = 5, 0.02


def link_target(path: Path) -> Path:
    """Return the file that a link leads to, which need not exist; other paths as they are.

    Raises
    ------
    OSError
        If the links lead in a circle.
    """
    if not path.is_symlink():
        return path
    target = Path(os.path.realpath(path))
    if target.is_symlink():
        raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), str(path))
    return target


def temporary_path(path: Path) -> Path:
    """Return a name beside a file that no other process on any host uses."""
    path = link_target(path)
    end = f".{process_mark()}-{uuid.uuid4().hex[:8]}{TEMPORARY_SUFFIX}"
    # Characters may have several bytes; one that is cut is left out.
    start = os.fsencode(f".{path.name}")[: NAME_BYTES - len(os.fsencode(end))]
    return path.with_name(start.decode(errors="ignore") + end)


def process_mark() -> str:
    """Return the host and process id, which the names of this process's temporary files contain."""
    return f"{socket.gethostname()}-{os.getpid()}"


def publish(temporary: Path, path: Path) -> None:
    """Give a finished file its name, so that after a power cut it is complete or missing.

    A link with that name stays, and the file that it leads to is replaced.
    """
    path = link_target(path)
    _sync(temporary)
    os.replace(temporary, path)
    try:
        _sync(path.parent)
    except OSError as error:
        # Some network file systems cannot sync a folder; whether a rename lasts is then up to them.
        if error.errno not in (errno.EINVAL, errno.ENOTSUP):
            raise


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def replace_text(path: Path, text: str) -> None:
    """Replace a small text file in one step, unless it already holds the same text."""
    # As bytes: a damaged file may be no UTF-8.
    if path.is_file() and path.read_bytes() == text.encode():
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
        os.replace(temporary, link_target(path))
    finally:
        temporary.unlink(missing_ok=True)


def remove_leftovers(folder: Path, marks: Sequence[str]) -> None:
    """Remove temporary files that dead processes left, given the marks in the files' names."""
    for path in folder.glob(f".*{TEMPORARY_SUFFIX}*"):
        if any(mark in path.name for mark in marks):
            path.unlink(missing_ok=True)


def is_locked(path: Path) -> bool:
    """Return whether a process holds the kernel's lock on a lock file."""
    if not path.exists():
        return False
    with path.open("rb") as file:
        return not try_lock(file, fcntl.LOCK_SH)


def try_lock(file: IO[Any], kind: int = fcntl.LOCK_EX) -> bool:
    """Lock an open file until it is closed; return False if another process holds the lock.

    On a disk without locks (such as Lustre mounted without ``flock``) this logs a warning and
    returns True.
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
            "%s cannot be locked (%s). Do not start a second run in this folder: nothing stops it.",
            file.name,
            error.strerror,
        )
    return True


def remove_stale(folder: Path) -> None:
    """Remove temporary files and folders that dead processes of this host left; others stay."""
    for path in folder.glob(f".*{TEMPORARY_SUFFIX}*"):
        host, _, pid = path.name.rpartition(TEMPORARY_SUFFIX)[0].rpartition("-")[0].rpartition("-")
        if host.endswith(f".{socket.gethostname()}") and pid.isdigit() and not is_alive(int(pid)):
            if path.is_dir():
                shutil.rmtree(path, ignore_errors=True)
            else:
                path.unlink(missing_ok=True)


def is_alive(pid: int) -> bool:
    """Return whether a process of this host is alive."""
    # Imported here, since only leftovers need it and the plan's check must be quick.
    import psutil

    try:
        # A killed orphan stays a zombie if no parent collects it.
        return bool(psutil.Process(pid).status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def is_full(error: OSError) -> bool:
    """Return whether an error means that a disk or a quota has no room."""
    return error.errno in (errno.ENOSPC, errno.EDQUOT)


def file_digest(path: Path) -> str:
    """Return the digest of a file's content, or "missing"."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return "missing"
