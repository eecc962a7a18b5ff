"""Rain on the hills: drops run downhill and find the valleys by themselves.

Each step of this simulation needs the one before. A generator makes the steps in one process, and
all processes draw. The data is `jacksboro_fault_dem.npz`, which ships with matplotlib.
"""

from collections.abc import Iterator

import numpy as np
from matplotlib import cbook
from matplotlib.colors import LightSource
from matplotlib.figure import Figure
from numpy.typing import NDArray

from parallel_animate import Animator

N_DROPS, N_STEPS = 6000, 150


def elevation() -> NDArray[np.float64]:
    path = cbook.get_sample_data("jacksboro_fault_dem.npz", asfileobj=False)
    return np.asarray(np.load(path)["elevation"], dtype=float)


def steps() -> Iterator[NDArray[np.float32]]:
    """For each frame, the row and column of every drop."""
    slopes = np.array(np.gradient(elevation()))
    limits = np.array(elevation().shape)[:, np.newaxis] - 1
    generator = np.random.default_rng(7)
    place = generator.uniform(0, limits, (2, N_DROPS))
    speed = np.zeros_like(place)
    for _ in range(N_STEPS):
        yield place.astype(np.float32)
        row, column = place.round().astype(int)
        speed = 0.8 * speed - 0.02 * slopes[:, row, column]
        speed += generator.normal(0, 0.05, place.shape)
        place = np.clip(place + speed, 0, limits)


class Rain(Animator):
    def setup(self) -> Figure:
        heights = elevation()
        hills = LightSource(315, 45).hillshade(heights, vert_exag=0.08)
        figure = Figure(figsize=(6.4, 5.46), dpi=100)
        axes = figure.add_axes((0, 0, 1, 1))
        axes.set_axis_off()
        axes.imshow(0.25 + 0.75 * hills, cmap="gray", vmin=0, vmax=1, aspect="auto")
        axes.imshow(heights, cmap="YlGn_r", alpha=0.35, aspect="auto")
        (self.drops,) = axes.plot([], [], ".", color="#0040B0", markersize=2, alpha=0.7)
        axes.set(xlim=(0, heights.shape[1] - 1), ylim=(heights.shape[0] - 1, 0))
        return figure

    def update(self, frame_idx: int, params: NDArray[np.float32]) -> None:
        self.drops.set_data(params[1], params[0])


if __name__ == "__main__":
    Rain().make_video("rain.mp4", steps(), fps=25, n_frames=N_STEPS)
