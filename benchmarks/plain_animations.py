"""Animations as people write them for matplotlib, not for this package.

Each is one function that makes an animation of a number of frames. They ignore the
advice of this package: axes are cleared and plotted again, and an ArtistAnimation holds the artists
of all frames.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.animation import Animation, ArtistAnimation, FuncAnimation


class PlainAnimation(NamedTuple):
    """An animation to time.

    Attributes
    ----------
    title
        Short description for tables.
    make
        Makes the animation of a number of frames.
    n_frames
        The usual number of frames.
    """

    title: str
    make: Callable[[int], Animation]
    n_frames: int


def clear_and_plot(n_frames: int) -> Animation:
    """Clear the axes and plot two lines, a legend and labels again in every frame."""
    figure, axes = plt.subplots()
    x = np.linspace(0, 4 * np.pi, 300)

    def animate(frame: int) -> None:
        axes.clear()
        axes.plot(x, np.sin(x + frame / 20), label="sine")
        axes.plot(x, np.cos(x - frame / 30), "--", label="cosine")
        axes.set(xlim=(0, 4 * np.pi), ylim=(-1.5, 1.5), xlabel="x", ylabel="y")
        axes.set_title(f"frame {frame}")
        axes.legend(loc="upper right")
        axes.grid(True)

    return FuncAnimation(figure, animate, frames=n_frames, interval=40)


def five_panels(n_frames: int) -> Animation:
    """Change a line, bars, an image with a colorbar, a 3-D curve and points, side by side."""
    figure = plt.figure(figsize=(20, 4))
    line_axes, bar_axes, image_axes = (figure.add_subplot(1, 5, place) for place in (1, 2, 3))
    curve_axes: Any = figure.add_subplot(1, 5, 4, projection="3d")
    point_axes = figure.add_subplot(1, 5, 5)
    random = np.random.default_rng(0)
    x = np.linspace(0, 2 * np.pi, 200)
    (line,) = line_axes.plot(x, np.sin(x))
    bars = bar_axes.bar(range(10), np.zeros(10))
    bar_axes.set_ylim(0, 1)
    image = image_axes.imshow(np.zeros((50, 50)), vmin=-2, vmax=2, cmap="viridis")
    figure.colorbar(image, ax=image_axes)
    (curve,) = curve_axes.plot([], [], [])
    curve_axes.set(xlim=(-1, 1), ylim=(-1, 1), zlim=(0, 4 * np.pi))
    places = random.normal(size=(200, 2))
    points = point_axes.scatter(places[:, 0], places[:, 1], s=10)
    point_axes.set(xlim=(-5, 5), ylim=(-5, 5))
    rows, columns = np.mgrid[0:50, 0:50] / 8

    def animate(frame: int) -> None:
        phase = frame / 15
        line.set_ydata(np.sin(x + phase))
        for place, bar in enumerate(bars):
            bar.set_height(0.5 + 0.5 * np.sin(phase + place))
        image.set_data(np.sin(rows + phase) + np.cos(columns))
        height = np.linspace(0, 4 * np.pi, 100) * (frame + 1) / n_frames
        curve.set_data_3d(np.cos(height), np.sin(height), height)
        points.set_offsets(places * (1 + 0.5 * np.sin(phase)))

    return FuncAnimation(figure, animate, frames=n_frames, interval=40)


def images(n_frames: int) -> Animation:
    """Show one image and one text after another: an ArtistAnimation."""
    figure, axes = plt.subplots()
    rows, columns = np.mgrid[0:200, 0:200] / 30
    artists: list[list[Any]] = []
    for frame in range(n_frames):
        field = np.sin(columns + frame / 10) + np.cos(rows)
        image = axes.imshow(field, vmin=-2, vmax=2, animated=True)
        text = axes.text(0.5, 1.01, f"step {frame}", transform=axes.transAxes, ha="center")
        artists.append([image, text])
    figure.colorbar(artists[-1][0])
    return ArtistAnimation(figure, artists, interval=40, blit=True)


def surfaces(n_frames: int) -> Animation:
    """Show one surface after another: an ArtistAnimation in 3-D."""
    figure = plt.figure()
    axes: Any = figure.add_subplot(projection="3d")
    x, y = np.meshgrid(np.linspace(-2, 2, 20), np.linspace(-2, 2, 20))
    artists = [
        [axes.plot_surface(x, y, np.sin(x + frame / 6) * y, cmap="coolwarm", vmin=-2, vmax=2)]
        for frame in range(n_frames)
    ]
    return ArtistAnimation(figure, artists, interval=80, blit=True)


PLAIN_ANIMATIONS = {
    "clear": PlainAnimation("clear and plot", clear_and_plot, 200),
    "clear-long": PlainAnimation("clear and plot, long", clear_and_plot, 600),
    "panels": PlainAnimation("five panels, one of them 3-D", five_panels, 200),
    "images": PlainAnimation("ArtistAnimation of images", images, 300),
    "surfaces": PlainAnimation("ArtistAnimation of surfaces", surfaces, 100),
}
