"""The command ``parallel-animate``: each subcommand parses, calls one function, reports errors.

Exit status: 0 done, 1 failed, 2 wrong usage. Imports are local, so that a subcommand pays only for
what it needs.
"""

import argparse
import json
import logging
import signal
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from types import FrameType
from typing import Any

from parallel_animate import __version__
from parallel_animate.cli.commands import (
    DONE,
    FAILED,
    USAGE,
    add_command,
    add_people_commands,
    plan_stale,
    say,
)
from parallel_animate.errors import AnimateError, SettingsError
from parallel_animate.local.fast_import import quick_imports
from parallel_animate.pipeline.launch import draw_as_jobs_do

INTERRUPTED = 130

logger = logging.getLogger(__name__)


class _Terminated(BaseException):
    """SIGTERM as an exception: every with block cleans up.

    No SystemExit, which would count as one of the user's code: an error that is not tried again.
    """


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a subcommand and return the exit status."""
    own, passed_on = _split(sys.argv[1:] if arguments is None else list(arguments))
    parser = _parser()
    options = parser.parse_args(own, argparse.Namespace(passed_on=passed_on))
    if arguments is None and getattr(options, "draws", False):
        draw_as_jobs_do()
    if passed_on and not getattr(options, "passes_on", False):
        parser.error(f"only 'run' takes options after --; found {' '.join(passed_on)}")
    logging.basicConfig(
        level=logging.DEBUG if options.verbose else logging.INFO,
        format="%(asctime)s %(levelname)s %(message)s",
        datefmt="%H:%M:%S",
    )
    # matplotlib's own chatter (fonts, category units) is of no use in a log.
    logging.getLogger("matplotlib").setLevel(logging.WARNING)
    signal.signal(signal.SIGTERM, _terminated)
    run: Callable[[argparse.Namespace], int] = options.run
    try:
        return run(options)
    except SettingsError as error:
        say(f"error: {error}")
        return USAGE
    except (AnimateError, OSError) as error:
        if trace := getattr(error, "traceback", ""):
            say(trace)
        say(f"error: {error}")
        return FAILED
    except KeyboardInterrupt:
        say("interrupted; nothing unfinished is left behind.")
        return INTERRUPTED
    except _Terminated as end:
        say("ended by SIGTERM (cancelled, or out of time); nothing unfinished is left behind.")
        return int(end.args[0])


def _split(arguments: list[str]) -> tuple[list[str], list[str]]:
    """Split off what comes after "--": the options of a program that a subcommand starts."""
    end = arguments.index("--") if "--" in arguments else len(arguments)
    return arguments[:end], arguments[end + 1 :]


def _terminated(number: int, frame: FrameType | None) -> None:
    raise _Terminated(128 + number)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="parallel-animate",
        description="Render matplotlib animations in parallel and lose nothing.",
        epilog="example:\n  parallel-animate init pond && cd pond && parallel-animate run --cores 4"
        "\n\nexit status: 0 done, 1 failed, 2 wrong usage",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"%(prog)s {__version__}")
    parser.add_argument("-v", "--verbose", action="store_true", help="log every command")
    commands = parser.add_subparsers(metavar="COMMAND", required=True)
    add_people_commands(commands)
    _add_render(commands)
    _add_plan(commands)
    _add_render_chunk(commands)
    _add_render_batch(commands)
    _add_concat(commands)
    _add_clean(commands)
    return parser


def _add_render(commands: Any) -> None:
    command = add_command(
        commands,
        "render",
        "render a movie in this machine's cores, as Animator.make_video does",
        "parallel-animate render wave.py:Wave --params wave.py:frames --fps 30 -o wave.mp4 -j 4",
    )
    add = command.add_argument
    add("animator", metavar="FILE.py:CLASS", help="the Animator subclass")
    add("--params", required=True, metavar="FILE.py:NAME", help="an iterable, or a function")
    add("--fps", required=True, help="frames per second: 30, 29.97 or 30000/1001")
    add("-o", "--output", required=True, help="the movie, .mp4")
    add("-j", "--workers", type=int, default=-1, help="worker processes (default -1: all cores)")
    add("--kwargs", type=json.loads, default={}, metavar="JSON", help="what CLASS is called with")
    add("-n", "--n-frames", type=int, help="render only the first so many frames")
    add("--work-dir", help="keep segments there, so that the same command goes on")
    add("--chunk-size", type=int, help="frames per segment")
    add("--mode", default="auto", help="auto, gpu or cpu (default auto)")
    add("--quality", type=int, help="0 (best) to 51 (default 20)")
    add("--preset", help="libx264: ultrafast to placebo (veryfast); NVENC: p1 to p7 (p4)")
    add("--dpi", type=float, help="dots per inch (default: the figure's)")
    add("--ffmpeg-params", metavar="'WORDS'", help="added to the encode command, in quotes")
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

    animator_class = check_animator_class(load_object(options.animator), options.animator)
    instantiate(animator_class, options.kwargs).make_video(
        options.output,
        load_params(options.params),
        options.fps,
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
    )
    return DONE


def _add_plan(commands: Any) -> None:
    command = add_command(
        commands,
        "plan",
        "write the chunk files and plan.json of the config's movies",
        "parallel-animate plan config/config.yaml --work work",
    )
    command.add_argument("config", help="a YAML or JSON file; - reads JSON from standard input")
    command.add_argument("--work", default="work", type=Path, help="folder of the movies' files")
    command.add_argument("movies", nargs="*", metavar="MOVIE", help="only these (default: all)")
    command.add_argument(
        "--job-minutes",
        type=float,
        help="what chunk_size auto aims at where a movie has none yet (default: a third)",
    )
    command.set_defaults(run=_plan)


def _plan(options: argparse.Namespace) -> int:
    from parallel_animate.pipeline.config import read_movies

    return plan_stale(
        read_movies(options.config, options.movies), options.work, options.job_minutes
    )


def _add_render_chunk(commands: Any) -> None:
    command = add_command(
        commands,
        "render-chunk",
        "render a chunk file into a segment",
        "parallel-animate render-chunk work/eeg/chunks/0-250-….chunk work/eeg/segments/0-250-….mp4",
    )
    command.add_argument("chunk", type=Path, help="work/NAME/chunks/….chunk")
    command.add_argument("segment", type=Path, help="work/NAME/segments/….mp4")
    command.add_argument(
        "--attempt",
        type=int,
        default=1,
        help="above 1, an error of the user's code in an earlier attempt is final (default 1)",
    )
    command.set_defaults(run=_render_chunk)


def _render_chunk(options: argparse.Namespace) -> int:
    with quick_imports():
        from parallel_animate.render.job import render_chunk_job

    # The user's code may change the working folder.
    render_chunk_job(options.chunk.absolute(), options.segment.absolute(), options.attempt)
    return DONE


def _add_render_batch(commands: Any) -> None:
    command = add_command(
        commands,
        "render-batch",
        "render the chunks that a batch file names into segments",
        "parallel-animate render-batch work/eeg/batches/….batch --workers 8",
    )
    command.add_argument("batch", type=Path, help="work/NAME/batches/….batch")
    command.add_argument("--workers", type=int, default=1, help="chunks at a time (default 1)")
    command.add_argument("--attempt", type=int, default=1, help="as for render-chunk (default 1)")
    command.set_defaults(run=_render_batch)


def _render_batch(options: argparse.Namespace) -> int:
    with quick_imports():
        from parallel_animate.pipeline.batch_job import render_batch

    render_batch(options.batch.absolute(), options.workers, options.attempt)
    return DONE


def _add_concat(commands: Any) -> None:
    command = add_command(
        commands,
        "concat",
        "join the segments that a join file names into a movie",
        "parallel-animate concat work/eeg/joins/….join results/eeg.mp4",
    )
    command.add_argument("join", type=Path, help="work/NAME/joins/….join")
    command.add_argument("output", help="the movie")
    command.set_defaults(run=_concat)


def _concat(options: argparse.Namespace) -> int:
    with quick_imports():
        from parallel_animate.local.make_video import prepare_output
        from parallel_animate.render.job import concat_join_file

    concat_join_file(options.join.absolute(), prepare_output(options.output))
    return DONE


def _add_clean(commands: Any) -> None:
    command = add_command(
        commands,
        "clean",
        "list and remove the files that no plan names any more",
        "parallel-animate clean --dry-run",
    )
    command.add_argument("--work", default="work", type=Path, help="folder of the movies' files")
    command.add_argument("-n", "--dry-run", action="store_true", help="list, and remove nothing")
    command.set_defaults(run=_clean)


def _clean(options: argparse.Namespace) -> int:
    from parallel_animate.atomic_files import is_locked
    from parallel_animate.project.plan import LOCK_NAME, read_plan, unnamed_files

    if not options.dry_run and is_locked(options.work / LOCK_NAME):
        raise SettingsError(f"A render is at work in {options.work}; clean when it is done.")
    paths = [
        path
        for folder in sorted(options.work.glob("*/"))
        if (plan := read_plan(folder)) is not None
        for path in unnamed_files(folder, plan)
    ]
    size = sum(path.stat().st_size for path in paths)
    for path in paths:
        sys.stdout.write(f"{path}\n")
        if not options.dry_run:
            path.unlink()
    verb = "to remove" if options.dry_run else "removed"
    sys.stdout.write(f"{len(paths)} files, {size / 1e6:.1f} MB {verb}\n")
    return DONE
