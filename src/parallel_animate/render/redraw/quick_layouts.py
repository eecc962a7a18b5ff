"""Run layouts that ``update()`` asks for as quickly as those of a draw, with the same caches.

``tight_layout()`` measures every text of a figure, and makes the ticks of every axis several times.
"""

import contextlib
from collections.abc import Callable, Iterator
from typing import Any

from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine, TightLayoutEngine

from parallel_animate.render.redraw.canvas import CachingCanvas
from parallel_animate.render.redraw.memo import remembered
from parallel_animate.render.redraw.replacement import Replacement


def _with_caches(figure: Any) -> contextlib.AbstractContextManager[None]:
    # matplotlib draws the others, which have canvases of their own.
    is_ours = isinstance(figure.canvas, CachingCanvas)
    return remembered(figure) if is_ours else contextlib.nullcontext()


def _quick_execute(execute: Callable[..., None]) -> Callable[..., None]:
    """Return what replaces the ``execute`` of a layout engine."""

    def quickly(engine: Any, fig: Any) -> None:
        with _with_caches(fig):
            execute(engine, fig)

    return quickly


_draw: Any = Figure.draw_without_rendering


def draw_without_rendering(figure: Any) -> None:
    """Replace ``Figure.draw_without_rendering``."""
    with _with_caches(figure):
        _draw(figure)


_REPLACEMENTS = (
    *(
        Replacement(engine, "execute", _quick_execute(engine.execute))
        for engine in (TightLayoutEngine, ConstrainedLayoutEngine)
    ),
    Replacement(Figure, "draw_without_rendering", draw_without_rendering),
)


@contextlib.contextmanager
def layouts_run_quickly() -> Iterator[None]:
    """Run matplotlib's layout engines quickly in this block, for figures that are drawn less."""
    with contextlib.ExitStack() as stack:
        for replaced in _REPLACEMENTS:
            stack.enter_context(replaced())
        yield
