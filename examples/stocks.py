"""Five technology stocks and the S&P 500, month by month from 1990 to 2022.

The value of each and its loss since the last peak grow along one time axis; beside them are the
correlations over the last three years and the distribution of the returns so far.  The data is
`Stocks.csv`, which ships with matplotlib: monthly prices from Yahoo Finance, adjusted for
splits and dividends.
"""

from functools import cache

import numpy as np
from matplotlib import cbook
from matplotlib.figure import Figure
from numpy.typing import NDArray

from parallel_animate import Animator

NAMES = ("Apple", "Microsoft", "Adobe", "IBM", "Xerox", "S&P 500")
COLUMNS = (2, 3, 8, 1, 4, 9)  # of the file, in the order of NAMES
COLORS = ("#0072B2", "#009E73", "#D55E00", "#8A5FB5", "#D3A100", "black")
BINS = np.arange(-62, 92, 4)  # %


@cache
def prices() -> NDArray[np.float64]:
    """One row per month, one column per name."""
    path = cbook.get_sample_data("Stocks.csv", asfileobj=False)
    table: NDArray[np.float64] = np.genfromtxt(path, delimiter=",", skip_header=2, usecols=COLUMNS)
    # Rows without prices mark dividends; the last row repeats the month before it.
    return table[~np.isnan(table).any(axis=1)][:-1]


@cache
def returns() -> NDArray[np.float64]:
    """Monthly returns in percent; row k is the change from month k to month k + 1."""
    return 100 * np.diff(prices(), axis=0) / prices()[:-1]


def frames() -> list[int]:
    """For each frame, the latest month shown; the last one stays long enough to be read."""
    months = range(37, len(prices()), 2)
    return [*months, *[months[-1]] * 23]


class Stocks(Animator):
    def setup(self) -> Figure:
        figure = Figure(figsize=(12, 8), dpi=100)
        self.growth = figure.add_axes((0.1, 0.345, 0.51, 0.51))
        self.drawdown = figure.add_axes((0.1, 0.085, 0.51, 0.225), sharex=self.growth)
        self.matrix = figure.add_axes((0.74, 0.545, 0.235, 0.31))
        self.histogram = figure.add_axes((0.74, 0.085, 0.235, 0.31))
        self.draw_growth()
        self.draw_drawdown(figure)
        self.draw_matrix()
        self.draw_histogram()
        for ax in figure.axes:
            ax.spines[["top", "right"]].set_visible(False)
            ax.tick_params(which="both", labelsize=9, color="0.5", labelcolor="0.25")
        figure.text(0.1, 0.94, "Five technology stocks and the market", size=18, weight="bold")
        self.date = figure.text(0.975, 0.94, "", size=18, color="0.4", ha="right")
        figure.text(0.975, 0.012, "Data: Yahoo Finance", size=8, color="0.5", ha="right")
        return figure

    def draw_growth(self) -> None:
        ax, style = self.growth, {"linewidth": 1.4, "marker": "o", "markevery": [-1]}
        self.lines = [ax.semilogy([], [], **style)[0] for _ in NAMES]
        for line, name, color in zip(self.lines, NAMES, COLORS, strict=True):
            line.set(label=name, color=color, markersize=4.5)
        ax.set(ylim=(30, 130_000), ylabel="Value of $100 invested in 1990")
        ax.yaxis.set_major_formatter("${x:,.0f}")
        ax.tick_params(labelbottom=False)
        ax.grid(axis="y", color="0.92")
        ax.legend(loc=(-0.01, 1.01), ncols=6, frameon=False, handlelength=1)

    def draw_drawdown(self, figure: Figure) -> None:
        ax, months = self.drawdown, 1990 + np.arange(len(prices()) + 1) / 12
        self.strips = ax.pcolormesh(months, np.arange(-0.5, 6), prices().T, cmap="YlOrRd_r")
        self.strips.set_clim(-100, 0)
        ax.set(xlim=months[[0, -1]], ylim=(5.5, -0.5), xlabel="Year")
        ax.set_yticks(range(6), NAMES)
        scale = figure.add_axes((0.618, 0.085, 0.007, 0.225))
        figure.colorbar(self.strips, scale, label="Below last peak (%)").outline.set_visible(False)

    def draw_matrix(self) -> None:
        ax = self.matrix
        self.image = ax.imshow(np.eye(6), cmap="RdBu_r", vmin=-1, vmax=1, aspect="auto")
        pairs = [(i, j) for i in range(6) for j in range(i)]
        self.cells = {(i, j): ax.text(j, i, "", ha="center", va="center") for i, j in pairs}
        ax.set_xticks(range(5), NAMES[:5], rotation=40, ha="right", rotation_mode="anchor")
        ax.set_yticks(range(6), NAMES)
        ax.set(xlim=(-0.5, 4.5), ylim=(5.5, 0.5))
        ax.set_title("Correlation of monthly returns,\nlast three years", loc="left", size=11)

    def draw_histogram(self) -> None:
        ax, empty = self.histogram, np.zeros(len(BINS) - 1)
        self.stocks = ax.stairs(empty, BINS, fill=True, color="0.8", label="Five stocks")
        self.index = ax.stairs(empty, BINS, color="black", linewidth=1.5, label="S&P 500")
        ax.set(xlim=(-42, 42), ylim=(0, 55), xlabel="Monthly return (%)", ylabel="Months (%)")
        ax.set_title("Returns since 1990", loc="left", size=11)
        ax.legend(frameon=False, fontsize=9, loc="upper right")

    def update(self, frame_idx: int, params: int) -> None:
        self.date.set_text(str(np.datetime64("1990-01") + params))
        months = np.arange(params + 1)
        growth = 100 * prices() / prices()[0]
        for line, values in zip(self.lines, growth.T, strict=True):
            line.set_data(1990 + months / 12, values[months])
        drawdown = 100 * (prices() / np.maximum.accumulate(prices()) - 1)
        drawdown[params + 1 :] = np.nan
        self.strips.set_array(drawdown.T)
        so_far = returns()[:params]
        for stairs, values in ((self.stocks, so_far[:, :5]), (self.index, so_far[:, 5])):
            stairs.set_data(100 * np.histogram(values, BINS)[0] / values.size)
        correlation = np.atleast_2d(np.corrcoef(so_far[-36:].T))
        self.image.set_data(np.where(np.tri(6, k=-1), correlation, np.nan))
        for cell, text in self.cells.items():
            value = correlation[cell]
            text.set(text=f"{value:.2f}", color="white" if value > 0.6 else "black")


if __name__ == "__main__":
    Stocks().make_video("stocks.mp4", frames(), fps=30)
