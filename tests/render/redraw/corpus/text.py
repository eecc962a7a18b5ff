"""Text of all kinds, and titles."""

from matplotlib.font_manager import FontProperties
from matplotlib.offsetbox import AnchoredText
from matplotlib.patches import PathPatch
from matplotlib.text import Text
from matplotlib.textpath import TextPath

from corpus.registry import LATE, STEPS, TOGGLE, blank, case, one_axes, wave


@case()
def clock_in_the_title():
    fig, ax = one_axes()
    ax.plot(wave(0))
    title = ax.set_title("t = 0.0 s")
    return fig, lambda i, s: title.set_text(f"t = {s / 10:.1f} s")


@case()
def title_set_anew_each_frame():  # codespell:ignore anew
    fig, ax = one_axes()
    ax.plot(wave(0))
    return fig, lambda i, s: ax.set_title(f"step {s}", loc=["left", "center", "right"][s % 3])


@case()
def title_with_a_changing_number_of_lines():
    fig, ax = one_axes()
    ax.plot(wave(0))
    return fig, lambda i, s: ax.set_title("\n".join(["line"] * (s % 3 + 1)))


@case(TOGGLE)
def title_pushed_up_by_ticks_on_top():
    fig, ax = one_axes()
    ax.plot(wave(0))
    ax.set_title("above")

    def update(i, on):
        ax.xaxis.set_ticks_position("top" if on else "bottom")

    return fig, update


@case()
def text_above_a_moving_line():
    fig, ax = one_axes()
    (line,) = ax.plot(wave(0), lw=5)
    ax.text(20, 0, "a static text", fontsize=16, zorder=5)
    return fig, lambda i, s: line.set_ydata(wave(s))


@case()
def text_moves_over_a_static_line():
    fig, ax = one_axes()
    ax.plot(wave(0), lw=5)
    text = ax.text(0, 0, "here", color="r", weight="bold")
    return fig, lambda i, s: text.set_position((7 * s, wave(0)[7 * s]))


@case()
def mathtext_formulas():
    fig, ax = one_axes()
    text = ax.text(0.1, 0.5, "", fontsize=18)
    formulas = [r"$\frac{1}{%d}$", r"$\sqrt{x^{%d}}$", r"$\sum_{k=0}^{%d} k$", r"costs \$%d"]
    return fig, lambda i, s: text.set_text(formulas[s % 4] % s)


@case()
def rotated_with_anchor():
    fig, ax = one_axes()
    text = ax.text(0.5, 0.5, "rotating\ntext", ha="left", va="bottom", rotation_mode="anchor")
    other = ax.text(0.5, 0.5, "along the data", transform_rotates_text=True)

    def update(i, s):
        text.set_rotation(37 * s)
        other.set_rotation(10 * s)
        other.set_rotation_mode("anchor" if s % 2 else "default")

    return fig, update


@case()
def box_around_a_text():
    fig, ax = one_axes()
    text = ax.text(0.5, 0.5, "boxed", bbox={"boxstyle": "round4", "fc": "w", "alpha": 0.6})
    styles = ["round", "larrow", "sawtooth", "circle", "square", "roundtooth"]

    def update(i, s):
        text.set_bbox({"boxstyle": styles[s], "fc": f"C{s}"} if s != 4 else None)

    return fig, update


@case()
def fonts_sizes_and_alignment():
    fig, ax = one_axes()
    ax.axvline(0.5)
    text = ax.text(0.5, 0.5, "Quick fox", bbox={"ec": "r", "fc": "none"})

    def update(i, s):
        text.set_fontsize(8 + 2 * s)
        text.set_family(["sans-serif", "serif", "monospace"][s % 3])
        text.set_style("italic" if s % 2 else "normal")
        text.set_ha(["left", "center", "right"][s % 3])
        text.set_va(["top", "center", "baseline", "bottom"][s % 4])

    return fig, update


@case(TOGGLE)
def font_properties_changed_in_place():
    fig, ax = one_axes()
    text = ax.text(0.1, 0.5, "font of mine", fontproperties=FontProperties(size=12))
    return fig, lambda i, on: text.get_fontproperties().set_size(22 if on else 12)


@case(LATE)
def text_on_the_figure_late():
    fig, ax = one_axes()
    ax.plot(wave(0))
    text = fig.text(0.5, 0.5, "draft", fontsize=40, alpha=0.3, ha="center", rotation=30)
    fig.suptitle("a title of all")
    fig.supxlabel("x of all")

    def update(i, on):
        text.set_text("final" if on else "draft")
        fig.supylabel("y of all" if on else "")

    return fig, update


@case()
def suptitle_changes():
    fig = blank(340, 220)
    for ax in fig.subplots(2, 2).flat:
        ax.plot(wave(0))
    title = fig.suptitle("start")
    return fig, lambda i, s: title.set(text="x" * s, fontsize=8 + s, x=0.4 + s / 20)


@case()
def wrapped_text():
    fig, ax = one_axes()
    text = ax.text(0.3, 0.5, "", wrap=True, fontsize=11)
    return fig, lambda i, s: text.set_text("some words that go on " * (1 + s))


@case()
def visible_alpha_and_colour():
    fig, ax = one_axes()
    texts = [ax.text(0.2, k / 4, f"text {k}", fontsize=15) for k in range(4)]

    def update(i, s):
        texts[0].set_visible(s % 2 == 0)
        texts[1].set_alpha(0.2 + s / 8)
        texts[2].set_color(f"C{s}")
        texts[3].set_backgroundcolor(f"C{s}")

    return fig, update


@case(TOGGLE)
def without_antialiasing_and_parse_math():
    fig, ax = one_axes()
    text = ax.text(0.1, 0.5, r"jagged $x^2$", fontsize=20)

    def update(i, on):
        text.set_antialiased(not on)
        text.set_parse_math(not on)

    return fig, update


@case()
def text_clipped_by_the_axes():
    fig, ax = one_axes()
    text = ax.text(0, 0.5, "a long text that leaves the axes", clip_on=True, fontsize=14)
    return fig, lambda i, s: text.set_x(s / 5 - 0.2)


@case()
def anchored_text():
    fig, ax = one_axes()
    box = AnchoredText("n = 0", loc="upper left", frameon=True)
    ax.add_artist(box)
    return fig, lambda i, s: box.txt.set_text(f"n = {10**s}")


@case()
def text_as_a_path():
    fig, ax = one_axes()
    patch = PathPatch(TextPath((0, 0), "path", size=2), fc="gold", ec="k")
    ax.add_patch(patch)
    ax.set(xlim=(-1, 8), ylim=(-2, 4))
    return fig, lambda i, s: patch.set_path(TextPath((s / 3, 0), f"path{s}", size=2))


@case(STEPS)
def labels_of_axes_change():
    fig, ax = one_axes()
    ax.plot(wave(0))

    def update(i, s):
        ax.set_xlabel(f"time [{'m' * s}s]", fontsize=7 + s, loc="right")
        ax.set_ylabel("value\nand more" if s > 2 else "value", labelpad=3 + s)

    return fig, update


@case()
def words_that_measure_each_other():
    """A text is put where another one ends; update() asks for its extent."""
    fig, ax = one_axes()
    first = ax.text(0.1, 0.5, "", color="r")
    second = ax.text(0.1, 0.5, "next", color="b")

    def update(i, s):
        first.set_text("word " * (s % 4))
        end = first.get_window_extent().transformed(ax.transData.inverted())
        second.set_x(max(end.x1, 0.1))

    return fig, update


@case()
def text_added_to_the_figure_as_an_artist():
    fig, ax = one_axes()
    text = Text(0.2, 0.2, "", transform=ax.transAxes, zorder=-5)
    ax.patch.set_alpha(0.4)
    fig.add_artist(text)
    return fig, lambda i, s: text.set_text(f"below the axes {s}")
