"""Figures to test drawing less before it is trusted.

Every process tests a small figure, but for workers whose parent has done so. With an unknown
version of matplotlib, it also tests a figure of artists that can be replayed and one of Axes that
are always drawn.
"""

from typing import Any

import numpy as np
from matplotlib.backend_bases import GraphicsContextBase
from matplotlib.cbook import CallbackRegistry, Grouper
from matplotlib.figure import Figure
from matplotlib.patheffects import Normal, Stroke
from matplotlib.projections import get_projection_names
from matplotlib.transforms import Affine2D, Bbox

from parallel_animate.render.redraw.order import all_artists


class SmallFigure:
    """A line, ticks and text. Every process draws it, so it must be quick."""

    # The first is drawn in full, the second finds what changes, the third replays the rest.
    n_frames = 3
    # What the first frames have recorded still shows in it.
    compared = (2,)

    def __init__(self) -> None:
        self.figure = Figure(figsize=(1.5, 1), dpi=72)
        # No formula: parsing the first one takes longer than everything else.
        axes = self.figure.add_subplot(ylabel="y", title="abc", xticks=[1], yticks=[0.5])
        (self._line,) = axes.plot([0, 1, 2], [0, 1, 0], "o-")
        axes.text(1, 0.2, "30°", rotation=30)

    def change(self, frame: int) -> None:
        """Bring the figure into the state of a frame."""
        self._line.set_ydata(np.array([0, 1, frame / 4]))


class FullFigure:
    """Every kind of artist that can be replayed, some at rest and some changing."""

    # The first is drawn in full, the second finds what changes, the others replay.
    n_frames = 5
    # Frames whose pixels are compared; an error in an earlier frame still shows in them.
    compared = (3, 4)

    def __init__(self) -> None:
        self.figure = Figure(figsize=(6, 5), dpi=50)
        self._grid = iter(self.figure.add_gridspec(2, 4))
        self.figure.suptitle("what can be replayed")
        self._add_lines()
        self._add_patches()
        self._add_collections()
        self._add_images()
        self._add_figure_parts()

    def change(self, frame: int) -> None:
        """Bring the figure into the state of a frame."""
        # Something moves in every frame, as in most movies.
        self._line.set_ydata(np.array([1, 2, 3 - frame / 4, 1]))
        if frame == 2:
            self._bar.set_height(frame)
            self._image.set_data(np.arange(12.0).reshape(3, 4) % 5)
        elif frame == 3:
            self._points.set_offsets([[0.2, 0.3], [0.6, 0.5]])
            self._curve.set_color("red")
        elif frame == 4:
            # Each of these changes makes all other artists be drawn, too.
            self._text.set_text("4 of $x^2$")
            self._arrow.set_position((0.4, 0.7))
            self._line.axes.set_ylim(0, 6)

    def _next(self, **options: Any) -> Any:
        # Ticks take most of the time, and a few show as much as many.
        ticks = {"xticks": [0, 1], "yticks": [0, 1]}
        return self.figure.add_subplot(next(self._grid), **ticks, **options)

    def _add_lines(self) -> None:
        axes = self._next(title="lines", xlabel="x", ylabel="y")
        (self._line,) = axes.plot([1, 2, 3, 1], "o--", label="line", zorder=3)
        axes.errorbar([0, 1, 2], [1, 2, 2], yerr=0.5, label="bars")
        axes.axhline(2, color="grey")
        axes.grid(True)
        axes.legend(loc="upper right")
        twin = axes.twinx()
        (self._curve,) = twin.plot([4, 2, 6], color="green", lw=3)

    def _add_patches(self) -> None:
        axes = self._next(facecolor="0.9")
        self._bar = axes.bar([0, 1, 2], [3, 1, 2], hatch="/")[1]
        axes.fill([0, 1, 1.5], [0, 3, 1], alpha=0.4)
        axes.pie([1, 2], radius=0.4, center=(2, 2.5))
        self._text = axes.text(0.5, 2, "0", bbox={"boxstyle": "round"})
        self._arrow = axes.annotate(
            "here", (1, 1), (0.2, 0.7), textcoords="axes fraction", arrowprops={"arrowstyle": "->"}
        )
        stroke = [Stroke(linewidth=3, foreground="white"), Normal()]
        axes.text(1.5, 1, "stroke", path_effects=stroke, rotation=20)

    def _add_collections(self) -> None:
        axes = self._next()
        self._points = axes.scatter([0.2, 0.6], [0.1, 0.5], [20, 90], c=[0.1, 0.9])
        axes.quiver([0.1], [0.5], [1.0], [1.0])
        axes.barbs([0.8], [0.8], [20.0], [10.0])
        axes.fill_between([0, 1], [0.1, 0.3], [0.2, 0.5], alpha=0.5)
        axes.vlines([0.4], 0, 1, linestyles=":")
        x, y = np.meshgrid(np.linspace(-1, 1, 6), np.linspace(-1, 1, 6))
        fields = self._next()
        fields.pcolormesh(x, y, x * y, shading="gouraud")
        fields.contour(x, y, x + y)
        fields = self._next()
        fields.pcolormesh(x, y, x - y)
        fields.contourf(x[:3], y[:3], x[:3], alpha=0.5)
        fields.tripcolor([0, 1, 0.5], [-1, -1, 0], [0, 1, 2], shading="gouraud")

    def _add_images(self) -> None:
        axes = self._next()
        self._image = axes.imshow(np.arange(12.0).reshape(3, 4))
        self.figure.colorbar(self._image, ax=axes)
        axes.plot([0, 3], [2, 0], color="white")

    def _add_figure_parts(self) -> None:
        part = self.figure.add_subfigure(next(self._grid), facecolor="0.8")
        part.add_subplot(title="part").step([0, 1, 2], [0, 1, 0])
        self.figure.figimage(np.zeros((4, 4)), 2, 2)
        self.figure.text(0.01, 0.01, "figure", usetex=False)


class OpaqueFigure:
    """Axes that are drawn in every frame; only text and ticks come from caches."""

    n_frames = 2
    compared = (1,)

    def __init__(self) -> None:
        self.figure = Figure(figsize=(7, 2), dpi=50)
        axes = self.figure.add_subplot(1, 5, 1, xticks=[0, 1], yticks=[0])
        self._inset = axes.inset_axes((0.1, 0.6, 0.3, 0.3), xticks=[], yticks=[0])
        axes.table([["1", "2"]], loc="top")
        logs = self.figure.add_subplot(1, 5, 4, xscale="log", yscale="symlog")
        logs.plot([1, 10, 100], [-5, 0, 50])
        logs.legend(["log"], loc="best")
        dates = self.figure.add_subplot(1, 5, 5)
        dates.plot(np.array(["2024-01-01", "2024-02-01"], "datetime64[D]"), [1, 2])
        dates.tick_params(rotation=30)
        polar = self.figure.add_subplot(1, 5, 2, projection="polar", yticks=[1])
        polar.plot([0, 1, 2], [1, 2, 3])
        if "3d" in get_projection_names():
            ticks: dict[str, Any] = {"xticks": [0], "yticks": [0], "zticks": [0]}
            solid: Any = self.figure.add_subplot(1, 5, 3, projection="3d", **ticks)
            solid.plot([0, 1], [0, 1], [0, 1])
            solid.scatter([0.5], [0.5], [0.2])

    def change(self, frame: int) -> None:
        """Bring the figure into the state of a frame."""
        self._inset.set_title(f"{frame}")


def objects_of(figure: Any, renderer: Any) -> list[Any]:
    """Return an object of each class in a drawn figure, to look up private names in them."""
    artists = {type(artist): artist for artist in all_artists(figure)}
    grouper: Any = Grouper()
    others = [CallbackRegistry(), Affine2D(), Bbox.unit(), GraphicsContextBase()]
    return [*artists.values(), *others, grouper, renderer]
