"""The plots of docs/benchmarks.md."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter


def plot_scaling(rates: Mapping[str, Mapping[int, Sequence[float]]], path: Path) -> None:
    """Plot frames per second over the number of workers.

    Parameters
    ----------
    rates
        Frames per second of each repeat, by the workload's title and the number of workers; one
        worker must be included.
    path
        The picture to write.
    """
    figure = Figure(figsize=(7, 4), layout="constrained")
    axes = figure.add_subplot(xlabel="workers", ylabel="times as fast as one worker")
    everybody: set[int] = set()
    for title, by_workers in rates.items():
        workers = sorted(by_workers)
        everybody |= set(workers)
        gains = [np.divide(by_workers[n], by_workers[1]) for n in workers]
        middle = [float(np.median(gain)) for gain in gains]
        below = [value - gain.min() for value, gain in zip(middle, gains, strict=True)]
        above = [gain.max() - value for value, gain in zip(middle, gains, strict=True)]
        axes.errorbar(workers, middle, [below, above], fmt="o-", capsize=3, label=title)
    ideal = sorted(everybody)
    axes.plot(ideal, ideal, color="grey", linestyle=":", label="ideal")
    axes.set_xticks(ideal)
    axes.set_ylim(bottom=0)
    axes.grid(True, alpha=0.3)
    axes.legend()
    _save(figure, path)


def plot_speedups(
    speedups: Mapping[str, Mapping[str, Sequence[float]]], xlabel: str, path: Path
) -> None:
    """Plot speedups as bars, with the range of the repeats.

    Parameters
    ----------
    speedups
        A number for each repeat, by the workload's title and the name of the faster way.
    xlabel
        The meaning of the bars.
    path
        The picture to write.
    """
    names = list(dict.fromkeys(name for by_name in speedups.values() for name in by_name))
    figure = Figure(figsize=(7, 1 + 0.45 * len(speedups)), layout="constrained")
    axes = figure.add_subplot(xlabel=xlabel)
    height = 0.8 / len(names)
    for row, name in enumerate(names):
        places = np.arange(len(speedups)) + (row - (len(names) - 1) / 2) * height
        values = [np.asarray(by_name[name]) for by_name in speedups.values()]
        middle = [float(np.median(value)) for value in values]
        below = [m - value.min() for m, value in zip(middle, values, strict=True)]
        above = [value.max() - m for m, value in zip(middle, values, strict=True)]
        axes.barh(places, middle, height, xerr=[below, above], label=name)
    axes.set_yticks(np.arange(len(speedups)), list(speedups))
    axes.invert_yaxis()
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}x"))
    axes.axvline(1, color="black", linewidth=0.8)
    axes.grid(True, axis="x", alpha=0.3)
    figure.legend(loc="outside upper right", ncols=len(names))
    _save(figure, path)


def _save(figure: Figure, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=150)
