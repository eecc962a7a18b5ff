"""Limits that change along one axis: the other axis, titles and the background stay as they are."""

import numpy as np
from matplotlib import ticker, transforms
from matplotlib.collections import PathCollection
from matplotlib.lines import Line2D
from matplotlib.patches import ConnectionPatch
from matplotlib.path import Path

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


# Limits that are found only when their Axes is drawn, and artists drawn before that read them.


def panels(n=3, **options):
    fig = blank(330, 180)
    fig.subplots_adjust(left=0.09, right=0.97, bottom=0.15, top=0.85, wspace=0.3)
    return fig, fig.subplots(1, n, **options)


def plotting(ax):
    """Return an update() that clears an Axes and plots, so that a draw finds its limits."""

    def update(i, p):
        ax.clear()
        ax.plot([0, 1, p + 2], [0, p, 1], "o-")
        ax.set_title("plotted")

    return update


@case(GROWTH)
def all_panels_are_cleared_and_plotted():
    fig, axs = panels()
    updates = [plotting(ax) for ax in axs]

    def update(i, p):
        for number, each in enumerate(updates):
            each(i, p + number * (i // 3))

    return fig, update


@case(GROWTH)
def lines_are_added_to_some_panels():
    fig, axs = panels()

    def update(i, p):
        axs[i % 3].plot([0, p], [p, 1])
        axs[2].lines[:1] and axs[2].lines[0].remove()

    return fig, update


@case(GROWTH)
def histograms_share_their_limits():
    fig, axs = panels(sharex=True, sharey=True)
    rng = np.random.default_rng(1)
    data = rng.normal(size=(3, 80))

    def update(i, p):
        for number, ax in enumerate(axs[: 1 + i % 3]):
            for patch in list(ax.patches):
                patch.remove()
            ax.hist(p * data[number], bins=6, color="C0")

    return fig, update


def panel_with(add, late=-1):
    """Return a figure in which add(fig, first, last) adds what reads the limits of a late panel."""
    fig, axs = panels()
    plot = plotting(axs[late])
    plot(0, 1)
    after = add(fig, axs[0], axs[late])

    def update(i, p):
        plot(i, p)
        if after:
            after(p)

    return fig, update


@case(GROWTH)
def a_line_stands_in_the_data_of_a_later_panel():
    return panel_with(
        lambda fig, first, last: (
            first.plot([0, 1], [0, 1], transform=last.transData, clip_on=False, lw=4) and None
        )
    )


@case(GROWTH)
def a_line_stands_in_the_data_of_a_later_panel_and_in_its_own_axes():
    def add(fig, first, last):
        both = transforms.blended_transform_factory(last.transData, first.transAxes)
        first.plot([0, 1], [0.2, 0.8], transform=both, clip_on=False, lw=4)

    return panel_with(add)


@case(GROWTH)
def a_line_moves_to_the_data_of_a_later_panel():
    def add(fig, first, last):
        (line,) = first.plot([0, 1], [0, 1], clip_on=False, lw=4)
        return lambda p: line.set_transform(last.transData if p > 2 else first.transData)

    return panel_with(add)


@case(GROWTH)
def a_line_is_clipped_to_the_data_of_a_later_panel():
    def add(fig, first, last):
        (line,) = first.plot([0, 1], [0, 1], lw=4, transform=fig.transFigure)
        box = transforms.Bbox([[0, 0], [1, 1]])
        line.set_clip_box(transforms.TransformedBbox(box, last.transData))

    return panel_with(add)


@case(GROWTH)
def a_note_points_into_a_later_panel():
    def add(fig, first, last):
        first.annotate(
            "note", (1, 0), (0.1, 0.5), xycoords=(last.transData, "axes fraction"),
            textcoords="axes fraction", arrowprops={"arrowstyle": "->"}, annotation_clip=False,
        )  # fmt: skip

    return panel_with(add)


@case(GROWTH)
def a_note_stands_beside_a_line_of_a_later_panel():
    fig, axs = panels()
    (line,) = axs[2].plot([0, 1], [0, 1])
    axs[0].annotate("note", (1, 1), xycoords=line, annotation_clip=False)
    return fig, lambda i, p: axs[2].plot([0, p], [p, 1])


@case(GROWTH)
def a_connection_below_the_panels():
    def add(fig, first, last):
        ends = {"axesA": first, "axesB": last, "coordsA": "data", "coordsB": "data"}
        fig.add_artist(ConnectionPatch((0, 0), (1, 0), **ends, zorder=-1, lw=3))

    return panel_with(add)


@case(GROWTH)
def a_line_of_the_figure_below_one_axes():
    fig, ax = one_axes()
    ax.patch.set_alpha(0.5)
    fig.add_artist(Line2D([0, 1], [0, 1], transform=ax.transData, zorder=-1, lw=4))
    return fig, plotting(ax)


@case(GROWTH)
def points_are_placed_by_the_data_of_a_later_panel():
    def add(fig, first, last):
        points = PathCollection(
            [Path.unit_circle()], [40], offsets=[[0, 0], [1, 1]],
            offset_transform=last.transData, clip_on=False,
        )  # fmt: skip
        points.set_transform(transforms.IdentityTransform())
        first.add_collection(points, autolim=False)

    return panel_with(add)


@case(GROWTH)
def a_callback_of_a_later_panel_moves_a_line():
    def add(fig, first, last):
        (line,) = first.plot([0, 1], [0, 1])
        last.callbacks.connect("xlim_changed", lambda ax: line.set_ydata([0, ax.viewLim.x1]))
        last.clear = lambda: [artist.remove() for artist in list(last.lines)]

    return panel_with(add)


@case(GROWTH)
def a_label_tells_the_place_of_data_in_a_later_panel():
    def add(fig, first, last):
        first.xaxis.set_major_formatter(lambda x, _: f"{last.transData.transform((x, 0))[0]:.0f}")

    return panel_with(add)


@case(GROWTH)
def the_later_panel_is_drawn_first():
    def add(fig, first, last):
        last.set_zorder(-1)
        first.plot([0, 1], [0, 1], transform=last.transData, clip_on=False, lw=4)

    return panel_with(add)


@case(GROWTH)
def a_twin_of_a_panel_is_plotted():
    fig, axs = panels(2)
    twin = axs[0].twinx()
    axs[0].set_title("title")

    def update(i, p):
        for line in list(twin.lines):
            line.remove()
        twin.plot([0, p], [0, 10**p])
        twin.xaxis.tick_top()

    return fig, update


@case(GROWTH)
def a_panel_in_a_panel_is_plotted():
    fig, axs = panels(2)
    axs[0].plot([0, 1])
    inset = axs[0].inset_axes([0.5, 0.5, 0.4, 0.4])
    axs[0].indicate_inset_zoom(inset)
    return fig, plotting(inset)


@case(GROWTH)
def a_panel_stands_in_the_data_of_a_later_one():
    def add(fig, first, last):
        inset = first.inset_axes([0, 0, 1, 1], transform=last.transData)
        inset.plot([0, 1])

    return panel_with(add)


@case(GROWTH)
def labels_are_aligned_with_a_later_panel():
    def add(fig, first, last):
        first.set_ylabel("first")
        fig.align_labels()
        return lambda p: last.set(xlabel="x", ylabel="y")

    return panel_with(add)


@case(GROWTH)
def a_line_of_a_user_reads_the_data_of_a_later_panel():
    class Reader(Line2D):
        def draw(self, renderer):
            start = self.place.transform((1, 0))[0] / 330
            self.set_data([start, 0.5], [0.1, 0.9])
            super().draw(renderer)

    def add(fig, first, last):
        line = Reader([0, 1], [0, 1], transform=fig.transFigure, lw=3)
        line.place = last.transData
        first.add_line(line)
        line.set_clip_on(False)

    return panel_with(add)


@case(GROWTH)
def the_method_of_a_line_reads_the_data_of_a_later_panel():
    def add(fig, first, last):
        (line,) = first.plot([0, 1], [0, 1], clip_on=False, lw=4)
        line.get_transform = lambda: last.transData

    return panel_with(add)


@case(GROWTH)
def panels_in_a_layout_are_plotted():
    fig = blank(330, 180, layout="constrained")
    axs = fig.subplots(1, 3)
    updates = [plotting(ax) for ax in axs]

    def update(i, p):
        updates[i % 3](i, 10 * p)

    return fig, update


def scrolling(**legend):
    fig, ax = a_line()
    ax.plot([0, 1, 2, 3, 4, 5, 6, 7], [0, 4, 0, 4, 3, 0, 1, 4], label="long name")
    ax.legend(**legend)
    return fig, ax


@case(SCROLL)
def a_legend_in_the_best_place_while_limits_scroll():
    fig, ax = scrolling(loc="best")
    return fig, lambda i, p: ax.set_xlim(p - 1, p + 1)


@case(SCROLL)
def a_legend_at_a_fixed_place_while_limits_scroll():
    fig, ax = scrolling(loc="lower left")
    return fig, lambda i, p: ax.set_xlim(p - 1, p + 1)


@case(SCROLL)
def a_legend_at_a_place_in_the_data_while_limits_scroll():
    fig, ax = scrolling(loc="upper left", bbox_to_anchor=(3, 3))
    ax.get_legend().set_bbox_to_anchor((3, 3), transform=ax.transData)
    return fig, lambda i, p: ax.set_xlim(p - 3, p + 4)


@case(SCROLL)
def a_legend_that_fills_the_width_while_limits_scroll():
    fig, ax = scrolling(loc="best", mode="expand")
    return fig, lambda i, p: ax.set_xlim(p - 1, p + 1)


@case(SCROLL)
def a_legend_with_a_line_in_the_data_while_limits_scroll():
    fig, ax = scrolling(loc="upper right")
    ax.get_legend().legend_handles[0].set_transform(ax.transData)
    return fig, lambda i, p: ax.set_xlim(p - 3, p + 9)


@case(SCROLL)
def a_dragged_legend_while_limits_scroll():
    fig, ax = scrolling()
    ax.get_legend().set_draggable(True)

    def update(i, p):
        ax.set_xlim(p - 3, p + 9)
        ax.get_legend().set_loc((0.1 * (i // 3), 0.2))

    return fig, update


@case(SCROLL)
def texts_in_several_coordinates_while_limits_scroll():
    fig, ax = a_line()
    ax.text(0.1, 0.9, "axes", transform=ax.transAxes, bbox={"facecolor": "yellow"})
    ax.text(3, 0.5, "x", transform=ax.get_xaxis_transform())
    ax.text(0.5, 1, "y", transform=ax.get_yaxis_transform())
    ax.text(2, 2, "data", clip_on=True)
    ax.text(0.2, 0.1, "figure", transform=fig.transFigure)
    clipped = ax.text(0.5, 0.3, "clipped by a bar", transform=ax.transAxes)
    clipped.set_clip_path(ax.axvspan(2, 3, alpha=0.2))
    return fig, lambda i, p: ax.set_xlim(p - 3, p + 4)


@case((0, 1, 0, 1, 0, 2, 2, 3, 4, 5))
def a_text_gets_equal_coordinates_of_other_axes_whose_limits_then_change():
    fig, ax = a_line()
    ax.set_ylim(0, 4)
    twin = ax.twinx()
    twin.set_ylim(0, 4)
    text = ax.text(1, 2, "text", transform=twin.transData)

    def update(i, p):
        ax.set_ylim(0, 4 if i in (5, 6) else 4 + p)
        if i == 6:
            text.set_transform(ax.transData)

    return fig, update
