"""Dates, categories, custom units, and scales other than linear."""

from datetime import datetime, timedelta

import matplotlib.dates as mdates
import matplotlib.ticker as ticker
import matplotlib.units as munits
import numpy as np
from matplotlib.scale import FuncScale, ScaleBase, register_scale
from matplotlib.transforms import Transform

from corpus.registry import LATE, SCROLL, STEPS, TOGGLE, blank, case, one_axes, wave

START = datetime(2024, 2, 27)
DAYS = [START + timedelta(days=k) for k in range(60)]


@case(SCROLL)
def dates_scroll():
    fig, ax = one_axes(360, 220)
    ax.plot(DAYS, wave(0))
    ax.tick_params(axis="x", rotation=30)
    return fig, lambda i, s: ax.set_xlim(DAYS[4 * s], DAYS[4 * s + 12])


@case()
def dates_with_concise_labels():
    fig, ax = one_axes(360, 220)
    (line,) = ax.plot(DAYS, wave(0))
    locator = mdates.AutoDateLocator()
    ax.xaxis.set_major_locator(locator)
    ax.xaxis.set_major_formatter(mdates.ConciseDateFormatter(locator))

    def update(i, s):
        line.set_data(DAYS[: 5 + 10 * s], wave(0)[: 5 + 10 * s])
        ax.relim()
        ax.autoscale_view()

    return fig, update


@case()
def numpy_dates_and_formatter():
    fig, ax = one_axes(360, 220)
    times = np.datetime64("2024-01-01T00:00") + np.arange(60) * np.timedelta64(10, "m")
    ax.plot(times, wave(0))
    ax.xaxis.set_major_formatter(mdates.DateFormatter("%H:%M"))
    fig.autofmt_xdate()
    mark = ax.axvline(times[0], color="r")
    return fig, lambda i, s: mark.set_xdata([times[9 * s]] * 2)


@case()
def date_in_the_title_and_ticks():
    fig, ax = one_axes(360, 220)
    ax.bar(DAYS[:10], range(10))
    ax.xaxis.set_major_locator(mdates.DayLocator(interval=3))
    ax.xaxis.set_major_formatter(mdates.DateFormatter("%d %b"))
    return fig, lambda i, s: ax.set_title(f"{DAYS[s]:%Y-%m-%d}")


@case(TOGGLE)
def log_axes_with_minor_ticks():
    fig, ax = one_axes()
    x = np.logspace(0, 4, 60)
    (line,) = ax.loglog(x, x**2)
    ax.grid(which="both")

    def update(i, on):
        line.set_ydata(x ** (3 if on else 2))
        ax.relim()
        ax.autoscale_view()

    return fig, update


@case(("linear", "log", "log", "symlog", "logit", "asinh", "asinh", "linear"))
def scale_changes():
    fig, ax = one_axes()
    ax.plot(np.linspace(0.01, 0.99, 60))
    return fig, lambda i, scale: ax.set_yscale(scale)


@case()
def symlog_threshold():
    fig, ax = one_axes()
    ax.plot(np.linspace(-100, 100, 60))
    return fig, lambda i, s: ax.set_yscale("symlog", linthresh=1 + 3 * s)


@case()
def logit_of_a_moving_line():
    fig, ax = one_axes()
    (line,) = ax.plot(np.linspace(0.01, 0.99, 60))
    ax.set_yscale("logit")
    fig.subplots_adjust(left=0.25)
    return fig, lambda i, s: line.set_ydata(np.linspace(0.01, 0.99, 60) ** (1 + s / 4))


@case()
def categories_grow():
    fig, ax = one_axes()
    names = ["ant", "bee", "cat", "dog", "eel", "fox"]

    def update(i, s):
        ax.clear()
        ax.plot(names[: 1 + s], range(1 + s), "o-")
        ax.bar(names[:2], [1, 2], alpha=0.4)

    return fig, update


@case(TOGGLE)
def categories_on_both_axes():
    fig, ax = one_axes()
    points = ax.scatter(["a", "b", "c"], ["x", "y", "x"], s=100)
    return fig, lambda i, on: points.set_offsets([(0, 0), (1, 1), (2, on)])


class CubeRootTransform(Transform):
    """Has no affine part; made again whenever its power changes."""

    input_dims = output_dims = 1

    def __init__(self, power):
        super().__init__()
        self.power = power

    def transform_non_affine(self, values):
        return np.sign(values) * np.abs(values) ** self.power

    def inverted(self):
        return CubeRootTransform(1 / self.power)


class PowerOfOutsideStateScale(ScaleBase):
    """Its power is a class attribute."""

    name = "corpus_power"
    power = 1 / 3

    def __init__(self, *_):
        """Accept an axis or none: matplotlib 3.10 passes one, 3.11 does not."""

    def get_transform(self):
        return CubeRootTransform(type(self).power)

    def set_default_locators_and_formatters(self, axis):
        axis.set_major_locator(ticker.AutoLocator())
        axis.set_major_formatter(ticker.ScalarFormatter())


@case()
def scale_of_ones_own():
    register_scale(PowerOfOutsideStateScale)
    fig, ax = one_axes()
    ax.plot(np.linspace(-8, 8, 60))

    def update(i, s):
        PowerOfOutsideStateScale.power = 1 / (1 + s)
        ax.set_yscale("corpus_power")

    return fig, update


@case()
def scale_of_functions_with_outside_state():
    fig, ax = one_axes()
    ax.plot(np.arange(1, 61))
    state = {"power": 1.0}
    functions = (
        lambda y: np.abs(y) ** state["power"],
        lambda y: np.abs(y) ** (1 / state["power"]),
    )
    ax.set_yscale(FuncScale(ax.yaxis, functions))
    return fig, lambda i, s: state.update(power=1 / (1 + s))


class Metres:
    """A length with a unit."""

    def __init__(self, value):
        self.value = value


class MetresConverter(munits.ConversionInterface):
    """Plots lengths in millimetres."""

    @staticmethod
    def convert(value, unit, axis):
        if np.iterable(value):
            return [MetresConverter.convert(one, unit, axis) for one in value]
        return value.value * 1000 if isinstance(value, Metres) else value

    @staticmethod
    def axisinfo(unit, axis):
        return munits.AxisInfo(label="mm", majfmt=ticker.FormatStrFormatter("%g mm"))

    @staticmethod
    def default_units(x, axis):
        return "mm"


@case()
def units_of_ones_own():
    munits.registry[Metres] = MetresConverter()
    fig, ax = one_axes()
    fig.subplots_adjust(left=0.3)
    (line,) = ax.plot([0, 1, 2], [Metres(k) for k in range(3)], "o-")
    return fig, lambda i, s: line.set_ydata([Metres(1 + s / 6), Metres(0), Metres(2)])


@case(LATE)
def huge_and_tiny_values_late():
    fig = blank(340, 170)
    left, right = fig.subplots(1, 2)
    (a,) = left.plot(wave(0) * 1e200)
    right.plot(wave(0) * 1e-200)

    def update(i, on):
        a.set_ydata(wave(on) * (1e250 if on else 1e200))
        left.relim()
        left.autoscale_view()

    return fig, update


@case(STEPS)
def log_of_values_that_are_not_positive():
    fig, ax = one_axes()
    (line,) = ax.semilogy(range(60), 1 + wave(0), nonpositive="clip")
    ax.set_ylim(1e-3, 10)
    return fig, lambda i, s: line.set_ydata(1 - s / 6 + wave(s))
