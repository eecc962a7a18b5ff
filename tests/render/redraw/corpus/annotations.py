"""Annotations, arrows and boxes of offset artists."""

import numpy as np
from matplotlib.offsetbox import (
    AnchoredOffsetbox,
    AnnotationBbox,
    AuxTransformBox,
    DrawingArea,
    HPacker,
    OffsetImage,
    TextArea,
    VPacker,
)
from matplotlib.patches import Circle
from matplotlib.text import OffsetFrom
from mpl_toolkits.axes_grid1.anchored_artists import AnchoredDirectionArrows, AnchoredSizeBar

from corpus.registry import LATE, SCROLL, STEPS, TOGGLE, blank, case, hills, one_axes, wave


@case()
def arrow_follows_a_point():
    fig, ax = one_axes()
    ax.plot(wave(0))
    note = ax.annotate("here", (0, 0), (30, 0.8), arrowprops={"arrowstyle": "->"})

    def update(i, s):
        note.xy = (7 * s, wave(0)[7 * s])

    return fig, update


@case()
def text_of_an_annotation_moves():
    fig, ax = one_axes()
    ax.plot(wave(0))
    note = ax.annotate("far", (30, 0), (10, 10), textcoords="offset points", color="r")

    def update(i, s):
        note.xyann = (10 * s, 10)
        note.set_text(f"far {s}")

    return fig, update


@case()
def arrow_patch_of_an_annotation_changes():
    fig, ax = one_axes()
    props = {"arrowstyle": "fancy", "connectionstyle": "arc3,rad=0.3", "fc": "y"}
    note = ax.annotate("arrow", (0.8, 0.8), (0.2, 0.3), arrowprops=props)

    def update(i, s):
        note.arrow_patch.set_color(f"C{s}")
        note.arrow_patch.set_connectionstyle("arc3", rad=s / 8)
        note.arrow_patch.set_mutation_scale(10 + 5 * s)

    return fig, update


@case()
def yaap_arrow_with_box():
    fig, ax = one_axes()
    note = ax.annotate(
        "box",
        (0.9, 0.9),
        (0.2, 0.3),
        arrowprops={"facecolor": "black", "shrink": 0.1},
        bbox={"boxstyle": "round", "fc": "0.8"},
    )
    return fig, lambda i, s: note.set_position((0.1 + s / 10, 0.3))


@case(TOGGLE)
def annotations_of_fractions_and_artists():
    fig, ax = one_axes()
    text = ax.text(0.3, 0.3, "anchor", bbox={"fc": "w"})
    ax.annotate("of the axes", (1, 1), xycoords="axes fraction", ha="right", va="top")
    ax.annotate("of the figure", (5, 5), xycoords="figure pixels")
    ax.annotate("of a text", (1, 0.5), (20, 0), xycoords=text, textcoords="offset points")
    ax.annotate("below", (0.5, 0), (0, -12), xycoords=text, textcoords=OffsetFrom(text, (0, 0)))
    return fig, lambda i, on: text.set_position((0.3 + 0.2 * on, 0.5))


@case(SCROLL)
def annotation_leaves_the_axes():
    fig, ax = one_axes()
    ax.plot(wave(0))
    ax.annotate(
        "seen", (30, 0), annotation_clip=None, arrowprops={"arrowstyle": "->"}, xytext=(0, 0)
    )
    ax.annotate("always", (20, 0), (25, 0.5), annotation_clip=False, arrowprops={"width": 2})
    return fig, lambda i, s: ax.set_xlim(5 * s, 5 * s + 30)


@case()
def labels_of_many_points():
    fig, ax = one_axes(xlim=(-1, 8), ylim=(-1, 8))
    points = ax.scatter(range(6), range(6))
    notes = [ax.annotate(str(k), (k, k), (4, 4), textcoords="offset points") for k in range(6)]

    def update(i, s):
        where = np.c_[np.arange(6), np.roll(np.arange(6), s)]
        points.set_offsets(where)
        for note, xy in zip(notes, where, strict=True):
            note.xy = xy

    return fig, update


@case()
def boxes_of_offset_artists():
    fig, ax = one_axes()
    area = DrawingArea(40, 20)
    circle = Circle((10, 10), 8, fc="r")
    area.add_artist(circle)
    words = TextArea("words", textprops={"color": "b"})
    packed = HPacker(children=[area, VPacker(children=[words, TextArea("more")], sep=3)], pad=2)
    ax.add_artist(AnchoredOffsetbox(loc="upper left", child=packed))

    def update(i, s):
        circle.center = (10 + 3 * s, 10)
        words.set_text("w" * (1 + s))

    return fig, update


@case()
def image_box_with_an_arrow():
    fig, ax = one_axes(xlim=(0, 6), ylim=(0, 6))
    box = AnnotationBbox(
        OffsetImage(hills(0), zoom=2), (1, 1), (60, 40), boxcoords="offset points", arrowprops={}
    )
    ax.add_artist(box)

    def update(i, s):
        box.xy = (1 + s / 2, 1)
        box.patch.set_facecolor(f"C{s}")

    return fig, update


@case()
def size_bar_and_direction_arrows():
    fig, ax = one_axes()
    ax.imshow(hills(0))
    ax.add_artist(AnchoredSizeBar(ax.transData, 4, "4 m", "lower right", color="w"))
    ax.add_artist(AnchoredDirectionArrows(ax.transAxes, "E", "N", loc="upper left", color="w"))
    return fig, lambda i, s: ax.set_xlim(-0.5, 15.5 - s)


@case(LATE)
def box_of_a_transform_late():
    fig, ax = one_axes(xlim=(0, 10), ylim=(0, 10))
    box = AuxTransformBox(ax.transData)
    circle = Circle((0, 0), 1, fc="g")
    box.add_artist(circle)
    ax.add_artist(AnchoredOffsetbox(loc="center", child=box, frameon=True))
    return fig, lambda i, on: circle.set_radius(3 if on else 1)


@case(STEPS)
def annotation_in_a_figure():
    fig = blank(320, 160)
    left, right = fig.subplots(1, 2)
    left.plot(wave(0))
    right.plot(wave(1))
    note = right.annotate(
        "across",
        (0, 0),
        (0.5, 0.9),
        xycoords=left.transData,
        textcoords="figure fraction",
        arrowprops={"arrowstyle": "-|>"},
    )

    def update(i, s):
        note.xy = (8 * s, 0)
        left.set_ylim(-1 - s, 1)

    return fig, update
