"""Figures of unusual sizes, resolutions and backgrounds."""

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from corpus.registry import LATE, SCROLL, STEPS, TOGGLE, blank, case, hills, one_axes, wave


@case()
def odd_size():
    fig, ax = one_axes(301, 223)
    (line,) = ax.plot(wave(0))
    return fig, lambda i, s: line.set_ydata(wave(s))


@case()
def size_that_is_no_whole_number():
    fig = Figure(figsize=(2.345, 1.777), dpi=96.7)
    ax = fig.subplots()
    (line,) = ax.plot(wave(0))
    return fig, lambda i, s: line.set_ydata(wave(s))


@case()
def high_resolution():
    fig, ax = one_axes(400, 300, dpi=300)
    (line,) = ax.plot(wave(0), lw=1)
    ax.set_title("fine", fontsize=5)
    ax.tick_params(labelsize=4)
    return fig, lambda i, s: line.set_ydata(wave(s))


@case()
def low_resolution():
    fig, ax = one_axes(120, 90, dpi=30)
    (line,) = ax.plot(wave(0))
    return fig, lambda i, s: line.set_ydata(wave(s))


@case()
def very_small_figure():
    fig = blank(16, 12)
    line = fig.add_axes((0, 0, 1, 1)).plot(wave(0))[0]
    return fig, lambda i, s: line.set_ydata(wave(s))


@case(SCROLL)
def long_and_narrow():
    fig = blank(400, 40)
    ax = fig.add_axes((0, 0, 1, 1))
    ax.set_axis_off()
    ax.plot(np.tile(wave(0), 4))
    return fig, lambda i, s: ax.set_xlim(10 * s, 10 * s + 100)


@case()
def transparent_background():
    fig, ax = one_axes()
    fig.patch.set_alpha(0.3)
    fig.patch.set_facecolor("red")
    ax.patch.set_alpha(0)
    (line,) = ax.plot(wave(0), alpha=0.6, lw=8)
    return fig, lambda i, s: line.set_ydata(wave(s))


@case(TOGGLE)
def without_a_background():
    fig, ax = one_axes()
    fig.patch.set_visible(False)
    (line,) = ax.plot(wave(0), lw=6)

    def update(i, on):
        line.set_ydata(wave(on))
        ax.patch.set_visible(not on)

    return fig, update


@case()
def without_a_frame():
    fig = blank(frameon=False)
    ax = fig.add_axes((0, 0, 1, 1), frameon=False, xticks=[], yticks=[])
    image = ax.imshow(hills(0), aspect="auto")
    return fig, lambda i, s: image.set_data(hills(s))


@case()
def background_of_the_figure_changes():
    fig, ax = one_axes()
    ax.plot(wave(0))

    def update(i, s):
        fig.set_facecolor((1, 1 - s / 8, 1 - s / 6, 1 - s / 10))
        fig.set_edgecolor(f"C{s}")
        fig.set_linewidth(s)

    return fig, update


@case(TOGGLE)
def frame_of_the_figure_on_and_off():
    fig, ax = one_axes()
    fig.set_facecolor("tan")
    ax.plot(wave(0))
    return fig, lambda i, on: fig.set_frameon(not on)


@case(LATE)
def no_axes_at_all():
    fig = blank(160, 90)
    text = fig.text(0.5, 0.5, "0", fontsize=30, ha="center", va="center")
    return fig, lambda i, on: text.set_text(f"{on}")


@case()
def drawn_on_a_canvas_of_its_own_in_setup():
    fig, ax = one_axes()
    (line,) = ax.plot(wave(0))
    canvas = FigureCanvasAgg(fig)
    canvas.draw()

    def update(i, s):
        line.set_ydata(wave(s))
        canvas.draw()

    return fig, update


@case((150, 120, 120, 90, 150, 150, 200, 150))
def dpi_of_a_subfigure_and_text_size():
    fig = blank(320, 200)
    sub = fig.subfigures(1, 2)[0]
    ax = sub.subplots()
    ax.plot(wave(0))

    def update(i, size):
        ax.set_title("sized", fontsize=size / 10)
        sub.set_facecolor((0.9, size / 255, 0.9))

    return fig, update


@case(STEPS)
def most_artists_outside_of_the_canvas():
    fig = blank(200, 150)
    ax = fig.add_axes((-0.5, -0.5, 1.8, 1.8))
    (line,) = ax.plot(wave(0), lw=4)
    ax.text(70, 2, "never seen")
    ax.set_title("never seen")
    return fig, lambda i, s: line.set_ydata(wave(s))


@case()
def fully_transparent_artists():
    fig, ax = one_axes()
    ax.plot(wave(0), alpha=0, lw=9)
    (line,) = ax.plot(wave(1), color="none", marker="o", mec="k")
    ax.set_facecolor("none")
    return fig, lambda i, s: line.set(ydata=wave(s), alpha=[0, 0.5, 1][s % 3])


@case()
def lines_of_the_figure():
    fig, ax = one_axes()
    ax.plot(wave(0))
    line = fig.add_artist(Line2D([0, 1], [0, 1], lw=5, alpha=0.5))
    fig.lines[0].set_color("r") if fig.lines else line.set_color("m")
    return fig, lambda i, s: line.set_data([s / 6, 1], [0, 1 - s / 8])
