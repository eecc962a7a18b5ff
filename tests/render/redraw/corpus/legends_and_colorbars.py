"""Legends and colour bars."""

import matplotlib.ticker as ticker
import numpy as np
from matplotlib.cm import ScalarMappable
from matplotlib.colors import BoundaryNorm, LogNorm, Normalize, SymLogNorm
from matplotlib.legend_handler import HandlerTuple
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from corpus.registry import LATE, SCROLL, STEPS, TOGGLE, blank, case, hills, one_axes, wave


@case()
def legend_fixed_above_a_moving_line():
    fig, ax = one_axes()
    (line,) = ax.plot(wave(0), label="moving")
    ax.plot(wave(1), label="static")
    ax.legend(loc="upper right", framealpha=0.5)
    return fig, lambda i, s: line.set_ydata(wave(s))


@case()
def legend_best_goes_out_of_the_way():
    fig, ax = one_axes(xlim=(0, 6), ylim=(0, 6))
    (line,) = ax.plot([0], [0], "o", ms=40, label="push")
    ax.legend(loc="best", markerscale=0.2)
    return fig, lambda i, s: line.set_data([s + 0.5], [5])


@case()
def legend_labels_change():
    fig, ax = one_axes()
    ax.plot(wave(0), label="a")
    legend = ax.legend(loc="lower left")
    return fig, lambda i, s: legend.get_texts()[0].set_text("value " + "1" * s)


@case()
def legend_made_anew_each_frame():  # codespell:ignore anew
    fig, ax = one_axes()
    (line,) = ax.plot(wave(0))

    def update(i, s):
        line.set_label(f"step {s}")
        line.set_color(f"C{s}")
        ax.legend(loc="upper right", ncols=1 + s % 2, title="T" * s)

    return fig, update


@case()
def legend_handles_do_not_follow():
    fig, ax = one_axes()
    (line,) = ax.plot(wave(0), "r", label="a")
    legend = ax.legend(loc=1)

    def update(i, s):
        line.set_color(f"C{s}")
        legend.legend_handles[0].set_linewidth(1 + s)

    return fig, update


@case()
def legend_moves_and_changes_its_frame():
    fig, ax = one_axes()
    ax.plot(wave(0), label="a")
    legend = ax.legend(loc="lower left", shadow=True, fancybox=False)

    def update(i, s):
        legend.set_bbox_to_anchor((s / 8, s / 8))
        legend.get_frame().set_facecolor(f"C{s}")
        legend.set_title("with title" if s == 5 else "")

    return fig, update


@case(TOGGLE)
def two_legends_and_custom_handles():
    fig, ax = one_axes()
    lines = ax.plot(np.c_[wave(0), wave(1)])
    first = ax.legend(handles=[Patch(color="r", label="patch")], loc=1)
    ax.add_artist(first)
    handles = [tuple(lines), Line2D([], [], marker="o", label="dot")]
    ax.legend(handles, ["both", "dot"], loc=3, handler_map={tuple: HandlerTuple(None)})
    return fig, lambda i, on: first.set_visible(not on)


@case(LATE)
def legend_of_the_figure_outside_late():
    fig, ax = one_axes()
    fig.subplots_adjust(right=0.7)
    ax.plot(wave(0), label="wave")
    ax.fill_between(range(60), wave(0), label="area", alpha=0.3)
    legend = fig.legend(loc="center right")
    return fig, lambda i, on: legend.get_texts()[1].set_text("AREA" if on else "area")


@case()
def legend_of_a_scatter():
    fig, ax = one_axes()
    points = ax.scatter(range(6), range(6), c=[0, 1, 2] * 2, s=50)

    def update(i, s):
        points.set_array(np.array([0, 1, 2] * 2) + s // 3)
        ax.legend(*points.legend_elements(), loc="upper left")

    return fig, update


@case()
def colour_bar_follows_clim():
    fig, ax = one_axes()
    image = ax.imshow(hills(0))
    fig.colorbar(image, label="height")
    return fig, lambda i, s: image.set_clim(-1, 1 + s)


@case()
def colour_bar_follows_cmap_and_alpha():
    fig, ax = one_axes()
    mesh = ax.pcolormesh(hills(0))
    bar = fig.colorbar(mesh, ax=ax, location="left", extend="both")

    def update(i, s):
        mesh.set_cmap(["viridis", "hot", "twilight"][s % 3])
        mesh.set_alpha(1 - s / 10)
        bar.set_alpha(1 - s / 10)

    return fig, update


@case(TOGGLE)
def colour_bar_with_a_changing_norm():
    fig, ax = one_axes()
    mesh = ax.pcolormesh(np.exp(3 * hills(0)))
    fig.colorbar(mesh)
    return fig, lambda i, on: mesh.set_norm(LogNorm(0.1, 10) if on else Normalize(0, 20))


@case()
def colour_bar_of_data_that_scales_itself():
    fig, ax = one_axes()
    image = ax.imshow(hills(0))
    fig.colorbar(image, ax=ax)

    def update(i, s):
        image.set_data(hills(s) * (1 + s))
        image.autoscale()

    return fig, update


@case()
def colour_bar_ticks_label_and_orientation():
    fig, ax = one_axes()
    image = ax.imshow(hills(0), aspect="auto")
    bar = fig.colorbar(image, orientation="horizontal", format="%.1f")

    def update(i, s):
        bar.set_ticks(np.linspace(-0.9, 0.9, 2 + s))
        bar.set_label(f"step {s}")
        bar.ax.tick_params(labelsize=6 + s)

    return fig, update


@case()
def colour_bar_drawn_again():
    fig = blank(300, 200)
    ax = fig.add_axes((0.1, 0.1, 0.6, 0.8))
    bar_axes = fig.add_axes((0.75, 0.1, 0.05, 0.8))

    def update(i, s):
        ax.cla()
        bar_axes.cla()
        contours = ax.contourf(hills(s), levels=np.linspace(-1, 1, 4 + s))
        fig.colorbar(contours, cax=bar_axes, drawedges=True)

    return fig, update


@case(STEPS)
def colour_bar_removed_and_made():
    fig, ax = one_axes()
    image = ax.imshow(hills(0))
    state = {}

    def update(i, s):
        if "bar" in state:
            state.pop("bar").remove()
        if s % 2 == 0:
            state["bar"] = fig.colorbar(image, ax=ax)

    return fig, update


@case(SCROLL)
def colour_bar_of_no_artist():
    fig, ax = one_axes()
    norm = BoundaryNorm([0, 1, 3, 7], 256, extend="max")
    mappable = ScalarMappable(norm, "plasma")
    bar = fig.colorbar(mappable, ax=ax, spacing="proportional")
    (mark,) = bar.ax.plot([0.5], [0], "wo", mec="k", ms=8)
    return fig, lambda i, s: mark.set_ydata([s])


@case(TOGGLE)
def colour_bar_symlog_and_locator():
    fig, ax = one_axes()
    mesh = ax.pcolormesh(20 * hills(0), norm=SymLogNorm(1, vmin=-20, vmax=20), cmap="RdBu")
    bar = fig.colorbar(mesh)
    bar.minorticks_on()

    def update(i, on):
        bar.locator = (
            ticker.FixedLocator([-10, 0, 10])
            if on
            else ticker.SymmetricalLogLocator(base=10, linthresh=1)
        )
        bar.update_ticks()

    return fig, update
