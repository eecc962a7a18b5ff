"""Seal a finished segment: its name and a checksum, in the file itself.

A truncated, overwritten, renamed or swapped segment is then found whatever ffmpeg makes of it. The
seal is a ``uuid`` box at the end of the file, which players and demuxers skip (ISO/IEC 14496-12,
11.1). Knows files, not movies.
"""

import hashlib
import uuid
from collections.abc import Callable
from pathlib import Path

from parallel_animate.errors import SegmentError

# Says whose box it is.
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
        The file, without a seal.
    name : str
        The stem of its final name.
    """
    with path.open("rb") as file:
        checksum = _checksum(file.read, path.stat().st_size)
    payload = checksum + name.encode()
    size = HEADER_SIZE + len(payload)
    with path.open("ab") as file:
        file.write(size.to_bytes(4, "big") + b"uuid" + USER_TYPE + payload)


def check_seal(path: Path) -> None:
    """Raise SegmentError unless a segment is, byte by byte, what was written under its name."""
    if not path.is_file():
        raise _broken(path, "a segment", "no file")
    seal_size = HEADER_SIZE + CHECKSUM_SIZE + len(path.stem.encode())
    content_size = path.stat().st_size - seal_size
    if content_size <= 0:
        raise _broken(path, "a sealed segment", f"{path.stat().st_size} bytes")
    with path.open("rb") as file:
        checksum = _checksum(file.read, content_size)
        header = file.read(HEADER_SIZE)
        sealed_checksum = file.read(CHECKSUM_SIZE)
        name = file.read()
    if header != seal_size.to_bytes(4, "big") + b"uuid" + USER_TYPE:
        raise _broken(path, "the seal of a whole segment of that name", "none at its end")
    if name != path.stem.encode():
        raise _broken(path, f"segment {path.stem}", f"segment {name.decode(errors='replace')}")
    if checksum != sealed_checksum:
        raise _broken(path, f"checksum {sealed_checksum.hex()[:12]}", checksum.hex()[:12])


def _checksum(read: Callable[[int], bytes], size: int) -> bytes:
    checksum = CHECKSUM()
    while size > 0 and (data := read(min(size, READ_SIZE))):
        checksum.update(data)
        size -= len(data)
    return checksum.digest()


def _broken(path: Path, expected: str, found: str) -> SegmentError:
    return SegmentError(
        f"{path} is not what was written under that name: expected {expected}, found {found}.",
        path=str(path),
        expected=expected,
        found=found,
    )
