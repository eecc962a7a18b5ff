"""Read how long each frame of an animated picture (GIF, WebP, APNG) is shown, from its file.

No frame is decoded. This module knows files, not movies.
"""

import struct
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import BinaryIO

from parallel_animate.encode.packets import no_video

GIF, PNG, RIFF = b"GIF89a", b"\x89PNG\r\n\x1a\n", b"RIFF"
# The picture of a WebP that is not animated.
STILLS = (b"VP8 ", b"VP8L")
EXTENSION, IMAGE, TRAILER, GRAPHIC_CONTROL = 0x21, 0x2C, 0x3B, 0xF9


def read_durations(path: Path) -> list[Fraction]:
    """Return the duration of each frame in seconds.

    Raises
    ------
    SegmentError
        If the file is missing, incomplete, or no animated picture.
    """
    if not path.is_file():
        raise no_video(path, "no such file")
    try:
        with path.open("rb") as file:
            start = file.read(8)
            if start[:6] == GIF:
                return list(_gif(file))
            return list(_png(file) if start == PNG else _webp(file, start))
    except (ValueError, LookupError, ArithmeticError, struct.error) as error:
        raise no_video(path, f"{path.stat().st_size} bytes, {error}") from error


def _gif(file: BinaryIO) -> Iterator[Fraction]:
    """Yield durations from the graphic control extensions (GIF89a, 23)."""
    file.seek(10)
    (flags,) = file.read(1)
    file.seek(13 + _colour_table(flags))
    delay = 0
    while (kind := file.read(1)[0]) != TRAILER:
        if kind == EXTENSION:
            if file.read(1)[0] == GRAPHIC_CONTROL:
                (delay,) = struct.unpack_from("<xH", _peek(file, 5), 1)
        elif kind == IMAGE:
            (flags,) = file.read(9)[8:]
            # The code size comes before the data.
            file.seek(_colour_table(flags) + 1, 1)
            yield Fraction(delay, 100)
        else:
            raise ValueError(f"block {kind:#x} is unknown")
        while size := file.read(1)[0]:
            file.seek(size, 1)


def _colour_table(flags: int) -> int:
    return 3 * 2 ** ((flags & 7) + 1) if flags & 0x80 else 0


def _peek(file: BinaryIO, size: int) -> bytes:
    data = file.read(size)
    file.seek(-len(data), 1)
    return data


def _png(file: BinaryIO) -> Iterator[Fraction]:
    """Yield durations from the frame control chunks (PNG, third edition, 11.3.6.2).

    A still picture has the duration 0.
    """
    is_still = True
    while True:
        size, kind = struct.unpack(">I4s", file.read(8))
        if kind == b"IEND":
            if is_still:
                yield Fraction(0)
            return
        if kind == b"fcTL":
            is_still = False
            numerator, denominator = struct.unpack_from(">HH", _peek(file, size), 20)
            yield Fraction(numerator, denominator or 100)
        file.seek(size + 4, 1)


def _webp(file: BinaryIO, start: bytes) -> Iterator[Fraction]:
    """Yield durations from the ANMF chunks (WebP Container Specification).

    A still picture has the duration 0.
    """
    magic, size = struct.unpack("<4sI", start)
    if magic != RIFF or file.read(4) != b"WEBP":
        raise ValueError("no animated picture")
    end = 8 + size
    if file.seek(0, 2) != end:
        raise ValueError(f"it should have {end} bytes")
    file.seek(12)
    while file.tell() < end:
        kind, size = struct.unpack("<4sI", file.read(8))
        if kind == b"ANMF":
            yield Fraction(int.from_bytes(_peek(file, 15)[12:], "little"), 1000)
        elif kind in STILLS:
            yield Fraction(0)
        file.seek(size + size % 2, 1)
