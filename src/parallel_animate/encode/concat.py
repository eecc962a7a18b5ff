"""Join segments into a movie without touching a frame, and prove it.

Every segment is checked before the join, and every packet after it; the movie gets its name last.
An older movie of that name stays where it is until then.
"""

import logging
import os
import tempfile
from array import array
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from tempfile import TemporaryDirectory

from parallel_animate.atomic_files import publish, temporary_path
from parallel_animate.encode.encoders import b_frame_delay
from parallel_animate.encode.ffmpeg import join_command, run
from parallel_animate.encode.mp4 import read_sample_tables
from parallel_animate.encode.packets import Packets, check_packets, read_packets, wrong
from parallel_animate.encode.seal import check_seal
from parallel_animate.errors import SegmentError, SettingsError
from parallel_animate.frame_rate import TimeGrid
from parallel_animate.settings import VideoSettings

logger = logging.getLogger(__name__)

# A segment is read whole for its checksum; a few at a time keep a disk busy.
READERS = 4
CONTAINERS = {".mp4": "mp4", ".m4v": "mp4", ".mov": "mov"}


@dataclass(frozen=True)
class SegmentFile:
    """A segment as the plan names it.

    Parameters
    ----------
    path : Path
        The MP4 file.
    n_frames : int
        Frames that must be in it.
    packets : Packets, optional
        What it was found to hold when it was written. Its seal proves that it still does, so that
        it is not read again.
    """

    path: Path
    n_frames: int
    packets: Packets | None = None


def concat_segments(
    segments: Sequence[SegmentFile],
    output: Path,
    settings: VideoSettings,
    ffmpeg: str,
    *,
    extradata: str | None = None,
    on_frames: Callable[[int], None] = lambda n_frames: None,
) -> None:
    """Join segments into a movie.

    Parameters
    ----------
    segments : sequence of SegmentFile
        In the order in which they play.
    output : Path
        The movie; its folder must be there.
    settings : VideoSettings
        Of the movie.
    ffmpeg : str
        The program.
    extradata : str, optional
        What every segment must have; None: what the first one has.
    on_frames : callable
        Called with the number of frames of each segment that was checked.

    Raises
    ------
    SegmentError
        If a segment is missing, damaged or does not fit the others, or the movie is not exactly
        the segments one after another. Nothing is then left under the movie's name that was not
        there before.
    FFmpegError
        If ffmpeg fails.
    """
    sizes, syncs = _check_segments(segments, settings.grid, extradata, on_frames)
    temporary = temporary_path(output)
    try:
        with TemporaryDirectory(prefix="parallel-animate-") as folder:
            concat_list = Path(folder, "segments.ffconcat")
            concat_list.write_text(format_concat_list(segments, settings.grid), encoding="utf-8")
            said = run(
                join_command(
                    ffmpeg,
                    concat_list,
                    settings.grid,
                    temporary,
                    CONTAINERS.get(output.suffix.lower(), "mp4"),
                    b_frame_delay(settings),
                    settings.extra.join,
                )
            ).stderr.strip()
        if said:
            logger.warning("ffmpeg said while joining %s: %s", output, said)
        # By ffmpeg: an independent reader of what has been joined.
        movie = read_packets(temporary, ffmpeg)
        check_packets(output, movie, len(sizes), settings.grid)
        _check_equal(output, "bytes", movie.sizes, sizes)
        # 1 or 0: a player may seek to sync samples only, which must be IDR frames.
        _check_equal(output, "as mark of a sync sample", movie.syncs, syncs)
        publish(temporary, output)
    finally:
        temporary.unlink(missing_ok=True)


def format_concat_list(segments: Sequence[SegmentFile], grid: TimeGrid) -> str:
    """Return the text of a list for ffmpeg's concat demuxer.

    The durations are differences of cumulatively rounded times: a sum of rounded durations drifts,
    and without durations ffmpeg takes those of the files, rounded (measured: 200 us in 2000
    segments).
    """
    lines = ["ffconcat version 1.0"]
    before = 0
    for segment in segments:
        after = before + segment.n_frames
        duration = Fraction(grid.microseconds(after) - grid.microseconds(before), 1_000_000)
        lines.append(f"file '{_quoted(segment.path)}'")
        lines.append(f"duration {float(duration):.6f}")
        before = after
    return "\n".join(lines) + "\n"


def _quoted(path: Path) -> str:
    # As ffmpeg's av_get_token reads it: inside quotes everything is literal but the quote.
    return str(path.resolve()).replace("'", r"'\''")


def _check_segments(
    segments: Sequence[SegmentFile],
    grid: TimeGrid,
    extradata: str | None,
    on_frames: Callable[[int], None],
) -> tuple["array[int]", "array[int]"]:
    """Check every segment; return the sizes of all packets in bytes, and which are sync samples."""
    sizes, syncs = array("q"), array("b")
    size: tuple[int, int] | None = None
    for segment, packets in _read_all(segments):
        check_packets(segment.path, packets, segment.n_frames, grid)
        extradata = extradata or packets.extradata
        size = size or packets.size
        if packets.extradata != extradata:
            raise wrong(segment.path, "extradata", extradata, packets.extradata)
        if packets.size != size:
            raise wrong(segment.path, "frame size", size, packets.size)
        sizes.extend(packets.sizes)
        syncs.extend(packets.syncs)
        on_frames(segment.n_frames)
    return sizes, syncs


def _read_all(segments: Sequence[SegmentFile]) -> Iterator[tuple[SegmentFile, Packets]]:
    with ThreadPoolExecutor(READERS) as readers:
        try:
            packets = readers.map(_read_sealed, segments)
            yield from zip(segments, packets, strict=True)
        finally:
            readers.shutdown(cancel_futures=True)


def _read_sealed(segment: SegmentFile) -> Packets:
    check_seal(segment.path)
    return segment.packets or read_sample_tables(segment.path)


def _check_equal(output: Path, what: str, movie: "array[int]", segments: "array[int]") -> None:
    """Raise SegmentError unless all packets of the movie have a value of those in the segments."""
    if movie == segments:
        return
    pairs = zip(movie, segments, strict=True)
    position = next(i for i, (found, wanted) in enumerate(pairs) if found != wanted)
    raise SegmentError(
        f"{output}: packet {position} has {movie[position]} {what} after the join, and "
        f"{segments[position]} in its segment.",
        path=str(output),
        expected=f"{segments[position]} {what}",
        found=f"{movie[position]} {what}",
    )


def prepare_output(output_file: str | os.PathLike[str]) -> Path:
    """Return the absolute path of a movie, and prove that it can be written there.

    Raises
    ------
    SettingsError
        If its suffix is not that of an MP4 file, or it is a folder.
    OSError
        If the folder cannot be made or written.
    """
    output = Path(output_file).absolute()
    if output.suffix.lower() not in CONTAINERS:
        raise SettingsError(
            f"output_file must end in {', '.join(CONTAINERS)}, found {output.name!r}: the movie is "
            "an MP4 file; convert it afterwards if you need another container."
        )
    if output.is_dir():
        raise SettingsError(f"output_file {str(output)!r} is a folder; add a file name.")
    output.parent.mkdir(parents=True, exist_ok=True)
    # Now and not after hours of rendering; this covers permissions, read-only mounts and quotas.
    with tempfile.TemporaryFile(dir=output.parent):
        return output
