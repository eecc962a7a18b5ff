"""A cheap estimate decides whether drawing less is worth trying; only time depends on it."""

from typing import Any

import numpy as np
import pytest
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from parallel_animate.render.redraw.canvas import ReplayCanvas
from parallel_animate.render.redraw.outlook import Outlook
from parallel_animate.render.redraw.replay import Replay

X = np.linspace(0, 6, 50)


def drawn(figure: Figure) -> Outlook:
    ReplayCanvas(figure).draw()
    return Outlook(figure)


def lines_in_axes(n: int) -> tuple[Figure, Axes]:
    figure = Figure(figsize=(3, 2), dpi=50)
    axes = figure.subplots()
    for i in range(n):
        axes.plot(X, np.sin(X + i))
    return figure, axes


def test_one_moving_line_leaves_much_to_save() -> None:
    figure, axes = lines_in_axes(3)
    outlook = drawn(figure)
    axes.lines[0].set_ydata(np.cos(X))
    assert not outlook.is_hopeless()


def test_new_limits_of_the_only_axes_leave_nothing_to_save() -> None:
    figure, axes = lines_in_axes(3)
    outlook = drawn(figure)
    axes.set(xlim=(1, 7), ylim=(1, 7))
    assert outlook.is_hopeless()


def test_new_limits_along_one_axis_leave_the_other_axis_to_save() -> None:
    figure, axes = lines_in_axes(3)
    outlook = drawn(figure)
    axes.set_xlim(1, 7)
    assert not outlook.is_hopeless()
    axes.spines.bottom.set_position("zero")
    axes.spines.left.set_position(("data", 2))
    assert outlook.is_hopeless()


def test_new_limits_of_one_axes_leave_the_other_to_save() -> None:
    figure = Figure(figsize=(3, 2), dpi=50)
    one, _ = figure.subplots(1, 2)
    outlook = drawn(figure)
    one.set_xlim(1, 7)
    assert not outlook.is_hopeless()


def test_many_moving_lines_leave_only_the_ticks_to_save() -> None:
    figure, axes = lines_in_axes(500)
    outlook = drawn(figure)
    for line in axes.lines:
        line.set_ydata(np.cos(X))
    assert outlook.is_hopeless()


def test_artists_that_may_be_slow_are_always_worth_saving() -> None:
    figure, axes = lines_in_axes(500)
    axes.scatter(X, X)
    outlook = drawn(figure)
    for line in axes.lines:
        line.set_ydata(np.cos(X))
    assert not outlook.is_hopeless()


def test_artists_that_come_and_go_leave_the_others_to_save() -> None:
    figure, axes = lines_in_axes(3)
    outlook = drawn(figure)
    axes.clear()
    axes.plot(X, X)
    assert not outlook.is_hopeless()


def test_an_artist_that_is_always_stale_is_ignored() -> None:
    class Mark(Artist):
        def draw(self, renderer: Any) -> None:
            """Draw nothing, and stay stale."""

    figure = Figure(figsize=(3, 2), dpi=50)
    figure.add_artist(Mark())
    outlook = drawn(figure)
    assert not outlook.is_hopeless()


def test_the_estimate_does_not_autoscale() -> None:
    figure, axes = lines_in_axes(1)
    outlook = drawn(figure)
    axes.relim()
    axes.autoscale()
    before = axes._viewLim.frozen().extents
    outlook.is_hopeless()
    assert axes._stale_viewlims["x"]
    assert np.array_equal(axes._viewLim.extents, before)


@pytest.mark.parametrize("moves", [True, False])
def test_limits_that_only_a_draw_finds_are_expected_to_move_again(moves: bool) -> None:
    figure, axes = lines_in_axes(3)
    axes.set(xlim=(0, 1), ylim=(0, 1))
    before = drawn(figure)
    for scale in (2.0, 3.0):
        axes.lines[0].remove()
        axes.plot(X, X * scale)
        axes.autoscale(moves)
        axes.relim()
        if scale == 2.0:
            figure.canvas.draw()
            outlook = Outlook(figure, before)
    assert outlook.is_hopeless() == moves


@pytest.mark.parametrize(("moves_limits", "n_replays"), [(True, 0), (False, 9)])
def test_nothing_is_replayed_where_everything_changes(
    moves_limits: bool, n_replays: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    replays, draw = [], Replay.draw

    def counting(self: Replay, hints: Any = ()) -> None:
        replays.append(self)
        draw(self, hints)

    monkeypatch.setattr(Replay, "draw", counting)
    monkeypatch.setattr(Replay, "is_worth_it", True)
    figure, axes = lines_in_axes(3)
    canvas = ReplayCanvas(figure)
    for i in range(10):
        axes.lines[0].set_ydata(np.sin(X + i))
        if moves_limits:
            axes.set(xlim=(i, i + 6), ylim=(-i - 1, i + 1))
        canvas.draw_frame()
    assert len(replays) == n_replays
