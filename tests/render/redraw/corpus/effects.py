"""Path effects, sketches, filters, rasterization, clipping, snapping, ids."""

import matplotlib.patheffects as effects
import numpy as np
from matplotlib.patches import Circle, Rectangle
from matplotlib.path import Path
from matplotlib.transforms import Bbox

from corpus.registry import LATE, SCROLL, STEPS, TOGGLE, blank, case, hills, one_axes, wave


@case()
def text_with_an_outline():
    fig, ax = one_axes()
    text = ax.text(0.1, 0.4, "outline", fontsize=30, color="w")
    text.set_path_effects([effects.withStroke(linewidth=4, foreground="k")])
    return fig, lambda i, s: text.set_position((0.1 + s / 20, 0.4))


@case()
def outline_of_a_changing_width():
    fig, ax = one_axes()
    text = ax.text(0.1, 0.4, "width", fontsize=30)

    def update(i, s):
        stroke = effects.Stroke(linewidth=1 + s, foreground=f"C{s}")
        text.set_path_effects([stroke, effects.Normal()])

    return fig, update


@case()
def line_with_a_shadow():
    fig, ax = one_axes()
    shadow = effects.SimpleLineShadow(offset=(3, -3), alpha=0.4)
    (line,) = ax.plot(wave(0), lw=5, path_effects=[shadow, effects.Normal()])
    return fig, lambda i, s: line.set_ydata(wave(s))


@case()
def ticks_and_patches_with_effects():
    fig, ax = one_axes()
    shadow, outline = effects.withSimplePatchShadow(), effects.withStroke(linewidth=6)
    box = ax.add_patch(Rectangle((0.2, 0.2), 0.3, 0.3, path_effects=[shadow]))
    ax.plot([0, 1], [0, 1], path_effects=[effects.withTickedStroke(spacing=10, angle=60)])
    ax.scatter([0.7], [0.3], s=300, path_effects=[outline])
    return fig, lambda i, s: box.set_x(0.2 + s / 12)


@case(TOGGLE)
def effect_object_changed_in_place():
    fig, ax = one_axes()
    stroke = effects.Stroke(linewidth=3, foreground="r")
    ax.plot(wave(0), path_effects=[stroke, effects.Normal()])

    def update(i, on):
        stroke._gc["linewidth"] = 9 if on else 3

    return fig, update


@case()
def sketched_line():
    fig, ax = one_axes()
    (line,) = ax.plot(wave(0))
    line.set_sketch_params(2, 50, 10)
    return fig, lambda i, s: line.set_ydata(wave(s))


@case(TOGGLE)
def sketch_switched_on():
    fig, ax = one_axes()
    (line,) = ax.plot(wave(0))
    bars = ax.bar(range(0, 60, 20), [0.5, -0.5, 0.3], width=9)

    def update(i, on):
        line.set_sketch_params(3 if on else None)
        bars[1].set_sketch_params(2, 20, 5)

    return fig, update


def blurred(image, dpi):
    """Return a smeared picture, and the distance to move it."""
    padded = np.pad(image, ((4, 4), (4, 4), (0, 0)))
    smeared = sum(np.roll(padded, (dy, dx), (0, 1)) for dy in (-2, 0, 2) for dx in (-2, 0, 2)) / 9
    return smeared, -4, -4


@case()
def agg_filter_of_a_line():
    fig, ax = one_axes()
    (line,) = ax.plot(wave(0), lw=4, agg_filter=blurred)
    return fig, lambda i, s: line.set_ydata(wave(s))


@case(LATE)
def agg_filter_late():
    fig, ax = one_axes()
    ax.plot(wave(1))
    text = ax.text(5, 0, "filtered", fontsize=24)
    return fig, lambda i, on: text.set_agg_filter(blurred if on else None)


@case(TOGGLE)
def agg_filter_with_outside_state():
    fig, ax = one_axes()
    state = {"gain": 1.0}
    ax.plot(wave(1), lw=6, agg_filter=lambda image, dpi: (image * state["gain"], 0, 0))
    return fig, lambda i, on: state.update(gain=0.4 if on else 1.0)


@case()
def rasterized_artists():
    fig, ax = one_axes()
    (line,) = ax.plot(wave(0), rasterized=True)
    ax.pcolormesh(np.arange(0, 61, 4), np.linspace(-1, 1, 5), hills(0)[:4, :15], rasterized=True)
    return fig, lambda i, s: line.set_ydata(wave(s))


@case()
def clip_paths_move():
    fig, ax = one_axes()
    (line,) = ax.plot(wave(0), lw=9)
    circle = Circle((0, 0), 10, transform=ax.transData)

    def update(i, s):
        circle.center = (10 * s, 0)
        line.set_clip_path(circle)

    return fig, update


@case()
def clip_path_and_box_set_again():
    fig, ax = one_axes()
    image = ax.imshow(hills(0), extent=(0, 8, 0, 6))
    text = ax.text(1, 3, "clipped text", fontsize=26, clip_on=True)

    def update(i, s):
        star = Path(Path.unit_regular_star(5).vertices * (1 + s / 2) + 3)
        image.set_clip_path(star, ax.transData)
        text.set_clip_box(Bbox.from_bounds(50 + 10 * s, 20, 100, 180))

    return fig, update


@case(TOGGLE)
def clipping_on_and_off():
    fig, ax = one_axes(xlim=(0, 6), ylim=(0, 6))
    points = ax.scatter([0, 3, 6], [0, 6, 3], s=800)
    (line,) = ax.plot([-2, 8], [3, 3], lw=4, color="r")

    def update(i, on):
        points.set_clip_on(not on)
        line.set_clip_on(bool(on))

    return fig, update


@case((None, True, True, False, None, None, False, True))
def snapping():
    fig, ax = one_axes(xlim=(0, 7.3), ylim=(0, 5.1))
    patch = ax.add_patch(Rectangle((1.03, 1.07), 2.21, 2.33, fc="none", ec="k"))
    (line,) = ax.plot([0.51, 6.52], [4.03, 4.03], "k")

    def update(i, snap):
        patch.set_snap(snap)
        line.set_snap(snap)

    return fig, update


@case((0, 1, 1, 0, 2, 2, 3, 0))
def ids_and_urls_that_show_nothing():
    fig, ax = one_axes()
    (line,) = ax.plot(wave(0))
    (other,) = ax.plot(wave(1))

    def update(i, s):
        line.set_gid(f"id{s}")
        line.set_url(f"#{s}")
        line.set_label(f"label {s}")
        line.set_picker(s)
        other.set_color(f"C{s // 2 + 1}")

    return fig, update


@case()
def overlaps_with_alpha_in_many_layers():
    fig, ax = one_axes(xlim=(0, 6), ylim=(0, 6))
    patches = [Rectangle((k / 2, k / 2), 3, 3, alpha=0.4, fc=f"C{k}") for k in range(6)]
    for patch in patches:
        ax.add_patch(patch)
    return fig, lambda i, s: patches[2].set(x=s / 2, alpha=0.2 + s / 8)


@case()
def antialiased_edges_meet():
    fig, ax = one_axes(xlim=(0, 6), ylim=(0, 6))
    left = ax.fill([0, 3.3, 2.1, 0], [0, 0, 6, 6], "b", lw=0)[0]
    ax.fill([3.3, 6, 6, 2.1], [0, 0, 6, 6], "b", lw=0)
    ax.add_patch(Circle((3, 3), 1.5, fc="w", ec="k", lw=0.3, antialiased=True))
    return fig, lambda i, s: left.set_facecolor((0, s / 8, 1))


@case(SCROLL)
def hatched_bars_scroll():
    fig, ax = one_axes()
    bars = ax.bar(range(12), range(12), hatch=["/", "\\", "x", "o"] * 3, fc="w", ec="k")

    def update(i, s):
        ax.set_xlim(s - 0.5, s + 5)
        bars[6].set_hatch_linewidth(1 + s / 2)

    return fig, update


@case(STEPS)
def everything_gets_an_effect():
    fig = blank()
    ax = fig.add_subplot(title="title")
    (line,) = ax.plot(wave(0), label="a")
    ax.legend(loc="upper right")
    for artist in [line, ax.title, *ax.spines.values(), *ax.get_xticklabels()]:
        artist.set_path_effects([effects.withStroke(linewidth=3, foreground="y")])
    return fig, lambda i, s: line.set_ydata(wave(s))
