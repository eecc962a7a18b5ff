"""Polar Axes of which one part changes: the others stay as they are."""

import numpy as np
from matplotlib.patches import Circle, ConnectionPatch
from matplotlib.ticker import FuncFormatter
from matplotlib.transforms import Affine2D

from corpus.registry import SCROLL, STEPS, TOGGLE, blank, case, one_axes, wave

ANGLES = np.linspace(0, 2 * np.pi, 60)
SECTORS = ((0, 360), (0, 360), (0, 120), (10, 120), (10, 120), (0, 360), (90, 270), (0, 360))


def a_rose(**options):
    fig, ax = one_axes(260, 240, projection="polar", **options)
    ax.plot(ANGLES, 1 + wave(0) ** 2)
    ax.set_rmax(2.5)
    ax.set_title("rose")
    return fig, ax


@case(STEPS)
def the_zero_of_theta_turns():
    fig, ax = a_rose()
    return fig, lambda i, s: ax.set_theta_offset(s / 3)


@case(TOGGLE)
def theta_runs_the_other_way():
    fig, ax = a_rose()
    return fig, lambda i, on: ax.set_theta_direction(-1 if on else 1)


@case(STEPS)
def the_labels_of_the_radius_turn():
    fig, ax = a_rose()
    return fig, lambda i, s: ax.set_rlabel_position(20 + 40 * s)


@case(STEPS)
def the_origin_of_the_radius_moves():
    fig, ax = a_rose()
    return fig, lambda i, s: ax.set_rorigin(-s / 2)


@case(range(10))
def a_new_origin_is_seen_when_the_same_direction_is_set():
    # The transform does not know that it depends on the origin, so the line keeps its path.
    fig, ax = a_rose()

    def update(i, p):
        if p == 3:
            ax.set_rorigin(-0.4)
        if p == 6:
            ax.set_theta_direction(1)

    return fig, update


@case(range(10))
def the_direction_changes_just_before_the_origin():
    fig, ax = a_rose()

    def update(i, p):
        ax.set_title(f"rose {p // 2}")
        if p == 3:
            ax.set_theta_direction(-1)
        if p == 4:
            ax.set_rorigin(-0.4)
        if p == 7:
            ax.set_theta_offset(ax.get_theta_offset())

    return fig, update


@case(range(10))
def other_limits_are_seen_when_the_same_data_are_set():
    fig, ax = a_rose()
    (line,) = ax.lines
    radii = line.get_ydata()

    def update(i, p):
        if p == 3:
            ax.set_ylim(-0.5, 2.5)
        if p == 6:
            line.set_data(ANGLES, radii.copy())

    return fig, update


@case(range(10))
def a_new_origin_is_seen_late_in_an_inset():
    fig, ax = one_axes(300, 240)
    inner = ax.inset_axes((0.3, 0.3, 0.6, 0.6), projection="polar")
    inner.plot(ANGLES, 1 + wave(0) ** 2)
    inner.set_rmax(2.5)

    def update(i, p):
        if p == 3:
            inner.set_rorigin(-0.4)
        if p == 6:
            inner.set_theta_direction(1)

    return fig, update


@case(range(10))
def a_new_origin_is_seen_when_an_offset_is_what_it_was():
    fig, ax = a_rose()
    offset = Affine2D()
    ax.plot(ANGLES, 0.5 + ANGLES / 6, transform=offset + ax.transData)

    def update(i, p):
        if p == 3:
            ax.set_rorigin(-0.4)
        if p == 6:
            offset.clear()

    return fig, update


@case(STEPS)
def the_largest_radius_changes():
    fig, ax = a_rose()
    return fig, lambda i, s: ax.set_rmax(2 + s)


@case(STEPS)
def the_smallest_radius_makes_a_ring():
    fig, ax = a_rose()
    ax.set_rorigin(-1)
    return fig, lambda i, s: ax.set_rmin(s / 4)


@case(SECTORS)
def a_circle_becomes_a_sector():
    fig, ax = a_rose()

    def update(i, sector):
        ax.set_thetamin(sector[0])
        ax.set_thetamax(sector[1])

    return fig, update


@case(TOGGLE)
def the_background_changes_its_colour():
    fig, ax = a_rose()
    return fig, lambda i, on: ax.patch.set_facecolor("lavender" if on else "white")


@case(STEPS)
def the_background_gets_a_shape_that_a_draw_undoes():
    fig, ax = a_rose()
    (hand,) = ax.plot([0, 0], [0, 2], lw=3)

    def update(i, s):
        ax.patch.set_radius(0.1 * s)
        hand.set_xdata([s, s])

    return fig, update


@case(STEPS)
def the_background_is_no_wedge():
    fig, ax = a_rose()
    ax.patch = Circle((0.5, 0.5), 0.4, transform=ax.transAxes, facecolor="lavender")
    (hand,) = ax.plot([0, 0], [0, 2], lw=3)

    def update(i, s):
        hand.set_xdata([s, s])
        ax.patch.set_radius(0.3 + s / 50)

    return fig, update


@case(TOGGLE)
def the_outline_comes_and_goes():
    fig, ax = a_rose()
    return fig, lambda i, on: ax.spines["polar"].set_visible(on)


@case(TOGGLE)
def the_frame_is_switched_off():
    fig, ax = a_rose()
    return fig, lambda i, on: ax.set_frame_on(on)


@case(TOGGLE)
def the_axis_is_switched_off():
    fig, ax = a_rose()
    return fig, lambda i, on: ax.axis("on" if on else "off")


@case(TOGGLE)
def the_whole_axes_comes_and_goes():
    fig, ax = a_rose()
    return fig, lambda i, on: ax.set_visible(on)


@case(TOGGLE)
def the_grid_of_one_direction_comes_and_goes():
    fig, ax = a_rose()
    return fig, lambda i, on: ax.xaxis.grid(bool(on))


@case(STEPS)
def tick_labels_move_below_the_title():
    fig, ax = a_rose()
    return fig, lambda i, s: ax.tick_params(axis="x", pad=2 + 3 * s)


@case(STEPS)
def other_angles_and_radii_have_labels():
    fig, ax = a_rose()

    def update(i, s):
        ax.set_thetagrids(range(0, 360, 30 + 15 * (s % 3)))
        ax.set_rgrids([0.5, 1 + s / 4, 2], angle=30 * s)

    return fig, update


@case(STEPS)
def a_formatter_reads_outside_state():
    fig, ax = a_rose()
    state = {"s": 0}
    ax.xaxis.set_major_formatter(FuncFormatter(lambda value, place: f"{value + state['s']:.1f}"))
    return fig, lambda i, s: state.update(s=s)


@case(SCROLL)
def it_is_cleared_and_plotted_with_other_limits():
    fig, ax = a_rose()

    def update(i, s):
        ax.clear()
        ax.plot(ANGLES, 1 + s + wave(s) ** 2)
        ax.set_title("rose")

    return fig, update


@case(SCROLL)
def it_is_cleared_and_plotted_with_the_same_limits():
    fig, ax = a_rose()

    def update(i, s):
        ax.clear()
        ax.plot(ANGLES, 1 + wave(s) ** 2)
        ax.set_rmax(2.5)

    return fig, update


@case(SCROLL)
def lines_with_limits_that_a_draw_finds():
    fig = blank(400, 200)
    rose, plain = fig.add_subplot(1, 2, 1, projection="polar"), fig.add_subplot(1, 2, 2)
    plain.plot([0, 1])

    def update(i, s):
        rose.plot(ANGLES, s + wave(s) ** 2)
        plain.plot([0, s])

    return fig, update


@case(SCROLL)
def bars_and_a_line_beside_them():
    fig = blank(400, 200)
    rose, plain = fig.add_subplot(1, 2, 1, projection="polar"), fig.add_subplot(1, 2, 2)
    bars = rose.bar(ANGLES[:40:5], np.arange(1, 9), width=0.5, alpha=0.6)
    (line,) = plain.plot([0, 1], [0, 1])

    def update(i, s):
        bars[s % 8].set_height(1 + s % 5)
        line.set_ydata([0, s / 10])

    return fig, update


@case(SCROLL)
def a_patch_connects_it_with_other_axes():
    fig = blank(400, 200)
    rose, plain = fig.add_subplot(1, 2, 1, projection="polar"), fig.add_subplot(1, 2, 2)
    rose.set_rmax(3)
    fig.add_artist(ConnectionPatch((1, 2), (0.5, 0.5), rose.transData, plain.transData, lw=2))

    def update(i, s):
        rose.set_theta_offset(s / 5)
        plain.set_xlim(0, 1 + s)

    return fig, update


@case(STEPS)
def it_moves_in_the_figure():
    fig, ax = a_rose()
    return fig, lambda i, s: ax.set_position((0.1 + s / 40, 0.1, 0.6, 0.7))


@case(STEPS)
def a_layout_makes_room_for_its_title():
    fig = blank(400, 220, layout="constrained")
    rose, plain = fig.add_subplot(1, 2, 1, projection="polar"), fig.add_subplot(1, 2, 2)
    rose.plot(ANGLES, ANGLES)
    plain.plot([0, 1])
    return fig, lambda i, s: rose.set_title("title\n" * (1 + s % 3))


@case(STEPS)
def the_scale_of_the_radius_is_logarithmic():
    fig, ax = a_rose()
    ax.set_rscale("log")
    (line,) = ax.lines
    return fig, lambda i, s: line.set_ydata(0.5 + s + wave(s) ** 2)


@case(STEPS)
def an_annotation_points_at_its_data():
    fig, ax = a_rose()
    arrow = {"arrowstyle": "->"}
    note = ax.annotate("here", (1, 1), (0.8, 0.1), textcoords="figure fraction", arrowprops=arrow)
    (point,) = ax.plot([1], [1], "o")

    def update(i, s):
        note.xy = (s, 1)
        point.set_data([s], [1])

    return fig, update


@case(STEPS)
def a_legend_stands_in_the_best_place():
    fig, ax = a_rose()
    ax.lines[0].set_label("rose")
    ax.legend(loc="best")
    return fig, lambda i, s: ax.lines[0].set_ydata(0.2 + s / 4 + wave(s) ** 2 / 4)


@case(STEPS)
def it_is_inset_in_other_axes():
    fig, ax = one_axes(300, 240)
    inner = ax.inset_axes((0.5, 0.5, 0.4, 0.4), projection="polar")
    (hand,) = inner.plot([0, 0], [0, 1])
    ax.plot([0, 1])
    return fig, lambda i, s: hand.set_xdata([s, s])


@case(STEPS)
def a_line_is_clipped_by_its_background():
    fig = blank(400, 200)
    rose, plain = fig.add_subplot(1, 2, 1, projection="polar"), fig.add_subplot(1, 2, 2)
    (line,) = plain.plot([0, 1], lw=40)
    line.set_clip_path(rose.patch)

    def update(i, s):
        rose.set_thetamax(360 - 40 * s)
        plain.set_title(str(s // 3))

    return fig, update
