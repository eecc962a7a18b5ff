"""Join finished movies one after another by stream copy, and prove that no packet changed."""

from array import array
from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import chain
from pathlib import Path

from parallel_animate.atomic_files import (
    link_target,
    publish,
    remove_stale,
    temporary_folder,
    temporary_path,
)
from parallel_animate.encode.concat import (
    AllPackets,
    SegmentFile,
    check_equal,
    join_listed,
    write_concat_list,
)
from parallel_animate.encode.movie_facts import MovieFacts, read_movie
from parallel_animate.encode.packets import wrong
from parallel_animate.errors import SegmentError, SettingsError
from parallel_animate.ffmpeg_options import ExtraParams
from parallel_animate.formats import OutputFormat, format_of
from parallel_animate.frame_rate import format_fps, parse_fps
from parallel_animate.settings import VideoSettings

# What a .webm may hold ("WebM Container Guidelines").
CODECS_OF_WEBM = ("vp8", "vp9", "av1")
# As `b_frame_delay`: the most frames by which x264 delays its output.
LARGEST_DELAY = 2


def join_by_copy(movies: Sequence[MovieFacts], output: Path, ffmpeg: str) -> VideoSettings:
    """Join movies into one file, and return its settings.

    Parameters
    ----------
    movies : sequence of MovieFacts
        The movies in playing order, as `read_movie` reads them with ``as_marked``.
    output : Path
        The file; its folder must exist.
    ffmpeg : str
        The ffmpeg program.

    Raises
    ------
    SettingsError
        If a file of this kind cannot hold the packets.
    SegmentError
        If the movies do not fit together, or the file is not exactly the movies one after another.
        The file under the output's name is then unchanged.
    FFmpegError
        If ffmpeg fails.
    """
    _check_alike(movies)
    settings = _settings(movies, format_of(output))
    remove_stale(link_target(output).parent)
    temporary = temporary_path(output)
    packets = AllPackets(
        movies[0].packets.size,
        array("q", chain.from_iterable(movie.packets.sizes for movie in movies)),
        array("b", chain.from_iterable(movie.packets.syncs for movie in movies)),
    )
    try:
        with temporary_folder() as folder:
            files = [SegmentFile(movie.path, len(movie.packets)) for movie in movies]
            listed = write_concat_list(files, settings.grid, folder)
            join_listed(listed, packets, settings, ffmpeg, temporary, output)
        _check_bytes(output, read_movie(temporary, ffmpeg, as_marked=True), movies, settings)
        publish(temporary, output)
    finally:
        temporary.unlink(missing_ok=True)
    return settings


def _check_alike(movies: Sequence[MovieFacts]) -> None:
    """Raise SegmentError unless decoders can play movies one after another without a restart."""
    for movie in movies:
        if not _is_even(movie):
            raise SegmentError(
                f"{movie.path} cannot be joined without a change: its frames do not all last "
                f"equally long in its unit of time, {movie.packets.time_base} s. A .mp4 with a "
                "constant frame rate can be joined.",
                path=str(movie.path),
                expected="a constant frame rate",
                found="another one",
            )
        if movie.alpha_is_apart:
            raise SegmentError(
                f"{movie.path} cannot be joined without a change: its transparency would be lost.",
                path=str(movie.path),
                expected="an opaque movie",
                found="transparency",
            )
    first = movies[0]
    for movie in movies[1:]:
        pairs = zip(_shared_values(first), _shared_values(movie), strict=True)
        differences = [(name, one, other) for (name, one), (_, other) in pairs if one != other]
        if differences:
            # The extradata follows from the others, and says less.
            told = differences[:-1] or differences
            listed = "; ".join(f"{name}: {one} and {other}" for name, one, other in told)
            raise SegmentError(
                f"{first.path} and {movie.path} cannot be joined without a change, since they "
                f"differ: {listed}. Render them with the same settings.",
                path=str(movie.path),
                expected="; ".join(f"{name} {one}" for name, one, _ in told),
                found="; ".join(f"{name} {other}" for name, _, other in told),
            )


def _is_even(movie: MovieFacts) -> bool:
    """Return whether all frames last equally long, the last one too, in the file's unit of time."""
    packets = movie.packets
    return movie.fps is not None and all(
        duration * packets.time_base == 1 / movie.fps for duration in set(packets.durations)
    )


def _shared_values(movie: MovieFacts) -> Iterator[tuple[str, str]]:
    width, height = movie.packets.size
    assert movie.fps is not None
    yield "codec", movie.codec
    yield "frame size", f"{width}x{height}"
    yield "frames per second", format_fps(movie.fps)
    yield "pixel format", movie.pixel_format
    yield "extradata (the settings of the encoder)", movie.packets.extradata


def _settings(movies: Sequence[MovieFacts], kind: OutputFormat) -> VideoSettings:
    """Return the settings of the joined file."""
    first = movies[0]
    if kind.is_picture or (kind.muxer == "webm" and first.codec not in CODECS_OF_WEBM):
        raise SettingsError(
            f"A {kind.suffix} cannot hold the packets of {first.path}, whose codec is "
            f"{first.codec}; end output_file in {first.path.suffix}."
        )
    fps = parse_fps(first.fps)
    settings = VideoSettings(fps, output=kind)
    delay = max(_delay(movie) for movie in movies)
    is_ours = first.packets.time_base == Fraction(1, settings.grid.timescale)
    if delay > LARGEST_DELAY or (delay and not is_ours):
        raise SegmentError(
            f"{first.path} cannot be joined without a change: it has B-frames, and its times are "
            "not those of a movie of this package.",
            path=str(first.path),
            expected="a movie without B-frames",
            found="B-frames",
        )
    return VideoSettings(fps, output=kind, extra=ExtraParams(b_frames=delay))


def _delay(movie: MovieFacts) -> int:
    """Return by how many frames the movie's encoder delayed its output, for B-frames."""
    return max(position - number for position, number in enumerate(_frame_numbers(movie)))


def _frame_numbers(movie: MovieFacts) -> list[int]:
    """Return which frame each packet holds, counted as they are shown."""
    assert movie.fps is not None
    ticks = 1 / movie.fps / movie.packets.time_base
    start = min(movie.packets.pts)
    return [int((pts - start) / ticks) for pts in movie.packets.pts]


def _check_bytes(
    output: Path, joined: MovieFacts, movies: Sequence[MovieFacts], settings: VideoSettings
) -> None:
    """Raise SegmentError unless a file has the movies' very packets, at their times."""
    checksums = tuple(chain.from_iterable(movie.checksums for movie in movies))
    for position, (found, wanted) in enumerate(zip(joined.checksums, checksums, strict=True)):
        if found != wanted:
            raise wrong(output, f"checksum of packet {position}", wanted, found)
    if settings.output.time_base is None:
        tick, before, pts = settings.grid.tick, 0, array("q")
        for movie in movies:
            pts.extend((before + number) * tick for number in _frame_numbers(movie))
            before += len(movie.packets)
        check_equal(output, "as pts", joined.packets.pts, pts)
