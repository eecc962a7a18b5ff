"""Subcommands for people: make a project, preview, render and watch movies.

As in `parallel_animate.cli.main`, each parses, calls one function and prints its result.
"""

import argparse
import contextlib
import json
import os
import shlex
import sys
import time
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from parallel_animate.cli.output import (
    DONE,
    FAILED,
    add_command,
    count,
    json_object,
    positive,
    print_message,
    write_json,
)
from parallel_animate.errors import SettingsError

LARGEST_SCALE = 1000
LONGEST_INTERVAL = 86_400
NO_PLAN_YET = "No movie is planned yet; waiting (^C ends this).\n"


def add_people_commands(commands: Any) -> None:
    """Add the subcommands of this module."""
    _add_init(commands)
    _add_preview(commands)
    _add_run(commands)
    _add_status(commands)
    _add_render(commands)
    _add_clean(commands)
    _add_doctor(commands)


def _add_init(commands: Any) -> None:
    command = add_command(
        commands,
        "init",
        "make a small project that is ready to render",
        "parallel-animate init pond",
    )
    command.add_argument("folder", metavar="NAME", type=Path, help="a new folder")
    command.set_defaults(run=_init)


def _init(options: argparse.Namespace) -> int:
    from parallel_animate.pipeline.new_project import make_project

    for path in make_project(options.folder):
        sys.stdout.write(f"{path}\n")
    here = options.folder.resolve() == Path.cwd()
    enter = "" if here else f"  cd {shlex.quote(str(options.folder))}\n"
    print_message(f"\nNow:\n{enter}  parallel-animate run")
    return DONE


def _add_preview(commands: Any) -> None:
    command = add_command(
        commands,
        "preview",
        "draw frames exactly as the movie will show them, and print the pictures' file names",
        "parallel-animate preview movies.yaml pond --frame 0 120 239",
    )
    add = command.add_argument
    add("config", nargs="?", help="default: movies.yaml or config/config.yaml here")
    add("movie", help="name of the movie")
    add(
        "--frame", nargs="+", type=count(0), default=[], help="frame ids (default: the first frame)"
    )
    add("-o", "--output", type=Path, help="folder of the pictures (default: results/MOVIE)")
    add("--work", default="work", type=Path, help="folder of the movies' files")
    command.set_defaults(run=_preview, draws=True)


def _preview(options: argparse.Namespace) -> int:
    from parallel_animate.pipeline.config import read_movies
    from parallel_animate.pipeline.launch import find_config
    from parallel_animate.pipeline.preview_movie import preview_movie

    movies = read_movies(str(find_config(Path(), options.config)), [options.movie])
    # The user's code may change the working folder.
    output = (options.output or Path("results", options.movie)).absolute()
    output.mkdir(parents=True, exist_ok=True)
    for number, image in preview_movie(
        options.movie, movies[options.movie], options.work.absolute(), options.frame
    ):
        path = output / f"frame-{number:07d}.png"
        image.save(path)
        sys.stdout.write(f"{path}\n")
    return DONE


def _add_run(commands: Any) -> None:
    command = add_command(
        commands,
        "run",
        "render the movies of a config with Snakemake; run the same command to resume",
        "parallel-animate run movies.yaml --cores 32\n"
        "  parallel-animate run --profile slurm -- --keep-going",
    )
    add = command.add_argument
    add("config", nargs="?", help="default: movies.yaml or config/config.yaml in the folder")
    add("-c", "--cores", type=count(), help="default: every core that this process may use")
    add("--profile", help="slurm, or the name of your own profile (default: this machine)")
    add(
        "-d",
        "--directory",
        type=Path,
        default=Path(),
        help="project folder; relative paths start here (default: the current folder)",
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
    add(
        "-v",
        "--verbose",
        action="store_true",
        default=argparse.SUPPRESS,
        help="print the log of Snakemake instead of the progress",
    )
    command.epilog = f"{command.epilog}\n\nOptions after -- are passed on to Snakemake."
    command.set_defaults(run=_run, passes_on=True)


def _run(options: argparse.Namespace) -> int:
    from parallel_animate.pipeline.config import read_movies
    from parallel_animate.pipeline.launch import (
        become_snakemake,
        check_executor,
        find_config,
        refuse_broken_links,
        snakemake_command,
    )

    config = find_config(options.directory, options.config)
    if not options.directory.is_dir():
        raise SettingsError(f"--directory: the folder {options.directory} does not exist.")
    os.chdir(options.directory)
    movies = read_movies(str(config))
    if options.every is not None or options.scale is not None:
        config, movies = _drafts(movies, options.every, options.scale)
    refuse_broken_links(movies)
    check_executor(options.profile, options.passed_on)
    cores = options.cores
    if cores is None and options.profile is None:
        from parallel_animate.local.cores import available_cores

        cores = available_cores()
    # The target comes first: after an option with several values it would count as one of them.
    target = ["pages"] if options.pages else []
    show = "log" if options.verbose else "movies"
    command = snakemake_command(config, cores, options.profile, [*target, *options.passed_on], show)
    if options.verbose:
        print_message(f"$ {shlex.join(command)}")
    become_snakemake(command)


def _drafts(
    movies: Mapping[str, Mapping[str, Any]], every: int | None, scale: float | None
) -> tuple[Path, dict[str, dict[str, Any]]]:
    """Write a config for drafts of the movies; return its path and its movies."""
    from parallel_animate.atomic_files import replace_text
    from parallel_animate.pipeline.config import draft_movies, read_movies

    config = Path("work/draft.json").absolute()
    config.parent.mkdir(exist_ok=True)
    replace_text(config, json.dumps({"movies": draft_movies(movies, every, scale)}, indent=1))
    return config, read_movies(str(config))


def _add_status(commands: Any) -> None:
    command = add_command(
        commands,
        "status",
        "show progress, failures and their logs (reads files only)",
        "parallel-animate status --watch",
    )
    add = command.add_argument
    add("movies", nargs="*", metavar="MOVIE", help="only these (default: all)")
    add("--work", default="work", type=Path, help="folder of the movies' files")
    add("--watch", action="store_true", help="update the status until the run is over")
    add(
        "--interval",
        type=positive(LONGEST_INTERVAL),
        default=2,
        metavar="S",
        help="seconds between updates (default 2)",
    )
    add("--json", action="store_true", help="print JSON, for programs")
    command.set_defaults(run=_status)


def _status(options: argparse.Namespace) -> int:
    from parallel_animate.report.status import WorkWatcher
    from parallel_animate.report.status_text import format_status

    watcher = WorkWatcher(options.work.absolute(), options.movies)
    # On a terminal every update replaces the one before.
    clear = "\x1b[H\x1b[2J" if options.watch and sys.stdout.isatty() else ""
    with contextlib.suppress(KeyboardInterrupt):
        while True:
            # A run that is being watched may still plan its first movie.
            movies = watcher.planned() if options.watch else watcher.status()
            if options.json:
                write_json([asdict(movie) for movie in movies])
            else:
                sys.stdout.write(clear + (format_status(movies) if movies else NO_PLAN_YET))
            sys.stdout.flush()
            if not options.watch or watcher.is_over(movies):
                break
            time.sleep(options.interval)
    return FAILED if any(movie.failures for movie in movies) else DONE


def _add_doctor(commands: Any) -> None:
    command = add_command(
        commands,
        "doctor",
        "check this machine for what rendering needs",
        "parallel-animate doctor --json",
    )
    command.add_argument("--json", action="store_true", help="print JSON, for programs")
    command.set_defaults(run=_doctor)


def _doctor(options: argparse.Namespace) -> int:
    from parallel_animate.cli.doctor import OK, PROBLEM, examine

    findings = examine(Path.cwd())
    if options.json:
        write_json([asdict(finding) for finding in findings])
    else:
        for finding in findings:
            sys.stdout.write(f"{finding.state:8} {finding.subject}: {finding.found}\n")
            if finding.advice:
                sys.stdout.write(f"{'':8} -> {finding.advice}\n")
        n_others = sum(finding.state != OK for finding in findings)
        sys.stdout.write(f"{n_others} of {len(findings)} checks need your attention.\n")
    return FAILED if any(finding.state == PROBLEM for finding in findings) else DONE


def _add_render(commands: Any) -> None:
    command = add_command(
        commands,
        "render",
        "render a movie on this machine's cores, as Animator.make_video does",
        "parallel-animate render wave.py:Wave --params wave.py:frames --fps 30 -o wave.mp4 -j 4",
    )
    add = command.add_argument
    add("animator", metavar="FILE.py:CLASS", help="the Animator subclass")
    add(
        "--params",
        required=True,
        metavar="FILE.py:NAME",
        help="an iterable, or a function that returns one",
    )
    add("--fps", required=True, help="frames per second: 30, 29.97 or 30000/1001")
    add("-o", "--output", required=True, help="the movie, .mp4")
    add("-j", "--workers", type=int, default=-1, help="worker processes (default -1: all cores)")
    add(
        "--kwargs",
        type=json_object,
        default={},
        metavar="JSON",
        help="keyword arguments for CLASS",
    )
    add("-n", "--n-frames", type=count(), help="render only this many frames, from the first")
    add("--work-dir", help="keep segments in this folder, so that the same command resumes")
    add("--chunk-size", type=count(), help="frames per segment")
    add("--mode", default="auto", help="auto, gpu or cpu (default auto)")
    add("--quality", type=count(0), help="0 (best) to 51 (default 20)")
    add("--preset", help="libx264: ultrafast to placebo (veryfast); NVENC: p1 to p7 (p4)")
    add("--dpi", type=float, help="dots per inch (default: the figure's)")
    add("--ffmpeg-params", metavar="'WORDS'", help="words added to the encode command, in quotes")
    add("--redraw", default="auto", help="auto or full (default auto)")
    command.set_defaults(run=_render)


def _render(options: argparse.Namespace) -> int:
    from parallel_animate.ffmpeg_options import split_words
    from parallel_animate.inputs.targets import (
        check_animator_class,
        instantiate,
        load_object,
        load_params,
    )
    from parallel_animate.local.make_video import make_video
    from parallel_animate.settings import RenderOptions

    animator_class = check_animator_class(load_object(options.animator), options.animator)
    movie = make_video(
        instantiate(animator_class, options.kwargs),
        options.output,
        load_params(options.params),
        RenderOptions(
            fps=options.fps,
            n_frames=options.n_frames,
            num_workers=options.workers,
            savefig_params={} if options.dpi is None else {"dpi": options.dpi},
            video_mode=options.mode,
            video_quality=options.quality,
            video_preset=options.preset,
            video_extra_ffmpeg_params=split_words(options.ffmpeg_params),
            chunk_size=options.chunk_size,
            work_dir=options.work_dir,
            redraw=options.redraw,
        ),
    )
    sys.stdout.write(f"{movie}\n")
    return DONE


def _add_clean(commands: Any) -> None:
    command = add_command(
        commands,
        "clean",
        "list and remove segments and other files that no movie uses any more",
        "parallel-animate clean --dry-run",
    )
    command.add_argument("--work", default="work", type=Path, help="folder of the movies' files")
    command.add_argument(
        "-n", "--dry-run", action="store_true", help="list files without removing them"
    )
    command.set_defaults(run=_clean)


def _clean(options: argparse.Namespace) -> int:
    from parallel_animate.project.cleaning import clean

    files = clean(options.work, options.dry_run)
    for path, _ in files:
        sys.stdout.write(f"{path}\n")
    verb = "to remove" if options.dry_run else "removed"
    sys.stdout.write(f"{len(files)} files, {sum(n for _, n in files) / 1e6:.1f} MB {verb}\n")
    return DONE
