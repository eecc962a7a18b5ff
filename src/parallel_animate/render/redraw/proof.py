"""Whether drawing less can be trusted with the matplotlib at hand.

Caches and replay stand in for private parts of matplotlib, which may be others in another version.
What counts is what is seen here: that the parts are there as they are known, and that figures drawn
in both ways are equal. The version only decides how much is drawn.
"""

import functools
import logging
from typing import Any, NamedTuple

import matplotlib as mpl
import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from numpy.typing import NDArray

from parallel_animate.inputs.matplotlib_private import (
    REDRAW,
    is_followed,
    missing_names,
    versions_to_install,
)
from parallel_animate.render.redraw.specimens import (
    FullFigure,
    OpaqueFigure,
    SmallFigure,
    objects_of,
)
from parallel_animate.warn_once import warn_once

logger = logging.getLogger(__name__)


class Proof(NamedTuple):
    """What was found about drawing less.

    Parameters
    ----------
    fault : str
        Why it cannot be trusted; empty if it can.
    advice : str
        What to do about it.
    """

    fault: str = ""
    advice: str = ""


class _NotProvenError(Exception):
    """Something is not as it is known; the message says what."""


def is_proven() -> bool:
    """Tell whether the caches and the replay are right here; warn, once, if they are not."""
    proof = prove()
    if proof.fault:
        warn_once(
            logger,
            "redraw",
            "Every frame is drawn in full, which takes about three times as long: %s. The movie is "
            "right. What to do: %s.",
            *(proof.fault, proof.advice),
        )
    return not proof.fault


@functools.cache
def prove() -> Proof:
    """Try whether drawing less is right here; once in a process.

    The private names that it uses are looked for, and a small figure is drawn in both ways. If the
    version of matplotlib is one that the package was not compared with, so are figures with each
    kind of artist, which takes about a second.
    """
    try:
        with mpl.rc_context(mpl.rcParamsDefault):
            _check()
    except _NotProvenError as error:
        return Proof(str(error), _advice())
    except Exception as error:
        logger.debug("Drawing less failed", exc_info=True)
        return Proof(f"a test of it failed ({type(error).__name__}: {error})", _advice())
    return Proof()


def _advice() -> str:
    if is_followed():
        return "report this with the output of 'parallel-animate doctor'"
    return f"pip install '{versions_to_install()}', or upgrade parallel-animate"


def _check() -> None:
    _check_names([])
    # The modules that draw less are imported only now, for they take names when they are.
    _check_calls()
    _compare_small(SmallFigure())
    if not is_followed():
        for kind in (FullFigure, OpaqueFigure):
            _compare_twins(kind(), kind())
        logger.info(
            "matplotlib %s is another one than those that drawing less was compared with (%s). A "
            "figure with each kind of artist has the same pixels in both ways: it goes on.",
            *(mpl.__version__, versions_to_install()),
        )


def _check_names(objects: list[Any]) -> None:
    if missing := missing_names(REDRAW, objects):
        raise _NotProvenError(f"matplotlib {mpl.__version__} lacks {', '.join(missing)}")


def _check_calls() -> None:
    from parallel_animate.render.redraw.raster import AggRaster, Raster

    calls = {name for name in dir(AggRaster) if name.startswith("draw_")}
    if unknown := calls - vars(Raster).keys():
        raise _NotProvenError(
            f"matplotlib {mpl.__version__} draws in a way that is not recorded "
            f"({', '.join(sorted(unknown))})"
        )


def _compare_small(small: SmallFigure) -> None:
    """Draw a figure less, and again in full."""
    from parallel_animate.render.redraw.canvas import CachingCanvas, ReplayCanvas

    canvas: CachingCanvas = ReplayCanvas(small.figure)
    for frame in range(small.n_frames):
        small.change(frame)
        canvas.draw_frame()
        if frame == 0:
            _check_names(objects_of(small.figure, canvas.get_renderer()))
        if frame in small.compared:
            _check_pixels(canvas.difference(plainly=True), frame)


def _compare_twins(less: Any, whole: Any) -> None:
    """Draw a figure less, and a second one like it, which never was drawn less, in full."""
    from parallel_animate.render.redraw.canvas import ReplayCanvas

    canvas = ReplayCanvas(less.figure)
    plain: Any = FigureCanvasAgg(whole.figure)
    for frame in range(less.n_frames):
        less.change(frame)
        whole.change(frame)
        canvas.draw_frame()
        if frame == 0:
            _check_names(objects_of(less.figure, canvas.get_renderer()))
        if frame in less.compared:
            plain.draw()
            pixels = np.asarray(canvas.get_renderer().buffer_rgba())  # type: ignore[no-untyped-call]
            _check_pixels((pixels != plain.buffer_rgba()).any(axis=-1), frame)


def _check_pixels(differs: NDArray[np.bool_], frame: int) -> None:
    if n_pixels := int(differs.sum()):
        raise _NotProvenError(f"{n_pixels} pixels of a test figure differ in frame {frame}")
