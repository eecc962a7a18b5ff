"""Show a run: one line for each movie while it renders, and one with the result when it is done.

On a terminal the lines are bars that move. Elsewhere, as in the log of a CI service, a line is
printed now and then.
"""

import contextlib
import os
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from parallel_animate.formats import place_of
from parallel_animate.project.plan import read_valid_plan
from parallel_animate.project.work_folder import WorkFolder
from parallel_animate.report.failures import describe_failures
from parallel_animate.report.opening import open_file
from parallel_animate.report.run_text import (
    interruption,
    only_failures_since,
    progress_line,
    result_line,
    speed,
    unchanged_line,
)
from parallel_animate.report.status import MovieStatus, WorkWatcher
from parallel_animate.report.this_run import ThisRun

# Seconds between looks at the work folder. A look takes at most this share of the time: a disk that
# is slow, or a movie of many thousand chunks, is looked at less often.
LOOK_SECONDS = 0.5
MOST_OF_THE_TIME = 0.1
# Seconds between two lines about a movie where nothing can move.
LINE_SECONDS = 30
DRAWN_PER_SECOND = 4
# Characters of a line about a movie.
LONGEST_NAME, SHORTEST_NAME, SHORTEST_BAR, GAP = 24, 8, 10, 2
# Rows of the terminal that bars leave free.
FREE_ROWS = 3


@dataclass
class Provided:
    """Where a run takes place, as Snakemake reports it.

    Parameters
    ----------
    cores : int or None
        Cores of this machine; None on a cluster.
    """

    cores: int | None = None

    def __str__(self) -> str:
        if self.cores is None:
            return ""
        return f" on {self.cores} core{'s' if self.cores > 1 else ''}"


class RunView:
    """Shows a run until it is closed. `this_run` names the movies.

    Parameters
    ----------
    this_run : ThisRun
        The run.
    has_color : bool
        False shows no colors; neither does the variable ``NO_COLOR``.
    """

    def __init__(self, this_run: ThisRun, has_color: bool) -> None:
        self.provided = Provided()
        self._run = this_run
        # Text is never cut or wrapped where it is not a bar: paths must stay whole.
        self._console = Console(
            stderr=True, no_color=None if has_color else True, highlight=False, soft_wrap=True
        )
        self._watcher: WorkWatcher | None = None
        self._began = 0.0
        self._to_render: dict[str, int] = {}
        self._is_printed: set[str] = set()
        self._movies: Sequence[MovieStatus] = ()
        self._live: Live | None = None
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="movies", daemon=True)

    @property
    def has_started(self) -> bool:
        """Whether a run has been shown."""
        return self._watcher is not None

    def start(self) -> None:
        """Show the movies of the run from now on."""
        if self.has_started or self._run.work is None:
            return
        self._watcher = WorkWatcher(self._run.work, self._run.movies)
        self._began = time.time()
        self._look()
        self._to_render = {
            movie.movie: movie.n_frames - movie.n_frames_done for movie in self._movies
        }
        self._is_printed = {movie.movie for movie in self._movies if movie.state == "done"}
        has_terminal = sys.stderr.isatty() and not self._console.is_dumb_terminal
        if self._run.show == "movies" and has_terminal:
            self._live = Live(
                get_renderable=self._bars,
                console=self._console,
                refresh_per_second=DRAWN_PER_SECOND,
                transient=True,
                # Results go to a file if stdout is one.
                redirect_stdout=sys.stdout.isatty(),
            )
            self._live.start()
            # Nothing shows it again if the run is killed.
            self._console.show_cursor(True)
        self._thread.start()

    def close(self) -> None:
        """Show the last results, and then no more."""
        if not self.has_started or self._ended.is_set():
            return
        self._ended.set()
        self._thread.join()
        if self._live is not None:
            self._live.stop()
        self._look()
        self._print_results()

    def say(self, text: str, style: str = "") -> None:
        """Print a message, above the bars."""
        self._console.print(Text(text.rstrip("\n"), style=style))

    def say_interrupted(self) -> None:
        """Print what is kept after ^C."""
        if not self.has_started and self._run.work is not None:
            self._movies = WorkWatcher(self._run.work, self._run.movies).planned()
        self.say(interruption(self._movies))

    def say_unchanged(self) -> None:
        """Print the movies of a run that had nothing to do."""
        assert self._run.work is not None
        for name in self._run.movies:
            folder = self._run.work / name
            if plan := read_valid_plan(folder):
                movie = WorkFolder(folder).movie(plan.output)
                self._print_result(movie, unchanged_line(folder, plan))

    def say_failures(self, errors: Sequence[str]) -> bool:
        """Print why jobs failed, or else the errors of Snakemake; return whether there was one."""
        failures = describe_failures(self._run.all_failures())
        if failures:
            self.say(failures)
        else:
            for error in errors:
                self.say(error, style="red")
        return bool(failures or errors)

    def say_log(self) -> None:
        """Print where Snakemake's own log is."""
        if self._run.log is not None:
            path = os.path.relpath(self._run.log)
            shown = self._run.log if path.startswith(os.pardir) else path
            self.say(f"Snakemake's log: {shown}", style="dim")

    def _watch(self) -> None:
        said = time.monotonic()
        wait = 0.0
        while not self._ended.wait(wait):
            before = time.monotonic()
            # A disk that fails for a moment: the next look works.
            with contextlib.suppress(OSError):
                self._look()
                self._print_results()
            if self._live is None and self._run.show == "movies" and before - said >= LINE_SECONDS:
                said = before
                self._print_progress()
            took = time.monotonic() - before
            wait = max(LOOK_SECONDS, took / MOST_OF_THE_TIME)

    def _look(self) -> None:
        assert self._watcher is not None
        self._movies = [
            only_failures_since(movie, self._watcher.work, self._began)
            for movie in self._watcher.planned()
        ]

    def _print_progress(self) -> None:
        for movie in self._movies:
            if movie.state == "rendering" or movie.n_failed:
                self.say(progress_line(movie))

    def _print_results(self) -> None:
        assert self._watcher is not None
        for movie in self._movies:
            if movie.state != "done" or movie.movie in self._is_printed:
                continue
            folder = self._watcher.work / movie.movie
            if plan := read_valid_plan(folder):
                self._is_printed.add(movie.movie)
                rendered = self._to_render.get(movie.movie, plan.n_frames)
                seconds = time.monotonic() - self._run.started
                line = result_line(folder, plan, rendered, seconds, str(self.provided))
                self._print_result(WorkFolder(folder).movie(plan.output), line)

    def _print_result(self, movie: Path, line: str) -> None:
        # A pipe may be closed, as by 'head'.
        with contextlib.suppress(BrokenPipeError):
            sys.stdout.write(line + "\n")
            sys.stdout.flush()
        if self._run.opens and (reason := open_file(place_of(movie))):
            self.say(reason)

    def _bars(self) -> RenderableType:
        return bars(self._movies, self._console.width, self._console.height)


def bars(movies: Sequence[MovieStatus], width: int, height: int) -> RenderableType:
    """Return a line for each open movie, as many as a terminal has room for."""
    open_movies = [movie for movie in movies if movie.state != "done"]
    # Movies that are being rendered or have failed come before those that wait.
    open_movies.sort(key=lambda movie: movie.state == "waiting")
    room = max(height - FREE_ROWS, 1)
    table = _table(open_movies[:room], width)
    if len(open_movies) <= room:
        return table
    return Group(table, Text(f"and {len(open_movies) - room} more movies", style="dim"))


def _table(movies: Sequence[MovieStatus], width: int) -> Table:
    """Return a line for each movie; a narrow terminal shortens names, then bars."""
    counts = [
        f"{movie.n_frames_done}/{movie.n_frames}" if movie.n_frames else "" for movie in movies
    ]
    words = [_words(movie) for movie in movies]
    taken = _longest(counts) + _longest(words) + 3 * GAP
    names = [Text(movie.movie, style="bold") for movie in movies]
    name_width = min(
        _longest(names), LONGEST_NAME, max(width - taken - SHORTEST_BAR, SHORTEST_NAME)
    )
    table = Table.grid(padding=(0, GAP, 0, 0), expand=True)
    table.add_column(no_wrap=True, width=name_width, overflow="ellipsis")
    table.add_column(ratio=1)
    table.add_column(no_wrap=True, justify="right")
    table.add_column(no_wrap=True, overflow="ellipsis")
    for movie, name, count, speed_and_failures in zip(movies, names, counts, words, strict=True):
        bar = ProgressBar(
            total=max(movie.n_frames, 1),
            completed=movie.n_frames_done,
            complete_style="cyan",
            finished_style="green",
        )
        table.add_row(name, bar if movie.n_frames else "", count, speed_and_failures)
    return table


def _words(movie: MovieStatus) -> Text:
    if not movie.n_frames:
        return Text("cannot be planned", style="red")
    words = Text(", ".join(speed(movie)))
    if movie.n_failed:
        words.append(f"{', ' if words else ''}{movie.n_failed} failed", style="red")
    return words


def _longest(texts: Sequence[str | Text]) -> int:
    return max(map(len, texts), default=0)
