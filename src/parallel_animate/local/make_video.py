"""``make_video``: frames -> chunks -> segments -> movie, in this process and its workers.

Decides which work is needed and hands each part to the module that does it.
"""

import contextlib
import functools
import logging
import math
import os
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from parallel_animate.encode.concat import concat_segments
from parallel_animate.encode.finisher import Finisher
from parallel_animate.encode.pvio import check_pvio
from parallel_animate.encode.segment import has_segment
from parallel_animate.encode.supplement_files import check_supplements
from parallel_animate.encode.supplements import in_positions
from parallel_animate.encode.yuv_frames import frames_let_go
from parallel_animate.errors import (
    AnimatorLoadError,
    FrameOrderError,
    RenderError,
    SettingsError,
    WorkerFrameError,
)
from parallel_animate.inputs.animator import AnimatorBase
from parallel_animate.inputs.frame_stream import FrameTape
from parallel_animate.inputs.frames import (
    Frame,
    TimedParams,
    as_iterable,
    count_frames,
    default_chunk_size,
)
from parallel_animate.inputs.shared_buffers import current_buffers, shared_buffers
from parallel_animate.inputs.targets import refuse_while_loading
from parallel_animate.inputs.value_digest import ObjectDigest
from parallel_animate.local.cores import worker_count
from parallel_animate.local.fork_server import fork_server
from parallel_animate.local.frame_ids import FrameIds, planned_ids
from parallel_animate.local.in_order import (
    dependence_behind,
    render_in_order,
    render_in_sequence,
    render_next,
)
from parallel_animate.local.movie import Movie
from parallel_animate.local.movie_inputs import (
    RECIPE,
    MovieInputs,
    drawing_lock,
)
from parallel_animate.local.outputs import OutputFile, output_files
from parallel_animate.local.param_texts import ParamTexts
from parallel_animate.local.pool import ChunkPool, Task
from parallel_animate.local.request import Folders, Rendered, Request, no_frames, open_folders
from parallel_animate.local.termination import cleanup_on_signals
from parallel_animate.local.tried_frames import TriedFrames
from parallel_animate.local.worker_check import WorkerCheck, render_here_instead
from parallel_animate.project.chunk_files import ChunkFile, fetch, store
from parallel_animate.render.choose_source import prove_early
from parallel_animate.render.chunk import (
    CheckedAnimator,
    SequentialAnimator,
    render_chunk,
)
from parallel_animate.render.data_files import DataFiles, files_read
from parallel_animate.render.job import files_read_by
from parallel_animate.render.order_check import OrderTrial
from parallel_animate.render.progress import FrameProgress, IntervalLog
from parallel_animate.render.reads import Reads
from parallel_animate.render.warn_once import each_warning_once
from parallel_animate.settings import RenderOptions
from parallel_animate.subprocesses import open_standard_streams
from parallel_animate.validation import in_words

logger = logging.getLogger(__name__)


@each_warning_once()
def make_video(
    animator: AnimatorBase,
    output_file: str | os.PathLike[str],
    param_by_frame: Iterable[Any] | TimedParams,
    options: RenderOptions,
    texts: ParamTexts | None = None,
) -> Movie:
    """Render an animation.

    Parameters
    ----------
    animator : AnimatorBase
        The user's animator.
    output_file : str or Path
        File of the movie.
    param_by_frame : iterable
        The params for ``update()``, one item per frame.
    options : RenderOptions
        All other parameters of ``Animator.make_video``, which also lists the errors.
    texts : ParamTexts, optional
        Texts about the params. None: they are noted here, while the params are read.
    """
    refuse_while_loading()
    open_standard_streams()
    movie = _validated(animator, output_file, param_by_frame, options)
    ids = FrameIds()
    if texts is None:
        texts = ParamTexts()
        movie = replace(movie, params=texts.watch(movie.params))
        if any(output.supplements.need_frames for output in movie.outputs):
            movie = replace(movie, params=ids.watch(movie.params))
    must_pickle = movie.n_workers > 1 or movie.is_kept
    with (
        cleanup_on_signals(),
        frames_let_go(),
        open_folders(options.work_dir) as folders,
        contextlib.closing(FrameTape(movie.params, options.n_frames, must_pickle)) as frames,
        FrameProgress(movie.total, options.disable_progress_bar) as progress,
    ):
        if isinstance(animator, SequentialAnimator):
            with drawing_lock:
                on_frame = _count_on(progress, options.plotting_log_interval)
                rendered = render_in_sequence(movie, animator, folders, on_frame)
        elif movie.n_workers == 1:
            rendered = _render_chunks(movie, folders, frames, progress)
        else:
            # All workers map the large arrays of what is sent to them.
            with shared_buffers(folders.work.root), fork_server() as server:
                if server.start():
                    server.remove_if_killed(folders.jobs.root)
                    # While the server imports. The workers then need not do it.
                    with drawing_lock:
                        prove_early(movie.animator, movie.settings)
                rendered = _render_chunks(movie, folders, frames, progress)
        if not rendered.chunks:
            raise no_frames()
        movies = [
            _join(movie, number, rendered, ids, texts.in_order())
            for number in range(len(movie.outputs))
        ]
    return replace(movies[0], also=tuple(movies[1:]))


def _join(
    movie: Request, number: int, rendered: Rendered, ids: FrameIds, texts: tuple[str, ...]
) -> Movie:
    """Make a file of the movie from its segments."""
    output, n_frames = movie.outputs[number], rendered.n_frames
    interval = movie.options.saving_log_interval
    size = concat_segments(
        rendered.of_file(number),
        output.path,
        output.settings,
        rendered.encoders[number].ffmpeg,
        on_frames=IntervalLog("The join has checked %d frames.", interval).add,
        supplements=in_positions(output.supplements, ids.in_order(n_frames)),
    )
    logger.info("%s: %d frames.", output.path, n_frames)
    return Movie(output.path, n_frames, output.settings.fps, size, texts)


def _validated(
    animator: AnimatorBase,
    output_file: str | os.PathLike[str],
    param_by_frame: Iterable[Any] | TimedParams,
    options: RenderOptions,
) -> Request:
    if options.settings.backend == "pvio":
        check_pvio(options.settings)
    n_workers = worker_count(options.num_workers)
    params = as_iterable(param_by_frame, options.settings.fps)
    if params is None:
        raise SettingsError(
            "param_by_frame must be an iterable, or have a length and items; found "
            f"{in_words(param_by_frame)}."
        )
    outputs = output_files(output_file, options)
    total = count_frames(params, options.n_frames)
    if total == 0:
        raise no_frames()
    for output in outputs:
        check_supplements(output.supplements, output.settings, planned_ids(params, total))
    _name_what_is_left_out(outputs)
    size = options.chunk_size or default_chunk_size(total)
    if n_workers > 1 and total is not None:
        # At least two: with one, this process would draw and change the user's object.
        n_workers = max(2, min(n_workers, math.ceil(total / size)))
    return Request(animator, outputs, params, options, total, size, n_workers)


def _name_what_is_left_out(outputs: Sequence[OutputFile]) -> None:
    """Log which files get the frames alone, although the first one gets more."""
    added = vars(replace(outputs[0].supplements, poster=None, poster_frame=0))
    given = [name for name, value in added.items() if value]
    without = [output.path.name for output in outputs if not output.supplements.are_muxed]
    if given and without:
        logger.warning(
            "%s: left out in %s, which can hold pictures only.",
            *(", ".join(given), ", ".join(without)),
        )


def _render_chunks(
    movie: Request, folders: Folders, frames: FrameTape, progress: FrameProgress
) -> Rendered:
    """Render chunks, each from a fresh setup(), or all frames in order if that would be wrong."""
    inputs = MovieInputs(movie, folders, frames)
    render = _render_in_workers if movie.n_workers > 1 else _render_here
    is_settled = isinstance(movie.animator, CheckedAnimator) and movie.animator.starts_settled
    first = frames.next_frame() if is_settled else None
    while True:
        try:
            with drawing_lock if movie.n_workers == 1 else contextlib.nullcontext():
                return render(movie, inputs, folders, frames, progress, first)
        except FrameOrderError as error:
            finding = error
        except WorkerFrameError as error:
            if isinstance(movie.animator, CheckedAnimator):
                raise
            return _render_here_instead(movie, inputs, folders, frames, progress, error)
        except RenderError as error:
            if (behind := dependence_behind(error, inputs, folders)) is None:
                raise
            finding = behind
        if isinstance(movie.animator, CheckedAnimator):
            if first is not None or not finding.settles:
                raise finding
        else:
            # The first chunk is right: it is drawn in order, from the movie's first frame.
            inputs.forget_segments(1)
        frames.rewind()
        progress.restart()
        inputs.segments.clear()
        if first is not None or not finding.settles:
            return render_in_order(movie, inputs, folders, frames, progress, finding)
        first = frames.next_frame()
        logger.info(
            "%s. They look the same if the figure was drawn with the movie's first frame before, "
            "so that all chunks begin with it.",
            finding,
        )


def _render_here_instead(
    movie: Request,
    inputs: MovieInputs,
    folders: Folders,
    frames: FrameTape,
    progress: FrameProgress,
    finding: WorkerFrameError,
) -> Rendered:
    """Render again in this process alone; the workers' segments are wrong."""
    inputs.forget_segments()
    frames.rewind()
    progress.restart()
    on_frame = _count_on(progress, movie.options.plotting_log_interval)
    return render_here_instead(movie, inputs, folders, frames, on_frame, finding)


def _count_on(progress: FrameProgress, log_interval: int | None) -> Callable[[int], None]:
    """Return a function that counts the frames drawn in this process."""
    interval = IntervalLog("%d frames have been drawn.", log_interval)

    def on_frame(frame_id: int) -> None:
        progress.drawn()
        interval.add()

    return on_frame


def _render_here(
    movie: Request,
    inputs: MovieInputs,
    folders: Folders,
    frames: FrameTape,
    progress: FrameProgress,
    first: Frame | None,
) -> Rendered:
    on_frame = _count_on(progress, movie.options.plotting_log_interval)
    is_checked = isinstance(movie.animator, CheckedAnimator)
    if not is_checked and not _has_one_chunk(movie) and not _is_portable(inputs, frames):
        return render_next(movie, inputs, folders, frames, on_frame)
    state = inputs.state
    assert state is not None, "this process draws"

    def start() -> AnimatorBase:
        # The first chunk gets the user's object itself, with its attributes untouched.
        if inputs.is_drawn:
            state.restore()
        inputs.is_drawn = True
        return movie.animator

    def read_files(few: Sequence[Frame], digest: ObjectDigest) -> DataFiles:
        # What cached functions have read may be older than the files are by now.
        return files_read(
            *(movie.animator, few, movie.settings, folders.work.root),
            *(digest.sources, digest.caches),
        )

    _ = inputs.environment
    movie_start = frames.next_frame()
    reads, choice = Reads(Path.cwd(), folders.work.root), TriedFrames(movie)
    rendered = Rendered(inputs.encoders)
    size = None
    with Finisher() as finisher:
        for names, chunk in inputs.named(frames, first, read_files):
            if choice.are_at_the_end_only and not is_checked:
                frames.forget()
            paths = tuple(map(folders.work.segment, names))
            frames.keep(functools.partial(tuple, chunk.frames))
            inputs.segments.append(paths)
            rendered.add(paths, len(chunk.frames))
            tried = choice.of(chunk, frames.next_frame())
            missing = [target for target in inputs.targets(paths) if not has_segment(target.path)]
            if not missing:
                progress.found(len(chunk.frames))
                continue
            trial = None
            if tried and movie_start is not None and frames.can_rewind:
                state.restore()
                known = (tried, movie_start, first is not None)
                trial = OrderTrial(movie.animator, chunk, movie.settings, *known)
            reads.expect(inputs.files)
            with reads.recorded() if movie.is_kept else contextlib.nullcontext():
                size = render_chunk(
                    start,
                    chunk,
                    movie.settings,
                    missing,
                    finisher,
                    on_frame=on_frame,
                    on_pixels=trial.watch if trial else None,
                    before_finish=reads.check,
                    first=first,
                    size=size,
                )
        rendered.written(finisher.drain())
    return rendered


def _has_one_chunk(movie: Request) -> bool:
    return movie.total is not None and movie.total <= movie.chunk_size


def _is_portable(inputs: MovieInputs, frames: FrameTape) -> bool:
    """Return whether another process could draw the frames; it will if they must be in order."""
    try:
        _ = inputs.recipe
    except AnimatorLoadError:
        return False
    except OSError as error:
        # It can be pickled, but not be stored. Frames that need not be in order need no recipe.
        logger.debug("The recipe cannot be stored yet: %s", error)
    return all(frame.data for frame in frames.peek(1))


def _render_in_workers(
    movie: Request,
    inputs: MovieInputs,
    folders: Folders,
    frames: FrameTape,
    progress: FrameProgress,
    first: Frame | None,
) -> Rendered:
    options = movie.options
    with (
        ChunkPool(
            movie.n_workers,
            queue_length=movie.n_workers * options.preload_factor // movie.chunk_size,
            on_frame=progress.drawn,
            folder=folders.work.segments,
            buffers=current_buffers(),
            remove_folder=folders.jobs.root,
            log_interval=options.plotting_log_interval,
        ) as pool,
        contextlib.ExitStack() as by_value,
    ):
        recipe = inputs.recipe
        by_value.enter_context(inputs.params_like_animator())

        def read_files(few: Sequence[Frame], digest: ObjectDigest) -> DataFiles:
            files: DataFiles = pool.call(
                files_read_by, recipe, few, folders.work.root, digest.sources
            )
            return files

        movie_start = frames.next_frame()
        check, choice = WorkerCheck(movie, first), TriedFrames(movie)
        rendered = Rendered(inputs.encoders)
        for names, chunk in inputs.named(frames, first, read_files):
            paths, path = tuple(map(folders.work.segment, names)), folders.jobs.chunk(names[0])
            rendered.add(paths, len(chunk.frames))
            inputs.segments.append(paths)
            missing = [target for target in inputs.targets(paths) if not has_segment(target.path)]
            tried = choice.of(chunk, frames.next_frame())
            if missing or frames.needs_keeping:
                start = movie_start if tried or first is not None else None
                # An attempt before may have left a file of this name, to be drawn in another way.
                content = ChunkFile.of(chunk, RECIPE, tried, start, first is not None, inputs.files)
                store(path, content, replace=True)
                frames.keep(functools.partial(_stored_frames, path))
            if missing:
                pool.submit(Task.of(path, paths[0], missing, (chunk.start, chunk.stop)))
                check.submitted(chunk, missing[0].path)
            else:
                progress.found(len(chunk.frames))
            check.compare(pool.finished)
        check.all_submitted()
        finished = pool.drain()
        check.compare(finished)
        rendered.written(finished)
    return rendered


def _stored_frames(path: Path) -> tuple[Frame, ...]:
    content: ChunkFile = fetch(path)
    return content.frames()
