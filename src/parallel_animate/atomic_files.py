"""Write files so that each is complete or missing, on local and on shared disks.

A file is written under a temporary name in its own folder, synced, and renamed. Anything else in
its place, such as a folder, is moved aside and never deleted. This module knows no file formats.
"""

import contextlib
import errno
import fcntl
import hashlib
import itertools
import logging
import os
import re
import shutil
import socket
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import IO, Any

logger = logging.getLogger(__name__)

TEMPORARY_SUFFIX = ".tmp"
# How the names of temporary folders begin in the system's folder, which others use, too.
TEMPORARY_FOLDER = "parallel-animate"
# A killed program may write into a folder while it is removed.
REMOVE_TRIES, REMOVE_PAUSE_SECONDS = 20, 0.05
DAMAGED_SUFFIX = ".damaged"
# Errors that belong to the file. Others may pass, as when a file server does not answer.
FAULTS = {errno.EACCES, errno.EPERM, errno.EIO, errno.EISDIR, errno.ENOTDIR, errno.ELOOP}
# A message about damaged files names at most this many.
MOST_NAMED = 5
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
    end = _temporary_end()
    # Characters may have several bytes; one that is cut is left out.
    start = os.fsencode(f".{path.name}")[: NAME_BYTES - len(os.fsencode(end))]
    return path.with_name(start.decode(errors="ignore") + end)


def _temporary_end() -> str:
    return f".{process_mark()}-{uuid.uuid4().hex[:8]}{TEMPORARY_SUFFIX}"


def process_mark() -> str:
    """Return the host and process id, which the names of this process's temporary files contain."""
    return f"{socket.gethostname()}-{os.getpid()}"


def publish(temporary: Path, path: Path) -> None:
    """Give a finished file its name, so that after a power cut it is complete or missing.

    A link with that name stays, and the file that it leads to is replaced.
    """
    path = link_target(path)
    _sync(temporary)
    _replace(temporary, path)
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


def _replace(temporary: Path, path: Path) -> None:
    try:
        os.replace(temporary, path)
    except IsADirectoryError:
        set_aside({path: "is a folder"})
        os.replace(temporary, path)


def make_folder(path: Path) -> None:
    """Create a folder and its parents; a file in its place is set aside."""
    try:
        path.mkdir(parents=True, exist_ok=True)
    except FileExistsError:
        set_aside({path: "is no folder"})
        path.mkdir(exist_ok=True)


def remove_file(path: Path) -> None:
    """Remove a file if it exists; a folder in its place is set aside."""
    if path.is_dir() and not path.is_symlink():
        set_aside({path: "is a folder"})
    path.unlink(missing_ok=True)


def set_aside(damaged: Mapping[Path, str]) -> None:
    """Move files that are not what they should be, and name them in one line.

    Each gets a name beside its own, ``NAME.damaged``, and replaces an older file of that name.

    Parameters
    ----------
    damaged : mapping of Path to str
        The files, each with what is wrong; the words continue a sentence that begins with the name.
    """
    moved = {path: new for path in damaged if (new := _move_aside(path)) is not None}
    if not moved:
        return
    path, new = next(iter(moved.items()))
    if len(moved) == 1:
        logger.warning("%s %s. It was moved to %s.", path, damaged[path], new.name)
        return
    others = len(moved) - MOST_NAMED
    logger.warning(
        "%d files are not what they should be and were moved to NAME%s: %s%s.",
        len(moved),
        DAMAGED_SUFFIX,
        "; ".join(f"{path} {damaged[path]}" for path in itertools.islice(moved, MOST_NAMED)),
        f"; and {others} more" if others > 0 else "",
    )


def _move_aside(path: Path) -> Path | None:
    """Move a file or folder aside; return None if another process has moved it already."""
    for number in itertools.count(1):
        end = DAMAGED_SUFFIX + (f"-{number}" if number > 1 else "")
        start = os.fsencode(path.name)[: NAME_BYTES - len(end)].decode(errors="ignore")
        new = path.with_name(start + end)
        # A folder may hold more than we know, so none is ever replaced.
        if not os.path.lexists(new) or not (_is_folder(new) or _is_folder(path)):
            break
    try:
        os.replace(path, new)
    except FileNotFoundError:
        return None
    return new


def _is_folder(path: Path) -> bool:
    return path.is_dir() and not path.is_symlink()


def is_set_aside(name: str) -> bool:
    """Return whether a file has the name of one that was set aside."""
    stem, _, number = name.rpartition(DAMAGED_SUFFIX)
    return bool(stem) and (not number or number[1:].isdigit())


def form_fault(path: Path) -> str:
    """Return why a path is neither a regular file nor missing; empty if it is one of these."""
    if path.is_file() or not os.path.lexists(path):
        return ""
    if path.is_symlink() and not path.exists():
        return "is a link to a missing file"
    return "is a folder" if path.is_dir() else "is no regular file"


def read_fault(error: OSError) -> str:
    """Return why a file cannot be read; raises the error if it is not the file's own fault."""
    if error.errno not in FAULTS:
        raise error
    return f"cannot be read ({error.strerror})"


def replace_text(path: Path, text: str) -> None:
    """Replace a small text file in one step, unless it already holds the same text."""
    # As bytes: a damaged file may be no UTF-8.
    replace_data(path, text.encode())


def replace_data(path: Path, data: bytes) -> None:
    """Replace a small file in one step, unless it already holds the same bytes."""
    # One that may not be read is replaced.
    with contextlib.suppress(PermissionError):
        if path.is_file() and path.read_bytes() == data:
            return
    temporary = temporary_path(path)
    try:
        temporary.write_bytes(data)
        publish(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


def replace_unsynced(path: Path, text: str) -> None:
    """Replace a small text file in one step; after a power cut it may be empty or gone."""
    temporary = temporary_path(path)
    try:
        temporary.write_text(text, encoding="utf-8")
        _replace(temporary, link_target(path))
    finally:
        temporary.unlink(missing_ok=True)


@contextlib.contextmanager
def temporary_folder(place: Path | None = None, name: str = TEMPORARY_FOLDER) -> Iterator[Path]:
    """Make a folder for temporary files, and remove it with all its content at the end.

    First, folders that killed processes of this host left in the same place are removed.

    Parameters
    ----------
    place : Path, optional
        The folder in which it is made; None means the system's folder for temporary files.
    name : str
        The beginning of its name, which others of its kind have, too.
    """
    place = Path(tempfile.gettempdir()) if place is None else place
    remove_stale(place)
    folder = place / f"{name}{_temporary_end()}"
    # As tempfile.mkdtemp: only for this user.
    folder.mkdir(mode=0o700)
    try:
        with _held(folder):
            yield folder
    finally:
        remove_tree(folder)


def remove_tree(folder: Path, meanwhile: Callable[[], None] = lambda: None) -> None:
    """Remove a folder in which a program that is being killed may still write.

    Parameters
    ----------
    folder : Path
        The folder.
    meanwhile : callable
        Called before each try.
    """
    for _ in range(REMOVE_TRIES):
        meanwhile()
        shutil.rmtree(folder, ignore_errors=True)
        if not folder.exists():
            break
        time.sleep(REMOVE_PAUSE_SECONDS)


@contextlib.contextmanager
def _held(folder: Path) -> Iterator[None]:
    """Hold a lock on a folder, which shows that its process is alive, also in another container."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        # NFS has no locks on folders.
        with contextlib.suppress(OSError):
            fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
        yield
    finally:
        os.close(descriptor)


def _is_held(folder: Path) -> bool:
    try:
        descriptor = os.open(folder, os.O_RDONLY)
    except OSError:
        # It is another user's, or it has just been removed.
        return True
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    finally:
        os.close(descriptor)
    return False


def remove_leftovers(folder: Path, marks: Sequence[str]) -> None:
    """Remove temporary files and folders of processes, given the marks in their names."""
    for path in _temporary_paths(folder):
        if any(f".{mark}-" in path.name for mark in marks):
            _remove(path)


def remove_stale(folder: Path) -> None:
    """Remove temporary files and folders that dead processes of this host left; others stay."""
    host = re.escape(socket.gethostname())
    pattern = re.compile(rf"\.{host}-(\d+)-\w{{8}}{re.escape(TEMPORARY_SUFFIX)}")
    for path in _temporary_paths(folder):
        found = pattern.search(path.name)
        if found and not is_alive(int(found[1])) and not (path.is_dir() and _is_held(path)):
            _remove(path)


def _temporary_paths(folder: Path) -> list[Path]:
    try:
        names = os.listdir(folder)
    except OSError:
        return []
    return [
        folder / name
        for name in names
        if TEMPORARY_SUFFIX in name and name.startswith((".", TEMPORARY_FOLDER))
    ]


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        remove_tree(path)
    else:
        # In a folder of several users it may be another's.
        with contextlib.suppress(OSError):
            path.unlink()


def is_locked(path: Path) -> bool:
    """Return whether a process holds the kernel's lock on a lock file."""
    if not path.is_file() or not os.access(path, os.R_OK):
        return False
    with path.open("rb") as file:
        return not try_lock(file, fcntl.LOCK_SH)


def open_lock(path: Path) -> IO[str]:
    """Open a lock file to lock it; what is no regular file in its place is set aside."""
    if fault := form_fault(path):
        set_aside({path: fault})
    elif path.exists() and not os.access(path, os.R_OK):
        set_aside({path: "cannot be opened"})
    # Another user's file can be locked, but not written. Mode "a": the file may hold the name of a
    # process that has the lock.
    mode = "r" if path.exists() and not os.access(path, os.W_OK) else "a+"
    return path.open(mode, encoding="utf-8", errors="replace")


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
            "%s cannot be locked (%s). Do not start a second run in this folder: nothing stops it. "
            "Nor does anything stop 'clean'.",
            file.name,
            error.strerror,
        )
    return True


def is_alive(pid: int) -> bool:
    """Return whether a process of this host is alive."""
    if pid == os.getpid():
        return True
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
