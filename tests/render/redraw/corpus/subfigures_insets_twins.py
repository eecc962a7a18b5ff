"""Subfigures, insets, twins, secondary, broken and parasite axes."""

import numpy as np
from mpl_toolkits.axes_grid1 import ImageGrid, host_subplot, make_axes_locatable
from mpl_toolkits.axes_grid1.inset_locator import inset_axes, mark_inset, zoomed_inset_axes
from mpl_toolkits.axes_grid1.parasite_axes import HostAxes
from mpl_toolkits.axisartist import Axes as ArtistAxes
from mpl_toolkits.axisartist import GridHelperCurveLinear
from mpl_toolkits.axisartist.axislines import SubplotZero

from corpus.registry import LATE, SCROLL, STEPS, TOGGLE, blank, case, hills, one_axes, wave


@case()
def twin_axes_one_moves():
    fig, ax = one_axes()
    twin = ax.twinx()
    ax.plot(wave(0), "b", label="left")
    (line,) = twin.plot(10 * wave(1), "r", label="right")
    twin.set_ylabel("right", color="r")
    return fig, lambda i, s: line.set_ydata(10 * wave(s))


@case()
def line_of_the_lower_twin_moves():
    fig, ax = one_axes()
    twin = ax.twinx()
    (line,) = ax.plot(wave(0), lw=5)
    twin.fill_between(range(60), wave(1), alpha=0.5, color="r")
    return fig, lambda i, s: line.set_ydata(wave(s))


@case(TOGGLE)
def twins_with_legends():
    fig, ax = one_axes()
    twin = ax.twinx()
    ax.plot(wave(0), label="a")
    (line,) = twin.plot(wave(1), "r", label="b")
    ax.legend(loc="upper right")
    legend = twin.legend(loc="lower left")

    def update(i, on):
        line.set_ydata(wave(1 + on))
        legend.set_visible(not on)

    return fig, update


@case(SCROLL)
def third_axis_of_twins():
    fig, ax = one_axes(340, 220)
    fig.subplots_adjust(right=0.7)
    twin, third = ax.twinx(), ax.twinx()
    third.spines.right.set_position(("axes", 1.25))
    ax.plot(wave(0))
    twin.plot(wave(1) * 5, "r")
    third.plot(wave(2) * 50, "g")

    def update(i, s):
        third.set_ylim(-50 - 10 * s, 50)
        ax.set_xlim(0, 60 - 4 * s)

    return fig, update


@case()
def inset_with_its_own_line():
    fig, ax = one_axes()
    (line,) = ax.plot(wave(0))
    inset = ax.inset_axes((0.6, 0.6, 0.35, 0.35))
    (small,) = inset.plot(wave(1), "r")

    def update(i, s):
        small.set_ydata(wave(s))
        line.set_color(f"C{s // 3}")

    return fig, update


@case()
def inset_zooms_and_is_indicated():
    fig, ax = one_axes()
    ax.imshow(hills(0, 30))
    inset = ax.inset_axes((0.55, 0.55, 0.45, 0.45), xlim=(0, 6), ylim=(0, 6))
    inset.imshow(hills(0, 30))
    inset.set(xlim=(0, 6), ylim=(0, 6))
    ax.indicate_inset_zoom(inset, edgecolor="black")
    return fig, lambda i, s: inset.set(xlim=(s, s + 6), ylim=(2 * s, 2 * s + 6))


@case()
def inset_of_the_toolkit_with_marks():
    fig, ax = one_axes()
    (line,) = ax.plot(wave(0))
    zoomed = zoomed_inset_axes(ax, 2, loc="upper right")
    (copy,) = zoomed.plot(wave(0))
    zoomed.set(xlim=(10, 20), ylim=(-0.3, 0.3), xticks=[], yticks=[])
    mark_inset(ax, zoomed, 2, 4, fc="none", ec="0.5")
    small = inset_axes(ax, "20%", "20%", loc="lower left")
    small.plot(wave(2))

    def update(i, s):
        line.set_ydata(wave(s / 5))
        copy.set_ydata(wave(s / 5))
        zoomed.set_xlim(10 + 3 * s, 20 + 3 * s)

    return fig, update


@case()
def subfigures_one_changes():
    fig = blank(360, 180)
    left, right = fig.subfigures(1, 2, wspace=0.1)
    left.set_facecolor("lavender")
    (line,) = left.subplots().plot(wave(0))
    right.subplots().imshow(hills(0))
    left.suptitle("left")

    def update(i, s):
        line.set_ydata(wave(s))
        right.suptitle(f"right {s}")

    return fig, update


@case(TOGGLE)
def nested_subfigures():
    fig = blank(360, 220, layout="constrained")
    top, bottom = fig.subfigures(2, 1)
    inner = bottom.subfigures(1, 2)
    top.subplots().plot(wave(0))
    inner[0].subplots().plot(wave(1))
    (line,) = inner[1].subplots().plot(wave(2))

    def update(i, on):
        inner[0].set_facecolor("mistyrose" if on else "white")
        line.set_ydata(wave(2 + on))
        bottom.supxlabel("x" * on)

    return fig, update


@case(LATE)
def subfigure_cleared_late():
    fig = blank(340, 170)
    left, right = fig.subfigures(1, 2)
    left.subplots().plot(wave(0))

    def update(i, on):
        right.clear()
        right.subplots().bar(range(3), [1, 2, 3 + 2 * on])

    return fig, update


@case()
def secondary_axis_follows():
    fig, ax = one_axes()
    ax.plot(wave(0))
    second = ax.secondary_yaxis(
        "right", functions=(lambda y: y * 9 / 5 + 32, lambda f: (f - 32) / 1.8)
    )
    second.set_ylabel("F")
    return fig, lambda i, s: ax.set_ylim(-1 - s, 1 + s)


@case()
def broken_axis():
    fig = blank(300, 240)
    top, bottom = fig.subplots(2, 1, sharex=True)
    fig.subplots_adjust(hspace=0.05)
    lines = [ax.plot(50 * wave(0) ** 8)[0] for ax in (top, bottom)]
    top.set_ylim(40, 60)
    bottom.set_ylim(0, 10)
    top.spines.bottom.set_visible(False)
    bottom.spines.top.set_visible(False)
    bottom.plot([0, 1], [1, 1], transform=bottom.transAxes, marker=(2, 1), ls="", clip_on=False)

    def update(i, s):
        for line in lines:
            line.set_ydata(50 * wave(s) ** 8)

    return fig, update


@case()
def parasite_axes():
    fig = blank(320, 220)
    host = host_subplot(111, axes_class=HostAxes, figure=fig)
    fig.subplots_adjust(right=0.8)
    parasite = host.twinx()
    host.plot(wave(0), label="host")
    (line,) = parasite.plot(wave(1) * 9, label="parasite")
    host.legend(labelcolor="linecolor", loc="upper right")

    def update(i, s):
        line.set_ydata(wave(s) * 9)
        parasite.set_ylim(-10, 10 + s)

    return fig, update


@case(TOGGLE)
def divided_axes_with_colour_bar():
    fig, ax = one_axes()
    image = ax.imshow(hills(0))
    cax = make_axes_locatable(ax).append_axes("right", size="7%", pad=0.1)
    fig.colorbar(image, cax=cax)

    def update(i, on):
        image.set_data(hills(on))
        ax.set_ylim(15.5, 4 if on else -0.5)

    return fig, update


@case(SCROLL)
def grid_of_images():
    fig = blank(340, 170)
    grid = ImageGrid(fig, 111, nrows_ncols=(1, 3), axes_pad=0.1, cbar_mode="single")
    images = [ax.imshow(hills(k), vmin=-1, vmax=1) for k, ax in enumerate(grid)]
    grid.cbar_axes[0].colorbar(images[0])
    return fig, lambda i, s: images[1].set_data(hills(s))


@case()
def axes_of_axisartist():
    fig = blank()
    ax = fig.add_subplot(axes_class=SubplotZero)
    for direction in ["left", "right", "bottom", "top"]:
        ax.axis[direction].set_visible(False)
    for direction in ["xzero", "yzero"]:
        ax.axis[direction].set_axisline_style("-|>")
        ax.axis[direction].set_visible(True)
    (line,) = ax.plot(np.linspace(-1, 1, 60), wave(0))

    def update(i, s):
        line.set_ydata(wave(s))
        ax.axis["xzero"].label.set_text(f"x {s}")

    return fig, update


@case()
def floating_axis_and_curved_grid():
    fig = blank(260, 220)
    helper = GridHelperCurveLinear((lambda x, y: (x, y - x), lambda x, y: (x, y + x)))
    ax = fig.add_subplot(axes_class=ArtistAxes, grid_helper=helper)
    ax.set(xlim=(-2, 2), ylim=(-2, 2), aspect=1)
    ax.axis["floating"] = axis = ax.new_floating_axis(1, 1.0)
    ax.grid(True)
    (dot,) = ax.plot([0], [0], "ro")

    def update(i, s):
        dot.set_data([s / 4], [s / 5])
        axis.toggle(ticklabels=s % 2 == 0)

    return fig, update


@case(STEPS)
def inset_moves_over_the_figure():
    fig, ax = one_axes()
    ax.plot(wave(0))
    moving = fig.add_axes((0.3, 0.3, 0.2, 0.2), zorder=5)
    moving.plot(wave(1), "r")
    moving.set(xticks=[], yticks=[])
    return fig, lambda i, s: moving.set_position((0.2 + s / 10, 0.3 + s / 20, 0.2, 0.2))
