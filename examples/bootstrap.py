"""How sure is a mean? Its bootstrap distribution builds up, one resample after another.

The data is `msft.csv`, which ships with matplotlib: daily prices of Microsoft in 2003.
"""

from functools import cache

import numpy as np
from matplotlib import cbook
from matplotlib.figure import Figure
from numpy.typing import NDArray

from parallel_animate import Animator

N_RESAMPLES = 4000
BINS = np.linspace(-0.6, 1.0, 65)  # %


@cache
def returns() -> NDArray[np.float64]:
    """Daily returns in percent, oldest first."""
    path = cbook.get_sample_data("msft.csv", asfileobj=False)
    close: NDArray[np.float64] = np.genfromtxt(path, delimiter=",", skip_header=1, usecols=[4])[
        ::-1
    ]
    return np.asarray(100 * np.diff(close) / close[:-1])


@cache
def resampled() -> NDArray[np.float64]:
    """Samples drawn from the returns with replacement, one per row."""
    generator = np.random.default_rng(2003)
    return generator.choice(returns(), (N_RESAMPLES, len(returns())))


class Bootstrap(Animator):
    def setup(self) -> Figure:
        figure = Figure(figsize=(8, 5), dpi=100)
        self.sample, self.means = figure.subplots(2, 1, height_ratios=(1, 2))
        figure.subplots_adjust(0.09, 0.11, 0.97, 0.93, hspace=0.42)
        self.sample.plot(returns(), np.zeros_like(returns()), "|", color="0.6", markersize=30)
        (self.drawn,) = self.sample.plot([], [], "|", color="#D55E00", markersize=30)
        self.sample.set(yticks=[], xlabel="Daily return (%)", title="One resample (orange)")
        self.bars = self.means.stairs(np.zeros(len(BINS) - 1), BINS, fill=True, color="#0072B2")
        self.means.axvline(returns().mean(), color="black", linewidth=1)
        self.interval = self.means.axvspan(0, 0, color="#E69F00", alpha=0.3)
        self.means.set(xlim=BINS[[0, -1]], xlabel="Mean daily return (%)", ylabel="Resamples")
        return figure

    def update(self, frame_idx: int, params: int) -> None:
        means = resampled()[:params].mean(axis=1)
        counts = np.histogram(means, BINS)[0]
        low, high = np.percentile(means, [2.5, 97.5])
        self.drawn.set_data(resampled()[params - 1], np.zeros(len(returns())))
        self.bars.set_data(counts)
        self.interval.set(x=low, width=high - low)
        self.means.set_ylim(0, 1.15 * max(counts.max(), 4))
        self.means.set_title(f"Means of {params} resamples, 95 %: {low:.2f} to {high:.2f}")


def frames() -> NDArray[np.int64]:
    """For each frame, the number of resamples so far: slow at first, then faster."""
    return np.unique(np.geomspace(1, N_RESAMPLES, 180).astype(int))


if __name__ == "__main__":
    Bootstrap().make_video("bootstrap.mp4", frames(), fps=20)
