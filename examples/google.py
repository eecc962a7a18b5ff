"""Google's stock from 2004 to 2008: daily prices in `goog.npz`, which ships with matplotlib."""

from functools import cache

import numpy as np
from matplotlib import cbook
from matplotlib.figure import Figure
from numpy.typing import NDArray

from parallel_animate import Animator

VIEW = 180  # days of trading
AVERAGES = {20: "#D55E00", 90: "#0072B2"}


@cache
def stock() -> NDArray[np.void]:
    path = cbook.get_sample_data("goog.npz", asfileobj=False)
    data: NDArray[np.void] = np.load(path)["price_data"]
    return data


def average(days: int) -> NDArray[np.float64]:
    """Mean of the last `days` closing prices, NaN where there were fewer."""
    mean = np.convolve(stock()["close"], np.full(days, 1 / days), "valid")
    return np.concatenate([np.full(days - 1, np.nan), mean])


class Google(Animator):
    def setup(self) -> Figure:
        figure = Figure(figsize=(8, 5), dpi=100)
        self.price, self.volume = figure.subplots(2, 1, sharex=True, height_ratios=(3, 1))
        figure.subplots_adjust(0.09, 0.1, 0.97, 0.92, hspace=0.08)
        days, data = np.arange(len(stock())), stock()
        self.price.vlines(days, data["low"], data["high"], color="0.75", linewidth=2)
        self.price.plot(days, data["close"], color="black", linewidth=1.2, label="close")
        for n_days, color in AVERAGES.items():
            self.price.plot(days, average(n_days), color=color, label=f"mean of {n_days} days")
        self.price.legend(loc="upper left", frameon=False, ncols=3)
        self.price.set(ylabel="Price ($)")
        self.volume.fill_between(days, data["volume"] / 1e6, step="mid", color="#009E73")
        self.volume.set(ylabel="Volume (M)", ylim=(0, 45), xlabel="Days of trading")
        self.title = figure.suptitle("")
        return figure

    def update(self, frame_idx: int, params: int) -> None:
        seen = stock()[max(0, params - VIEW) : params]
        self.volume.set_xlim(params - VIEW, params)
        self.price.set_ylim(0.95 * seen["low"].min(), 1.12 * seen["high"].max())
        self.title.set_text(f"Google, {seen['date'][-1]}")


def frames() -> range:
    """For each frame, the number of trading days so far."""
    return range(VIEW, len(stock()), 7)


if __name__ == "__main__":
    Google().make_video("google.mp4", frames(), fps=20)
