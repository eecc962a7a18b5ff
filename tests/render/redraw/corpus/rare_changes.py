"""Frames in which little, nothing, or all at once changes; random numbers."""

import itertools
import random

import numpy as np

from corpus.registry import LATE, STEPS, STILL, TOGGLE, blank, case, hills, one_axes, wave


@case()
def random_noise_each_frame():
    fig, ax = one_axes()
    (line,) = ax.plot(wave(0))

    def update(i, s):
        line.set_ydata(wave(s) + 0.1 * np.random.normal(size=60))

    return fig, update


@case(STILL)
def random_without_any_params():
    fig, ax = one_axes()
    points = ax.scatter(range(20), np.random.rand(20))

    def update(i, s):
        points.set_offsets(np.random.rand(20, 2) * [20, 1])
        points.set_facecolor(random.choice(["r", "g", "b"]))

    return fig, update


@case(STILL, static=True)
def nothing_changes():
    fig, ax = one_axes()
    ax.plot(wave(0))
    return fig, lambda i, s: None


@case(STILL, static=True)
def same_values_are_set_again():
    fig, ax = one_axes()
    (line,) = ax.plot(wave(0))

    def update(i, s):
        line.set_ydata(wave(0))
        ax.set_title("the same")
        ax.set_xlim(0, 60)

    return fig, update


@case(LATE)
def something_at_frame_seven_only():
    fig, ax = one_axes()
    ax.plot(wave(0))
    text = ax.text(10, 0, "seven!", fontsize=25, visible=False)
    return fig, lambda i, on: text.set_visible(i == 7)


@case()
def history_kept_by_the_animator():
    fig, ax = one_axes(xlim=(0, 12), ylim=(0, 6))
    history = []
    (line,) = ax.plot([], [], "o-")

    def update(i, s):
        history.append(s)
        line.set_data(range(len(history)), history)

    return fig, update


@case(TOGGLE)
def one_pixel_of_a_picture():
    fig, ax = one_axes()
    picture = hills(0)
    image = ax.imshow(picture)

    def update(i, on):
        changed = picture.copy()
        changed[7, 7] = 5 * on
        image.set_data(changed)

    return fig, update


@case(LATE)
def colour_by_one_level():
    fig, ax = one_axes()
    (line,) = ax.plot(wave(0), lw=5)
    return fig, lambda i, on: line.set_color((0, 0, (200 + on) / 255))


@case((0, 0.01, 0.01, 0.1, 0.3, 0.3, 0.5, 0))
def shift_of_less_than_a_pixel():
    fig, ax = one_axes(xlim=(0, 100), ylim=(0, 100))
    (line,) = ax.plot([10, 90], [10, 80])
    box = ax.bar(20, 50, 30)[0]

    def update(i, shift):
        line.set_xdata([10 + shift, 90 + shift])
        box.set_height(50 + shift)

    return fig, update


@case()
def two_artists_take_turns():
    fig, ax = one_axes()
    lines = [ax.plot(wave(k), lw=5, alpha=0.7)[0] for k in range(2)]
    return fig, lambda i, s: lines[i % 2].set_ydata(wave(s))


@case((0, 0, 0, 0, 5, 0, 0, 0, 0, 5))
def everything_changes_at_once():
    fig, ax = one_axes()
    ax.plot(wave(0))

    def update(i, s):
        ax.clear()
        fig.set_facecolor("w" if s == 0 else "khaki")
        if s:
            ax.imshow(hills(s))
        else:
            ax.plot(wave(0))

    return fig, update


@case(STILL)
def frame_index_alone_decides():
    fig, ax = one_axes()
    (line,) = ax.plot(wave(0))
    return fig, lambda i, s: line.set_ydata(wave(i // 3))


@case(STILL)
def generator_of_the_animator():
    """A generator holds the state; update() takes the next item."""
    fig, ax = one_axes()
    (line,) = ax.plot(wave(0))
    steps = itertools.cycle((0, 1, 1, 4))
    return fig, lambda i, s: line.set_ydata(wave(next(steps)))


@case((0, 1, 0, 2, 0, 3, 0, 4, 0))
def set_and_set_back_within_a_frame():
    fig, ax = one_axes()
    (line,) = ax.plot(wave(0))
    (other,) = ax.plot(wave(1), lw=4)

    def update(i, s):
        line.set_visible(False)
        line.set_visible(True)
        ax.set_ylim(-5, 5)
        ax.set_ylim(-1.5, 1.5)
        other.set_color(f"C{s}")

    return fig, update


@case(STEPS)
def static_figure_with_a_changing_corner():
    fig = blank(380, 260)
    for k, ax in enumerate(fig.subplots(2, 2).flat):
        ax.pcolormesh(hills(k))
    counter = fig.text(0.99, 0.01, "", ha="right", fontsize=7)
    return fig, lambda i, s: counter.set_text(f"{s:04d}")
