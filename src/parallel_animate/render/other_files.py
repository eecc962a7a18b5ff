"""Find the segments of a movie's other files that a job can encode while it draws a chunk.

A job draws for its own movie. This module looks in the work folders of the other files of that
movie ("wave" and "wave+gif") for chunks with the same frames and without a segment.
"""

import contextlib
import logging
from collections.abc import Iterator, Sequence

from parallel_animate.encode.encoders import on_this_machine
from parallel_animate.encode.segment import has_segment
from parallel_animate.encode.segments import SegmentTarget
from parallel_animate.errors import AnimateError
from parallel_animate.formats import FORMATS, first_of, other_file_name
from parallel_animate.inputs.frames import Chunk
from parallel_animate.project.chunk_files import ChunkFile, Recipe, fetch
from parallel_animate.project.content_name import chunk_name
from parallel_animate.project.folder_lock import folder_in_use
from parallel_animate.project.plan import Plan, read_valid_plan
from parallel_animate.project.work_folder import WorkFolder

logger = logging.getLogger(__name__)


@contextlib.contextmanager
def other_files_in_use(folder: WorkFolder) -> Iterator[Sequence[WorkFolder]]:
    """Keep ``clean`` out of the folders of a movie's other files, and yield these folders."""
    first = first_of(folder.root.name)
    names = [first, *(other_file_name(first, output) for output in FORMATS)]
    others = [WorkFolder(folder.root.with_name(name)) for name in names]
    others = [other for other in others if other != folder and other.plan.is_file()]
    with contextlib.ExitStack() as locks:
        usable = []
        for other in others:
            try:
                locks.enter_context(folder_in_use(other))
            except (AnimateError, OSError) as error:
                logger.warning("%s is not encoded along: %s", other.root.name, error)
            else:
                usable.append(other)
        yield usable


def other_targets(
    folder: WorkFolder, others: Sequence[WorkFolder], name: str
) -> tuple[SegmentTarget, ...]:
    """Return the segments of other files that show the frames of a chunk and are missing.

    Parameters
    ----------
    folder : WorkFolder
        The folder of the chunk.
    others : sequence of WorkFolder
        The folders of the movie's other files.
    name : str
        Name of the chunk.
    """
    plan = read_valid_plan(folder.root) if others else None
    if plan is None or not plan.drawing or name not in dict(plan.chunks):
        return ()
    targets = []
    for other in others:
        try:
            targets += _targets_in(other, folder, name, plan)
        except (AnimateError, OSError) as error:
            logger.warning("%s is not encoded along with %s: %s", other.root.name, name, error)
    return tuple(targets)


def _targets_in(other: WorkFolder, folder: WorkFolder, name: str, own: Plan) -> list[SegmentTarget]:
    plan = read_valid_plan(other.root)
    if plan is None or plan.drawing != own.drawing or (plan.uses_gpu and not own.uses_gpu):
        return []
    range_of = name.rpartition("-")[0]
    found = [other_name for other_name, _ in plan.chunks if other_name.startswith(f"{range_of}-")]
    if not found or has_segment(segment := other.segment(found[0])):
        return []
    content: ChunkFile = fetch(other.chunk(found[0]))
    if not has_same_frames(content, fetch(folder.chunk(name))):
        return []
    recipe: Recipe = fetch(other.recipe(content.recipe))
    encoder = on_this_machine(recipe.encoder)
    return [SegmentTarget(segment, recipe.settings, encoder, recipe.extradata, is_optional=True)]


def has_same_frames(one: ChunkFile, other: ChunkFile) -> bool:
    """Return whether two chunks of one drawing show the same frames."""
    if (one.frame_ids, one.is_settled) != (other.frame_ids, other.is_settled):
        return False
    if (one.params, one.first) == (other.params, other.first):
        return True
    # Equal params may be pickled to other bytes.
    names = [chunk_name("", Chunk(content.frames()), content.first) for content in (one, other)]
    return names[0] == names[1]
