"""How sure is a mean? Resamples of daily returns, from `msft.csv`, which ships with matplotlib."""

from functools import cache

import numpy as np
from matplotlib import cbook
from matplotlib.figure import Figure
from numpy.typing import NDArray

from parallel_animate import Animator

N_RESAMPLES = 4000
BINS = np.linspace(-0.6, 1.0, 65)  # %


@cache
def data() -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Daily returns in percent, and samples drawn from them with replacement, one per row."""
    path = cbook.get_sample_data("msft.csv", asfileobj=False)
    close = np.genfromtxt(path, delimiter=",", skip_header=1, usecols=[4])[::-1]
    returns = 100 * np.diff(close) / close[:-1]
    return returns, np.random.default_rng(2003).choice(returns, (N_RESAMPLES, len(returns)))


class Bootstrap(Animator):
    def setup(self) -> Figure:
        returns, _ = data()
        figure = Figure(figsize=(8, 5), dpi=100)
        self.sample, self.means = figure.subplots(2, 1, height_ratios=(1, 3))
        figure.subplots_adjust(0.09, 0.11, 0.97, 0.93, hspace=0.6)
        self.sample.eventplot(returns, colors="0.6")
        (self.drawn,) = self.sample.eventplot([0], colors="#D55E00")
        self.sample.set(yticks=[], xlabel="Daily return (%)", title="One resample (orange)")
        self.bars = self.means.stairs(np.zeros(len(BINS) - 1), BINS, fill=True, color="#0072B2")
        self.means.axvline(returns.mean(), color="black", linewidth=1)
        self.interval = self.means.axvspan(0, 0, color="#E69F00", alpha=0.3)
        self.means.set(xlim=BINS[[0, -1]], xlabel="Mean daily return (%)", ylabel="Resamples")
        return figure

    def update(self, frame_idx: int, params: int) -> None:
        samples = data()[1][:params]
        self.drawn.set_positions(samples[-1])
        means = samples.mean(axis=1)
        counts, _ = np.histogram(means, BINS)
        self.bars.set_data(counts)
        self.means.set_ylim(0, 1.15 * max(counts.max(), 4))
        low, high = np.percentile(means, [2.5, 97.5])
        self.interval.set(x=low, width=high - low)
        self.means.set_title(f"Means of {params} resamples, 95 %: {low:.2f} to {high:.2f}")


def frames() -> NDArray[np.int64]:
    """For each frame, the number of resamples so far: slow at first, then faster."""
    return np.unique(np.geomspace(1, N_RESAMPLES, 180).astype(int))


if __name__ == "__main__":
    Bootstrap().make_video("bootstrap.mp4", frames(), fps=20)
