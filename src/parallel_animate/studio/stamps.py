"""Whether a file has changed since it was read."""

import os
from collections.abc import Mapping
from pathlib import Path

# What the file system keeps of a file or a folder; None if it is missing.
Stamp = tuple[int, int, int] | None
Stamps = Mapping[str, Stamp]


def stamp_of(path: str | Path) -> Stamp:
    """Return size, time and inode of a file or a folder; None if it is missing."""
    try:
        status = os.stat(path)
    except (OSError, ValueError):
        return None
    return status.st_size, status.st_mtime_ns, status.st_ino


def has_changed(stamps: Stamps) -> bool:
    """Return whether a file has changed since it got its stamp."""
    return any(stamp_of(path) != stamp for path, stamp in stamps.items())
