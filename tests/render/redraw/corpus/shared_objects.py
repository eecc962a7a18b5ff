"""One object behind several artists, changed in one place."""

import numpy as np
from matplotlib.colors import Normalize
from matplotlib.font_manager import FontProperties
from matplotlib.markers import MarkerStyle
from matplotlib.patches import Circle, PathPatch, Rectangle
from matplotlib.path import Path
from matplotlib.transforms import Affine2D, Bbox, ScaledTranslation

from corpus.registry import LATE, SCROLL, STEPS, TOGGLE, blank, case, hills, one_axes, wave


@case()
def path_of_two_patches():
    fig, ax = one_axes(xlim=(0, 8), ylim=(0, 8))
    path = Path(np.array([(1.0, 1), (3, 1), (3, 3), (1, 1)]))
    ax.add_patch(PathPatch(path, fc="r"))
    ax.add_patch(PathPatch(path, fc="b", transform=Affine2D().translate(3, 3) + ax.transData))

    def update(i, s):
        path.vertices[2] = (3, 1 + s / 2)

    return fig, update


@case()
def font_of_several_texts():
    fig, ax = one_axes()
    font = FontProperties(size=10)
    texts = [ax.text(0.1, k / 3, f"text {k}", fontproperties=font) for k in range(3)]

    def update(i, s):
        font.set_size(10 + 2 * s)  # texts have copies, and show nothing of this
        texts[0].get_fontproperties().set_weight("bold" if s % 2 else "normal")
        texts[1]._fontproperties = texts[2]._fontproperties
        texts[2]._fontproperties.set_size(8 + s)

    return fig, update


@case()
def norm_of_image_and_colour_bars():
    fig = blank(360, 180)
    norm = Normalize(-1, 1)
    for ax in fig.subplots(1, 2):
        fig.colorbar(ax.pcolormesh(hills(0), norm=norm))

    def update(i, s):
        norm.vmin, norm.vmax = -1 - s / 4, 1 + s

    return fig, update


@case()
def offset_transform_of_a_label():
    fig, ax = one_axes()
    shift = Affine2D()
    ax.plot(wave(0))
    for label in ax.get_xticklabels()[:3]:
        label.set_transform(label.get_transform() + shift)
    ax.text(10, 0, "moved, too", transform=ax.transData + shift)

    def update(i, s):
        shift.clear().translate(0, 4 * s)

    return fig, update


@case(TOGGLE)
def array_of_two_images_and_a_line():
    fig = blank(360, 160)
    left, middle, right = fig.subplots(1, 3)
    data = hills(0)
    images = [left.imshow(data), middle.imshow(data, cmap="gray")]
    (line,) = right.plot(data[3])

    def update(i, on):
        data[...] = hills(3 * on)
        for image in images:
            image.get_array()[...] = data
        line.set_ydata(data[3])

    return fig, update


@case(SCROLL)
def patch_that_clips_and_is_shown():
    fig, ax = one_axes()
    window = ax.add_patch(Rectangle((0, -0.5), 20, 1, fc="none", ec="r"))
    (line,) = ax.plot(wave(0), lw=6)
    ax.set(xlim=(0, 60), ylim=(-1, 1))

    def update(i, s):
        window.set_x(5 * s)
        line.set_clip_path(window)

    return fig, update


@case()
def marker_style_of_two_lines():
    fig, ax = one_axes()
    style = MarkerStyle("s")
    ax.plot(wave(0, 8), ls="", marker=style, ms=14)
    ax.plot(wave(2, 8), ls="", marker=style, ms=14)
    first, second = ax.lines

    def update(i, s):
        first._marker._transform = Affine2D().translate(-0.5, -0.5).rotate(s / 3)
        second.set_marker(MarkerStyle(["s", "D", "^"][s % 3]))

    return fig, update


@case()
def box_behind_the_axes():
    fig = blank()
    ax = fig.add_axes((0.2, 0.2, 0.5, 0.6))
    ax.plot(wave(0))

    def update(i, s):
        ax._originalPosition.set(Bbox.from_bounds(0.2 + s / 30, 0.2, 0.5, 0.6))

    return fig, update


@case(LATE)
def scale_of_a_shadows_shift_late():
    fig, ax = one_axes(xlim=(0, 4), ylim=(0, 4))
    inches = Affine2D().scale(100)
    shift = ScaledTranslation(0.1, -0.1, inches)
    ax.add_patch(Circle((2, 2), 1, fc="0.7", transform=ax.transData + shift))
    ax.add_patch(Circle((2, 2), 1, fc="c"))

    def update(i, on):
        inches.clear().scale(400 if on else 100)

    return fig, update


@case(STEPS)
def property_dictionary_used_again():
    fig, ax = one_axes()
    box = {"boxstyle": "round", "fc": "w"}
    text = ax.text(0.2, 0.5, "boxed", bbox=box)
    arrow = {"arrowstyle": "->", "color": "k"}
    note = ax.annotate("note", (0.8, 0.8), (0.5, 0.2), arrowprops=arrow)

    def update(i, s):
        box["fc"] = f"C{s}"
        text.set_bbox(box)
        arrow["color"] = f"C{s}"  # read once, when the annotation was made
        note.set_color(f"C{s}")

    return fig, update
