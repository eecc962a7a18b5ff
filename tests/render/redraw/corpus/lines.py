"""Lines and markers."""

import numpy as np
from matplotlib.lines import Line2D
from matplotlib.markers import MarkerStyle

from corpus.registry import LATE, SCROLL, STEPS, TOGGLE, blank, case, one_axes, wave
from parallel_animate import Animator


@case()
class WaveOfTheReadme(Animator):
    def setup(self):
        figure = blank(320, 240)
        axes = figure.subplots()
        self.x = np.linspace(0, 4 * np.pi, 500)
        (self.line,) = axes.plot(self.x, np.sin(self.x))
        return figure

    def update(self, frame_idx, params):
        self.line.set_ydata(np.sin(self.x + params))


@case()
def three_lines_of_which_one_moves():
    fig, ax = one_axes()
    lines = [ax.plot(wave(k), label=f"line {k}")[0] for k in range(3)]
    return fig, lambda i, s: lines[1].set_ydata(wave(s))


@case(SCROLL)
def growing_line():
    fig, ax = one_axes()
    (line,) = ax.plot([], [], "o-", ms=3)
    ax.set(xlim=(0, 60), ylim=(-1.2, 1.2))
    y = wave(0)
    return fig, lambda i, s: line.set_data(np.arange(8 * s), y[: 8 * s])


@case()
def ball_on_a_static_curve():
    fig, ax = one_axes()
    ax.plot(wave(0), color="0.6")
    (ball,) = ax.plot([0], [0], "ro", ms=12, mec="k")
    return fig, lambda i, s: ball.set_data([7 * s], [wave(0)[7 * s]])


@case()
def colour_width_and_style_change():
    fig, ax = one_axes()
    (line,) = ax.plot(wave(0), lw=1)

    def update(i, s):
        line.set_color(f"C{s}")
        line.set_linewidth(1 + s / 2)
        line.set_linestyle(["-", "--", ":", "-."][s % 4])

    return fig, update


@case((*range(0, 36, 4), 32, 0))
def markers_of_all_kinds():
    fig, ax = one_axes(320, 120)
    markers = [m for m in Line2D.markers if m not in ("None", "none", " ", "", None)]
    (line,) = ax.plot(range(8), [0, 1] * 4, "--", ms=14, mfc="tab:orange", mec="navy")
    ax.margins(0.1)
    return fig, lambda i, s: line.set_marker(markers[s % len(markers)])


@case()
def marker_rotated_and_half_filled():
    fig, ax = one_axes(240, 180)
    (line,) = ax.plot(range(5), range(5), ls="", ms=20, fillstyle="left", mfcalt="yellow")

    def update(i, s):
        style = MarkerStyle("s", fillstyle="left")
        style = style.rotated(deg=13 * s)
        line.set_marker(style)

    return fig, update


@case(TOGGLE)
def markevery_and_mathtext_marker():
    fig, ax = one_axes()
    (a,) = ax.plot(wave(0), marker=r"$\alpha$", ms=10, markevery=10)
    (b,) = ax.plot(wave(2), marker=(5, 1), ms=10, markevery=0.1)

    def update(i, on):
        a.set_markevery(5 if on else 10)
        b.set_markevery((0, 7) if on else 0.1)

    return fig, update


@case()
def drawstyle_steps():
    fig, ax = one_axes()
    (line,) = ax.plot(range(12), np.arange(12) % 4, "-o")
    styles = ["default", "steps-pre", "steps-mid", "steps-post"]
    return fig, lambda i, s: line.set_drawstyle(styles[s % 4])


@case()
def data_with_gaps():
    fig, ax = one_axes()
    (line,) = ax.plot(wave(0), "o-", ms=2)

    def update(i, s):
        y = wave(0.2)
        y[5 * s : 5 * s + 8] = np.nan
        line.set_ydata(np.ma.masked_greater(y, 0.9))

    return fig, update


@case((0, 1, 0, 0, 2, 2, 1, 0, 3))
def empty_in_some_frames():
    fig, ax = one_axes()
    (line,) = ax.plot([], [], lw=3)
    ax.set(xlim=(0, 3), ylim=(0, 3))
    return fig, lambda i, s: line.set_data(range(s), range(s))


@case()
def simplified_path_of_many_points():
    fig, ax = one_axes()
    y = np.random.default_rng(1).normal(size=20_000).cumsum()
    (line,) = ax.plot(y, lw=0.5)
    return fig, lambda i, s: line.set_ydata(np.roll(y, 100 * s))


@case((0, 1, 1, 2, 0, 2, 2, 0))
def three_hundred_lines():
    fig, ax = one_axes()
    lines = ax.plot(np.outer(np.arange(20), np.linspace(-1, 1, 300)), lw=0.4, alpha=0.6)

    def update(i, s):
        for k, line in enumerate(lines):
            line.set_color("red" if k % 3 == s else "navy")

    return fig, update


@case()
def thick_translucent_lines_cross():
    fig, ax = one_axes()
    (a,) = ax.plot([0, 10], [0, 10], lw=20, alpha=0.5, solid_capstyle="round")
    ax.plot([0, 10], [10, 0], lw=20, alpha=0.5, solid_capstyle="butt")
    return fig, lambda i, s: a.set_ydata([s, 10 - s])


@case()
def gap_colour_and_dash_offset():
    fig, ax = one_axes()
    (line,) = ax.plot(wave(0), lw=4, ls="--", gapcolor="gold")
    return fig, lambda i, s: line.set_linestyle((2 * s, (6, 3)))


@case(LATE)
def antialiasing_and_caps_late():
    fig, ax = one_axes()
    (line,) = ax.plot([0, 1, 2, 0.2], [0, 3, 0, 2], lw=9, color="k")

    def update(i, on):
        line.set_antialiased(not on)
        line.set_solid_joinstyle("bevel" if on else "round")

    return fig, update


@case()
def infinite_and_span_lines():
    fig, ax = one_axes()
    ax.set(xlim=(0, 6), ylim=(0, 6))
    horizontal, vertical = ax.axhline(1, color="r"), ax.axvline(2, ls=":")
    slope = ax.axline((0, 0), slope=1, color="g")
    ax.hlines([1, 2, 3], 0, 3)

    def update(i, s):
        horizontal.set_ydata([s, s])
        vertical.set_xdata([s, s])
        slope.set_slope(0.3 * s)

    return fig, update


@case()
def line_that_leaves_the_axes():
    fig, ax = one_axes()
    (line,) = ax.plot([1, 5], [0.5, 0.5], "o-", lw=6, ms=20, clip_on=False)
    ax.set(xlim=(0, 6), ylim=(0, 1))
    return fig, lambda i, s: line.set_data([1, 5 + s / 2], [0.5, s / 4])


@case(TOGGLE)
def log_plots():
    fig = blank(360, 200)
    axes = fig.subplots(1, 3)
    x = np.arange(1, 40)
    axes[0].semilogx(x, x)
    axes[1].semilogy(x, x**2.0)
    (line,) = axes[2].loglog(x, x**2.0)
    return fig, lambda i, on: line.set_ydata(x ** (2.5 if on else 2.0))


@case(STEPS)
def fill_of_a_polygon():
    fig, ax = one_axes()
    (polygon,) = ax.fill([0, 2, 2], [0, 0, 2], "c", ec="k", alpha=0.4)
    ax.set(xlim=(0, 6), ylim=(0, 3))
    return fig, lambda i, s: polygon.set_xy([(0, 0), (s, 0), (s, 2), (0, s / 2)])
