"""A draw that update() asks for draws what has changed, and is as good as a whole draw."""

from collections.abc import Callable
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from parallel_animate.render.canvas import FrameCanvas
from parallel_animate.render.redraw.canvas import ReplayCanvas
from parallel_animate.render.redraw.replay import Replay


class Counting(Line2D):
    """A line that counts its draws, and shows how many there were."""

    n_draws = 0

    def draw(self, renderer: Any) -> None:
        self.n_draws += 1
        self.set_linewidth(self.n_draws)
        super().draw(renderer)


class Asking(Line2D):
    """A line that asks for a draw while it is drawn."""

    def draw(self, renderer: Any) -> None:
        self.figure.canvas.draw_idle()
        super().draw(renderer)


def movie(canvas: type, update: Callable[[Any, int], None], line: type = Line2D) -> list[bytes]:
    """Return the frames of a line that update() changes."""
    figure = plt.figure(figsize=(3, 2))
    axes = figure.add_subplot(ylim=(0, 9))
    axes.add_line(line([0, 1], [0, 1]))
    axes.text(0.5, 0.5, "0")
    frames = FrameCanvas(figure, canvas_class=canvas)
    try:
        return [drawn(frames, axes, update, number) for number in range(10)]
    finally:
        plt.close(figure)


def drawn(frames: FrameCanvas, axes: Any, update: Callable[[Any, int], None], number: int) -> bytes:
    axes.lines[0].set_ydata([number, 1])
    update(axes, number)
    return frames.draw().tobytes()


class WholeCanvas(FigureCanvasAgg):
    """Draws all as matplotlib does."""

    def draw_frame(self, hints: object = ()) -> None:
        self.draw()


def draws(axes: Any, number: int) -> None:
    axes.figure.canvas.draw()
    axes.texts[0].set_text(f"{number}")


def draws_when_idle(axes: Any, number: int) -> None:
    plt.draw()
    axes.texts[0].set_text(f"{number}")


def paints_between_draws(axes: Any, number: int) -> None:
    canvas = axes.figure.canvas
    for row in (3, 9):
        canvas.draw()
        np.asarray(canvas.renderer.buffer_rgba())[row] = 0


def paints_into_pixels_that_it_keeps(axes: Any, number: int) -> None:
    canvas = axes.figure.canvas
    canvas.draw()
    if number == 0:
        axes.kept = np.asarray(canvas.buffer_rgba())
    axes.kept[20:30] = 99


@pytest.mark.parametrize(
    "update", [draws, draws_when_idle, paints_between_draws, paints_into_pixels_that_it_keeps]
)
@pytest.mark.parametrize("line", [Line2D, Counting, Asking])
def test_frames_look_as_if_each_draw_was_whole(
    update: Callable[[Any, int], None], line: type
) -> None:
    assert movie(ReplayCanvas, update, line) == movie(WholeCanvas, update, line)


def test_update_reads_the_pixels_of_a_whole_draw() -> None:
    def read(canvas: type) -> list[bytes]:
        seen: list[bytes] = []

        def update(axes: Any, number: int) -> None:
            axes.figure.canvas.draw()
            seen.append(bytes(axes.figure.canvas.tostring_argb()))

        movie(canvas, update)
        return seen

    assert read(ReplayCanvas) == read(WholeCanvas)


def test_only_what_has_changed_is_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    n_whole: list[int] = []
    whole = Figure.draw
    monkeypatch.setattr(Figure, "draw", lambda *a, **o: (n_whole.append(1), whole(*a, **o)))
    movie(ReplayCanvas, draws)
    # Until a replay can start; the movie has 20 draws.
    assert 1 <= len(n_whole) <= 2


def test_a_draw_that_cannot_be_replayed_is_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    expected = movie(WholeCanvas, draws)

    def fails(self: Replay, hints: object = ()) -> None:
        raise ValueError

    def update(axes: Any, number: int) -> None:
        with monkeypatch.context() as patch:
            if number == 5:
                patch.setattr(Replay, "draw", fails)
            draws(axes, number)

    assert movie(ReplayCanvas, update) == expected
