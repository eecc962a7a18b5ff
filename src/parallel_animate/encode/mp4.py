"""Read an MP4 file's packets from its sample tables, without starting a process.

Starting ffmpeg takes 20 ms of CPU, and a movie has hundreds of segments. This module reads only
segments that this package wrote. ffmpeg reads the movie itself (`parallel_animate.encode.packets`),
as an independent proof. Box names are those of ISO/IEC 14496-12, and of 14496-15 for ``avcC`` and
``hvcC``; ``vpcC`` is that of the "VP Codec ISO Media File Format Binding", ``av1C`` of the "AV1
Codec ISO Media File Format Binding". QuickTime files, as ffmpeg writes them, have the same boxes,
and ``glbl`` for the extradata of codecs without a box of their own.
"""

import contextlib
import itertools
import struct
import zlib
from array import array
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import BinaryIO

from parallel_animate.encode.key_frames import HEAD, SAMPLE_ENTRIES
from parallel_animate.encode.packets import Packets, no_video

LARGEST_MOOV = 1 << 28
# Offsets in a VisualSampleEntry: of width and height, and of the first box within it.
VISUAL_SIZE, VISUAL_BOXES = 24, 78
Boxes = dict[bytes, memoryview]


def read_sample_tables(path: Path) -> Packets:
    """Read the packets of a segment, as `parallel_animate.encode.packets.read_packets` lists them.

    Parameters
    ----------
    path : Path
        An MP4 or QuickTime file with a single stream of a codec that segments can have.

    Raises
    ------
    SegmentError
        If the file is missing, incomplete, or not such a file.
    """
    with _readable(path) as file:
        moov, n_data_bytes = _index(file, path.stat().st_size)
        track = _boxes(_boxes(moov)[b"trak"])
        packets = _packets(track, n_data_bytes)
        table = _sample_table(track)
        _check_syncs(file, packets, _offsets(table, packets.sizes), _entry_type(table))
        return packets


def read_extradata(path: Path) -> str:
    """Return the extradata of a movie as `Packets` has it; its first stream must be the video.

    ffmpeg lists none for VP9.

    Raises
    ------
    SegmentError
        As in `read_sample_tables`.
    """
    with _readable(path) as file:
        moov, _ = _index(file, path.stat().st_size)
        return _extradata(_sample_table(_boxes(_boxes(moov)[b"trak"])))


@contextlib.contextmanager
def _readable(path: Path) -> Iterator[BinaryIO]:
    """Open a file; SegmentError if it is missing, or if what is read of it is wrong."""
    if not path.is_file():
        raise no_video(path, "no such file")
    try:
        with path.open("rb") as file:
            yield file
    except (ValueError, LookupError, ArithmeticError, struct.error) as error:
        raise no_video(path, f"{path.stat().st_size} bytes, {error}") from error


def _index(file: BinaryIO, file_size: int) -> tuple[memoryview, int]:
    """Return the content of the box with the index, and the number of bytes of data."""
    moov, n_data_bytes = None, 0
    for kind, content_size in _boxes_of_file(file, file_size):
        if kind == b"moov":
            if content_size > LARGEST_MOOV:
                raise ValueError(f"its index has {content_size} bytes")
            moov = memoryview(file.read(content_size))
        elif kind == b"mdat":
            n_data_bytes += content_size
    if moov is None:
        raise ValueError("no index")
    return moov, n_data_bytes


def _boxes_of_file(file: BinaryIO, file_size: int) -> Iterator[tuple[bytes, int]]:
    """Yield the type and content size of each box, with the file's position at the content."""
    start = 0
    while start < file_size:
        file.seek(start)
        size, kind = struct.unpack(">I4s", file.read(8))
        header = 8
        if size == 1:
            (size,) = struct.unpack(">Q", file.read(8))
            header = 16
        if size < header or start + size > file_size:
            raise ValueError(f"box {kind!r} at byte {start} is incomplete")
        yield kind, size - header
        start += size


def _boxes(content: memoryview) -> Boxes:
    """Return the boxes in a box by type; the first one if several have the same type."""
    found: Boxes = {}
    start = 0
    while start + 8 <= len(content):
        size, kind = struct.unpack_from(">I4s", content, start)
        if size < 8 or start + size > len(content):
            raise ValueError(f"box {kind!r} is incomplete")
        found.setdefault(kind, content[start + 8 : start + size])
        start += size
    return found


def _packets(track: Boxes, n_data_bytes: int) -> Packets:
    media = _boxes(track[b"mdia"])
    table = _sample_table(track)
    entry = table[b"stsd"][16:]
    sizes = _sizes(table[b"stsz"], n_data_bytes)
    durations = _values(table[b"stts"], "I", len(sizes))
    start = _start(track)
    decoded = itertools.accumulate(durations[:-1], initial=0)
    if b"ctts" in table:
        offsets = _values(table[b"ctts"], "i", len(sizes))
    else:
        offsets = array("q", bytes(8 * len(sizes)))
    return Packets(
        time_base=Fraction(1, _timescale(media[b"mdhd"])),
        extradata=_extradata(table),
        size=struct.unpack_from(">HH", entry, VISUAL_SIZE),
        pts=array("q", (t + o - start for t, o in zip(decoded, offsets, strict=True))),
        durations=durations,
        sizes=sizes,
        syncs=_syncs(table, len(sizes)),
    )


def _extradata(table: Boxes) -> str:
    _, box = SAMPLE_ENTRIES[_entry_type(table)]
    return "none" if box is None else _checksum(_boxes(table[b"stsd"][16 + VISUAL_BOXES :])[box])


def _checksum(extradata: memoryview) -> str:
    # As ffmpeg's framecrc muxer writes it: its Adler-32 starts from 0.
    return f"{len(extradata)}, 0x{zlib.adler32(extradata, 0):08x}"


def _entry_type(table: Boxes) -> bytes:
    return bytes(table[b"stsd"][12:16])


def _sample_table(track: Boxes) -> Boxes:
    return _boxes(_boxes(_boxes(track[b"mdia"])[b"minf"])[b"stbl"])


def _syncs(table: Boxes, n_packets: int) -> "array[int]":
    """Return 1 for each packet that the table of sync samples names; without it, all are."""
    if b"stss" not in table:
        return array("b", itertools.repeat(1, n_packets))
    stss = table[b"stss"]
    (count,) = struct.unpack_from(">I", stss, 4)
    syncs = array("b", bytes(n_packets))
    for number in struct.unpack_from(f">{count}I", stss, 8):
        if number < 1:
            raise ValueError("sync sample 0")
        syncs[number - 1] = 1
    return syncs


def _offsets(table: Boxes, sizes: "array[int]") -> "array[int]":
    """Return where each packet begins in the file, from the places of the chunks of samples."""
    kind = b"co64" if b"co64" in table else b"stco"
    (n_chunks,) = struct.unpack_from(">I", table[kind], 4)
    places = struct.unpack_from(f">{n_chunks}{'Q' if kind == b'co64' else 'I'}", table[kind], 8)
    (n_runs,) = struct.unpack_from(">I", table[b"stsc"], 4)
    runs = list(struct.iter_unpack(">III", table[b"stsc"][8 : 8 + 12 * n_runs]))
    offsets = array("q")
    # Each run says how many packets the chunks have, from its first one to that of the next run.
    ends = [first for first, _, _ in runs[1:]] + [n_chunks + 1]
    for (first, per_chunk, _), end in zip(runs, ends, strict=True):
        for place in places[first - 1 : end - 1]:
            for _ in range(per_chunk):
                if len(offsets) == len(sizes):
                    raise ValueError("more packets in chunks than there are")
                offsets.append(place)
                place += sizes[len(offsets) - 1]
    if len(offsets) != len(sizes):
        raise ValueError(f"{len(offsets)} packets in chunks, {len(sizes)} sizes")
    return offsets


def _check_syncs(
    file: BinaryIO, packets: Packets, offsets: "array[int]", entry_type: bytes
) -> None:
    """Raise ValueError if a packet is marked as a sync sample and is no IDR or key frame."""
    is_key_frame, _ = SAMPLE_ENTRIES[entry_type]
    if is_key_frame is None:
        return
    for number, is_sync in enumerate(packets.syncs):
        if is_sync:
            file.seek(offsets[number])
            if not is_key_frame(file.read(min(packets.sizes[number], HEAD))):
                raise ValueError(f"frame {number} is marked as a sync sample and is no IDR frame")


def _sizes(stsz: memoryview, n_data_bytes: int) -> "array[int]":
    common, count = struct.unpack_from(">II", stsz, 4)
    # Check the product first: a damaged number must not fill the memory.
    if common and common * count == n_data_bytes:
        return array("q", itertools.repeat(common, count))
    sizes = array("q", () if common else struct.unpack_from(f">{count}I", stsz, 12))
    if sum(sizes) != n_data_bytes or not sizes:
        raise ValueError(f"{n_data_bytes} bytes of data for {count} packets of {sum(sizes)} bytes")
    return sizes


def _values(content: memoryview, kind: str, n_packets: int) -> "array[int]":
    """Return the values of a run-length table: a number of runs, then (count, value) pairs."""
    (n_runs,) = struct.unpack_from(">I", content, 4)
    runs = list(struct.iter_unpack(f">I{kind}", content[8 : 8 + 8 * n_runs]))
    if sum(count for count, _ in runs) != n_packets:
        raise ValueError(f"{n_packets} packets, {sum(count for count, _ in runs)} times")
    values = array("q")
    for count, value in runs:
        values.extend(itertools.repeat(value, count))
    return values


def _timescale(mdhd: memoryview) -> int:
    (timescale,) = struct.unpack_from(">I", mdhd, 20 if mdhd[0] == 1 else 12)
    return int(timescale)


def _start(track: Boxes) -> int:
    """Return the media time at which the track starts to play, from its edit list; else 0."""
    edits = _boxes(track[b"edts"]).get(b"elst") if b"edts" in track else None
    if edits is None:
        return 0
    kind = ">Qq4x" if edits[0] == 1 else ">Ii4x"
    (n_edits,) = struct.unpack_from(">I", edits, 4)
    entries = struct.iter_unpack(kind, edits[8 : 8 + n_edits * struct.calcsize(kind)])
    # -1 is an empty edit.
    return next((media_time for _, media_time in entries if media_time >= 0), 0)
