"""What the workflow and the logger plugin know about the Snakemake run of this process.

The workflow knows the movies and the failed jobs; the plugin knows what Snakemake logs, and prints.
Imports little, because the Snakefile imports it at every start.
"""

import signal
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import FrameType
from typing import Literal

from parallel_animate.project.work_folder import WorkFolder
from parallel_animate.report.failures import FailedJob

# The progress and the results; only the results; or Snakemake's own log, without the plugin.
Show = Literal["movies", "results", "log"]


@dataclass
class ThisRun:
    """The run of this process.

    Parameters
    ----------
    show : {"movies", "results", "log"}
        What people see. The plugin sets it; without the plugin it is "log".
    is_dry : bool
        True if no job will run.
    is_interrupted : bool
        True after ^C.
    opens : bool
        True if the finished movies are opened.
    started : float
        When this process started, by `time.monotonic`.
    work : Path or None
        The folder that holds the movies' folders; None until the workflow has named its movies.
    movies : tuple of str
        Names of the movies.
    log : Path or None
        The file with Snakemake's own log.
    failed : list of FailedJob
        The jobs that failed; known when the run has ended.
    """

    show: Show = "log"
    is_dry: bool = False
    is_interrupted: bool = False
    opens: bool = False
    started: float = field(default_factory=time.monotonic)
    work: Path | None = None
    movies: tuple[str, ...] = ()
    log: Path | None = None
    failed: list[FailedJob] = field(default_factory=list)
    _reasons: dict[str, str] = field(default_factory=dict)

    @property
    def has_view(self) -> bool:
        """Whether people see movies, and not the log of Snakemake."""
        return self.show != "log"

    def name_movies(self, work: Path, movies: Iterable[str], log: Path | None) -> None:
        """Record the movies of the run, before they are planned."""
        self.work, self.movies, self.log = work.absolute(), tuple(movies), log

    def planning_options(self) -> Sequence[str]:
        """Return options for the command ``parallel-animate plan``."""
        if not self.has_view:
            return ()
        # A dry run has no other result than what would be rendered.
        return ("--print", "frames" if self.show == "movies" or self.is_dry else "nothing")

    def note_reason(self, logs: Iterable[str], reason: str) -> None:
        """Record why a job ended, from the program that ran it, and that program's logs."""
        log, *others = [*logs, ""]
        lines = [reason.strip()] if reason else []
        lines += [f"See {other}" for other in others if other]
        self._reasons[log] = "\n".join(lines)

    def all_failures(self) -> list[FailedJob]:
        """Return the failed jobs with their reasons, and the movies that could not be planned."""
        failed = [replace(job, reason=self._reasons.get(str(job.log), "")) for job in self.failed]
        if self.work is None:
            return failed
        folders = [WorkFolder(self.work / movie) for movie in self.movies]
        known = {job.record for job in failed}
        return failed + [
            FailedJob(f"{folder.root.name}: planning failed", folder.log("plan"), "end", record)
            for folder in folders
            if (record := folder.plan_failure).is_file() and record not in known
        ]

    def note_interrupts(self) -> None:
        """Record ^C from now on; it interrupts as before.

        A run that ignores ^C, such as one in the background, goes on ignoring it.
        """
        if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
            signal.signal(signal.SIGINT, self._interrupt)

    def _interrupt(self, number: int, frame: FrameType | None) -> None:
        self.is_interrupted = True
        signal.default_int_handler(number, frame)


THIS_RUN = ThisRun()
