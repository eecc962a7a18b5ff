"""Format a run's progress and results as text; this module draws nothing on a screen."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from parallel_animate.local.movie import Movie
from parallel_animate.project.plan import Plan
from parallel_animate.project.work_folder import WorkFolder
from parallel_animate.report.status import MovieStatus
from parallel_animate.report.status_text import format_seconds


def progress_line(movie: MovieStatus) -> str:
    """Return a movie's progress, for a log file."""
    if not movie.n_frames:
        return f"{movie.movie}: cannot be planned"
    parts = [f"{movie.n_frames_done} of {movie.n_frames} frames", *speed(movie)]
    if movie.n_failed:
        parts.append(failed_chunks(movie))
    return f"{movie.movie}: {', '.join(parts)}"


def speed(movie: MovieStatus) -> list[str]:
    """Return speed and time left, or what the movie waits for."""
    if movie.n_done == movie.n_chunks:
        return ["joining"]
    if movie.state != "rendering":
        return [] if movie.n_failed else ["waiting"]
    if not movie.frames_per_second or movie.seconds_left is None:
        return ["starting"]
    return [
        f"{movie.frames_per_second:.3g} frames/s",
        f"{format_seconds(movie.seconds_left)} left",
    ]


def failed_chunks(movie: MovieStatus) -> str:
    """Return how many chunks failed."""
    return f"{movie.n_failed} chunk{'s' if movie.n_failed > 1 else ''} failed"


def only_failures_since(movie: MovieStatus, work: Path, began: float) -> MovieStatus:
    """Return a status without chunks that failed in an earlier run and wait to be tried again."""
    folder = WorkFolder(work / movie.movie)
    now = [
        part
        for part in movie.failures
        if _changed(folder.failure(part.what), began) or _changed(folder.record(part.what), began)
    ]
    return replace(movie, n_failed=len(now))


def _changed(path: Path, since: float) -> bool:
    try:
        return path.stat().st_mtime >= since
    except OSError:
        return False


def result_line(folder: Path, plan: Plan, n_rendered: int, seconds: float, where: str) -> str:
    """Return the line about a finished movie.

    Parameters
    ----------
    folder : Path
        The movie's work folder.
    plan : Plan
        Its plan.
    n_rendered : int
        Number of frames that this run rendered.
    seconds : float
        How long the run took until the movie was done.
    where : str
        Where it ran, such as " on 2 cores".
    """
    movie = Movie(WorkFolder(folder).movie(plan.output), plan.n_frames, plan.fps, plan.size)
    took = f"in {format_seconds(seconds)}{where}"
    if n_rendered < plan.n_frames:
        took = f"{n_rendered} of them {took}" if n_rendered else f"joined {took}"
    return f"{movie}, {took}"


def unchanged_line(folder: Path, plan: Plan) -> str:
    """Return the line about a movie that was finished before this run."""
    movie = Movie(WorkFolder(folder).movie(plan.output), plan.n_frames, plan.fps, plan.size)
    return f"{movie}, unchanged"


def interruption(movies: Sequence[MovieStatus]) -> str:
    """Return the sentence after ^C: the frames that are kept."""
    n_kept = sum(movie.n_frames_done for movie in movies)
    n_frames = sum(movie.n_frames for movie in movies)
    if not n_frames:
        return "Interrupted before a movie was planned."
    movie = movies[0].movie if len(movies) == 1 else f"{len(movies)} movies"
    kept = f"{n_kept} of {n_frames} frames of {movie} are kept"
    return f"Interrupted. {kept}: run the same command again."
