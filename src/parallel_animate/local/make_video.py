"""``make_video``: frames -> chunks -> segments -> movie, in this process and its workers.

Decides which work is needed and hands each part to the module that does it.
"""

import contextlib
import logging
import math
import os
import threading
import uuid
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain, islice
from pathlib import Path
from typing import Any

from parallel_animate.atomic_files import temporary_folder
from parallel_animate.encode.concat import SegmentFile, concat_segments, prepare_output
from parallel_animate.encode.encoders import Encoder
from parallel_animate.encode.pvio import check_pvio
from parallel_animate.encode.segment import has_segment
from parallel_animate.errors import AnimatorLoadError, NoFramesError, SettingsError
from parallel_animate.inputs.animator import AnimatorBase
from parallel_animate.inputs.frame_stream import group_chunks, number_frames, sort_frames
from parallel_animate.inputs.frames import (
    Chunk,
    Frame,
    as_iterable,
    count_frames,
    default_chunk_size,
)
from parallel_animate.inputs.matplotlib_state import Environment, capture_environment
from parallel_animate.inputs.pickling import local_modules_by_value
from parallel_animate.inputs.portable import PickledAnimator
from parallel_animate.inputs.shared_buffers import shared_buffers
from parallel_animate.inputs.targets import refuse_while_loading
from parallel_animate.inputs.value_digest import ObjectDigest, digest_object
from parallel_animate.local.cores import worker_count
from parallel_animate.local.movie import Movie
from parallel_animate.local.param_texts import ParamTexts
from parallel_animate.local.pool import ChunkPool, Task
from parallel_animate.local.termination import cleanup_on_signals
from parallel_animate.project.chunk_files import ChunkFile, make_recipe, store
from parallel_animate.project.content_name import chunk_name, recipe_name
from parallel_animate.project.work_folder import WorkFolder
from parallel_animate.render.animator_copy import AttributeState
from parallel_animate.render.chunk import (
    CheckedAnimator,
    SequentialAnimator,
    render_chunk,
    render_next_frames,
)
from parallel_animate.render.data_files import N_FRAMES, files_read
from parallel_animate.render.job import files_read_by
from parallel_animate.render.order_check import OrderTrial
from parallel_animate.render.preflight import choose_encoder_for
from parallel_animate.render.progress import FrameProgress, IntervalLog
from parallel_animate.settings import RenderOptions, VideoSettings
from parallel_animate.subprocesses import open_standard_streams
from parallel_animate.validation import in_words
from parallel_animate.warn_once import each_warning_once

logger = logging.getLogger(__name__)

# Threads share random numbers, rcParams and the figures of pyplot, so one of them draws at a time.
_drawing = threading.RLock()
# Name of the recipe that workers read; it is deleted together with the chunk files.
RECIPE = "movie"


@dataclass(frozen=True)
class _Movie:
    """One call of make_video, validated.

    Parameters
    ----------
    animator : AnimatorBase
        The user's animator.
    output : Path
        File of the movie.
    params : iterable
        The params of the frames.
    options : RenderOptions
        The options as they were given.
    total : int or None
        Number of frames, if it is known.
    chunk_size : int
        Frames per segment.
    n_workers : int
        Number of processes; 1 means this process alone.
    """

    animator: AnimatorBase
    output: Path
    params: Iterable[Any]
    options: RenderOptions
    total: int | None
    chunk_size: int
    n_workers: int

    @property
    def settings(self) -> VideoSettings:
        """The settings that are the same for all frames."""
        return self.options.settings

    @property
    def is_kept(self) -> bool:
        """True if segments outlive the call; their names then depend on their content."""
        return self.options.work_dir is not None


@dataclass(frozen=True)
class _Folders:
    """The folders with the files of one call.

    Parameters
    ----------
    work : WorkFolder
        Holds the segments; it is kept if the user named it.
    jobs : WorkFolder
        Holds what workers read: recipe and chunk files. It is removed when the call ends.
    """

    work: WorkFolder
    jobs: WorkFolder


@each_warning_once()
def make_video(
    animator: AnimatorBase,
    output_file: str | os.PathLike[str],
    param_by_frame: Iterable[Any],
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
    if texts is None:
        texts = ParamTexts()
        movie = replace(movie, params=texts.watch(movie.params))
    must_pickle = movie.n_workers > 1 or movie.is_kept
    numbered = number_frames(movie.params, options.n_frames, must_pickle)
    with (
        cleanup_on_signals(),
        _folders(options.work_dir) as folders,
        contextlib.closing(sort_frames(numbered)) as frames,
        FrameProgress(movie.total, options.disable_progress_bar) as progress,
    ):
        if isinstance(animator, SequentialAnimator):
            with _drawing:
                segments, encoder = _render_in_sequence(movie, animator, folders, progress)
        elif movie.n_workers > 1:
            segments, encoder = _render_in_workers(movie, folders, frames, progress)
        else:
            with _drawing:
                segments, encoder = _render_here(movie, folders, frames, progress)
        if not segments:
            raise _no_frames()
        checked = IntervalLog("The join has checked %d frames.", options.saving_log_interval)
        size = concat_segments(
            segments, movie.output, movie.settings, encoder.ffmpeg, on_frames=checked.add
        )
    n_frames = sum(segment.n_frames for segment in segments)
    logger.info("%s: %d frames.", movie.output, n_frames)
    return Movie(movie.output, n_frames, movie.settings.fps, size, texts.in_order())


def _validated(
    animator: AnimatorBase,
    output_file: str | os.PathLike[str],
    param_by_frame: Iterable[Any],
    options: RenderOptions,
) -> _Movie:
    if options.settings.backend == "pvio":
        check_pvio(options.settings)
    n_workers = worker_count(options.num_workers)
    params = as_iterable(param_by_frame)
    if params is None:
        raise SettingsError(
            "param_by_frame must be an iterable, or have a length and items; found "
            f"{in_words(param_by_frame)}."
        )
    output = prepare_output(output_file)
    total = count_frames(params, options.n_frames)
    if total == 0:
        raise _no_frames()
    size = options.chunk_size or default_chunk_size(total)
    if n_workers > 1 and total is not None:
        # At least two: with one, this process would draw and change the user's object.
        n_workers = max(2, min(n_workers, math.ceil(total / size)))
    return _Movie(animator, output, params, options, total, size, n_workers)


@contextlib.contextmanager
def _folders(work_dir: str | os.PathLike[str] | None) -> Iterator[_Folders]:
    if work_dir is None:
        with temporary_folder() as name:
            yield _Folders(_jobs_folder(name), _jobs_folder(name))
        return
    kept = WorkFolder(Path(work_dir).absolute())
    try:
        kept.make()
    except OSError as error:
        raise OSError(
            error.errno, f"work_dir {str(work_dir)!r} cannot be used: {error.strerror}"
        ) from error
    kept.remove_stale()
    # Next to the segments: the disk of the temporary folder may be too small for the params of a
    # long movie.
    with temporary_folder(kept.root, ".make_video") as name:
        yield _Folders(kept, _jobs_folder(name))


def _jobs_folder(path: Path) -> WorkFolder:
    jobs = WorkFolder(path)
    jobs.make_for_jobs()
    jobs.segments.mkdir(exist_ok=True)
    return jobs


def _no_frames() -> NoFramesError:
    return NoFramesError("param_by_frame is empty, so there is no frame to render.")


Rendered = tuple[list[SegmentFile], Encoder]
ReadFiles = Callable[[Sequence[Frame], ObjectDigest], dict[str, str]]


def _named(
    movie: _Movie,
    frames: Iterator[Frame],
    encoder: Encoder,
    environment: Environment,
    read_files: ReadFiles,
) -> Iterator[tuple[str, Chunk]]:
    """Yield the chunks, each with the name that its files get.

    Parameters
    ----------
    read_files : callable
        Returns the data files that the animator reads for the first frames.
    """
    if not movie.is_kept:
        for chunk in group_chunks(frames, movie.chunk_size):
            yield f"{chunk.start}-{chunk.stop}", chunk
        return
    first = list(islice(frames, N_FRAMES))
    if not first:
        return
    digest = digest_object(movie.animator)
    files = read_files(first, digest)
    if not digest.is_complete:
        logger.warning(
            "The segments of %s cannot be used again: the animator holds something that cannot be "
            "compared with that of a later run, such as an iterator or an open connection, or a "
            "module was edited after its import. Make such things in setup(), and start the script "
            "again after an edit.",
            movie.output,
        )
        files["unknown"] = uuid.uuid4().hex
    recipe = recipe_name(digest.digest, files, movie.settings, encoder, environment.drawing)
    for chunk in group_chunks(chain(first, frames), movie.chunk_size):
        yield chunk_name(recipe, chunk), chunk


def _count_on(progress: FrameProgress, log_interval: int | None) -> Callable[[int], None]:
    """Return a function that counts the frames drawn in this process."""
    interval = IntervalLog("%d frames have been drawn.", log_interval)

    def on_frame(frame_id: int) -> None:
        progress.drawn()
        interval.add()

    return on_frame


def _render_in_sequence(
    movie: _Movie, animator: SequentialAnimator, folders: _Folders, progress: FrameProgress
) -> Rendered:
    """Render frames one by one; the params of a frame are read after the frame before is drawn."""
    encoder = choose_encoder_for(animator, movie.settings)
    on_frame = _count_on(progress, movie.options.plotting_log_interval)
    size, segments = movie.chunk_size, []
    frames = (Frame(number, b"", item) for number, item in enumerate(movie.params))
    for first in frames:
        stop = first.id + size
        segment = render_next_frames(
            animator,
            chain([first], islice(frames, size - 1)),
            range(first.id, stop if movie.total is None else min(stop, movie.total)),
            movie.settings,
            encoder,
            folders.jobs.segment(f"{first.id}-{stop}"),
            on_frame,
        )
        segments.append(SegmentFile(segment.path, segment.n_frames, segment.packets))
    return segments, encoder


def _render_here(
    movie: _Movie, folders: _Folders, frames: Iterator[Frame], progress: FrameProgress
) -> Rendered:
    on_frame = _count_on(progress, movie.options.plotting_log_interval)
    encoder = choose_encoder_for(movie.animator, movie.settings)
    state = AttributeState(movie.animator)
    is_used = False

    def start() -> AnimatorBase:
        nonlocal is_used
        # The first chunk gets the user's object itself, with its attributes untouched.
        if is_used:
            state.restore()
        is_used = True
        return movie.animator

    environment = capture_environment()

    def read_files(first: Sequence[Frame], digest: ObjectDigest) -> dict[str, str]:
        # What cached functions have read may be older than the files are by now.
        return files_read(
            *(movie.animator, first, movie.settings), folders.work.root, digest.caches
        )

    segments: list[SegmentFile] = []
    for name, chunk in _named(movie, frames, encoder, environment, read_files):
        path = folders.work.segment(name)
        if has_segment(path):
            progress.found(len(chunk.frames))
            segments.append(SegmentFile(path, len(chunk.frames)))
            continue
        trial = None
        if _tries_order(movie, len(segments)):
            state.restore()
            trial = OrderTrial(movie.animator, chunk, movie.settings)
        segment = render_chunk(
            start,
            chunk,
            movie.settings,
            encoder,
            path,
            on_frame=on_frame,
            on_pixels=trial.watch if trial else None,
        )
        if trial:
            trial.conclude()
        segments.append(SegmentFile(path, len(chunk.frames), segment.packets))
    return segments, encoder


def _render_in_workers(
    movie: _Movie, folders: _Folders, frames: Iterator[Frame], progress: FrameProgress
) -> Rendered:
    options = movie.options
    with (
        shared_buffers(folders.work.root) as buffers,
        ChunkPool(
            movie.n_workers,
            queue_length=movie.n_workers * options.preload_factor // movie.chunk_size,
            on_frame=progress.drawn,
            folder=folders.work.segments,
            buffers=buffers,
            remove_folder=folders.jobs.root,
            log_interval=options.plotting_log_interval,
        ) as pool,
        contextlib.ExitStack() as by_value,
    ):
        by_value.enter_context(local_modules_by_value())
        pickled = _pickle_animator(movie.animator, by_value)
        with _drawing:
            environment = capture_environment()
            encoder = choose_encoder_for(movie.animator, movie.settings)
        recipe = folders.jobs.recipe(RECIPE)
        store(recipe, make_recipe(pickled, movie.settings, encoder, environment))

        def read_files(first: Sequence[Frame], digest: ObjectDigest) -> dict[str, str]:
            files: dict[str, str] = pool.call(files_read_by, recipe, first, folders.work.root)
            return files

        segments = []
        for name, chunk in _named(movie, frames, encoder, environment, read_files):
            segment = folders.work.segment(name)
            segments.append(SegmentFile(segment, len(chunk.frames)))
            if has_segment(segment):
                progress.found(len(chunk.frames))
                continue
            tries_order = _tries_order(movie, len(segments) - 1)
            path = folders.jobs.chunk(name)
            store(path, ChunkFile.of(chunk, RECIPE, tries_order))
            pool.submit(Task(path, segment, (chunk.start, chunk.stop)))
        packets = {segment.path: segment.packets for segment in pool.drain()}
    return [replace(segment, packets=packets.get(segment.path)) for segment in segments], encoder


def _tries_order(movie: _Movie, n_before: int) -> bool:
    """Return whether the next chunk is used to test if frames depend on each other.

    It is the second chunk. A movie of one chunk is drawn in order anyway, and while one worker runs
    the test, the others render.
    """
    return n_before == 1 and not isinstance(movie.animator, CheckedAnimator)


def _pickle_animator(animator: AnimatorBase, by_value: contextlib.ExitStack) -> PickledAnimator:
    """Pickle an animator with the user's modules by value, or by reference where that fails.

    A module may hold an object that cannot be pickled, such as a lock; workers then import the
    module themselves. Leaving the block pickles params by reference too, so that they have the same
    classes as the animator.
    """
    try:
        return PickledAnimator.of(animator)
    except AnimatorLoadError:
        by_value.close()
        return PickledAnimator.of(animator)
