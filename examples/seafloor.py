"""A flight around a coast and its sea floor, in three dimensions.

The data is `topobathy.npz`, which ships with matplotlib: heights in metres around Vancouver Island.
"""

from functools import cache

import numpy as np
from matplotlib import cbook
from matplotlib.colors import LightSource, LinearSegmentedColormap, TwoSlopeNorm
from matplotlib.figure import Figure
from mpl_toolkits.mplot3d import Axes3D
from numpy.typing import NDArray

from parallel_animate import Animator

EXAGGERATION = 12
DX, DY = 2430.0, 2480.0  # metres between points, eastwards and northwards
COLOURS = LinearSegmentedColormap.from_list(
    "sea_and_land",
    [(0, "navy"), (0.5, "lightblue"), (0.5, "darkgreen"), (0.8, "khaki"), (1, "white")],
)


@cache
def heights() -> NDArray[np.float64]:
    data = np.load(cbook.get_sample_data("topobathy.npz", asfileobj=False))
    return np.asarray(data["topo"], dtype=float)


class SeaFloor(Animator):
    def setup(self) -> Figure:
        figure = Figure(figsize=(8, 5), dpi=100)
        self.axes = Axes3D(figure, (-0.15, -0.25, 1.3, 1.45))
        figure.add_axes(self.axes)
        self.axes.set_axis_off()
        rows, columns = heights().shape
        x, y = np.meshgrid(np.arange(columns) * DX, np.arange(rows) * DY)
        norm = TwoSlopeNorm(0, heights().min(), heights().max())
        # The first row is the southernmost, so rows go upwards.
        spacing = {"vert_exag": EXAGGERATION, "dx": DX, "dy": -DY}
        colours = LightSource(315, 50).shade(heights(), COLOURS, norm, "soft", **spacing)
        style = {"rcount": rows, "ccount": columns, "shade": False, "antialiased": False}
        self.axes.plot_surface(x, y, heights(), facecolors=colours, **style)
        self.axes.set_box_aspect((x.max(), y.max(), EXAGGERATION * np.ptp(heights())), zoom=0.98)
        figure.text(0.03, 0.93, f"Vancouver Island, {EXAGGERATION} times as high", size=14)
        return figure

    def update(self, frame_idx: int, params: float) -> None:
        self.axes.view_init(elev=33 - 8 * np.cos(np.radians(params)), azim=params)


def frames() -> NDArray[np.float64]:
    """For each frame, the azimuth of the camera in degrees."""
    return np.linspace(-90, 270, 72, endpoint=False)


if __name__ == "__main__":
    SeaFloor().make_video("seafloor.mp4", frames(), fps=12)
