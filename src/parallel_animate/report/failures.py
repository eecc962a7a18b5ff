"""The summary of failed jobs at the end of a run: each error once, with its own message.

Imports little, because the Snakefile imports it at every start.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from parallel_animate.project.failures import read_failure
from parallel_animate.project.work_folder import WorkFolder

# Nobody reads more than these; mostly it is the same error in every chunk.
MOST_SHOWN = 3
# Parts of a log. The error is at its end; a long log begins with warnings and progress. One line is
# enough if the console has shown the whole log.
Part = Literal["end", "last line"]
LINES = {"end": slice(-60, None), "last line": slice(-1, None)}
RULER = "-" * 80
# The rule in workflow/rules/concat.smk that fails for a movie that cannot be planned. Planning has
# already printed the whole error on the console.
PLAN_FAILURE_RULE = "report_plan_failure"


@dataclass(frozen=True)
class FailedJob:
    """A failed job of a run that has ended.

    Parameters
    ----------
    what : str
        The job's task, for people.
    log : Path
        The job's log.
    shown : {"end", "last line"}
        The part of the log to print.
    record : Path, optional
        The record of an error in the user's code; if it exists, it is printed instead of the log.
    reason : str
        Why the job ended, from the program that ran it, such as SLURM; empty if it gave no reason.
    """

    what: str
    log: Path
    shown: Part = "end"
    record: Path | None = None
    reason: str = ""


def part_to_show(rule: str, is_on_console: bool, has_view: bool = False) -> Part:
    """Return the part of a failed job's log that the console has not shown yet.

    Parameters
    ----------
    rule : str
        The job's rule; its name may be longer if a module has renamed it.
    is_on_console : bool
        True if Snakemake prints the logs of failed jobs.
    has_view : bool
        True if the console shows movies instead of logs.
    """
    if has_view:
        return "end"
    return "last line" if is_on_console or PLAN_FAILURE_RULE in rule else "end"


def failed_job(
    work: Path, rule: str, message: str, log: Path, is_on_console: bool, has_view: bool = False
) -> FailedJob:
    """Collect the facts about a failed job.

    Parameters
    ----------
    work : Path
        The folder that holds the movies' folders.
    rule, message : str
        The job's rule and message.
    log : Path
        The job's log, ``work/MOVIE/logs/NAME.log``.
    is_on_console, has_view : bool
        As in `part_to_show`.
    """
    folder = WorkFolder(work / log.parent.parent.name)
    is_plan = PLAN_FAILURE_RULE in rule
    record = folder.plan_failure if is_plan else folder.failure(log.stem)
    return FailedJob(message, log, part_to_show(rule, is_on_console, has_view), record)


def describe_failures(jobs: Sequence[FailedJob]) -> str:
    """Return the summary of failed jobs for the end of a run.

    Jobs that failed with the same error, in the same lines, are listed below the first one.
    """
    if not jobs:
        return ""
    groups: dict[object, list[FailedJob]] = {}
    for job in sorted(jobs, key=lambda job: job.what):
        groups.setdefault(_error_of(job), []).append(job)
    parts = [RULER]
    shown = list(groups.values())[:MOST_SHOWN]
    for first, *same in shown:
        parts += [f"FAILED  {_task(first)}", "", *_words(first), "", f"(log: {first.log})"]
        if same:
            parts.append(f"The same error stopped {_list(same)}.")
        parts.append(RULER)
    others = len(jobs) - sum(map(len, shown))
    if others > 0:
        parts.append(f"{others} more jobs failed; 'parallel-animate status' lists them.")
    parts.append("Fix the cause and run the same command again; finished chunks are kept.")
    return "\n".join(parts)


def _error_of(job: FailedJob) -> object:
    """Return what is the same for jobs that failed with the same error."""
    failure = read_failure(job.record) if job.record else None
    if failure is None or not failure.traceback:
        return job
    lines = failure.traceback.splitlines()
    kind = lines[-1].partition(":")[0]
    return (kind, *(line for line in lines if line.startswith("  File ")))


def _task(job: FailedJob) -> str:
    """Return a job's task, with the frames of a chunk instead of its name."""
    start_stop = re.search(r" (\d{7,})-(\d{7,})-[0-9a-f]+$", job.what)
    if start_stop is None:
        return job.what
    start, stop = map(int, start_stop.groups())
    return f"{job.what[: start_stop.start()]} {start} to {stop - 1}"


def _list(jobs: Sequence[FailedJob]) -> str:
    names = ", ".join(_task(job) for job in jobs[:MOST_SHOWN])
    others = len(jobs) - MOST_SHOWN
    return f"{names} and {others} more jobs" if others > 0 else names


def _words(job: FailedJob) -> list[str]:
    failure = read_failure(job.record) if job.record else None
    if failure is not None:
        return (failure.text() if job.shown == "end" else failure.message).splitlines()
    try:
        lines = job.log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
    except OSError:
        lines = []
    reason = job.reason.splitlines()
    if not lines:
        return reason or ["No output: the job was killed or could not start."]
    shown = lines[LINES[job.shown]]
    return [*(["[...]"] if job.shown == "end" and len(shown) < len(lines) else []), *shown, *reason]
