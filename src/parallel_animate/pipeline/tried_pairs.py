"""Choose the pairs of neighbours that show whether the chunks of a plan depend on each other."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain

from parallel_animate.inputs.frames import Frame, LazyParams, first_change, is_same_picture
from parallel_animate.project.chunk_files import ChunkFile, fetch
from parallel_animate.project.work_folder import WorkFolder

Pair = tuple[Frame, Frame]


@dataclass(frozen=True)
class TriedPairs:
    """Pairs of a frame and the one before it.

    Parameters
    ----------
    pairs : sequence of (Frame, Frame)
        The second frame, the first one of a middle chunk, and the last one; each comes after the
        frame before it.
    border : tuple of (Frame, Frame)
        The pair of the middle chunk.
    """

    pairs: Sequence[Pair]
    border: Pair


def pairs_to_try(
    folder: WorkFolder, chunks: Sequence[tuple[str, int]], lazy: LazyParams | None
) -> TriedPairs:
    """Return the pairs to try in a movie of at least two chunks.

    Frames that repeat the picture before show nothing, so others are chosen for them.

    Parameters
    ----------
    folder : WorkFolder
        The movie's folder.
    chunks : sequence of (str, int)
        Name and number of frames of each chunk.
    lazy : LazyParams, optional
        The params, if the chunk files do not hold them.
    """

    def frames_of(position: int) -> tuple[Frame, ...]:
        content: ChunkFile = fetch(folder.chunk(chunks[position][0]))
        return content.frames(lazy)

    def border_at(position: int) -> Pair:
        return frames_of(position - 1)[-1], frames_of(position)[0]

    borders = range(1, len(chunks))
    middle = len(chunks) // 2
    nearest = map(border_at, sorted(borders, key=lambda position: abs(position - middle)))
    border = next((pair for pair in nearest if not is_same_picture(*pair)), border_at(middle))
    forwards = chain.from_iterable(map(frames_of, range(len(chunks))))
    backwards = chain.from_iterable(frames_of(i)[::-1] for i in range(len(chunks) - 1, -1, -1))
    last = first_change(backwards)
    found = (first_change(forwards), border, last and last[::-1])
    pairs = {pair[1].id: pair for pair in found if pair}
    return TriedPairs(tuple(pairs.values()), border)
