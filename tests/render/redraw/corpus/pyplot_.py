"""Figures made and changed through pyplot, as in a script."""

import matplotlib.pyplot as plt
import numpy as np

from corpus.registry import SCROLL, STEPS, TOGGLE, case, hills, wave
from parallel_animate import Animator


@case()
def current_axes_of_pyplot():
    fig = plt.figure(figsize=(3, 2.2))

    def update(i, s):
        plt.figure(fig.number)
        plt.cla()
        plt.plot(wave(s))
        plt.title(f"pyplot {s}")
        plt.grid(True)
        plt.draw()

    return fig, update


@case()
class PyplotSubplots(Animator):
    def setup(self):
        self.fig, self.ax = plt.subplots(figsize=(3, 2))
        (self.line,) = self.ax.plot([], [])
        plt.setp(self.ax, xlim=(0, 60), ylim=(-1, 1))
        return self.fig

    def update(self, frame_idx, params):
        self.line.set_data(range(60), wave(params))
        plt.setp(self.line, color=f"C{params}")
        return (self.line,)


@case()
def figure_by_number_and_clf():
    fig = plt.figure("movie", figsize=(3, 2))

    def update(i, s):
        plt.figure("movie")
        plt.clf()
        plt.subplot(121)
        plt.plot(wave(s))
        plt.subplot(122)
        plt.imshow(hills(s))
        plt.suptitle(f"{s}")

    return fig, update


@case(TOGGLE)
def colour_bar_by_pyplot():
    fig = plt.figure(figsize=(3, 2.2))
    image = plt.imshow(hills(0))
    plt.colorbar(label="height")
    plt.clim(-1, 1)

    def update(i, on):
        image.set_data(hills(on))
        plt.clim(-1, 0.5 if on else 1)

    return fig, update


@case()
def tight_layout_by_pyplot_called_each_frame():
    fig, axes = plt.subplots(2, 1, figsize=(3, 2.6))

    def update(i, s):
        axes[0].set_title("title\n" * (s % 3) + "end")
        axes[1].set_ylabel("label" if s > 2 else "")
        plt.tight_layout()

    return fig, update


@case(SCROLL)
def axis_of_pyplot():
    fig = plt.figure(figsize=(3, 2))
    plt.plot(wave(0))

    def update(i, s):
        plt.axis((0, 10 + 6 * s, -1, 1))
        plt.xticks(np.arange(0, 10 + 6 * s, 5), rotation=90)

    return fig, update


@case()
def another_figure_is_drawn_meanwhile():
    """update() makes a second figure, takes its pixels, and closes it."""
    fig, ax = plt.subplots(figsize=(3, 2))
    image = ax.imshow(np.zeros((10, 10, 4), np.uint8))

    def update(i, s):
        other = plt.figure(figsize=(1, 1), dpi=40)
        other.add_subplot().plot(wave(s))
        other.canvas.draw()
        image.set_data(np.array(other.canvas.buffer_rgba()))
        plt.close(other)

    return fig, update


@case()
def minimal_script():
    fig = plt.figure(figsize=(2.5, 1.8))
    (line,) = plt.plot(wave(0), "r-", label="wave")
    plt.xlabel("x")
    plt.legend(loc="upper right")

    def update(i, s):
        line.set_ydata(wave(s))
        plt.title(f"t={s}")
        return (line,)

    return fig, update


@case(STEPS)
def figure_with_two_axes_by_gca():
    fig = plt.figure(figsize=(3, 2))

    def update(i, s):
        plt.figure(fig.number)
        if fig.axes:
            fig.delaxes(fig.axes[0])
        ax = plt.gca()
        ax.bar(range(4), [1, 2, 3, s])

    return fig, update
