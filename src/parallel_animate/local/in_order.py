"""Render the frames of a movie one after another, from the first to the last."""

import logging
from collections.abc import Callable
from itertools import chain, islice

from parallel_animate.encode.finisher import Finisher
from parallel_animate.encode.segment import has_segment
from parallel_animate.errors import FrameOrderError, RenderError
from parallel_animate.inputs.frame_stream import FrameTape
from parallel_animate.inputs.frames import Chunk, Frame
from parallel_animate.inputs.shared_buffers import current_buffers
from parallel_animate.local.movie_inputs import RECIPE, MovieInputs, name_ends, targets_at
from parallel_animate.local.pool import ChunkPool, Task
from parallel_animate.local.request import Folders, Rendered, Request
from parallel_animate.project.chunk_files import ChunkFile, fetch, store
from parallel_animate.project.content_name import in_order_name
from parallel_animate.render.chunk import SequentialAnimator, render_next_frames
from parallel_animate.render.isolation import isolated_drawing
from parallel_animate.render.order_check import explain_dependence
from parallel_animate.render.preflight import choose_encoder_for
from parallel_animate.render.progress import FrameProgress

logger = logging.getLogger(__name__)


def render_next(
    movie: Request,
    inputs: MovieInputs,
    folders: Folders,
    frames: FrameTape,
    on_frame: Callable[[int], None],
) -> Rendered:
    """Render all frames in order in this process, because nothing can be copied or started again.

    What cannot be copied, such as an iterator or an open file, may change with every frame.
    """
    first = frames.next_frame()
    rendered = Rendered(inputs.encoders)
    if first is None:
        return rendered
    if movie.is_kept:
        logger.warning(
            "%s is rendered in one piece, and nothing is kept in work_dir, because the animator or "
            "its params cannot be pickled.",
            movie.output,
        )
    paths = tuple(folders.jobs.segment(f"in-order{end}") for end in inputs.name_ends)
    with isolated_drawing(), Finisher() as finisher:
        n_frames = render_next_frames(
            movie.animator,
            frames,
            range(first.id, first.id + (movie.total or 1)),
            movie.settings,
            inputs.targets(paths),
            finisher,
            on_frame,
        )
        rendered.add(paths, n_frames)
        rendered.written(finisher.drain())
    return rendered


def render_in_sequence(
    movie: Request,
    animator: SequentialAnimator,
    folders: Folders,
    on_frame: Callable[[int], None],
) -> Rendered:
    """Render frames one by one; the params of a frame are read after the frame before is drawn."""
    outputs = movie.outputs
    encoders = tuple(
        choose_encoder_for(animator, output.settings, lambda: Frame(0, b"")) for output in outputs
    )
    ends, rendered = name_ends(outputs, encoders), Rendered(encoders)
    size = movie.chunk_size
    frames = (Frame(number, b"", item) for number, item in enumerate(movie.params))
    with Finisher() as finisher:
        for first in frames:
            stop = first.id + size
            paths = tuple(folders.jobs.segment(f"{first.id}-{stop}{end}") for end in ends)
            n_frames = render_next_frames(
                animator,
                chain([first], islice(frames, size - 1)),
                range(first.id, stop if movie.total is None else min(stop, movie.total)),
                movie.settings,
                targets_at(paths, outputs, encoders),
                finisher,
                on_frame,
            )
            rendered.add(paths, n_frames)
        rendered.written(finisher.drain())
    return rendered


def render_in_order(
    movie: Request,
    inputs: MovieInputs,
    folders: Folders,
    frames: FrameTape,
    progress: FrameProgress,
    finding: FrameOrderError,
) -> Rendered:
    """Render all frames as one chunk, in a fresh process.

    The processes so far have drawn frames out of order, which may have changed global variables.
    """
    logger.warning(
        "%s is rendered in order, from its first frame to its last in one process, which takes as "
        "long as with one core: update() depends on the frame before: %s.",
        movie.output,
        explain_dependence(str(finding), finding.engine, "update()", "at the end of setup()"),
    )
    parts: list[tuple[str, ...]] = []
    frame_ids: list[int] = []
    recipe = inputs.recipe
    with inputs.params_like_animator():
        for names, chunk in inputs.named(frames, None):
            known = [Frame.of(frame.id, frame.params) for frame in chunk.frames]
            content = ChunkFile.of(Chunk(tuple(known)), RECIPE)
            store(folders.jobs.chunk(names[0]), content, replace=True)
            parts.append(names)
            frame_ids += [frame.id for frame in known]
    paths = tuple(folders.work.segment(in_order_name(names)) for names in zip(*parts, strict=True))
    rendered = Rendered(inputs.encoders)
    rendered.add(paths, len(frame_ids))
    missing = [target for target in inputs.targets(paths) if not has_segment(target.path)]
    if not missing:
        progress.found(len(frame_ids))
        return rendered
    path = folders.jobs.chunk("in-order")
    stored = tuple(names[0] for names in parts)
    store(path, ChunkFile(recipe.stem, tuple(frame_ids), (), parts=stored, files=inputs.files))
    with ChunkPool(
        n_workers=1,
        queue_length=0,
        on_frame=progress.drawn,
        folder=folders.work.segments,
        buffers=current_buffers(),
        remove_folder=folders.jobs.root,
        log_interval=movie.options.plotting_log_interval,
    ) as pool:
        pool.submit(Task.of(path, paths[0], missing, (frame_ids[0], frame_ids[-1] + 1)))
        rendered.written(pool.drain())
    return rendered


def dependence_behind(
    error: RenderError, inputs: MovieInputs, folders: Folders
) -> FrameOrderError | None:
    """Return why a frame fails as the first of its chunk, if the frames before it are missing.

    The first chunk is drawn again, and then the frame after it, which must not need the others.
    """
    if not inputs.segments or error.chunk is None or error.frame_idx != error.chunk[0]:
        return None
    path = folders.jobs.chunk(inputs.segments[0][0].stem)
    content: ChunkFile | None = fetch(path) if path.is_file() else None
    if content is None or error.frame_idx in content.frame_ids or not content.tried:
        return None
    frames = (content.frame_ids[0], content.frame_ids[-1] + 1)
    with ChunkPool(
        n_workers=1,
        queue_length=0,
        on_frame=lambda count: None,
        folder=folders.jobs.segments,
        buffers=current_buffers(),
        remove_folder=folders.jobs.root,
    ) as pool:
        try:
            pool.submit(Task(path, folders.jobs.segment("again"), frames))
            pool.drain()
        except FrameOrderError as finding:
            return finding
        except RenderError:
            return None
    return None
