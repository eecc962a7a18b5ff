"""Ticks that are copied are those that matplotlib makes."""

import enum
import types
from typing import Any

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib import style
from matplotlib.artist import Artist
from matplotlib.axis import XTick
from matplotlib.figure import Figure
from matplotlib.text import Text
from matplotlib.transforms import BboxBase, TransformNode

from parallel_animate.render.redraw import memo, ticks
from parallel_animate.render.redraw.canvas import CachingCanvas

ATOMS = (type(None), bool, int, float, str, bytes, enum.Enum, types.FunctionType)


def described(value: Any, around: tuple[Any, ...] = ()) -> Any:
    """Return everything an object consists of, as plain values; axes and figures by identity."""
    if isinstance(value, ATOMS):
        return value
    if isinstance(value, np.ndarray):
        return value.dtype.str, value.shape, value.tobytes()
    if isinstance(value, tuple | list):
        return type(value), [described(item, around) for item in value]
    if isinstance(value, dict):
        return {key: described(item, around) for key, item in value.items()}
    if isinstance(value, TransformNode):
        # Two ticks may have different objects for the same transform.
        if isinstance(value, BboxBase):
            return value.get_points().tobytes()
        points = np.array([[0.0, 0.0], [0.3, 0.7]])
        return value.transform(points).tobytes() if hasattr(value, "transform") else id(value)
    if any(value is each for each in around):
        return id(value)
    if isinstance(value, types.MethodType):
        return value.__func__
    if hasattr(value, "__dict__"):
        return type(value), described(vars(value), around)
    return repr(type(value))


def drawn_axis(name: str) -> Any:
    figure = Figure(figsize=(3, 2))
    axes = figure.add_subplot()
    axes.plot([0, 5], [0, 5])
    axes.grid(True, alpha=0.3)
    axes.tick_params(rotation=20, length=7, colors="green", labelsize="small", direction="inout")
    figure.draw_without_rendering()
    return getattr(axes, name)


@pytest.mark.parametrize("name", ["xaxis", "yaxis"])
@pytest.mark.parametrize("kind", ["major", "minor"])
def test_a_copy_is_what_matplotlib_makes(name: str, kind: str) -> None:
    axis = drawn_axis(name)
    axis.majorTicks[0].label1.set(color="red", fontweight="bold", rotation=45)
    axis.majorTicks[0].tick1line.set_markersize(3)
    make = getattr(ticks, f"get_{kind}_ticks")
    n_before = len(getattr(axis, f"{kind}Ticks"))
    *_, original, made = make(axis, n_before + 2)
    around = (axis.axes, axis.axes.get_figure())
    assert described(ticks.Copier(original)(), around) == described(made, around)


def test_a_copy_shares_nothing_that_changes_in_place() -> None:
    axis = drawn_axis("xaxis")
    (*_, original) = ticks.get_major_ticks(axis, 12)
    twin = ticks.Copier(original)()
    before = described(original, (axis.axes, axis.axes.get_figure()))
    twin.update_position(3.0)
    twin.label1.set(text="three", fontsize=30, color="red", rotation=10)
    twin.tick1line.set(marker="o", markersize=20, data=([1], [1]))
    twin.tick1line.add_callback(print)
    twin.gridline.set(linestyle=":", clip_on=False)
    twin.gridline.get_path().vertices[...] = 0.5
    twin.set(path_effects=[1], visible=False)
    assert described(original, (axis.axes, axis.axes.get_figure())) == before


class OwnText(Text):
    """A text of a user's class."""


@pytest.mark.parametrize("change", ["a callback", "a part of another class"])
def test_what_a_copy_would_share_with_the_original_is_refused(change: str) -> None:
    (*_, original) = ticks.get_major_ticks(drawn_axis("xaxis"), 12)
    if change == "a callback":
        original.label1.add_callback(lambda artist: None)
    else:
        original.label1 = OwnText()
    with pytest.raises(ticks.NotCopiedError):
        ticks.Copier(original)


class OwnTick(XTick):
    """A tick of a user's class, as of a skewed projection."""


@pytest.mark.parametrize("change", ["none", "class", "function", "method"])
def test_only_matplotlibs_plain_ticks_are_copied(
    change: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    figure = Figure(figsize=(3, 2))
    axis: Any = figure.add_subplot(xlim=(0, 7)).xaxis
    if change == "class":
        axis._tick_class = OwnTick
        axis.reset_ticks()
    elif change == "function":
        make = axis._get_tick

        def with_callback(major: bool) -> Any:
            tick = make(major)
            tick.label1.add_callback(lambda artist: None)
            return tick

        monkeypatch.setattr(axis, "_get_tick", with_callback)
    elif change == "method":
        monkeypatch.setattr(type(axis), "_copy_tick_props", lambda self, src, dest: None)
    copiers = []
    real = ticks.Copier
    monkeypatch.setattr(ticks, "Copier", lambda artist: copiers.append(artist) or real(artist))
    with memo.remembered(figure):
        found = axis.get_major_ticks(8)
    assert len(found) == 8
    assert len({id(tick) for tick in found}) == 8
    is_copied = any(isinstance(tick, XTick) for tick in copiers)
    assert is_copied == (change == "none")
    if change == "function":
        assert all(tick.label1._callbacks.callbacks for tick in found[1:])


OPTIONS: dict[str, dict[str, Any]] = {
    "none": {},
    "many": {"length": 7, "width": 2.5, "pad": 9, "labelsize": "small", "labelrotation": 30},
    "colours": {"color": "red", "labelcolor": "#00ff00", "grid_color": "0.5", "grid_alpha": 0.3},
    "sides": {"top": True, "labeltop": True, "right": True, "labelright": True, "left": False},
    "grid": {"grid_linestyle": ":", "grid_linewidth": 3, "direction": "inout", "zorder": 7},
    "a tuple": {"labelcolor": (0.1, 0.2, 0.3)},
}
RC: dict[str, dict[str, Any]] = {
    "default": {},
    "ggplot": dict(style.library["ggplot"]),
    "others": {"xtick.alignment": "left", "ytick.alignment": "top", "font.size": 20.0},
}


def clear_and_set(axes: Any, options: dict[str, Any]) -> None:
    axes.clear()
    axes.tick_params(**options)
    axes.minorticks_on()
    axes.grid(True, which="both", axis="x")


def first_ticks(figure: Any, place: str, options: dict[str, Any]) -> Any:
    """Return everything that the first ticks of an Axes consist of after ``clear()``."""
    figure.clear()
    axes = figure.add_axes((0.1, 0.2, 0.6, 0.7), projection="3d" if place == "3d" else None)
    if place == "a spine":
        axes.spines[["left", "top"]].set_position(("axes", 0.4))
    if place == "a twin":
        axes = axes.twinx()
    clear_and_set(axes, options)
    if place == "a spine":
        axes.spines[["left", "top"]].set_position(("outward", 12))
    around = axes, figure
    found = [
        described(tick, around)
        for axis in (axes.xaxis, axes.yaxis)
        for tick in (axis._get_tick(True), axis._get_tick(False), *axis.majorTicks)
    ]
    return [str(parts).replace(str(id(axes)), "AXES") for parts in found]


@pytest.mark.parametrize("place", ["alone", "a spine", "a twin", "3d"])
@pytest.mark.parametrize("rc", RC)
def test_a_tick_copied_for_another_axes_is_what_matplotlib_makes_there(
    rc: str, place: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    figure = Figure(figsize=(3, 2))
    made: list[Any] = []
    real = ticks.Original.copied_for
    monkeypatch.setattr(
        ticks.Original, "copied_for", lambda self, axes: made.append(self) or real(self, axes)
    )
    with mpl.rc_context(RC[rc]):
        for options in OPTIONS.values():
            expected = first_ticks(figure, place, options)
            for _ in range(2):
                with ticks.copying():
                    assert first_ticks(figure, place, options) == expected
    assert made
    assert mpl.axis.Axis._get_tick is ticks._get_tick


def test_other_rcparams_make_other_ticks_even_if_a_list_changes_in_place() -> None:
    figure = Figure()
    axes: Any = figure.add_subplot()
    families = mpl.rcParams["font.family"]
    with mpl.rc_context(), ticks.copying():
        assert axes.xaxis._get_tick(True).label1.get_color() == "black"
        mpl.rcParams["xtick.color"] = "red"
        assert axes.xaxis._get_tick(True).label1.get_color() == "red"
        mpl.rcParams["font.family"] = ["serif"]
        assert axes.xaxis._get_tick(True).label1.get_fontfamily() == ["serif"]
        dict.__getitem__(mpl.rcParams, "font.family")[0] = "monospace"
        assert axes.xaxis._get_tick(True).label1.get_fontfamily() == ["monospace"]
    assert mpl.rcParams["font.family"] == families


def test_ticks_are_not_copied_where_other_code_makes_them(monkeypatch: pytest.MonkeyPatch) -> None:
    axes: Any = Figure().add_subplot()
    real = XTick.__init__
    with ticks.copying():
        axes.xaxis._get_tick(True)

        def red(self: Any, *args: Any, **kwargs: Any) -> None:
            real(self, *args, **kwargs)
            self.label1.set_color("red")

        monkeypatch.setattr(XTick, "__init__", red)
        assert axes.xaxis._get_tick(True).label1.get_color() == "red"


def test_blocks_of_several_threads_end_in_any_order() -> None:
    one, other = ticks.copying(), ticks.copying()
    one.__enter__()
    other.__enter__()
    one.__exit__(None, None, None)
    assert mpl.axis.Axis._get_tick is ticks.get_tick
    other.__exit__(None, None, None)
    assert mpl.axis.Axis._get_tick is ticks._get_tick


def test_a_draw_makes_two_ticks_of_an_axis_and_copies_them(monkeypatch: pytest.MonkeyPatch) -> None:
    figure = Figure(figsize=(8, 4))
    axes = figure.add_subplot(xlim=(0, 7), ylim=(0, 7))
    made = []
    real = XTick.__init__

    def init(self: Any, *args: Any, **kwargs: Any) -> None:
        made.append(self)
        real(self, *args, **kwargs)

    monkeypatch.setattr(XTick, "__init__", init)
    canvas = CachingCanvas(figure)
    canvas.draw()
    assert len(axes.xaxis.majorTicks) > 6
    # One of the minor ticks, which are looked at.
    assert len(made) <= 3
    mine = np.asarray(canvas.get_renderer().buffer_rgba()).copy()
    assert not canvas.difference(plainly=True).any()
    assert (mine != 255).any()
    assert isinstance(axes.xaxis.majorTicks[-1], Artist)
    assert mpl.axis.Axis.get_major_ticks is ticks.get_major_ticks
