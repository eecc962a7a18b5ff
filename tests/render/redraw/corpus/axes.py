"""Axes: limits, scales, aspect, position, spines, order."""

import numpy as np

from corpus.registry import LATE, SCROLL, STEPS, TOGGLE, blank, case, hills, one_axes, wave
from parallel_animate import Animator


@case(SCROLL)
def scrolling_window():
    fig, ax = one_axes()
    x = np.linspace(0, 60, 600)
    ax.plot(x, np.sin(x))
    return fig, lambda i, s: ax.set_xlim(3 * s, 3 * s + 15)


@case(SCROLL)
def scrolling_window_of_new_data():
    fig, ax = one_axes()
    (line,) = ax.plot([], [])
    ax.set_ylim(-1.1, 1.1)

    def update(i, s):
        x = np.linspace(s, s + 10, 80)
        line.set_data(x, np.sin(x))
        ax.set_xlim(x[0], x[-1])
        return (line,)

    return fig, update


@case()
class AutoscalingLine(Animator):
    def setup(self):
        self.figure = blank()
        self.axes = self.figure.add_subplot()
        (self.line,) = self.axes.plot([0, 1], [0, 1])
        return self.figure

    def update(self, frame_idx, params):
        self.line.set_ydata([0, 10.0**params])
        self.axes.relim()
        self.axes.autoscale_view()


@case()
def lazy_autoscale_by_the_next_plot():
    fig, ax = one_axes()

    def update(i, s):
        for line in ax.lines[:]:
            line.remove()
        ax.plot(wave(s) * (s + 1))
        ax.relim()
        ax.autoscale(True, axis="y", tight=s % 2 == 0)

    return fig, update


@case()
def margins_change():
    fig, ax = one_axes()
    ax.plot(wave(0))
    return fig, lambda i, s: ax.margins(x=s / 10, y=s / 5)


@case(TOGGLE)
def inverted_axes():
    fig, ax = one_axes()
    ax.plot(np.arange(20) ** 2)

    def update(i, on):
        ax.xaxis.set_inverted(bool(on))
        ax.yaxis.set_inverted(not on)

    return fig, update


@case(TOGGLE)
def aspect_box_and_anchor():
    fig, ax = one_axes()
    ax.plot([0, 1, 1, 0, 0], [0, 0, 1, 1, 0])

    def update(i, on):
        ax.set_aspect("equal" if on else "auto", anchor="W", adjustable="box")

    return fig, update


@case()
def equal_aspect_that_moves_the_limits():
    fig, ax = one_axes()
    ax.set_aspect("equal", adjustable="datalim")
    (line,) = ax.plot([0, 1], [0, 1], "o-")

    def update(i, s):
        line.set_ydata([0, 1 + s])
        ax.relim()
        ax.autoscale_view()

    return fig, update


@case()
def position_of_the_axes():
    fig = blank()
    ax = fig.add_axes((0.1, 0.1, 0.5, 0.5))
    ax.plot(wave(0))
    return fig, lambda i, s: ax.set_position((0.1 + s / 20, 0.1 + s / 30, 0.5, 0.5 + s / 30))


@case()
def spines_move():
    fig, ax = one_axes()
    ax.plot(wave(0))
    ax.spines[["top", "right"]].set_visible(False)
    places = ["zero", "center", ("outward", 10), ("axes", 0.3), ("data", 0.5), ("outward", 0)]

    def update(i, s):
        ax.spines.bottom.set_position(places[s])
        ax.spines.left.set_color(f"C{s}")
        ax.spines.left.set_linewidth(1 + s)

    return fig, update


@case()
def spine_bounds_and_visibility():
    fig, ax = one_axes()
    ax.plot(wave(0))

    def update(i, s):
        ax.spines.bottom.set_bounds(5 * s, 50)
        ax.spines.right.set_visible(s % 2 == 0)

    return fig, update


@case(TOGGLE)
def axis_off_and_on():
    fig, ax = one_axes()
    ax.plot(wave(0))

    def update(i, on):
        if on:
            ax.set_axis_off()
        else:
            ax.set_axis_on()

    return fig, update


@case(TOGGLE)
def frame_and_background():
    fig, ax = one_axes()
    ax.plot(wave(0))

    def update(i, on):
        ax.set_frame_on(not on)
        fig.set_facecolor("lightblue" if on else "white")

    return fig, update


@case()
def background_of_the_axes():
    fig, ax = one_axes()
    ax.plot(wave(0), "w")
    return fig, lambda i, s: ax.set_facecolor((s / 6, 0.3, 0.5, 0.5 + s / 12))


@case(TOGGLE)
def axes_hidden_and_shown():
    fig = blank(320, 160)
    left, right = fig.subplots(1, 2)
    left.plot(wave(0))
    right.imshow(hills(0))
    return fig, lambda i, on: right.set_visible(not on)


@case(TOGGLE)
def axes_above_another_with_transparency():
    fig = blank()
    below = fig.add_axes((0.1, 0.1, 0.7, 0.7))
    above = fig.add_axes((0.3, 0.3, 0.65, 0.65))
    above.patch.set_alpha(0.5)
    (line,) = below.plot(wave(0), lw=6)
    above.plot(wave(1), "r")
    return fig, lambda i, on: line.set_ydata(wave(1.5 * on))


@case(TOGGLE)
def order_of_overlapping_axes():
    fig = blank()
    first = fig.add_axes((0.1, 0.1, 0.6, 0.6), facecolor="mistyrose")
    second = fig.add_axes((0.35, 0.35, 0.6, 0.6), facecolor="honeydew")
    first.plot(wave(0))
    second.plot(wave(2))
    return fig, lambda i, on: first.set_zorder(1 if on else 0)


@case()
def interleaved_zorders():
    fig, ax = one_axes(xlim=(0, 6), ylim=(0, 6))
    lines = [ax.plot([0, 6], [k, 6 - k], lw=12, zorder=2 + k)[0] for k in range(4)]
    ax.fill_between([0, 6], 2, 4, color="k", alpha=0.5, zorder=3.5)

    def update(i, s):
        lines[s % 4].set_zorder(2 + s)
        lines[0].set_ydata([s, 3])

    return fig, update


@case()
def line_below_grid_and_ticks():
    fig, ax = one_axes()
    (line,) = ax.plot(wave(0), lw=8, zorder=0.2)
    ax.grid(color="k")
    ax.set_axisbelow(False)
    return fig, lambda i, s: line.set_ydata(wave(s))


@case((False, True, True, "line", "line", False, False, True, False))
def axisbelow_changes():
    fig, ax = one_axes()
    ax.bar(range(4), [3, 2, 4, 1])
    ax.grid(color="r", lw=2)
    return fig, lambda i, below: ax.set_axisbelow(below)


@case(LATE)
def rasterization_zorder_late():
    fig, ax = one_axes()
    ax.plot(wave(0), zorder=-2, lw=5)
    return fig, lambda i, on: ax.set_rasterization_zorder(0 if on else None) or ax.set_title(on)


@case(STEPS)
def limits_of_a_shared_axis():
    fig = blank(320, 200)
    axes = fig.subplots(2, 2, sharex="col", sharey="row")
    for k, ax in enumerate(axes.flat):
        ax.plot(wave(k) * (k + 1))

    def update(i, s):
        axes[0, 0].set_xlim(0, 20 + 8 * s)
        axes[1, 1].set_ylim(-4 - s, 4)

    return fig, update


@case((0, 1, 1, 2, 0, 3, 3, 0))
def sixteen_panels_of_which_one_changes():
    fig = blank(380, 300)
    axes = fig.subplots(4, 4, sharex=True, sharey=True)
    for k, ax in enumerate(axes.flat):
        ax.plot(wave(k))
        ax.tick_params(labelsize=5)
    line = axes[2, 1].lines[0]
    return fig, lambda i, s: line.set_ydata(wave(s))


@case(TOGGLE)
def box_aspect_and_label_outer():
    fig = blank(320, 180)
    axes = fig.subplots(1, 2, sharey=True)
    for ax in axes:
        ax.plot(wave(0))
        ax.label_outer()
    return fig, lambda i, on: axes[0].set_box_aspect(1.3 if on else None)
