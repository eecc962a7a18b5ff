"""Several finished movies in one: one after another, or at once in a grid."""

import functools
import logging
import os
from collections.abc import Iterable, Sequence
from fractions import Fraction
from pathlib import Path

from parallel_animate.encode.concat import prepare_output
from parallel_animate.encode.encoders import choose_encoder, find_ffmpeg
from parallel_animate.encode.join_movies import join_by_copy
from parallel_animate.encode.movie_facts import MovieFacts, read_movie
from parallel_animate.encode.movie_grid import GridLayout, default_columns, write_grid
from parallel_animate.errors import SettingsError
from parallel_animate.formats import FORMATS, output_name
from parallel_animate.local.movie import Movie
from parallel_animate.local.termination import cleanup_on_signals
from parallel_animate.render.tracebacks import short_traceback
from parallel_animate.settings import video_settings
from parallel_animate.validation import check_count, check_path, in_words

logger = logging.getLogger(__name__)

AnyPath = str | os.PathLike[str]


@short_traceback
def join_movies(movies: Iterable[AnyPath], output_file: AnyPath) -> Movie:
    """Join finished movies one after another, without a change.

    The new file holds the packets of the movies, byte for byte; nothing is decoded or encoded. So
    the movies must have the same codec, frame size, frame rate, pixel format and settings of the
    encoder, as those that were rendered with the same options have. The sizes, checksums, sync
    samples and times of all packets are compared after the join.

    Only pictures are joined: sound, subtitles and metadata are left out.

    Parameters
    ----------
    movies : iterable of str or Path
        Two or more movies in playing order. One may be there several times.
    output_file : str or Path
        The new movie: ``.mp4``, ``.m4v``, ``.mov``, ``.mkv`` or ``.webm``, if it can hold the
        codec. The file gets its name only when it is complete and verified.

    Returns
    -------
    Movie
        The new movie, which a notebook plays.

    Raises
    ------
    SettingsError
        If a movie is missing, the output is one of the movies, or its suffix cannot be used.
    SegmentError
        If a file is no movie, or movies do not fit together; the message says what differs.
    FFmpegError
        If ffmpeg fails.
    OSError
        If the output folder cannot be written.
    """
    paths, output = _checked(movies, output_file)
    for path in paths:
        kind = FORMATS.get(path.suffix.lower().removeprefix("."))
        if kind is not None and kind.is_picture:
            raise SettingsError(
                f"{path} is a {kind.suffix}, whose frames build on each other; it cannot be joined "
                "without a change."
            )
    ffmpeg = find_ffmpeg()
    with cleanup_on_signals():
        facts = _read(paths, ffmpeg, as_marked=True)
        settings = join_by_copy(facts, output, ffmpeg)
    n_frames = sum(len(movie.packets) for movie in facts)
    return Movie(output, n_frames, settings.fps, facts[0].packets.size)


@short_traceback
def movie_grid(
    movies: Iterable[AnyPath],
    output_file: AnyPath,
    *,
    columns: int | None = None,
    fps: int | float | str | Fraction | None = None,
    video_mode: str = "auto",
    video_quality: int | None = None,
    video_preset: str | None = None,
    video_extra_ffmpeg_params: Sequence[str] | str | None = None,
) -> Movie:
    """Show finished movies at once, side by side or in a grid, at one clock.

    The movies are decoded, and the grid is encoded. Each movie keeps its pixels: it is not scaled.
    A smaller movie is in the middle of its cell, on white. All start together. A movie that ends
    before the others shows its last picture until they end, and one with a lower frame rate repeats
    its pictures. Transparent pixels are shown on white.

    Parameters
    ----------
    movies : iterable of str or Path
        Two or more movies, row by row from the upper left: any file that ffmpeg reads.
    output_file : str or Path
        The new movie, as for `Animator.make_video`.
    columns : int, optional
        Movies in a row; None (default) makes the grid as wide as high, or wider.
    fps : int, Fraction, str or float, optional
        Frames per second; None (default) means the highest rate of the movies.
    video_mode, video_quality, video_preset, video_extra_ffmpeg_params : optional
        As for `Animator.make_video`.

    Returns
    -------
    Movie
        The new movie, which a notebook plays.

    Raises
    ------
    SettingsError
        If a movie is missing, the output is one of the movies, an option cannot be used, the grid
        is too large, or ``fps`` is needed since no movie has a constant rate.
    SegmentError
        If a file is no movie.
    FFmpegError
        If ffmpeg fails.
    OSError
        If the output folder cannot be written.
    """
    paths, output = _checked(movies, output_file)
    n_columns = default_columns(len(paths))
    if columns is not None:
        n_columns = check_count("columns", columns, maximum=len(paths))
    settings_at = functools.partial(
        video_settings,
        video_mode=video_mode,
        video_quality=video_quality,
        video_preset=video_preset,
        video_extra_ffmpeg_params=video_extra_ffmpeg_params,
        output=output_name(output),
    )
    # A wrong option is found before the movies are read.
    settings_at(fps=1 if fps is None else fps)
    ffmpeg = find_ffmpeg()
    with cleanup_on_signals():
        facts = _read(paths, ffmpeg)
        settings = settings_at(fps=_highest_rate(facts) if fps is None else fps)
        layout = GridLayout.of([movie.packets.size for movie in facts], n_columns)
        encoder = choose_encoder(settings, layout.size)
        n_frames = write_grid(facts, layout, output, settings, encoder)
    return Movie(output, n_frames, settings.fps, layout.size)


def _read(paths: Sequence[Path], ffmpeg: str, *, as_marked: bool = False) -> list[MovieFacts]:
    """Read movies, each once, and warn of what is lost."""
    facts = {path: read_movie(path, ffmpeg, as_marked=as_marked) for path in dict.fromkeys(paths)}
    for path, movie in facts.items():
        if movie.others:
            listed = " and ".join(movie.others)
            logger.warning("%s also holds %s, which the new movie leaves out.", path, listed)
    return [facts[path] for path in paths]


def _highest_rate(movies: Sequence[MovieFacts]) -> Fraction:
    rates = [movie.fps for movie in movies if movie.fps is not None]
    if not rates:
        raise SettingsError("No movie has a constant frame rate; give fps, such as 30.")
    return max(rates)


def _checked(movies: Iterable[AnyPath], output_file: AnyPath) -> tuple[list[Path], Path]:
    """Return the paths of the movies and of the output, which can be written."""
    if isinstance(movies, str | os.PathLike) or not isinstance(movies, Iterable):
        raise SettingsError(
            f"movies must be a list of two or more files, found {in_words(movies)}."
        )
    paths = [check_path("a movie", movie) for movie in movies]
    if len(paths) < 2:
        raise SettingsError(f"movies must be two or more files, found {len(paths)}.")
    for path in paths:
        if not path.is_file():
            raise SettingsError(
                f"The movie {str(path)!r} is {'a folder' if path.is_dir() else 'missing'}."
            )
    output = check_path("output_file", output_file)
    if output.exists() and any(output.samefile(path) for path in paths):
        raise SettingsError(
            f"output_file {str(output)!r} is one of the movies; choose another name."
        )
    return paths, prepare_output(output)
