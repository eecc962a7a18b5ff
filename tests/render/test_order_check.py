"""make_video warns of an update() that depends on the frame before, and still renders."""

import logging
import threading
from pathlib import Path
from typing import Any

import pytest
from matplotlib.artist import Artist
from matplotlib.figure import Figure
from matplotlib.ticker import MultipleLocator
from movies import Numbers, read_numbers

from parallel_animate import Animator


class Counter(Numbers):
    """Counts its frames, so the first frame of each chunk is wrong."""

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


@pytest.mark.parametrize("workers", [1, 2])
def test_a_counter_gets_one_warning_and_is_rendered(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, workers: int
) -> None:
    movie = tmp_path / "movie.mp4"
    Counter().make_video(movie, range(9), 10, num_workers=workers, chunk_size=3)
    (said,) = warnings(caplog)
    assert "update() depends on the frame before: frame 4 drawn after frame 3 differs" in said
    assert read_numbers(movie) == [(i, i % 3 + 1) for i in range(9)]


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
    with pytest.raises(RuntimeError, match=r"frame 5 failed \(chunk of frames 4 to 7\)"):
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


@pytest.mark.parametrize("layout", [None, "constrained", "tight"])
def test_more_ticks_and_a_layout_that_settles_give_no_warning(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, layout: str | None
) -> None:
    animator = Stretching(layout)
    animator.make_video(tmp_path / "a.mp4", range(8), 10, num_workers=1, chunk_size=4)
    assert warnings(caplog) == []


def test_the_check_draws_only_one_more_frame(tmp_path: Path) -> None:
    class Writing(Numbers):
        def setup(self) -> Any:
            with (tmp_path / "calls").open("a") as file:
                file.write("setup\n")
            return super().setup()

        def update(self, frame_idx: int, params: Any) -> None:
            with (tmp_path / "calls").open("a") as file:
                file.write(f"{frame_idx}\n")
            super().update(frame_idx, params)

    Writing().make_video(tmp_path / "a.mp4", range(9), 10, num_workers=2, chunk_size=3)
    calls = (tmp_path / "calls").read_text().split()
    assert sorted(calls) == sorted(["setup"] * 4 + [str(i) for i in range(9)] + ["4"])


def test_an_animator_that_cannot_be_copied_is_rendered(tmp_path: Path) -> None:
    animator: Any = Counter()
    animator.lock = threading.Lock()
    animator.make_video(tmp_path / "a.mp4", range(9), 10, num_workers=1, chunk_size=3)
    assert len(read_numbers(tmp_path / "a.mp4")) == 9


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
    assert "frame 5 drawn after frame 4 differs" in said


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
