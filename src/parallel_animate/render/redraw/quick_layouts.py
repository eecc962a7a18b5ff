"""Run layouts that ``update()`` asks for as quickly as those of a draw, with the same caches.

``tight_layout()`` measures every text of a figure, and makes the ticks of every axis several times.
"""

import contextlib
import re
import sys
import warnings
from collections.abc import Callable, Iterator
from importlib import import_module
from typing import Any

from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine, TightLayoutEngine

from parallel_animate.render.redraw.canvas import CachingCanvas
from parallel_animate.render.redraw.memo import remembered
from parallel_animate.render.redraw.replacement import Replacement

# Modules that a warning is not about; see `warn_external`.
INSIDE = re.compile(rf"(matplotlib|mpl_toolkits|{re.escape(__name__)})(\.|$)")


def _quickly(method: Callable[..., Any], figure_of: Callable[..., Any]) -> Callable[..., Any]:
    """Return what replaces a method that runs a layout of a figure."""

    def run(*arguments: Any, **options: Any) -> Any:
        # matplotlib draws the others, which have canvases of their own.
        figure = figure_of(*arguments, **options)
        if not isinstance(figure.canvas, CachingCanvas):
            return method(*arguments, **options)
        with remembered(figure), _warning_outside():
            return method(*arguments, **options)

    return run


def warn_external(message: Any, category: type[Warning] | None = None) -> None:
    """Replace ``matplotlib._api.warn_external``: a warning is about the line that calls matplotlib.

    Without this, it would be about a line of this module, which calls matplotlib as well.
    """
    frame: Any = sys._getframe(1)
    level = 2
    while frame is not None and INSIDE.match(frame.f_globals.get("__name__", "")):
        frame = frame.f_back
        level += 1
    warnings.warn(message, category, stacklevel=level)


_warning_outside = Replacement(import_module("matplotlib._api"), "warn_external", warn_external)
_REPLACEMENTS = (
    *(
        Replacement(engine, "execute", _quickly(engine.execute, lambda engine, fig: fig))
        for engine in (TightLayoutEngine, ConstrainedLayoutEngine)
    ),
    Replacement(
        Figure,
        "draw_without_rendering",
        _quickly(Figure.draw_without_rendering, lambda figure: figure),
    ),
)


@contextlib.contextmanager
def layouts_run_quickly() -> Iterator[None]:
    """Run matplotlib's layout engines quickly in this block, for figures that are drawn less."""
    with contextlib.ExitStack() as stack:
        for replaced in _REPLACEMENTS:
            stack.enter_context(replaced())
        yield
