"""Collections: scatter, fills, line collections, quivers."""

import numpy as np
from matplotlib.collections import (
    AsteriskPolygonCollection,
    EllipseCollection,
    LineCollection,
    PatchCollection,
    PathCollection,
    PolyCollection,
    QuadMesh,
    RegularPolyCollection,
)
from matplotlib.patches import Circle, Wedge
from matplotlib.path import Path

from corpus.registry import LATE, SCROLL, STEPS, TOGGLE, case, hills, one_axes, wave


def cloud(n=40, seed=0):
    return np.random.default_rng(seed).uniform(0, 6, (n, 2))


@case()
def scatter_offsets():
    fig, ax = one_axes()
    points = ax.scatter(*cloud().T)
    ax.set(xlim=(-1, 8), ylim=(-1, 8))
    return fig, lambda i, s: points.set_offsets(cloud() + np.array([0.2 * s, 0]))


@case()
def scatter_colours_and_sizes():
    fig, ax = one_axes()
    points = ax.scatter(*cloud().T, c=np.arange(40), s=30, cmap="plasma", ec="k")

    def update(i, s):
        points.set_array((np.arange(40) * (s + 1)) % 40)
        points.set_sizes(np.linspace(5, 30 + 20 * s, 40))

    return fig, update


@case(SCROLL)
def scatter_with_a_changing_count():
    fig, ax = one_axes()
    points = ax.scatter([], [], c=[], vmin=0, vmax=1)
    ax.set(xlim=(0, 6), ylim=(0, 6))

    def update(i, s):
        points.set_offsets(cloud()[: 5 * s])
        points.set_array(np.linspace(0, 1, 5 * s))

    return fig, update


@case()
def scatter_edges_hatch_and_alpha():
    fig, ax = one_axes()
    points = ax.scatter(*cloud(8).T, s=900, fc="gold", marker="s", hatch="//", alpha=0.5)

    def update(i, s):
        points.set_edgecolor(f"C{s}")
        points.set_linewidth(s / 2)
        points.set_alpha(0.3 + s / 10)

    return fig, update


@case(TOGGLE)
def scatter_alpha_array_and_markers():
    fig, ax = one_axes()
    points = ax.scatter(*cloud(30).T, s=200, alpha=np.linspace(0.1, 1, 30))
    ax.scatter(*cloud(30, 1).T, marker="x", c="k")
    return fig, lambda i, on: points.set_alpha(np.linspace(0.1, 1, 30)[:: -1 if on else 1])


@case()
def fill_between_removed_and_drawn_again():
    fig, ax = one_axes()
    ax.set(xlim=(0, 60), ylim=(-2, 2))
    state = {}

    def update(i, s):
        if "fill" in state:
            state["fill"].remove()
        state["fill"] = ax.fill_between(np.arange(60), wave(s), -1.5, alpha=0.4, color="C2")

    return fig, update


@case()
def fill_between_set_data():
    fig, ax = one_axes()
    x = np.arange(60)
    fill = ax.fill_between(x, wave(0), where=wave(0) > 0, interpolate=True, hatch="..")
    return fig, lambda i, s: fill.set_data(x, wave(s), 0 * x, where=wave(s) > -0.2)


@case()
def line_collection_segments():
    fig, ax = one_axes()
    lines = LineCollection([], array=np.arange(10), cmap="jet", linewidths=2)
    ax.add_collection(lines)
    ax.set(xlim=(0, 10), ylim=(-1, 1))
    return fig, lambda i, s: lines.set_segments([[(k, 0), (k, wave(s)[3 * k])] for k in range(10)])


@case(SCROLL)
def event_plot_positions():
    fig, ax = one_axes()
    events = ax.eventplot([cloud(10)[:, 0], cloud(20)[:, 0]], colors=["r", "b"], linelengths=0.7)
    ax.set_xlim(0, 8)
    return fig, lambda i, s: events[0].set_positions(cloud(10)[:, 0] + s / 5)


@case()
def polygons_set_verts():
    fig, ax = one_axes()
    square = np.array([(0, 0), (1, 0), (1, 1), (0, 1)])
    squares = PolyCollection([square], facecolors=["r", "g", "b"], edgecolors="k", alpha=0.6)
    ax.add_collection(squares)
    ax.set(xlim=(0, 7), ylim=(0, 7))
    return fig, lambda i, s: squares.set_verts([square * 2 + k for k in range(s + 1)])


@case()
def path_collection_set_paths():
    fig, ax = one_axes()
    collection = PathCollection([Path.unit_circle()], facecolors="none", edgecolors="k")
    ax.add_collection(collection, autolim=False)
    ax.set(xlim=(-6, 6), ylim=(-6, 6))

    def update(i, s):
        circles = [Path(Path.unit_circle().vertices * (k + 1), None) for k in range(s)]
        collection.set_paths(circles)

    return fig, update


@case()
def patch_collection_array():
    fig, ax = one_axes(aspect="equal")
    wedges = [Wedge((k, k), 1, 30 * k, 200) for k in range(5)]
    collection = PatchCollection([*wedges, Circle((4, 1), 1)], cmap="hsv", alpha=0.7)
    collection.set_array(np.arange(6))
    ax.add_collection(collection)
    ax.set(xlim=(-1, 6), ylim=(-1, 6))
    return fig, lambda i, s: collection.set_array(np.arange(6) * (s + 1) % 6)


@case(TOGGLE)
def ellipses_and_regular_polygons():
    fig, ax = one_axes()
    offsets = cloud(6)
    ellipses = EllipseCollection(
        [1] * 6,
        [2] * 6,
        range(0, 180, 30),
        units="x",
        offsets=offsets,
        offset_transform=ax.transData,
    )
    stars = AsteriskPolygonCollection(
        5, sizes=[300], offsets=offsets, offset_transform=ax.transData
    )
    polygons = RegularPolyCollection(
        6, rotation=0.2, sizes=[80], offsets=offsets[::-1], offset_transform=ax.transData, color="r"
    )
    for collection in (ellipses, stars, polygons):
        ax.add_collection(collection)
    ax.set(xlim=(-1, 7), ylim=(-1, 7))

    def update(i, on):
        ellipses.set_angles(np.arange(0, 180, 30) + (40 if on else 0))
        polygons.set_offsets(offsets[::-1] + 0.5 * on)

    return fig, update


@case()
def quiver_uvc_with_key():
    fig, ax = one_axes()
    y, x = np.mgrid[0:5, 0:6]
    arrows = ax.quiver(x, y, x - 2, y - 2, hills(0, 30)[:5, :6], cmap="cool")
    ax.quiverkey(arrows, 0.8, 1.05, 2, "2 m/s", labelpos="E")
    return fig, lambda i, s: arrows.set_UVC(x - s, y - 2, (x + s) % 4)


@case(SCROLL)
def quiver_offsets_and_limits():
    fig, ax = one_axes()
    arrows = ax.quiver([0, 1], [0, 1], [1, 0], [0, 1], angles="xy", scale_units="xy", scale=1)
    ax.set(xlim=(-1, 6), ylim=(-1, 6))

    def update(i, s):
        arrows.set_offsets([(s / 2, 0), (1, s / 3)])
        ax.set_xlim(-1, 6 + s / 2)

    return fig, update


@case()
def barbs_uvc():
    fig, ax = one_axes()
    barbs = ax.barbs([0, 1, 2], [0, 1, 0], [10, 20, 0], [5, 50, 0], flip_barb=[0, 1, 0])
    ax.margins(0.5)
    return fig, lambda i, s: barbs.set_UVC([10 * s, 20, 0], [5, 50 - 10 * s, 5 * s])


@case()
def broken_bars_and_span():
    fig, ax = one_axes()
    bars = ax.broken_barh([(1, 2), (4, 1)], (0, 1), facecolors=("C0", "C1"))
    span = ax.axvspan(0, 1, color="y", alpha=0.3)
    ax.set(xlim=(0, 8), ylim=(-1, 2))

    def update(i, s):
        bars.set_facecolors([f"C{s}", "k"])
        span.set_width(1 + s)

    return fig, update


@case()
def quad_mesh_made_by_hand():
    fig, ax = one_axes()
    y, x = np.mgrid[0:5, 0:6]
    mesh = QuadMesh(np.dstack([x + 0.2 * y, y]), array=np.arange(20.0), edgecolors="k")
    ax.add_collection(mesh)
    ax.set(xlim=(0, 6), ylim=(0, 4))
    return fig, lambda i, s: mesh.set_array(np.roll(np.arange(20.0), s))


@case(LATE)
def collection_without_antialiasing_late():
    fig, ax = one_axes()
    lines = LineCollection([[(0, k), (5, k + 2.3)] for k in range(6)], linewidths=[1, 3, 5])
    ax.add_collection(lines)
    ax.set(xlim=(0, 5), ylim=(0, 8))

    def update(i, on):
        lines.set_antialiased(not on)
        lines.set_linestyle("--" if on else "-")

    return fig, update


@case(STEPS)
def stack_of_areas_drawn_again():
    fig, ax = one_axes()

    def update(i, s):
        for collection in list(ax.collections):
            collection.remove()
        ax.set_prop_cycle(None)
        ax.stackplot(np.arange(60), 2 + wave(s), 2 + wave(-s), 1 + wave(1) ** 2)
        ax.set_ylim(0, 9)

    return fig, update
