"""Find out the progress of the movies in a work folder from files alone, without disturbing jobs.

Imports little, like `parallel_animate.project.plan`.
"""

import os
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from parallel_animate.atomic_files import is_locked
from parallel_animate.errors import SettingsError
from parallel_animate.project.failures import read_failure
from parallel_animate.project.finished_movie import is_finished
from parallel_animate.project.job_records import JobRecord, read_records
from parallel_animate.project.plan import Plan, read_valid_plan
from parallel_animate.project.work_folder import LOCK_NAME, WorkFolder, listing
from parallel_animate.validation import did_you_mean


@dataclass(frozen=True)
class FailedPart:
    """A chunk or a plan that failed.

    Parameters
    ----------
    what : str
        Name of the chunk, or "plan".
    reason : str
        The last line of the error.
    log : str
        The file with the whole error.
    """

    what: str
    reason: str
    log: str


@dataclass(frozen=True)
class SlowChunk:
    """The chunk with the slowest frames.

    Parameters
    ----------
    chunk : str
        Name of the chunk.
    frame_seconds : float
        Seconds per frame.
    node : str
        The machine that rendered it.
    """

    chunk: str
    frame_seconds: float
    node: str


@dataclass(frozen=True)
class MovieStatus:
    """The progress of a movie.

    Parameters
    ----------
    movie : str
        Name of the movie.
    state : str
        "done", "rendering", "failed" or "waiting" (no run is rendering it, or none that this
        machine can see).
    n_frames, n_frames_done : int
        Frames of the movie; frames in finished segments or drawn by running jobs.
    n_chunks, n_done, n_running, n_failed, n_lost : int
        Chunks: all; with a segment; being rendered; failed; begun by a job that died.
    frames_per_second : float or None
        Rate of all jobs together since this run began with the movie; None before the first frame.
    seconds_left : float or None
        Remaining time at that rate; None if the movie is not being rendered.
    slowest : SlowChunk or None
        The chunk with the slowest frames; None before the first chunk is finished.
    disk_bytes : int
        Size of the movie's work folder and of the movie.
    failures : tuple of FailedPart
        The chunks that failed, or the plan.
    """

    movie: str
    state: str
    n_frames: int = 0
    n_frames_done: int = 0
    n_chunks: int = 0
    n_done: int = 0
    n_running: int = 0
    n_failed: int = 0
    n_lost: int = 0
    frames_per_second: float | None = None
    seconds_left: float | None = None
    slowest: SlowChunk | None = None
    disk_bytes: int = 0
    failures: tuple[FailedPart, ...] = ()


@dataclass
class WorkWatcher:
    """Watches a work folder; it remembers the records of finished jobs.

    Parameters
    ----------
    work : Path
        The folder that holds the movies' folders; logs and results are next to it.
    movies : sequence of str
        Names of the movies to watch; empty means all.
    """

    work: Path
    movies: Sequence[str] = ()
    _known: dict[str, dict[str, JobRecord]] = field(default_factory=dict)
    _has_seen_run: bool = False

    def planned(self) -> list[MovieStatus]:
        """Return the progress of the movies; those that are not planned yet are "waiting"."""
        there = self._there()
        return [
            self._movie(name) if name in there else MovieStatus(name, "waiting")
            for name in (self.movies or there)
        ]

    def _there(self) -> list[str]:
        return sorted(
            folder.name
            for folder in self.work.glob("*/")
            if WorkFolder(folder).plan.exists() or WorkFolder(folder).plan_failure.exists()
        )

    def status(self) -> list[MovieStatus]:
        """Return the present progress of each movie.

        Raises
        ------
        SettingsError
            If the folder lacks one of the movies, or holds no movie.
        """
        there = self._there()
        if not there:
            raise SettingsError(
                f"{self.work} holds no movie. Set --work, or render a movie with 'parallel-animate "
                "run'."
            )
        for name in self.movies:
            if name not in there:
                hint = did_you_mean(name, there) or f" Movies: {', '.join(there)}."
                raise SettingsError(f"{self.work} holds no movie {name!r}.{hint}")
        return [self._movie(name) for name in (self.movies or there)]

    def is_over(self, movies: Sequence[MovieStatus]) -> bool:
        """Return whether all movies are done, or a run failed and ended while it was watched.

        A failure before the first update does not count: a new run may be about to start.
        """
        states = {movie.state for movie in movies}
        if states == {"done"}:
            return True
        is_live = "rendering" in states or is_locked(self.work / LOCK_NAME)
        self._has_seen_run |= is_live
        return self._has_seen_run and "failed" in states and not is_live

    def _movie(self, name: str) -> MovieStatus:
        folder = self.work / name
        plan = read_valid_plan(folder)
        if plan is None:
            return MovieStatus(name, "failed", failures=(_failed_plan(folder),))
        known = self._known.setdefault(name, {})
        records = read_records(folder, [chunk for chunk, _ in plan.chunks], known)
        return _status(self.work, plan, records, time.time())


def _status(work: Path, plan: Plan, records: Mapping[str, JobRecord], now: float) -> MovieStatus:
    folder = work / plan.movie
    segments = _sizes(WorkFolder(folder).segments)
    done = {name: count for name, count in plan.chunks if f"{name}.mp4" in segments}
    recorded = set(listing(WorkFolder(folder).failures))
    open_chunks = [name for name, _ in plan.chunks if name not in done]
    failed = [
        name
        for name in open_chunks
        if f"{name}.json" in recorded or (name in records and records[name].state == "failed")
    ]
    begun = [name for name in open_chunks if name in records and name not in failed]
    running = [name for name in begun if records[name].is_running(now)]
    n_frames_done = sum(done.values()) + sum(records[name].n_drawn for name in running)
    counted = [records[name] for name in (*done, *running) if name in records]
    run_began = _run_began(work)
    rate = _rate(counted, run_began)
    movie = WorkFolder(folder).movie(plan.output)
    is_joined = is_finished(folder, plan)
    # Between two chunks and during the join no job runs; then the run's lock shows that it is live.
    has_begun = any(record.started >= run_began for record in records.values())
    is_open = has_begun and not failed and not is_joined
    is_live = bool(running) or (is_open and is_locked(work / LOCK_NAME))
    return MovieStatus(
        movie=plan.movie,
        state=_state(is_joined, is_live, bool(failed)),
        n_frames=plan.n_frames,
        n_frames_done=n_frames_done,
        n_chunks=len(plan.chunks),
        n_done=len(done),
        n_running=len(running),
        n_failed=len(failed),
        n_lost=len(begun) - len(running),
        frames_per_second=rate,
        seconds_left=(plan.n_frames - n_frames_done) / rate if rate and is_live else None,
        slowest=_slowest(records),
        disk_bytes=_disk_bytes(folder) + (movie.stat().st_size if movie.is_file() else 0),
        failures=tuple(_failed_chunk(work, plan.movie, name) for name in failed),
    )


def _state(is_joined: bool, is_live: bool, has_failed: bool) -> str:
    if is_joined:
        return "done"
    if is_live:
        return "rendering"
    return "failed" if has_failed else "waiting"


def _run_began(work: Path) -> float:
    """Return when the last run began, which is when it wrote its name into the lock file."""
    try:
        return (work / LOCK_NAME).stat().st_mtime
    except OSError:
        return 0.0


def _rate(records: Sequence[JobRecord], run_began: float) -> float | None:
    """Return the frames per second of a run's jobs; jobs before the run do not count."""
    mine = [record for record in records if record.started >= run_began]
    n_drawn = sum(record.n_drawn for record in mine)
    if not n_drawn:
        return None
    seconds = max(r.seen for r in mine) - min(r.started for r in mine)
    return n_drawn / seconds if seconds > 0 else None


def _slowest(records: Mapping[str, JobRecord]) -> SlowChunk | None:
    finished = [record for record in records.values() if record.state == "finished"]
    if not finished:
        return None
    slowest = max(finished, key=lambda record: record.frame_seconds)
    return SlowChunk(slowest.chunk, slowest.frame_seconds, slowest.node)


def _sizes(folder: Path) -> dict[str, int]:
    try:
        with os.scandir(folder) as entries:
            return {entry.name: entry.stat().st_size for entry in entries}
    except OSError:
        # The folder does not exist yet, or a temporary file has just gone; the next update works.
        return dict.fromkeys(os.listdir(folder), 0) if folder.is_dir() else {}


def _disk_bytes(folder: Path) -> int:
    return sum(sum(_sizes(place).values()) for place in folder.glob("*/"))


def _failed_plan(folder: Path) -> FailedPart:
    path = WorkFolder(folder).plan_failure
    failure = read_failure(path)
    return FailedPart("plan", failure.reason if failure else "the movie has no plan", str(path))


def _failed_chunk(work: Path, movie: str, chunk: str) -> FailedPart:
    folder = WorkFolder(work / movie)
    record, log = folder.failure(chunk), folder.log(chunk)
    failure = read_failure(record)
    reason = failure.reason if failure else _last_line(log)
    return FailedPart(chunk, reason, str(log if log.exists() or failure is None else record))


def _last_line(log: Path) -> str:
    """Return the last line of a job's log, for failures without an error in the user's code."""
    try:
        lines = log.read_text(encoding="utf-8", errors="replace").split("\n")
    except OSError:
        lines = []
    return next((line.strip() for line in reversed(lines) if line.strip()), "see the log")
