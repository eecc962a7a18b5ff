"""A flight around the terrain at the Jacksboro fault, on the border of Tennessee and Kentucky.

The data is `jacksboro_fault_dem.npz`, which ships with matplotlib: elevations in metres on a
grid of 3 arc seconds.  The last frame leads back to the first, so the movie can loop.
"""

from functools import cache

import numpy as np
from matplotlib import cbook
from matplotlib.cm import ScalarMappable
from matplotlib.colors import LightSource, LinearSegmentedColormap, Normalize
from matplotlib.figure import Figure
from mpl_toolkits.mplot3d import Axes3D
from numpy.typing import NDArray

from parallel_animate import Animator

LAND = LinearSegmentedColormap.from_list(
    "land", ["#2F6B4F", "#7FA35C", "#D8C98A", "#B08458", "#F3ECE4"]
)
WEST, EAST, SOUTH, NORTH = 84.414, 84.078, 36.446, 36.733  # degrees
DX, DY = 74.6, 92.5  # metres between grid points, eastwards and northwards


@cache
def elevation() -> NDArray[np.float64]:
    """Metres above sea level; the northernmost row comes first."""
    path = cbook.get_sample_data("jacksboro_fault_dem.npz", asfileobj=False)
    return np.asarray(np.load(path)["elevation"], dtype=float)


def frames() -> list[tuple[float, float]]:
    """For each frame, the elevation and the azimuth of the camera in degrees."""
    turn = np.arange(120) / 120
    elev = 32 - 12 * np.cos(2 * np.pi * turn)
    azim = -60 + 360 * turn
    return list(zip(elev.tolist(), azim.tolist(), strict=True))


class Terrain(Animator):
    def __init__(self, vertical_exaggeration: float = 4.0, stride: int = 3) -> None:
        self.vertical_exaggeration = vertical_exaggeration
        self.stride = stride

    def setup(self) -> Figure:
        figure = Figure(figsize=(19.2, 10.8), dpi=100)
        self.norm = Normalize(elevation().min(), elevation().max())
        self.draw_block(figure)
        self.draw_map(figure)
        figure.text(0.04, 0.92, "Terrain at the Jacksboro fault", size=28, weight="bold")
        scale = f"Tennessee and Kentucky, vertical exaggeration {self.vertical_exaggeration:g}×"
        figure.text(0.04, 0.885, scale, size=16, color="0.35")
        source = "Data: jacksboro_fault_dem.npz, matplotlib"
        figure.text(0.98, 0.025, source, size=11, color="0.5", ha="right")
        return figure

    def shade(self, step: int) -> NDArray[np.float64]:
        """Colours of the sunlit terrain at every `step`-th grid point."""
        height = elevation()[::step, ::step]
        sun = LightSource(azdeg=315, altdeg=40)
        spacing = {"vert_exag": 2, "dx": DX * step, "dy": DY * step}
        return sun.shade(height, LAND, self.norm, blend_mode="soft", **spacing)[..., :3]

    def draw_block(self, figure: Figure) -> None:
        # A rim that drops to sea level closes the sides, so that the block looks solid.
        z = np.pad(elevation()[:: self.stride, :: self.stride], 1)
        rows, columns = z.shape
        x = np.pad(np.arange(columns - 2) * DX * self.stride, 1, mode="edge")
        y = np.pad(np.arange(rows - 2)[::-1] * DY * self.stride, 1, mode="edge")
        rim = ((1, 1), (1, 1), (0, 0))
        colors = np.pad(self.shade(self.stride)[:-1, :-1], rim, constant_values=0.5)
        self.ax = Axes3D(figure, (0.22, 0, 0.83, 0.98))
        figure.add_axes(self.ax)
        self.ax.set_axis_off()
        # Antialiased facets would let the background show through the seams between them.
        style = {"facecolors": colors, "shade": False, "antialiased": False}
        surface = self.ax.plot_surface(*np.meshgrid(x, y), z, rcount=rows, ccount=columns, **style)
        surface.set_clip_on(False)
        self.ax.set(xlim=(0, x.max()), ylim=(0, y.max()), zlim=(0, z.max()))
        height = z.max() * self.vertical_exaggeration
        self.ax.set_box_aspect((x.max(), y.max(), height), zoom=1.17)

    def draw_map(self, figure: Figure) -> None:
        ax = figure.add_axes((0.065, 0.26, 0.19, 0.44))
        ax.imshow(self.shade(1), extent=(WEST, EAST, SOUTH, NORTH), aspect=DY / DX)
        ax.set(xlabel="Longitude (°W)", xticks=(84.4, 84.3, 84.2, 84.1))
        ax.set(ylabel="Latitude (°N)", yticks=(36.5, 36.6, 36.7))
        center = ((WEST + EAST) / 2, (SOUTH + NORTH) / 2)
        self.arrow = ax.quiver(*center, 0, 1, scale=2.2, width=0.035, pivot="mid")
        self.arrow.set(facecolor="white", edgecolor="black", linewidth=1.5)
        self.view = ax.set_title("", size=14, loc="left")
        scale = figure.add_axes((0.065, 0.17, 0.19, 0.018))
        land = ScalarMappable(self.norm, LAND)
        bar = figure.colorbar(land, scale, orientation="horizontal", label="Elevation (m)")
        bar.outline.set_visible(False)
        for axis in (ax.xaxis, ax.yaxis, scale.xaxis):
            axis.label.set_fontsize(13)
            axis.set_tick_params(labelsize=12, color="0.5", labelcolor="0.25")

    def update(self, frame_idx: int, params: tuple[float, float]) -> None:
        elev, azim = params
        self.ax.view_init(elev, azim)
        self.arrow.set_UVC(-np.cos(np.radians(azim)), -np.sin(np.radians(azim)))
        bearing = (-90 - azim) % 360
        self.view.set_text(f"View towards {bearing:.0f}° from {elev:.0f}° above")


if __name__ == "__main__":
    Terrain().make_video("terrain.mp4", frames(), fps=30)
