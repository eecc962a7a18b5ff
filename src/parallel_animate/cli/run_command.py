"""The subcommand ``run``: render the movies of a config with Snakemake."""

import argparse
import json
import os
import shlex
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from parallel_animate.cli.completion import complete_movies
from parallel_animate.cli.output import add_command, count, positive, print_message
from parallel_animate.cli.project_folder import enter_project
from parallel_animate.errors import SettingsError

LARGEST_SCALE = 1000
CONFIG_SUFFIXES = (".yaml", ".yml", ".json")


def add_run(commands: Any) -> None:
    """Add the subcommand."""
    command = add_command(
        commands,
        "run",
        "render the movies of a config; run the same command to resume",
        "parallel-animate run\n"
        "  parallel-animate run winter --cores 8 --open\n"
        "  parallel-animate run movies.yaml --profile slurm -- --keep-going",
    )
    words = command.add_argument(
        "words",
        nargs="*",
        metavar="CONFIG or MOVIE",
        help="a config file (default: movies.yaml or config/config.yaml, here or in a folder "
        "above), and names of movies (default: all)",
    )
    words.completer = complete_movies  # type: ignore[attr-defined]
    add = command.add_argument
    add(
        *("-c", "-j", "--cores"),
        type=count(),
        metavar="N",
        help="default: every core that this process may use",
    )
    add("-n", "--dry-run", action="store_true", help="print what would be rendered")
    add("-q", "--quiet", action="store_true", help="print only the finished movies, and errors")
    _add_verbose(command)
    add("--open", action="store_true", help="open the finished movies")
    add("--profile", help="slurm, or the name of your own profile (default: this machine)")
    add(
        *("-d", "--directory"),
        type=Path,
        help="project folder; relative paths start here (default: the folder of the config)",
    )
    add(
        "--pages",
        action="store_true",
        help="also write a page about each movie, results/NAME/index.html",
    )
    add(
        "--every",
        type=count(),
        metavar="N",
        help="draft: render every Nth frame at 1/N of the frame rate, as results/NAME-draft.mp4",
    )
    add(
        "--scale",
        type=positive(LARGEST_SCALE),
        metavar="X",
        help="draft: X times the size, for example 0.5",
    )
    command.epilog = f"{command.epilog}\n\nOptions after -- are passed on to Snakemake."
    command.set_defaults(run=_run, passes_on=True)


def _add_verbose(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        *("-v", "--verbose"),
        action="store_true",
        # The option may also come before the subcommand.
        default=argparse.SUPPRESS,
        help="print the log of Snakemake instead of the progress",
    )


def _run(options: argparse.Namespace) -> int:
    from parallel_animate.pipeline.config import read_movies
    from parallel_animate.pipeline.launch import (
        become_snakemake,
        check_executor,
        refuse_broken_links,
        snakemake_command,
    )

    config_name, names = config_and_movies(options.words)
    config = enter_project(options.directory, config_name)
    movies = read_movies(str(config), names)
    if options.every is not None or options.scale is not None:
        config, movies = _drafts(movies, options.every, options.scale)
    elif names:
        config = _selection(config, names)
    refuse_broken_links(movies)
    check_executor(options.profile, options.passed_on)
    cores = options.cores
    if cores is None and options.profile is None:
        from parallel_animate.local.cores import available_cores

        cores = available_cores()
    # The target comes first: after an option with several values it would count as one of them.
    target = ["pages"] if options.pages else []
    dry = ["--dry-run"] if options.dry_run else []
    command = snakemake_command(
        *(config, cores, options.profile, [*target, *dry, *options.passed_on]),
        show=_what_to_show(options),
        opens=options.open,
    )
    if options.verbose:
        print_message(f"$ {shlex.join(command)}")
    become_snakemake(command)


def config_and_movies(words: Sequence[str]) -> tuple[str | None, list[str]]:
    """Split the arguments into the config and the names of movies, which have no such suffix."""
    configs = [word for word in words if word.endswith(CONFIG_SUFFIXES) or os.sep in word]
    if len(configs) > 1:
        raise SettingsError(f"Name one config at a time; found {' and '.join(configs)}.")
    return (configs[0] if configs else None), [word for word in words if word not in configs]


def _what_to_show(options: argparse.Namespace) -> str:
    if options.verbose:
        return "log"
    # A dry run has no progress, and the list of jobs is part of the log.
    return "results" if options.quiet or options.dry_run else "movies"


def _selection(config: Path, names: Sequence[str]) -> Path:
    """Write a config with some of the movies of another one; return its path."""
    from parallel_animate.pipeline.config import select_movies

    return _write_config("selection", select_movies(str(config), names))


def _drafts(
    movies: Mapping[str, Mapping[str, Any]], every: int | None, scale: float | None
) -> tuple[Path, dict[str, dict[str, Any]]]:
    """Write a config for drafts of the movies; return its path and its movies."""
    from parallel_animate.pipeline.config import draft_movies, read_movies

    config = _write_config("draft", {"movies": draft_movies(movies, every, scale)})
    return config, read_movies(str(config))


def _write_config(name: str, content: Mapping[str, Any]) -> Path:
    from parallel_animate.atomic_files import replace_text

    path = Path(f"work/{name}.json").absolute()
    path.parent.mkdir(exist_ok=True)
    replace_text(path, json.dumps(content, indent=1))
    return path
