"""Three-dimensional axes."""

import numpy as np
from matplotlib.patches import Circle
from mpl_toolkits.mplot3d.art3d import Line3DCollection, Poly3DCollection, pathpatch_2d_to_3d

from corpus.registry import LATE, SCROLL, STEPS, TOGGLE, blank, case, hills, wave
from parallel_animate import Animator

Y, X = np.mgrid[0:3:12j, 0:3:12j]
SHORT = (0, 1, 1, 2, 0, 3, 3, 0)


def space(width=240, height=200, **kwargs):
    fig = blank(width, height)
    return fig, fig.add_subplot(projection="3d", **kwargs)


@case(SHORT)
class RotatingSurface(Animator):
    def setup(self):
        self.figure, self.axes = space()
        self.axes.plot_surface(X, Y, hills(0, 12), cmap="viridis")
        return self.figure

    def update(self, frame_idx, params):
        self.axes.view_init(elev=30, azim=-60 + 20 * params)


@case(SHORT)
def surface_removed_and_drawn_again():
    fig, ax = space()
    state = {"surface": ax.plot_surface(X, Y, hills(0, 12))}
    ax.set_zlim(-1, 1)

    def update(i, s):
        state["surface"].remove()
        state["surface"] = ax.plot_surface(X, Y, hills(s, 12), cmap="coolwarm", lw=0)

    return fig, update


@case()
def helix_set_data_3d():
    fig, ax = space()
    (line,) = ax.plot(wave(0), wave(2), np.linspace(0, 1, 60))
    return fig, lambda i, s: line.set_data_3d(wave(s), wave(s + 2), np.linspace(0, 1, 60))


@case()
def helix_set_3d_properties():
    fig, ax = space()
    (line,) = ax.plot([0], [0], [0], "o-")
    ax.set(xlim=(0, 6), ylim=(0, 6), zlim=(0, 6))

    def update(i, s):
        line.set_data(range(s), range(s))
        line.set_3d_properties(range(s))

    return fig, update


@case()
def scatter_with_depth_shading():
    fig, ax = space()
    x, y, z = np.random.default_rng(0).uniform(size=(3, 40))
    points = ax.scatter(x, y, z, c=z, s=40)

    def update(i, s):
        points._offsets3d = x, y, (z + s / 6) % 1
        points.set_sizes([20 + 10 * s])

    return fig, update


@case(TOGGLE)
def wire_frame_and_colour():
    fig, ax = space()
    frame = ax.plot_wireframe(X, Y, hills(0, 12), rstride=2, cstride=2)
    return fig, lambda i, on: frame.set_color("red" if on else "navy")


@case(SHORT)
def bars_in_three_dimensions():
    fig, ax = space()

    def update(i, s):
        ax.cla()
        ax.bar3d([0, 1, 2], [0, 1, 0], 0, 0.5, 0.5, [1, 2 + s, 3], color=["r", "g", "b"])
        ax.set_zlim(0, 6)

    return fig, update


@case(SHORT)
def triangular_surface():
    fig, ax = space()
    x, y = np.random.default_rng(1).uniform(size=(2, 40))
    surface = ax.plot_trisurf(x, y, np.sin(6 * x), cmap="jet")
    return fig, lambda i, s: surface.set_alpha(1 - s / 5)


@case(SHORT)
def arrows_in_three_dimensions():
    fig, ax = space()
    state = {"arrows": ax.quiver(0, 0, 0, 1, 1, 1)}
    ax.set(xlim=(-1, 1), ylim=(-1, 1), zlim=(-1, 1))

    def update(i, s):
        state["arrows"].remove()
        state["arrows"] = ax.quiver(0, 0, 0, np.cos(s), np.sin(s), s / 3 - 0.5, color="m")

    return fig, update


@case(SHORT)
def voxels_change_their_colour():
    fig, ax = space()
    faces = ax.voxels(np.indices((3, 3, 3)).sum(0) < 3, facecolors="c", edgecolor="k")
    return fig, lambda i, s: [face.set_facecolor(f"C{s}") for face in list(faces.values())[::2]]


@case()
def limits_and_labels_in_three_dimensions():
    fig, ax = space(300, 240)
    ax.plot(range(6), range(6), range(6))

    def update(i, s):
        ax.set_zlim(0, 5 + s)
        ax.set_xlim3d(-s, 5)
        ax.set(xlabel="x" * s, zlabel=f"z {s}")
        ax.set_title(f"step {s}")

    return fig, update


@case(TOGGLE)
def projection_pane_and_grid():
    fig, ax = space()
    ax.plot(wave(0), wave(1), wave(2))

    def update(i, on):
        ax.set_proj_type("ortho" if on else "persp")
        ax.grid(not on)
        ax.xaxis.pane.set_facecolor("pink" if on else "w")
        ax.set_box_aspect((1, 1, 0.5) if on else (4, 4, 3))

    return fig, update


@case()
def text_and_flat_patches_in_space():
    fig, ax = space()
    text = ax.text(0, 0, 0, "origin", "x")
    circle = ax.add_patch(Circle((0.5, 0.5), 0.3, fc="y", alpha=0.6))
    pathpatch_2d_to_3d(circle, z=0.2, zdir="z")
    ax.text2D(0.1, 0.9, "flat", transform=ax.transAxes)
    return fig, lambda i, s: text.set_position_3d((s / 6, s / 6, 0.5))


@case()
def polygons_and_segments_in_space():
    fig, ax = space()
    triangle = np.array([(0, 0, 0), (1, 0, 0), (0, 1, 1)])
    faces = ax.add_collection3d(Poly3DCollection([triangle], fc="orange", alpha=0.5))
    edges = ax.add_collection3d(Line3DCollection([triangle], colors="k"))

    def update(i, s):
        faces.set_verts([triangle * (1 - s / 8), triangle + np.array([0, 0, s / 9])])
        edges.set_segments([triangle * (s / 5)])

    return fig, update


@case(SHORT)
def contours_in_space():
    fig, ax = space()
    ax.contourf(X, Y, hills(0, 12), zdir="z", offset=-1, cmap="cool")
    lines = ax.contour(X, Y, hills(0, 12), 5)
    ax.set_zlim(-1, 1)

    def update(i, s):
        lines.set_linewidth(1 + s)
        ax.view_init(roll=10 * s)

    return fig, update


@case((0, 0, 0, 0, 0, 1, 1, 0))
def flat_axes_beside_space():
    fig = blank(360, 180)
    flat = fig.add_subplot(121)
    ax = fig.add_subplot(122, projection="3d")
    ax.plot_surface(X, Y, hills(0, 12))
    (line,) = flat.plot(wave(0))

    def update(i, on):
        line.set_ydata(wave(on + i // 2))
        ax.azim = -60 + 30 * on

    return fig, update


@case(SCROLL)
def dot_runs_through_space():
    fig, ax = space()
    ax.plot(wave(0), wave(1), np.linspace(0, 1, 60), lw=0.5)
    (dot,) = ax.plot([0], [0], [0], "ro")
    ax.stem([0, 1], [0, 1], [0.5, 1])
    return fig, lambda i, s: dot.set_data_3d(*([w[7 * s]] for w in (wave(0), wave(1), X.ravel())))


@case(LATE)
def computed_zorder_late():
    fig, ax = space()
    ax.plot_surface(X, Y, hills(0, 12), zorder=1)
    points = ax.scatter([1.5], [2.9], [-1], s=900, c="r")
    ax.view_init(elev=20, azim=-90)

    def update(i, on):
        ax.computed_zorder = not on
        points.set_zorder(99 * on)

    return fig, update


@case(STEPS)
def area_between_curves_in_space():
    fig, ax = space()
    ax.plot([0, 1, 2], [0, 1, 0], zs=0.5, zdir="y")
    bars = ax.bar([0, 1, 2], [1, 2, 3], zs=1, zdir="y", alpha=0.6)
    return fig, lambda i, s: [bar.set_alpha(1 - s / 8) for bar in bars]
