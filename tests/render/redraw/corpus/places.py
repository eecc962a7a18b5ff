"""Artists whose place or look depends on others; reviews found them, so none is held out.

A title stands above the highest artist, a label beside the widest tick label, a legend where there
is room; an arrow ends at another text's box.
"""

import matplotlib as mpl
import numpy as np
from matplotlib.offsetbox import AnnotationBbox, TextArea
from matplotlib.patches import Circle, ConnectionPatch, FancyArrowPatch, Polygon, Rectangle

from corpus.registry import STEPS, blank, case, one_axes

ROUND = {"boxstyle": "round"}
TWICE_THREE = (0, 0, 0, 1, 1, 2, 2, 0, 0, 3)


def under_a_title():
    fig, ax = one_axes()
    fig.subplots_adjust(top=0.6)
    ax.plot([0, 1], [0, 1])
    ax.set_title("the title")
    return fig, ax


def two_boxes(ax):
    a = ax.text(0.2, 0.2, "a", bbox=ROUND, ha="center")
    b = ax.text(0.8, 0.8, "b", bbox=ROUND, ha="center")
    return a, b


@case(TWICE_THREE)
def a_label_of_a_secondary_axis_grows_under_the_title():
    fig, ax = under_a_title()
    secondary = ax.secondary_xaxis("top")

    def update(i, p):
        secondary.set_xlabel("a" + "\nb" * p)

    return fig, update


@case(TWICE_THREE)
def a_secondary_axis_comes_and_goes_under_the_title():
    fig, ax = under_a_title()
    added = []

    def update(i, p):
        while added:
            added.pop().remove()
        if p:
            added.append(ax.secondary_xaxis("top"))

    return fig, update


@case(TWICE_THREE)
def a_twin_comes_and_goes_under_the_title():
    fig, ax = under_a_title()
    added = []

    def update(i, p):
        if p and not added:
            added.append(ax.twiny())
        if not p and added:
            added.pop().remove()

    return fig, update


@case(TWICE_THREE)
def a_twin_is_hidden_under_the_title():
    fig, ax = under_a_title()
    twin = ax.twiny()

    def update(i, p):
        twin.set_visible(p != 1)

    return fig, update


@case(TWICE_THREE)
def the_axis_of_a_twin_is_switched_off_under_the_title():
    fig, ax = under_a_title()
    twin = ax.twiny()

    def update(i, p):
        (twin.set_axis_off if p == 1 else twin.set_axis_on)()

    return fig, update


@case(TWICE_THREE)
def the_label_of_a_twin_grows_under_the_title():
    fig, ax = under_a_title()
    twin = ax.twiny()

    def update(i, p):
        twin.set_xlabel("x\n" * p)

    return fig, update


@case(TWICE_THREE)
def an_inset_has_labels_on_top_under_the_title():
    fig, ax = under_a_title()
    inset = ax.inset_axes([0.3, 0.6, 0.4, 0.4])

    def update(i, p):
        inset.tick_params(top=True, labeltop=p != 0, labelbottom=p == 0)

    return fig, update


@case(TWICE_THREE)
def ticks_and_spines_above_change_under_the_title():
    fig, ax = under_a_title()

    def update(i, p):
        ax.xaxis.set_visible(p != 1)
        ax.spines.top.set_visible(p != 2)
        ax.tick_params(top=p > 0, length=3 + 9 * p, direction="out")

    return fig, update


@case(TWICE_THREE)
def titles_are_aligned_with_those_of_polar_axes():
    fig = blank(400, 220)
    a, b = fig.add_subplot(121), fig.add_subplot(122, projection="polar")
    fig.subplots_adjust(top=0.6)
    a.set_title("a")
    fig.align_titles()

    def update(i, p):
        b.tick_params(labelsize=8 + 10 * p)
        b.set_title("b" + "\nc" * p)

    return fig, update


@case()
def titles_are_aligned_late():
    fig = blank()
    a, b = fig.subplots(1, 2)
    fig.subplots_adjust(top=0.6)
    a.set_title("a")
    b.set_title("b")
    b.xaxis.tick_top()

    def update(i, p):
        if i == 4:
            fig.align_titles()

    return fig, update


@case()
def labels_are_aligned_late():
    fig = blank()
    a, b = fig.subplots(2, 1)
    fig.subplots_adjust(left=0.3)
    a.set_ylabel("a")
    b.set_ylabel("b")
    b.set_ylim(0, 10_000)

    def update(i, p):
        if i == 4:
            fig.align_ylabels()

    return fig, update


@case(TWICE_THREE)
def labels_are_aligned_with_those_of_axes_that_are_drawn_whole():
    fig = blank()
    a, b = fig.add_subplot(211), fig.add_subplot(212, rasterization_zorder=0)
    fig.subplots_adjust(left=0.4)
    a.set_ylabel("a")
    b.set_ylabel("b")
    fig.align_ylabels()

    def update(i, p):
        b.tick_params(labelsize=8 + 5 * p)

    return fig, update


@case(TWICE_THREE)
def labels_of_twins_are_aligned():
    fig, ax = one_axes()
    twin = ax.twinx()
    twin.set_ylabel("y")
    fig.align_ylabels()

    def update(i, p):
        twin.tick_params(axis="y", labelsize=8 + 4 * p)

    return fig, update


@case()
def a_line_below_the_legend_in_the_best_place_is_removed():
    fig, ax = one_axes()
    ax.set(xlim=(0, 1), ylim=(0, 1))
    ax.plot([0, 1], [0, 1], label="x")
    ax.plot([0.5, 0.6, 0.7, 0.8, 0.9, 1] * 10, [0.9, 1, 0.8, 0.9, 0.8, 0.7] * 10, "o")
    (left,) = ax.plot(np.linspace(0, 0.2, 50), np.linspace(0.7, 1, 50), "o")
    ax.legend()

    def update(i, p):
        if i == 4:
            left.remove()

    return fig, update


@case()
def bars_below_the_legend_in_the_best_place_come_and_go():
    fig, ax = one_axes()
    ax.set(xlim=(0, 3), ylim=(0, 1))
    ax.bar([0.5, 1.5, 2.5], [0.3, 0.3, 0.95], label="b")
    ax.legend()
    added = []

    def update(i, p):
        if i in (3, 5):
            added.append(ax.bar([0.5], [0.9]))
        if i in (4, 8):
            added.pop().remove()

    return fig, update


@case()
def a_text_beside_the_legend_in_the_best_place_is_removed():
    fig, ax = one_axes()
    ax.set(xlim=(0, 1), ylim=(0, 1))
    ax.plot([0, 1], [0.4, 0.5], label="b")
    ax.legend()
    text = ax.text(0.75, 0.85, "long text")

    def update(i, p):
        if i == 4:
            text.remove()

    return fig, update


@case(TWICE_THREE)
def an_annotation_on_the_label_of_an_axis():
    fig, ax = one_axes()
    fig.subplots_adjust(left=0.4)
    ax.set_ylabel("label")
    ax.annotate("N", xy=(0, 1), xycoords=ax.yaxis.label, ha="right")

    def update(i, p):
        ax.yaxis.set_tick_params(labelsize=8 + 4 * p)

    return fig, update


@case(TWICE_THREE)
def an_annotation_on_a_legend_of_other_axes():
    fig = blank()
    a, b = fig.subplots(1, 2)
    (line,) = a.plot([0, 1], [0, 1], label="x")
    a.set(xlim=(0, 1), ylim=(0, 1))
    b.annotate("see", xy=(0.5, 0), xycoords=a.legend(), va="top", ha="center")

    def update(i, p):
        line.set_ydata([p % 2, 1 - p % 2])

    return fig, update


@case(TWICE_THREE)
def an_annotation_on_a_title():
    fig, ax = one_axes()
    ax.annotate("H", (1, 0), xycoords=ax.set_title("t"))

    def update(i, p):
        ax.set_title("t" * (p + 1))
        ax.tick_params(labeltop=p > 1)

    return fig, update


@case(TWICE_THREE)
def an_annotation_on_a_tick_label():
    fig, ax = one_axes()
    ax.annotate("H", (0.5, 0), xycoords=ax.get_xticklabels()[2], va="top")

    def update(i, p):
        ax.set_xlim(p / 7, 1 + p)

    return fig, update


@case(TWICE_THREE)
def annotations_in_a_chain():
    fig, ax = one_axes()
    one = ax.annotate("one", (0.1, 0.5))
    two = ax.annotate("two", (1, 0), xycoords=one, va="bottom")
    ax.annotate("three", (1, 0), xycoords=two, va="bottom")

    def update(i, p):
        one.set_text("one" * (p + 1))

    return fig, update


@case(TWICE_THREE)
def an_annotation_on_an_invisible_line():
    fig, ax = one_axes()
    ax.set(xlim=(0, 1), ylim=(0, 1))
    (line,) = ax.plot([0.1, 0.2], [0.1, 0.2], visible=False)
    ax.annotate("N", xy=(0.5, 0.5), xycoords=line)

    def update(i, p):
        line.set_xdata([0.1, 0.2 + p / 5])

    return fig, update


@case(TWICE_THREE)
def an_annotation_box_on_the_box_of_a_text():
    fig, ax = one_axes()
    text = ax.text(0.2, 0.2, "a", bbox={})
    ax.add_artist(
        AnnotationBbox(TextArea("n"), (1, 1), xycoords=text.get_bbox_patch(), box_alignment=(0, 0))
    )

    def update(i, p):
        text.set_text("a" * (2 * p + 1))

    return fig, update


@case(TWICE_THREE)
def an_annotation_on_a_table():
    fig, ax = one_axes()
    ax.set_axis_off()
    table = ax.table([["a", "b"], ["c", "d"]], loc="center")
    ax.annotate("k", (1, 1), xycoords=table[0, 0])

    def update(i, p):
        table[0, 0].get_text().set_text("aaaa" * p + "a")
        table.auto_set_column_width([0])

    return fig, update


@case(TWICE_THREE)
def an_arrow_between_the_boxes_of_texts_below_them():
    fig, ax = one_axes()
    a, b = two_boxes(ax)
    ends = {"patchA": a.get_bbox_patch(), "patchB": b.get_bbox_patch()}
    ax.add_patch(FancyArrowPatch((0.2, 0.2), (0.8, 0.8), mutation_scale=10, **ends))

    def update(i, p):
        a.set_text("a" * (1 + 2 * p))

    return fig, update


@case(TWICE_THREE)
def an_arrow_between_the_boxes_of_texts_above_them():
    fig, ax = one_axes()
    a, b = two_boxes(ax)
    ends = {"patchA": a.get_bbox_patch(), "patchB": b.get_bbox_patch()}
    ax.add_patch(FancyArrowPatch((0.2, 0.2), (0.8, 0.8), mutation_scale=10, zorder=5, **ends))

    def update(i, p):
        a.set_text("a" * (1 + 4 * p))

    return fig, update


@case(TWICE_THREE)
def an_arrow_of_the_figure_between_the_boxes_of_texts():
    fig, ax = one_axes()
    a, b = two_boxes(ax)
    ends = {"patchA": a.get_bbox_patch(), "patchB": b.get_bbox_patch()}
    fig.add_artist(
        ConnectionPatch(
            (0.2, 0.2), (0.8, 0.8), "data", "data", axesA=ax, axesB=ax, arrowstyle="->", **ends
        )
    )

    def update(i, p):
        b.set_fontsize(10 + 8 * p)

    return fig, update


@case(TWICE_THREE)
def the_arrow_of_an_annotation_ends_at_the_box_of_a_text():
    fig, ax = one_axes()
    text = ax.text(0.6, 0.7, "b", bbox=ROUND, ha="center")
    ax.annotate(
        "from",
        xy=(0.6, 0.7),
        xytext=(0.1, 0.1),
        arrowprops={"arrowstyle": "->", "patchB": text.get_bbox_patch()},
    )

    def update(i, p):
        text.set_text("b" * (1 + 3 * p))

    return fig, update


@case(TWICE_THREE)
def an_image_is_clipped_by_an_invisible_patch_that_moves():
    fig, ax = one_axes()
    image = ax.imshow(np.arange(100).reshape(10, 10))
    move = mpl.transforms.Affine2D()
    clip = ax.add_patch(Circle((3, 3), 2, transform=move + ax.transData, visible=False))
    image.set_clip_path(clip)

    def update(i, p):
        move.clear().translate(p, p)

    return fig, update


@case(static=True)
def an_image_is_clipped_by_a_polygon_whose_path_is_a_copy():
    fig, ax = one_axes()
    image = ax.imshow(np.arange(100).reshape(10, 10))
    clip = ax.add_patch(Polygon([(1, 1), (5, 1), (3, 5)], visible=False))
    image.set_clip_path(clip)

    def update(i, p):
        clip.get_path().vertices[2] = (3 + p, 5)

    return fig, update


@case(TWICE_THREE)
def an_image_is_clipped_by_the_box_of_a_text():
    fig, ax = one_axes()
    text = ax.text(0.5, 0.5, "aaa", fontsize=20, bbox={}, zorder=-1, ha="center")
    image = ax.imshow(np.arange(100.0).reshape(10, 10), extent=(0, 1, 0, 1), aspect="auto")
    image.set_clip_path(text.get_bbox_patch())

    def update(i, p):
        text.set_text("a" * (2 * p + 1))

    return fig, update


@case(STEPS)
def a_line_of_axes_with_tick_labels_shared_by_two_sizes():
    fig = blank(300, 240)
    a, b = fig.subplots(2, 1, sharex=True)
    b.tick_params(labelbottom=True)

    def update(i, p):
        a.tick_params(axis="x", labelbottom=True, labelsize=8 + 4 * p)

    return fig, update


@case(TWICE_THREE)
def axes_of_two_widths_share_a_locator():
    fig = blank(300, 240)
    a, b = fig.subplots(1, 2, width_ratios=[1, 2])
    locator = mpl.ticker.AutoLocator()
    a.xaxis.set_major_locator(locator)
    b.xaxis.set_major_locator(locator)

    def update(i, p):
        b.tick_params(axis="x", labelsize=6 + 6 * p)

    return fig, update


@case(TWICE_THREE)
def an_annotation_on_a_hidden_line_edited_in_place():
    fig, ax = one_axes()
    (hidden,) = ax.plot([0, 0.5], [0, 0.5], visible=False)
    (line,) = ax.plot([0, 1], [1, 0])
    ax.annotate("end", (1, 1), xycoords=hidden)

    def update(i, p):
        line.set_ydata([p / 5, 0])
        hidden.get_path().vertices[1, 0] = 0.2 + 0.2 * p

    return fig, update


@case(TWICE_THREE)
def an_annotation_on_a_hidden_patch_that_is_moved():
    fig, ax = one_axes()
    place = mpl.transforms.Affine2D()
    hidden = ax.add_patch(Rectangle((0.1, 0.1), 0.2, 0.2, visible=False))
    hidden.set_transform(place + ax.transData)
    (line,) = ax.plot([0, 1], [1, 0])
    ax.annotate("corner", (1, 1), xycoords=hidden)

    def update(i, p):
        line.set_ydata([p / 5, 0])
        place.clear().translate(0.1 * p, 0.1)

    return fig, update


@case(TWICE_THREE)
def a_table_whose_hidden_cell_makes_its_column_wider():
    fig, ax = one_axes()
    (line,) = ax.plot([0, 1], [0, 1])
    table = ax.table([["a", "b"], ["c", "d"]], loc="center")
    table.auto_set_column_width([0, 1])
    table[1, 0].set_visible(False)
    table[1, 0].get_text().set_text("some text")

    def update(i, p):
        line.set_ydata([p, 1])
        table[1, 0].get_text().get_fontproperties().set_size(8 + 6 * p)

    return fig, update


@case(TWICE_THREE)
def a_hidden_tick_label_is_changed_and_then_shown():
    fig, ax = one_axes()
    (line,) = ax.plot([0, 1], [1, 0])
    ax.set_xticks([0, 0.5, 1])
    ax.set_xlabel("x")

    def update(i, p):
        line.set_ydata([p / 5, 0])
        label = ax.xaxis.get_major_ticks()[1].label1
        label.set_visible(i > 5)
        label.set_fontsize(10 + 6 * p)

    return fig, update


@case(TWICE_THREE)
def a_hidden_tick_label_gets_a_get_visible_of_its_own():
    fig, ax = one_axes()
    (line,) = ax.plot([0, 1], [1, 0])
    ax.set_xticks([0, 0.5, 1])

    def update(i, p):
        line.set_ydata([p / 5, 0])
        label = ax.xaxis.get_major_ticks()[1].label2
        if i > 4:
            label.get_visible = lambda: True
            label.set_text("shown")

    return fig, update


@case()
def arrows_below_the_legend_in_the_best_place_turn():
    fig, ax = one_axes()
    x, y = np.meshgrid(np.linspace(0, 1, 5), np.linspace(0, 1, 5))
    arrows = ax.quiver(x, y, x, y, scale=4)
    ax.plot([0.4, 0.6], [0.5, 0.5], label="b")
    ax.legend()

    def update(i, p):
        arrows.set_UVC(np.cos(p + x), np.sin(p + y))

    return fig, update


@case()
def an_annotation_moves_below_the_legend_in_the_best_place():
    fig, ax = one_axes()
    ax.set(xlim=(0, 1), ylim=(0, 1))
    ax.plot([0, 1], [0.4, 0.5], label="b")
    ax.legend()
    note = ax.annotate("long text", (0.5, 0.5), (0.1, 0.8), arrowprops={"arrowstyle": "->"})

    def update(i, p):
        note.set_position((0.1 + 0.12 * p, 0.85))

    return fig, update


@case()
def a_legend_in_the_best_place_changes_itself_while_a_line_moves():
    fig, ax = one_axes()
    ax.set(xlim=(0, 6), ylim=(0, 6))
    (line,) = ax.plot([0, 6], [6, 5], label="b")
    legend = ax.legend(title="t")

    def update(i, p):
        line.set_ydata([6, 5 - p])
        legend.get_title().set_text("t" * (1 + p))
        if i == 6:
            legend.set_bbox_to_anchor((0, 0, 0.6, 1))

    return fig, update


@case()
def a_line_that_is_not_drawn_moves_below_the_legend_in_the_best_place():
    fig, ax = one_axes()
    ax.set(xlim=(0, 10), ylim=(-2, 2))
    ax.plot([0, 10], [-2, -2], label="line")
    ax.legend()
    (unseen,) = ax.plot([7, 8, 9], [0, 0, 0], animated=True)
    return fig, lambda i, p: unseen.set_ydata([1.8 if p > 2 else 0] * 3)
