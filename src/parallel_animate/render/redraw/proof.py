"""Check whether drawing less works with the installed matplotlib.

Caches and replay replace private parts of matplotlib, which may differ in another version. So each
process checks that these parts exist as expected. It also checks that test figures have the same
pixels in both ways, unless the process that started it has done so. The version only decides how
many figures are drawn.
"""

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
from parallel_animate.render.warn_once import warn_once

logger = logging.getLogger(__name__)


class Proof(NamedTuple):
    """The result of the check.

    Parameters
    ----------
    fault : str
        Why drawing less cannot be trusted; empty if it can.
    advice : str
        What to do about it.
    """

    fault: str = ""
    advice: str = ""


class _NotProvenError(Exception):
    """Something is not as expected; the message describes it."""


def is_proven() -> bool:
    """Return whether the caches and the replay work here; if they do not, warn once."""
    proof = prove()
    if proof.fault:
        warn_once(
            logger,
            "redraw",
            "Every frame is drawn in full, which takes about three times as long: %s. The movie is "
            "correct. What to do: %s.",
            *(proof.fault, proof.advice),
        )
    return not proof.fault


# The result of the check, once this process has one.
_found: list[Proof] = []


def prove() -> Proof:
    """Check whether drawing less works here, once in a process.

    All private names that it uses must exist, and a small figure must have the same pixels in both
    ways. If this version of matplotlib was never tested with this package, figures with each kind
    of artist are compared too, which takes about a second.
    """
    if not _found:
        _found.append(checked())
    return _found[0]


def was_proven() -> bool:
    """Return whether this process has found that drawing less works here."""
    return bool(_found) and not _found[0].fault


def rely_on_proof() -> None:
    """Compare no figures in this process: another one has done so with the same matplotlib."""
    _found[:] = [checked(compares=False)]


def checked(compares: bool = True) -> Proof:
    """Check whether drawing less works here, with test figures or without."""
    try:
        with mpl.rc_context(mpl.rcParamsDefault):
            _check(compares)
    except _NotProvenError as error:
        return Proof(str(error), _advice())
    except Exception as error:
        logger.debug("Drawing less failed", exc_info=True)
        return Proof(f"the start-up check failed ({type(error).__name__}: {error})", _advice())
    return Proof()


def _advice() -> str:
    if is_followed():
        return "report this with the output of 'parallel-animate doctor'"
    return f"pip install '{versions_to_install()}', or upgrade parallel-animate"


def _check(compares: bool) -> None:
    _check_names([])
    # The modules that draw less are imported only now: their import needs these names.
    _check_calls()
    if not compares:
        return
    _compare_small(SmallFigure())
    if not is_followed():
        for kind in (FullFigure, OpaqueFigure):
            _compare_twins(kind(), kind())
        logger.info(
            "Drawing less was not tested with matplotlib %s, only with %s. Test figures with every "
            "kind of artist have the same pixels in both ways, so it is used.",
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
            f"matplotlib {mpl.__version__} has drawing methods that are not recorded "
            f"({', '.join(sorted(unknown))})"
        )


def _compare_small(small: SmallFigure) -> None:
    """Compare a figure drawn less with the same figure drawn in full."""
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
    """Compare a figure drawn less with an equal one that is always drawn in full."""
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
