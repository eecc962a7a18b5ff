"""Contours, triangulations and stream lines."""

import numpy as np
from matplotlib.tri import Triangulation, UniformTriRefiner

from corpus.registry import LATE, STEPS, TOGGLE, blank, case, hills, one_axes

SHORT = (0, 1, 1, 2, 0, 3, 3, 0)
RNG = np.random.default_rng(5)
PX, PY = RNG.uniform(0, 3, (2, 60))


@case(SHORT)
def contours_with_labels_drawn_again():
    fig, ax = one_axes()

    def update(i, s):
        ax.cla()
        lines = ax.contour(hills(s, 20), levels=3)
        ax.clabel(lines, fontsize=7)

    return fig, update


@case()
def filled_contours_change_their_colours():
    fig, ax = one_axes()
    areas = ax.contourf(hills(0, 24), levels=6, extend="both")

    def update(i, s):
        areas.set_clim(-1, 1 - s / 8)
        areas.set_cmap(["viridis", "hot"][s % 2])

    return fig, update


@case()
def contour_widths_and_styles():
    fig, ax = one_axes()
    lines = ax.contour(hills(0, 24), colors="k")

    def update(i, s):
        lines.set_linewidth([1 + s, 1])
        lines.set_linestyle([":", "-"][s % 2])
        lines.set_alpha(1 - s / 8)

    return fig, update


@case(TOGGLE)
def contours_with_hatches_over_an_image():
    fig, ax = one_axes()
    image = ax.imshow(hills(0, 24))
    ax.contourf(hills(1, 24), 3, hatches=["//", ".", None, "x"], colors="none")
    return fig, lambda i, on: image.set_data(hills(2 * on, 24))


@case(SHORT)
def triangles_as_lines_and_colours():
    fig = blank(340, 170)
    left, right = fig.subplots(1, 2)
    left.triplot(PX, PY, "k-", lw=0.5)
    mesh = right.tripcolor(PX, PY, np.sin(PX))

    def update(i, s):
        mesh.set_array(np.sin(PX + s))
        left.lines[0].set_color(f"C{s}")

    return fig, update


@case(SHORT)
def triangle_contours_drawn_again():
    fig, ax = one_axes()

    def update(i, s):
        ax.cla()
        ax.tricontourf(PX, PY, np.cos(PX + s), levels=5)
        ax.tricontour(PX, PY, np.cos(PX + s), levels=5, colors="w", linewidths=0.5)

    return fig, update


@case(SHORT)
def gouraud_triangles():
    fig, ax = one_axes()
    mesh = ax.tripcolor(PX, PY, np.sin(PX), shading="gouraud")
    return fig, lambda i, s: mesh.set_array(np.sin(PX + s))


@case((0, 1, 1, 0, 1, 0, 0, 1))
def refined_triangulation():
    fig, ax = one_axes()
    fine, values = UniformTriRefiner(Triangulation(PX[:20], PY[:20])).refine_field(
        PX[:20], subdiv=1
    )
    areas = ax.tricontourf(fine, values)
    return fig, lambda i, on: areas.set_cmap("hot" if on else "cool")


@case((0, 1, 1, 2, 0, 2, 2, 0))
def stream_lines_drawn_again():
    fig, ax = one_axes()
    y, x = np.mgrid[0:5:12j, 0:5:12j]

    def update(i, s):
        ax.cla()
        ax.streamplot(x, y, np.cos(y + s), np.sin(x), density=0.3, color=x, linewidth=1 + s)

    return fig, update


@case()
def stream_lines_change_their_width():
    fig, ax = one_axes()
    y, x = np.mgrid[0:5:12j, 0:5:12j]
    streams = ax.streamplot(x, y, np.cos(y), np.sin(x), density=0.5)
    return fig, lambda i, s: streams.lines.set_linewidth(1 + s / 2)


@case(LATE)
def contour_label_removed_late():
    fig, ax = one_axes()
    lines = ax.contour(hills(0, 24), levels=4)
    labels = lines.clabel(inline=False)
    return fig, lambda i, on: labels[0].set_visible(not on)


@case(STEPS)
def levels_marked_on_static_contours():
    fig, ax = one_axes()
    ax.contourf(hills(0, 24))
    (dot,) = ax.plot([0], [0], "r*", ms=14)
    return fig, lambda i, s: dot.set_data([4 * s], [20 - 3 * s])
