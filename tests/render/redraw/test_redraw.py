"""Drawing less gives the pixels of a full redraw, leaves no trace, and stops where it cannot."""

import datetime
import logging
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
import pytest
from corpus import CASES, DEVELOPMENT, HELD_OUT
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.legend import Legend
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle
from matplotlib.patheffects import Normal
from matplotlib.text import Text
from numpy.typing import NDArray
from random_figures import RandomFigure

from parallel_animate import Animator
from parallel_animate.errors import RenderError
from parallel_animate.inputs.frames import Chunk, Frame
from parallel_animate.render.isolation import isolated_drawing, pyplot_figures
from parallel_animate.render.redraw import earlier_draws, memo
from parallel_animate.render.redraw.canvas import ReplayCanvas
from parallel_animate.render.redraw.earlier_draws import EarlierDraws
from parallel_animate.render.redraw.outlook import Outlook
from parallel_animate.render.redraw.replay import Replay
from parallel_animate.render.redraw.selfcheck import frames_to_check
from parallel_animate.render.redraw.state import Watch
from parallel_animate.render.redraw.walk import Opaque
from parallel_animate.render.scene import Scene
from parallel_animate.settings import video_settings

FULL = video_settings(fps=30, redraw="full")
AUTO = video_settings(fps=30, redraw="auto")
# Cases that are run by default: habits that need care. The others are slow only by their number.
QUICK = (
    "lines/three_lines_of_which_one_moves",
    "text/title_pushed_up_by_ticks_on_top",
    "in_place_edits/offsets_of_a_scatter",
    "in_place_edits/array_inside_a_transform",
    "habits/draws_before_and_after_each_change",
    "habits/draws_without_rendering",
    "habits/artists_marked_as_animated",
    "axis_and_ticks/formatter_that_reads_outside_state",
    "custom_axes_and_transforms/subfigure_with_a_method_replaced_late",
    "events_and_widgets/text_set_by_a_draw_event",
    "layouts/tight_with_changing_ticks",
    "polar_parts/a_circle_becomes_a_sector",
    "polar_parts/the_background_gets_a_shape_that_a_draw_undoes",
    "legends_and_colorbars/legend_best_goes_out_of_the_way",
    "subfigures_insets_twins/line_of_the_lower_twin_moves",
)


def frames_of(animator: Animator, params: Any, settings: Any) -> list[NDArray[np.uint8]]:
    chunk = Chunk(tuple(Frame.of(i, value) for i, value in enumerate(params)))
    with isolated_drawing():
        scene = Scene(animator, chunk, settings)
        return [scene.draw(frame).copy() for frame in chunk.frames]


def assert_same_pixels(name: str) -> None:
    case = CASES[name]
    params_before = dict(mpl.rcParams)
    full = frames_of(case.make(), case.params, FULL)
    less = frames_of(case.make(), case.params, AUTO)
    assert len({frame.shape for frame in full}) == 1
    assert (len({frame.tobytes() for frame in full}) == 1) == case.static
    if wrong := differing(full, less):
        again = frames_of(case.make(), case.params, FULL)
        assert differing(full, again) == [], "the case itself looks different each time"
    assert wrong == []
    assert dict(mpl.rcParams) == params_before
    assert pyplot_figures() == frozenset()


def differing(expected: list[NDArray[np.uint8]], found: list[NDArray[np.uint8]]) -> list[int]:
    pairs = zip(expected, found, strict=True)
    return [i for i, (a, b) in enumerate(pairs) if not np.array_equal(a, b)]


@pytest.mark.parametrize("name", QUICK)
def test_a_frame_drawn_less_has_the_pixels_of_a_full_redraw(name: str) -> None:
    assert_same_pixels(name)


@pytest.mark.slow
@pytest.mark.parametrize("name", DEVELOPMENT)
def test_every_development_case_of_the_corpus(name: str) -> None:
    assert_same_pixels(name)


# Themes whose cases often clear their axes, so that artists are recognized by their values.
MADE_AGAIN = (
    *("made_again/", "add_and_remove/", "statistics/", "rare_changes/", "places/"),
    *("cleared_axes/", "moving_limits/", "polar_parts/", "draw_time/"),
)


@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name in DEVELOPMENT if name.startswith(MADE_AGAIN)])
def test_artists_made_again_are_right_however_little_it_saves(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Replay, "is_worth_it", True)
    monkeypatch.setattr(Outlook, "is_hopeless", lambda self: False)
    monkeypatch.setattr(earlier_draws, "FEW", -1)
    assert_same_pixels(name)


@pytest.mark.slow
@pytest.mark.parametrize("name", HELD_OUT)
def test_every_held_out_case_of_the_corpus(name: str) -> None:
    assert_same_pixels(name)


class Panels(Animator):
    """Sixteen panels with a line each, of which only the first one moves."""

    def setup(self) -> Figure:
        figure = Figure(figsize=(4, 4), dpi=60)
        axes = figure.subplots(4, 4)
        self.lines = [ax.plot([0, 1, 2], [0, 1, 0])[0] for ax in axes.flat]
        return figure

    def update(self, frame_idx: int, params: Any) -> None:
        self.lines[0].set_ydata([0, np.sin(frame_idx), 1])


class DrawCounter:
    """Counts the artists that are really drawn."""

    def __init__(self) -> None:
        self.n_draws = 0


@pytest.fixture
def counter(monkeypatch: pytest.MonkeyPatch) -> DrawCounter:
    counter = DrawCounter()
    for kind in (Line2D, Axis, Text, Rectangle):
        draw = kind.draw

        def counting(artist: Any, renderer: Any, draw: Any = draw) -> None:
            counter.n_draws += 1
            draw(artist, renderer)

        monkeypatch.setattr(kind, "draw", counting)
    return counter


def test_only_the_changed_artist_is_drawn(counter: DrawCounter) -> None:
    animator = Panels()
    canvas = ReplayCanvas(animator.setup())
    drawn = []
    for frame in range(8):
        animator.update(frame, None)
        before = counter.n_draws
        canvas.draw_frame()
        drawn.append(counter.n_draws - before)
    assert drawn[0] > 16 * 5
    # The line itself; its Axes' other artists are replayed or in the background.
    assert drawn[3:] == [1] * 5


def arrow(axes: Axes) -> None:
    axes.annotate("here", (0.2, 0.2), (0.8, 0.8), arrowprops={"arrowstyle": "->"})


def legend(axes: Axes) -> None:
    axes.set_ylim(0, 6)
    axes.legend(axes.plot([0, 1], [0, 0]), ["flat"])


BESIDE: dict[str, Callable[[Axes], object]] = {
    "an arrow": arrow,
    "a logarithmic axis": lambda axes: axes.set_yscale("log"),
    "dates": lambda axes: axes.plot([datetime.date(2024, 1, day) for day in (1, 9)], [1, 2]),
    "categories": lambda axes: axes.bar(["a", "b"], [1, 2]),
    "an inset": lambda axes: axes.inset_axes((0.6, 0.6, 0.3, 0.3)).plot([1, 2]),
    "a 3-D surface": lambda axes: axes.get_figure().add_subplot(122, projection="3d"),
    "polar axes": lambda axes: axes.get_figure().add_subplot(122, projection="polar"),
    "a legend in the best place": legend,
    "the user's labels": lambda axes: axes.xaxis.set_major_formatter(lambda x, n: f"{x}!"),
}


@pytest.mark.parametrize("name", BESIDE)
def test_a_line_beside_something_that_rests_is_drawn_alone(counter: DrawCounter, name: str) -> None:
    figure = Figure(figsize=(4, 2), dpi=60)
    axes = figure.add_subplot(121)
    BESIDE[name](axes)
    (line,) = axes.plot([0, 1], [1, 2])
    canvas = ReplayCanvas(figure)
    drawn = []
    for frame in range(10):
        line.set_ydata([1, 1 + frame / 10])
        before = counter.n_draws
        canvas.draw_frame()
        drawn.append(counter.n_draws - before)
    assert drawn[0] > 10
    assert drawn[6:] == [1] * 4


def test_what_stands_in_the_box_is_not_drawn_while_limits_scroll(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    figure = Figure(figsize=(4, 2), dpi=60)
    axes = figure.add_subplot(xticks=[1, 5])
    axes.plot([0, 1, 2, 20], [0, 1, 0, 1], label="line")
    legend = axes.legend(loc="upper right")
    corner = axes.text(0.1, 0.1, "corner", transform=axes.transAxes)
    in_data = axes.text(3, 0.5, "data", clip_on=True)
    canvas = ReplayCanvas(figure)
    drawn: list[Any] = []
    for kind in (Legend, Text):
        draw = kind.draw

        def noting(artist: Any, renderer: Any, draw: Any = draw) -> None:
            drawn.append(artist)
            draw(artist, renderer)

        monkeypatch.setattr(kind, "draw", noting)
    for frame in range(8):
        axes.set_xlim(frame, frame + 5)
        canvas.draw_frame()
        if frame == 0:
            assert {legend, corner, in_data} <= set(drawn)
        if frame == 3:
            drawn.clear()
    assert {legend, corner, in_data}.intersection(drawn) == {in_data}


def test_ticks_and_labels_of_a_cleared_axes_are_not_drawn_again(
    counter: DrawCounter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Replay, "is_worth_it", True)
    figure = Figure(figsize=(4, 2), dpi=60)
    axes = figure.add_subplot()
    canvas = ReplayCanvas(figure)
    drawn = []
    for frame in range(8):
        axes.clear()
        axes.set(xlim=(0, 2), ylim=(-1, 1), title="still", xlabel="x")
        axes.plot([0, 1, 2], np.sin([frame, frame, 1]))
        before = counter.n_draws
        canvas.draw_frame()
        drawn.append(counter.n_draws - before)
    # The line alone is new in each frame.
    assert drawn[4:] == [1] * 4


@pytest.mark.parametrize("growth", [0, 1])
def test_clearing_one_panel_neither_draws_nor_looks_up_the_others(
    growth: int, counter: DrawCounter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Replay, "is_worth_it", True)
    looked_up: list[Any] = []
    recall = EarlierDraws.recall

    def counting(self: EarlierDraws, item: Any, place: Any) -> bool:
        found = recall(self, item, place)
        looked_up.append((item, found))
        return found

    monkeypatch.setattr(EarlierDraws, "recall", counting)
    figure = Panels().setup()
    axes: Any = figure.axes[0]
    canvas = ReplayCanvas(figure)
    drawn = []
    for frame in range(5):
        axes.clear()
        axes.plot([0, 1, 2], np.sin([frame, frame, 1]))
        axes.set(xlim=(0, 2), ylim=(-1, 1 + growth * frame))
        before = counter.n_draws
        looked_up.clear()
        canvas.draw_frame()
        drawn.append(counter.n_draws - before)
    assert {item.axes for item, _ in looked_up} == {axes}
    found = [item.artist for item, is_found in looked_up if is_found]
    assert axes.xaxis in found
    assert (axes.yaxis in found) == (growth == 0)
    # The line alone, or also the axis that changes, with its ticks.
    assert drawn[-1] == 1 if growth == 0 else 1 < drawn[-1] < 50


def test_an_unchanged_figure_is_not_drawn(counter: DrawCounter) -> None:
    canvas = ReplayCanvas(Panels().setup())
    for _ in range(3):
        canvas.draw_frame()
    before = counter.n_draws
    canvas.draw_frame()
    assert counter.n_draws == before


def test_matplotlib_is_restored_after_a_draw_and_after_an_error() -> None:
    layout, update_ticks = Text._get_layout, Axis._update_ticks

    class Failing(Artist):
        def draw(self, renderer: Any) -> None:
            assert Text._get_layout is not layout
            raise RuntimeError("cannot")

    figure = Panels().setup()
    canvas = ReplayCanvas(figure)
    canvas.draw_frame()
    figure.add_artist(Failing())
    with pytest.raises(RuntimeError, match="cannot"):
        canvas.draw_frame()
    assert (Text._get_layout, Axis._update_ticks) == (layout, update_ticks)


def test_another_figure_drawn_meanwhile_uses_no_caches() -> None:
    other = Panels().setup()
    FigureCanvasAgg(other).draw()
    asked = []

    class Nosy(Artist):
        def draw(self, renderer: Any) -> None:
            asked.append(memo.Memo.layout(other.axes[0].title, renderer))
            other.canvas.draw()

    figure = Panels().setup()
    figure.add_artist(Nosy())
    alone = np.array(other.canvas.buffer_rgba())
    ReplayCanvas(figure).draw_frame()
    assert asked
    assert np.array_equal(np.array(other.canvas.buffer_rgba()), alone)


PLAIN_LAYOUT = Text._get_layout


class Sly(Artist):
    """Pretends to be a matplotlib class, and has a hidden state."""

    angle = 0.0

    def draw(self, renderer: Any) -> None:
        gc = renderer.new_gc()
        path = mpl.path.Path([[10, 10], [40, 10 + Sly.angle]])
        renderer.draw_path(gc, path, mpl.transforms.IdentityTransform())
        gc.restore()


class SlyAnimator(Animator):
    def setup(self) -> Figure:
        figure = Figure(figsize=(1, 1), dpi=64)
        figure.add_artist(Sly())
        Sly.angle = 0.0
        return figure

    def update(self, frame_idx: int, params: float) -> None:
        Sly.angle = params


class CountingText(Text):
    """Shows how often it has been drawn."""

    n_draws = 0

    def draw(self, renderer: Any) -> None:
        self.n_draws += 1
        self.set_text(str(self.n_draws))
        super().draw(renderer)


def test_the_self_check_does_not_draw_the_users_artists_again() -> None:
    class Counting(Animator):
        def setup(self) -> Figure:
            figure = Figure(figsize=(1, 1), dpi=64)
            figure.add_artist(CountingText(0.2, 0.5, ""))
            return figure

        def update(self, frame_idx: int, params: Any) -> None:
            pass

    params = range(12)
    full = frames_of(Counting(), params, FULL)
    assert all(map(np.array_equal, frames_of(Counting(), params, AUTO), full))


@pytest.fixture
def sly_class() -> Iterator[None]:
    Sly.__module__ = "matplotlib.sly"
    yield
    Sly.__module__ = __name__


def test_the_self_check_finds_a_missed_change_and_the_movie_is_right(
    sly_class: None, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    params = [0.0, 0.0, 20.0, 7.0, 9.0, 30.0]
    full, auto = tmp_path / "full.mp4", tmp_path / "auto.mp4"
    SlyAnimator().make_video(full, params, 10, num_workers=1, redraw="full")
    with caplog.at_level(logging.WARNING):
        SlyAnimator().make_video(auto, params, 10, num_workers=1)
    assert auto.read_bytes() == full.read_bytes()
    (record,) = (r for r in caplog.records if "rendered again" in r.message)
    assert re.search(r"in frame [2-5], \d+ pixels differ", record.message)
    assert "Sly" in record.message


class Touchy(Artist):
    """Can be drawn for a frame, but not again by the check."""

    must_not_be_drawn = False

    def draw(self, renderer: Any) -> None:
        assert not (Touchy.must_not_be_drawn and Text._get_layout is not PLAIN_LAYOUT)


class TouchyAnimator(Animator):
    def setup(self) -> Figure:
        figure = Figure(figsize=(1, 1), dpi=64)
        figure.add_artist(Touchy())
        (self.line,) = figure.add_subplot().plot([0, 1], [0, 1])
        return figure

    def update(self, frame_idx: int, params: float) -> None:
        Touchy.must_not_be_drawn = frame_idx >= 2
        self.line.set_ydata([params, 1])


def test_after_a_failed_check_the_chunk_is_rendered_in_full(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(Touchy, "__module__", "matplotlib.touchy")
    params = [0.0, 0.0, 0.2, 0.7, 0.9, 0.3]
    full, auto = tmp_path / "full.mp4", tmp_path / "auto.mp4"
    TouchyAnimator().make_video(full, params, 10, num_workers=1, redraw="full")
    with caplog.at_level(logging.WARNING):
        TouchyAnimator().make_video(auto, params, 10, num_workers=1)
    assert "another full draw failed (AssertionError" in caplog.text
    assert auto.read_bytes() == full.read_bytes()


def test_each_chunk_checks_its_first_replay_and_some_frames_of_its_own() -> None:
    assert frames_to_check(1, 0) == frames_to_check(2, 0) == {}
    assert len(frames_to_check(3, 0)) == len(frames_to_check(99, 0)) == 1
    checks = frames_to_check(250, 0)
    assert 2 in checks
    assert len(checks) == 3
    assert any(checks.values()), "one without our caches"
    assert frames_to_check(250, 0) == checks
    assert len({tuple(frames_to_check(250, start)) for start in range(0, 2500, 250)}) > 5


def test_the_artists_that_update_returns_are_only_a_hint(sly_class: None) -> None:
    class Hinting(SlyAnimator):
        def setup(self) -> Figure:
            figure = super().setup()
            (self.sly,) = figure.artists
            self.text = figure.text(0.5, 0.5, "a")
            return figure

        def update(self, frame_idx: int, params: float) -> Any:
            super().update(frame_idx, params)
            # This artist changes too, but is not returned.
            self.text.set_text(f"{params:g}")
            return [self.sly]

    params = [0.0, 0.0, 20.0, 0.0, 9.0, 30.0]
    full = frames_of(Hinting(), params, FULL)
    assert all(map(np.array_equal, frames_of(Hinting(), params, AUTO), full))


@pytest.mark.parametrize(
    "change",
    [
        lambda line: line.set_color("red"),
        lambda line: line.get_path().vertices.__setitem__((0, 1), 0.7),
        lambda line: line._xy.__setitem__((0, 1), 0.7),
        lambda line: line.axes.set_xlim(0, 5),
        lambda line: line.set_transform(line.axes.transAxes),
        lambda line: line.set_path_effects([Normal()]),
        lambda line: line.set_clip_on(False),
        lambda line: setattr(line, "something", 1),
    ],
    ids=["colour", "vertices", "points", "limits", "transform", "effects", "clip", "attribute"],
)
def test_the_watch_sees_a_change(change: Any) -> None:
    figure = Figure()
    (line,) = figure.add_subplot().plot([0, 1], [0, 1])
    figure.draw_without_rendering()
    watch = Watch([line])
    assert watch.unchanged()
    change(line)
    assert not watch.unchanged()


def test_setting_equal_values_is_no_change() -> None:
    figure = Figure()
    (line,) = figure.add_subplot().plot([0, 1], [0, 1])
    figure.draw_without_rendering()
    watch = Watch([line])
    line.set_data(np.array([0, 1]), np.array([0, 1]))
    figure.draw_without_rendering()
    assert watch.unchanged()


def test_an_artist_that_depends_on_the_users_code_is_opaque() -> None:
    figure = Figure()
    (line,) = figure.add_subplot().plot([0, 1])
    Watch([line])
    line.set_agg_filter(lambda image, dpi: (image, 0, 0))
    with pytest.raises(Opaque):
        Watch([line])


def test_an_axis_with_the_users_formatter_is_asked_for_its_ticks() -> None:
    figure = Figure()
    axes = figure.add_subplot()
    axes.xaxis.set_major_formatter(lambda value, place: f"{value}!")
    assert Watch([axes.xaxis]).asks
    assert not Watch([axes.yaxis]).asks


def test_an_artist_that_cannot_be_drawn_fails_its_frame(tmp_path: Path) -> None:
    class Broken(SlyAnimator):
        def update(self, frame_idx: int, params: float) -> None:
            if frame_idx == 4:
                self.figure.text(0, 0, "$no formula")

        def setup(self) -> Figure:
            self.figure = super().setup()
            return self.figure

    class Unparsable(Broken):
        def update(self, frame_idx: int, params: float) -> None:
            if frame_idx == 4:
                self.figure.text(0, 0, r"$\nothing$")

    Broken().make_video(tmp_path / "right.mp4", range(6), 10, num_workers=1)
    with pytest.raises(RenderError, match="frame 4 failed"):
        Unparsable().make_video(tmp_path / "wrong.mp4", range(6), 10, num_workers=1)


def assert_random_figures_are_alike(seeds: range, monkeypatch: pytest.MonkeyPatch) -> None:
    # Replay even where it saves no time: the more is replayed, the more is compared.
    monkeypatch.setattr(Replay, "is_worth_it", True)
    monkeypatch.setattr(Outlook, "is_hopeless", lambda self: False)
    replayed, draw = [], Replay.draw

    def counting(self: Replay, hints: Any = ()) -> None:
        replayed.append(self)
        draw(self, hints)

    monkeypatch.setattr(Replay, "draw", counting)
    for seed in seeds:
        full = frames_of(RandomFigure(seed), range(8), FULL)
        less = frames_of(RandomFigure(seed), range(8), AUTO)
        assert np.array_equal(full, less), f"random figure {seed}"
    # Of the 8 frames of a figure, the first is never replayed.
    assert len(replayed) > 6 * len(seeds)


def test_random_figures_have_the_pixels_of_a_full_redraw(monkeypatch: pytest.MonkeyPatch) -> None:
    assert_random_figures_are_alike(range(6), monkeypatch)


# In parts, so that several processes share them.
@pytest.mark.slow
@pytest.mark.parametrize("part", range(4))
def test_many_more_random_figures(part: int, monkeypatch: pytest.MonkeyPatch) -> None:
    assert_random_figures_are_alike(range(6 + part, 200, 4), monkeypatch)
