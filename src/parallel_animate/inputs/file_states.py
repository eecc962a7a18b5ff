"""The content of files as digests, and whether a file has changed since it was read.

The time of a file proves nothing: a copy gets a new one, a clock may be wrong, and programs set an
old one again. But as long as the state that the file system keeps is the same to the last digit,
so is the content, and a large file need not be read again.

This module knows files, not movies. The Snakefile imports it at every start.
"""

import contextlib
import hashlib
import json
import os
import stat
import threading
import time
import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from parallel_animate.atomic_files import file_digest, replace_unsynced

MISSING = "missing"
# A file may change twice within one tick of the file system's clock, and then looks the same. Ticks
# last up to 2 seconds.
SETTLED_NS = 3_000_000_000
# A file that changes each time while it is read is read this often.
TRIES = 3


class FileState(NamedTuple):
    """What the file system keeps about a file.

    Parameters
    ----------
    size, mtime_ns, inode : int
        As in `os.stat_result`.
    ctime_ns : int
        When the file was changed last in any way. No program can set it.
    """

    size: int
    mtime_ns: int
    ctime_ns: int
    inode: int

    def is_settled(self) -> bool:
        """Return whether every later change of the file will give it another state."""
        return time.time_ns() - self.ctime_ns > SETTLED_NS


def state_of(path: Path) -> FileState | None:
    """Return the state of a regular file; None if it is none, or missing."""
    try:
        status = path.stat()
    except (OSError, ValueError):
        return None
    if not stat.S_ISREG(status.st_mode):
        return None
    return FileState(status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino)


class Digests:
    """Digests of files; one that is known is not computed again while the file's state is the same.

    Parameters
    ----------
    memory : Path, optional
        A file that keeps known digests for later processes. It only saves time: without it, every
        digest is right, too.
    """

    def __init__(self, memory: Path | None = None) -> None:
        self._memory = memory
        self._known = _read(memory) if memory is not None else {}
        self._used: dict[str, tuple[FileState, str]] = {}
        self._has_new = False
        self._lock = threading.Lock()

    def of(self, path: Path) -> str:
        """Return the digest of a file's content or of a folder's listing; "missing" without it."""
        return self.look(path)[1]

    def look(self, path: Path) -> tuple[FileState | None, str]:
        """Return the state of a file and the digest of the content that it had in that state."""
        state = state_of(path)
        if state is None:
            return None, listing_digest(path) if path.is_dir() else MISSING
        key = os.path.abspath(path)
        known = self._known.get(key)
        if known is not None and known[0] == state:
            self._used[key] = known
            return known
        for _ in range(TRIES):
            digest = file_digest(path)
            after = state_of(path)
            if after == state:
                if state.is_settled():
                    with self._lock:
                        self._known[key] = self._used[key] = state, digest
                        self._has_new = True
                return state, digest
            if after is None:
                return None, MISSING
            state = after
        # Equal to no other: nobody can tell what a program reads that opens the file now.
        return state, f"changing {uuid.uuid4().hex}"

    def remember(self) -> None:
        """Keep the digests that were used for later processes, if the disk permits."""
        if self._memory is None or not self._has_new:
            return
        with self._lock:
            used = {path: [*state, digest] for path, (state, digest) in self._used.items()}
            self._has_new = False
        with contextlib.suppress(OSError):
            replace_unsynced(self._memory, _sealed(json.dumps(used)))


def _sealed(text: str) -> str:
    """Return a text below its checksum: one wrong digit would show a file as changed, or not."""
    return f"{hashlib.sha256(text.encode()).hexdigest()}\n{text}\n"


def _read(memory: Path) -> dict[str, tuple[FileState, str]]:
    # Reading a named pipe would never end.
    if not memory.is_file():
        return {}
    try:
        content = memory.read_text(encoding="utf-8")
        text = content.partition("\n")[2].removesuffix("\n")
        if content != _sealed(text):
            return {}
        return {
            path: (FileState(*map(int, known[:4])), str(known[4]))
            for path, known in json.loads(text).items()
        }
    except (OSError, ValueError):
        return {}


def listing_digest(folder: Path) -> str:
    """Return the digest of the names in a folder."""
    try:
        names = sorted(os.listdir(folder))
    except OSError:
        return MISSING
    text = "\n".join(names).encode("utf-8", "surrogateescape")
    return f"folder {hashlib.sha256(text).hexdigest()}"


def tree_digest(path: Path, digests: Digests) -> str:
    """Return the digest of a file's content, or of the names and contents of a folder's files."""
    if not path.is_dir():
        return digests.of(path)
    members = sorted(member for member in path.rglob("*") if member.is_file())
    lines = [f"{member.relative_to(path)} {digests.of(member)}" for member in members]
    return hashlib.sha256("\n".join(lines).encode("utf-8", "surrogateescape")).hexdigest()


def changed_files(known: Mapping[str, str], here: Path, digests: Digests) -> list[str]:
    """Return the files whose content differs from known digests.

    Parameters
    ----------
    known : mapping of str to str
        Path, absolute or relative to ``here`` -> digest.
    here : Path
        The working folder.
    digests : Digests
        Computes the digests.
    """
    return [path for path, digest in known.items() if digests.of(here / path) != digest]
