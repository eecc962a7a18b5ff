"""The animations that are timed, written with matplotlib alone.

Every tool draws the same scenes from the same frame parameters. So a scene has only two methods,
which all tools can call: ``setup`` makes the figure, ``update`` changes it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import PathCollection
from matplotlib.container import BarContainer
from matplotlib.figure import Figure
from matplotlib.image import AxesImage
from matplotlib.lines import Line2D
from matplotlib.quiver import Quiver
from matplotlib.text import Text
from numpy.typing import NDArray

# At 100 dots per inch, a figure's size in inches is its size in pixels over 100.
DPI = 100

Floats = NDArray[np.float64]


class Scene(Protocol):
    """The base class of what a workload draws."""

    def setup(self) -> Figure:
        """Make the figure and everything on it."""

    def update(self, frame_idx: int, params: Any) -> None:
        """Change the figure to show one frame."""


class WaveScene:
    """One line moving in one axes, 640x480: drawing is cheap, so overheads show."""

    line: Line2D
    x: Floats

    def setup(self) -> Figure:
        """Make the figure with the line at phase zero."""
        figure, axes = plt.subplots(figsize=(6.4, 4.8), dpi=DPI)
        self.x = np.linspace(0, 4 * np.pi, 500)
        (self.line,) = axes.plot(self.x, np.sin(self.x))
        axes.set(xlabel="x", ylabel="amplitude", title="Travelling wave", ylim=(-1.2, 1.2))
        axes.grid(True)
        return figure

    def update(self, frame_idx: int, params: float) -> None:
        """Move the line to the phase ``params``."""
        self.line.set_ydata(np.sin(self.x + params))


def wave_params(n_frames: int) -> list[float]:
    """Return the phase of the wave for each frame."""
    return [2 * np.pi * frame / 60 for frame in range(n_frames)]


class FivePanelScene:
    """Five axes side by side with three lines each and a running title, 2000x400."""

    lines: list[list[Line2D]]
    title: Text
    x: Floats

    def setup(self) -> Figure:
        """Make the figure with all lines at time zero."""
        figure, all_axes = plt.subplots(1, 5, figsize=(20, 4), dpi=DPI)
        self.x = np.linspace(0, 10, 300)
        self.title = figure.suptitle("t = 0.00 s")
        self.lines = []
        for panel, axes in enumerate(all_axes):
            self.lines.append(
                [axes.plot(self.x, np.zeros_like(self.x), label=f"k={k}")[0] for k in (1, 2, 3)]
            )
            axes.set(xlabel="x", title=f"Mode {panel + 1}", xlim=(0, 10), ylim=(-1.2, 1.2))
            axes.legend(loc="upper right")
        figure.subplots_adjust(left=0.04, right=0.98, bottom=0.14, top=0.84)
        return figure

    def update(self, frame_idx: int, params: float) -> None:
        """Move all lines and the title to the time ``params``."""
        self.title.set_text(f"t = {params:.2f} s")
        for panel, lines in enumerate(self.lines):
            for k, line in enumerate(lines, start=1):
                line.set_ydata(np.sin(k * self.x / (panel + 1) - 3 * params) / k)


def five_panel_params(n_frames: int) -> list[float]:
    """Return the time in seconds for each frame."""
    return [frame / 30 for frame in range(n_frames)]


class PanelData(NamedTuple):
    """The data of one frame of `FourteenPanelScene`, about 130 KB of arrays."""

    time: float
    curves: Floats
    points: Floats
    images: Floats
    bars: Floats
    vectors: Floats


class FourteenPanelScene:
    """Fourteen axes of five kinds and a running title, 2400x1800: drawing is expensive."""

    title: Text
    lines: list[Line2D]
    scatters: list[PathCollection]
    images: list[AxesImage]
    bars: list[BarContainer]
    quiver: Quiver

    def setup(self) -> Figure:
        """Make the figure with placeholder data of the right shapes."""
        figure = plt.figure(figsize=(24, 18), dpi=DPI)
        grid = figure.add_gridspec(4, 4, hspace=0.35, wspace=0.25)
        axes = [figure.add_subplot(grid[panel // 4, panel % 4]) for panel in range(14)]
        self.title = figure.suptitle("t = 0.00 s", fontsize=20)
        self.lines = [_add_line(ax, f"Signal {i + 1}") for i, ax in enumerate(axes[:5])]
        self.scatters = [_add_scatter(ax, f"Swarm {i + 1}") for i, ax in enumerate(axes[5:8])]
        self.images = [_add_image(ax, f"Field {i + 1}") for i, ax in enumerate(axes[8:11])]
        self.bars = [_add_bars(ax, f"Counts {i + 1}") for i, ax in enumerate(axes[11:13])]
        self.quiver = _add_quiver(axes[13], "Flow")
        return figure

    def update(self, frame_idx: int, params: PanelData) -> None:
        """Show the data ``params`` in all panels."""
        self.title.set_text(f"t = {params.time:.2f} s")
        for line, curve in zip(self.lines, params.curves, strict=True):
            line.set_ydata(curve)
        for scatter, points in zip(self.scatters, params.points, strict=True):
            scatter.set_offsets(points)
        for image, pixels in zip(self.images, params.images, strict=True):
            image.set_data(pixels)
        for container, heights in zip(self.bars, params.bars, strict=True):
            for bar, height in zip(container, heights, strict=True):
                bar.set_height(height)
        self.quiver.set_UVC(*params.vectors)


def _add_line(axes: Axes, title: str) -> Line2D:
    x = np.linspace(0, 10, 400)
    (line,) = axes.plot(x, np.zeros_like(x), label="signal")
    axes.set(title=title, xlabel="time", ylabel="value", xlim=(0, 10), ylim=(-1.5, 1.5))
    axes.grid(True)
    axes.legend(loc="upper right")
    return line


def _add_scatter(axes: Axes, title: str) -> PathCollection:
    scatter = axes.scatter(np.zeros(200), np.zeros(200), c=np.arange(200), s=20, alpha=0.7)
    axes.set(title=title, xlabel="x", ylabel="y", xlim=(-2, 2), ylim=(-2, 2))
    return scatter


def _add_image(axes: Axes, title: str) -> AxesImage:
    axes.set_title(title)
    return axes.imshow(np.zeros((64, 64)), vmin=-1, vmax=1, cmap="viridis")


def _add_bars(axes: Axes, title: str) -> BarContainer:
    axes.set(title=title, xlabel="bin", ylabel="count", ylim=(0, 1))
    return axes.bar(np.arange(12), np.zeros(12))


def _add_quiver(axes: Axes, title: str) -> Quiver:
    x, y = np.meshgrid(np.arange(12), np.arange(12))
    axes.set_title(title)
    return axes.quiver(x, y, np.ones((12, 12)), np.ones((12, 12)), scale=25)


def _panel_data(frame: int) -> PanelData:
    time = frame / 30
    x = np.linspace(0, 10, 400)
    angle = np.linspace(0, 2 * np.pi, 200)
    row, column = np.mgrid[0:64, 0:64] / 10
    bins = np.arange(12)
    turn = np.add.outer(np.arange(12), np.arange(12)) / 4 + time
    return PanelData(
        time=time,
        curves=np.array([np.sin((k + 1) * x / 2 - 4 * time) for k in range(5)]),
        points=np.array(
            [
                np.column_stack([np.cos(k * angle + time), np.sin((k + 1) * angle - time)])
                for k in range(1, 4)
            ]
        ),
        images=np.array([np.sin(row * k + time) * np.cos(column + time) for k in range(1, 4)]),
        bars=np.array([(1 + np.sin(bins * k / 2 + 2 * time)) / 2 for k in (1, 2)]),
        vectors=np.array([np.cos(turn), np.sin(turn)]),
    )


def fourteen_panel_params(n_frames: int) -> list[PanelData]:
    """Return the data for each frame."""
    return [_panel_data(frame) for frame in range(n_frames)]


@dataclass(frozen=True)
class Workload:
    """A scene with the parameters of its frames.

    Attributes
    ----------
    title
        Its title in the report.
    scene
        A function that makes a new scene.
    params
        A function that makes the parameters of a number of frames.
    n_frames
        The default number of frames to render.
    """

    title: str
    scene: Callable[[], Scene]
    params: Callable[[int], Sequence[Any]]
    n_frames: int


WORKLOADS = {
    "wave": Workload("one line, 640x480", WaveScene, wave_params, 1000),
    "five": Workload("five panels, 2000x400", FivePanelScene, five_panel_params, 300),
    "14": Workload("14 panels, 2400x1800", FourteenPanelScene, fourteen_panel_params, 100),
}
