"""Make the plan of a movie: load the user's code, try it, write recipe, chunk files and plan.json.

It only adds files, so it does no harm beside a live run or under ``snakemake -n``. Each movie is
planned in a process of its own, so that no style or module of one reaches another.
"""

import json
import logging
import math
import os
import shutil
import socket
import sys
import tempfile
import time
import traceback
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, replace
from itertools import chain, islice
from pathlib import Path
from typing import Any

import cloudpickle
import loky
import matplotlib as mpl
from loky.process_executor import BrokenProcessPool

from parallel_animate.animator import Animator
from parallel_animate.config import movie_settings
from parallel_animate.digest import digest_of
from parallel_animate.encoders import NVENC, X264, Encoder, on_this_machine
from parallel_animate.environment import (
    capture_environment,
    describe_drawing,
    drawing_versions,
    font_digest,
)
from parallel_animate.errors import (
    AnimateError,
    EncoderUnavailableError,
    FFmpegError,
    FrameError,
    NoFramesError,
)
from parallel_animate.frame_order import check_order
from parallel_animate.frames import (
    MAX_CHUNK_SIZE,
    MIN_CHUNK_SIZE,
    Chunk,
    Frame,
    LazyParams,
    count_frames,
    default_chunk_size,
    group_chunks,
    ordered_frames,
    read_in_jobs,
)
from parallel_animate.launch import HASH_SEED
from parallel_animate.loading import (
    SourceAnimator,
    SourceParams,
    absolute_target,
    load_module,
    load_params,
    local_sources,
    split_target,
)
from parallel_animate.opened import OpenedFiles
from parallel_animate.plan import (
    Cost,
    Plan,
    current_versions,
    describe_files,
    file_digest,
    input_digest,
    input_files,
    read_plan,
    write_error,
    write_plan,
)
from parallel_animate.pool import available_cores
from parallel_animate.preflight import (
    Trial,
    check_setup,
    choose_encoder_for,
    try_animator,
)
from parallel_animate.pvio_backend import check_pvio
from parallel_animate.settings import (
    VideoSettings,
    describe_settings,
)
from parallel_animate.store import (
    BYTE_FORMAT,
    ChunkFile,
    JoinFile,
    Recipe,
    WorkFolder,
    chunk_name,
    fetch,
    make_recipe,
    store,
)

logger = logging.getLogger(__name__)

# A job should last longer than its own start (about 1 s), and not so long that losing one hurts.
JOB_SECONDS = 20
MAX_JOB_SECONDS = 600
# A movie keeps at least so many cores busy, however cheap its frames are.
MIN_CHUNKS = 4
SMALLEST_CHUNK = 5
TRIAL_FRAMES = 3
# The encoder is tried where the plan is made, and every segment must be of that encoder.
ON_GPU = "plan on a node that has one: srun --gpus=1 parallel-animate plan CONFIG."


def plan_movies(
    movies: Mapping[str, Mapping[str, Any]], work: Path, job_seconds: float = JOB_SECONDS
) -> dict[str, str]:
    """Plan movies, each in a process of its own, as many at once as there are cores.

    Parameters
    ----------
    movies : mapping
        Name -> entry of the config file, with keys that were checked, of movies that have no plan
        or whose plan does not hold any more.
    work : Path
        The folder of the movies' folders.
    job_seconds : float
        What ``chunk_size: auto`` aims at: the seconds that a chunk takes.

    Returns
    -------
    dict
        Name -> message of each movie that cannot be planned; also in its ``plan.error``.
    """
    with ThreadPoolExecutor(available_cores()) as planners:
        messages = planners.map(
            lambda item: _plan_apart(item[0], item[1], work, job_seconds), movies.items()
        )
        return {name: message for name, message in zip(movies, messages, strict=True) if message}


def _plan_apart(name: str, config: Mapping[str, Any], work: Path, job_seconds: float) -> str:
    """Plan a movie in a fresh process; return why it failed, or an empty string."""
    executor = loky.ProcessPoolExecutor(max_workers=1, env={"MPLBACKEND": "agg", **HASH_SEED})
    try:
        message: str = executor.submit(
            _plan_and_report, name, dict(config), work, job_seconds
        ).result()
    except BrokenProcessPool as error:
        message = f"The process that planned movie {name!r} died: {error}"
    finally:
        executor.shutdown(wait=True, kill_workers=True)
    if message:
        write_error(work / name, message)
    return message


def _plan_and_report(name: str, config: dict[str, Any], work: Path, job_seconds: float) -> str:
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(message)s")
    try:
        plan_movie(name, config, work, job_seconds)
    except (AnimateError, OSError) as error:
        trace = getattr(error, "traceback", "")
        return f"Movie {name!r} cannot be planned: {error}" + (f"\n\n{trace}" if trace else "")
    except (Exception, SystemExit) as error:  # noqa: BLE001 - the user's code may raise anything
        trace = "".join(traceback.format_exception(error))
        return f"Movie {name!r} cannot be planned: {type(error).__name__}: {error}\n\n{trace}"
    return ""


def plan_movie(
    name: str, config: Mapping[str, Any], work: Path, job_seconds: float = JOB_SECONDS
) -> Plan:
    """Plan one movie in this process.

    Raises
    ------
    AnimateError
        If a setting, the user's code or the encoder cannot be used.
    """
    started = time.monotonic()
    here = Path.cwd()
    folder = WorkFolder(work.absolute() / name)
    opened = OpenedFiles(here, own_files=(work.absolute(), Path(tempfile.gettempdir())))
    previous = read_plan(folder.root)
    tried = _try(config, previous, opened)
    size = _chunk_size(config, previous, tried, job_seconds)
    phases = ["animator"] if tried.lazy is None else ["animator", "params"]
    read = [
        [path, file_digest(here / path)]
        for path in sorted({path for phase in phases for path in opened.data_files(phase)})
    ]
    recipe_name = _recipe_digest(tried, [*tried.inputs, *read])
    folder.make()
    store(folder.recipe(recipe_name), _recipe(tried, config))
    with opened.noted_as("params"):
        chunks = tuple(_store_chunks(folder, recipe_name, group_chunks(tried.frames, size)))
    _check_order(
        tried, _pairs_to_try(folder, chunks, tried.lazy), stops=config.get("order_check", True)
    )
    join_name = _store_join(folder, tried, chunks)
    os.chdir(here)
    inputs = chain.from_iterable(input_files(Path(path)) for path, _ in tried.inputs)
    plan = Plan(
        movie=name,
        config=json.loads(json.dumps(config)),
        recipe=recipe_name,
        join=join_name,
        encoder=asdict(tried.encoder),
        extradata=tried.trial.extradata,
        size=tried.trial.size,
        chunk_size=size,
        chunks=chunks,
        files=describe_files([*opened.files(), *inputs, *_matplotlib_settings()]),
        versions=current_versions(),
        cost=_cost(tried.trial, folder.chunk(chunks[0][0])),
    )
    write_plan(folder.root, plan)
    logger.info(
        "Movie %s: %d frames of %dx%d pixels in %d chunks of %d, planned in %.1f s.",
        *(name, sum(count for _, count in chunks), *plan.size, len(chunks), size),
        time.monotonic() - started,
    )
    return plan


@dataclass(frozen=True)
class _Tried:
    """A movie whose code was loaded and tried.

    Parameters
    ----------
    settings : VideoSettings
        Of the movie.
    source : SourceAnimator
        The animator for jobs.
    animator : Animator
        The animator here; only copies of it are drawn.
    encoder : Encoder
        That was chosen.
    trial : Trial
        What drawing a few frames has shown.
    frames : iterator of Frame
        All of them, not consumed yet.
    n_frames : int or None
        How many, where that is known.
    inputs : list of [path, digest]
        The declared inputs.
    provider : SourceParams, optional
        Of the params, where jobs read them.
    lazy : LazyParams, optional
        These params here.
    """

    settings: VideoSettings
    source: SourceAnimator
    animator: Animator
    encoder: Encoder
    trial: Trial
    frames: Iterator[Frame]
    n_frames: int | None
    inputs: list[list[str]]
    provider: SourceParams | None = None
    lazy: LazyParams | None = None


def _try(config: Mapping[str, Any], previous: Plan | None, opened: OpenedFiles) -> _Tried:
    """Load the user's code and draw a few frames."""
    here = Path.cwd()
    settings = movie_settings(config)
    if settings.backend == "pvio":
        check_pvio(settings)
    # The user's modules may change the working folder, so the targets must not depend on it.
    animator_target = absolute_target(config["animator"])
    params_target = absolute_target(config["params"])
    inputs = [[path, input_digest(Path(path))] for path in config.get("inputs", [])]
    with opened.noted_as("animator"):
        source = SourceAnimator.of(animator_target, config.get("kwargs", {}))
        animator = source.build_here()
        # Before the provider runs: what setup() reads is then the animator's, shared loader or not.
        check_setup(animator, settings)
    os.chdir(here)
    with opened.noted_as("params"):
        params = load_params(params_target)
        _pickle_by_value(params_target, source)
        lazy = read_in_jobs(params)
        provider = None if lazy is None else SourceParams.of(params_target)
        frames = ordered_frames(params, config.get("n_frames"), config.get("every", 1))
        first = list(islice(frames, TRIAL_FRAMES))
    if not first:
        raise NoFramesError(f"{config['params']} gives no frames: there is nothing to render.")
    with opened.noted_as("animator"):
        encoder = _encoder(animator, settings, previous, config)
        trial = _trial(source.build_here(), first, settings, encoder)
    n_frames = count_frames(params, config.get("n_frames"), config.get("every", 1))
    frames = chain(first, frames)
    return _Tried(
        *(settings, source, animator, encoder, trial, frames, n_frames, inputs, provider, lazy)
    )


def _trial(
    animator: Animator, frames: Sequence[Frame], settings: VideoSettings, encoder: Encoder
) -> Trial:
    try:
        return try_animator(animator, frames, settings, encoder)
    except FFmpegError as error:
        if encoder.name != NVENC:
            raise
        raise EncoderUnavailableError(
            f"The movie is encoded with NVENC, which does not work on this machine: {error}\nWhere "
            f"the machine has no GPU, {ON_GPU}"
        ) from error


def _recipe(tried: _Tried, config: Mapping[str, Any]) -> Recipe:
    environment = capture_environment()
    return make_recipe(
        tried.source,
        tried.settings,
        tried.encoder,
        replace(environment, path=_search_path(config), folder=None, log_levels={}),
        drawing_versions(),
        font_digest(),
        tried.trial.extradata,
        tried.provider,
    )


def _store_chunks(
    folder: WorkFolder, recipe_name: str, chunks: Iterator[Chunk]
) -> Iterator[tuple[str, int]]:
    """Write the chunk files that are not there yet; yield name and number of frames of each."""
    for chunk in chunks:
        name = _chunk_name(chunk, recipe_name)
        store(folder.chunk(name), ChunkFile.of(chunk, recipe_name))
        yield name, len(chunk.frames)


def _store_join(folder: WorkFolder, tried: _Tried, chunks: tuple[tuple[str, int], ...]) -> str:
    """Write the join file unless it is there, and return its name."""
    extradata = tried.trial.extradata
    title = list(tried.settings.extra.join)
    name = digest_of([BYTE_FORMAT, title, extradata, [list(chunk) for chunk in chunks]])
    store(folder.join(name), JoinFile(tried.settings, tried.encoder, extradata, chunks))
    return name


def _encoder(
    animator: Animator, settings: VideoSettings, previous: Plan | None, config: Mapping[str, Any]
) -> Encoder:
    """Return the movie's encoder: that of the last plan as long as the settings are the same."""
    keys = ("video_mode", "video_preset", "video_quality", "video_extra_ffmpeg_params")
    if previous is not None and all(previous.config.get(k) == config.get(k) for k in keys):
        try:
            return on_this_machine(Encoder(**previous.encoder))
        except FFmpegError as error:
            logger.info("The encoder is chosen anew: %s", error)
    has_cluster = shutil.which("sbatch") is not None
    try:
        encoder = choose_encoder_for(animator, settings)
    except EncoderUnavailableError as error:
        if has_cluster and settings.mode == "gpu":
            raise EncoderUnavailableError(
                f"{error}\nTo use the cluster's GPUs, {ON_GPU}"
            ) from error
        raise
    if has_cluster and settings.mode == "auto" and encoder.name == X264:
        logger.info(
            "The movie is encoded with libx264, since NVENC does not work on this machine, %s. To "
            "use the cluster's GPUs, set 'video_mode: gpu' and %s 'video_mode: cpu' says that "
            "libx264 is meant.",
            *(socket.gethostname(), ON_GPU),
        )
    return encoder


def _cost(trial: Trial, chunk: Path) -> Cost:
    # A chunk's params are in memory as bytes, as pickled ones, and as values.
    params_mb = math.ceil(3 * chunk.stat().st_size / 1e6)
    return Cost(
        round(trial.setup_seconds, 4), round(trial.frame_seconds, 5), trial.memory_mb + params_mb
    )


def _chunk_size(
    config: Mapping[str, Any], previous: Plan | None, tried: _Tried, job_seconds: float
) -> int:
    wanted = config.get("chunk_size", "auto")
    if wanted != "auto":
        return int(wanted)
    if previous is not None and previous.config.get("chunk_size", "auto") == "auto":
        return previous.chunk_size
    return auto_chunk_size(tried.n_frames, tried.trial.frame_seconds, job_seconds)


def auto_chunk_size(
    n_frames: int | None, frame_seconds: float, job_seconds: float = JOB_SECONDS
) -> int:
    """Return the frames per job for frames that take so many seconds each.

    About job_seconds a job, at least 4 chunks a movie, at most 10 minutes a job. Rounded up to a
    multiple of 25, and above 250 to one of 250, the longest GOP of x264: no file size is lost then.
    """
    seconds = max(frame_seconds, 1e-6)
    size = max(default_chunk_size(n_frames), math.ceil(job_seconds / seconds))
    if n_frames is not None:
        size = min(size, math.ceil(n_frames / MIN_CHUNKS))
    step = MAX_CHUNK_SIZE if size > MAX_CHUNK_SIZE else MIN_CHUNK_SIZE
    size = math.ceil(size / step) * step
    return max(SMALLEST_CHUNK, min(size, math.ceil(max(MAX_JOB_SECONDS, job_seconds) / seconds)))


def _pairs_to_try(
    folder: WorkFolder, chunks: Sequence[tuple[str, int]], lazy: LazyParams | None
) -> list[tuple[Frame, Frame]]:
    """Return the first, a middle and the last frame, each with the frame before it."""
    pairs: dict[int, tuple[Frame, Frame]] = {}
    for (name, _), is_last in zip(
        (chunks[0], chunks[len(chunks) // 2], chunks[-1]), (False, False, True), strict=True
    ):
        content: ChunkFile = fetch(folder.chunk(name))
        frames = content.frames(lazy)[-2:] if is_last else content.frames(lazy)[:2]
        if len(frames) == 2:
            pairs[frames[1].id] = (frames[0], frames[1])
    return list(pairs.values())


def _check_order(tried: _Tried, pairs: Sequence[tuple[Frame, Frame]], stops: bool) -> None:
    faults = check_order(tried.animator, pairs, tried.settings)
    if not faults:
        return
    message = (
        "update() depends on the frame before: "
        + "; ".join(map(str, faults))
        + ". Frames are drawn in chunks by several processes, so every update() must set all that "
        "changes. Set 'order_check: false' for this movie to render it all the same."
    )
    if stops:
        raise FrameError(message)
    logger.warning("%s", message)


def _pickle_by_value(params_target: str, source: SourceAnimator) -> None:
    """Let params carry the classes of a provider's modules, which a job does not have."""
    known = {module.name for module in source.sources}
    provider = load_module(split_target(params_target)[0])
    for module in local_sources(provider):
        if module.name not in known and module.name in sys.modules:
            cloudpickle.register_pickle_by_value(sys.modules[module.name])


def _search_path(config: Mapping[str, Any]) -> tuple[str, ...]:
    """Return where a job looks for modules that are not among the copies, as in planning.

    Relative, so that a project may move.
    """
    module = config["animator"].rpartition(":")[0]
    folder = str(Path(module).parent) if module.endswith(".py") else "."
    return tuple(dict.fromkeys([folder, "."]))


def _matplotlib_settings() -> list[str]:
    """Return the files whose change may change rcParams and styles."""
    return ["matplotlibrc", mpl.matplotlib_fname(), str(Path(mpl.get_configdir(), "stylelib"))]


def _recipe_digest(tried: _Tried, inputs: list[list[str]]) -> str:
    source, encoder, provider = tried.source, tried.encoder, tried.provider
    read_by: list[Any] = []
    if provider is not None:
        read_by = [[provider.module, provider.name], [m.digest() for m in provider.sources]]
    return digest_of(
        [
            BYTE_FORMAT,
            [source.module, source.name, dict(source.kwargs)],
            [[module.name, module.digest()] for module in source.sources],
            inputs,
            describe_settings(tried.settings),
            [encoder.name, encoder.build, encoder.preset],
            describe_drawing(capture_environment().drawing),
            drawing_versions(),
            *read_by,
        ]
    )


def _chunk_name(chunk: Chunk, recipe_name: str) -> str:
    # Where params are read in the job, what provides them is part of the recipe.
    frames = [(frame.id, frame.params if frame.source is None else None) for frame in chunk.frames]
    return chunk_name(chunk, digest_of([recipe_name, frames]))
