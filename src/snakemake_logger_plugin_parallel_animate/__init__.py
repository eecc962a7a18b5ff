"""A logger plugin of Snakemake that shows movies instead of jobs.

Snakemake finds it by the name of this package (``--logger parallel-animate``) and imports it at
every start, also in jobs on nodes, so it imports little.

Snakemake's log goes to a file, as always. On the console, one line for each movie shows its
progress; warnings are printed at once, and errors once, at the end. The handler follows
snakemake/logging.py of versions 9.17 to 9.27: an event and its fields are attributes of a record.
"""

import logging
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, cast

from snakemake_interface_logger_plugins.base import LogHandlerBase
from snakemake_interface_logger_plugins.common import LogEvent
from snakemake_interface_logger_plugins.settings import LogHandlerSettingsBase

from parallel_animate.local.safe_path import installed_first

with installed_first():
    from parallel_animate.formats import FORMATS
    from parallel_animate.report.this_run import THIS_RUN, Show

if TYPE_CHECKING:
    from parallel_animate.report.run_view import RunView

# The rules of the workflow; their names may be longer, if a module has renamed them. The workflow
# itself reports their failures.
RULES = (
    *("render_chunk", "render_chunks", "render_chunks_gpu", "concat_segments"),
    *(f"concat_segments_{name}" for name in FORMATS),
    *("make_page", "make_index", "report_plan_failure"),
)
# Beginnings of messages: Snakemake's steps, and that a failed job's output did not exist before.
NOISE = ("Assuming unrestricted shared filesystem", "Building DAG of jobs", "Cannot restore ")
NOTHING_TO_DO = "Nothing to be done"
RESTART = re.compile(r"Trying to restart job (\d+)")


@dataclass
class LogHandlerSettings(LogHandlerSettingsBase):
    """The options --logger-parallel-animate-show and --logger-parallel-animate-open."""

    show: str = field(
        default="movies",
        metadata={
            "help": "movies: the progress of each movie, and its file when it is done; results: "
            "only the files; log: the log of Snakemake",
            "choices": ["movies", "results", "log"],
        },
    )
    open: bool = field(default=False, metadata={"help": "open the finished movies"})


class LogHandler(LogHandlerBase):
    """Shows the movies of a run on the console."""

    view: "RunView | None" = None

    def __post_init__(self) -> None:
        self._is_closed = False
        self._errors: list[str] = []
        self._messages: list[str] = []
        self._reasons: dict[int, str] = {}
        self._has_nothing_to_do = False
        show = cast(Show, getattr(self.settings, "show", None) or "movies")
        common = self.common_settings
        # These options ask for a longer log of Snakemake, and a dry run lists the jobs.
        wants_log = common.verbose or common.debug_dag or common.printshellcmds
        if show == "log" or wants_log or (common.dryrun and show == "movies"):
            return
        with installed_first():
            from parallel_animate.report.run_view import RunView
        THIS_RUN.show = "results" if common.quiet else show
        THIS_RUN.is_dry = common.dryrun
        THIS_RUN.opens = bool(getattr(self.settings, "open", False))
        THIS_RUN.note_interrupts()
        self.view = RunView(THIS_RUN, has_color=not common.nocolor)

    @property
    def writes_to_stream(self) -> bool:
        """Whether Snakemake leaves the console to this handler."""
        return self.view is not None

    @property
    def writes_to_file(self) -> bool:
        """False: Snakemake writes its log file itself."""
        return False

    @property
    def has_filter(self) -> bool:
        """True: errors are shown even if Snakemake is to be quiet."""
        return True

    @property
    def has_formatter(self) -> bool:
        """False: Snakemake's own words are used for what is printed."""
        return False

    @property
    def needs_rulegraph(self) -> bool:
        """False: the graph of the rules is not shown."""
        return False

    def emit(self, record: logging.LogRecord) -> None:
        """Show a log record, keep it for the end, or drop it."""
        if self.view is None:
            return
        try:
            self._emit(record, self.view)
        except Exception:  # noqa: BLE001 - as every handler of logging
            self.handleError(record)

    def _emit(self, record: logging.LogRecord, view: "RunView") -> None:
        event = getattr(record, "event", None)
        if event == LogEvent.RUN_INFO and not THIS_RUN.is_dry:
            view.start()
        elif event == LogEvent.RESOURCES_INFO:
            view.provided.cores = getattr(record, "cores", view.provided.cores)
        elif event == LogEvent.JOB_INFO:
            _say_job_of_others(record, view)
        elif event == LogEvent.JOB_ERROR:
            self._keep_job_error(record, view)
        elif record.levelno >= logging.ERROR:
            self._errors.append(self.format(record))
        elif str(record.msg).startswith(NOISE):
            return
        elif record.levelno >= logging.WARNING:
            view.say(self.format(record), style="yellow")
        elif restart := RESTART.match(str(record.msg)):
            reason = self._reasons.pop(int(restart[1]), "") or "it failed"
            view.say(f"A job is tried again: {reason}", style="yellow")
        elif event is None and record.levelno >= logging.INFO:
            self._messages.append(self.format(record))
            self._has_nothing_to_do |= str(record.msg).startswith(NOTHING_TO_DO)

    def _keep_job_error(self, record: logging.LogRecord, view: "RunView") -> None:
        rule: str = getattr(record, "rule_name", "")
        if rule.endswith(RULES):
            # What the executor reports, such as a job that SLURM has ended.
            reason: str = getattr(record, "rule_msg", None) or ""
            THIS_RUN.note_reason(getattr(record, "log", []), reason)
            self._reasons[getattr(record, "jobid", 0)] = reason.strip()
        else:
            view.say(self.format(record), style="red")

    def close(self) -> None:
        """Show the end of the run. Snakemake calls this, or Python when it ends."""
        if self.view is not None and not self._is_closed:
            self._is_closed = True
            self._end(self.view)
        super().close()

    def _end(self, view: "RunView") -> None:
        view.close()
        if THIS_RUN.is_interrupted:
            view.say_interrupted()
            return
        if self._has_nothing_to_do and THIS_RUN.work is not None:
            view.say_unchanged()
        elif not view.has_started and not THIS_RUN.is_dry:
            # No run, but another command, such as --unlock.
            for message in self._messages:
                view.say(message)
        has_failed = view.say_failures(self._errors)
        if has_failed or (view.has_started and THIS_RUN.show == "movies"):
            view.say_log()


def _say_job_of_others(record: logging.LogRecord, view: "RunView") -> None:
    """Name a job of another rule, in a Snakefile that holds more than movies."""
    rule, outputs = getattr(record, "rule_name", ""), getattr(record, "output", [])
    if outputs and not rule.endswith(RULES):
        view.say(f"{rule}: {', '.join(outputs)}")


__all__ = ["LogHandler", "LogHandlerSettings"]
