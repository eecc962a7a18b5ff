"""Join segments into a movie without changing a frame, and prove it.

A movie that cannot be joined is encoded from lossless segments (see `encode.convert`).
Every segment is checked before the join, and every packet after it. The movie gets its name last;
until then, an older movie of that name stays in place.
"""

import logging
import os
import tempfile
from array import array
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import NamedTuple

from parallel_animate.atomic_files import (
    link_target,
    publish,
    remove_stale,
    remove_tree,
    temporary_folder,
    temporary_path,
)
from parallel_animate.encode.completion import Plain, add_supplements, write_poster
from parallel_animate.encode.convert import convert
from parallel_animate.encode.encoders import b_frame_delay
from parallel_animate.encode.ffmpeg import join_command, run
from parallel_animate.encode.mp4 import read_sample_tables
from parallel_animate.encode.numbered import check_folder, publish_pictures
from parallel_animate.encode.packets import (
    Packets,
    check_packets,
    check_rounded,
    read_packets,
    wrong,
)
from parallel_animate.encode.seal import check_seal
from parallel_animate.encode.supplements import NO_SUPPLEMENTS, Supplements
from parallel_animate.errors import SegmentError, SettingsError
from parallel_animate.formats import format_of, picture_name, place_of
from parallel_animate.frame_rate import TimeGrid
from parallel_animate.settings import VideoSettings
from parallel_animate.validation import check_path

logger = logging.getLogger(__name__)

# Each segment is read completely for its checksum; a few at a time keep a disk busy.
READERS = 4


@dataclass(frozen=True)
class SegmentFile:
    """A segment that the plan names.

    Parameters
    ----------
    path : Path
        The MP4 file.
    n_frames : int
        Number of frames that it must hold.
    packets : Packets, optional
        The packets found when it was written. Its seal proves that they are unchanged, so the
        sample tables are not read again.
    """

    path: Path
    n_frames: int
    packets: Packets | None = None


class AllPackets(NamedTuple):
    """What is known of the packets of all segments: sizes in bytes, and 1 for sync samples."""

    size: tuple[int, int]
    sizes: "array[int]"
    syncs: "array[int]"


def concat_segments(
    segments: Sequence[SegmentFile],
    output: Path,
    settings: VideoSettings,
    ffmpeg: str,
    *,
    extradata: str | None = None,
    on_frames: Callable[[int], None] = lambda n_frames: None,
    supplements: Supplements = NO_SUPPLEMENTS,
) -> tuple[int, int]:
    """Join segments into a movie, and return its width and height in pixels.

    Parameters
    ----------
    segments : sequence of SegmentFile
        The segments in playing order.
    output : Path
        The movie; its folder must exist. For numbered pictures, their path with the place of the
        number, or that of their index.
    settings : VideoSettings
        The movie's settings.
    ffmpeg : str
        The ffmpeg program.
    extradata : str, optional
        The extradata that every segment must have; None means that of the first one.
    on_frames : callable
        Called after the check of each segment, with its number of frames.
    supplements : Supplements
        What the movie gets besides its frames. Chapters and poster name positions of frames.

    Raises
    ------
    SegmentError
        If a segment is missing, damaged or does not fit the others, or the movie is not exactly
        the segments one after another. The file under the movie's name is then unchanged.
    FFmpegError
        If ffmpeg fails.
    """
    place = check_folder(output) if settings.output.is_numbered else output
    remove_stale(link_target(place).parent)
    all_packets = _check_segments(segments, settings.grid, extradata, on_frames)
    n_frames = len(all_packets.sizes)
    temporary, completed = temporary_path(place), temporary_path(place)
    try:
        with temporary_folder() as folder:
            concat_list = write_concat_list(segments, settings.grid, folder)
            if settings.is_joined:
                join_listed(concat_list, all_packets, settings, ffmpeg, temporary, output)
            elif settings.output.is_numbered:
                temporary.mkdir()
                pictures = temporary / picture_name(output)
                convert(concat_list, n_frames, settings, ffmpeg, pictures, output)
                publish_pictures(temporary, output, n_frames, settings)
            else:
                convert(concat_list, n_frames, settings, ffmpeg, temporary, output)
            write_poster(temporary, supplements, settings.fps, ffmpeg, output)
            if supplements.are_muxed:
                source = Plain(temporary, n_frames, settings, folder)
                add_supplements(source, supplements, ffmpeg, completed, output)
                os.replace(completed, temporary)
        if not settings.output.is_numbered:
            publish(temporary, output)
        width, height = all_packets.size
        return (width, height // 2) if settings.keeps_alpha else (width, height)
    finally:
        if temporary.is_dir():
            remove_tree(temporary)
        temporary.unlink(missing_ok=True)
        completed.unlink(missing_ok=True)


def join_listed(
    concat_list: Path,
    segments: "AllPackets",
    settings: VideoSettings,
    ffmpeg: str,
    joined: Path,
    output: Path,
) -> None:
    """Join the segments of a list by stream copy, and check the file; output is its later name."""
    messages = run(
        join_command(
            ffmpeg,
            concat_list,
            settings.grid,
            joined,
            settings.output.muxer,
            b_frame_delay(settings),
            settings.extra.join,
        )
    ).stderr.strip()
    if messages:
        logger.warning("ffmpeg reported while joining %s: %s", output, messages)
    # Read by ffmpeg, which is independent of our own reader of segments.
    movie = read_packets(joined, ffmpeg)
    check_joined(output, movie, len(segments.sizes), settings)
    check_equal(output, "bytes", movie.sizes, segments.sizes)
    # 1 or 0: a player may seek to sync samples only, which must be IDR frames.
    check_equal(output, "as mark of a sync sample", movie.syncs, segments.syncs)
    if movie.size != segments.size:
        raise wrong(output, "frame size", segments.size, movie.size)


def check_joined(output: Path, movie: Packets, n_frames: int, settings: VideoSettings) -> None:
    """Raise SegmentError unless a joined movie has n_frames frames at the times of its format."""
    time_base = settings.output.time_base
    if time_base is None:
        check_packets(output, movie, n_frames, settings.grid)
    else:
        check_rounded(output, movie, n_frames, settings.fps, time_base)


def write_concat_list(segments: Sequence[SegmentFile], grid: TimeGrid, folder: Path) -> Path:
    """Write a list of segments for ffmpeg's concat demuxer into a folder, and return its path."""
    concat_list = folder / "segments.ffconcat"
    listed = _without_line_breaks(segments, folder)
    # As bytes: a name may hold bytes that are no UTF-8.
    concat_list.write_bytes(os.fsencode(format_concat_list(listed, grid)))
    return concat_list


def _without_line_breaks(segments: Sequence[SegmentFile], folder: Path) -> Sequence[SegmentFile]:
    """Return the segments under paths without line breaks, which end an entry of a concat list.

    Parameters
    ----------
    segments : sequence of SegmentFile
        The segments.
    folder : Path
        The folder of the list, for links to folders whose paths have line breaks.
    """
    links: dict[Path, Path] = {}
    listed = []
    for segment in segments:
        place = segment.path.resolve().parent
        if len(str(place).splitlines()) > 1:
            if place not in links:
                links[place] = Path(f"segments{len(links)}")
                (folder / links[place]).symlink_to(place, target_is_directory=True)
            # Relative to the list, since the temporary folder may have a line break, too.
            place = links[place]
        listed.append(replace(segment, path=place / segment.path.name))
    return listed


def format_concat_list(segments: Sequence[SegmentFile], grid: TimeGrid) -> str:
    """Return the text of a list for ffmpeg's concat demuxer.

    The durations are differences of rounded times, since a sum of rounded durations drifts. Without
    durations in the list, ffmpeg uses the files' own, rounded (measured drift: 200 us in 2000
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
    # As ffmpeg's av_get_token reads it: inside quotes everything except the quote is literal.
    return str(path).replace("'", r"'\''")


def _check_segments(
    segments: Sequence[SegmentFile],
    grid: TimeGrid,
    extradata: str | None,
    on_frames: Callable[[int], None],
) -> "AllPackets":
    """Check every segment, and return the packets of all."""
    sizes, syncs = array("q"), array("b")
    size: tuple[int, int] | None = None
    for segment, packets in _read_all(segments):
        check_packets(segment.path, packets, segment.n_frames, grid)
        extradata = extradata or packets.extradata
        size = size or packets.size
        # Frames of another size also have another extradata, which says less.
        if packets.size != size:
            raise wrong(segment.path, "frame size", size, packets.size)
        if packets.extradata != extradata:
            raise wrong(segment.path, "extradata", extradata, packets.extradata)
        sizes.extend(packets.sizes)
        syncs.extend(packets.syncs)
        on_frames(segment.n_frames)
    assert size is not None, "a movie has segments"
    return AllPackets(size, sizes, syncs)


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


def check_equal(output: Path, what: str, movie: "array[int]", segments: "array[int]") -> None:
    """Raise SegmentError unless all packets of the movie have a value of those in the segments."""
    if movie == segments:
        return
    pairs = zip(movie, segments, strict=True)
    position = next(i for i, (found, wanted) in enumerate(pairs) if found != wanted)
    raise SegmentError(
        f"{output}: packet {position} has {movie[position]} {what} after the join, but "
        f"{segments[position]} {what} in its segment.",
        path=str(output),
        expected=f"{segments[position]} {what}",
        found=f"{movie[position]} {what}",
    )


def prepare_output(output_file: str | os.PathLike[str], argument: str = "output_file") -> Path:
    """Return the absolute path of a movie, and prove that it can be written there.

    Missing folders are created.

    A link is followed, so that it stays and the movie is where it points. Errors name the argument
    that holds the file.

    Raises
    ------
    SettingsError
        If it is no path, its suffix names no known format, or it is a folder.
    OSError
        If the name is too long, or the folder cannot be created or written.
    """
    output = check_path(argument, output_file)
    is_numbered = format_of(output, argument).is_numbered
    try:
        # Pictures are made in a new folder beside their own, which it replaces.
        target = check_folder(output) if is_numbered else link_target(output)
        if target.is_dir() and not is_numbered:
            raise SettingsError(f"{argument} {str(output)!r} is a folder; add a file name.")
        # The disk that a link leads to may not be mounted, so its folders are not made.
        if target == place_of(output):
            target.parent.mkdir(parents=True, exist_ok=True)
        # Test this now, not after hours of rendering: permissions, read-only mounts and quotas.
        with tempfile.TemporaryFile(dir=target.parent):
            return output
    except OSError as error:
        raise OSError(
            error.errno,
            f"{argument} {str(output)!r} cannot be written: {error.strerror} "
            f"({str(error.filename)!r})",
        ) from error
