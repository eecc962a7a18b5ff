"""Subcommands that show finished movies: a page about one, and one file that contains it."""

import argparse
import os
import sys
from pathlib import Path
from typing import Any

from parallel_animate.cli.completion import complete_movies
from parallel_animate.cli.opening import open_or_say
from parallel_animate.cli.output import DONE, FAILED, add_command, print_message
from parallel_animate.cli.project_folder import folder_above
from parallel_animate.errors import SettingsError

JOIN_SUFFIX = ".join"


def add_page_commands(commands: Any) -> None:
    """Add the subcommands of this module."""
    _add_page(commands)
    _add_export(commands)


def _add_page(commands: Any) -> None:
    command = add_command(
        commands,
        "page",
        "write a page about a movie, or about two versions side by side",
        "parallel-animate page pond\n"
        "  parallel-animate page pond --compare old/pond.mp4 --open\n"
        "  parallel-animate page work/pond/joins/….join results/pond.mp4 results/pond/index.html",
    )
    add = command.add_argument
    name = add("name", metavar="MOVIE", help="name of a movie in the config, or its join file")
    name.completer = complete_movies  # type: ignore[attr-defined]
    add("movie", type=Path, nargs="?", help="with a join file: the movie")
    add("page", type=Path, nargs="?", help="with a join file: results/NAME/index.html")
    add(
        "--compare",
        metavar="OLD",
        help="show another version beside the movie, under the same slider: a file, or the name of "
        "a movie; the page is then results/NAME/compare.html",
    )
    add("--open", action="store_true", help="open the page")
    command.set_defaults(run=_page)


def _page(options: argparse.Namespace) -> int:
    from parallel_animate.report.movie_files import read_movie_file
    from parallel_animate.report.page import check_compared, make_page

    join, movie, page = _page_files(options)
    compared = None
    if options.compare is not None:
        compared = read_movie_file(_find_movie(options.compare))
        check_compared(movie, compared)
    checks = make_page(join.absolute(), movie.absolute(), page.absolute(), compared)
    if options.movie is None:
        sys.stdout.write(f"{os.path.relpath(page)}\n")
    for check in checks:
        if not check.holds:
            print_message(f"{movie}: {check.promise}: wanted {check.wanted}, found {check.found}")
    if options.open:
        open_or_say(page)
    return DONE if all(check.holds for check in checks) else FAILED


def _page_files(options: argparse.Namespace) -> tuple[Path, Path, Path]:
    """Return the join file, the movie and the page that a command line names."""
    if options.name.endswith(JOIN_SUFFIX):
        if options.movie is None or options.page is None:
            raise SettingsError("page: after a join file, name the movie and the page.")
        return Path(options.name), options.movie, options.page
    if options.movie is not None:
        raise SettingsError(
            f"page: name one movie of the config; found {options.name} and {options.movie}."
        )
    from parallel_animate.formats import first_of, is_other_file
    from parallel_animate.project.plan import read_valid_plan
    from parallel_animate.project.work_folder import WorkFolder

    if is_other_file(options.name):
        first = first_of(options.name)
        raise SettingsError(
            f"page: {options.name} is another file of the movie {first}, whose page is about its "
            f"first file; name {first}."
        )

    movie = _movie_of_config(options.name)
    work = WorkFolder(movie.parent.parent / "work" / options.name)
    plan = read_valid_plan(work.root)
    if plan is None:
        raise _not_rendered(options.name, movie)
    page = "index.html" if options.compare is None else "compare.html"
    return work.join(plan.join), movie, movie.with_suffix("") / page


def _add_export(commands: Any) -> None:
    command = add_command(
        commands,
        "export",
        "write a movie and its player as one HTML file",
        "parallel-animate export results/pond.mp4 -o pond.html\n"
        "  parallel-animate export pond --open",
    )
    add = command.add_argument
    movie = add("movie", metavar="MOVIE", help="a file, or the name of a movie in the config")
    movie.completer = complete_movies  # type: ignore[attr-defined]
    add("-o", "--output", type=Path, help="the HTML file (default: MOVIE.html, in this folder)")
    add("--open", action="store_true", help="open the file")
    command.set_defaults(run=_export)


def _export(options: argparse.Namespace) -> int:
    from parallel_animate.report.export import check_export, export_movie

    movie = _find_movie(options.movie)
    output = options.output or Path(f"{movie.stem}.html")
    check_export(output)
    if warning := export_movie(movie, output):
        print_message(warning)
    sys.stdout.write(f"{output}\n")
    if options.open:
        open_or_say(output)
    return DONE


def _find_movie(word: str) -> Path:
    """Return the file that a word means: a file, or the finished movie of that name.

    Raises
    ------
    SettingsError
        If there is neither.
    """
    from parallel_animate.formats import FORMATS

    path = Path(word)
    is_path = os.sep in word or path.suffix.lower().removeprefix(".") in FORMATS
    if path.is_file():
        return path
    if is_path or folder_above(Path.cwd()) is None:
        raise SettingsError(f"There is no file {word}.")
    return _movie_of_config(word)


def _movie_of_config(name: str) -> Path:
    """Return the file of a movie in the config of the project.

    Raises
    ------
    SettingsError
        If there is no config, or no such movie in it, or the movie is not rendered yet.
    """
    from parallel_animate.pipeline.config import read_movies, result_file
    from parallel_animate.pipeline.launch import find_config

    folder = folder_above(Path.cwd()) or Path.cwd()
    config = find_config(folder, None)
    movie = folder / result_file(name, read_movies(str(config), [name])[name])
    if not movie.is_file():
        raise _not_rendered(name, movie)
    return movie


def _not_rendered(name: str, movie: Path) -> SettingsError:
    return SettingsError(
        f"{name} is not rendered yet: there is no {os.path.relpath(movie)}, or no plan of it. "
        f"'parallel-animate run {name}' renders it."
    )
