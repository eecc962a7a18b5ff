"""make_video warns of an update() that depends on the frame before, and renders all the same."""

import logging
from pathlib import Path
from typing import Any

import pytest
from movies import Numbers, read_numbers


class Counter(Numbers):
    """Counts its frames: wrong wherever a chunk begins."""

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
def test_a_counter_is_warned_of_once_and_rendered(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, workers: int
) -> None:
    movie = tmp_path / "movie.mp4"
    Counter().make_video(movie, range(9), 10, num_workers=workers, chunk_size=3)
    (said,) = warnings(caplog)
    assert "update() depends on the frame before: frame 4 drawn after frame 3 differs" in said
    assert read_numbers(movie) == [(i, i % 3 + 1) for i in range(9)]


@pytest.mark.parametrize("workers", [1, 2])
def test_frames_that_stand_alone_and_movies_of_one_chunk_give_no_warning(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, workers: int
) -> None:
    Numbers().make_video(tmp_path / "a.mp4", range(9), 10, num_workers=workers, chunk_size=3)
    Counter().make_video(tmp_path / "b.mp4", range(9), 10, num_workers=workers, chunk_size=9)
    assert warnings(caplog) == []
    assert read_numbers(tmp_path / "b.mp4") == [(i, i + 1) for i in range(9)]


def test_what_update_says_is_said_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    Talking().make_video(tmp_path / "a.mp4", range(9), 10, num_workers=1, chunk_size=3)
    said = [f"frame {i}" for i in range(9)]
    assert [r.message for r in caplog.records if r.name == "talking"] == said
    assert capfd.readouterr().out.splitlines() == said


def test_an_error_in_the_frames_tried_is_the_error_of_the_movie(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match=r"frame 5 failed \(chunk of frames 4 to 7\)"):
        Failing().make_video(tmp_path / "a.mp4", range(12), 10, num_workers=2, chunk_size=4)
