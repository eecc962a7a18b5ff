"""Layout engines and grids of axes."""

import numpy as np
from matplotlib.gridspec import GridSpec
from matplotlib.layout_engine import ConstrainedLayoutEngine

from corpus.registry import LATE, SCROLL, STEPS, TOGGLE, blank, case, hills, wave

SHORT = (0, 1, 1, 2, 0, 3, 3, 0)


@case()
def constrained_with_a_static_layout():
    fig = blank(300, 220, layout="constrained")
    ax = fig.subplots()
    (line,) = ax.plot(wave(0))
    ax.set(xlabel="x", ylabel="y", title="static")
    return fig, lambda i, s: line.set_ydata(wave(s) * 0.9)


@case(SHORT)
def constrained_with_a_growing_label():
    fig = blank(300, 220, layout="constrained")
    ax = fig.subplots()
    ax.plot(wave(0))
    return fig, lambda i, s: ax.set_ylabel("\n".join(["label"] * s))


@case(SHORT)
def constrained_with_colour_bar_and_suptitle():
    fig = blank(320, 220, layout="constrained")
    axes = fig.subplots(1, 2)
    image = [ax.imshow(hills(0)) for ax in axes][1]
    fig.colorbar(image, ax=axes, shrink=0.6)

    def update(i, s):
        fig.suptitle("\n".join(["title"] * (1 + s % 2)))
        image.set_clim(-1, 10.0**s)

    return fig, update


@case(SHORT)
def compressed_images():
    fig = blank(320, 220, layout="compressed")
    axes = fig.subplots(2, 2, sharex=True, sharey=True)
    images = [ax.imshow(hills(k)) for k, ax in enumerate(axes.flat)]
    fig.colorbar(images[0], ax=axes)
    return fig, lambda i, s: images[2].set_data(hills(s))


@case(SHORT)
def tight_with_changing_ticks():
    fig = blank(300, 220, layout="tight")
    ax = fig.subplots()
    ax.plot(wave(0))
    return fig, lambda i, s: ax.set_ylim(0, 10.0**s)


@case(SHORT)
def tight_layout_called_each_frame():
    fig = blank(300, 220)
    left, right = fig.subplots(1, 2)
    left.plot(wave(0))

    def update(i, s):
        right.set_ylabel("label " * s)
        left.set_title("t\n" * s)
        fig.tight_layout()

    return fig, update


@case(TOGGLE)
def tight_layout_called_once_in_setup():
    fig = blank(300, 220)
    ax = fig.subplots()
    (line,) = ax.plot(wave(0))
    ax.set_xlabel("long label")
    fig.tight_layout()
    return fig, lambda i, on: line.set_ydata(wave(on))


@case()
def adjusted_each_frame():
    fig = blank(300, 220)
    for ax in fig.subplots(2, 2).flat:
        ax.plot(wave(0))
    return fig, lambda i, s: fig.subplots_adjust(left=0.1 + s / 40, wspace=s / 5, hspace=0.3)


@case(SHORT)
def grid_with_spans_and_ratios():
    fig = blank(320, 240)
    grid = GridSpec(2, 3, figure=fig, width_ratios=[1, 2, 1], hspace=0.5)
    wide = fig.add_subplot(grid[0, :])
    fig.add_subplot(grid[1, 0]).plot(wave(0))
    fig.add_subplot(grid[1, 1:]).imshow(hills(0), aspect="auto")
    (line,) = wide.plot(wave(0))

    def update(i, s):
        line.set_ydata(wave(s))
        grid.set_width_ratios([1 + s, 2, 1])
        for ax in fig.axes:
            ax.set_subplotspec(ax.get_subplotspec())

    return fig, update


@case(SHORT)
def mosaic_with_names():
    fig = blank(320, 220, layout="constrained")
    axes = fig.subplot_mosaic("AAB;CCB", empty_sentinel=".")
    (line,) = axes["A"].plot(wave(0))
    axes["B"].imshow(hills(0))
    axes["C"].bar(range(3), [1, 2, 3])
    return fig, lambda i, s: line.set_ydata(wave(s))


@case(LATE)
def layout_engine_changed_late():
    fig = blank(300, 220, layout="constrained")
    ax = fig.subplots()
    ax.plot(wave(0))
    ax.set_ylabel("label")

    def update(i, on):
        fig.set_layout_engine("tight" if on else "constrained")

    return fig, update


@case(TOGGLE)
def padding_of_the_engine():
    fig = blank(300, 220, layout=ConstrainedLayoutEngine())
    for ax in fig.subplots(1, 2):
        ax.plot(wave(0))

    def update(i, on):
        fig.get_layout_engine().set(w_pad=0.3 if on else 0.05, wspace=0.2 if on else 0.02)

    return fig, update


@case(TOGGLE)
def artist_left_out_of_the_layout():
    fig = blank(300, 220, layout="tight")
    ax = fig.subplots()
    text = ax.text(1.2, 0.5, "outside", transform=ax.transAxes)
    return fig, lambda i, on: text.set_in_layout(not on)


@case(SCROLL)
def constrained_with_legend_outside():
    fig = blank(320, 200, layout="constrained")
    ax = fig.subplots()
    (line,) = ax.plot(wave(0), label="a")
    fig.legend(loc="outside right upper")

    def update(i, s):
        line.set_ydata(np.roll(wave(0), s))
        ax.set_xlim(s, 60)

    return fig, update


@case(STEPS)
def layout_run_once_by_hand():
    fig = blank(300, 220, layout="constrained")
    ax = fig.subplots()
    (line,) = ax.plot(wave(0))
    ax.set_ylabel("two\nlines")
    fig.get_layout_engine().execute(fig)
    fig.set_layout_engine("none")
    return fig, lambda i, s: line.set_ydata(wave(s))
