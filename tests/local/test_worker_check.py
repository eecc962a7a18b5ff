"""A frame that a worker draws otherwise than this process: the movie is drawn in this process."""

import logging
import math
from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.animation import FuncAnimation
from movies import Numbers, read_frames, read_numbers

from parallel_animate import save_animation


class OfThisProcess(Numbers):
    """Shows a value that the test puts into a module, where no other process finds it."""

    def update(self, frame_idx: int, params: Any) -> None:
        super().update(frame_idx, getattr(math, "of_this_process", 0))


@pytest.fixture
def _value(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(math, "of_this_process", 77, raising=False)


def warnings(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.message for record in caplog.records if record.levelno >= logging.WARNING]


@pytest.mark.usefixtures("_value")
@pytest.mark.parametrize("chunk_size", [3, 9])
def test_what_only_this_process_has_is_drawn_in_this_process(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, chunk_size: int
) -> None:
    movie, work = tmp_path / "a.mp4", tmp_path / "work"
    params = (i for i in range(9))
    OfThisProcess().make_video(
        movie, params, 10, num_workers=2, chunk_size=chunk_size, work_dir=work
    )
    assert read_numbers(movie) == [(i, 77) for i in range(9)]
    (said,) = warnings(caplog)
    assert "is rendered in this process alone" in said
    assert "looks different when a worker process draws it" in said
    assert not list((work / "segments").iterdir()), "what a worker drew is not kept"


@pytest.mark.parametrize("chunk_size", [3, 9])
def test_equal_frames_give_no_warning(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, chunk_size: int
) -> None:
    movie = tmp_path / "a.mp4"
    OfThisProcess().make_video(movie, range(9), 10, num_workers=2, chunk_size=chunk_size)
    assert read_numbers(movie) == [(i, 0) for i in range(9)]
    assert warnings(caplog) == []


@pytest.mark.usefixtures("_value")
def test_an_animation_that_workers_draw_otherwise_is_drawn_in_this_process(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    figure, axes = plt.subplots(figsize=(2, 1))
    (line,) = axes.plot([0, 1], [0, 1])

    def update(i: int) -> None:
        line.set_ydata([i, getattr(math, "of_this_process", 0)])
        axes.set_ylim(0, 80)

    for workers in (1, 2):
        save_animation(
            FuncAnimation(figure, update, frames=6),
            tmp_path / f"{workers}.mp4",
            num_workers=workers,
            chunk_size=3,
            video_quality=0,
        )
    (said,) = warnings(caplog)
    assert "The animation is rendered in one process: frame 3 looks different" in said
    pairs = zip(read_frames(tmp_path / "1.mp4"), read_frames(tmp_path / "2.mp4"), strict=True)
    assert all(np.array_equal(one, other) for one, other in pairs)
