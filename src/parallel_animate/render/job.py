"""Render a chunk file in this process, for a worker of the pool or a job of the workflow.

This module knows files, not its callers.
"""

import contextlib
import functools
import logging
import traceback
from collections.abc import Callable, Sequence
from pathlib import Path

from parallel_animate.atomic_files import make_folder, remove_file
from parallel_animate.encode.encoders import Encoder, on_this_machine
from parallel_animate.encode.finisher import Finisher
from parallel_animate.encode.segment import Segment, has_segment
from parallel_animate.encode.segments import SegmentTarget
from parallel_animate.errors import (
    AnimateError,
    AnimatorLoadError,
    RenderError,
    SettingsError,
    SetupError,
    describe_error,
)
from parallel_animate.inputs.animator import AnimatorBase
from parallel_animate.inputs.frames import Chunk, Frame, LazyParams
from parallel_animate.inputs.matplotlib_state import (
    apply_environment,
    drawing_versions,
    enter_folder,
    font_digest,
)
from parallel_animate.inputs.pickling import load
from parallel_animate.inputs.source_only import load_source_only
from parallel_animate.project.chunk_files import ChunkFile, PartParams, Recipe, fetch
from parallel_animate.project.failures import Failure, read_failure, write_failure
from parallel_animate.project.folder_lock import folder_in_use
from parallel_animate.project.job_records import RecordKeeper
from parallel_animate.project.work_folder import WorkFolder
from parallel_animate.render.animator_copy import fresh_copy
from parallel_animate.render.chunk import render_chunk
from parallel_animate.render.data_files import DataFiles, files_read
from parallel_animate.render.order_check import OrderTrial
from parallel_animate.render.other_files import other_files_in_use, other_targets
from parallel_animate.render.progress import IntervalLog
from parallel_animate.render.reads import n_tries, reads_of_process

logger = logging.getLogger(__name__)

# Frames between progress lines in the job's log file.
LOG_INTERVAL = 50


def render_chunk_file(
    chunk_path: Path,
    segment_path: Path,
    on_frame: Callable[[int], None] = lambda frame_id: None,
    others: Sequence[SegmentTarget] = (),
) -> tuple[Segment, ...]:
    """Render a chunk file into a segment, and into those of other files with the same frames.

    Parameters
    ----------
    chunk_path : Path
        ``.../chunks/NAME.chunk``; its recipe lies in ``.../recipes``.
    segment_path : Path
        The segment; its folder must exist.
    on_frame : callable
        Called with the id of each frame that was drawn.
    others : sequence of SegmentTarget
        Segments of other files to write as well. The first segment is then kept if it exists.

    Returns
    -------
    tuple of Segment
        The segments that were written.

    Raises
    ------
    SegmentError
        If a file is missing or damaged.
    SettingsError, FFmpegNotFoundError
        If versions or fonts on this machine differ from those the plan was made with.
    AnimatorLoadError
        If the animator cannot be built in this process.
    FrameOrderError
        If the chunk is tried, and a frame depends on the frames before.
    RenderError, SetupError, FFmpegError
        As `render_chunk`.
    InputsChangedError
        If the animator read other data than the chunk's name stands for.
    """
    content: ChunkFile = fetch(chunk_path)
    folder = WorkFolder(chunk_path.parent.parent)
    kept = WorkFolder(segment_path.parent.parent)
    with RecordKeeper(kept.record(segment_path.stem), len(content.frame_ids)) as record:

        def frame_drawn(frame_id: int) -> None:
            record.drawn()
            on_frame(frame_id)

        recipe_path = folder.recipe(content.recipe)
        recipe, animator, encoder, params = _prepare(recipe_path, kept.root)
        reads = reads_of_process(kept.root, recipe_path)
        reads.expect(content.files)
        if content.parts:
            params = LazyParams(PartParams(folder, content.parts))
        chunk = Chunk(content.frames(params))
        first, trial = content.first_frame(params), None
        if content.tried and first is not None:
            trial = OrderTrial(
                animator, chunk, recipe.settings, content.tried, first, content.is_settled
            )
        own = SegmentTarget(segment_path, recipe.settings, encoder, recipe.extradata)
        is_found = bool(others) and segment_path.exists()
        # Otherwise there is nothing to compare, and reading large files costs time.
        is_named = bool(content.files) or n_tries() is not None
        recorded = reads.recorded() if is_named else contextlib.nullcontext()
        with recorded, Finisher() as finisher:
            render_chunk(
                lambda: fresh_copy(animator),
                chunk,
                recipe.settings,
                others if is_found else (own, *others),
                finisher,
                on_frame=frame_drawn,
                on_pixels=trial.watch if trial else None,
                before_finish=reads.check,
                first=first if content.is_settled else None,
                size=recipe.size,
            )
            return tuple(finisher.drain())


def files_read_by(
    recipe_path: Path, frames: Sequence[Frame], work: Path, sources: Sequence[str]
) -> DataFiles:
    """Return the files that a recipe's animator reads.

    Parameters
    ----------
    recipe_path : Path
        The recipe.
    frames : sequence of Frame
        The movie's first frames.
    work : Path
        The movie's work folder; files in it are not data.
    sources : sequence of str
        As for `files_read`.

    Raises
    ------
    SegmentError, SettingsError, FFmpegNotFoundError, AnimatorLoadError, RenderError, SetupError
        As `render_chunk_file`.
    """
    recipe, animator, _, _ = _prepare(recipe_path, work)
    return files_read(animator, frames, recipe.settings, work, sources)


def render_chunk_job(chunk_path: Path, segment_path: Path, attempt: int = 1) -> None:
    """Render a chunk file, unless its segment exists and is intact.

    A job that survived its killed workflow may have finished the segment.

    Parameters
    ----------
    chunk_path, segment_path : Path
        As `render_chunk_file`.
    attempt : int
        Attempt number, from 1. An error in the user's code would occur in every attempt, so the
        first attempt records it, and later ones raise the recorded error without rendering. A
        killed process records nothing, so its chunk is rendered again.

    Raises
    ------
    SettingsError
        If the segment has the name of another chunk.
    RenderError
        If the user's code failed, in this attempt or an earlier one.
    """
    if chunk_path.stem != segment_path.stem:
        # The seal would say that the segment shows the frames of another chunk.
        raise SettingsError(
            f"The chunk file {chunk_path.name} makes {chunk_path.stem}.mp4, "
            f"not {segment_path.name}."
        )
    make_folder(segment_path.parent)
    with folder_in_use(WorkFolder(segment_path.parent.parent)):
        if known := earlier_failure(segment_path, attempt):
            raise known
        try:
            _render_unless_present(chunk_path, segment_path)
        except (RenderError, SetupError) as error:
            record_failure(segment_path, error)
            raise


def earlier_failure(segment_path: Path, attempt: int) -> RenderError | None:
    """Return the error that an earlier attempt recorded; the first attempt deletes the record."""
    record = _failure_path(segment_path)
    failure = read_failure(record) if attempt > 1 else None
    if failure is None:
        remove_file(record)
        return None
    # The log of the first attempt was shown when it failed.
    return RenderError(
        f"{failure.message} (Not rendered again; see the traceback in {record}.)",
        frame_idx=failure.frame_idx,
        chunk=failure.chunk,
    )


def record_failure(segment_path: Path, error: RenderError | SetupError) -> None:
    """Record an error in the user's code that prevented a segment from being rendered."""
    write_failure(_failure_path(segment_path), Failure.of(error))


def _failure_path(segment_path: Path) -> Path:
    return WorkFolder(segment_path.parent.parent).failure(segment_path.stem)


def _render_unless_present(chunk_path: Path, segment_path: Path) -> None:
    content: ChunkFile = fetch(chunk_path)
    if has_segment(segment_path):
        logger.info("%s exists and is intact; skipped.", segment_path)
        return
    interval = IntervalLog(f"%d of {len(content.frame_ids)} frames drawn.", LOG_INTERVAL)
    folder = WorkFolder(segment_path.parent.parent)
    with other_files_in_use(folder) as files:
        others = other_targets(folder, files, segment_path.stem)
        render_chunk_file(chunk_path, segment_path, lambda frame_id: interval.add(), others)
    logger.info("%s: %d frames.", segment_path, len(content.frame_ids))


Prepared = tuple[Recipe, AnimatorBase, Encoder, LazyParams | None]


@functools.lru_cache(maxsize=1)
def _prepare(recipe_path: Path, work: Path) -> Prepared:
    """Load a recipe as `prepare` does, once per process; check and record the files it reads."""
    recipe: Recipe = fetch(recipe_path)
    enter_folder(recipe.path, recipe.folder)
    reads = reads_of_process(work, recipe_path)
    reads.expect(recipe.files)
    with reads.recorded() if n_tries() is not None else contextlib.nullcontext():
        return prepare(recipe)


def prepare(recipe: Recipe) -> Prepared:
    """Set up this process to draw with a recipe.

    Raises
    ------
    SegmentError, SettingsError, FFmpegNotFoundError, AnimatorLoadError
        As `render_chunk_file`.
    """
    _check_versions(recipe)
    enter_folder(recipe.path, recipe.folder)
    load_source_only()
    try:
        animator = recipe.animator.build()
        params = None if recipe.params is None else recipe.params.build()
        environment = load(recipe.environment)
    except AnimateError:
        raise
    except (ImportError, AttributeError) as error:
        raise AnimatorLoadError(
            f"A worker process cannot rebuild the animator: {error}. Classes and functions must be "
            "defined in the script itself or in a module that the worker can import."
        ) from error
    except Exception as error:
        raise AnimatorLoadError(
            f"A worker process cannot rebuild the animator: {describe_error(error)}. Check its "
            "__setstate__() and those of its attributes, or use num_workers=1.",
            traceback="".join(traceback.format_exception(error)),
        ) from error
    apply_environment(environment)
    if recipe.font and font_digest() != recipe.font:
        raise SettingsError(
            "The default font is a different file here than where the movie was planned. Install "
            "the same fonts, or plan the movie again."
        )
    return recipe, animator, on_this_machine(recipe.encoder), params


def _check_versions(recipe: Recipe) -> None:
    here = drawing_versions()
    for package, planned in recipe.versions:
        if here.get(package) != planned:
            raise SettingsError(
                f"The movie was planned with {package} {planned}, but {package} "
                f"{here.get(package)} is installed here; frames of different versions must not be "
                "mixed. Install the same version here, or plan the movie again."
            )
