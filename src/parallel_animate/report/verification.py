"""Check that a finished movie keeps its promises.

The movie and its segments are read again; no result of the join is relied on.
"""

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from parallel_animate.encode.concat import check_joined
from parallel_animate.encode.convert import check_times
from parallel_animate.encode.mp4 import read_extradata
from parallel_animate.encode.packets import read_packets
from parallel_animate.errors import SegmentError
from parallel_animate.frame_rate import format_fps
from parallel_animate.project.chunk_files import JoinFile


@dataclass(frozen=True)
class Check:
    """The check of a promise.

    Parameters
    ----------
    promise : str
        The promise.
    wanted, found : str
        The value that it requires, and the value in the files.
    holds : bool
        True if the promise is kept.
    """

    promise: str
    wanted: str
    found: str
    holds: bool


def verify(join: JoinFile, movie: Path, ffmpeg: str, n_whole: int, payload: int) -> list[Check]:
    """Check that a movie keeps all promises, given its intact segments and the bytes in them."""
    settings = join.settings
    n_frames = sum(count for _, count in join.segments)
    times = f"{format_fps(settings.fps)} frames per second, from 0, without a gap"
    whole = _equal("segments as they were written", len(join.segments), n_whole, "whole")
    if not settings.is_joined:
        in_time = _holds(check_times, movie, movie, n_frames, settings, ffmpeg)
        return [_in_time(times, in_time), whole]
    packets = read_packets(movie, ffmpeg)
    in_time = _holds(check_joined, movie, packets, n_frames, settings)
    checks = [
        _equal("every frame once", n_frames, len(packets), "frames"),
        _in_time(times, in_time),
        whole,
        _equal("no byte of a frame changed by the join", payload, sum(packets.sizes), "bytes"),
    ]
    if settings.output.time_base is None:
        # Matroska and WebM have neither exact durations nor an index in front.
        duration = sum(packets.durations) * packets.time_base
        checks[2:2] = [
            _equal("duration", _seconds(n_frames / settings.fps), _seconds(duration)),
            _equal("one kind of stream", join.extradata, read_extradata(movie)),
        ]
        checks.append(Check("plays before it is loaded", "index first", *_index_first(movie)))
    return checks


def _in_time(times: str, holds: bool) -> Check:
    return Check("frame i is shown at i / fps", times, times if holds else "other times", holds)


def _holds(check: Callable[..., None], *arguments: object) -> bool:
    try:
        check(*arguments)
    except SegmentError:
        return False
    return True


def _equal(promise: str, wanted: object, found: object, unit: str = "") -> Check:
    texts = [f"{value} {unit}".rstrip() for value in (wanted, found)]
    return Check(promise, texts[0], texts[1], wanted == found)


def _seconds(seconds: Fraction) -> str:
    return f"{float(seconds):.6f} s"


def _index_first(movie: Path) -> tuple[str, bool]:
    with movie.open("rb") as file:
        start = file.read(4096)
    is_first = b"moov" in start and b"mdat" not in start[: start.find(b"moov")]
    return ("index first" if is_first else "index last"), is_first
