"""Figures, axes, projections, formatters and transforms of users' own classes."""

import matplotlib as mpl
import matplotlib.ticker as ticker
import numpy as np
from matplotlib.axes import Axes
from matplotlib.axis import XAxis
from matplotlib.figure import Figure, SubFigure
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle
from matplotlib.spines import Spine
from matplotlib.transforms import Affine2DBase, BboxBase, Transform, TransformedBbox

from corpus.registry import LATE, SCROLL, STEPS, TOGGLE, blank, case, hills, one_axes, wave


class Shift(Affine2DBase):
    """An affine transform that reads a dictionary; the user invalidates it."""

    def __init__(self, state):
        super().__init__()
        self.state = state

    def get_matrix(self):
        return np.array([[1, 0, self.state["x"]], [0, 1, 0], [0, 0, 1.0]])


@case()
def affine_transform_of_outside_state():
    fig, ax = one_axes(xlim=(0, 8), ylim=(0, 4))
    state = {"x": 0}
    shift = Shift(state)
    ax.add_patch(Rectangle((0, 1), 1, 2, transform=shift + ax.transData))

    def update(i, s):
        state["x"] = s
        shift.invalidate()

    return fig, update


class Ripple(Transform):
    """Not affine."""

    input_dims = output_dims = 2
    amount = 0.0

    def transform_non_affine(self, values):
        values = np.array(values, dtype=float)
        values[:, 1] += self.amount * np.sin(values[:, 0])
        return values


@case()
def curved_transform_of_outside_state():
    fig, ax = one_axes(xlim=(0, 12), ylim=(-3, 3))
    ripple = Ripple()
    ax.plot(np.linspace(0, 12, 60), 0 * wave(0), transform=ripple + ax.transData)
    ax.scatter([3, 6, 9], [0, 0, 0], transform=ripple + ax.transData)

    def update(i, s):
        ripple.amount = s / 3
        ripple.invalidate()

    return fig, update


class CountingAxes(Axes):
    """An unregistered axes class that draws an extra line."""

    extra = 0

    def draw(self, renderer):
        super().draw(renderer)
        line = Line2D([0, 60], [self.extra, -self.extra], color="r", transform=self.transData)
        line.set_figure(self.get_figure(root=True))
        line.draw(renderer)


@case()
def axes_that_draw_more():
    fig = Figure(figsize=(3, 2.2))
    ax = CountingAxes(fig, (0.15, 0.2, 0.8, 0.7))
    fig.add_axes(ax)
    ax.plot(wave(0))

    def update(i, s):
        ax.extra = s / 6

    return fig, update


class StampedFigure(Figure):
    """A figure class that overrides draw()."""

    stamp = ""

    def draw(self, renderer):
        super().draw(renderer)
        gc = renderer.new_gc()
        renderer.draw_text(gc, 10, 20, self.stamp, mpl.font_manager.FontProperties(size=9), 0)
        gc.restore()


@case()
def figure_class_with_a_stamp():
    fig = StampedFigure(figsize=(3, 2.2))
    (line,) = fig.subplots().plot(wave(0))

    def update(i, s):
        fig.stamp = f"stamp {s}"
        line.set_color(f"C{s // 3}")

    return fig, update


class RomanFormatter(ticker.Formatter):
    """Its style is a plain attribute that no setter watches."""

    lower = False

    def __call__(self, x, pos=None):
        text = ["0", "I", "II", "III", "IV", "V", "VI"][int(x) % 7]
        return text.lower() if self.lower else text

    def get_offset(self):
        return "roman" if self.lower else ""


@case(TOGGLE)
def formatter_with_an_offset_text():
    fig, ax = one_axes(xlim=(0, 6))
    ax.plot(range(7))
    formatter = RomanFormatter()
    ax.xaxis.set_major_formatter(formatter)

    def update(i, on):
        formatter.lower = bool(on)

    return fig, update


class ShadedAxis(XAxis):
    """An axis that shades itself when it is drawn."""

    shade = 0.0

    def draw(self, renderer):
        box = Rectangle((0, 0), 1, 0.2, fc=(1, 0, 0, self.shade), transform=self.axes.transAxes)
        box.set_figure(self.get_figure(root=True))
        box.draw(renderer)
        super().draw(renderer)


class AxesWithShadedAxis(Axes):
    """Makes an axis of a custom class."""

    def _init_axis(self):
        super()._init_axis()
        self.xaxis.__class__ = ShadedAxis


@case()
def axis_class_of_ones_own():
    fig = blank()
    ax = fig.add_subplot(axes_class=AxesWithShadedAxis)
    ax.plot(wave(0))

    def update(i, s):
        ax.xaxis.shade = s / 6

    return fig, update


class WavySpine(Spine):
    """Moves with a class attribute."""

    phase = 0.0

    def draw(self, renderer):
        self.set_linewidth(1 + self.phase)
        super().draw(renderer)


@case(SCROLL)
def spine_class_of_ones_own():
    fig, ax = one_axes()
    ax.plot(wave(0))
    ax.spines.left.__class__ = WavySpine

    def update(i, s):
        WavySpine.phase = s

    return fig, update


class BoxOfState(BboxBase):
    """A box whose points are computed."""

    width = 0.5

    def get_points(self):
        self._invalid = 0
        return np.array([[0.2, 0.2], [0.2 + self.width, 0.8]])


@case()
def clip_box_of_ones_own():
    fig, ax = one_axes()
    box = BoxOfState()
    (line,) = ax.plot(wave(0), lw=5)
    line.set_clip_box(TransformedBbox(box, ax.transAxes))

    def update(i, s):
        box.width = 0.1 + s / 8
        box.invalidate()

    return fig, update


@case(LATE)
def subfigure_with_a_method_replaced_late():
    fig = blank(320, 160)
    left, right = fig.subfigures(1, 2)
    assert isinstance(left, SubFigure)
    left.subplots().plot(wave(0))
    right.subplots().imshow(hills(0))
    state = {"on": 0}
    draw = right.draw
    right.draw = lambda renderer: None if state["on"] else draw(renderer)
    return fig, lambda i, on: state.update(on=on)


@case(STEPS)
def data_ratio_of_ones_own():
    class Wide(Axes):
        ratio = 1.0

        def get_data_ratio(self):
            return self.ratio

    fig = blank()
    ax = fig.add_subplot(axes_class=Wide, aspect="equal")
    ax.plot(wave(0))

    def update(i, s):
        ax.ratio = 0.3 + s / 6

    return fig, update
