"""Frames that are drawn from a figure."""

import contextlib
from typing import Any

import numpy as np
from matplotlib.artist import Artist
from matplotlib.figure import Figure
from numpy.typing import NDArray

from parallel_animate.render.canvas import FrameCanvas, OpaqueCanvas, TransparentCanvas
from parallel_animate.render.frame_source import FrameSource
from parallel_animate.render.layout import is_same_layout, layout_engine, layout_of
from parallel_animate.render.redraw import (
    RedrawMismatchError,
    artists_made_quickly,
    canvas_class,
    check,
    count_artists,
)
from parallel_animate.render.rounding import places_of, why_layout_shows
from parallel_animate.settings import VideoSettings

# A layout that still moves after this many draws does not settle.
MAX_SETTLING_DRAWS = 10


class FigureSource(FrameSource):
    """Draws the user's figure.

    Parameters
    ----------
    figure : Figure
        The figure.
    settings : VideoSettings
        The movie's settings: dpi, scale, and redraw.
    uses_layout : bool
        False switches off the figure's layout engine.
    persists : bool
        The figure stays the same object from frame to frame.
    checked : dict of int to bool
        The frames that are drawn both in part and in full, as `frames_to_check` counts them.
    """

    noun = "figure"
    size_advice = "do not change the figure's size or dpi in update()"

    def __init__(
        self,
        figure: Figure,
        settings: VideoSettings,
        uses_layout: bool,
        persists: bool,
        checked: dict[int, bool],
    ) -> None:
        if not uses_layout:
            figure.set_layout_engine("none")
        chosen = canvas_class(settings.redraw, persists)
        if settings.keeps_alpha:
            chosen = TransparentCanvas
        self._draws_less = not settings.keeps_alpha and chosen is not OpaqueCanvas
        self._canvas = FrameCanvas(
            *(figure, settings.dpi, settings.scale, chosen, settings.transparent)
        )
        self._to_check = checked
        self._n_frames = 0
        self._figure = figure

    def draw(self, result: Any) -> NDArray[np.uint8]:
        """Draw the figure; the artists that ``update()`` returned are drawn in any case."""
        if self._draws_less:
            self._pixels = self._draw_less(artists_in(result))
            self._check()
        else:
            self._pixels = self._canvas.draw()
        return self._pixels

    def repeat(self) -> NDArray[np.uint8]:
        """Return the pixels of the frame before."""
        if self._draws_less:
            self._check()
        return self._pixels

    def _draw_less(self, hints: list[Artist]) -> NDArray[np.uint8]:
        try:
            return self._canvas.draw(hints)
        except Exception as error:
            # In full, so that an error in the user's artists is raised as it is.
            FrameCanvas(self._figure).draw()
            raise RedrawMismatchError(f"only a full draw works ({error!r})") from error

    def _check(self) -> None:
        """Compare the picture with one that is drawn in full, if it is the frame's turn."""
        position, self._n_frames = self._n_frames, self._n_frames + 1
        if position in self._to_check:
            check(self._canvas.canvas, plainly=self._to_check[position])

    def settle(self, result: Any) -> None:
        """Draw the movie's first frame until its layout does not move any more."""
        before = layout_of(self._figure)
        for _ in range(MAX_SETTLING_DRAWS):
            self._canvas.draw()
            after = layout_of(self._figure)
            if is_same_layout(before, after):
                break
            before = after

    def while_updating(self) -> contextlib.AbstractContextManager[None]:
        """Return a block in which matplotlib makes ticks quickly, unless all is drawn in full."""
        return artists_made_quickly() if self._draws_less else contextlib.nullcontext()

    def size(self) -> tuple[int, int]:
        """Return width and height in pixels, without drawing the figure."""
        return self._canvas.size()

    def n_artists(self) -> int:
        """Return the number of artists in the figure; an axis counts as one artist."""
        return count_artists(self._figure)

    def layout_engine(self) -> str:
        """Return the name of the layout engine that moves the Axes; empty if there is none."""
        engine = layout_engine(self._figure)
        return "" if engine is None else type(engine).__name__

    def places(self) -> NDArray[np.float64]:
        """Return the places of the Axes."""
        return places_of(self._figure)

    def why_layout_shows(
        self, frame_idx: int, in_order: NDArray[np.float64], has_flickered: bool
    ) -> str:
        """Return why the layout is a reason not to draw a frame alone; see `why_layout_shows`.

        The figure is changed, and is of no use afterwards.
        """
        return why_layout_shows(frame_idx, in_order, self._figure, has_flickered)


def artists_in(changed: Any, seen: frozenset[int] = frozenset()) -> list[Artist]:
    """Return the artists in the result of update(), which may be nested; ignore other objects."""
    if isinstance(changed, Artist):
        return [changed]
    if isinstance(changed, list | tuple | set) and id(changed) not in seen:
        # A list may hold itself.
        outer = seen | {id(changed)}
        return [artist for item in changed for artist in artists_in(item, outer)]
    return []
