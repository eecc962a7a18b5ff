"""Four EEG channels on a scrolling chart, with the power spectrum of the latest two seconds.

The data is `eeg.dat`, which ships with matplotlib: 800 samples of four channels, each scaled to
unit standard deviation (SD).  As in matplotlib's own gallery, we assume that the recording lasts
10 s.  The movie shows it at three quarters of real speed.
"""

from functools import cache

import numpy as np
from matplotlib import cbook
from matplotlib.figure import Figure
from matplotlib.ticker import MultipleLocator
from numpy.typing import NDArray

from parallel_animate import Animator

CHANNELS = {"PG3": "#0072B2", "PG5": "#C2571A", "PG7": "#007F5F", "PG9": "#8A4F9E"}
BANDS = {"δ": (0.5, 4), "θ": (4, 8), "α": (8, 13), "β": (13, 30)}  # Hz
RATE = 80  # samples per second
VIEW = 4 * RATE
WINDOW = 2 * RATE
FREQUENCIES = np.fft.rfftfreq(WINDOW, 1 / RATE)
# Orthonormal sine tapers: their average has half the scatter of a single windowed spectrum.
TAPERS = np.sin(np.pi * np.outer(np.arange(1, 5), np.arange(1, WINDOW + 1)) / (WINDOW + 1))
TAPERS *= np.sqrt(2 / (WINDOW + 1))
HIGHLIGHT = "#FFF4D0"


@cache
def recording() -> NDArray[np.float64]:
    """The samples, one row per channel."""
    path = cbook.get_sample_data("eeg.dat", asfileobj=False)
    return np.fromfile(path).reshape(-1, len(CHANNELS)).T


def power(end: int) -> NDArray[np.float64]:
    """Power spectral density of each channel over the window that ends before sample `end`."""
    spectra = np.fft.rfft(recording()[:, None, end - WINDOW : end] * TAPERS)
    density: NDArray[np.float64] = 2 * np.mean(np.abs(spectra) ** 2, axis=1) / RATE
    return density


def frames() -> list[int]:
    """For each frame, the number of samples recorded so far."""
    return list(range(VIEW + 2, recording().shape[1] + 1, 2))


class Eeg(Animator):
    def setup(self) -> Figure:
        figure = Figure(figsize=(12.8, 7.2), dpi=100)
        axes = figure.subplots(
            4, 2, sharex="col", sharey="col", squeeze=False, width_ratios=(2.4, 1)
        )
        figure.subplots_adjust(0.07, 0.3, 0.98, 0.855, wspace=0.19, hspace=0.16)
        self.charts, self.spectra = axes.T
        self.overview = figure.add_axes((0.07, 0.1, 0.91, 0.08))
        for ax in figure.axes:
            ax.spines[["top", "right"]].set_visible(False)
            ax.tick_params(which="both", labelsize=9, color="0.5", labelcolor="0.25")
        self.draw_time_series()
        self.draw_spectra()
        figure.text(0.07, 0.93, "Four-channel electroencephalogram", size=18, weight="bold")
        figure.text(0.735, 0.93, "Power spectrum, last 2 s (shaded)", size=13)
        figure.text(0.02, 0.5775, "Amplitude (SD)", rotation=90, va="center")
        figure.text(0.685, 0.5775, "Power density (SD²/Hz)", rotation=90, va="center")
        figure.text(0.98, 0.015, "Data: eeg.dat, matplotlib", size=8, color="0.5", ha="right")
        return figure

    def draw_time_series(self) -> None:
        time = np.arange(recording().shape[1]) / RATE
        channels = zip(self.charts, CHANNELS.items(), recording(), strict=True)
        for ax, (name, color), samples in channels:
            ax.plot(time, samples, color=color, linewidth=1.4)
            ax.text(0.01, 1, name, transform=ax.transAxes, va="top", weight="bold", color=color)
        self.charts[0].set(ylim=(-5.6, 5.6), yticks=(-4, 0, 4))
        self.charts[-1].xaxis.set_major_locator(MultipleLocator(0.5))
        self.charts[-1].set_xlabel("Time (s)")
        self.overview.fill_between(time, recording().std(axis=0), color="0.45", linewidth=0)
        self.overview.set(xlim=(0, 10), xlabel="Time (s)", ylim=(0, 3), ylabel="SD")
        self.overview.set_title("Global field power", loc="left", size=9, color="0.25", pad=2)
        charts = (*self.charts, self.overview)
        self.windows = [ax.axvspan(0, WINDOW / RATE, color=HIGHLIGHT, zorder=0) for ax in charts]

    def draw_spectra(self) -> None:
        mean = np.mean([power(end) for end in range(WINDOW, recording().shape[1] + 1, 8)], axis=0)
        self.lines = []
        for ax, color, reference in zip(self.spectra, CHANNELS.values(), mean, strict=True):
            ax.semilogy(FREQUENCIES, reference, color="0.7", linewidth=1.2, label="10 s mean")
            self.lines += ax.plot(FREQUENCIES, reference, color=color, linewidth=1.6)
            for low, high in list(BANDS.values())[::2]:
                ax.axvspan(low, high, color="0.96", zorder=0)
        for name, (low, high) in BANDS.items():
            self.spectra[0].text((low + high) / 2, 10, name, ha="center", color="0.4")
        self.spectra[0].set(xlim=(0, 30), ylim=(2e-4, 5), yticks=(1e-3, 1e-2, 1e-1, 1))
        self.spectra[0].legend(loc="upper right", fontsize=9, frameon=False)
        self.spectra[-1].set_xlabel("Frequency (Hz)")

    def update(self, frame_idx: int, params: int) -> None:
        self.charts[-1].set_xlim((params - VIEW) / RATE, params / RATE)
        for window in self.windows:
            window.set_x((params - WINDOW) / RATE)
        for line, density in zip(self.lines, power(params), strict=True):
            line.set_ydata(density)


if __name__ == "__main__":
    Eeg().make_video("eeg.mp4", frames(), fps=30)
