"""Artists and axes that come and go."""

import numpy as np
from matplotlib.collections import LineCollection
from matplotlib.lines import Line2D
from matplotlib.patches import Circle, Rectangle

from corpus.registry import LATE, SCROLL, STEPS, TOGGLE, blank, case, hills, one_axes, wave
from parallel_animate import Animator


@case()
def axes_cleared_each_frame():
    fig, ax = one_axes()

    def update(i, s):
        ax.clear()
        ax.plot(wave(s))
        ax.set_title(f"frame {s}")

    return fig, update


@case()
def figure_cleared_each_frame():
    fig = blank()

    def update(i, s):
        fig.clear()
        ax = fig.add_subplot()
        ax.plot(wave(s))

    return fig, update


@case((0, 0, 3, 1, 1, 2, 4, 0))
def subplots_of_a_changing_number():
    fig = blank(320, 200)

    def update(i, s):
        fig.clf()
        for k, ax in enumerate(np.ravel(fig.subplots(1, s + 1))):
            ax.bar(range(3), [k, s, 2])

    return fig, update


@case()
def line_removed_and_plotted_again():
    fig, ax = one_axes()
    ax.set(xlim=(0, 60), ylim=(-1, 1))
    lines = []

    def update(i, s):
        while lines:
            lines.pop().remove()
        lines.extend(ax.plot(wave(s), color="C3"))
        return lines

    return fig, update


@case()
class PopsFromTheLinesOfTheAxes(Animator):
    def setup(self):
        self.figure = blank()
        self.axes = self.figure.add_subplot(xlim=(0, 60), ylim=(-1, 1))
        self.axes.grid()
        return self.figure

    def update(self, frame_idx, params):
        while self.axes.lines:
            self.axes.lines[0].remove()
        for k in range(params + 1):
            self.axes.plot(wave(k), lw=1)


@case(SCROLL)
def trail_of_patches():
    fig, ax = one_axes(aspect="equal", xlim=(0, 9), ylim=(-1, 5))

    def update(i, s):
        for patch in ax.patches[:]:
            patch.remove()
        for k in range(s):
            ax.add_patch(Circle((k, k / 2), 0.7, alpha=(k + 1) / 10, fc="m"))

    return fig, update


@case(TOGGLE)
def same_artist_removed_and_added_again():
    fig, ax = one_axes(xlim=(0, 60), ylim=(-1, 1))
    line = Line2D(range(60), wave(0), color="k", lw=4)
    ax.plot(wave(1), lw=4)

    def update(i, on):
        if line in ax.get_children():
            line.remove()
        if on:
            line.axes = line.figure = None
            ax.add_line(line)

    return fig, update


@case(TOGGLE)
def order_of_drawing_by_removal():
    """Two artists have the same zorder; the one added last is above."""
    fig, ax = one_axes(xlim=(0, 4), ylim=(0, 4))
    boxes = [Rectangle((0.5 + k, 0.5 + k), 2, 2, fc=f"C{k}") for k in range(2)]

    def update(i, on):
        for patch in ax.patches[:]:
            patch.remove()
        for box in boxes[:: -1 if on else 1]:
            copy = Rectangle(box.get_xy(), 2, 2, fc=box.get_facecolor())
            ax.add_patch(copy)

    return fig, update


@case()
def bar_race():
    fig, ax = one_axes(320, 200)
    names = np.array(["ant", "bee", "cat", "dog", "eel"])

    def update(i, s):
        ax.clear()
        values = np.random.default_rng(s).uniform(1, 10, 5)
        order = np.argsort(values)
        ax.barh(names[order], values[order], color=[f"C{k}" for k in order])
        for place, k in enumerate(order):
            ax.text(values[k], place, f"{values[k]:.1f}", va="center")
        ax.set_xlim(0, 12)

    return fig, update


@case()
def contours_drawn_again():
    fig, ax = one_axes()
    state = {"contours": ax.contourf(hills(0))}

    def update(i, s):
        state["contours"].remove()
        state["contours"] = ax.contourf(hills(s), levels=4 + s)

    return fig, update


@case(LATE)
def legend_appears_late():
    fig, ax = one_axes()
    ax.plot(wave(0), label="wave")

    def update(i, on):
        if ax.get_legend():
            ax.get_legend().remove()
        if on:
            ax.legend(loc="upper right")

    return fig, update


@case(TOGGLE)
def axes_deleted_and_added():
    fig = blank(320, 200)
    fig.add_axes((0.1, 0.1, 0.5, 0.8)).plot(wave(0))

    def update(i, on):
        for ax in fig.axes[1:]:
            fig.delaxes(ax)
        if on:
            fig.add_axes((0.4, 0.4, 0.5, 0.5)).plot(wave(2), "r")

    return fig, update


@case()
def temporary_artists_forgotten():
    """Artists are made and dropped, so ids of dead objects are used again."""
    fig, ax = one_axes(xlim=(0, 6), ylim=(0, 6))

    def update(i, s):
        for k in range(20):
            Line2D([0, k], [0, k])
        for line in list(ax.lines):
            line.remove()
        ax.add_line(Line2D([0, s], [s, 0], lw=3))

    return fig, update


@case()
def artists_pile_up():
    """Each frame adds a line; only a change back removes them."""
    fig, ax = one_axes(xlim=(0, 60), ylim=(-1, 1))

    def update(i, s):
        for line in ax.lines[s:]:
            line.remove()
        while len(ax.lines) < s:
            ax.plot(wave(len(ax.lines)))

    return fig, update


@case()
def collection_made_anew_each_frame():  # codespell:ignore anew
    fig, ax = one_axes(xlim=(0, 10), ylim=(-1, 1))
    state = [ax.add_collection(LineCollection([]))]

    def update(i, s):
        state.pop().remove()
        segments = [[(k, 0), (k, wave(s)[k])] for k in range(3 + s)]
        state.append(ax.add_collection(LineCollection(segments, colors=f"C{s}")))

    return fig, update


@case((0, 1, 1, 2, 0, 0, 2, 1))
def children_moved_between_axes():
    fig = blank(320, 160)
    axes = fig.subplots(1, 3, sharex=True, sharey=True)
    axes[0].set(xlim=(0, 5), ylim=(0, 5))

    def update(i, s):
        for ax in axes:
            for patch in list(ax.patches):
                patch.remove()
        axes[s].add_patch(Rectangle((1, 1), 2, 3, fc="r"))

    return fig, update


@case()
def removal_of_the_one_below():
    fig, ax = one_axes(xlim=(0, 6), ylim=(0, 6))
    ax.add_patch(Rectangle((2, 2), 3, 3, alpha=0.5, fc="b", zorder=4))

    def update(i, s):
        while ax.texts:
            ax.texts[0].remove()
        if s % 2:
            ax.text(1, 3, "below the box", fontsize=20, zorder=2)

    return fig, update


@case(STEPS)
def error_bars_and_stems_drawn_again():
    fig, ax = one_axes()
    state = {}

    def update(i, s):
        for container in state.values():
            container.remove()
        state["bars"] = ax.errorbar(range(6), wave(s, 6), 0.3, capsize=3, color="r")
        state["stem"] = ax.stem(range(6), wave(-s, 6))
        ax.set_ylim(-2, 2)

    return fig, update
