"""make_video renders frames in order if they depend on each other, and in chunks if not.

The right frames are those that plain matplotlib draws, one after another.
"""

import itertools
import logging
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.artist import Artist
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.ticker import MultipleLocator
from movies import Numbers, read_frames, read_numbers

from parallel_animate import Animator


class Counter(Numbers):
    """Counts its frames, so chunks that are drawn apart would all begin with 1."""

    def setup(self) -> Any:
        self.count = 0
        return super().setup()

    def update(self, frame_idx: int, params: Any) -> None:
        self.count += 1
        super().update(frame_idx, self.count)


class Talking(Numbers):
    def update(self, frame_idx: int, params: Any) -> None:
        print("frame", frame_idx)
        logging.getLogger("talking").warning("frame %d", frame_idx)
        super().update(frame_idx, params)


class Failing(Counter):
    def update(self, frame_idx: int, params: Any) -> None:
        if frame_idx == 5:
            raise ValueError("no data")
        super().update(frame_idx, params)


def warnings(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.message for record in caplog.records if record.levelno >= logging.WARNING]


LOSSLESS = {"video_quality": 0, "video_extra_ffmpeg_params": ["-pix_fmt", "yuv444p"]}


def drawn_in_order(animator: Animator, count: int) -> list[np.ndarray]:
    """Return the frames that matplotlib draws one after another, (height, width, 3)."""
    figure = animator.setup()
    canvas = FigureCanvasAgg(figure)
    frames = []
    for number in range(count):
        animator.update(number, number)
        canvas.draw()
        frames.append(np.array(canvas.buffer_rgba())[..., :3])
    return frames


def assert_shows(movie: Path, expected: list[np.ndarray]) -> None:
    decoded = list(read_frames(movie))
    assert len(decoded) == len(expected)
    for number, (ours, theirs) in enumerate(zip(decoded, expected, strict=True)):
        # The conversion of colours rounds.
        assert np.abs(ours.astype(int) - theirs).max() <= 4, f"frame {number}"


HISTORY: list[int] = []


class WithGlobal(Numbers):
    def update(self, frame_idx: int, params: Any) -> None:
        HISTORY.append(frame_idx)
        super().update(frame_idx, len(HISTORY))


class WithClassAttribute(Numbers):
    count = 0

    def update(self, frame_idx: int, params: Any) -> None:
        WithClassAttribute.count += 1
        super().update(frame_idx, WithClassAttribute.count)


class WithIterator(Numbers):
    def setup(self) -> Any:
        self.numbers = itertools.count(1)
        return super().setup()

    def update(self, frame_idx: int, params: Any) -> None:
        super().update(frame_idx, next(self.numbers))


class CountingSome(Numbers):
    """Counts some frames only, so neighbours look alike, and chunks do not."""

    def setup(self) -> Any:
        self.seen = [0]
        return super().setup()

    def update(self, frame_idx: int, params: Any) -> None:
        if frame_idx % 3 == 0:
            self.seen.append(frame_idx)
        super().update(frame_idx, sum(self.seen))


class MadeByAnEarlierFrame(Numbers):
    """Its fifth frame needs what the second frame made, and so do all others after it."""

    def update(self, frame_idx: int, params: Any) -> None:
        if frame_idx == 1:
            self.factor = 1
        super().update(frame_idx, self.factor * (frame_idx + 1) if frame_idx else 1)


@pytest.mark.parametrize(
    ("make", "workers"),
    [
        (Counter, 2),
        (WithGlobal, 1),
        *(
            pytest.param(make, workers, marks=pytest.mark.slow)
            for make, workers in [
                *((each, 1) for each in (Counter, WithClassAttribute, WithIterator)),
                *((each, 2) for each in (WithGlobal, WithClassAttribute, WithIterator)),
                *((MadeByAnEarlierFrame, workers) for workers in (1, 2)),
            ]
        ),
    ],
)
def test_frames_that_depend_on_each_other_are_rendered_in_order_with_one_warning(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, make: Callable[[], Animator], workers: int
) -> None:
    HISTORY.clear()
    WithClassAttribute.count = 0
    movie = tmp_path / "movie.mp4"
    make().make_video(movie, (i for i in range(9)), 10, num_workers=workers, chunk_size=3)
    assert read_numbers(movie) == [(i, i + 1) for i in range(9)]
    (said,) = warnings(caplog)
    assert "is rendered in order, from its first frame to its last in one process" in said
    assert "update() depends on the frame before: frame " in said
    assert "set all data up to the frame instead of appending" in said
    assert [path.name for path in tmp_path.iterdir()] == ["movie.mp4"]


@pytest.mark.slow
@pytest.mark.parametrize("workers", [1, 2])
def test_a_dependence_that_only_the_start_of_a_chunk_shows_is_found(
    tmp_path: Path, workers: int
) -> None:
    movie = tmp_path / "movie.mp4"
    CountingSome().make_video(movie, range(12), 10, num_workers=workers, chunk_size=6)
    assert read_numbers(movie) == [(i, sum(range(0, i + 1, 3))) for i in range(12)]


class Stops(logging.Handler):
    """Ends the render as ^C does, when it says that it begins again."""

    def emit(self, record: logging.LogRecord) -> None:
        if "is rendered in order" in record.getMessage():
            raise KeyboardInterrupt


@pytest.mark.parametrize("workers", [1, pytest.param(2, marks=pytest.mark.slow)])
def test_chunks_that_were_drawn_out_of_order_are_never_joined(tmp_path: Path, workers: int) -> None:
    work, movie = tmp_path / "work", tmp_path / "movie.mp4"
    options: Any = {"num_workers": workers, "chunk_size": 3, "work_dir": work}
    logger, handler = logging.getLogger("parallel_animate"), Stops()
    logger.addHandler(handler)
    try:
        with pytest.raises(KeyboardInterrupt):
            Counter().make_video(movie, range(9), 10, **options)
    finally:
        logger.removeHandler(handler)
    assert len(list((work / "segments").iterdir())) <= 1
    for _ in range(2):
        Counter().make_video(movie, range(9), 10, **options)
        assert read_numbers(movie) == [(i, i + 1) for i in range(9)]
    (in_order,) = (work / "segments").glob("0000000-0000009-*.mp4")
    time = in_order.stat().st_mtime_ns
    Counter().make_video(movie, iter(range(9)), 10, **options)
    assert in_order.stat().st_mtime_ns == time, "not rendered again"
    Counter().make_video(movie, range(11), 10, **options)
    assert read_numbers(movie) == [(i, i + 1) for i in range(11)]


@pytest.mark.parametrize("workers", [1, 2])
def test_independent_frames_and_movies_of_one_chunk_give_no_warning(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, workers: int
) -> None:
    Numbers().make_video(tmp_path / "a.mp4", range(9), 10, num_workers=workers, chunk_size=3)
    Counter().make_video(tmp_path / "b.mp4", range(9), 10, num_workers=workers, chunk_size=9)
    assert warnings(caplog) == []
    assert read_numbers(tmp_path / "b.mp4") == [(i, i + 1) for i in range(9)]


def test_a_warning_of_update_appears_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    Talking().make_video(tmp_path / "a.mp4", range(9), 10, num_workers=1, chunk_size=3)
    said = [f"frame {i}" for i in range(9)]
    assert [r.message for r in caplog.records if r.name == "talking"] == said
    assert capfd.readouterr().out.splitlines() == said


def test_an_error_in_the_checked_frames_is_the_error_of_the_movie(tmp_path: Path) -> None:
    # It counts its frames, too: the chunk may fail before that is found, or all frames in order.
    expected = r"frame 5 failed \(chunk of frames (4 to 7|0 to 11)\): ValueError: no data"
    with pytest.raises(RuntimeError, match=expected):
        Failing().make_video(tmp_path / "a.mp4", range(12), 10, num_workers=2, chunk_size=4)


class Growing(Animator):
    """Adds a line in each frame; the picture is right, since the old lines are hidden."""

    def setup(self) -> Figure:
        figure = Figure(figsize=(2, 1))
        self.axes = figure.add_subplot()
        return figure

    def update(self, frame_idx: int, params: Any) -> None:
        for line in self.axes.lines:
            line.set_visible(False)
        self.axes.plot([0, 1], [0, 1], "b")


class Stretching(Animator):
    """Its limits grow, and so do the number of ticks and the room for their labels."""

    def __init__(self, layout: str | None) -> None:
        self.layout = layout

    def setup(self) -> Figure:
        figure = Figure(figsize=(3, 2), layout=self.layout)
        self.axes = figure.add_subplot()
        (self.line,) = self.axes.plot([], [])
        self.axes.xaxis.set_major_locator(MultipleLocator(1))
        return figure

    def update(self, frame_idx: int, params: Any) -> None:
        self.line.set_data([0, frame_idx + 1], [0, 10**frame_idx])
        self.axes.relim()
        self.axes.autoscale_view()


@pytest.mark.parametrize("workers", [1, 2])
def test_a_growing_number_of_artists_is_a_warning(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, workers: int
) -> None:
    Growing().make_video(tmp_path / "a.mp4", range(9), 10, num_workers=workers, chunk_size=3)
    (said,) = warnings(caplog)
    assert "Every frame adds artists to the figure (1 in the frames tried)" in said


@pytest.mark.parametrize("layout", [None, "constrained"])
def test_more_ticks_and_a_layout_that_settles_give_no_warning(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, layout: str | None
) -> None:
    animator, movie = Stretching(layout), tmp_path / "a.mp4"
    animator.make_video(movie, range(8), 10, num_workers=1, chunk_size=4, **LOSSLESS)
    assert warnings(caplog) == []
    assert_shows(movie, drawn_in_order(Stretching(layout), 8))


class Swinging(Animator):
    """A tight layout that moves its axes back and forth with every draw."""

    def setup(self) -> Figure:
        figure = Figure(figsize=(3, 2), layout="tight")
        axs = figure.subplots(2, 2)
        image = axs[0, 1].imshow(np.arange(12).reshape(3, 4))
        figure.colorbar(image, ax=axs[0, 1])
        (self.line,) = axs[0, 0].plot([0, 1], [0, 1])
        axs[0, 0].set_ylabel("amplitude")
        return figure

    def update(self, frame_idx: int, params: Any) -> None:
        self.line.set_ydata([0, frame_idx])


@pytest.mark.slow
def test_a_layout_that_never_settles_is_named_and_rendered_in_order(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    movie = tmp_path / "a.mp4"
    Swinging().make_video(movie, range(6), 10, num_workers=1, chunk_size=3, **LOSSLESS)
    expected = drawn_in_order(Swinging(), 6)
    assert np.abs(expected[2].astype(int) - expected[3]).max() > 100, "it does not settle"
    assert_shows(movie, expected)
    (said,) = warnings(caplog)
    assert "The layout engine, TightLayoutEngine, moves the Axes" in said
    assert "fig.set_layout_engine('none') at the end of setup()" in said


X, Y = np.meshgrid(np.arange(0, 6, 0.7), np.arange(0, 6, 0.7))


class Wind(Animator):
    """The scale of a quiver is settled when it is first drawn."""

    def setup(self) -> Figure:
        figure = Figure(figsize=(3, 2))
        self.quiver = figure.add_subplot().quiver(X, Y, np.cos(X), np.sin(Y))
        return figure

    def update(self, frame_idx: int, params: Any) -> None:
        strength = 1 + frame_idx
        self.quiver.set_UVC(strength * np.sin(X + frame_idx), strength * np.cos(Y))


class Titled(Animator):
    """A constrained layout moves the axes when it is first drawn."""

    def setup(self) -> Figure:
        figure = Figure(figsize=(3, 2), layout="constrained")
        self.axes = figure.add_subplot()
        self.image = self.axes.imshow(np.sin(X))
        figure.colorbar(self.image)
        return figure

    def update(self, frame_idx: int, params: Any) -> None:
        self.image.set_data(np.sin(X + frame_idx))
        self.axes.set_title(f"frame {frame_idx}")


class MadeByTheFirstFrame(Animator):
    def setup(self) -> Figure:
        figure = Figure(figsize=(3, 2))
        self.axes = figure.add_subplot()
        return figure

    def update(self, frame_idx: int, params: Any) -> None:
        if frame_idx == 0:
            (self.line,) = self.axes.plot([0, 1], [0, 1])
        self.line.set_ydata([0, 1 / (frame_idx + 1)])


@pytest.mark.slow
@pytest.mark.parametrize("make", [Wind, Titled, MadeByTheFirstFrame])
def test_chunks_settle_as_the_first_frame_does(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, make: Callable[[], Animator]
) -> None:
    one, two, work = tmp_path / "one.mp4", tmp_path / "two.mp4", tmp_path / "work"
    make().make_video(one, range(12), 10, num_workers=1, chunk_size=4, **LOSSLESS)
    assert_shows(one, drawn_in_order(make(), 12))
    make().make_video(
        two, iter(range(12)), 10, num_workers=2, chunk_size=4, work_dir=work, **LOSSLESS
    )
    assert two.read_bytes() == one.read_bytes()
    before = {path: path.stat().st_mtime_ns for path in (work / "segments").iterdir()}
    assert len(before) == 3
    make().make_video(two, range(12), 10, num_workers=2, chunk_size=4, work_dir=work, **LOSSLESS)
    assert {path: path.stat().st_mtime_ns for path in (work / "segments").iterdir()} == before
    assert warnings(caplog) == []


class Late(Wind):
    """Only frames at the start of a chunk look different, since frames 5 to 7 are alike."""

    def update(self, frame_idx: int, params: Any) -> None:
        super().update(1 + frame_idx // 4 if frame_idx else 0, params)


def test_a_rerun_does_not_join_chunks_that_did_not_settle(tmp_path: Path) -> None:
    work, movie = tmp_path / "work", tmp_path / "movie.mp4"
    options: Any = {"num_workers": 1, "chunk_size": 4, "work_dir": work, **LOSSLESS}
    expected = drawn_in_order(Late(), 8)
    for _ in range(2):
        Late().make_video(movie, range(8), 10, **options)
        assert_shows(movie, expected)


class OfPyplot(Animator):
    """Draws into pyplot's figure number 1, or the current one."""

    def setup(self) -> Figure:
        figure, _ = plt.subplots(num=1, figsize=(3, 2), clear=True)
        return figure

    def update(self, frame_idx: int, params: Any) -> None:
        plt.cla()
        plt.plot([0, 1], [0, frame_idx])
        plt.figure(1)
        plt.title(f"frame {frame_idx}")


class EnlargingText(Animator):
    """Its setup() changes rcParams step by step."""

    def setup(self) -> Figure:
        mpl.rcParams["font.size"] += 3
        figure = Figure(figsize=(3, 2))
        self.text = figure.text(0.1, 0.5, "")
        return figure

    def update(self, frame_idx: int, params: Any) -> None:
        self.text.set_text(f"frame {frame_idx}")


@pytest.mark.parametrize("workers", [1, pytest.param(2, marks=pytest.mark.slow)])
@pytest.mark.parametrize("make", [OfPyplot, EnlargingText])
def test_the_check_draws_apart_from_the_movie(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, make: Callable[[], Animator], workers: int
) -> None:
    movie = tmp_path / "a.mp4"
    make().make_video(movie, range(9), 10, num_workers=workers, chunk_size=3, **LOSSLESS)
    assert warnings(caplog) == []
    with mpl.rc_context():
        assert_shows(movie, drawn_in_order(make(), 9))
    plt.close("all")


def test_the_check_draws_only_four_more_frames(tmp_path: Path) -> None:
    class Writing(Numbers):
        def setup(self) -> Any:
            with (tmp_path / "calls").open("a") as file:
                file.write("setup\n")
            return super().setup()

        def update(self, frame_idx: int, params: Any) -> None:
            with (tmp_path / "calls").open("a") as file:
                file.write(f"{frame_idx}\n")
            super().update(frame_idx, params)

    Writing().make_video(tmp_path / "a.mp4", range(15), 10, num_workers=2, chunk_size=3)
    calls = (tmp_path / "calls").read_text().split()
    # The frame after the first chunk is drawn after it and alone.
    more = ["3", "3", "4", "14"]
    # The calling process draws the first frame of the second worker's chunk, to compare them.
    more += ["setup", "3"]
    assert sorted(calls) == sorted(["setup"] * (5 + 3) + [str(i) for i in range(15)] + more)


def test_an_animator_that_cannot_be_copied_is_rendered_in_order(tmp_path: Path) -> None:
    animator: Any = Counter()
    animator.lock = threading.Lock()
    animator.make_video(tmp_path / "a.mp4", range(9), 10, num_workers=1, chunk_size=3)
    assert read_numbers(tmp_path / "a.mp4") == [(i, i + 1) for i in range(9)]


class Climbing(Stretching):
    """Its line is higher than in the last frame drawn, whichever that was."""

    def update(self, frame_idx: int, params: Any) -> None:
        self.line.set_data([0, 1], [0, max(self.line.get_ydata(), default=0) + 1])
        self.axes.set(xlim=(0, 1), ylim=(0, 20))


@pytest.mark.parametrize("layout", [None, "constrained", "tight"])
def test_a_layout_does_not_hide_dependent_frames(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, layout: str | None
) -> None:
    animator = Climbing(layout)
    animator.make_video(tmp_path / "a.mp4", range(8), 10, num_workers=1, chunk_size=4)
    (said,) = warnings(caplog)
    assert "update() depends on the frame before: frame 4 drawn after frame 3 differs" in said
    assert "layout engine" not in said


class Childless(Artist):
    def get_children(self) -> Any:
        raise ValueError("no children")


class Strange(Numbers):
    def setup(self) -> Any:
        figure = super().setup()
        figure.add_artist(Childless())
        return figure


@pytest.mark.parametrize("workers", [1, 2])
def test_an_artist_whose_children_cannot_be_counted_is_rendered(
    tmp_path: Path, workers: int
) -> None:
    Strange().make_video(tmp_path / "a.mp4", range(9), 10, num_workers=workers, chunk_size=3)
    assert [number for number, _ in read_numbers(tmp_path / "a.mp4")] == list(range(9))
