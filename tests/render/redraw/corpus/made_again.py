"""Artists that are made again in each frame, or that a draw makes again, with an equal look."""

import datetime

import numpy as np
from matplotlib import dates, ticker
from matplotlib.patches import Rectangle

from corpus.registry import LATE, TOGGLE, blank, case, hills, one_axes, wave

AGAIN = (0, 0, 0, 1, 1, 0, 0, 2, 2, 2, 0, 0)


@case(AGAIN)
def axes_cleared_with_the_same_ticks():
    fig, ax = one_axes()

    def update(i, s):
        ax.clear()
        ax.set(xlim=(0, 60), ylim=(-1, 1), xlabel="place", title="still")
        ax.grid(True)
        ax.plot(wave(s))

    return fig, update


@case(AGAIN)
def axes_cleared_with_other_tick_styles():
    fig, ax = one_axes()

    def update(i, s):
        ax.clear()
        ax.set(xlim=(0, 1), ylim=(0, 1))
        ax.tick_params(axis="x", labelcolor=("black", "red", "blue")[s], length=4 + s)

    return fig, update


@case(AGAIN)
def axes_cleared_with_other_spines():
    fig, ax = one_axes()

    def update(i, s):
        ax.clear()
        ax.set(xlim=(0, 1), ylim=(0, 1), xlabel="below", ylabel="beside")
        ax.spines["left"].set_position(("outward", 8 * s))
        ax.spines["bottom"].set_visible(s != 1)

    return fig, update


@case(AGAIN)
def axes_cleared_with_an_offset_text():
    fig, ax = one_axes()

    def update(i, s):
        ax.clear()
        ax.set(xlim=(1e6, 1e6 + 5), ylim=(0, 10.0 ** (3 * s + 1)))
        ax.ticklabel_format(style="sci", scilimits=(0, 0), axis="y")

    return fig, update


@case(AGAIN)
def axes_cleared_with_ticks_counted_from_the_first_datum():
    fig, ax = one_axes()

    def update(i, s):
        ax.clear()
        ax.plot(np.arange(10) + 0.4 * s, np.arange(10))
        ax.set(xlim=(-1, 12), ylim=(0, 9))
        ax.xaxis.set_major_locator(ticker.IndexLocator(3, 0.5))

    return fig, update


@case(AGAIN)
def axes_cleared_with_bars_and_a_legend():
    fig, ax = one_axes()

    def update(i, s):
        ax.clear()
        ax.bar(["a", "b", "c"], [1, 2 + s, 3], label="bars")
        ax.legend()
        ax.set_ylim(0, 6)

    return fig, update


@case(AGAIN)
def labels_of_a_cleared_axes_from_a_users_function():
    fig, ax = one_axes()
    state = {}

    def update(i, s):
        state["step"] = s
        ax.clear()
        ax.set(xlim=(0, 4), ylim=(0, 1))
        ax.xaxis.set_major_formatter(lambda value, place: f"{value + state['step']:.0f}")

    return fig, update


@case(AGAIN)
def picture_made_again():
    fig, ax = one_axes()

    def update(i, s):
        ax.clear()
        ax.imshow(hills(s // 2), vmin=-1, vmax=1, cmap=("viridis", "magma")[s % 2])

    return fig, update


@case(AGAIN)
def figure_cleared_to_a_similar_one():
    fig = blank()

    def update(i, s):
        fig.clear()
        ax = fig.add_axes((0.2, 0.2, 0.7 - 0.1 * s, 0.6))
        ax.set(xlim=(0, 1), ylim=(0, 1), title=("one", "one", "two")[s])

    return fig, update


@case(AGAIN)
def limits_of_zero_with_another_sign():
    fig, ax = one_axes()

    def update(i, s):
        ax.clear()
        ax.set(xlim=((0.0, -0.0, 0)[s], 1), ylim=(-1, 1))
        ax.set_xticks([(0.0, -0.0, 0)[s], 1])
        ax.xaxis.set_major_formatter(lambda value, place: str(value))

    return fig, update


@case(TOGGLE)
def other_order_of_equal_patches():
    fig, ax = one_axes()

    def update(i, s):
        ax.clear()
        for k in (0, 1) if s else (1, 0):
            ax.add_patch(Rectangle((0.2 + 0.2 * k, 0.2), 0.4, 0.4, facecolor=f"C{k}"))

    return fig, update


@case()
def line_before_a_logarithmic_axis():
    fig, ax = one_axes(xscale="log")
    ax.set(xlim=(1, 100), ylim=(-1, 1))
    (line,) = ax.plot([1, 100], [0, 0])

    def update(i, s):
        line.set_ydata([np.sin(s), np.cos(s)])

    return fig, update


@case()
def line_before_dates_and_an_arrow():
    fig, ax = one_axes()
    first = datetime.datetime(2024, 1, 1)
    days = [first + datetime.timedelta(days=n) for n in range(60)]
    (line,) = ax.plot(days, wave(0))
    ax.annotate("here", (days[30], 0), (days[40], 0.8), arrowprops={"arrowstyle": "->"})
    ax.xaxis.set_major_formatter(dates.ConciseDateFormatter(ax.xaxis.get_major_locator()))

    def update(i, s):
        line.set_ydata(wave(s))

    return fig, update


@case()
def line_beside_categories_and_an_inset():
    fig, ax = one_axes()
    ax.bar(["a", "b", "c"], [1, 2, 3])
    inset = ax.inset_axes((0.6, 0.6, 0.35, 0.35))
    inset.plot(wave(0))
    (line,) = ax.plot([0, 1, 2], [0, 0, 0], color="k")

    def update(i, s):
        line.set_ydata([s, 1, 2])

    return fig, update


@case(LATE)
def formatter_that_reads_the_users_state():
    fig, ax = one_axes(xlim=(0, 4))
    state = {"step": 0}
    ax.xaxis.set_major_formatter(lambda value, place: f"{value:.0f}{'!' * state['step']}")
    (line,) = ax.plot([0, 4], [0, 1])

    def update(i, s):
        state["step"] = s
        line.set_ydata([i, 1])
        ax.set_ylim(0, 10)

    return fig, update


@case((0, 1, 2, 2, 1, 0, 3, 3, 0, 0))
def locator_that_reads_the_users_state():
    class Fewer(ticker.Locator):
        n = 0

        def __call__(self):
            return np.arange(5 - self.n)

        def tick_values(self, vmin, vmax):
            return self()

    fig, ax = one_axes(xlim=(0, 4), ylim=(0, 1))
    locator = Fewer()
    ax.xaxis.set_major_locator(locator)

    def update(i, s):
        locator.n = s

    return fig, update


@case(TOGGLE)
def artist_that_comes_and_goes_among_others():
    fig = blank(320, 200)
    left, right = fig.subplots(1, 2)
    left.set(xlim=(0, 60), ylim=(-1, 1), title="left")
    right.set(xlim=(0, 1), ylim=(0, 1), title="right")
    shown = []

    def update(i, s):
        while shown:
            shown.pop().remove()
        if s:
            shown.append(right.text(0.5, 0.5, "now"))
            shown.extend(left.plot(wave(i)))

    return fig, update
