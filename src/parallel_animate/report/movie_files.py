"""Any movie file, as a player needs it: its frames, their times and its size."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from PIL import Image, UnidentifiedImageError

from parallel_animate.encode.encoders import find_ffmpeg
from parallel_animate.encode.packets import Packets, read_packets
from parallel_animate.errors import SegmentError, SettingsError
from parallel_animate.formats import FORMATS, OutputFormat
from parallel_animate.local.player import Video
from parallel_animate.report.document import facts_line

NTSC = Fraction(1000, 1001)
# Common rates have no larger denominator.
LARGEST_DENOMINATOR = 100


@dataclass(frozen=True)
class MovieFile:
    """A movie file.

    Parameters
    ----------
    path : Path
        The file.
    kind : OutputFormat
        Its format.
    codec : str
        ffmpeg's name of its codec; empty in an animated picture.
    n_frames : int
        Number of frames.
    fps : Fraction
        Frames per second; their mean if they are not evenly spaced.
    size : tuple of (int, int)
        Width and height in pixels.
    times : tuple of float
        As in `Video`: empty if the frames are evenly spaced.
    """

    path: Path
    kind: OutputFormat
    codec: str
    n_frames: int
    fps: Fraction
    size: tuple[int, int]
    times: tuple[float, ...] = ()

    @property
    def facts(self) -> str:
        """A line about it, for people."""
        return facts_line(self.n_frames, self.size, self.fps, self.path.stat().st_size)

    def video(self, addresses: Sequence[str], caption: str = "") -> Video:
        """Return it as a player's video."""
        media_type = self.kind.media_type
        return Video(
            *(self.path.name, addresses, media_type, self.fps, self.size, self.times, caption)
        )


def read_movie_file(path: Path) -> MovieFile:
    """Return what a movie file holds.

    Raises
    ------
    SettingsError
        If there is no such file, or its suffix is not that of a movie.
    SegmentError
        If it cannot be read as a movie.
    FFmpegNotFoundError
        If no ffmpeg program works here.
    """
    if not path.is_file():
        raise SettingsError(f"There is no file {path}.")
    kind = FORMATS.get(path.suffix.lower().removeprefix("."))
    if kind is None:
        suffixes = ", ".join(known.suffix for known in FORMATS.values())
        raise SettingsError(f"{path} is not a movie: its name does not end in {suffixes}.")
    return _read_picture(path, kind) if kind.is_picture else _read_video(path, kind)


def _read_picture(path: Path, kind: OutputFormat) -> MovieFile:
    try:
        with Image.open(path) as image:
            n_frames, seconds = getattr(image, "n_frames", 1), Fraction(0)
            for number in range(n_frames):
                image.seek(number)
                image.load()
                seconds += Fraction(image.info.get("duration", 0)) / 1000
            size = image.size
    except (UnidentifiedImageError, OSError, EOFError, SyntaxError) as error:
        raise _no_movie(path, str(error)) from error
    fps = n_frames / seconds if seconds else Fraction(1)
    return MovieFile(path, kind, "", n_frames, fps.limit_denominator(LARGEST_DENOMINATOR), size)


def _no_movie(path: Path, reason: str) -> SegmentError:
    """Return the error for a file that is no movie, with the first of the reasons in a text."""
    first = re.sub(r"^.*\[[^]]*\]\s*", "", reason.splitlines()[0]) if reason else "no reason given"
    return SegmentError(
        f"{path} cannot be read as a movie: {first.removesuffix('.')}.",
        path=str(path),
        expected="a movie",
        found=first,
    )


def _read_video(path: Path, kind: OutputFormat) -> MovieFile:
    try:
        packets = read_packets(path, find_ffmpeg())
    except SegmentError as error:
        raise _no_movie(path, error.found) from error
    if not len(packets):
        raise _no_movie(path, "it holds no frame")
    starts = _starts(packets)
    fps, is_even = _rate(starts, packets.time_base)
    times = () if is_even else tuple(map(float, starts))
    codec = packets.codec
    return MovieFile(path, kind, codec, len(packets), fps, packets.size, times)


def _starts(packets: Packets) -> list[Fraction]:
    """Return the seconds at which each frame begins, and at which the last one ends."""
    in_order = sorted(packets.pts)
    last = packets.durations[packets.pts.index(in_order[-1])]
    if last <= 0:
        # Some containers hold no durations.
        last = max((in_order[-1] - in_order[0]) // max(len(in_order) - 1, 1), 1)
    return [(pts - in_order[0]) * packets.time_base for pts in (*in_order, in_order[-1] + last)]


def _rate(starts: Sequence[Fraction], time_base: Fraction) -> tuple[Fraction, bool]:
    """Return the frames per second, and whether frame i begins at i / fps, but for rounding."""
    # The last duration may be a guess of the program that wrote the file.
    counted = starts[:-1] if len(starts) > 2 else starts
    mean = Fraction(len(counted) - 1) / counted[-1]
    whole = Fraction(round(mean)), round(mean / NTSC) * NTSC
    for fps in (mean, *whole, mean.limit_denominator(LARGEST_DENOMINATOR)):
        tolerance = 0 if fps == mean else time_base
        if fps > 0 and all(abs(t - n / fps) <= tolerance for n, t in enumerate(starts[:-1])):
            return fps, True
    return mean, False
