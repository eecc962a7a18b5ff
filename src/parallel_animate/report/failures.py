"""What a run says at its end of the jobs that failed: each once, in its own words.

Light: the Snakefile pays for it at every start.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

# More than that nobody reads: mostly it is the same error in every chunk.
MOST_SHOWN = 3
# Parts of a log. Its end holds the error; a long one begins with warnings and progress. One line is
# enough where all of it has been on the console: a plan says first what is wrong, a job last.
Part = Literal["end", "first line", "last line"]
LINES = {"end": slice(-60, None), "first line": slice(0, 1), "last line": slice(-1, None)}
RULER = "-" * 80
# The rule of workflow/rules/concat.smk that fails for a movie that cannot be planned; planning has
# told all of it on the console.
PLAN_FAILURE_RULE = "report_plan_failure"


@dataclass(frozen=True)
class FailedJob:
    """A job of a run that is over.

    Parameters
    ----------
    what : str
        What it was to do, for people.
    log : Path
        What it said.
    shown : {"end", "first line", "last line"}
        What of it is repeated.
    """

    what: str
    log: Path
    shown: Part = "end"


def part_to_show(rule: str, is_on_console: bool) -> Part:
    """Return what of the log of a failed job the console has not shown yet.

    Parameters
    ----------
    rule : str
        The job's; its name may be longer where a module has renamed it.
    is_on_console : bool
        True if Snakemake prints the logs of failed jobs.
    """
    if PLAN_FAILURE_RULE in rule:
        return "first line"
    return "last line" if is_on_console else "end"


def describe_failures(jobs: Sequence[FailedJob]) -> str:
    """Return what a person reads at the end of a run in which jobs failed."""
    if not jobs:
        return ""
    jobs = sorted(jobs, key=lambda job: job.what)
    parts = [RULER]
    for job in jobs[:MOST_SHOWN]:
        parts += [f"FAILED  {job.what}", "", *_words(job), "", f"(log: {job.log})", RULER]
    others = len(jobs) - MOST_SHOWN
    if others > 0:
        parts.append(f"{others} more jobs failed; 'parallel-animate status' lists them.")
    parts.append("When the cause is mended, give the same command again: what is done is kept.")
    return "\n".join(parts)


def _words(job: FailedJob) -> list[str]:
    try:
        lines = job.log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
    except OSError:
        lines = []
    if not lines:
        return ["It left no word: it was killed, or could not be started."]
    shown = lines[LINES[job.shown]]
    return ["[...]", *shown] if job.shown == "end" and len(shown) < len(lines) else shown
