"""Data changed without a setter, so nothing is marked as stale."""

import numpy as np
from matplotlib.collections import LineCollection
from matplotlib.transforms import Affine2D, Bbox, TransformedBbox

from corpus.registry import LATE, SCROLL, STEPS, case, hills, one_axes, wave


@case(static=True)
def ydata_as_given_which_matplotlib_does_not_look_at_again():
    fig, ax = one_axes()
    (line,) = ax.plot(wave(0))

    def update(i, s):
        line.get_ydata()[:] = wave(s)

    return fig, update


@case()
def ydata_of_a_line():
    """Matplotlib 3.11 shows the edit in the next draw, 3.10 does not."""
    fig, ax = one_axes()
    (line,) = ax.plot(wave(0))
    (dot,) = ax.plot(5, 0, "ro")

    def update(i, s):
        line.get_ydata(orig=False)[:] = wave(s)
        dot.set_ydata([s / 6])

    return fig, update


@case()
def ydata_of_a_line_and_recache():
    fig, ax = one_axes()
    (line,) = ax.plot(wave(0))

    def update(i, s):
        line.get_ydata()[:] = wave(s)
        line.recache_always()

    return fig, update


@case()
def vertices_of_a_lines_path():
    fig, ax = one_axes()
    (line,) = ax.plot(wave(0))

    def update(i, s):
        line.get_path().vertices[:, 1] = wave(s)

    return fig, update


@case()
def users_array_behind_a_line():
    fig, ax = one_axes()
    x, y = np.arange(60.0), wave(0)
    (line,) = ax.plot(x, y)

    def update(i, s):
        y[:] = wave(s)
        line.set_ydata(y)

    return fig, update


@case()
def offsets_of_a_scatter():
    fig, ax = one_axes()
    points = ax.scatter(range(6), range(6), s=60)

    def update(i, s):
        points._offsets[:, 1] = np.roll(np.arange(6), s)

    return fig, update


@case()
def matrix_of_a_transform():
    fig, ax = one_axes()
    turn = Affine2D()
    ax.plot([-1, 1, 0, -1], [-1, -1, 2, -1], transform=turn + ax.transData)
    ax.set(xlim=(-4, 4), ylim=(-3, 3))
    return fig, lambda i, s: turn.clear().rotate_deg(25 * s) and None


@case()
def array_inside_a_transform():
    fig, ax = one_axes()
    matrix = np.eye(3)
    shift = Affine2D(matrix)
    ax.plot([0, 1, 2], [0, 2, 0], "o-", transform=shift + ax.transData)
    ax.set(xlim=(-1, 9), ylim=(-1, 4))

    def update(i, s):
        shift.get_matrix()[0, 2] = s
        shift.invalidate()

    return fig, update


@case()
def points_of_a_bbox():
    fig, ax = one_axes()
    box = Bbox([[0.2, 0.2], [0.6, 0.6]])
    ax.plot(wave(0), lw=6).pop().set_clip_box(TransformedBbox(box, ax.transAxes))

    def update(i, s):
        box.x1 = 0.4 + s / 10

    return fig, update


@case()
def segments_of_a_line_collection():
    fig, ax = one_axes()
    lines = LineCollection([[(k, 0), (k, 1)] for k in range(8)])
    ax.add_collection(lines)
    ax.set(xlim=(-1, 8), ylim=(-1, 8))

    def update(i, s):
        for k, path in enumerate(lines.get_paths()):
            path.vertices[1, 1] = 1 + (k * s) % 7

    return fig, update


@case()
def corners_of_a_polygon():
    fig, ax = one_axes()
    (polygon,) = ax.fill([0, 2, 2, 0], [0, 0, 2, 2])
    ax.set(xlim=(0, 8), ylim=(0, 4))

    def update(i, s):
        polygon.get_xy()[2, 0] = 2 + s

    return fig, update


@case()
def vertices_of_a_patch_path():
    fig, ax = one_axes()
    fill = ax.fill_between(range(60), wave(0), -2)
    (steps,) = ax.hist(np.arange(30) % 7, histtype="step")[2]

    def update(i, s):
        fill.get_paths()[0].vertices[5:20, 1] = -s / 4
        steps.get_path().vertices[3:5, 1] = s

    return fig, update


@case(LATE)
def private_attributes_late():
    fig, ax = one_axes()
    (line,) = ax.plot(wave(0), lw=2)
    text = ax.text(10, 0, "some text")

    def update(i, on):
        line._linewidth = 6 if on else 2
        text._text = "other text" if on else "some text"

    return fig, update


@case()
def attributes_of_a_mesh():
    fig, ax = one_axes()
    mesh = ax.pcolormesh(np.arange(7.0), np.arange(5.0), hills(0, 6)[:4, :6])

    def update(i, s):
        mesh._coordinates[2, :, 1] = 2 + s / 8
        mesh.get_array()[0] = s / 5

    return fig, update


@case(SCROLL)
def view_limits_written_directly():
    fig, ax = one_axes()
    ax.plot(np.arange(200), np.tile(wave(0), 4)[:200])

    def update(i, s):
        ax.viewLim.intervalx = (10 * s, 10 * s + 50)

    return fig, update


@case(STEPS)
def uv_of_a_quiver():
    fig, ax = one_axes()
    arrows = ax.quiver(range(5), range(5), np.ones(5), np.zeros(5), scale=10)
    ax.margins(0.3)

    def update(i, s):
        arrows.U[:] = 1 - s / 6
        arrows.V[:] = s / 6

    return fig, update


@case()
def dictionary_of_a_tick_formatter():
    fig, ax = one_axes()
    ax.plot(wave(0))
    names = {0: "zero", 20: "twenty", 40: "forty"}
    ax.set_xticks(list(names))
    ax.xaxis.set_major_formatter(lambda x, pos: names.get(x, ""))

    def update(i, s):
        names[20] = "*" * (s + 1)

    return fig, update
