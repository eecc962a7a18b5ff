"""Seal a finished segment: write its name and a checksum into the file itself.

The seal shows if a segment was truncated, overwritten, renamed or swapped, even if ffmpeg can read
it. It is a ``uuid`` box at the end of the file, which players and demuxers skip (ISO/IEC 14496-12,
11.1). This module knows files, not movies.
"""

import hashlib
import os
import uuid
from collections.abc import Callable
from pathlib import Path

from parallel_animate.atomic_files import form_fault, read_fault
from parallel_animate.errors import SegmentError

# Marks the box as ours.
USER_TYPE = uuid.uuid5(uuid.NAMESPACE_DNS, "segment.parallel-animate").bytes
CHECKSUM = hashlib.sha256
CHECKSUM_SIZE = CHECKSUM().digest_size
HEADER_SIZE = 8 + len(USER_TYPE)
READ_SIZE = 1 << 20


def add_seal(path: Path, name: str) -> None:
    """Append a seal to a finished segment.

    Parameters
    ----------
    path : Path
        The segment, without a seal.
    name : str
        The stem of the segment's final name.
    """
    with path.open("rb") as file:
        checksum = _checksum(file.read, path.stat().st_size)
    payload = checksum + name.encode()
    size = HEADER_SIZE + len(payload)
    with path.open("ab") as file:
        file.write(size.to_bytes(4, "big") + b"uuid" + USER_TYPE + payload)


def check_seal(path: Path) -> None:
    """Raise SegmentError unless a segment is byte for byte as it was written under its name."""
    sealed_checksum = check_seal_end(path)
    with path.open("rb") as file:
        checksum = _checksum(file.read, path.stat().st_size - _seal_size(path))
    if checksum != sealed_checksum:
        raise _broken(path, f"checksum {sealed_checksum.hex()[:12]}", checksum.hex()[:12])


def check_seal_end(path: Path) -> bytes:
    """Return the checksum in a segment's seal; raise SegmentError if the seal is not of its name.

    This reads only the end of the file, and so finds every fault except changed bytes before it.
    """
    if not path.is_file():
        raise _broken(path, "a segment", "no file")
    seal_size, size = _seal_size(path), path.stat().st_size
    if size <= seal_size:
        raise _broken(path, "a sealed segment", f"{size} bytes")
    with path.open("rb") as file:
        file.seek(size - seal_size)
        header = file.read(HEADER_SIZE)
        sealed_checksum = file.read(CHECKSUM_SIZE)
        name = file.read()
    if header != seal_size.to_bytes(4, "big") + b"uuid" + USER_TYPE:
        raise _broken(path, "the seal of a complete segment of that name", "no seal at its end")
    if name != path.stem.encode():
        raise _broken(path, f"segment {path.stem}", f"segment {name.decode(errors='replace')}")
    return sealed_checksum


def _seal_size(path: Path) -> int:
    return HEADER_SIZE + CHECKSUM_SIZE + len(path.stem.encode())


def segment_fault(path: Path, check: Callable[[Path], object]) -> str:
    """Return what is wrong with a segment; empty if it is intact or missing.

    Parameters
    ----------
    path : Path
        The segment.
    check : callable
        `check_seal`, or `check_seal_end`, which reads only the end of the file.
    """
    try:
        if not (fault := form_fault(path)) and os.path.lexists(path):
            check(path)
        return fault
    except SegmentError as error:
        return f"has changed since it was written: expected {error.expected}, found {error.found}"
    except OSError as error:
        return read_fault(error)


def _checksum(read: Callable[[int], bytes], size: int) -> bytes:
    checksum = CHECKSUM()
    while size > 0 and (data := read(min(size, READ_SIZE))):
        checksum.update(data)
        size -= len(data)
    return checksum.digest()


def _broken(path: Path, expected: str, found: str) -> SegmentError:
    return SegmentError(
        f"{path} has changed since it was written: expected {expected}, found {found}.",
        path=str(path),
        expected=expected,
        found=found,
    )
