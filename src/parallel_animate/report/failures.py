"""The summary of failed jobs at the end of a run: each failure once, with its own message.

Imports little, because the Snakefile imports it at every start.
"""

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
    """

    what: str
    log: Path
    shown: Part = "end"
    record: Path | None = None


def part_to_show(rule: str, is_on_console: bool) -> Part:
    """Return the part of a failed job's log that the console has not shown yet.

    Parameters
    ----------
    rule : str
        The job's rule; its name may be longer if a module has renamed it.
    is_on_console : bool
        True if Snakemake prints the logs of failed jobs.
    """
    return "last line" if is_on_console or PLAN_FAILURE_RULE in rule else "end"


def failed_job(work: Path, rule: str, message: str, log: Path, is_on_console: bool) -> FailedJob:
    """Collect the facts about a failed job.

    Parameters
    ----------
    work : Path
        The folder that holds the movies' folders.
    rule, message : str
        The job's rule and message.
    log : Path
        The job's log, ``logs/MOVIE/NAME.log``.
    is_on_console : bool
        As in `part_to_show`.
    """
    folder = WorkFolder(work / log.parent.name)
    is_plan = PLAN_FAILURE_RULE in rule
    record = folder.plan_failure if is_plan else folder.failure(log.stem)
    return FailedJob(message, log, part_to_show(rule, is_on_console), record)


def describe_failures(jobs: Sequence[FailedJob]) -> str:
    """Return the summary of failed jobs for the end of a run."""
    if not jobs:
        return ""
    jobs = sorted(jobs, key=lambda job: job.what)
    parts = [RULER]
    for job in jobs[:MOST_SHOWN]:
        parts += [f"FAILED  {job.what}", "", *_words(job), "", f"(log: {job.log})", RULER]
    others = len(jobs) - MOST_SHOWN
    if others > 0:
        parts.append(f"{others} more jobs failed; 'parallel-animate status' lists them.")
    parts.append("Fix the cause and run the same command again; finished chunks are kept.")
    return "\n".join(parts)


def _words(job: FailedJob) -> list[str]:
    failure = read_failure(job.record) if job.record else None
    if failure is not None:
        return (failure.text() if job.shown == "end" else failure.message).splitlines()
    try:
        lines = job.log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
    except OSError:
        lines = []
    if not lines:
        return ["No output: the job was killed or could not start."]
    shown = lines[LINES[job.shown]]
    return ["[...]", *shown] if job.shown == "end" and len(shown) < len(lines) else shown
