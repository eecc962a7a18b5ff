"""Polar axes, maps, and other projections."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.projections import PolarAxes, register_projection

from corpus.registry import LATE, SCROLL, STEPS, TOGGLE, blank, case, hills, one_axes, wave

ANGLES = np.linspace(0, 2 * np.pi, 60)


@case()
def polar_line():
    fig, ax = one_axes(240, 240, projection="polar")
    (line,) = ax.plot(ANGLES, 1 + wave(0) ** 2)
    ax.set_rmax(2.5)
    return fig, lambda i, s: line.set_ydata(1 + wave(s) ** 2)


@case()
def radar_hand():
    fig, ax = one_axes(240, 240, projection="polar")
    (hand,) = ax.plot([0, 0], [0, 1], lw=3)
    ax.scatter(ANGLES, np.abs(wave(0)), s=5)
    return fig, lambda i, s: hand.set_xdata([s, s])


@case()
def polar_bars():
    fig, ax = one_axes(240, 240, projection="polar")
    bars = ax.bar(ANGLES[:40:5], np.arange(1, 9), width=0.5, alpha=0.6)

    def update(i, s):
        for k, bar in enumerate(bars):
            bar.set_height(1 + (k + s) % 8)
            bar.set_facecolor(f"C{(k + s) % 8}")

    return fig, update


@case()
def polar_limits_and_labels():
    fig, ax = one_axes(240, 240, projection="polar")
    ax.plot(ANGLES, ANGLES)

    def update(i, s):
        ax.set_rmax(3 + s)
        ax.set_rlabel_position(30 * s)
        ax.set_theta_offset(s / 4)
        ax.set_theta_direction(-1 if s % 2 else 1)

    return fig, update


@case()
def polar_wedge():
    fig, ax = one_axes(240, 200, projection="polar")
    ax.plot(ANGLES, wave(0) + 2)

    def update(i, s):
        ax.set_thetamin(10 * s)
        ax.set_thetamax(180 - 10 * s)
        ax.set_rorigin(-s / 2)
        ax.set_thetagrids(range(10 * s, 181 - 10 * s, 20))

    return fig, update


@case(TOGGLE)
def polar_mesh_and_grid():
    fig, ax = one_axes(240, 240, projection="polar")
    mesh = ax.pcolormesh(ANGLES[::5], np.linspace(0, 1, 12), hills(0, 12), shading="auto")

    def update(i, on):
        mesh.set_array(hills(on, 12))
        ax.grid(bool(on))

    return fig, update


@case()
def polar_log_scale():
    fig, ax = one_axes(240, 240, projection="polar")
    (line,) = ax.plot(ANGLES, 10 ** (1 + wave(0)))
    ax.set_rscale("log")
    ax.set_rlim(0.5, 200)
    return fig, lambda i, s: line.set_ydata(10 ** (1 + wave(s)))


def world(name):
    fig, ax = one_axes(320, 200, projection=name)
    ax.grid(True)
    return fig, ax


@case()
def mollweide_points():
    fig, ax = world("mollweide")
    points = ax.scatter(np.linspace(-3, 3, 9), np.linspace(-1, 1, 9), c=range(9))
    return fig, lambda i, s: points.set_offsets(np.c_[np.linspace(-3, 3, 9), wave(s, 9)])


@case(SCROLL)
def hammer_track():
    fig, ax = world("hammer")
    (track,) = ax.plot([], [], "r-")
    return fig, lambda i, s: track.set_data(np.linspace(-3, -3 + 0.8 * s, 30), wave(0, 30))


@case(TOGGLE)
def aitoff_mesh():
    fig, ax = world("aitoff")
    lon, lat = np.linspace(-np.pi, np.pi, 13), np.linspace(-1.5, 1.5, 9)
    mesh = ax.pcolormesh(lon, lat, hills(0, 12)[:8, :12])
    return fig, lambda i, on: mesh.set_array(hills(on, 12)[:8, :12])


@case(LATE)
def lambert_late():
    fig, ax = world("lambert")
    (line,) = ax.plot([0, 1], [0, 1], lw=3)

    def update(i, on):
        line.set_ydata([0, -1 if on else 1])
        ax.set_longitude_grid(15 if on else 30)

    return fig, update


class SkewedAxes(Axes):
    """Shows its own frame counter in a title that it sets in draw()."""

    name = "corpus_skewed"
    count = 0

    def draw(self, renderer):
        self.set_title(f"count {self.count}")
        super().draw(renderer)


class SouthPolarAxes(PolarAxes):
    """Clockwise, with zero at the bottom."""

    name = "corpus_south"

    def __init__(self, *args, **kwargs):
        super().__init__(*args, theta_offset=-np.pi / 2, **kwargs)
        self.set_theta_direction(-1)


@case()
def axes_class_with_a_draw_of_its_own():
    register_projection(SkewedAxes)
    fig, ax = one_axes(projection="corpus_skewed")
    ax.plot(wave(0))

    def update(i, s):
        ax.count = s

    return fig, update


@case()
def derived_polar_axes():
    register_projection(SouthPolarAxes)
    fig, ax = one_axes(240, 220, projection="corpus_south")
    (line,) = ax.plot([0, 1], [0, 1], lw=4)
    return fig, lambda i, s: line.set_xdata([0, 1 + s / 2])


@case()
def mixed_projections():
    fig = blank(400, 160)
    flat = fig.add_subplot(131)
    polar = fig.add_subplot(132, projection="polar")
    globe = fig.add_subplot(133, projection="mollweide")
    (a,) = flat.plot(wave(0))
    (b,) = polar.plot(ANGLES, 2 + wave(0))
    (c,) = globe.plot(wave(0), wave(1))

    def update(i, s):
        (a, b, c)[s % 3].set_color(f"C{s}")
        a.set_ydata(wave(s))

    return fig, update


@case(STEPS)
def pie_like_polar_fill():
    fig, ax = one_axes(220, 220, projection="polar")
    ax.set_axis_off()
    (area,) = ax.fill(ANGLES, 1 + 0 * ANGLES, alpha=0.4)
    return fig, lambda i, s: area.set_xy(np.c_[ANGLES[: 10 + 9 * s], 1 + 0 * ANGLES[: 10 + 9 * s]])
