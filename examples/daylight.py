"""A day in the hills at the Jacksboro fault: light and shadow from sunrise to sunset.

The data is `jacksboro_fault_dem.npz`, which ships with matplotlib: elevations in metres.
"""

from functools import cache
from typing import Any

import numpy as np
from matplotlib import cbook, colormaps
from matplotlib.colors import LightSource
from matplotlib.figure import Figure
from numpy.typing import NDArray

from parallel_animate import Animator


@cache
def elevation() -> NDArray[np.float64]:
    path = cbook.get_sample_data("jacksboro_fault_dem.npz", asfileobj=False)
    return np.asarray(np.load(path)["elevation"], dtype=float)


def sun(hour: Any) -> tuple[Any, Any]:
    """Azimuth and height of the sun in degrees, for one hour or an array of hours."""
    return 15 * hour, 60 * np.sin(np.pi * (hour - 6) / 12)


class Daylight(Animator):
    def setup(self) -> Figure:
        figure = Figure(figsize=(6.4, 6), dpi=100, facecolor="black")
        axes = figure.add_axes((0, 0, 1, 1))
        axes.set_axis_off()
        self.image = axes.imshow(np.zeros((*elevation().shape, 3)), aspect="auto")
        clock = figure.add_axes((0.74, 0.76, 0.22, 0.22), projection="polar")
        clock.set(ylim=(0, 90), xticks=[], yticks=[], theta_zero_location="N", theta_direction=-1)
        clock.patch.set_alpha(0.55)
        azimuth, height = sun(np.linspace(6, 18))
        clock.plot(np.radians(azimuth), 90 - height, color="0.4", linewidth=1)
        (self.sun,) = clock.plot([], [], "o", color="#E69F00", markersize=11)
        self.time = clock.text(0, 62, "", ha="center", va="center", size=9)
        return figure

    def update(self, frame_idx: int, params: float) -> None:
        azimuth, height = sun(params)
        light = LightSource(azimuth, height)
        hills = light.shade(elevation(), colormaps["gist_earth"], blend_mode="soft", vert_exag=0.06)
        self.image.set_data(hills[..., :3] * (0.35 + 0.65 * np.sin(np.radians(height)) ** 0.5))
        self.sun.set_data([np.radians(azimuth)], [90 - height])
        self.time.set_text(f"{int(params):02d}:{int(60 * params) % 60:02d}")


def frames() -> NDArray[np.float64]:
    """For each frame, the time of day in hours."""
    return np.linspace(6.2, 17.8, 120)


if __name__ == "__main__":
    Daylight().make_video("daylight.mp4", frames(), fps=20)
