"""Subcommands that the rules and jobs of the workflow call."""

import argparse
import logging
import os
import signal
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

from parallel_animate.cli.output import (
    DONE,
    FAILED,
    add_command,
    count,
    positive,
    print_message,
)
from parallel_animate.errors import SettingsError
from parallel_animate.local.fast_import import quick_imports
from parallel_animate.local.termination import end_with_parent
from parallel_animate.pipeline.schema import MOST_MINUTES
from parallel_animate.project.failures import Failure, read_failure

# The list of commands in the general help is for people.
_add_command = partial(add_command, is_listed=False)


def add_workflow_commands(commands: Any) -> None:
    """Add the subcommands of this module."""
    _add_plan(commands)
    _add_render_chunk(commands)
    _add_render_batch(commands)
    _add_concat(commands)
    _add_failure(commands)
    _add_index(commands)


def _add_plan(commands: Any) -> None:
    command = _add_command(
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
        type=positive(MOST_MINUTES),
        help="how long a chunk of 'chunk_size: auto' should take, for movies that were not planned "
        "before (default: 1/3)",
    )
    command.add_argument(
        "--end-with",
        type=int,
        metavar="PID",
        help="end when the process that started this command, with this id, has gone",
    )
    command.add_argument(
        "--print",
        dest="printed",
        choices=["log", "frames", "nothing"],
        default="log",
        help="log: how the movies were planned, failures, and the frames to render (default); "
        "frames: only these; nothing: only warnings",
    )
    command.set_defaults(run=_plan)


def _plan(options: argparse.Namespace) -> int:
    from parallel_animate.pipeline.config import read_movies

    if options.end_with is not None:
        end_with_parent(options.end_with, lambda: os.kill(os.getpid(), signal.SIGTERM))
    if options.printed != "log":
        logging.getLogger().setLevel(logging.WARNING)
    return plan_stale(
        read_movies(options.config, options.movies),
        options.work,
        options.job_minutes,
        options.printed,
    )


def _add_render_chunk(commands: Any) -> None:
    command = _add_command(
        commands,
        "render-chunk",
        "render a chunk file into a segment",
        "parallel-animate render-chunk work/eeg/chunks/0-250-….chunk work/eeg/segments/0-250-….mp4",
    )
    command.add_argument("chunk", type=Path, help="work/NAME/chunks/….chunk")
    command.add_argument("segment", type=Path, help="work/NAME/segments/….mp4")
    command.add_argument(
        "--attempt",
        type=count(),
        default=1,
        help="attempt number; from 2 on, a recorded error in your code is reported instead of "
        "rendering again (default 1)",
    )
    command.set_defaults(run=_render_chunk)


def _render_chunk(options: argparse.Namespace) -> int:
    with quick_imports():
        from parallel_animate.pipeline.second_try import second_try
        from parallel_animate.render.job import render_chunk_job

    with second_try():
        # The user's code may change the working folder.
        render_chunk_job(options.chunk.absolute(), options.segment.absolute(), options.attempt)
    return DONE


def _add_render_batch(commands: Any) -> None:
    command = _add_command(
        commands,
        "render-batch",
        "render the chunks in a batch file into segments",
        "parallel-animate render-batch work/eeg/batches/….batch --workers 8",
    )
    command.add_argument("batch", type=Path, help="work/NAME/batches/….batch")
    command.add_argument("--workers", type=count(), default=1, help="chunks at a time (default 1)")
    command.add_argument(
        "--attempt", type=count(), default=1, help="as for render-chunk (default 1)"
    )
    command.set_defaults(run=_render_batch)


def _render_batch(options: argparse.Namespace) -> int:
    with quick_imports():
        from parallel_animate.pipeline.batch_job import render_batch
        from parallel_animate.pipeline.second_try import second_try

    with second_try():
        render_batch(options.batch.absolute(), options.workers, options.attempt)
    return DONE


def _add_concat(commands: Any) -> None:
    command = _add_command(
        commands,
        "concat",
        "join the segments in a join file into a movie",
        "parallel-animate concat work/eeg/joins/….join results/eeg.mp4",
    )
    command.add_argument("join", type=Path, help="work/NAME/joins/….join")
    command.add_argument("output", help="the movie")
    # It may render damaged segments again.
    command.set_defaults(run=_concat, draws=True)


def _concat(options: argparse.Namespace) -> int:
    with quick_imports():
        from parallel_animate.encode.concat import prepare_output
        from parallel_animate.pipeline.join_job import concat_join_file

    concat_join_file(options.join.absolute(), prepare_output(options.output))
    return DONE


def _add_failure(commands: Any) -> None:
    command = _add_command(
        commands,
        "failure",
        "print a recorded failure and exit with status 1",
        "parallel-animate failure work/eeg/plan-failure.json",
    )
    command.add_argument("record", type=Path, help="work/NAME/plan-failure.json")
    command.set_defaults(run=_failure)


def _failure(options: argparse.Namespace) -> int:
    failure = read_failure(options.record)
    print_message(failure.text() if failure else f"{options.record} records no failure.")
    return FAILED


def plan_stale(
    movies: Mapping[str, Mapping[str, Any]],
    work: Path,
    job_minutes: float | None = None,
    printed: str = "log",
) -> int:
    """Plan movies without a current plan, print what must be rendered, return the exit status."""
    from parallel_animate.pipeline.config import result_file
    from parallel_animate.pipeline.outputs import forget_dropped_files
    from parallel_animate.project.finished_movie import request_failure, request_join
    from parallel_animate.project.plan import read_valid_plan
    from parallel_animate.project.staleness import stale_movies

    failures: dict[str, Failure] = {}
    wrong: dict[str, str] = {}
    try:
        forget_dropped_files(movies, work)
        if stale := stale_movies(movies, work):
            from parallel_animate.pipeline.chunk_size import JOB_SECONDS
            from parallel_animate.pipeline.encoder_advice import encoder_advice
            from parallel_animate.pipeline.plan_movies import plan_movies

            if printed == "frames":
                print_message(f"planning {', '.join(stale)}")
            job_seconds = JOB_SECONDS if job_minutes is None else 60 * job_minutes
            failures = plan_movies(stale, work, job_seconds)
            plans = [read_valid_plan(work / name) for name in stale if name not in failures]
            if printed != "nothing" and (advice := encoder_advice(list(filter(None, plans)))):
                print_message(advice)
        for name in movies:
            folder = (work / name).absolute()
            if (plan := read_valid_plan(folder)) is None:
                request_failure(folder)
            elif fault := request_join(folder, plan):
                wrong[name] = fault
    except OSError as error:
        # Not even the failure can be recorded. The workflow must not go on with older plans.
        raise SettingsError(f"The folder {work} cannot be used: {error}") from error
    if printed == "log":
        for failure in failures.values():
            print_message(failure.text())
    for name, fault in wrong.items():
        print_message(
            f"{name}: {result_file(name, movies[name])} is not as it was joined ({fault}); it is "
            "joined again"
        )
    if printed != "nothing":
        for line in _remaining(movies, work, with_finished=printed == "log"):
            print_message(line)
    return FAILED if failures else DONE


def _remaining(
    movies: Mapping[str, Mapping[str, Any]], work: Path, with_finished: bool
) -> list[str]:
    """Return a line for each planned movie, with the frames and chunks still to be rendered."""
    from parallel_animate.project.finished_movie import is_finished
    from parallel_animate.project.plan import missing_chunks, read_valid_plan

    lines = []
    for name in movies:
        plan = read_valid_plan(work / name)
        if plan is None or (not with_finished and is_finished(work / name, plan)):
            continue
        missing = missing_chunks(work / name, plan.chunks)
        lines.append(
            f"{name}: {sum(count for _, count in missing)} of {plan.n_frames} frames to render, "
            f"in {len(missing)} of {len(plan.chunks)} chunks"
        )
    return lines


def _add_index(commands: Any) -> None:
    command = _add_command(
        commands,
        "index",
        "write a page that lists the movies with pages",
        "parallel-animate index results/index.html\n  parallel-animate run --pages",
    )
    command.add_argument("index", type=Path, help="results/index.html")
    command.set_defaults(run=_index)


def _index(options: argparse.Namespace) -> int:
    from parallel_animate.report.index import make_index

    make_index(options.index.absolute())
    return DONE
