"""Random artists that overlap, are transparent, hidden, moved and refer to one another.

These figures test what a list of cases leaves out. The same seed gives the same figure.
"""

import random
from collections.abc import Callable
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import Circle, FancyArrowPatch, Rectangle

from parallel_animate import Animator

Mover = Callable[[int], object]


class RandomFigure(Animator):
    """A figure of some Axes full of artists; some of them change every few frames.

    Parameters
    ----------
    seed : int
        Selects the figure.
    """

    def __init__(self, seed: int) -> None:
        self.seed = seed

    def setup(self) -> Figure:
        self.random = random.Random(self.seed)
        choose = self.random.choice
        figure = Figure(figsize=(4, 3), dpi=choose([50, 72, 100, 133]))
        n_rows, n_columns = choose([(1, 1), (1, 1), (1, 2), (2, 2)])
        self.movers: list[tuple[Mover, int]] = []
        all_axes = figure.subplots(n_rows, n_columns, squeeze=False).ravel()
        if self.random.random() < 0.3:
            figure.subplots_adjust(wspace=-0.2, hspace=-0.2)
        for axes in all_axes:
            self.decorate(axes)
            for _ in range(self.random.randint(1, 7)):
                self.add(figure, axes)
        for spine in all_axes[0].spines.values():
            if self.random.random() < 0.3:
                spine.set(linewidth=choose([3, 8]), alpha=0.5)
        return figure

    def decorate(self, axes: Any) -> None:
        """Give an Axes ticks, titles and a grid that overlap others."""
        choose = self.random.choice
        axes.set(xlim=(0, 10), ylim=(0, 10), axisbelow=choose([True, False, "line"]))
        if self.random.random() < 0.4:
            axes.grid(True, alpha=choose([1, 0.5]), zorder=choose([0.5, 2.5, 5]))
        axes.tick_params(
            direction=choose(["in", "out", "inout"]),
            pad=choose([-15, -4, 0, 4]),
            length=choose([0, 4, 12]),
            width=choose([0.5, 1, 4]),
            top=choose([True, False]),
            labelrotation=choose([0, 0, 30, 90]),
            zorder=choose([1, 3, 9]),
        )
        axes.set_title("Title gy", pad=choose([-20, 2, 6]), alpha=choose([1, 0.5]))
        axes.set_xlabel("an x label", labelpad=choose([-18, 0, 4]))
        if self.random.random() < 0.4:
            axes.set_xticks([0, 3, 7])
            part = choose(["label1", "tick2line", "gridline"])
            self.movers.append((lambda i: show_part(axes, part, i), 1))

    def add(self, figure: Figure, axes: Any) -> None:
        """Add an artist that may move, come and go, and have an annotation."""
        artist, move = self.artist(figure, axes, *self.random.choices(range(-1, 11), k=2))
        every = self.random.choice([1, 1, 2, 3])
        if self.random.random() < 0.45:
            self.movers.append((move, every))
        if self.random.random() < 0.2:
            self.movers.append((lambda i: artist.set_visible(bool(i // 2 % 2)), 1))
        if self.random.random() < 0.2:
            axes.annotate("note", (1, 1), xycoords=artist)

    def artist(self, figure: Figure, axes: Any, x: int, y: int) -> tuple[Any, Mover]:
        """Return an artist of some kind at a place, and a function that moves it."""
        choose = self.random.choice
        style: dict[str, Any] = {
            "alpha": choose([1, 0.5, 0.3]),
            "zorder": choose([0, 1, 2, 3, 5]),
            "clip_on": choose([True, True, True, False]),
        }
        width = choose([0.5, 1, 3, 12])
        kind = choose(
            ["line", "text", "patch", "circle", "image", "points", "arrow", "fill", "table"]
        )
        if kind == "line":
            (line,) = axes.plot([x, y, 5], [y, x, 2], choose(["-", "o--"]), lw=width, **style)
            return line, lambda i: line.set_ydata([y, x + i, 2])
        if kind == "text":
            box = choose([None, {"alpha": 0.5}])
            text = axes.text(x, y, "gyp\ntwo", rotation=choose([0, 20, 90]), bbox=box, **style)
            return text, lambda i: text.set_x(x + 0.2 * i)
        if kind == "patch":
            patch = Rectangle((x, y), 3, 2, lw=width, angle=choose([0, 30]), **style)
            return axes.add_patch(patch), lambda i: patch.set_x(x - 0.3 * i)
        if kind == "circle":
            circle = Circle((x, y), 2, lw=width, ec="g", hatch=choose([None, "/"]), **style)
            return axes.add_patch(circle), lambda i: circle.set_radius(1 + 0.2 * i)
        if kind == "image":
            image = axes.imshow(noise(0), extent=(x, x + 4, y, y + 3), aspect="auto", **style)
            axes.set(xlim=(0, 10), ylim=(0, 10))
            return image, lambda i: image.set_data(noise(i))
        if kind == "points":
            points = axes.scatter([x, y, 3], [y, x, 6], s=choose([10, 400]), **style)
            return points, lambda i: points.set_offsets([[x + 0.1 * i, y], [y, x], [3, 6]])
        if kind == "arrow":
            arrow = FancyArrowPatch((x, y), (y, x), mutation_scale=20, **style)
            return axes.add_patch(arrow), lambda i: arrow.set_positions((x + 0.1 * i, y), (y, x))
        if kind == "fill":
            (fill,) = axes.fill([x, y, 5], [y, x, 1], **style)
            return fill, lambda i: fill.set_xy([[x, y + 0.1 * i], [y, x], [5, 1]])
        table = axes.table([["a", "b"], ["c", "d"]], loc=choose(["center", "top", "bottom"]))
        table.auto_set_column_width([0, 1])
        table[0, 1].set_visible(choose([True, False]))
        return table, lambda i: table[0, 1].get_text().set_text("x" * (1 + i % 3))

    def update(self, frame_idx: int, params: Any) -> None:
        for move, every in self.movers:
            move(frame_idx // every)


def show_part(axes: Any, part: str, step: int) -> None:
    """Change a part of a tick while it is hidden, and then show it."""
    artist = getattr(axes.xaxis.get_major_ticks()[1], part)
    artist.set_visible(step > 3)
    (artist.set_fontsize if part == "label1" else artist.set_linewidth)(1 + 2 * step)


def noise(seed: int) -> Any:
    """Return (5, 5) random numbers."""
    return np.random.default_rng(seed).random((5, 5))
