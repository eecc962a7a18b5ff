"""Format the progress of movies and chunks as text; this module reads no file."""

from collections.abc import Sequence

from parallel_animate.report.status import MovieStatus

BAR_LENGTH = 20


def format_status(movies: Sequence[MovieStatus]) -> str:
    """Return the progress of movies as lines for people."""
    lines = [line for movie in movies for line in _lines(movie)]
    return "\n".join(lines) + "\n"


def _lines(movie: MovieStatus) -> list[str]:
    first = f"{movie.movie}: {movie.state}"
    if movie.n_frames:
        share = movie.n_frames_done / movie.n_frames
        filled = int(BAR_LENGTH * share)
        first += (
            f"  [{'#' * filled}{'.' * (BAR_LENGTH - filled)}] {int(100 * share)} %  "
            f"{movie.n_frames_done} of {movie.n_frames} frames, "
            f"{movie.n_done} of {movie.n_chunks} chunks"
        )
    lines = [first]
    jobs = [
        f"{count} {word}"
        for count, word in (
            (movie.n_running, "running"),
            (movie.n_failed, "failed"),
            (movie.n_lost, "lost with their job"),
        )
        if count
    ]
    if movie.frames_per_second:
        jobs.append(f"{movie.frames_per_second:.3g} frames/s")
    if movie.seconds_left is not None:
        jobs.append(f"{format_seconds(movie.seconds_left)} left")
    if jobs:
        lines.append(f"  {', '.join(jobs)}")
    if movie.slowest is not None:
        lines.append(
            f"  slowest chunk: {frame_range(movie.slowest.chunk)}, "
            f"{1000 * movie.slowest.frame_seconds:.3g} ms a frame on {movie.slowest.node}"
        )
    if movie.disk_bytes:
        lines.append(f"  on disk: {movie.disk_bytes / 1e6:.1f} MB")
    for failure in movie.failures:
        lines.append(f"  failed: {frame_range(failure.what)}: {failure.reason}")
        lines.append(f"    -> {failure.log}")
    return lines


def frame_range(chunk: str) -> str:
    """Return the frames of a chunk as text."""
    start, _, rest = chunk.partition("-")
    stop = rest.partition("-")[0]
    return f"frames {int(start)} to {int(stop) - 1}" if stop.isdigit() else chunk


def format_seconds(seconds: float) -> str:
    """Return a duration as 5 s, 2:05 min or 1:02:05 h."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours}:{minutes:02d}:{rest:02d} h"
    return f"{minutes}:{rest:02d} min" if minutes else f"{rest} s"
