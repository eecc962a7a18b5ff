"""What is known of a finished movie: its codec, its packets, and its frame rate.

The movie may come from another program. This module knows files, not how they were made.
"""

import math
import re
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from pathlib import Path

from parallel_animate.encode.ffmpeg import AS_MARKED, packets_command, run
from parallel_animate.encode.packets import Packets, no_video, parse_framecrc
from parallel_animate.errors import FFmpegError, SegmentError
from parallel_animate.frame_rate import BROADCAST_RATES, MAX_DENOMINATOR_OF_A_FLOAT

# Where a line of the framecrc muxer has a packet's checksum.
CHECKSUM_FIELD = 5
APNG = "apng"
# Pixel formats with alpha (ffmpeg -pix_fmts).
ALPHA_FORMATS = re.compile(r"(yuva|gbrap|rgba|argb|bgra|abgr|ya\d|pal8)")


@dataclass(frozen=True)
class MovieFacts:
    """A movie's first video stream.

    Parameters
    ----------
    path : Path
        The file.
    codec, pixel_format : str
        ffmpeg's names.
    packets : Packets
        Its packets.
    checksums : tuple of str
        A checksum of the bytes of each packet.
    alpha_is_apart : bool
        True if the alpha of pixels is in data beside the packets, as in a .webm.
    others : tuple of str
        What else the file holds, such as "audio".
    """

    path: Path
    codec: str
    pixel_format: str
    packets: Packets
    checksums: tuple[str, ...]
    alpha_is_apart: bool
    others: tuple[str, ...]

    @property
    def has_alpha(self) -> bool:
        """Whether pixels can be transparent."""
        return self.alpha_is_apart or ALPHA_FORMATS.match(self.pixel_format) is not None

    @cached_property
    def fps(self) -> Fraction | None:
        """Frames per second; None if the frames do not follow each other evenly."""
        return frame_rate_of(self.packets, is_cut=self.codec == APNG)

    @property
    def seconds(self) -> Fraction:
        """The duration."""
        packets = self.packets
        if self.fps is not None:
            return len(packets) / self.fps
        last = max(range(len(packets)), key=packets.pts.__getitem__)
        return (packets.pts[last] + packets.durations[last]) * packets.time_base


def read_movie(path: Path, ffmpeg: str, *, as_marked: bool = False) -> MovieFacts:
    """Read what is known of a movie, with ffmpeg.

    Parameters
    ----------
    path : Path
        The file.
    ffmpeg : str
        The ffmpeg program.
    as_marked : bool
        True takes the sync samples from the file's table, as `read_packets` does. Not all kinds of
        files can be read so.

    Raises
    ------
    SegmentError
        If ffmpeg cannot read it, or it shows no picture.
    """
    command = [
        *(ffmpeg, "-hide_banner", "-nostdin", "-nostats", "-v", "info", "-xerror"),
        *(AS_MARKED if as_marked else ()),
        *("-i", str(path), "-map", "0:v:0", "-c", "copy", "-f", "framecrc", "-"),
    ]
    try:
        result = run(command)
    except FFmpegError as error:
        raise _unreadable(path, ffmpeg, error) from error
    packets = parse_framecrc(result.stdout)
    if not len(packets):
        raise no_video(path, "no picture in it")
    lines = [line for line in result.stdout.splitlines() if line and line[0] != "#"]
    streams = result.stderr.partition("Stream mapping:")[0]
    codec = re.search(r"^#codec_id 0: (.*)$", result.stdout, re.MULTILINE)
    kinds = re.findall(r"^ *Stream #0:\d+.*?: (\w+): ", streams, re.MULTILINE)
    return MovieFacts(
        path,
        codec[1].strip() if codec else "unknown",
        _pixel_format(streams),
        packets,
        tuple(line.split(",")[CHECKSUM_FIELD].strip() for line in lines),
        alpha_is_apart=re.search(r"alpha_mode +: 1", streams) is not None,
        others=tuple(dict.fromkeys(kind.lower() for kind in kinds if kind != "Video")),
    )


def _unreadable(path: Path, ffmpeg: str, error: FFmpegError) -> SegmentError:
    """Return the error for a file that ffmpeg cannot read, with the first reason that it gives."""
    try:
        # This command prints nothing but errors.
        run(packets_command(ffmpeg, path))
    except FFmpegError as plain:
        error = plain
    reason = re.sub(r"^\[[^]]*\] ", "", (error.stderr or str(error)).splitlines()[0])
    if "matches no streams" in reason:
        reason = "no picture in it"
    return no_video(path, f"{path.stat().st_size} bytes, {reason}")


def _pixel_format(streams: str) -> str:
    """Return the pixel format from ffmpeg's line, as "Video: h264 (High), yuv420p(tv), ..."."""
    found = re.search(r": Video: (.*)", streams)
    fields = re.sub(r"\([^()]*\)", "", found[1]).split(",") if found else []
    return fields[1].strip() if len(fields) > 1 else "unknown"


def frame_rate_of(packets: Packets, is_cut: bool = False) -> Fraction | None:
    """Return the rate at which packets show frames, or None if it is not constant.

    Parameters
    ----------
    packets : Packets
        At least one packet.
    is_cut : bool
        True if the duration of a frame is not rounded but cut.

    Returns
    -------
    Fraction or None
        The exact rate, if the times are exact. If they are rounded to their unit, as in a .gif, it
        is the likeliest rate with these times.
    """
    times, unit = sorted(packets.pts), packets.time_base
    tick = times[1] - times[0] if len(times) > 1 else max(packets.durations)
    if tick <= 0:
        return None
    if all(time - times[0] == i * tick for i, time in enumerate(times)):
        if is_cut:
            return _likeliest_rate(1 / ((tick + 1) * unit), 1 / (tick * unit))
        return 1 / (tick * unit)
    half = Fraction(1, 2)
    ends = [(time - times[0], i) for i, time in enumerate(times)][1:]
    # Frame i has the time floor(i / fps / unit + 1/2).
    shortest = max((time - half) / i for time, i in ends)
    longest = min((time + half) / i for time, i in ends)
    if not 0 < shortest < longest:
        return None
    return _likeliest_rate(1 / (longest * unit), 1 / (shortest * unit))


def _likeliest_rate(low: Fraction, high: Fraction) -> Fraction | None:
    """Return the likeliest rate above `low` and up to `high`, or None.

    That is a whole number, a broadcast rate, or else a rate with a small denominator.
    """
    for denominator in range(1, MAX_DENOMINATOR_OF_A_FLOAT + 1):
        numerator = math.floor(high * denominator)
        if numerator > low * denominator:
            return Fraction(numerator, denominator)
        if denominator == 1:
            for rate in BROADCAST_RATES:
                if low < (broadcast := Fraction(rate * 1000, 1001)) <= high:
                    return broadcast
    return None
