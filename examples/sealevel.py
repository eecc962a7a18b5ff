"""A coast and its sea floor: which parts would be land if the sea were higher or lower?

The data is `topobathy.npz`, which ships with matplotlib: heights in metres around Vancouver Island.
"""

from functools import cache

import numpy as np
from matplotlib import cbook
from matplotlib.colors import TwoSlopeNorm
from matplotlib.figure import Figure
from numpy.typing import NDArray

from parallel_animate import Animator


@cache
def topography() -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Longitudes and latitudes in degrees, heights in metres."""
    data = np.load(cbook.get_sample_data("topobathy.npz", asfileobj=False))
    return data["longitude"] - 360, data["latitude"], data["topo"].astype(float)


class SeaLevel(Animator):
    def setup(self) -> Figure:
        longitude, latitude, height = topography()
        figure = Figure(figsize=(9, 5), dpi=100)
        self.map = figure.add_axes((0.08, 0.11, 0.53, 0.8))
        scale = figure.add_axes((0.625, 0.11, 0.015, 0.8))
        self.share = figure.add_axes((0.84, 0.11, 0.14, 0.8))
        self.mesh = self.map.pcolormesh(longitude, latitude, height, cmap="BrBG_r")
        self.mesh.set_norm(TwoSlopeNorm(0, -400, 2000))
        self.map.contour(longitude, latitude, height, [0], colors="black", linewidths=0.6)
        self.map.set(xlabel="Longitude (°)", ylabel="Latitude (°)")
        figure.colorbar(self.mesh, scale, label="Height above the sea (m)", extend="both")
        levels = np.linspace(-300, 300, 200)
        self.share.plot([100 * np.mean(height > level) for level in levels], levels, color="0.6")
        (self.point,) = self.share.plot([], [], "o", color="#D55E00")
        self.share.set(xlabel="Land (%)", ylabel="Sea level (m)")
        return figure

    def update(self, frame_idx: int, params: float) -> None:
        above = topography()[2] - params
        self.mesh.set_array(above)
        self.point.set_data([100 * np.mean(above > 0)], [params])
        self.map.set_title(f"Sea level {params:+.0f} m; black: today's coast")


def frames() -> NDArray[np.float64]:
    """For each frame, the level of the sea in metres."""
    return 300 * np.sin(2 * np.pi * np.arange(120) / 120)


if __name__ == "__main__":
    SeaLevel().make_video("sealevel.mp4", frames(), fps=20)
