"""Waves from two stones in a pond. Turn it into your own animation."""

import numpy as np
from matplotlib.figure import Figure

from parallel_animate import Animator

X, Y = np.meshgrid(np.linspace(-6, 6, 240), np.linspace(-4, 4, 160))
PROBE = (60, 150)  # row and column of the cork
TIMES = np.linspace(0, 12, 240)


def height(time: float, wavelength: float) -> np.ndarray:
    """Height of the water in cm, (160, 240), at a time in seconds after the stones fell."""
    total = np.zeros_like(X)
    for x in (-2.5, 2.5):
        distance = np.hypot(X - x, Y)
        wave = np.sin(2 * np.pi * (distance - time) / wavelength) * np.exp(-distance / 4)
        total += np.where(distance < time, wave, 0)
    return total


class Pond(Animator):
    """The water from above, and the height of a cork that floats on it."""

    def __init__(self, wavelength: float = 1.5) -> None:
        self.wavelength = wavelength

    def setup(self) -> Figure:
        """Build the figure; called once for each chunk of frames."""
        figure = Figure(figsize=(9.6, 5.4), dpi=100)
        water, trace = figure.subplots(1, 2, width_ratios=[3, 2])
        figure.subplots_adjust(0.07, 0.12, 0.97, 0.9, wspace=0.25)
        self.image = water.imshow(
            np.zeros_like(X), cmap="RdBu_r", vmin=-1.5, vmax=1.5, extent=(-6, 6, -4, 4)
        )
        water.plot(X[PROBE], Y[PROBE], "ko")
        water.set(xlabel="x (m)", ylabel="y (m)")
        self.title = water.set_title("")
        self.cork = [height(time, self.wavelength)[PROBE] for time in TIMES]
        trace.plot(TIMES, self.cork, color="0.85")
        (self.line,) = trace.plot([], [], color="C3")
        trace.set(xlabel="time (s)", ylabel="height of the cork (cm)")
        return figure

    def update(self, frame_idx: int, params: float) -> None:
        """Set everything that changes; several processes draw the frames, in any order."""
        self.image.set_data(height(params, self.wavelength))
        self.title.set_text(f"{params:.2f} s")
        self.line.set_data(TIMES[: frame_idx + 1], self.cork[: frame_idx + 1])


def frames() -> np.ndarray:
    """Return the params of each frame for update(): a time in seconds."""
    return TIMES
