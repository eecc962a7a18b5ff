"""Large arrays for worker processes: written into a file once, which every process maps.

A pickle then holds only their places in the file. Each load maps the file with copy-on-write, so a
process can change its arrays, and no other load sees that. The file has no name in any folder, so
it disappears with the processes that hold it open, even if they are killed.
"""

import contextlib
import hashlib
import logging
import mmap
import os
import pickle
import tempfile
import uuid
from collections.abc import Iterator, Sequence
from contextvars import ContextVar
from pathlib import Path
from typing import Self

from parallel_animate.atomic_files import is_full

logger = logging.getLogger(__name__)

# Smaller arrays are quicker to copy than to look up.
MIN_BYTES = 1_000_000
# What numpy and its users may expect of the address of an array.
ALIGNMENT = 64

# (start, length) of a buffer in the file.
Place = tuple[int, int]


class Mapping(mmap.mmap):
    """A part of a buffer file in this process's memory.

    Parameters
    ----------
    file : BufferFile
        The file.
    start, stop : int
        The part.
    """

    def __new__(cls, file: "BufferFile", start: int, stop: int) -> Self:
        """Map the part."""
        return super().__new__(
            cls, file.descriptor, stop - start, offset=start, access=mmap.ACCESS_COPY
        )

    def __init__(self, file: "BufferFile", start: int, stop: int) -> None:
        self.file = file
        self.start = start


class BufferFile:
    """A file of buffers, as a process reads it.

    Parameters
    ----------
    key : str
        Identifies the file in all processes.
    descriptor : int
        The open file.
    """

    def __init__(self, key: str, descriptor: int) -> None:
        self.key = key
        self.descriptor = descriptor

    def read(self, places: Sequence[Place]) -> list[memoryview]:
        """Map the buffers at these places; changes to them stay in this process."""
        # One mapping for all, since each one keeps a file descriptor.
        first = min(start for start, _ in places)
        first -= first % mmap.ALLOCATIONGRANULARITY
        stop = max(start + length for start, length in places)
        mapped = memoryview(Mapping(self, first, stop))
        return [mapped[start - first : start - first + length] for start, length in places]


class SharedBuffers(BufferFile):
    """A file of buffers that this process writes; equal buffers are written once.

    Parameters
    ----------
    folder : Path
        A folder on the disk to use.
    """

    def __init__(self, folder: Path) -> None:
        self._file = tempfile.TemporaryFile(dir=folder, buffering=0)  # noqa: SIM115 - see close()
        super().__init__(uuid.uuid4().hex, self._file.fileno())
        self._folder = folder
        self._known: dict[bytes, Place | None] = {}
        self._end = 0
        self._is_full = False

    def close(self) -> None:
        """Close the file; what is mapped stays."""
        self._file.close()

    def add(self, buffer: pickle.PickleBuffer) -> Place | None:
        """Return the place of a buffer, which is written if none is equal; None: the disk is full.

        The answer for a content stays the same.
        """
        with buffer.raw() as content:
            digest = hashlib.sha256(content).digest()
            if digest not in self._known:
                self._known[digest] = self._write(content)
        return self._known[digest]

    def _write(self, content: memoryview) -> Place | None:
        start = self._end + -self._end % ALIGNMENT
        written = 0
        try:
            while written < len(content):
                written += os.pwrite(self.descriptor, content[written:], start + written)
        except OSError as error:
            os.ftruncate(self.descriptor, self._end)
            if not is_full(error):
                raise
            self._warn(start + len(content))
            return None
        self._end = start + len(content)
        return start, len(content)

    def _warn(self, n_bytes: int) -> None:
        if not self._is_full:
            self._is_full = True
            logger.warning(
                "The disk with %s has no room for the arrays that processes could share (%.0f MB), "
                "so each process keeps copies of its own. If memory runs out, set TMPDIR (or "
                "work_dir) to another disk.",
                self._folder,
                n_bytes / 1e6,
            )


# The files that this process can read, by their keys.
_open_files: dict[str, BufferFile] = {}
_current: ContextVar[SharedBuffers | None] = ContextVar("shared_buffers", default=None)


def current_buffers() -> SharedBuffers | None:
    """Return the file that takes the large arrays of pickles; None: they stay in the pickle."""
    return _current.get()


@contextlib.contextmanager
def shared_buffers(folder: Path) -> Iterator[SharedBuffers]:
    """Write large arrays of pickles into a file within the block, the same one in inner blocks.

    Such pickles can be loaded within the block, here and in processes that `attach` the file.
    """
    if (outer := _current.get()) is not None:
        yield outer
        return
    buffers = SharedBuffers(folder)
    _open_files[buffers.key] = buffers
    token = _current.set(buffers)
    try:
        yield buffers
    finally:
        _current.reset(token)
        del _open_files[buffers.key]
        buffers.close()


@contextlib.contextmanager
def no_shared_buffers() -> Iterator[None]:
    """Leave arrays in their pickles within the block, for pickles that outlive the file."""
    token = _current.set(None)
    try:
        yield
    finally:
        _current.reset(token)


def attach(key: str, descriptor: int) -> None:
    """Make a file readable in this process."""
    _open_files[key] = BufferFile(key, descriptor)


def is_readable(key: str) -> bool:
    """Return whether this process has the file with this key open."""
    return key in _open_files


def read_buffers(key: str, places: Sequence[Place]) -> list[memoryview]:
    """Map buffers of a file that this process can read."""
    return _open_files[key].read(places)
