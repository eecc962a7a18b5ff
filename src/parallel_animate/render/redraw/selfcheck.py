"""The safety net: some frames of each chunk are drawn both ways and compared."""

import random
from typing import Any

import numpy as np
from numpy.typing import NDArray

from parallel_animate.render.canvas import OpaqueCanvas

# The first frame that is not drawn whole: the first is, for there is nothing to replay, and so is
# the second, in which it is seen what changes.
FIRST_REPLAY = 2
# One more frame is checked for each started number of this many.
FRAMES_PER_CHECK = 125
# In chunks of a second or two each check counts: a single one, by a draw that uses our caches and
# takes a third of the time.
FEW_FRAMES = 100
MAX_CLASSES = 6


class RedrawMismatchError(Exception):
    """A frame that was drawn in part does not look as it would if it were drawn whole."""


def frames_to_check(n_frames: int, start: int) -> dict[int, bool]:
    """Return which frames of a chunk are drawn both ways, counted from 0.

    Parameters
    ----------
    n_frames : int
        Of the chunk.
    start : int
        Its first frame id, the seed: each run checks the same frames, other chunks other ones.

    Returns
    -------
    dict of int to bool
        Whether the other way is matplotlib's plain draw, which leaves out our caches too.
    """
    candidates = range(FIRST_REPLAY, n_frames)
    n_more = min(-(-n_frames // FRAMES_PER_CHECK), len(candidates))
    more = random.Random(start).sample(candidates, n_more)
    if n_frames < FEW_FRAMES:
        return dict.fromkeys(more, False)
    # A plain draw takes three times as long: one of them is enough to prove the caches.
    return {FIRST_REPLAY: False} | dict.fromkeys(more, False) | {more[-1]: True}


def check(canvas: OpaqueCanvas, plainly: bool) -> None:
    """Compare the pixels of a canvas with those of a full draw, where that leaves no trace.

    Parameters
    ----------
    canvas : CachingCanvas
        Has drawn a frame.
    plainly : bool
        Draw as matplotlib does, without our caches.

    Raises
    ------
    RedrawMismatchError
        If they differ; says how many pixels, where, and which artists stand there. Also if the full
        draw fails: a function of the user's may not bear being called once more.
    """
    # Only now: importing it takes what matplotlib may lack.
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
    """Return where pixels differ, and which classes of artists stand there."""
    rows: Any
    columns: Any
    rows, columns = np.nonzero(differs)
    listed = ", ".join(classes[:MAX_CLASSES]) or "none known"
    return (
        f"{len(rows)} pixels differ, in columns {columns.min()} to {columns.max()} and rows "
        f"{rows.min()} to {rows.max()} (artists there: {listed})"
    )
