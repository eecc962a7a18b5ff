"""A draw that update() asks for is left to the frame's, unless something depends on it."""

from collections.abc import Callable, Iterator
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.widgets import Slider

from parallel_animate.render.canvas import FrameCanvas, OpaqueCanvas
from parallel_animate.render.redraw import canvas_class

CANVASES = [OpaqueCanvas, canvas_class("auto", persists=False), canvas_class("auto", persists=True)]


class Counting(Figure):
    """A figure that counts its draws."""

    n_draws = 0

    def draw(self, renderer: Any) -> None:
        self.n_draws += 1
        super().draw(renderer)


@pytest.fixture
def figure() -> Iterator[Figure]:
    figure = plt.figure(FigureClass=Counting, figsize=(3, 2))
    figure.add_subplot().plot([1, 2, 3])
    yield figure
    plt.close(figure)


@pytest.mark.parametrize("canvas", CANVASES)
def test_a_frame_is_drawn_once_however_often_update_asks(
    figure: Counting, canvas: type[OpaqueCanvas]
) -> None:
    slider = Slider(figure.add_axes((0.2, 0.05, 0.6, 0.1)), "value", 0, 9)
    (line,) = figure.axes[0].lines
    frames = FrameCanvas(figure, canvas_class=canvas)
    frames.draw()
    for value in range(1, 9):
        line.set_ydata([value, 2, 3])
        before = figure.n_draws
        plt.draw()
        slider.set_val(value)
        figure.canvas.draw_idle()
        assert figure.n_draws == before, "nothing asks for it yet"
        pixels = frames.draw().copy()
        assert figure.n_draws <= before + 1
        plain = FigureCanvasAgg(figure)
        plain.draw()
        assert (pixels == np.asarray(plain.buffer_rgba())).all()
        figure.set_canvas(frames.canvas)


@pytest.mark.parametrize("canvas", CANVASES)
@pytest.mark.parametrize(
    "ask",
    [
        lambda figure: figure.canvas.buffer_rgba(),
        lambda figure: figure.canvas.get_renderer(),
        lambda figure: figure.axes[0].get_tightbbox(),
        lambda figure: figure.legends[0].get_window_extent(),
        lambda figure: figure.canvas.copy_from_bbox(figure.bbox),
    ],
)
def test_a_draw_is_made_as_soon_as_something_depends_on_it(
    figure: Counting, canvas: type[OpaqueCanvas], ask: Callable[[Figure], object]
) -> None:
    figure.legend(["a line"])
    frames = FrameCanvas(figure, canvas_class=canvas)
    frames.draw()
    before = figure.n_draws
    figure.canvas.draw_idle()
    ask(figure)
    assert figure.n_draws == before + 1
    ask(figure)
    assert figure.n_draws == before + 1


@pytest.mark.parametrize("canvas", CANVASES)
def test_pixels_that_update_reads_are_those_of_what_it_has_changed(
    figure: Counting, canvas: type[OpaqueCanvas]
) -> None:
    frames = FrameCanvas(figure, canvas_class=canvas)
    first = frames.draw().copy()
    figure.patch.set_facecolor("red")
    figure.canvas.draw_idle()
    read = np.asarray(figure.canvas.buffer_rgba())  # type: ignore[attr-defined]
    assert (read[0, 0] == [255, 0, 0, 255]).all()
    assert (first[0, 0] != read[0, 0]).any()


def test_what_else_a_draw_does_is_not_put_off(figure: Counting) -> None:
    seen: list[Any] = []
    frames = FrameCanvas(figure)
    number = frames.canvas.mpl_connect("draw_event", seen.append)
    figure.canvas.draw_idle()
    assert len(seen) == 1
    frames.canvas.mpl_disconnect(number)
    figure.set_layout_engine("constrained")
    before = figure.n_draws
    figure.canvas.draw_idle()
    assert figure.n_draws == before + 1, "a layout may need two rounds"
