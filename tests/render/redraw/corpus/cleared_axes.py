"""One Axes whose artists are made again in each frame, beside others that refer to it or not."""

import matplotlib as mpl
import numpy as np
from matplotlib.offsetbox import AnchoredText
from matplotlib.patches import ConnectionPatch

from corpus.registry import STEPS, TOGGLE, blank, case, hills, one_axes, wave

GROWTH = (1, 2, 3, 3, 5, 8, 8, 20, 2, 5)


def grid_of(rows=2, columns=2, **options):
    fig = blank()
    fig.subplots_adjust(left=0.2, right=0.95, bottom=0.17, top=0.86, hspace=0.7, wspace=0.6)
    return fig, fig.subplots(rows, columns, **options)


def plot_again(ax, step, **settings):
    """Clear and plot; the limits are set last, so that no Axes awaits any when it is drawn."""
    ax.clear()
    ax.plot(wave(step))
    ax.set(**{"xlim": (0, 59), "ylim": (-1.1, 1.1), **settings})


@case()
def one_of_four_is_cleared():
    fig, axes = grid_of()
    lines = [ax.plot(wave(k))[0] for k, ax in enumerate(axes.flat)]
    axes[1, 1].set_title("still")

    def update(i, s):
        plot_again(axes[0, 0], s, title=f"step {s}", ylim=(-1 - s, 1))
        lines[1].set_ydata(wave(s))

    return fig, update


@case()
def all_of_four_are_cleared_in_turn():
    fig, axes = grid_of()

    def update(i, s):
        plot_again(axes.flat[i % 4], s, xlabel="x", title="again")

    return fig, update


@case()
def one_of_four_awaits_its_limits():
    fig, axes = grid_of()
    axes[0, 0].annotate("here", (1, 0), xycoords=axes[1, 1].transData)

    def update(i, s):
        axes[1, 1].clear()
        axes[1, 1].plot((1 + s) * wave(s))

    return fig, update


@case()
def note_beside_a_text_of_a_cleared_axes():
    fig, axes = grid_of(1, 2)
    note = axes[1].annotate("note", (0, 1), (3, 3), textcoords="offset points")

    def update(i, s):
        plot_again(axes[0], s, xlim=(0, 60))
        note.xycoords = axes[0].text(10 + 3 * s, 0, "anchor")

    return fig, update


@case()
def one_of_two_twins_is_cleared():
    fig, ax = one_axes()
    twin = ax.twinx()
    ax.set_title("both")
    twin.plot(wave(1), "r")

    def update(i, s):
        plot_again(ax, s, title="both", ylim=(-1 - s, 1))
        ax.tick_params(top=s > 2, labeltop=s > 2)

    return fig, update


@case(GROWTH)
def cleared_beside_one_that_shares_its_limits():
    fig, axes = grid_of(sharex=True, sharey="row")
    for k, ax in enumerate(axes.flat):
        ax.plot(wave(k))

    def update(i, s):
        plot_again(axes[0, 0], s, ylim=(-s, s), xlim=(0, 40 + s))

    return fig, update


@case(GROWTH)
def cleared_with_labels_aligned_to_another():
    fig, axes = grid_of(2, 1)
    axes[1].set_ylabel("below")

    def update(i, s):
        axes[0].clear()
        axes[0].set(ylim=(0, 10.0 ** (s % 5)), ylabel="above")
        fig.align_ylabels()

    return fig, update


@case(GROWTH)
def cleared_with_titles_aligned_to_another():
    fig, axes = grid_of(1, 2)
    axes[1].set_title("right")

    def update(i, s):
        axes[0].clear()
        axes[0].set_title("left")
        axes[0].tick_params(top=bool(s % 2), labeltop=bool(s % 2), length=s)
        fig.align_titles()

    return fig, update


@case()
def cleared_with_a_legend_and_a_legend_of_the_figure():
    fig, axes = grid_of(1, 2)
    (line,) = axes[1].plot(wave(0), "g", label="green")
    fig.legend(handles=[line], loc="upper left")

    def update(i, s):
        axes[0].clear()
        axes[0].plot(wave(s), label=f"step {s}")
        axes[0].set(xlim=(0, 59), ylim=(-2, 2))
        axes[0].legend(loc=("upper right", "best", "lower left")[s % 3])
        line.set_ydata(wave(s // 2))

    return fig, update


@case(GROWTH)
def cleared_with_limits_of_y_that_grow():
    fig, ax = one_axes()

    def update(i, s):
        ax.clear()
        ax.plot(s * wave(s))
        ax.set(xlabel="x", ylabel="y", title="grows")
        ax.grid(True)

    return fig, update


@case(GROWTH)
def cleared_with_a_spine_in_the_data():
    fig, ax = one_axes()

    def update(i, s):
        ax.clear()
        ax.plot([-1, 1], [-s, 3])
        ax.set(xlabel="x", ylabel="y")
        ax.spines.bottom.set_position("zero" if i % 4 else ("outward", 3))
        ax.spines[["top", "right"]].set_visible(False)

    return fig, update


@case(GROWTH)
def cleared_with_a_spine_that_ends_at_the_data():
    fig, ax = one_axes()

    def update(i, s):
        ax.clear()
        ax.set(xlim=(0, 10), ylim=(0, s + 2), xlabel="x")
        ax.spines.left.set_bounds(0, s)
        ax.spines.bottom.set_bounds(1, 9)

    return fig, update


@case(TOGGLE)
def cleared_beside_an_inset_of_another():
    fig, axes = grid_of(1, 2)
    inset = axes[1].inset_axes((0.5, 0.5, 0.4, 0.4))
    (line,) = inset.plot(wave(0))
    axes[1].indicate_inset_zoom(inset)

    def update(i, s):
        plot_again(axes[0], s)
        line.set_ydata(wave(i // 3))

    return fig, update


@case()
def cleared_with_a_colorbar_in_another():
    fig, axes = grid_of(1, 2, width_ratios=(6, 1))
    image = axes[0].imshow(hills(0))
    bar = fig.colorbar(image, cax=axes[1])

    def update(i, s):
        axes[0].clear()
        bar.update_normal(axes[0].imshow((1 + s // 2) * hills(s)))

    return fig, update


@case()
def cleared_at_one_end_of_a_connection():
    fig, axes = grid_of(1, 2)
    axes[1].plot(wave(2))
    fig.add_artist(ConnectionPatch((10, 0), (20, 0), "data", "data", axesA=axes[0], axesB=axes[1]))

    def update(i, s):
        plot_again(axes[0], s, ylim=(-1, 1 + s))

    return fig, update


@case()
def cleared_below_another_that_is_transparent():
    fig, ax = one_axes()
    above = fig.add_axes((0.4, 0.4, 0.5, 0.5), zorder=3)
    above.patch.set_alpha(0.4)
    above.plot(wave(1), "r", alpha=0.5)

    def update(i, s):
        plot_again(ax, s, facecolor=("white", "yellow")[s % 2])

    return fig, update


@case()
def cleared_with_a_box_that_places_itself():
    fig, axes = grid_of(1, 2)
    axes[1].plot(wave(0))

    def update(i, s):
        plot_again(axes[0], s)
        axes[0].add_artist(AnchoredText(f"step {s}", loc="upper right"))

    return fig, update


@case()
def cleared_in_a_layout():
    fig = blank(layout="constrained")
    axes = fig.subplots(2, 2)
    (line,) = axes[1, 1].plot(wave(0))

    def update(i, s):
        plot_again(axes[0, 1], s, ylabel="y" * (s // 2), title="again")
        line.set_ydata(wave(s))

    return fig, update


@case()
def cleared_under_other_rcparams():
    fig, axes = grid_of(1, 2)

    def update(i, s):
        with mpl.rc_context({"xtick.labelcolor": ("k", "r", "b")[s % 3], "axes.grid": s > 2}):
            plot_again(axes[0], s, xlim=(0, 60))
        axes[1].tick_params(axis="y", labelsize=6 + s)

    return fig, update


@case()
def first_ticks_changed_after_clear():
    fig, ax = one_axes()

    def update(i, s):
        plot_again(ax, 0, ylim=(-1, 1))
        ax.xaxis.majorTicks[0].label1.set_color(("k", "r")[s % 2])
        ax.yaxis.get_major_ticks()[0].gridline.set(visible=s > 1, linewidth=3)

    return fig, update


@case(TOGGLE)
def another_axes_comes_while_one_is_cleared():
    fig, ax = one_axes()

    def update(i, s):
        plot_again(ax, s)
        for each in fig.axes[1:]:
            each.remove()
        if s:
            fig.add_axes((0.5, 0.5, 0.3, 0.3)).imshow(np.eye(3) * i)

    return fig, update


@case()
def artists_removed_and_made_again_in_one():
    fig, axes = grid_of(1, 2)
    axes[1].set_title("still")
    made = []

    def update(i, s):
        while made:
            made.pop().remove()
        made.extend(axes[0].bar(range(4), wave(s, 4)))
        axes[0].set(xlim=(-1, 4), ylim=(-1, 1 + s))
        made.append(axes[0].text(0.5, 0.5, f"{s}", transform=axes[0].transAxes))

    return fig, update


# Artists that come and go while the others of their Axes stay.


@case(TOGGLE)
def a_removed_line_gives_room_to_the_legend():
    fig, ax = one_axes()
    ax.plot([0, 1], [0, 1], label="rising")
    ax.set(xlim=(0, 1), ylim=(0, 1))
    ax.legend()

    def update(i, p):
        for line in list(ax.lines[1:]):
            line.remove()
        if p:
            ax.plot(np.linspace(0, 0.5, 60), np.linspace(0.7, 1, 60), "C1.")

    return fig, update


@case(STEPS)
def points_are_removed_and_plotted_below_a_note_on_them():
    fig, ax = one_axes()
    ax.plot([0, 5], [0, 5])
    note = ax.annotate("note", (0.5, 0.5), xycoords="axes fraction")

    def update(i, p):
        for points in list(ax.collections):
            points.remove()
        points = ax.scatter([p], [1], s=90)
        note.set_text("odd" if p % 2 else "even")
        note.xycoords = points

    return fig, update


@case(STEPS)
def a_spine_goes_while_a_line_comes():
    fig, ax = one_axes()
    ax.set(ylabel="y", title="title")

    def update(i, p):
        ax.axhline(p / 5, color=f"C{p}")
        if i == 4:
            del ax.spines["left"]

    return fig, update


@case(STEPS)
def a_table_comes_and_goes_over_a_line():
    fig, ax = one_axes()
    ax.plot([0, 1])

    def update(i, p):
        for table in list(ax.tables):
            table.remove()
        if p % 2:
            ax.table([[str(p)]], loc="center", colWidths=[0.3])

    return fig, update


@case(STEPS)
def contours_are_made_again_beside_a_colorbar():
    fig, ax = one_axes(width=340)
    grid = np.add.outer(np.arange(8.0), np.arange(8.0))
    image = ax.imshow(grid, vmin=0, vmax=20)
    fig.colorbar(image)

    def update(i, p):
        for lines in list(ax.collections):
            lines.remove()
        ax.contour(grid + p, levels=[5, 9, 12], colors="w")

    return fig, update


@case(STEPS)
def the_order_of_others_changes_when_a_line_comes():
    fig, ax = one_axes()
    ax.fill_between([0, 5], [0, 5], [5, 9], color="C1")
    ax.set(xlim=(0, 5), ylim=(0, 9))
    ax.set_xlabel("x")

    def update(i, p):
        for line in list(ax.lines):
            line.remove()
        ax.plot([0, 5], [p, 9 - p], lw=6)
        ax.collections[0].set_zorder(1 if p % 2 else 3)

    return fig, update
