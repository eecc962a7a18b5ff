"""Draw single frames exactly as the movie will show them, without writing any of its files.

The pixels are the same as those that the encoder gets.
"""

import logging
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any

from PIL import Image

from parallel_animate.errors import FrameError, SegmentError, SettingsError
from parallel_animate.frame_rate import parse_fps
from parallel_animate.inputs.animator import AnimatorBase
from parallel_animate.inputs.file_states import Digests
from parallel_animate.inputs.frame_stream import group_chunks, ordered_frames
from parallel_animate.inputs.frames import Chunk, Frame
from parallel_animate.inputs.portable import SourceAnimator
from parallel_animate.inputs.targets import load_params
from parallel_animate.pipeline.config import is_in_order, movie_settings
from parallel_animate.project.chunk_files import ChunkFile, fetch
from parallel_animate.project.plan import Plan, read_plan
from parallel_animate.project.repair import set_aside_damaged
from parallel_animate.project.staleness import is_current
from parallel_animate.project.work_folder import WorkFolder
from parallel_animate.render.animator_copy import fresh_copy
from parallel_animate.render.job import prepare
from parallel_animate.render.preview import draw
from parallel_animate.settings import VideoSettings

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class _Movie:
    """The parts of a movie that drawing its frames needs."""

    animator: AnimatorBase
    settings: VideoSettings
    chunks: Iterable[Chunk]
    first: Frame | None = None


def preview_movie(
    name: str, config: Mapping[str, Any], work: Path, frame_ids: Sequence[int]
) -> Iterator[tuple[int, Image.Image]]:
    """Draw frames of a movie in the config.

    If the movie's plan is current, only the files of these frames are read. Otherwise the code is
    loaded, and the params up to these frames are read. Without a plan and with ``chunk_size: auto``
    the limits of the chunks are unknown. Each frame is then drawn as the first of a chunk, which
    gives the same pixels unless setup() uses random numbers. With ``order: in_order`` all frames
    before a frame are drawn, too.

    Parameters
    ----------
    name : str
        Name of the movie.
    config : mapping
        Its entry in the config.
    work : Path
        The folder that holds the movies' folders.
    frame_ids : sequence of int
        The frames to draw; empty means the first frame.

    Raises
    ------
    SettingsError
        If the movie has no such frame.
    AnimateError
        The same errors as when it is rendered.
    """
    folder = WorkFolder(work.absolute() / name)
    # What it would read and is damaged must count as missing.
    set_aside_damaged(folder.root)
    plan = read_plan(folder.root)
    movie = None
    if plan is not None and is_current(folder.root, plan, config, Digests(folder.digests)):
        movie = _planned_movie(folder, plan, frame_ids)
    if movie is None:
        movie = _unplanned_movie(config, plan)
    for chunk, frame in _find(name, movie.chunks, frame_ids):
        before = chunk.frames[: chunk.frames.index(frame)] if is_in_order(config) else ()
        picture = draw(
            *(fresh_copy(movie.animator), frame, chunk.start, movie.settings),
            before=before,
            first=movie.first,
        )
        yield frame.id, picture


def _planned_movie(folder: WorkFolder, plan: Plan, frame_ids: Sequence[int]) -> _Movie | None:
    """Return a movie as its plan describes it, or None if a file of the plan is damaged."""
    try:
        return _read_movie(folder, plan, frame_ids)
    except SegmentError as error:
        logger.warning("%s The frames are drawn without it.", error)
        return None


def _read_movie(folder: WorkFolder, plan: Plan, frame_ids: Sequence[int]) -> _Movie:
    recipe, animator, _, params = prepare(fetch(folder.recipe(plan.recipe)))
    names = [name for name, _ in plan.chunks]
    # The first and the last chunk show which frames exist.
    edges = (names[0], names[-1])
    names = [name for name in names if name in edges or _holds(name, frame_ids)]
    contents: list[ChunkFile] = [fetch(folder.chunk(name)) for name in names]
    first = fetch(folder.chunk(edges[1])).first_frame(params)
    chunks = (Chunk(content.frames(params)) for content in contents)
    return _Movie(animator, recipe.settings, chunks, first)


def _holds(chunk_name: str, frame_ids: Sequence[int]) -> bool:
    start, stop = map(int, chunk_name.split("-")[:2])
    return any(start <= number < stop for number in frame_ids)


def _unplanned_movie(config: Mapping[str, Any], previous: Plan | None) -> _Movie:
    animator = SourceAnimator.of(config["animator"], config.get("kwargs", {})).build_here()
    size = config.get("chunk_size", "auto")
    if size == "auto":
        # Planning keeps the size of the plan before.
        size = 1 if previous is None else previous.chunk_size
    if is_in_order(config):
        size = sys.maxsize
    params = load_params(config["params"], parse_fps(config["fps"]))
    frames = ordered_frames(params, config.get("n_frames"), config.get("every", 1))
    first = next(frames, None)
    chunks = group_chunks([] if first is None else chain([first], frames), size)
    # Whether the chunks are drawn after the first frame is unknown, but it does no harm.
    return _Movie(animator, movie_settings(config), chunks, first)


def _find(
    name: str, chunks: Iterable[Chunk], frame_ids: Sequence[int]
) -> Iterator[tuple[Chunk, Frame]]:
    """Yield the wanted frames, each with its chunk."""
    left = set(frame_ids)
    last = None
    for chunk in chunks:
        for frame in chunk.frames:
            last = frame.id
            if frame.id in left or not frame_ids:
                yield chunk, frame
                left.discard(frame.id)
                if not left:
                    return
    if last is None:
        raise FrameError(f"Movie {name!r} has no frame at all.")
    missing = ", ".join(map(str, sorted(left)))
    raise SettingsError(f"Movie {name!r} has no frame {missing}; the last one is {last}.")
