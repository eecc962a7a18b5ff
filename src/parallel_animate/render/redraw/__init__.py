"""Draw less, with the same pixels.

The public functions are `canvas_class` (the canvas for a figure), `prove` (can drawing less be
trusted here?), `was_proven` and `rely_on_proof` (for workers), `frames_to_check` and `check`
(compare some frames of each chunk), `artists_made_quickly` (while the user's code runs), and
`layouts_forgotten` (for draws whose warnings are hidden). Nothing else in the package imports the
modules behind them:

- caches (`text`, `memo`) compute once what a draw computes many times. All figures use them.
- replay does not redraw artists whose whole state is unchanged since their last draw. Their
  low-level Agg calls are replayed, or are already in a background. It needs a figure that persists
  from frame to frame. `replay` draws a frame; `order`, `walk`, `state` and `artists` find what has
  changed; `raster` and `layers` paint it.
- `canvas` chooses between them for each frame; `outlook` estimates how much there is to save.
- `proof` checks that all this works here, on the figures in `specimens`;
  `selfcheck` compares some frames of each movie with a plain draw by matplotlib.
"""

import contextlib
import sys
from collections.abc import Iterator
from typing import Any

from parallel_animate.render.canvas import OpaqueCanvas
from parallel_animate.render.redraw.order import count_artists
from parallel_animate.render.redraw.proof import (
    Proof,
    is_proven,
    prove,
    rely_on_proof,
    was_proven,
)
from parallel_animate.render.redraw.selfcheck import RedrawMismatchError, check, frames_to_check

__all__ = [
    "Proof",
    "RedrawMismatchError",
    "artists_made_quickly",
    "canvas_class",
    "check",
    "count_artists",
    "frames_to_check",
    "layouts_forgotten",
    "prove",
    "rely_on_proof",
    "was_proven",
]


def canvas_class(redraw: str, persists: bool) -> type[OpaqueCanvas]:
    """Return the fastest canvas for a figure that still has the pixels of a full draw.

    Parameters
    ----------
    redraw : {"auto", "full"}
        "full" draws everything in every frame, as matplotlib does.
    persists : bool
        The figure stays the same object from frame to frame, so unchanged parts can be replayed.

    Returns
    -------
    type
        `OpaqueCanvas` itself where everything must be drawn.
    """
    if redraw != "auto" or not is_proven():
        return OpaqueCanvas
    # Imported only here: the module needs names that this matplotlib may lack.
    from parallel_animate.render.redraw.canvas import CachingCanvas, ReplayCanvas

    return ReplayCanvas if persists else CachingCanvas


@contextlib.contextmanager
def artists_made_quickly() -> Iterator[None]:
    """Let matplotlib make ticks, bars and layouts quickly in this block, which runs update()."""
    if not is_proven():
        yield
        return
    from parallel_animate.render.redraw.bar_limits import limits_found_quickly
    from parallel_animate.render.redraw.quick_layouts import layouts_run_quickly
    from parallel_animate.render.redraw.tick_clips import clipping
    from parallel_animate.render.redraw.ticks import copying

    with copying(), clipping(), limits_found_quickly(), layouts_run_quickly():
        yield


@contextlib.contextmanager
def layouts_forgotten() -> Iterator[None]:
    """Forget the text layouts that are made in this block, for draws whose warnings are hidden.

    matplotlib warns of a glyph that a font lacks when it lays out a text, so a later draw that
    found the layout would not warn.
    """
    before = frozenset(_layouts())
    try:
        yield
    finally:
        layouts = _layouts()
        for key in layouts.keys() - before:
            del layouts[key]


def _layouts() -> dict[Any, Any]:
    # The block may be the first to import the caches.
    text = sys.modules.get(f"{__name__}.text")
    return text.text_cache.layouts if text else {}
