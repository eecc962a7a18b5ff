"""Limits that change along one axis: the other axis, titles and the background stay as they are."""

import numpy as np
from matplotlib import ticker

from corpus.registry import SCROLL, STEPS, blank, case, one_axes

GROWTH = (1, 2, 3, 3, 5, 8, 8, 20, 2, 5)


def grown(ax, p):
    ax.lines[0].set_data([0, 1, 2], [0, p, 2 * p])
    ax.relim()
    ax.autoscale_view(scalex=False)


def a_line(**options):
    fig, ax = one_axes(**options)
    ax.plot([0, 1, 2], [0, 1, 2])
    ax.set(xlabel="x", ylabel="y", title="title")
    return fig, ax


@case(GROWTH)
def limits_of_y_grow_with_the_data():
    fig, ax = a_line()
    return fig, lambda i, p: grown(ax, p)


@case(GROWTH)
def limits_of_y_grow_under_a_spine_at_zero():
    fig, ax = a_line()
    ax.spines.bottom.set_position("zero")
    ax.spines.left.set_position(("data", 0.5))

    def update(i, p):
        ax.set_ylim(-p, 2)

    return fig, update


@case(SCROLL)
def limits_of_x_scroll_under_a_spine_in_the_data():
    fig, ax = a_line()
    ax.spines.left.set_position(("data", 1))

    def update(i, p):
        ax.set_xlim(-p, 4 - p)

    return fig, update


@case(STEPS)
def limits_of_x_and_y_change_in_turn():
    fig, ax = a_line()

    def update(i, p):
        (ax.set_xlim if i % 2 else ax.set_ylim)(-p, 3)

    return fig, update


@case(STEPS)
def limits_of_both_change_at_once():
    fig, ax = a_line()
    ax.grid(True)

    def update(i, p):
        ax.set(xlim=(-p, 3), ylim=(-2 * p, 5))

    return fig, update


@case(GROWTH)
def limits_of_y_grow_beside_a_twin():
    fig, ax = a_line()
    twin = ax.twinx()
    twin.plot([0, 2], [3, 1], "r")
    return fig, lambda i, p: grown(twin if i % 3 else ax, p)


@case(GROWTH)
def limits_of_a_shared_axis_grow():
    fig = blank(300, 220)
    axs = fig.subplots(2, 2, sharex="col", sharey="row")
    for ax in axs.flat:
        ax.plot([0, 1, 2], [0, 1, 2])
    return fig, lambda i, p: grown(axs.flat[i % 4], p)


@case(GROWTH)
def limits_of_y_grow_with_an_offset_text():
    fig, ax = a_line()

    def update(i, p):
        ax.set_ylim(1e6, 1e6 + p)

    return fig, update


@case(GROWTH)
def limits_of_y_grow_on_a_logarithmic_scale():
    fig, ax = a_line()
    ax.set_yscale("log")

    def update(i, p):
        ax.set_ylim(0.1, 10.0**p)

    return fig, update


@case(GROWTH)
def limits_of_y_grow_with_equal_scales():
    fig, ax = a_line()
    ax.set_aspect("equal", adjustable="datalim")
    return fig, lambda i, p: grown(ax, p)


@case(GROWTH)
def limits_of_y_grow_in_a_box_of_equal_scales():
    fig, ax = a_line()
    ax.set_aspect("equal", adjustable="box")
    return fig, lambda i, p: ax.set_ylim(0, p)


@case(GROWTH)
def an_index_locator_reads_the_data():
    fig, ax = a_line()
    ax.xaxis.set_major_locator(ticker.IndexLocator(1, 0))

    def update(i, p):
        ax.lines[0].set_data([p / 10, 1, 2], [0, p, 2 * p])
        ax.relim()
        ax.set_ylim(0, p)

    return fig, update


@case(GROWTH)
def a_label_of_one_axis_changes_its_lines():
    fig, ax = a_line()
    ax.annotate("note", (0.5, 0.5), xycoords=ax.xaxis.label)

    def update(i, p):
        ax.set_ylabel("\n".join("y" * (p % 4 + 1)))
        ax.set_xlabel("x" * p)

    return fig, update


@case(GROWTH)
def ticks_that_were_changed_get_more_beside_them():
    fig, ax = a_line()
    ax.minorticks_on()
    ax.grid(True, which="both", alpha=0.4)
    ax.tick_params(axis="x", rotation=30, length=8, colors="green", top=True, labeltop=True)
    for label in ax.get_yticklabels():
        label.set(color="red", fontweight="bold", path_effects=[])
    ax.xaxis.majorTicks[0].gridline.set_linestyle(":")

    def update(i, p):
        ax.xaxis.set_major_locator(ticker.LinearLocator(p + 1))
        ax.yaxis.set_major_locator(ticker.MaxNLocator(p + 2))

    return fig, update


@case(GROWTH)
def ticks_are_made_again_after_clear():
    fig, ax = one_axes()

    def update(i, p):
        ax.clear()
        ax.plot(np.linspace(0, p, 5))
        ax.minorticks_on()
        ax.tick_params(direction="inout", labelrotation=p)
        ax.yaxis.tick_right()

    return fig, update
