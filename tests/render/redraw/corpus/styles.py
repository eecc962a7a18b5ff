"""Style sheets and rcParams, at setup only or all the time."""

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
from cycler import cycler

from corpus.registry import LATE, SCROLL, STEPS, TOGGLE, blank, case, hills, one_axes, wave
from parallel_animate import Animator


def styled(name):
    """A figure made within a style and drawn outside it; artists keep some of the style."""
    with mpl.style.context(name):
        fig, ax = one_axes()
        (line,) = ax.plot(wave(0), label="a")
        ax.bar(range(0, 60, 20), [0.5, 0.7, 0.2], width=8)
        ax.set(title=name, xlabel="x")
        ax.legend(loc="upper right")
    return fig, line


@case()
def ggplot_within_a_context():
    fig, line = styled("ggplot")
    return fig, lambda i, s: line.set_ydata(wave(s))


@case()
def dark_background_within_a_context():
    fig, line = styled("dark_background")
    return fig, lambda i, s: line.set_ydata(wave(s))


@case(SCROLL)
def fivethirtyeight_within_a_context():
    fig, _ = styled("fivethirtyeight")
    return fig, lambda i, s: fig.axes[0].set_xlim(2 * s, 60 + 2 * s)


@case(TOGGLE)
def seaborn_within_a_context():
    fig, line = styled("seaborn-v0_8-darkgrid")
    return fig, lambda i, on: line.set_linewidth(5 if on else 1)


@case(LATE)
def grayscale_within_a_context():
    fig, line = styled("grayscale")
    return fig, lambda i, on: line.set_ydata(wave(on))


@case()
class StyleUsedInSetup(Animator):
    """The style stays active while frames are drawn."""

    def setup(self):
        plt.style.use(["seaborn-v0_8-whitegrid", "seaborn-v0_8-talk", "fast"])
        self.figure, self.axes = plt.subplots(figsize=(3, 2.2))
        (self.line,) = self.axes.plot(wave(0))
        return self.figure

    def update(self, frame_idx, params):
        self.line.set_ydata(wave(params))
        self.axes.set_title(f"{params}")


@case()
def classic_style():
    mpl.style.use("classic")
    fig, ax = one_axes()
    (line,) = ax.plot(wave(0))
    ax.scatter(range(0, 60, 10), [0] * 6)
    return fig, lambda i, s: line.set_ydata(wave(s))


@case((0, 1, 1, 2, 0, 3, 3, 0))
def hand_drawn_style():
    with plt.xkcd():
        mpl.rcParams["font.family"] = "DejaVu Sans"
        fig, ax = one_axes()
        (line,) = ax.plot(wave(0))
        ax.set_title("hand drawn")
        ax.annotate("look", (30, 0), (40, 0.5), arrowprops={"arrowstyle": "->"})
    return fig, lambda i, s: line.set_ydata(wave(s))


@case((0, 1, 1, 2, 0, 2, 2, 0))
def style_of_each_frame():
    fig = blank()
    styles = ["default", "ggplot", "Solarize_Light2"]

    def update(i, s):
        fig.clear()
        with mpl.style.context(styles[s]):
            ax = fig.add_subplot()
            ax.plot(wave(s))
            ax.imshow(hills(s), extent=(20, 40, -0.5, 0.5), aspect="auto")

    return fig, update


@case()
def fonts_of_mathematics():
    mpl.rcParams.update({"mathtext.fontset": "stix", "font.family": "STIXGeneral"})
    fig, ax = one_axes()
    ax.plot(wave(0))
    title = ax.set_title("")
    return fig, lambda i, s: title.set_text(rf"$\int_0^{s} x^{s}\,dx$ and $\hat{{\beta}}$")


@case()
def cycle_of_properties():
    mpl.rcParams["axes.prop_cycle"] = cycler(color="rgbk") * cycler(ls=["-", "--"])
    fig, ax = one_axes(xlim=(0, 60), ylim=(-1, 1))

    def update(i, s):
        for line in ax.lines[:]:
            line.remove()
        ax.set_prop_cycle(None)
        for k in range(1 + s):
            ax.plot(wave(k))

    return fig, update


@case()
def ticks_by_rc_params():
    mpl.rcParams.update(
        {
            "xtick.direction": "in",
            "xtick.minor.visible": True,
            "ytick.right": True,
            "axes.grid": True,
            "axes.spines.top": False,
            "axes.xmargin": 0,
            "grid.linestyle": ":",
            "axes.titlelocation": "left",
        }
    )
    fig, ax = one_axes()
    ax.plot(wave(0))

    def update(i, s):
        ax.set_ylim(-1 - s, 1)
        ax.set_title(f"left {s}")

    return fig, update


@case()
def rendering_by_rc_params():
    mpl.rcParams.update(
        {
            "lines.antialiased": False,
            "text.antialiased": False,
            "text.hinting": "none",
            "path.simplify_threshold": 1.0,
            "agg.path.chunksize": 100,
            "path.snap": False,
            "image.interpolation": "bicubic",
            "axes.axisbelow": False,
        }
    )
    fig, ax = one_axes()
    y = np.random.default_rng(0).normal(size=2000).cumsum()
    (line,) = ax.plot(y)
    ax.imshow(hills(0), extent=(0, 1000, y.min(), y.max()), aspect="auto", alpha=0.4)
    return fig, lambda i, s: line.set_ydata(np.roll(y, 100 * s))


@case(STEPS)
def pictures_not_composited():
    mpl.rcParams["image.composite_image"] = False
    fig, ax = one_axes()
    ax.imshow(hills(0), extent=(0, 4, 0, 4))
    image = ax.imshow(hills(1), extent=(3, 7, 0, 4), alpha=0.6)
    ax.set(xlim=(0, 7), ylim=(0, 4))
    return fig, lambda i, s: image.set_data(hills(s))
