"""Draw less, with the same pixels.

This module is the way in: the canvas for a figure (`canvas_class`), whether drawing less can be
trusted here (`prove`), and the comparison of some frames of each chunk (`frames_to_check`,
`check`). What lies behind it, nobody else imports:

- caches (`text`, `memo`): what one draw computes over and over is computed once. For all figures.
- replay (`replay`, which draws a frame; `order`, `walk`, `state`, `artists`, which tell what has
  changed; `raster`, `layers`, which paint it): artists whose whole state is as it was when they
  were last drawn are not drawn again; their low-level Agg calls are replayed, or stand in a
  background already. For figures that persist from frame to frame.
- `canvas` decides between them for each frame, with the `outlook` for how much there is to save.
- `proof` tries in each process whether all of it is right here, on the figures in `specimens`;
  `selfcheck` compares frames of the user's with a plain draw by matplotlib.
"""

from parallel_animate.render.canvas import OpaqueCanvas
from parallel_animate.render.redraw.order import count_artists
from parallel_animate.render.redraw.proof import Proof, is_proven, prove
from parallel_animate.render.redraw.selfcheck import RedrawMismatchError, check, frames_to_check

__all__ = [
    "Proof",
    "RedrawMismatchError",
    "canvas_class",
    "check",
    "count_artists",
    "frames_to_check",
    "prove",
]


def canvas_class(redraw: str, persists: bool) -> type[OpaqueCanvas]:
    """Return the canvas that draws a figure as fast as can be, with the pixels of a full draw.

    Parameters
    ----------
    redraw : {"auto", "full"}
        "full" draws everything in every frame, as matplotlib does.
    persists : bool
        The figure is the same from frame to frame, so that what has not changed can be replayed.

    Returns
    -------
    type
        `OpaqueCanvas` itself where nothing less may be drawn.
    """
    if redraw != "auto" or not is_proven():
        return OpaqueCanvas
    # Only now: importing it takes what matplotlib may lack.
    from parallel_animate.render.redraw.canvas import CachingCanvas, ReplayCanvas

    return ReplayCanvas if persists else CachingCanvas
