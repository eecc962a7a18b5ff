"""The contents of an encoded file: every packet's times and size, the time base, the extradata.

Files are read through ffmpeg's framecrc muxer, since no wheel ships ffprobe. This module knows
nothing of plans.
"""

import math
from array import array
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path

from parallel_animate.encode.ffmpeg import packets_command, run
from parallel_animate.errors import FFmpegError, SegmentError
from parallel_animate.frame_rate import TimeGrid


@dataclass(frozen=True)
class Packets:
    """A video stream's packets, in the order of the file.

    Parameters
    ----------
    time_base : Fraction
        Seconds per unit of pts.
    extradata : str
        Length and checksum of the stream's extradata (the avcC box).
    size : tuple of (int, int)
        Width and height in pixels.
    pts, durations, sizes : array of int64
        One item per packet: presentation time and duration in units of the time base, bytes.
    syncs : array of int8
        1 for each packet at which decoding can begin, a sync sample; else 0.
    codec : str
        ffmpeg's name of the codec; empty if the file was read without ffmpeg.
    """

    time_base: Fraction
    extradata: str
    size: tuple[int, int]
    pts: "array[int]"
    durations: "array[int]"
    sizes: "array[int]"
    syncs: "array[int]"
    codec: str = field(default="", compare=False)

    def __len__(self) -> int:
        return len(self.pts)


def read_packets(path: Path, ffmpeg: str) -> Packets:
    """Read a file's packets with ffmpeg.

    Raises
    ------
    SegmentError
        If the file is missing, or ffmpeg cannot read it.
    """
    if not path.is_file():
        raise no_video(path, "no such file")
    try:
        listing = run(packets_command(ffmpeg, path)).stdout
    except FFmpegError as error:
        raise no_video(path, f"{path.stat().st_size} bytes, {error.stderr or error}") from error
    return parse_framecrc(listing)


def no_video(path: Path, found: str) -> SegmentError:
    """Return the error for a file that cannot be read as a video."""
    return SegmentError(
        f"{path} is not a complete video file: {found}.",
        path=str(path),
        expected="a complete MP4 file",
        found=found,
    )


def parse_framecrc(listing: str) -> Packets:
    """Parse a listing from ffmpeg's framecrc muxer."""
    header: dict[str, str] = {}
    pts, durations, sizes, syncs = array("q"), array("q"), array("q"), array("b")
    for line in listing.splitlines():
        if line.startswith("#"):
            key, _, value = line[1:].partition(":")
            header[key.strip()] = value.strip()
        elif line:
            fields = line.split(",")
            pts.append(int(fields[2]))
            durations.append(int(fields[3]))
            sizes.append(int(fields[4]))
            # libavformat/framecrcenc.c prints the flags of a packet unless it is a key frame alone.
            flags = [field.strip() for field in fields[6:] if field.strip().startswith("F=")]
            syncs.append(int(flags[0][2:], 16) & 1 if flags else 1)
    width, _, height = header.get("dimensions 0", "0x0").partition("x")
    return Packets(
        time_base=Fraction(header.get("tb 0", "0/1")),
        extradata=header.get("extradata 0", "none"),
        size=(int(width), int(height)),
        pts=pts,
        durations=durations,
        sizes=sizes,
        syncs=syncs,
        codec=header.get("codec_id 0", ""),
    )


def check_packets(path: Path, packets: Packets, n_frames: int, grid: TimeGrid) -> None:
    """Raise SegmentError unless a file holds n_frames frames at exactly the times of the grid."""
    if packets.time_base != Fraction(1, grid.timescale):
        raise wrong(path, "time base", f"1/{grid.timescale}", packets.time_base)
    if len(packets) != n_frames:
        raise wrong(path, "number of frames", n_frames, len(packets))
    if not packets.syncs[0]:
        raise wrong(path, "first packet", "a sync sample", "none")
    for position, pts in enumerate(sorted(packets.pts)):
        if pts != position * grid.tick:
            raise wrong(path, f"pts of frame {position}", position * grid.tick, pts)
    for position, duration in enumerate(packets.durations):
        if duration != grid.tick:
            raise wrong(path, f"duration of packet {position}", grid.tick, duration)


def check_rounded(
    path: Path, packets: Packets, n_frames: int, fps: Fraction, time_base: Fraction
) -> None:
    """Raise SegmentError unless a file holds n_frames frames at the rounded times of a rate."""
    if packets.time_base != time_base:
        raise wrong(path, "time base", time_base, packets.time_base)
    if len(packets) != n_frames:
        raise wrong(path, "number of frames", n_frames, len(packets))
    if not packets.syncs[0]:
        raise wrong(path, "first packet", "a sync sample", "none")
    for position, pts in enumerate(sorted(packets.pts)):
        expected = math.floor(position / fps / time_base + Fraction(1, 2))
        if pts != expected:
            raise wrong(path, f"pts of frame {position}", expected, pts)


def wrong(path: Path, what: str, expected: object, found: object) -> SegmentError:
    """Return the error for a file in which a value is wrong."""
    return SegmentError(
        f"{path}: the {what} must be {expected}, found {found}.",
        path=str(path),
        expected=f"{what} {expected}",
        found=f"{what} {found}",
    )
