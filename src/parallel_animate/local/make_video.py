"""``make_video``: frames -> chunks -> segments -> movie, in this process and its workers.

Decides what is to be done and hands each part to the module that does it.
"""

import contextlib
import logging
import math
import os
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import chain, islice
from pathlib import Path
from typing import Any

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
from parallel_animate.inputs.matplotlib_state import (
    capture_environment,
    describe_drawing,
    drawing_versions,
)
from parallel_animate.inputs.pickling import local_modules_by_value
from parallel_animate.inputs.portable import PickledAnimator
from parallel_animate.inputs.targets import refuse_while_loading
from parallel_animate.inputs.value_digest import digest_of
from parallel_animate.local.cores import worker_count
from parallel_animate.local.pool import ChunkPool, Task
from parallel_animate.project.chunk_files import (
    BYTE_FORMAT,
    ChunkFile,
    Recipe,
    chunk_name,
    make_recipe,
    store,
)
from parallel_animate.project.work_folder import WorkFolder
from parallel_animate.render.animator_copy import AttributeState
from parallel_animate.render.chunk import (
    CheckedAnimator,
    SequentialAnimator,
    render_chunk,
    render_next_frames,
)
from parallel_animate.render.order_check import OrderTrial
from parallel_animate.render.preflight import choose_encoder_for
from parallel_animate.render.progress import FrameProgress, IntervalLog
from parallel_animate.settings import VideoSettings, describe_settings, video_settings
from parallel_animate.validation import check_count

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Render:
    """One call of make_video, validated.

    Parameters
    ----------
    animator : AnimatorBase
        The user's.
    settings : VideoSettings
        Of the movie.
    encoder : Encoder
        That was chosen.
    folder : WorkFolder
        Chunks in, segments out.
    is_kept : bool
        True if the folder outlives the call, so that files are named by digests.
    """

    animator: AnimatorBase
    settings: VideoSettings
    encoder: Encoder
    folder: WorkFolder
    is_kept: bool


def make_video(
    animator: AnimatorBase,
    output_file: str | os.PathLike[str],
    param_by_frame: Iterable[Any],
    fps: int | float | str | Fraction,
    *,
    n_frames: int | None = None,
    num_workers: int = -1,
    disable_progress_bar: bool | None = None,
    plotting_log_interval: int | None = None,
    saving_log_interval: int | None = None,
    savefig_params: Mapping[str, Any] | None = None,
    video_mode: str = "auto",
    video_quality: int | None = None,
    video_preset: str | None = None,
    video_extra_ffmpeg_params: Sequence[str] | None = None,
    reuse_figure_object: bool = True,
    preload_factor: int = 8,
    chunk_size: int | None = None,
    work_dir: str | os.PathLike[str] | None = None,
    redraw: str = "auto",
    video_backend: str = "ffmpeg",
) -> None:
    """Render an animation; see `Animator.make_video` for every parameter."""
    refuse_while_loading()
    settings = video_settings(
        fps=fps,
        video_mode=video_mode,
        video_quality=video_quality,
        video_preset=video_preset,
        video_extra_ffmpeg_params=video_extra_ffmpeg_params,
        savefig_params=savefig_params,
        reuse_figure_object=reuse_figure_object,
        redraw=redraw,
        video_backend=video_backend,
    )
    if settings.backend == "pvio":
        check_pvio(settings)
    n_workers = worker_count(num_workers)
    check_count("preload_factor", preload_factor)
    for name, value in {
        "n_frames": n_frames,
        "plotting_log_interval": plotting_log_interval,
        "saving_log_interval": saving_log_interval,
        "chunk_size": chunk_size,
    }.items():
        if value is not None:
            check_count(name, value)
    params = as_iterable(param_by_frame)
    if params is None:
        raise SettingsError(
            "param_by_frame must be an iterable, or have a length and items; found "
            f"{param_by_frame!r}."
        )
    output = prepare_output(output_file)
    total = count_frames(params, n_frames)
    if total == 0:
        raise _no_frames()
    size = chunk_size or default_chunk_size(total)
    if n_workers > 1 and total is not None:
        # One worker is still a worker: a movie of one chunk leaves this object alone, too.
        n_workers = max(2, min(n_workers, math.ceil(total / size)))
    numbered = number_frames(params, n_frames, must_pickle=n_workers > 1 or work_dir is not None)
    with (
        _work_folder(work_dir) as folder,
        contextlib.closing(sort_frames(numbered)) as frames,
        FrameProgress(total, disable_progress_bar) as progress,
        contextlib.ExitStack() as stack,
    ):
        pool, pickled = None, None
        if n_workers > 1:
            pool = ChunkPool(
                n_workers,
                queue_length=n_workers * preload_factor // size,
                on_frame=progress.drawn,
                folder=folder.segments,
                remove_folder=None if work_dir is not None else folder.root,
                log_interval=plotting_log_interval,
            )
            stack.enter_context(pool).start()
            by_value = stack.enter_context(contextlib.ExitStack())
            by_value.enter_context(local_modules_by_value())
            pickled = _pickle_animator(animator, by_value)
        encoder = choose_encoder_for(animator, settings)
        render = Render(animator, settings, encoder, folder, is_kept=work_dir is not None)
        chunks = group_chunks(frames, size)
        on_frame = _count_on(progress, plotting_log_interval)
        if isinstance(animator, SequentialAnimator):
            segments = _render_in_sequence(render, animator, params, total, size, on_frame)
        elif pool is None or pickled is None:
            segments = _render_here(render, chunks, progress, on_frame)
        else:
            segments = _render_in_pool(render, pickled, chunks, progress, pool)
        if not segments:
            raise _no_frames()
        stack.close()
        checked = IntervalLog("The join has checked %d frames.", saving_log_interval)
        concat_segments(segments, output, settings, encoder.ffmpeg, on_frames=checked.add)
    logger.info("%s: %d frames.", output, sum(segment.n_frames for segment in segments))


@contextlib.contextmanager
def _work_folder(work_dir: str | os.PathLike[str] | None) -> Iterator[WorkFolder]:
    if work_dir is not None:
        folder = WorkFolder(Path(work_dir).absolute())
        folder.make()
        yield folder
        return
    # A worker that is being killed may still write while the folder is removed.
    with tempfile.TemporaryDirectory(
        prefix="parallel-animate-", ignore_cleanup_errors=True
    ) as name:
        folder = WorkFolder(Path(name))
        folder.make()
        yield folder


def _no_frames() -> NoFramesError:
    return NoFramesError("param_by_frame is empty: there is no frame to render.")


def _count_on(progress: FrameProgress, log_interval: int | None) -> Callable[[int], None]:
    """Return what counts the frames that this process has drawn."""
    interval = IntervalLog("%d frames have been drawn.", log_interval)

    def on_frame(frame_id: int) -> None:
        progress.drawn()
        interval.add()

    return on_frame


def _render_in_sequence(
    render: Render,
    animator: SequentialAnimator,
    params: Iterable[Any],
    total: int | None,
    chunk_size: int,
    on_frame: Callable[[int], None],
) -> list[SegmentFile]:
    """Render frames one by one; params are read when the frame before has been drawn."""
    segments = []
    frames = (Frame(number, b"", item) for number, item in enumerate(params))
    for first in frames:
        stop = first.id + chunk_size
        segment = render_next_frames(
            animator,
            chain([first], islice(frames, chunk_size - 1)),
            range(first.id, stop if total is None else min(stop, total)),
            render.settings,
            render.encoder,
            render.folder.segment(f"{first.id}-{stop}"),
            on_frame,
        )
        segments.append(SegmentFile(segment.path, segment.n_frames, segment.packets))
    return segments


def _render_here(
    render: Render,
    chunks: Iterator[Chunk],
    progress: FrameProgress,
    on_frame: Callable[[int], None],
) -> list[SegmentFile]:
    recipe_digest = _recipe_digest(render, render.animator) if render.is_kept else ""
    state = AttributeState(render.animator)

    is_used = False

    def start() -> AnimatorBase:
        nonlocal is_used
        # The first chunk sees the very object, with the very attributes.
        if is_used:
            state.restore()
        is_used = True
        return render.animator

    segments: list[SegmentFile] = []
    for chunk in chunks:
        path = render.folder.segment(_name(render, chunk, recipe_digest))
        if has_segment(path):
            progress.found(len(chunk.frames))
            segments.append(SegmentFile(path, len(chunk.frames)))
            continue
        trial = None
        if _tries_order(render, len(segments)):
            state.restore()
            trial = OrderTrial(render.animator, chunk, render.settings)
        segment = render_chunk(
            start,
            chunk,
            render.settings,
            render.encoder,
            path,
            on_frame=on_frame,
            on_pixels=trial.look if trial else None,
        )
        if trial:
            trial.conclude()
        segments.append(SegmentFile(path, len(chunk.frames), segment.packets))
    return segments


def _render_in_pool(
    render: Render,
    pickled: PickledAnimator,
    chunks: Iterator[Chunk],
    progress: FrameProgress,
    pool: ChunkPool,
) -> list[SegmentFile]:
    folder = render.folder
    recipe_name = _recipe_digest(render, render.animator) if render.is_kept else "movie"
    # Anew, since sys.path and the working folder are not in its digest: a project may move.
    store(folder.recipe(recipe_name), _pool_recipe(render, pickled), replace=True)
    segments = []
    for chunk in chunks:
        name = _name(render, chunk, recipe_name)
        segment = folder.segment(name)
        segments.append(SegmentFile(segment, len(chunk.frames)))
        if has_segment(segment):
            progress.found(len(chunk.frames))
            continue
        tries_order = _tries_order(render, len(segments) - 1)
        store(folder.chunk(name), ChunkFile.of(chunk, recipe_name, tries_order))
        pool.submit(Task(folder.chunk(name), segment, (chunk.start, chunk.stop)))
    packets = {segment.path: segment.packets for segment in pool.drain()}
    return [replace(segment, packets=packets.get(segment.path)) for segment in segments]


def _tries_order(render: Render, n_before: int) -> bool:
    """Tell whether it is tried if frames of a chunk depend on each other.

    In the second one: a movie of one chunk is drawn in order, and a worker that does it once has
    others beside it that render.
    """
    return n_before == 1 and not isinstance(render.animator, CheckedAnimator)


def _pickle_animator(animator: AnimatorBase, by_value: contextlib.ExitStack) -> PickledAnimator:
    """Pickle an animator with the user's modules by value, or by reference where that fails.

    A module may hold what cannot be pickled, a lock say; then workers import it anew. Leaving the
    block makes params go the same way, so that their classes are the animator's.
    """
    try:
        return PickledAnimator.of(animator)
    except AnimatorLoadError:
        by_value.close()
        return PickledAnimator.of(animator)


def _pool_recipe(render: Render, pickled: PickledAnimator) -> Recipe:
    return make_recipe(
        pickled,
        render.settings,
        render.encoder,
        capture_environment(),
        drawing_versions(),
    )


def _recipe_digest(render: Render, animator: AnimatorBase) -> str:
    """Return the digest of all that decides pixels and bytes, beside the params."""
    encoder = render.encoder
    return digest_of(
        [
            BYTE_FORMAT,
            animator,
            describe_settings(render.settings),
            [encoder.name, encoder.build, encoder.preset],
            describe_drawing(capture_environment().drawing),
            drawing_versions(),
        ]
    )


def _name(render: Render, chunk: Chunk, recipe_digest: str) -> str:
    digest = ""
    if render.is_kept:
        digest = digest_of([recipe_digest, [(frame.id, frame.params) for frame in chunk.frames]])
    return chunk_name(chunk, digest) if digest else f"{chunk.start}-{chunk.stop}"
