"""The canvases that draw less: they choose how to draw a frame and compare it with a full draw."""

import logging
import math
import time
from collections.abc import Iterable
from typing import Any

import numpy as np
from matplotlib.backends.backend_agg import RendererAgg
from matplotlib.text import Text
from numpy.typing import NDArray

from parallel_animate.render.canvas import WHITE, OpaqueCanvas
from parallel_animate.render.redraw.late_limits import may_be_found_first
from parallel_animate.render.redraw.memo import is_matplotlib_whole, remembered
from parallel_animate.render.redraw.order import all_artists, is_flat
from parallel_animate.render.redraw.outlook import Outlook
from parallel_animate.render.redraw.polar_axes import PolarLooks
from parallel_animate.render.redraw.replay import Replay
from parallel_animate.render.redraw.text import RasterRenderer, renderer_class
from parallel_animate.render.redraw.walk import is_artist_known

logger = logging.getLogger(__name__)

# Frames drawn in full before replay is tried again, after it saved no time. An attempt costs up to
# four frames' time, so that a short chunk has one.
FIRST_PAUSE, LAST_PAUSE = 32, 256


class CachingCanvas(OpaqueCanvas):
    """An opaque canvas that computes once what a draw computes many times.

    Parameters
    ----------
    figure : Figure
        The user's figure.
    """

    def __init__(self, figure: Any) -> None:
        self._plain: RendererAgg | None = None
        self._caching: RasterRenderer | None = None
        super().__init__(figure)

    def get_renderer(self) -> RasterRenderer:
        """Return the renderer for the figure's present size."""
        # The base class makes its own renderer; `difference` draws with that one.
        if self._plain is not None:
            self.renderer = self._plain
        plain = super().get_renderer()  # type: ignore[no-untyped-call]
        if plain is not self._plain or self._caching is None:
            self._plain = plain
            self._caching = renderer_class()(plain.width, plain.height, plain.dpi)
        self.renderer = self._caching
        return self._caching

    def draw(self) -> None:
        """Draw the whole figure."""
        renderer: Any = self.get_renderer()
        np.asarray(renderer.buffer_rgba())[...] = WHITE
        with remembered(self.figure):
            self.figure.draw(renderer)

    def difference(self, plainly: bool) -> NDArray[np.bool_]:
        """Compare the pixels with those of a draw of the whole figure.

        The figure is drawn once more, without its layout engine: a layout may shift at every draw.

        Parameters
        ----------
        plainly : bool
            Draw as matplotlib does, without our caches.

        Returns
        -------
        ndarray
            (height, width) bool, true where the pixels differ.
        """
        figure: Any = self.figure
        mine: Any = self.get_renderer()
        pixels = np.asarray(mine.buffer_rgba())
        drawn = pixels.copy()
        engine, figure._layout_engine = figure._layout_engine, None
        try:
            if plainly:
                expected = self._draw_plainly()
            else:
                CachingCanvas.draw(self)
                expected = pixels.copy()
        finally:
            figure._layout_engine = engine
        pixels[...] = drawn
        # Compare each pixel as one number.
        differs: NDArray[np.bool_] = (
            drawn.view(np.uint32)[..., 0] != expected.view(np.uint32)[..., 0]
        )
        return differs

    def _draw_plainly(self) -> NDArray[np.uint8]:
        plain: Any = self._plain
        expected: NDArray[np.uint8] = np.asarray(plain.buffer_rgba())
        expected[...] = WHITE
        try:
            self.figure.draw(plain)
        finally:
            # A text keeps the renderer it was last drawn with.
            for artist in all_artists(self.figure):
                if isinstance(artist, Text):
                    artist._renderer = self._caching  # type: ignore[attr-defined]
        return expected

    def can_be_checked(self) -> bool:
        """Return whether a full draw may look different and leaves no trace."""
        return False

    def classes_at(self, where: NDArray[np.bool_]) -> list[str]:
        """Return the names of the classes of artists that touch some of the given pixels."""
        return []


class ReplayCanvas(CachingCanvas):
    """A canvas that draws only the changed parts of a figure, where it knows them.

    Parameters
    ----------
    figure : Figure
        The user's figure.
    """

    def __init__(self, figure: Any) -> None:
        super().__init__(figure)
        self._replay: Replay | None = None
        self._polar_looks = PolarLooks()
        self._has_replayed = False
        self._full_cost = math.inf
        self._outlook: Outlook | None = None
        # Frames to draw whole before replay is tried again: still left now, and next time.
        self._pause = 0
        self._next_pause = FIRST_PAUSE
        self._is_drawing = False

    def draw(self) -> None:
        """Draw the figure for the user's code, which may ask for it in each frame.

        Only what has changed is drawn, with the same pixels and the same effects as a whole draw.
        """
        if self._is_drawing:
            # An artist asks for it while it is drawn itself.
            super().draw()
            return
        try:
            self.draw_frame()
        except Exception:
            # Whatever fails in drawing less is no error of update(). An artist that raises does so
            # again.
            logger.debug("A draw that update() asks for is made in full", exc_info=True)
            self._draw_whole()
        if self._replay is not None:
            # The caller may paint over it.
            self._replay.forget_pixels()

    def draw_frame(self, hints: Iterable[Any] = ()) -> None:
        """Update the pixels; ``hints`` are artists that the caller reports as changed."""
        self._is_drawing = True
        try:
            self._draw_changes([*hints, *self._polar_looks.touched(self.figure)])
            self._polar_looks.note(self.figure)
        finally:
            self._is_drawing = False

    def _draw_changes(self, hints: Iterable[Any]) -> None:
        renderer = self.get_renderer()
        if not may_be_replayed(self.figure):
            self._replay = None
        elif self._replay is None and self._is_worth_trying():
            self._replay = Replay(self.figure, renderer, self._full_cost)
        if self._replay is None or not self._replay.is_for(renderer):
            self._draw_whole()
            return
        self._outlook = None
        self._has_replayed = True
        with remembered(self.figure):
            self._replay.draw(hints)
        if not self._replay.is_worth_it:
            self._replay = None
            self._pause = self._next_pause
            self._next_pause = min(2 * self._next_pause, LAST_PAUSE)

    def buffer_rgba(self) -> memoryview:
        """Return the pixels. The caller may paint into them, so the next frame is drawn whole."""
        self._replay = None
        return super().buffer_rgba()  # type: ignore[no-untyped-call, no-any-return]

    def can_be_checked(self) -> bool:
        """Return whether a full draw may look different and leaves no trace.

        An artist of a user's class may do anything when it is drawn, such as count its draws.
        """
        return self._has_replayed and all(map(is_artist_known, all_artists(self.figure)))

    def classes_at(self, where: NDArray[np.bool_]) -> list[str]:
        """Return the names of the classes of artists that touch some of the given pixels."""
        return [] if self._replay is None else self._replay.classes_at(where)

    def _is_worth_trying(self) -> bool:
        """Return whether drawing less may save time, after a frame that was drawn whole."""
        if self._pause > 0:
            self._pause -= 1
            return False
        return self._outlook is not None and not self._outlook.is_hopeless()

    def _draw_whole(self) -> None:
        self._replay = None
        self._has_replayed = False
        places = self._places()
        start = time.thread_time()
        super().draw()
        self._full_cost = time.thread_time() - start
        # While a layout settles, everything moves in every draw.
        is_settled = self._places() == places
        can_start = is_settled and may_be_replayed(self.figure)
        self._outlook = Outlook(self.figure, self._outlook) if can_start else None

    def _places(self) -> list[Any]:
        """Return the places of all Axes if a layout engine may move them in a draw."""
        figure: Any = self.figure
        engine = figure.get_layout_engine()
        return [] if engine is None else [axes.get_position().bounds for axes in figure.axes]


def may_be_replayed(figure: Any) -> bool:
    """Return whether only a figure's artists draw it, in the usual order."""
    return (
        is_flat(figure)
        and figure.get_visible()
        and figure.suppressComposite in (None, True)
        # Callbacks run other code at each draw.
        and not figure.canvas.callbacks.callbacks.get("draw_event")
        and is_matplotlib_whole()
        and may_be_found_first(figure)
    )
