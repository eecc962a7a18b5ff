"""Layouts that update() asks for put the Axes where matplotlib puts them, to the last bit."""

import contextlib
from collections.abc import Callable
from typing import Any

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.axis import Axis
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine, TightLayoutEngine

from parallel_animate.render.redraw import artists_made_quickly, memo
from parallel_animate.render.redraw.canvas import CachingCanvas, ReplayCanvas

METHODS = [
    (TightLayoutEngine, "execute"),
    (ConstrainedLayoutEngine, "execute"),
    (Figure, "draw_without_rendering"),
    (mpl._api, "warn_external"),
]
REAL = [vars(owner)[name] for owner, name in METHODS]

Update = Callable[[Figure, int], None]


def change(figure: Figure, number: int) -> None:
    for place, axes in enumerate(figure.axes[:2]):
        axes.clear()
        axes.plot(
            [0, 1], [0, 10.0 ** (number % 3 + place)], label="\n".join("ab"[: number % 2 + 1])
        )
        axes.set(title=f"frame {number}", ylabel="amplitude", xlabel="$x^2$" if number > 2 else "x")
        axes.legend()


def tight(figure: Figure, number: int) -> None:
    change(figure, number)
    figure.tight_layout()


def tight_in_a_font(figure: Figure, number: int) -> None:
    with mpl.rc_context({"font.size": 8 + 3 * (number % 2), "mathtext.fontset": "stix"}):
        change(figure, number)
        figure.tight_layout(pad=0.5)


def constrained(figure: Figure, number: int) -> None:
    if number == 0:
        figure.set_layout_engine("constrained")
        figure.colorbar(figure.axes[0].imshow([[0, 1], [2, 3]]), ax=figure.axes)
    change(figure, number)
    figure.draw_without_rendering()


def engine_by_hand(figure: Figure, number: int) -> None:
    change(figure, number)
    ConstrainedLayoutEngine(compress=True).execute(figure)
    figure.axes[1].set_xlim(0, number + 1)
    TightLayoutEngine().execute(figure)


def twins_and_subfigures(figure: Figure, number: int) -> None:
    if number == 0:
        figure.clear()
        left, right = figure.subfigures(1, 2)
        left.subplots(2, 1, sharex=True)
        right.subplots().twinx().set_ylabel("twin")
        figure.set_layout_engine("constrained")
    change(figure, number)
    figure.draw_without_rendering()


UPDATES = (tight, tight_in_a_font, constrained, engine_by_hand, twins_and_subfigures)


def new_figure(canvas: Any) -> Figure:
    figure = Figure(figsize=(4, 2.5))
    figure.subplots(1, 2)
    canvas(figure)
    return figure


@pytest.mark.parametrize(
    "canvas", [ReplayCanvas, pytest.param(CachingCanvas, marks=pytest.mark.slow)]
)
@pytest.mark.parametrize("update", UPDATES)
def test_axes_and_pixels_are_those_of_matplotlib(update: Update, canvas: Any) -> None:
    quick, plain = new_figure(canvas), new_figure(FigureCanvasAgg)
    for number in range(5):
        with artists_made_quickly():
            update(quick, number)
        update(plain, number)
        assert places(quick) == places(plain), number
        shown: Any = quick.canvas
        shown.draw_frame()
        expected: Any = plain.canvas
        expected.draw()
        assert places(quick) == places(plain), number
        pixels = np.asarray(shown.get_renderer().buffer_rgba())
        np.testing.assert_array_equal(pixels, np.asarray(expected.buffer_rgba()))
    assert [vars(owner)[name] for owner, name in METHODS] == REAL


def places(figure: Figure) -> list[bytes]:
    return [axes.bbox.get_points().tobytes() for axes in figure.axes]


@pytest.mark.parametrize("update", UPDATES)
def test_ticks_are_made_less_often(update: Update, monkeypatch: pytest.MonkeyPatch) -> None:
    n_calls = [0]
    update_ticks: Any = Axis._update_ticks  # type: ignore[attr-defined]

    def counted(axis: Any) -> Any:
        n_calls[0] += 1
        return update_ticks(axis)

    # Both are matplotlib's for the package: the one that is called, and the one that is replaced.
    monkeypatch.setattr(memo, "_update_ticks", counted)
    monkeypatch.setattr(Axis, "_update_ticks", counted)
    figure = new_figure(CachingCanvas)
    update(figure, 0)
    n_calls[0] = 0
    update(figure, 1)
    plainly, n_calls[0] = n_calls[0], 0
    with artists_made_quickly():
        update(figure, 2)
    assert 0 < n_calls[0] < plainly / 2


def test_figures_on_other_canvases_are_left_to_matplotlib(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []
    monkeypatch.setattr(memo.Memo, "ticks", lambda *arguments: asked.append(arguments) or [])
    figure = new_figure(FigureCanvasAgg)
    with artists_made_quickly():
        figure.tight_layout()
    assert not asked


def test_a_formatter_with_a_method_of_its_own_is_asked_as_often() -> None:
    counts = []
    for block in (artists_made_quickly(), contextlib.nullcontext()):
        figure = new_figure(CachingCanvas)
        formatter = figure.axes[0].xaxis.get_major_formatter()
        asked: list[Any] = []
        formatter.format_ticks = counting(formatter.format_ticks, asked)  # type: ignore[method-assign]
        with block:
            figure.tight_layout()
        counts.append(len(asked))
    assert counts[0] == counts[1] > 1


def counting(method: Any, asked: list[Any]) -> Any:
    def call(values: Any) -> Any:
        asked.append(values)
        return method(values)

    return call


def test_a_layout_returns_what_matplotlib_returns() -> None:
    figure = new_figure(CachingCanvas)
    with artists_made_quickly():
        grids: Any = ConstrainedLayoutEngine().execute(figure)
    assert figure in grids


def test_a_warning_is_about_the_line_that_asks_for_the_layout() -> None:
    figure = new_figure(CachingCanvas)
    figure.set_size_inches(0.3, 0.3)
    with artists_made_quickly(), pytest.warns(UserWarning, match="Tight layout not") as found:
        figure.tight_layout()
    with pytest.warns(UserWarning, match="Tight layout not") as plain:
        figure.tight_layout()
    assert [warning.filename for warning in found] == [__file__]
    assert plain[0].lineno - found[0].lineno == 2


def test_an_error_in_a_layout_leaves_nothing_behind() -> None:
    figure = new_figure(CachingCanvas)
    figure.axes[0].set_ylabel("$\\nonsense$")
    with pytest.raises(ValueError, match="nonsense"), artists_made_quickly():
        figure.tight_layout()
    assert [vars(owner)[name] for owner, name in METHODS] == REAL
    assert memo.is_matplotlib_whole()
