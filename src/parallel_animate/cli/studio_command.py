"""The subcommand ``studio``: look at frames while writing the code that draws them."""

import argparse
import asyncio
import contextlib
import logging
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

from parallel_animate.cli.completion import complete_movies
from parallel_animate.cli.output import DONE, add_command, count, json_object, print_message
from parallel_animate.cli.project_folder import enter_project
from parallel_animate.cli.run_command import config_and_movies
from parallel_animate.errors import SettingsError
from parallel_animate.formats import is_other_file
from parallel_animate.report.opening import open_page

if TYPE_CHECKING:
    from parallel_animate.studio.source import ReadSource

DEFAULT_FPS = "30"
LAST_PORT = 65_535
STUDIO_PACKAGES = ("aiohttp", "watchfiles")
STUDIO_ADVICE = "pip install 'parallel-animate[studio]'"
# Options that a movie of a config has in the config.
OF_A_CLASS = ("params", "fps", "kwargs", "n_frames", "dpi", "transparent")


def add_studio(commands: Any) -> None:
    """Add the subcommand."""
    command = add_command(
        commands,
        "studio",
        "show frames in the browser while you write the code that draws them",
        "parallel-animate studio pond\n"
        "  parallel-animate studio wave.py:Wave --params wave.py:phases",
    )
    add = command.add_argument
    words = add(
        "words",
        nargs="*",
        metavar="FILE.py:CLASS or MOVIE",
        help="an Animator subclass, or the name of a movie, after its config if that is elsewhere "
        "(default: the only movie of the config)",
    )
    words.completer = complete_movies  # type: ignore[attr-defined]
    add(
        "--params",
        metavar="FILE.py:NAME",
        help="for CLASS: an iterable, or a function that returns one",
    )
    add(
        "--fps",
        help=f"for CLASS: frames per second, for playing and a Timeline (default {DEFAULT_FPS})",
    )
    add("--kwargs", type=json_object, metavar="JSON", help="for CLASS: its keyword arguments")
    add("-n", "--n-frames", type=count(), help="for CLASS: only this many frames, from the first")
    add("--dpi", type=float, help="for CLASS: dots per inch (default: the figure's)")
    add(
        "--transparent",
        action="store_true",
        default=None,
        help="for CLASS: draw without backgrounds",
    )
    add("--port", type=count(), default=0, help="port of the page (default: any free one)")
    add("--no-open", action="store_true", help="print the address, and open no browser")
    command.epilog = (
        f"{command.epilog}\n\nThe page shows a movie frame by frame, and again as soon as its "
        "files are saved. ^C ends it."
    )
    command.set_defaults(run=_studio, draws=True)


def _studio(options: argparse.Namespace) -> int:
    try:
        from parallel_animate.studio.server import serve
    except ModuleNotFoundError as error:
        raise SettingsError(
            f"studio needs {error.name}, which is not installed: {STUDIO_ADVICE}"
        ) from error

    if options.port > LAST_PORT:
        raise SettingsError(f"--port must be 1 to {LAST_PORT}, found {options.port}.")
    # It logs every save.
    logging.getLogger("watchfiles").setLevel(logging.WARNING)
    read_source, config = _source(options)
    on_address = _print_address if options.no_open else _open_address
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(serve(read_source, config, options.port, on_address))
    return DONE


def _print_address(address: str) -> None:
    sys.stdout.write(f"{address}\n")
    sys.stdout.flush()
    print_message("^C ends the studio.")


def _open_address(address: str) -> None:
    _print_address(address)
    # Some browsers return only when they are closed.
    threading.Thread(target=_open_or_say, args=(address,), daemon=True).start()


def _open_or_say(address: str) -> None:
    if reason := open_page(address):
        print_message(f"{reason} Open the address above yourself.")


def _source(options: argparse.Namespace) -> "tuple[ReadSource, Path | None]":
    """Return what reads the movie, and its config."""
    words = options.words
    if len(words) == 1 and ":" in words[0]:
        return _source_of_class(words[0], options), None
    for name in OF_A_CLASS:
        if getattr(options, name) is not None:
            raise SettingsError(
                f"--{name.replace('_', '-')} is for FILE.py:CLASS; a movie has it in its config."
            )
    return _source_of_movie(words)


def _source_of_class(target: str, options: argparse.Namespace) -> "ReadSource":
    from parallel_animate.settings import video_settings
    from parallel_animate.studio.source import MovieSource

    if options.params is None:
        raise SettingsError(
            f"--params is missing: name what gives the frames of {target}, such as "
            "--params wave.py:phases."
        )
    settings = video_settings(
        fps=options.fps or DEFAULT_FPS,
        savefig_params={} if options.dpi is None else {"dpi": options.dpi},
        # A kind of file that keeps transparency.
        output="apng" if options.transparent else "mp4",
        transparent=bool(options.transparent),
    )
    source = MovieSource(
        name=target,
        animator=target,
        params=options.params,
        settings=settings,
        params_fps=settings.fps,
        kwargs=options.kwargs or {},
        n_frames=options.n_frames,
    )
    return lambda: source


def _source_of_movie(words: list[str]) -> "tuple[ReadSource, Path]":
    from parallel_animate.pipeline.config import read_movies
    from parallel_animate.studio.source import movie_of_config

    config_name, names = config_and_movies(words)
    if len(names) > 1:
        raise SettingsError(f"Name one movie at a time; found {' and '.join(names)}.")
    config = enter_project(None, config_name)
    movies = [name for name in read_movies(str(config), names) if not is_other_file(name)]
    if len(movies) > 1:
        raise SettingsError(f"Name one of the movies: {', '.join(movies)}.")
    return lambda: movie_of_config(config, movies[0]), config
