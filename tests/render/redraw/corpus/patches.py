"""Patches, arrows, connections between axes, containers of bars."""

import numpy as np
from matplotlib.patches import (
    Annulus,
    Arc,
    Arrow,
    BoxStyle,
    Circle,
    ConnectionPatch,
    Ellipse,
    FancyArrow,
    FancyArrowPatch,
    FancyBboxPatch,
    PathPatch,
    Polygon,
    Rectangle,
    RegularPolygon,
    Shadow,
    StepPatch,
    Wedge,
)
from matplotlib.path import Path
from matplotlib.transforms import Affine2D, blended_transform_factory

from corpus.registry import LATE, SCROLL, STEPS, TOGGLE, blank, case, hills, one_axes, wave


def board(**kwargs):
    return one_axes(xlim=(0, 8), ylim=(0, 6), **kwargs)


@case()
def rectangle_moves_grows_and_turns():
    fig, ax = board()
    box = ax.add_patch(Rectangle((1, 1), 2, 1, rotation_point="center", ec="k"))

    def update(i, s):
        box.set_xy((1 + s / 2, 1 + s / 3))
        box.set_width(1 + s / 2)
        box.set_angle(20 * s)

    return fig, update


@case()
def circle_ellipse_and_wedge():
    fig, ax = board(aspect="equal")
    circle = ax.add_patch(Circle((2, 2), 1, alpha=0.5))
    ellipse = ax.add_patch(Ellipse((5, 3), 2, 1, fc="none", ec="r", lw=3))
    wedge = ax.add_patch(Wedge((6, 5), 1, 0, 90, width=0.4, color="g"))

    def update(i, s):
        circle.set_radius(0.5 + s / 3)
        circle.center = (2 + s / 4, 2)
        ellipse.set_angle(15 * s)
        wedge.set_theta2(90 + 40 * s)

    return fig, update


@case()
def arc_annulus_and_regular_polygon():
    fig, ax = board(aspect="equal")
    arc = ax.add_patch(Arc((2, 2), 3, 2, theta2=100, lw=3))
    ring = ax.add_patch(Annulus((5, 3), 1.5, 0.5, fc="c"))
    polygon = ax.add_patch(RegularPolygon((6, 1.5), 5, radius=1, fc="y"))

    def update(i, s):
        arc.theta2 = 100 + 30 * s
        ring.set_width(0.3 + s / 6)
        polygon.orientation = s / 5

    return fig, update


@case()
def path_patch_with_curves():
    fig, ax = board()
    codes = [Path.MOVETO, Path.CURVE4, Path.CURVE4, Path.CURVE4, Path.CURVE3, Path.LINETO]
    patch = ax.add_patch(PathPatch(Path([(0, 0)]), fc="none", lw=4, ec="m"))

    def update(i, s):
        points = [(1, 1), (2, 5), (4, s), (6, 3), (7, 0), (7, 5)]
        patch.set_path(Path(points, codes))

    return fig, update


@case()
def fancy_box_styles():
    fig, ax = board()
    box = ax.add_patch(FancyBboxPatch((3, 2), 2, 1, boxstyle="round,pad=0.5", fc="wheat"))
    styles = sorted(BoxStyle.get_styles())

    def update(i, s):
        box.set_boxstyle(styles[s % len(styles)], pad=0.3 + s / 10)
        box.set_x(2 + s / 3)

    return fig, update


@case()
def fancy_arrow_positions_and_styles():
    fig, ax = board()
    arrow = ax.add_patch(FancyArrowPatch((1, 1), (6, 4), mutation_scale=20, fc="r"))
    styles = ["->", "-|>", "fancy", "wedge", "simple", "<->"]

    def update(i, s):
        arrow.set_positions((1 + s / 3, 1), (6, 5 - s / 2))
        arrow.set_arrowstyle(styles[s])
        arrow.set_connectionstyle("arc3", rad=s / 10)

    return fig, update


@case()
def old_arrows():
    fig, ax = board()
    arrow = ax.arrow(1, 1, 3, 2, width=0.2)
    assert isinstance(arrow, FancyArrow)
    state = [ax.add_patch(Arrow(0, 5, 2, 0))]

    def update(i, s):
        arrow.set_data(dx=s, dy=1 + s / 3)
        state.pop().remove()
        state.append(ax.add_patch(Arrow(0, 5, 1 + s, -s / 3, color="g")))

    return fig, update


@case()
def connection_between_two_axes():
    fig = blank(340, 170)
    left, right = fig.subplots(1, 2)
    (a,) = left.plot(wave(0), "r")
    right.plot(wave(1))
    link = ConnectionPatch(
        (0, 0), (30, 0), "data", "data", axesA=left, axesB=right, arrowstyle="->"
    )
    fig.add_artist(link)

    def update(i, s):
        link.xy1 = (7 * s, wave(0)[7 * s])
        right.set_xlim(0, 60 - 4 * s)
        a.set_color(f"C{s}")

    return fig, update


@case()
def bars_of_a_chart():
    fig, ax = one_axes()
    bars = ax.bar(["a", "b", "c", "d"], [1, 2, 3, 4], ec="k")
    ax.set_ylim(0, 10)

    def update(i, s):
        for k, bar in enumerate(bars):
            bar.set_height((k + 1) * s % 9)

    return fig, update


@case()
def bars_with_labels():
    fig, ax = one_axes()
    bars = ax.barh(range(4), [1, 2, 3, 4], xerr=0.3)
    labels = ax.bar_label(bars, padding=8)
    ax.set_xlim(0, 9)

    def update(i, s):
        bars[2].set_width(1 + s)
        labels[2].set_text(f"{1 + s} kg")
        labels[2].xy = (1 + s, 2)

    return fig, update


@case()
def stairs_set_data():
    fig, ax = one_axes()
    stairs = ax.stairs([1, 2, 3, 2], [0, 1, 2, 3, 4], fill=True, baseline=0.5)
    assert isinstance(stairs, StepPatch)
    ax.set_ylim(0, 7)
    return fig, lambda i, s: stairs.set_data([1, s, 3, 2], baseline=s / 6)


@case(TOGGLE)
def shadow_and_joined_edges():
    fig, ax = board()
    star = np.array([(4, 5), (4.5, 3), (7, 3), (5, 2), (6, 0.5), (4, 1.5), (2, 0.5)])
    patch = ax.add_patch(Polygon(star, fc="gold", ec="k", lw=6))
    ax.add_patch(Shadow(patch, 0.2, -0.2))

    def update(i, on):
        patch.set_joinstyle("round" if on else "miter")
        patch.set_closed(not on)
        patch.set_linestyle("--" if on else "-")

    return fig, update


@case()
def hatches_and_fill():
    fig, ax = board()
    patches = [ax.add_patch(Rectangle((2 * k, 1), 1.8, 3, fc="w", ec=f"C{k}")) for k in range(4)]
    hatches = ["/", "xx", "O.", "*", "++", "-\\"]

    def update(i, s):
        patches[0].set_hatch(hatches[s])
        patches[1].set_hatch(hatches[-s - 1])
        patches[2].set_fill(s % 2 == 0)
        patches[3].set_alpha(0.2 + s / 10)

    return fig, update


@case(SCROLL)
def blended_transforms():
    fig, ax = board()
    across = blended_transform_factory(ax.transData, ax.transAxes)
    band = ax.add_patch(Rectangle((1, 0), 1, 1, transform=across, fc="y", alpha=0.5))
    ax.text(4, 0.9, "of the axes", transform=across)

    def update(i, s):
        band.set_x(s)
        ax.set_ylim(0, 6 + s)
        ax.set_xlim(-s / 2, 8)

    return fig, update


@case(STEPS)
def transform_of_a_patch_changes():
    fig, ax = board()
    box = ax.add_patch(Rectangle((0, 0), 2, 1, fc="r"))

    def update(i, s):
        turn = Affine2D().rotate_deg_around(1, 0.5, 20 * s).translate(2 + s / 2, 2)
        box.set_transform(turn + ax.transData)

    return fig, update


@case(LATE)
def clip_path_of_an_image_late():
    fig, ax = one_axes()
    image = ax.imshow(hills(0, 40))
    circle = Circle((20, 20), 15, transform=ax.transData)

    def update(i, on):
        circle.set_radius(8 if on else 15)
        image.set_clip_path(circle)

    return fig, update


@case()
def patches_of_the_figure():
    fig, ax = board()
    ax.patch.set_alpha(0.6)
    below = Rectangle((0.1, 0.1), 0.3, 0.3, transform=fig.transFigure, fc="c", zorder=-1)
    above = Circle((150, 100), 20, transform=None, fc="r", zorder=10)
    fig.patches.append(below) if isinstance(fig.patches, list) else fig.add_artist(below)
    fig.add_artist(above)

    def update(i, s):
        below.set_x(0.1 + s / 10)
        above.center = (150 + 10 * s, 100)

    return fig, update
