"""What a run says at its end of the jobs that failed: each once, in its own words.

Light: the Snakefile pays for it at every start.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

# More than that nobody reads: mostly it is the same error in every chunk.
MOST_SHOWN = 3
# The end of a log holds the error; a long one begins with warnings and progress.
MOST_LINES = 60
RULER = "-" * 80


@dataclass(frozen=True)
class FailedJob:
    """A job of a run that is over.

    Parameters
    ----------
    what : str
        What it was to do, for people.
    log : Path
        What it said.
    is_told : bool
        True if all of that has been on the console already.
    """

    what: str
    log: Path
    is_told: bool = False


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
    if job.is_told:
        return lines[:1]
    return ["[...]", *lines[-MOST_LINES:]] if len(lines) > MOST_LINES else lines
