"""Plan a movie: load the user's code, try it, write recipe, chunk files and plan.json.

Planning only adds files, so it is safe during a live run or under ``snakemake -n``. Each movie is
planned in its own process, so that the styles and modules of one do not affect another.
"""

import json
import logging
import math
import os
import signal
import tempfile
import threading
import time
from collections.abc import Collection, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import loky
import matplotlib as mpl
from loky.process_executor import BrokenProcessPool

from parallel_animate.atomic_files import process_mark, remove_leftovers, remove_stale
from parallel_animate.errors import AnimateError, FrameError, InputsChangedError
from parallel_animate.inputs.file_states import Digests
from parallel_animate.inputs.frame_stream import group_chunks
from parallel_animate.inputs.frames import Chunk, LazyParams
from parallel_animate.inputs.opened_files import OpenedFiles
from parallel_animate.local.cores import available_cores
from parallel_animate.local.safe_path import SAFE_PATH, isolated_start, undo_isolated_start
from parallel_animate.local.termination import end_with_parent
from parallel_animate.local.worker import kill_children
from parallel_animate.pipeline.chunk_size import (
    JOB_SECONDS,
    choose_chunk_size,
    chunk_size_before,
)
from parallel_animate.pipeline.config import is_in_order
from parallel_animate.pipeline.launch import HASH_SEED
from parallel_animate.pipeline.outputs import plan_files, sorted_groups
from parallel_animate.pipeline.plan_files import (
    check_frames_of_first,
    movie_drawing_name,
    movie_recipe,
    movie_recipe_name,
    store_chunks,
    store_join,
)
from parallel_animate.pipeline.plan_supplements import PlannedSupplements
from parallel_animate.pipeline.tried_pairs import pairs_to_try
from parallel_animate.pipeline.try_movie import TriedMovie, try_movie
from parallel_animate.project.chunk_files import ChunkFile, Recipe, fetch, store
from parallel_animate.project.failures import Failure, write_failure
from parallel_animate.project.folder_lock import folder_in_use
from parallel_animate.project.plan import Cost, Plan, read_plan, write_plan
from parallel_animate.project.staleness import current_versions
from parallel_animate.project.work_folder import WorkFolder
from parallel_animate.render.order_check import check_order, explain_dependence
from parallel_animate.render.preflight import Trial
from parallel_animate.render.tracebacks import users_text

logger = logging.getLogger(__name__)

# Files may change while a movie is planned. It is then planned again, up to this many times.
MOST_ATTEMPTS = 3
# In a plan, the digest of a file that is to be planned with again.
STALE = "changed while the movie was planned"


def plan_movies(
    movies: Mapping[str, Mapping[str, Any]], work: Path, job_seconds: float = JOB_SECONDS
) -> dict[str, Failure]:
    """Plan movies, each in its own process, one on each core.

    Parameters
    ----------
    movies : mapping
        Name -> entry of the config file with checked keys, for movies without a current plan.
    work : Path
        The folder that holds the movies' folders.
    job_seconds : float
        The seconds that a chunk should take with ``chunk_size: auto``.

    Returns
    -------
    dict
        Name -> failure of each movie that cannot be planned; also recorded in its folder.
    """
    planners = _Planners(work, job_seconds)
    with ThreadPoolExecutor(available_cores()) as threads:
        try:
            groups = [{name: movies[name] for name in group} for group in sorted_groups([*movies])]
            found = list(threads.map(lambda files: plan_files(files, work, planners.plan), groups))
        except BaseException:
            threads.shutdown(wait=False, cancel_futures=True)
            planners.kill()
            raise
        finally:
            remove_stale(Path(tempfile.gettempdir()))
            for name in movies:
                WorkFolder(work / name).remove_stale()
    failures = {name: failure for group in found for name, failure in group.items()}
    return {name: failures[name] for name in movies if name in failures}


Attempt = tuple[Failure | None, tuple[str, ...]]


class _Planners:
    """The processes that plan movies, each a fresh one.

    Parameters
    ----------
    work : Path
        The folder that holds the movies' folders.
    job_seconds : float
        The seconds that a chunk should take with ``chunk_size: auto``.
    """

    def __init__(self, work: Path, job_seconds: float) -> None:
        self._work = work
        self._job_seconds = job_seconds
        self._running: list[loky.ProcessPoolExecutor] = []
        self._is_killed = False
        self._lock = threading.Lock()
        # loky's shutdown fails if another thread shuts the same executor down meanwhile.
        self._ending = threading.Lock()

    def plan(self, name: str, config: Mapping[str, Any]) -> Failure | None:
        """Plan a movie in a fresh process; return the failure, if any, which is also recorded.

        If its files change meanwhile, the movie is planned again, in another fresh process: modules
        are imported once per process.
        """
        for attempt in range(1, MOST_ATTEMPTS + 1):
            failure, changed = self._attempt(name, config, attempt)
            if not changed or self._is_killed:
                break
            logger.warning(
                "Movie %s is planned again, because files changed while it was planned: %s.",
                *(name, ", ".join(changed)),
            )
        if failure is not None and not self._is_killed:
            write_failure(WorkFolder(self._work / name).plan_failure, failure)
        return failure

    def _attempt(self, name: str, config: Mapping[str, Any], attempt: int) -> Attempt:
        """Plan a movie once; return the failure, or the files that changed meanwhile."""
        variables = {"MPLBACKEND": "agg", **HASH_SEED, **SAFE_PATH}
        with self._lock:
            if self._is_killed:
                return None, ()
            # Not while another thread starts a process: it changes for a moment where this process
            # looks for packages.
            before = Before.now()
            with isolated_start():
                executor = loky.ProcessPoolExecutor(max_workers=1, env=variables)
                self._running.append(executor)
                planning = executor.submit(
                    _plan_or_fail,
                    *(name, dict(config), self._work, self._job_seconds, os.getpid()),
                    *(before, attempt, logger.getEffectiveLevel()),
                )
        try:
            result: Attempt = planning.result()
            return result
        except BrokenProcessPool as error:
            return Failure(f"The process that planned movie {name!r} died: {error}"), ()
        finally:
            self._end(executor)

    def kill(self) -> None:
        """Kill all processes with their programs, and start no more."""
        self._is_killed = True
        with self._lock:
            for executor in self._running:
                self._end(executor)

    def _end(self, executor: loky.ProcessPoolExecutor) -> None:
        with self._ending:
            executor.shutdown(wait=True, kill_workers=True)


def _plan_or_fail(
    name: str,
    config: dict[str, Any],
    work: Path,
    job_seconds: float,
    parent: int,
    before: "Before",
    attempt: int,
    log_level: int,
) -> Attempt:
    # ^C at the terminal reaches every process; only the parent decides how to react.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    undo_isolated_start()
    end_with_parent(parent, partial(_end, WorkFolder(work / name)))
    logging.basicConfig(level=log_level, format="%(levelname)s %(message)s")
    try:
        plan_movie(name, config, work, job_seconds, before, attempt)
    except InputsChangedError as error:
        if attempt < MOST_ATTEMPTS:
            return None, error.files
        return Failure(f"Movie {name!r} cannot be planned: {error}"), ()
    except (AnimateError, OSError) as error:
        failure = Failure.of(error)
        if failure.traceback and error.__cause__ is not None:
            failure = replace(failure, traceback=users_text(error.__cause__))
        message = f"Movie {name!r} cannot be planned: {failure.message}"
        return replace(failure, message=message), ()
    except (Exception, SystemExit) as error:  # noqa: BLE001 - the user's code may raise anything
        message = f"Movie {name!r} cannot be planned: {type(error).__name__}: {error}"
        return Failure(message, users_text(error)), ()
    return None, ()


@dataclass(frozen=True)
class Before:
    """What a planning process uses before it can look: taken before it starts.

    Parameters
    ----------
    versions : mapping
        Versions of packages, and the ffmpeg programs.
    files : mapping of str to str
        The files that affect rcParams and styles: path -> digest.
    """

    versions: Mapping[str, Any]
    files: Mapping[str, str]

    @classmethod
    def now(cls) -> "Before":
        """Return what a process would use that starts now."""
        digests = Digests()
        paths = _matplotlib_settings()
        return cls(current_versions(), {path: digests.of(Path(path)) for path in paths})


def _end(folder: WorkFolder) -> None:
    """Kill ffmpeg, remove the files and end this process, since nobody waits for its plan."""
    kill_children()
    folder.remove_leftovers([process_mark()])
    remove_leftovers(Path(tempfile.gettempdir()), [process_mark()])
    os._exit(1)


def plan_movie(
    name: str,
    config: Mapping[str, Any],
    work: Path,
    job_seconds: float = JOB_SECONDS,
    before: Before | None = None,
    attempt: int = MOST_ATTEMPTS,
) -> Plan:
    """Plan one movie in this process.

    Parameters
    ----------
    name, config, work, job_seconds : str, mapping, Path, float
        As for `plan_movies`.
    before : Before, optional
        What this process has used before this call.
    attempt : int
        How often the movie has been planned by now, from 1.

    Raises
    ------
    InputsChangedError
        If the user's files changed meanwhile, so that nobody can tell what was read.
    AnimateError
        If a setting, the user's code or the encoder does not work.
    """
    before = before or Before.now()
    folder = WorkFolder(work.absolute() / name)
    folder.make()
    folder.make_for_jobs()
    # Until plan.json names the new files, 'clean' would remove them.
    with folder_in_use(folder):
        return _plan_in(folder, config, job_seconds, before, attempt)


def _plan_in(
    folder: WorkFolder,
    config: Mapping[str, Any],
    job_seconds: float,
    before: Before,
    attempt: int,
) -> Plan:
    digests = Digests(folder.digests)
    own_files = (folder.root, Path(tempfile.gettempdir()))
    opened = OpenedFiles(Path.cwd(), own_files, digests)
    try:
        plan, content = _plan(config, folder, job_seconds, opened, before)
    except (Exception, SystemExit):
        # An editor may have saved half a file.
        _refuse_changes(opened, before, attempt)
        raise
    stale = _refuse_changes(opened, before, attempt)
    # Only now: its name and the code in it were read one after the other, and may differ.
    store(folder.recipe(plan.recipe), content)
    write_plan(folder.root, replace(plan, files={**plan.files, **dict.fromkeys(stale, STALE)}))
    digests.remember()
    return plan


def _refuse_changes(opened: OpenedFiles, before: Before, attempt: int) -> Collection[str]:
    """Raise InputsChangedError if files changed while a movie was planned.

    In the last attempt, a file that only gives params may change: the chunk files hold these. Such
    files are returned; the next run plans the movie again.
    """
    changes = opened.changes()
    now = Before.now()
    settings = [path for path, digest in before.files.items() if now.files.get(path) != digest]
    versions = ["the installed packages"] if now.versions != before.versions else []
    changed = {*changes.content, *settings, *versions}
    # What was read twice, such as code, may differ although it is as it was.
    changed |= {path for path in changes.times if attempt == 1 or path.endswith(".py")}
    if attempt < MOST_ATTEMPTS:
        refused = changed
    else:
        named = {*opened.paths("import"), *opened.paths("animator"), *opened.paths("inputs")}
        code = {path for path in changed if path.endswith(".py")}
        refused = changed & {*named, *code, *settings, *versions}
    if refused:
        files = tuple(sorted(refused))
        raise InputsChangedError(
            f"files changed each time while it was planned ({', '.join(files)}). Run the same "
            "command again when no program writes them any more. If the animator itself has them "
            "written, let it use a new file in a temporary folder.",
            files=files,
        )
    if changed:
        logger.warning(
            "%s changed while the movie was planned. This run renders what was read; the same "
            "command renders the rest.",
            ", ".join(sorted(changed)),
        )
    return changed


def _plan(
    config: Mapping[str, Any],
    folder: WorkFolder,
    job_seconds: float,
    opened: OpenedFiles,
    before: Before,
) -> tuple[Plan, Recipe]:
    """Try a movie and write its chunk files and join file; return its plan and its recipe."""
    started = time.monotonic()
    previous = read_plan(folder.root)
    supplements = PlannedSupplements.of(folder.root.name, config, opened)
    tried = try_movie(config, previous, opened)
    size = choose_chunk_size(config, chunk_size_before(folder, previous), tried, job_seconds)
    recipe = movie_recipe_name(tried)
    with opened.recorded_as("params"):
        chunks = tuple(store_chunks(folder, recipe, group_chunks(tried.frames, size)))
    if len(chunks) > 1 and _settles(tried, folder, chunks, stops=config.get("order_check", True)):
        chunks = _settled_chunks(folder, recipe, chunks, tried.lazy)
    drawing = movie_drawing_name(tried)
    check_frames_of_first(folder, drawing, chunks)
    fitted = supplements.fitted(folder, chunks)
    join_name = store_join(folder, tried, chunks, fitted, supplements.files)
    os.chdir(opened.here)
    plan = Plan(
        movie=folder.root.name,
        config=json.loads(json.dumps(config)),
        recipe=recipe,
        join=join_name,
        encoder=asdict(tried.encoder),
        extradata=tried.trial.extradata,
        size=tried.trial.size,
        chunk_size=min(size, sum(count for _, count in chunks)) if is_in_order(config) else size,
        chunks=chunks,
        files={**before.files, **opened.files()},
        versions=before.versions,
        cost=_cost(tried.trial, folder.chunk(chunks[0][0])),
        drawing=drawing,
    )
    logger.info(
        "Movie %s: %d frames of %dx%d pixels in %d chunks of %d, planned in %.1f s.",
        *(plan.movie, sum(count for _, count in chunks), *plan.size, len(chunks), size),
        time.monotonic() - started,
    )
    return plan, movie_recipe(tried, config)


def _cost(trial: Trial, chunk: Path) -> Cost:
    # Memory holds a chunk's params three times: as file content, as pickles and as values.
    params_mb = math.ceil(3 * chunk.stat().st_size / 1e6)
    return Cost(
        round(trial.setup_seconds, 4), round(trial.frame_seconds, 5), trial.memory_mb + params_mb
    )


def _settles(
    tried: TriedMovie, folder: WorkFolder, chunks: Sequence[tuple[str, int]], stops: bool
) -> bool:
    """Return whether all chunks must be drawn after the movie's first frame.

    Raises
    ------
    FrameError
        If update() depends on the frame before, and this stops the movie.
    """
    content: ChunkFile = fetch(folder.chunk(chunks[0][0]))
    first = content.frames(tried.lazy)[0]
    found = pairs_to_try(folder, chunks, tried.lazy)
    verdict = check_order(tried.animator, found.pairs, first, tried.settings)
    if verdict.engine:
        # A layout that moves matters only where a chunk begins.
        verdict = check_order(tried.animator, [found.border], first, tried.settings)
    if verdict.is_independent:
        return verdict.settles
    minutes = math.ceil(sum(count for _, count in chunks) * tried.trial.frame_seconds / 60)
    message = (
        "update() depends on the frame before: "
        + explain_dependence(
            "; ".join(verdict.faults), verdict.engine, "update()", "at the end of setup()"
        )
        + ". Chunks of frames are drawn apart from each other, so the movie would be wrong. To "
        "render it as it is, set 'order: in_order' for it: one job then draws all frames, from the "
        f"first to the last, which takes about {minutes} min."
    )
    if stops:
        raise FrameError(message)
    logger.warning("%s", message)
    return False


def _settled_chunks(
    folder: WorkFolder,
    recipe: str,
    chunks: Sequence[tuple[str, int]],
    lazy: LazyParams | None,
) -> tuple[tuple[str, int], ...]:
    """Write the chunk files again, so that all chunks are drawn after the movie's first frame."""
    contents = (fetch(folder.chunk(name)).frames(lazy) for name, _ in chunks)
    first = fetch(folder.chunk(chunks[0][0])).frames(lazy)[0]
    return tuple(store_chunks(folder, recipe, map(Chunk, contents), first))


def _matplotlib_settings() -> list[str]:
    """Return the files that may affect rcParams and styles."""
    return ["matplotlibrc", mpl.matplotlib_fname(), str(Path(mpl.get_configdir(), "stylelib"))]
