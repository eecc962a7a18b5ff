"""Ticks, grids, locators, formatters, offset texts."""

import matplotlib.ticker as ticker
import numpy as np

from corpus.registry import LATE, SCROLL, STEPS, TOGGLE, blank, case, one_axes, wave

STATE = {"unit": "m"}


@case(TOGGLE)
def grid_on_and_off():
    fig, ax = one_axes()
    ax.plot(wave(0))
    return fig, lambda i, on: ax.grid(bool(on))


@case()
def minor_grid_and_ticks():
    fig, ax = one_axes()
    ax.plot(wave(0))

    def update(i, s):
        if s % 2:
            ax.minorticks_on()
        else:
            ax.minorticks_off()
        ax.grid(which="both", color=f"C{s}", ls=":")

    return fig, update


@case()
def formatter_that_reads_outside_state():
    fig, ax = one_axes()
    ax.plot(wave(0))
    ax.xaxis.set_major_formatter(lambda x, pos: f"{x:g} {STATE['unit']}")

    def update(i, s):
        STATE["unit"] = "abcdef"[s]

    return fig, update


@case()
def formatter_object_with_changing_attributes():
    fig, ax = one_axes()
    ax.plot(wave(0) * 1000)
    formatter = ticker.ScalarFormatter(useMathText=True)
    ax.yaxis.set_major_formatter(formatter)

    def update(i, s):
        formatter.set_powerlimits((-1, s + 1))

    return fig, update


@case()
def locator_with_changing_parameters():
    fig, ax = one_axes()
    ax.plot(wave(0))
    locator = ticker.MaxNLocator(3)
    ax.xaxis.set_major_locator(locator)
    return fig, lambda i, s: locator.set_params(nbins=3 + s)


class LocatorOfTheFrame(ticker.Locator):
    """Reads the places of its ticks from a user's object."""

    def __init__(self, state):
        self.state = state

    def __call__(self):
        return self.tick_values(None, None)

    def tick_values(self, vmin, vmax):
        return np.arange(0, 60, self.state["step"])


@case()
def custom_locator_of_outside_state():
    fig, ax = one_axes()
    ax.plot(wave(0))
    state = {"step": 10}
    ax.xaxis.set_major_locator(LocatorOfTheFrame(state))
    ax.xaxis.set_minor_locator(ticker.AutoMinorLocator(4))
    return fig, lambda i, s: state.update(step=6 + 3 * s)


@case((0, 1, 1, 3, 6, 6, 9, 2, 0))
def scientific_notation_appears():
    fig, ax = one_axes()
    (line,) = ax.plot(wave(0))

    def update(i, s):
        line.set_ydata(wave(0) * 10.0**s)
        ax.relim()
        ax.autoscale_view()

    return fig, update


@case((0, 1e6, 1e6, 1e6 + 2, 3e8, 3e8, 0, 1e-3))
def offset_text_appears():
    fig, ax = one_axes()
    ax.plot(wave(0))

    def update(i, offset):
        ax.set_xlim(offset, offset + 1e-3 * (1 + offset))

    return fig, update


@case()
def tick_params_of_all_kinds():
    fig, ax = one_axes()
    ax.plot(wave(0))

    def update(i, s):
        ax.tick_params(axis="x", length=3 + 2 * s, width=1 + s / 3, color=f"C{s}", rotation=15 * s)
        ax.tick_params(axis="y", labelcolor=f"C{s}", direction="in" if s % 2 else "out", pad=2 + s)

    return fig, update


@case()
def very_long_ticks():
    fig, ax = one_axes()
    ax.plot(wave(0))
    ax.tick_params(width=2, direction="inout")  # codespell:ignore
    return fig, lambda i, s: ax.tick_params(length=-60 + 25 * s)


@case(TOGGLE)
def ticks_on_all_sides():
    fig, ax = one_axes()
    ax.plot(wave(0))

    def update(i, on):
        ax.tick_params(top=bool(on), labeltop=bool(on), labelbottom=not on, right=bool(on))

    return fig, update


@case()
def fixed_ticks_and_labels():
    fig, ax = one_axes()
    ax.plot(wave(0))

    def update(i, s):
        ax.set_xticks(range(0, 60, 10 + s), [f"T{k}" for k in range(0, 60, 10 + s)], rotation=30)
        ax.set_yticks([] if s == 5 else [-1, 0, s / 6])

    return fig, update


@case()
def one_tick_label_edited():
    fig, ax = one_axes()
    ax.plot(wave(0))
    ax.set_xticks([0, 20, 40])

    def update(i, s):
        ax.get_xticklabels()[1].set_color(f"C{s}")
        ax.get_xticklabels()[1].set_fontsize(8 + s)
        ax.xaxis.get_major_ticks()[0].tick1line.set_markersize(4 + s)
        ax.get_xgridlines()[2].set_visible(s % 2 == 0)

    return fig, update


@case()
def formatters_of_the_library():
    fig = blank(340, 240)
    axes = fig.subplots(2, 2)
    formatters = [
        ticker.PercentFormatter(60),
        ticker.EngFormatter("Hz"),
        ticker.StrMethodFormatter("{x:.2f}s"),
        ticker.FormatStrFormatter("%d!"),
    ]
    for ax, formatter in zip(axes.flat, formatters, strict=True):
        ax.plot(wave(0))
        ax.xaxis.set_major_formatter(formatter)

    def update(i, s):
        for ax in axes.flat:
            ax.set_xlim(0, 20 + 7 * s)

    return fig, update


@case(TOGGLE)
def label_position_and_coords():
    fig, ax = one_axes()
    ax.plot(wave(0))
    ax.set(xlabel="time", ylabel="value")

    def update(i, on):
        ax.yaxis.set_label_position("right" if on else "left")
        ax.xaxis.set_label_coords(0.5, 0.2 if on else -0.15)

    return fig, update


@case()
def aligned_labels():
    fig = blank(300, 280)
    axes = fig.subplots(3, 1)
    fig.subplots_adjust(left=0.25)
    for k, ax in enumerate(axes):
        ax.plot(wave(0) * 10.0**k)
        ax.set_ylabel(f"row {k}")
    fig.align_ylabels()
    axes[1].set_title("a title")
    fig.align_titles()

    def update(i, s):
        axes[1].set_ylim(0, 10.0**s)

    return fig, update


@case(LATE)
def locale_and_mathtext_late():
    fig, ax = one_axes()
    ax.plot(wave(0) * 1e6)

    def update(i, on):
        ax.ticklabel_format(axis="y", style="plain" if on else "sci", useMathText=True)

    return fig, update


@case(SCROLL)
def tick_labels_that_push_the_axis_label():
    fig, ax = one_axes()
    fig.subplots_adjust(left=0.35)
    ax.plot([0, 1], [0, 1])
    ax.set_ylabel("pushed")

    def update(i, s):
        ax.set_ylim(0, 10.0**s)
        ax.ticklabel_format(style="plain", axis="y")

    return fig, update


@case(STEPS)
def secondary_axes_and_hidden_tick_labels():
    fig, ax = one_axes()
    ax.plot(wave(0))
    second = ax.secondary_xaxis("top", functions=(lambda x: x / 10, lambda x: x * 10))
    second.set_xlabel("tens")
    ax.tick_params(labelleft=False)

    def update(i, s):
        ax.set_xlim(0, 20 + 8 * s)

    return fig, update
