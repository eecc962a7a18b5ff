"""Subcommands for people: make a project, preview, render and watch movies.

As in `parallel_animate.cli.main`, each parses, calls one function and prints its result.
"""

import argparse
import contextlib
import shlex
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

from parallel_animate.cli.completion import add_completion, complete_movies
from parallel_animate.cli.movie_commands import add_movie_commands
from parallel_animate.cli.opening import open_or_say
from parallel_animate.cli.output import (
    DONE,
    FAILED,
    add_command,
    chapter,
    count,
    json_object,
    positive,
    print_message,
    write_json,
)
from parallel_animate.cli.page_commands import add_page_commands
from parallel_animate.cli.project_folder import enter_project, work_folder
from parallel_animate.cli.run_command import add_run
from parallel_animate.cli.studio_command import add_studio
from parallel_animate.errors import AnimatorLoadError, SettingsError
from parallel_animate.formats import CODECS, FORMATS, output_name, place_of

WORK_HELP = "folder of the movies' files (default: that of the project)"
LONGEST_INTERVAL = 86_400
NO_PLAN_YET = "No movie is planned yet; waiting (^C ends this).\n"


def add_people_commands(commands: Any) -> None:
    """Add the subcommands of this module."""
    _add_init(commands)
    _add_preview(commands)
    add_studio(commands)
    add_run(commands)
    _add_status(commands)
    _add_render(commands)
    add_page_commands(commands)
    add_movie_commands(commands)
    _add_clean(commands)
    _add_doctor(commands)
    add_completion(commands)


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
        "draw single frames as the movie will show them, as PNG files",
        "parallel-animate preview movies.yaml pond --frame 0 120 239",
    )
    add = command.add_argument
    add(
        "config",
        nargs="?",
        help="default: movies.yaml or config/config.yaml, here or in a folder above",
    )
    add("movie", help="name of the movie").completer = complete_movies  # type: ignore[attr-defined]
    add(
        "--frame", nargs="+", type=count(0), default=[], help="frame ids (default: the first frame)"
    )
    add("-o", "--output", type=Path, help="folder of the pictures (default: results/MOVIE)")
    add("--work", default="work", type=Path, help="folder of the movies' files")
    add("--open", action="store_true", help="open the pictures")
    command.set_defaults(run=_preview, draws=True)


def _preview(options: argparse.Namespace) -> int:
    from parallel_animate.pipeline.config import read_movies
    from parallel_animate.pipeline.preview_movie import preview_movie

    movies = read_movies(str(enter_project(None, options.config)), [options.movie])
    # The user's code may change the working folder.
    output = (options.output or Path("results", options.movie)).absolute()
    output.mkdir(parents=True, exist_ok=True)
    for number, image in preview_movie(
        options.movie, movies[options.movie], options.work.absolute(), options.frame
    ):
        path = output / f"frame-{number:07d}.png"
        image.save(path)
        sys.stdout.write(f"{path}\n")
        if options.open:
            open_or_say(path)
    return DONE


def _add_status(commands: Any) -> None:
    command = add_command(
        commands,
        "status",
        "show progress, failures and their logs (reads files only)",
        "parallel-animate status --watch",
    )
    add = command.add_argument
    movies = add("movies", nargs="*", metavar="MOVIE", help="only these (default: all)")
    movies.completer = complete_movies  # type: ignore[attr-defined]
    add("--work", type=Path, help=WORK_HELP)
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

    watcher = WorkWatcher(work_folder(options.work).absolute(), options.movies)
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
        "render a movie without a config, as Animator.make_video does",
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
    add(
        "-o",
        "--output",
        required=True,
        help=f"the movie, ending in .{', .'.join(FORMATS)}; numbered pictures are frames/%%06d.png",
    )
    add(
        "--also",
        action="append",
        metavar="FILE",
        help="another file of the same frames, such as wave.gif; repeat it for more",
    )
    add("--transparent", action="store_true", help="draw without backgrounds (not in .mp4)")
    add(
        "--codec",
        help=f"{', '.join(CODECS)} (default: the usual codec of the kind of file)",
    )
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
    _add_supplements(add)
    add("--open", action="store_true", help="open the movie")
    command.set_defaults(run=_render)


def _add_supplements(add: Callable[..., Any]) -> None:
    add("--title", help="a text in the file, like the next two")
    add("--author")
    add("--comment")
    add(
        "--chapter",
        type=chapter,
        action="append",
        metavar="FRAME=NAME",
        help="a chapter, by the id of its first frame; repeat it for each chapter",
    )
    add("--captions", metavar="FILE", help="an SRT or WebVTT file")
    add("--audio", metavar="FILE", help="a file with sound, cut or padded to the movie's length")
    add("--poster", metavar="FILE", help="a .png or .jpg to write, with one frame")
    add("--poster-frame", type=count(0), default=0, help="id of that frame (default 0)")


def _render(options: argparse.Namespace) -> int:
    from parallel_animate.ffmpeg_options import split_words
    from parallel_animate.frame_rate import parse_fps
    from parallel_animate.inputs.targets import (
        check_animator_class,
        instantiate,
        load_object,
        load_params,
    )
    from parallel_animate.local.make_video import make_video
    from parallel_animate.settings import RenderOptions

    fps = parse_fps(options.fps)
    with _names_are_usage():
        animator_class = check_animator_class(load_object(options.animator), options.animator)
        animator = instantiate(animator_class, options.kwargs)
        params = load_params(options.params, fps)
    movie = make_video(
        animator,
        options.output,
        params,
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
            output=output_name(options.output),
            transparent=options.transparent,
            title=options.title,
            author=options.author,
            comment=options.comment,
            chapters=options.chapter,
            captions=options.captions,
            audio=options.audio,
            poster=options.poster,
            poster_frame=options.poster_frame,
            codec=options.codec,
            also=options.also,
        ),
    )
    for written in (movie, *movie.also):
        sys.stdout.write(f"{written}\n")
    if options.open:
        sys.stdout.flush()
        open_or_say(place_of(movie.path))
    return DONE


@contextlib.contextmanager
def _names_are_usage() -> Iterator[None]:
    """Raise SettingsError for a file or an object that does not exist: a word of the command line.

    An error that the user's code raises has a traceback, and stays what it is.
    """
    try:
        yield
    except AnimatorLoadError as error:
        if error.traceback:
            raise
        raise SettingsError(str(error)) from error


def _add_clean(commands: Any) -> None:
    command = add_command(
        commands,
        "clean",
        "remove segments and other files that no movie uses any more",
        "parallel-animate clean --dry-run",
    )
    command.add_argument("--work", type=Path, help=WORK_HELP)
    command.add_argument(
        "-n", "--dry-run", action="store_true", help="list files without removing them"
    )
    command.set_defaults(run=_clean)


def _clean(options: argparse.Namespace) -> int:
    from parallel_animate.project.cleaning import clean

    if options.work is not None and not options.work.is_dir():
        raise SettingsError(f"--work: the folder {options.work} does not exist.")
    files = clean(work_folder(options.work), options.dry_run)
    for path, _ in files:
        sys.stdout.write(f"{path}\n")
    verb = "to remove" if options.dry_run else "removed"
    sys.stdout.write(f"{len(files)} files, {sum(n for _, n in files) / 1e6:.1f} MB {verb}\n")
    return DONE
