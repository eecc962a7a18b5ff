"""Whether drawing less can be trusted with the matplotlib at hand.

Caches and replay stand in for private parts of matplotlib, which may be others in another version.
"""

import functools
import logging
import re

import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure

from parallel_animate.render.redraw.canvas import CachingCanvas, ReplayCanvas

logger = logging.getLogger(__name__)

# The minor versions whose drawing was compared on all of the corpus.
PROVEN_VERSIONS = ((3, 10), (3, 11))
# One in full, one that learns what changes, one that replays the rest.
N_FRAMES = 3


@functools.cache
def is_proven() -> bool:
    """Tell whether the caches and the replay are right here; tried once in a process.

    A small figure with a line, ticks and text is drawn in both ways. Where the pixels differ, or
    anything fails, figures are drawn plainly, and a log line says so.
    """
    found = tuple(map(int, re.findall(r"\d+", mpl.__version__)[:2]))
    if found not in PROVEN_VERSIONS:
        return _refuse(f"it has not been compared with matplotlib {mpl.__version__}")
    try:
        with mpl.rc_context(mpl.rcParamsDefault):
            n_pixels = _compare()
    except Exception as error:
        logger.debug("Drawing less failed", exc_info=True)
        return _refuse(f"{type(error).__name__}: {error}")
    return n_pixels == 0 or _refuse(f"{n_pixels} pixels of a test figure differ")


def _refuse(reason: str) -> bool:
    logger.info("Every frame is drawn plainly, which is slower: %s.", reason)
    return False


def _compare() -> int:
    figure = Figure(figsize=(1.5, 1), dpi=72)
    # No formula: parsing the first one takes longer than all the rest.
    axes = figure.add_subplot(ylabel="y", title="abc", xticks=[1], yticks=[0.5])
    (line,) = axes.plot([0, 1, 2], [0, 1, 0], "o-")
    axes.text(1, 0.2, "30°", rotation=30)
    canvas: CachingCanvas = ReplayCanvas(figure)
    n_pixels = 0
    for frame in range(N_FRAMES):
        line.set_ydata(np.array([0, 1, frame / 4]))
        canvas.draw_frame()
        if frame != 1:
            n_pixels += int(canvas.difference(plainly=True).sum())
    return n_pixels
