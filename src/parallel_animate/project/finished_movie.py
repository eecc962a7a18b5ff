"""Whether results/NAME.mp4 is the movie that the join wrote; by its content, not by its time.

Snakemake compares the times of files. A clock that was wrong, a copy of the project, or a file
server with its own time would decide whether a movie is done. So all inputs of the join are
"ancient", except a request: a small file that is new for Snakemake if the movie must be joined.

The Snakefile imports this module at every start, so it imports little.
"""

import contextlib
import json
import os
import time
import uuid
from collections.abc import Iterable, Iterator
from pathlib import Path

from parallel_animate.atomic_files import replace_text
from parallel_animate.encode.numbered import pictures_fault
from parallel_animate.formats import MP4, format_of
from parallel_animate.inputs.file_states import Digests, FileState, state_of
from parallel_animate.project.plan import Plan, joined_name
from parallel_animate.project.work_files import WRONG_CONTENT
from parallel_animate.project.work_folder import WorkFolder, listing

SECOND_NS = 1_000_000_000
PAGE_FILES = ("index.html", "contact-sheet.png", "poster.jpg", "timeline.svg", "costs.svg")


def record_movie(folder: Path, movie: Path) -> None:
    """Record a movie that was just joined in its work folder."""
    state, digest = Digests().look(movie)
    if state is not None:
        _write_record(folder, state, digest)


def is_finished(folder: Path, plan: Plan) -> bool:
    """Return whether the movie of a plan exists, as the join wrote it."""
    return joined_name(folder) == plan.join and movie_fault(folder, plan) == ""


def movie_fault(folder: Path, plan: Plan) -> str:
    """Return why a movie is not the one that the join wrote last; empty if it is.

    Its content is read only if its state has changed since it was read last.
    """
    movie = WorkFolder(folder).movie(plan.output)
    state = state_of(movie)
    known = _read_record(folder)
    if state is None:
        return "it is missing"
    if known is None:
        return "nobody recorded what was joined"
    if plan.poster and not movie.with_name(plan.poster).is_file():
        return f"its poster {plan.poster} is missing"
    known_state, digest = known
    if format_of(movie).is_numbered and (fault := pictures_fault(movie)):
        return fault
    if state == known_state:
        return ""
    if state.size != known_state.size:
        return f"it has {state.size} bytes instead of {known_state.size}"
    state, found = _DIGESTS.look(movie)
    return "" if found == digest else "it has other content"


# For a status that is shown every two seconds.
_DIGESTS = Digests()


def remember_movie(folder: Path, plan: Plan) -> None:
    """Record the present state of a movie with the right content, so that it is not read again."""
    movie = WorkFolder(folder).movie(plan.output)
    known, present = _read_record(folder), state_of(movie)
    if known is None or present is None or present == known[0] or not present.is_settled():
        return
    state, digest = _DIGESTS.look(movie)
    if state is not None and digest == known[1]:
        with contextlib.suppress(OSError):
            _write_record(folder, state, digest)


def _write_record(folder: Path, state: FileState, digest: str) -> None:
    if not state.is_settled():
        # A change within the same tick of the clock would not show.
        state = state._replace(ctime_ns=0)
    text = json.dumps({"state": list(state), "sha256": digest}) + "\n"
    replace_text(WorkFolder(folder).movie_state, text)


def _read_record(folder: Path) -> tuple[FileState, str] | None:
    record = WorkFolder(folder).movie_state
    # Reading a named pipe would never end.
    if not record.is_file():
        return None
    try:
        content = json.loads(record.read_text(encoding="utf-8"))
        return FileState(*map(int, content["state"])), str(content["sha256"])
    except (OSError, *WRONG_CONTENT):
        return None


def request_join(folder: Path, plan: Plan) -> str:
    """Make Snakemake join a movie if it is not the one of its plan, and leave it alone if it is.

    Returns
    -------
    str
        Why an existing movie is not the one that was joined, for people; empty otherwise.
    """
    paths = WorkFolder(folder)
    movie = paths.movie(plan.output)
    fault = movie_fault(folder, plan)
    is_of_plan = joined_name(folder) == plan.join
    if is_of_plan and not fault:
        remember_movie(folder, plan)
        _withdraw_request(paths, plan, movie)
        return ""
    _request(paths, plan.join, movie)
    _bring_back(_inputs(paths, plan), paths.join_request.stat().st_mtime_ns)
    return fault if is_of_plan and movie.exists() else ""


def request_failure(folder: Path) -> None:
    """Make Snakemake report that a movie cannot be planned, whatever the time of the movie is."""
    # The rule that reports it names this file, which it never makes.
    _request(WorkFolder(folder), "failure", WorkFolder(folder).movie(MP4.name))


def _request(paths: WorkFolder, what: str, movie: Path) -> None:
    """Write a request that Snakemake finds new and changed."""
    # Snakemake also compares the content with that of the last job, even of one that failed. A
    # missing movie is made in any case.
    number = uuid.uuid4().hex if movie.exists() else ""
    replace_text(paths.join_request, f"{what} {number}\n")
    _bring_back([*_outputs(paths, movie), *_pages(paths)], paths.join_request.stat().st_mtime_ns)


def _withdraw_request(paths: WorkFolder, plan: Plan, movie: Path) -> None:
    """Make the request older than the movie, for Snakemake."""
    _bring_back([*_outputs(paths, movie), *_pages(paths), paths.join(plan.join)], time.time_ns())
    if not paths.join_request.is_file():
        replace_text(paths.join_request, "none\n")
    first = min(output.stat().st_mtime_ns for output in _outputs(paths, movie))
    if paths.join_request.stat().st_mtime_ns >= first:
        _set_time(paths.join_request, first - SECOND_NS)


def _bring_back(files: Iterable[Path], now: int) -> None:
    """Give files from the future a time before now, by the clock of the disk.

    Otherwise Snakemake would find them newer than what a job makes from them, and remove that.
    """
    for path in files:
        with contextlib.suppress(FileNotFoundError):
            if path.stat().st_mtime_ns >= now:
                _set_time(path, now - SECOND_NS)


def _outputs(paths: WorkFolder, movie: Path) -> list[Path]:
    """Return the files whose times Snakemake compares with those of the join's inputs."""
    return [path for path in (movie, paths.join_benchmark) if path.exists()]


def _pages(paths: WorkFolder) -> list[Path]:
    """Return the files of the page about a movie, which Snakemake compares with the movie."""
    return [paths.page / name for name in PAGE_FILES]


def _inputs(paths: WorkFolder, plan: Plan) -> Iterator[Path]:
    """Yield the files of a movie that are inputs of jobs."""
    yield paths.join(plan.join)
    for name, _ in plan.chunks:
        yield paths.chunk(name)
        yield paths.segment(name)
    yield from (paths.batches / name for name in listing(paths.batches))


def _set_time(path: Path, time_ns: int) -> None:
    os.utime(path, ns=(time_ns, time_ns))
