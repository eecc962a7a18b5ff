"""The safety net: draw some frames of each chunk both ways and compare them."""

import random
from typing import Any

import numpy as np
from numpy.typing import NDArray

from parallel_animate.render.canvas import OpaqueCanvas

# The first frame that is not drawn whole. Frame 0 has nothing to replay, and frame 1 shows what
# changes.
FIRST_REPLAY = 2
# One more frame is checked for every 125 frames of a chunk, rounded up.
FRAMES_PER_CHECK = 125
# Chunks shorter than this take a second or two, so a check is a large share. They get a single one,
# by a draw with our caches, which takes a third of the time.
FEW_FRAMES = 100
MAX_CLASSES = 6


class RedrawMismatchError(Exception):
    """A frame that was drawn in part looks different when it is drawn whole."""


def frames_to_check(n_frames: int, start: int) -> dict[int, bool]:
    """Choose the frames of a chunk that are drawn both ways, counted from 0.

    Parameters
    ----------
    n_frames : int
        Number of frames of the chunk.
    start : int
        The chunk's first frame id. It seeds the choice, so each run checks the same frames, and
        different chunks check different ones.

    Returns
    -------
    dict of int to bool
        True if the frame is compared with matplotlib's plain draw, without our caches too.
    """
    candidates = range(FIRST_REPLAY, n_frames)
    n_more = min(-(-n_frames // FRAMES_PER_CHECK), len(candidates))
    more = random.Random(start).sample(candidates, n_more)
    if n_frames < FEW_FRAMES:
        return dict.fromkeys(more, False)
    # A plain draw takes three times as long; one is enough to check the caches.
    return {FIRST_REPLAY: False} | dict.fromkeys(more, False) | {more[-1]: True}


def check(canvas: OpaqueCanvas, plainly: bool) -> None:
    """Compare the pixels of a canvas with a full draw, unless that would leave a trace.

    Parameters
    ----------
    canvas : CachingCanvas
        A canvas that has drawn a frame.
    plainly : bool
        Draw as matplotlib does, without our caches.

    Raises
    ------
    RedrawMismatchError
        If they differ; the message gives the number of pixels, where they are, and the artists
        there. Also if the full draw fails: a user's function may fail when it is called again.
    """
    # Imported only here: the module needs names that this matplotlib may lack.
    from parallel_animate.render.redraw.canvas import CachingCanvas

    assert isinstance(canvas, CachingCanvas)
    if not canvas.can_be_checked():
        return
    try:
        differs = canvas.difference(plainly)
    except Exception as error:
        raise RedrawMismatchError(f"another full draw failed ({error!r})") from error
    if differs.any():
        raise RedrawMismatchError(describe(differs, canvas.classes_at(differs)))


def describe(differs: NDArray[np.bool_], classes: list[str]) -> str:
    """Return a description of where pixels differ and which classes of artists are there."""
    rows: Any
    columns: Any
    rows, columns = np.nonzero(differs)
    listed = ", ".join(classes[:MAX_CLASSES]) or "none known"
    return (
        f"{len(rows)} pixels differ, in columns {columns.min()} to {columns.max()} and rows "
        f"{rows.min()} to {rows.max()} (artists there: {listed})"
    )
