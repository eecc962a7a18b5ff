"""Seven more animations to time, of kinds that `workloads` leaves out.

They follow the same rules: matplotlib alone, ``setup`` and ``update``.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import PathCollection
from matplotlib.container import BarContainer
from matplotlib.figure import Figure
from matplotlib.image import AxesImage
from matplotlib.lines import Line2D
from matplotlib.text import Text
from numpy.typing import NDArray
from workloads import DPI, WORKLOADS, Floats, Workload

SIZE = (6.4, 4.8)
N_BARS = 10
N_POINTS = 10_000


class MovingTitleScene:
    """Only text changes: the titles of an axes and of its figure, 640x480."""

    axes_title: Text
    figure_title: Text

    def setup(self) -> Figure:
        """Make the figure with a line that stays."""
        figure, axes = plt.subplots(figsize=SIZE, dpi=DPI)
        x = np.linspace(0, 10, 500)
        axes.plot(x, np.exp(-x / 5) * np.cos(3 * x))
        axes.set(xlabel="time", ylabel="value")
        axes.grid(True)
        self.axes_title = axes.set_title("sample 0")
        self.figure_title = figure.suptitle("t = 0.00 s")
        return figure

    def update(self, frame_idx: int, params: float) -> None:
        """Show the time ``params`` in seconds."""
        self.axes_title.set_text(f"sample {frame_idx}")
        self.figure_title.set_text(f"t = {params:.2f} s")


def seconds_params(n_frames: int) -> list[float]:
    """Return the time in seconds for each frame."""
    return [frame / 30 for frame in range(n_frames)]


class BarRaceScene:
    """Ten horizontal bars that grow and overtake each other, each with its value, 640x480."""

    bars: BarContainer
    values: list[Text]

    def setup(self) -> Figure:
        """Make the figure with bars of length zero and fixed limits."""
        figure, axes = plt.subplots(figsize=SIZE, dpi=DPI)
        places = range(N_BARS)
        self.bars = axes.barh(places, np.zeros(N_BARS), color=plt.colormaps["tab10"](places))
        self.values = [axes.text(0, place, "0", va="center") for place in places]
        axes.set(title="Sales", xlabel="units", xlim=(0, 120), ylim=(N_BARS - 0.4, -0.6))
        axes.set_yticks(places, [f"place {place + 1}" for place in places])
        return figure

    def update(self, frame_idx: int, params: Floats) -> None:
        """Give the bars the lengths ``params``, longest first."""
        order = np.argsort(-params)
        for place, who in enumerate(order):
            bar, value = self.bars[int(who)], self.values[int(who)]
            bar.set(width=params[who], y=place - 0.4)
            value.set(x=params[who] + 1, y=place, text=f"{params[who]:.0f}")


def bar_race_params(n_frames: int) -> list[Floats]:
    """Return the lengths of the bars for each frame, below 100."""
    phase = np.arange(N_BARS)
    return [50 + 40 * np.sin(frame / 40 + phase**1.5) + phase for frame in range(n_frames)]


class AutoscalingScene:
    """A line that grows, with limits and ticks that grow with it, 640x480."""

    axes: Axes
    line: Line2D

    def setup(self) -> Figure:
        """Make the figure with an empty line."""
        figure, self.axes = plt.subplots(figsize=SIZE, dpi=DPI)
        (self.line,) = self.axes.plot([], [])
        self.axes.set(title="Random walk", xlabel="step", ylabel="position")
        self.axes.grid(True)
        return figure

    def update(self, frame_idx: int, params: Floats) -> None:
        """Show the values ``params`` and fit the limits to them."""
        self.line.set_data(np.arange(len(params)), params)
        self.axes.relim()
        self.axes.autoscale_view()


def growing_params(n_frames: int) -> list[Floats]:
    """Return the values so far for each frame, five more in each."""
    walk = np.cumsum(np.random.default_rng(1).normal(size=5 * n_frames))
    return [walk[: 5 * (frame + 1)] for frame in range(n_frames)]


class SurfaceScene:
    """A surface in three dimensions whose view turns, 640x480: everything changes."""

    axes: Any

    def setup(self) -> Figure:
        """Make the figure with the surface."""
        figure = plt.figure(figsize=SIZE, dpi=DPI)
        self.axes = figure.add_subplot(projection="3d")
        x, y = np.meshgrid(np.linspace(-3, 3, 40), np.linspace(-3, 3, 40))
        self.axes.plot_surface(x, y, np.sin(x) * np.cos(y), cmap="viridis")
        self.axes.set(xlabel="x", ylabel="y", zlabel="z", title="sin x cos y")
        return figure

    def update(self, frame_idx: int, params: float) -> None:
        """Set the azimuth of the view to ``params`` degrees."""
        self.axes.view_init(elev=30, azim=params)


def azimuth_params(n_frames: int) -> list[float]:
    """Return the azimuth in degrees for each frame."""
    return [float(3 * frame % 360) for frame in range(n_frames)]


class VideoFrame(NamedTuple):
    """A picture, (240, 320) uint8 grey values, and the place of the spot in it."""

    picture: NDArray[np.uint8]
    place: tuple[float, float]


class VideoScene:
    """Frames of a video with a tracked point, 640x480."""

    image: AxesImage
    marker: Line2D

    def setup(self) -> Figure:
        """Make the figure with a black picture."""
        figure, axes = plt.subplots(figsize=SIZE, dpi=DPI)
        self.image = axes.imshow(np.zeros((240, 320), np.uint8), vmin=0, vmax=255, cmap="gray")
        (self.marker,) = axes.plot([0], [0], "o", color="red", markersize=8)
        axes.set(title="Tracking", xlabel="x in pixels", ylabel="y in pixels")
        return figure

    def update(self, frame_idx: int, params: VideoFrame) -> None:
        """Show the picture and the point of ``params``."""
        self.image.set_data(params.picture)
        self.marker.set_data([params.place[0]], [params.place[1]])


def video_params(n_frames: int) -> list[VideoFrame]:
    """Return a circling bright spot for each frame."""
    y, x = np.mgrid[0:240, 0:320]
    frames = []
    for frame in range(n_frames):
        place = (160 + 90 * np.cos(frame / 25), 120 + 60 * np.sin(frame / 25))
        distance = (x - place[0]) ** 2 + (y - place[1]) ** 2
        picture = 25 + 205 * np.exp(-distance / 400)
        frames.append(VideoFrame(picture.astype(np.uint8), place))
    return frames


class ScatterScene:
    """A cloud of 10,000 points that all move, 640x480."""

    points: PathCollection

    def setup(self) -> Figure:
        """Make the figure with all points in the middle."""
        figure, axes = plt.subplots(figsize=SIZE, dpi=DPI)
        place = np.zeros(N_POINTS)
        self.points = axes.scatter(place, place, c=np.arange(N_POINTS), s=4, alpha=0.6)
        axes.set(title="10,000 points", xlabel="x", ylabel="y", xlim=(-4, 4), ylim=(-4, 4))
        return figure

    def update(self, frame_idx: int, params: Floats) -> None:
        """Move the points to the places ``params``, (points, 2)."""
        self.points.set_offsets(params)


def scatter_params(n_frames: int) -> list[Floats]:
    """Return, for each frame, a cloud that turns around its middle."""
    cloud = np.random.default_rng(1).normal(size=(N_POINTS, 2))
    angles = (frame / 30 for frame in range(n_frames))
    turns = ([[np.cos(a), -np.sin(a)], [np.sin(a), np.cos(a)]] for a in angles)
    return [cloud @ np.array(turn) for turn in turns]


class SixteenPanelScene:
    """Sixteen axes with a line each; only one line moves, 1200x1000."""

    moving: Line2D
    x: Floats

    def setup(self) -> Figure:
        """Make the figure with all lines at time zero."""
        figure, grid = plt.subplots(4, 4, figsize=(12, 10), dpi=DPI)
        self.x = np.linspace(0, 10, 300)
        for panel, axes in enumerate(grid.flat):
            (line,) = axes.plot(self.x, np.sin(self.x * (panel + 1) / 4))
            axes.set(title=f"Channel {panel + 1}", ylim=(-1.2, 1.2))
            if panel == 5:
                self.moving = line
        figure.subplots_adjust(hspace=0.5)
        return figure

    def update(self, frame_idx: int, params: float) -> None:
        """Move one line to the time ``params``."""
        self.moving.set_ydata(np.sin(1.5 * self.x - 3 * params))


MORE_WORKLOADS = {
    "title": Workload("moving title, 640x480", MovingTitleScene, seconds_params, 300),
    "bars": Workload("bar race, 640x480", BarRaceScene, bar_race_params, 300),
    "growing": Workload("autoscaling line, 640x480", AutoscalingScene, growing_params, 300),
    "surface": Workload("rotating surface, 640x480", SurfaceScene, azimuth_params, 300),
    "video": Workload("video frame and marker, 640x480", VideoScene, video_params, 300),
    "scatter": Workload("10,000 points, 640x480", ScatterScene, scatter_params, 300),
    "sixteen": Workload("one of 16 panels, 1200x1000", SixteenPanelScene, seconds_params, 300),
}
ALL_WORKLOADS = WORKLOADS | MORE_WORKLOADS
