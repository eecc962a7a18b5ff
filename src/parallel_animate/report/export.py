"""A movie as one HTML file that contains it and its player, for slides, mail and supplements."""

import html
from pathlib import Path

from parallel_animate.atomic_files import replace_text
from parallel_animate.errors import SettingsError
from parallel_animate.local.player import data_address, player_html
from parallel_animate.project.finished_movie import is_finished
from parallel_animate.project.plan import read_valid_plan
from parallel_animate.report.document import document, format_bytes
from parallel_animate.report.movie_files import MovieFile, read_movie_file
from parallel_animate.report.stored_params import stored_param_texts

SUFFIXES = (".html", ".htm")
# Codecs that all browsers of today play.
CODECS = ("h264", "vp8", "vp9", "av1")
# Mail servers often refuse more.
LARGE_FILE = 25_000_000
STYLE = """\
body { max-width: none; padding: 1rem; }
main { max-width: max(%dpx, 22em); margin: 0 auto; }
h1 { font-size: 1.2rem; margin-bottom: .6rem; }
main .parallel-animate video { max-height: calc(100vh - 11rem); }
"""


def check_export(path: Path) -> None:
    """Raise SettingsError unless a path is good for an exported file."""
    if path.suffix.lower() not in SUFFIXES:
        raise SettingsError(f"--output must end in .html; found {path.name}.")
    if path.is_dir():
        raise SettingsError(f"--output: {path} is a folder.")
    if not path.parent.is_dir():
        raise SettingsError(f"--output: the folder {path.parent} does not exist.")


def export_movie(path: Path, output: Path) -> str:
    """Write a file that contains a movie and its player; return a warning if it is large, or "".

    Parameters
    ----------
    path : Path
        The movie.
    output : Path
        The HTML file. It has the same bytes wherever and whenever it is written.

    Raises
    ------
    SettingsError
        If there is no such movie, or browsers do not play it.
    SegmentError
        If the file cannot be read as a movie.
    """
    movie = read_movie_file(path)
    _check_plays(movie)
    address = data_address(path.read_bytes(), movie.kind.media_type)
    if movie.kind.is_picture:
        player = f'<img alt="{html.escape(path.name)}" src="{address}">'
        player += f'<p class="facts">{html.escape(movie.facts)}</p>'
    else:
        params = _params(path.absolute())
        player = player_html([movie.video([address])], params, movie.facts, has_focus=True)
    body = f"<main>\n<h1>{html.escape(path.stem)}</h1>\n{player}\n</main>"
    replace_text(output, document(path.stem, body, STYLE % movie.size[0]))
    return _warning(output, path)


def _check_plays(movie: MovieFile) -> None:
    advice = "Write the movie as .mp4, or another format that browsers play, and export that."
    if movie.kind.muxer == "matroska":
        raise SettingsError(f"{movie.path}: not all browsers play {movie.kind.suffix}. {advice}")
    if movie.codec and movie.codec not in CODECS:
        raise SettingsError(f"{movie.path}: not all browsers play {movie.codec} video. {advice}")


def _params(movie: Path) -> tuple[str, ...]:
    """Return texts about the params, if the file is the finished movie of a project."""
    # The movie is PROJECT/results/NAME.mp4.
    work = movie.parent.parent / "work" / movie.stem
    plan = read_valid_plan(work) if movie.parent.name == "results" else None
    if plan is None or not is_finished(work, plan) or movie.suffix != f".{plan.output}":
        return ()
    return stored_param_texts(work, [name for name, _ in plan.chunks])


def _warning(output: Path, movie: Path) -> str:
    size, inside = output.stat().st_size, movie.stat().st_size
    if size <= LARGE_FILE:
        return ""
    return (
        f"{output} has {format_bytes(size)}: the movie has {format_bytes(inside)}, and base64 adds "
        "a third. Many mail servers refuse files of more than 25 MB, and Firefox plays embedded "
        "movies up to about 24 MB."
    )
