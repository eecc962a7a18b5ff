"""Limits that a draw finds are found first only where nothing reads the earlier ones."""

from collections.abc import Callable
from typing import Any

import pytest
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from parallel_animate.render.redraw.late_limits import may_be_found_first


def plotted(**options: Any) -> tuple[Figure, Any, Any]:
    """Return a drawn figure of two Axes, of which the second one was plotted once more."""
    figure = Figure(figsize=(3, 2), dpi=50)
    first, last = figure.subplots(1, 2, **options)
    first.plot([0, 1])
    figure.canvas.draw()
    last.plot([0, 5])
    assert last._stale_viewlims["x"]
    return figure, first, last


@pytest.mark.parametrize("options", [{}, {"sharex": True}])
def test_limits_are_found_first_and_not_yet_by_the_question(options: Any) -> None:
    figure, _, last = plotted(**options)
    assert may_be_found_first(figure)
    assert last._stale_viewlims["x"]


def in_later_data(first: Any, last: Any) -> None:
    first.lines[0].set_transform(last.transData)


def tick_label_in_later_data(first: Any, last: Any) -> None:
    first.xaxis.get_major_ticks()[0].label1.set_transform(last.transData)


def tick_formatter_of_the_user(first: Any, last: Any) -> None:
    first.xaxis.set_major_formatter(lambda value, _: str(last.transData))


def method_of_one_line(first: Any, last: Any) -> None:
    first.lines[0].get_transform = lambda: last.transData


def callback_on_limits(first: Any, last: Any) -> None:
    last.callbacks.connect("ylim_changed", print)


def last_is_drawn_first(first: Any, last: Any) -> None:
    last.set_zorder(-1)


def legend_in_later_data(first: Any, last: Any) -> None:
    first.legend(["line"], bbox_to_anchor=(0, 0), bbox_transform=last.transData)


def twin_beside(first: Any, last: Any) -> None:
    last.twinx()
    last.plot([0, 6])


def line_of_the_figure(first: Any, last: Any) -> None:
    first.get_figure().add_artist(Line2D([0, 1], [0, 1], transform=last.transData, zorder=-1))


def layout_engine(first: Any, last: Any) -> None:
    first.get_figure().set_layout_engine("constrained")


@pytest.mark.parametrize(
    "change",
    [
        in_later_data,
        tick_label_in_later_data,
        tick_formatter_of_the_user,
        method_of_one_line,
        callback_on_limits,
        last_is_drawn_first,
        legend_in_later_data,
        twin_beside,
        line_of_the_figure,
        layout_engine,
    ],
)
def test_a_draw_finds_limits_that_something_may_read(change: Callable[[Any, Any], None]) -> None:
    figure, first, last = plotted()
    change(first, last)
    assert not may_be_found_first(figure)


def test_an_axes_may_be_placed_in_the_data_of_an_earlier_one() -> None:
    figure, first, last = plotted()
    figure.canvas.draw()
    last.lines[0].set_transform(first.transData)
    first.plot([0, 5])
    assert may_be_found_first(figure)
