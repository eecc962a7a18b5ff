"""Subcommands that make one movie of several finished ones.

As in `parallel_animate.cli.main`, each parses, calls one function and prints its result.
"""

import argparse
import sys
from typing import Any

from parallel_animate.cli.opening import open_or_say
from parallel_animate.cli.output import DONE, add_command, count
from parallel_animate.formats import FORMATS


def add_movie_commands(commands: Any) -> None:
    """Add the subcommands of this module."""
    _add_grid(commands)
    _add_join(commands)


def _add_grid(commands: Any) -> None:
    command = add_command(
        commands,
        "grid",
        "show finished movies at once, side by side or in a grid",
        "parallel-animate grid north.mp4 south.mp4 -o both.mp4",
    )
    _add_files(command)
    add = command.add_argument
    add("--columns", type=count(), help="movies in a row (default: as wide as high, or wider)")
    add("--fps", help="frames per second (default: the highest of the movies)")
    add("--mode", default="auto", help="auto, gpu or cpu (default auto)")
    add("--quality", type=count(0), help="0 (best) to 51 (default 20)")
    add("--preset", help="libx264: ultrafast to placebo (veryfast); NVENC: p1 to p7 (p4)")
    add("--ffmpeg-params", metavar="'WORDS'", help="words added to the encode command, in quotes")
    command.set_defaults(run=_grid)


def _grid(options: argparse.Namespace) -> int:
    from parallel_animate.local.several_movies import movie_grid

    movie = movie_grid(
        options.movies,
        options.output,
        columns=options.columns,
        fps=options.fps,
        video_mode=options.mode,
        video_quality=options.quality,
        video_preset=options.preset,
        video_extra_ffmpeg_params=options.ffmpeg_params,
    )
    return _show(movie, options)


def _add_join(commands: Any) -> None:
    command = add_command(
        commands,
        "join",
        "join finished movies one after another, without a change",
        "parallel-animate join day1.mp4 day2.mp4 -o days.mp4",
    )
    _add_files(command)
    command.set_defaults(run=_join)


def _join(options: argparse.Namespace) -> int:
    from parallel_animate.local.several_movies import join_movies

    return _show(join_movies(options.movies, options.output), options)


def _add_files(command: argparse.ArgumentParser) -> None:
    add = command.add_argument
    add("movies", nargs="+", metavar="MOVIE", help="two or more movies")
    add(
        "-o",
        "--output",
        required=True,
        metavar="FILE",
        help=f"the new movie, ending in .{', .'.join(FORMATS)}",
    )
    add("--open", action="store_true", help="open the new movie")


def _show(movie: Any, options: argparse.Namespace) -> int:
    sys.stdout.write(f"{movie}\n")
    if options.open:
        sys.stdout.flush()
        open_or_say(movie.path)
    return DONE
