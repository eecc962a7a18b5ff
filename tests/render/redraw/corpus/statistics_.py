"""Histograms, boxes, violins, error bars, pies, tables and other charts."""

import numpy as np
from matplotlib.sankey import Sankey

from corpus.registry import LATE, SCROLL, STEPS, TOGGLE, blank, case, one_axes, wave

SAMPLE = np.random.default_rng(3).normal(size=(300, 4))


@case()
def histogram_bars():
    fig, ax = one_axes()
    _, edges, bars = ax.hist(SAMPLE[:, 0], bins=15)

    def update(i, s):
        for bar, n in zip(bars, np.histogram(SAMPLE[: 50 * (s + 1), 1], edges)[0], strict=True):
            bar.set_height(n)

    return fig, update


@case()
def histogram_drawn_again():
    fig, ax = one_axes()

    def update(i, s):
        ax.cla()
        ax.hist(SAMPLE[:, : 1 + s % 4], bins=8 + s, stacked=True, histtype="stepfilled")
        ax.hist(
            SAMPLE[:, 0], bins=10, histtype="step", cumulative=s % 2 == 1, orientation="vertical"
        )

    return fig, update


@case()
def box_plot_drawn_again():
    fig, ax = one_axes()

    def update(i, s):
        ax.cla()
        ax.boxplot(SAMPLE[: 20 + 40 * s], notch=s % 2 == 1, showmeans=True, patch_artist=s > 2)

    return fig, update


@case()
def box_plot_parts_change():
    fig, ax = one_axes()
    boxes = ax.boxplot(SAMPLE)

    def update(i, s):
        boxes["medians"][1].set_ydata([s / 4, s / 4])
        boxes["fliers"][0].set_markerfacecolor(f"C{s}")
        boxes["whiskers"][2].set_linestyle(":" if s % 2 else "-")

    return fig, update


@case()
def violins():
    fig, ax = one_axes()
    parts = ax.violinplot(SAMPLE, showmedians=True)

    def update(i, s):
        for k, body in enumerate(parts["bodies"]):
            body.set_facecolor(f"C{(k + s) % 9}")
        parts["cmedians"].set_segments([[(k + 0.8, s / 5), (k + 1.2, s / 5)] for k in range(4)])

    return fig, update


@case(STEPS[::-1])
def pie_drawn_again():
    fig, ax = one_axes(220, 220)

    def update(i, s):
        ax.clear()
        ax.pie([1 + s, 2, 3], labels=["a", "b", "c"], explode=[0.1, 0, 0], autopct="%d%%")

    return fig, update


@case()
def pie_wedges_turn():
    fig, ax = one_axes(220, 220)
    wedges = ax.pie([1, 2, 3], shadow=True, wedgeprops={"width": 0.5, "ec": "w"})[0]

    def update(i, s):
        wedges[0].set_theta1(10 * s)
        wedges[1].set_center((s / 20, 0))

    return fig, update


@case()
def error_bars_move():
    fig, ax = one_axes()
    line, caps, bars = ax.errorbar(range(6), wave(0, 6), 0.3, 0.2, fmt="o", capsize=4)
    ax.set_ylim(-2, 2)

    def update(i, s):
        y = wave(s, 6)
        line.set_ydata(y)
        caps[2].set_ydata(y - 0.3)
        caps[3].set_ydata(y + 0.3)
        bars[1].set_segments([[(k, v - 0.3), (k, v + 0.3)] for k, v in enumerate(y)])

    return fig, update


@case()
def error_bars_with_limits():
    fig, ax = one_axes()

    def update(i, s):
        ax.cla()
        ax.errorbar(range(6), wave(s, 6), 0.4, uplims=True, lolims=[k < s for k in range(6)])
        ax.set_ylim(-2, 2)

    return fig, update


@case()
def stems_of_a_container():
    fig, ax = one_axes()
    stem = ax.stem(range(12), wave(0, 12), basefmt="k:")

    def update(i, s):
        y = wave(s, 12)
        stem.markerline.set_ydata(y)
        stem.stemlines.set_segments([[(k, 0), (k, v)] for k, v in enumerate(y)])

    return fig, update


@case()
def cells_of_a_table():
    fig, ax = one_axes()
    ax.set_axis_off()
    cells = [["1", "2"], ["3", "4"]]
    table = ax.table(cells, colLabels=["A", "B"], rowLabels=["x", "y"], loc="center")

    def update(i, s):
        table[1, 1].get_text().set_text("9" * s)
        table[2, 0].set_facecolor(f"C{s}")
        table[0, 0].set_height(0.1 + s / 40)

    return fig, update


@case(TOGGLE)
def table_made_anew_below_the_axes():  # codespell:ignore anew
    fig, ax = one_axes()
    fig.subplots_adjust(bottom=0.4)
    ax.plot(wave(0))
    ax.set_xticks([])

    def update(i, on):
        for table in ax.tables[:]:
            table.remove()
        ax.table([[f"{on}", "b" * (1 + 3 * on)]], loc="bottom", cellLoc="center", fontsize=8)

    return fig, update


@case(LATE)
def correlations_late():
    fig = blank(340, 170)
    left, right = fig.subplots(1, 2)
    left.acorr(SAMPLE[:50, 0], maxlags=10)
    _, _, lines, _ = right.xcorr(SAMPLE[:50, 0], SAMPLE[:50, 1], maxlags=10)
    return fig, lambda i, on: lines.set_color("r" if on else "k")


@case((0, 1, 1, 2, 0, 3, 3, 0))
def spectra():
    fig = blank(340, 240)
    axes = fig.subplots(2, 2)
    signal = np.random.default_rng(4).normal(size=512)

    def update(i, s):
        for ax in axes.flat:
            ax.cla()
        axes[0, 0].specgram(np.roll(signal, 20 * s), NFFT=64, noverlap=32)
        axes[0, 1].psd(signal * (1 + s), NFFT=64)
        axes[1, 0].magnitude_spectrum(signal[: 200 + 20 * s])
        axes[1, 1].cohere(signal, np.roll(signal, s), NFFT=64)

    return fig, update


@case((0, 1, 1, 2, 0, 3, 3, 0))
def flows():
    fig, ax = one_axes(260, 200)

    def update(i, s):
        ax.clear()
        Sankey(ax=ax, flows=[1, -0.3, -0.7 + s / 10, -s / 10], labels=["", "a", "b", "c"]).finish()

    return fig, update


@case(SCROLL)
def empirical_distribution_and_grouped_bars():
    fig = blank(340, 170)
    left, right = fig.subplots(1, 2)

    def update(i, s):
        left.cla()
        left.ecdf(SAMPLE[: 20 + 10 * s, 0])
        right.cla()
        for k in range(3):
            right.bar(np.arange(3) + k / 4, [1, 2 + s, 3], 0.25, bottom=k)

    return fig, update
