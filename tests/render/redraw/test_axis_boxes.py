"""Boxes of axes that a layout asks for are kept only as long as the axes look the same."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine
from numpy.typing import NDArray

from parallel_animate import Animator
from parallel_animate.inputs.frames import Chunk, Frame
from parallel_animate.render.isolation import isolated_drawing
from parallel_animate.render.redraw import axis_boxes
from parallel_animate.render.redraw.outlook import Outlook
from parallel_animate.render.redraw.replay import Replay
from parallel_animate.render.scene import Scene
from parallel_animate.settings import video_settings

# Whether a layout comes to rest depends on the sizes of texts, so several figures are tried.
SIZES = [(6.4, 4.8), (3, 2.2), (8, 6), (6, 9), (5, 4), (7, 7)]
N_FRAMES, CHANGED = 14, 10


def share_a_locator(first: Axes, second: Axes) -> None:
    # From now on it sees the second axis.
    second.yaxis.set_major_locator(first.yaxis.get_major_locator())
    first.set_ylim(0, 100_000)
    second.tick_params("y", labelleft=False)


def nothing(first: Axes, second: Axes) -> None:
    """Leave the figure as it is."""


Change = Callable[[Axes, Axes], object]
CHANGES: dict[str, tuple[Change, Change]] = {
    "size of tick labels": (nothing, lambda first, second: second.tick_params("y", labelsize=20)),
    "label": (nothing, lambda first, second: second.set_ylabel("two\nlines")),
    "place of a spine": (
        nothing,
        lambda first, second: second.spines["left"].set_position(("outward", 20)),
    ),
    "limits": (nothing, lambda first, second: second.set_ylim(0, 100_000)),
    "formatter": (
        nothing,
        lambda first, second: second.yaxis.set_major_formatter("{x:.6f}"),
    ),
    "scale": (nothing, lambda first, second: second.set_yscale("symlog")),
    "aligned labels": (
        lambda first, second: (first.set_ylim(0, 100_000), second.set_ylabel("y")),
        lambda first, second: second.get_figure().align_ylabels(),
    ),
    "labels of the axis that a locator sees": (
        share_a_locator,
        lambda first, second: second.tick_params("y", labelsize=40),
    ),
}


class Changing(Animator):
    """Two Axes; a line moves, and later something else changes once."""

    def __init__(self, name: str, size: tuple[float, float]) -> None:
        self.name, self.size = name, size

    def setup(self) -> Figure:
        figure = Figure(figsize=self.size, dpi=50, layout="constrained")
        self.axes = figure.subplots(2)
        self.line, _ = [ax.plot(np.sin(np.arange(30) / 3))[0] for ax in self.axes]
        CHANGES[self.name][0](*self.axes)
        return figure

    def update(self, frame_idx: int, params: Any) -> None:
        self.line.set_ydata(np.sin(np.arange(30) / 3 + frame_idx))
        if frame_idx == CHANGED:
            CHANGES[self.name][1](*self.axes)


def frames_of(animator: Animator, redraw: str) -> list[NDArray[np.uint8]]:
    chunk = Chunk(tuple(Frame.of(number, None) for number in range(N_FRAMES)))
    with isolated_drawing():
        scene = Scene(animator, chunk, video_settings(fps=30, redraw=redraw))
        return [scene.draw(frame).copy() for frame in chunk.frames]


@pytest.fixture
def replayed(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """Replay however little it saves; return a list that gets, for each box, if it was known."""
    monkeypatch.setattr(Replay, "is_worth_it", True)
    monkeypatch.setattr(Outlook, "is_hopeless", lambda self: False)
    were_known: list[bool] = []
    known_box = axis_boxes.known_box

    def watched(
        artist: Any, measure: Any, axes: Any, boxes: Any, *args: Any, **options: Any
    ) -> Any:
        before = len(boxes)
        box = known_box(artist, measure, axes, boxes, *args, **options)
        were_known.append(len(boxes) == before)
        return box

    monkeypatch.setattr(axis_boxes, "known_box", watched)
    return were_known


@pytest.mark.slow
@pytest.mark.parametrize("name", CHANGES)
def test_the_frame_of_a_change_has_the_pixels_of_a_full_redraw(
    name: str, replayed: list[bool]
) -> None:
    for size in SIZES:
        full, auto = (frames_of(Changing(name, size), redraw) for redraw in ("full", "auto"))
        assert [np.array_equal(a, b) for a, b in zip(full, auto, strict=True)] == [True] * N_FRAMES
    assert any(replayed), "a kept box was used"


class MeasuringEngine(ConstrainedLayoutEngine):
    """An engine of a user, which asks an axis for its box without a renderer, as is allowed."""

    def execute(self, fig: Any) -> None:
        super().execute(fig)
        for axes in fig.axes:
            axes.yaxis.get_tightbbox()


def test_a_users_engine_may_leave_the_renderer_out(replayed: list[bool]) -> None:
    class Measured(Changing):
        def setup(self) -> Figure:
            figure = super().setup()
            figure.set_layout_engine(MeasuringEngine())
            return figure

    full, auto = (frames_of(Measured("label", (4, 4)), redraw) for redraw in ("full", "auto"))
    assert [np.array_equal(a, b) for a, b in zip(full, auto, strict=True)] == [True] * N_FRAMES
