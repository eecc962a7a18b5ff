"""A short animation is drawn in the caller's process, sooner than workers would be ready."""

from pathlib import Path
from typing import Any

import animations
import matplotlib.pyplot as plt
import pytest

from parallel_animate import save_animation
from parallel_animate.funcanimation import movie as movies
from parallel_animate.local import make_video

SETTINGS: dict[str, Any] = {"video_mode": "cpu", "disable_progress_bar": True, "chunk_size": 5}


class WorkersError(Exception):
    """Workers were started."""


@pytest.fixture
def without_workers(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*args: Any, **options: Any) -> None:
        raise WorkersError

    monkeypatch.setattr(make_video, "ChunkPool", refuse)
    monkeypatch.setattr("parallel_animate.local.cores.available_cores", lambda: 2)


def test_a_short_movie_is_that_of_workers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    save_animation(animations.sine_wave(), tmp_path / "workers.mp4", num_workers=2, **SETTINGS)
    plt.close("all")
    monkeypatch.setattr(movies, "SHORT_SECONDS", 1e6)
    with monkeypatch.context() as patch, caplog.at_level("INFO"):
        patch.setattr(make_video, "ChunkPool", None)
        patch.setattr("parallel_animate.local.cores.available_cores", lambda: 2)
        save_animation(animations.sine_wave(), tmp_path / "here.mp4", **SETTINGS)
    assert "drawn in this process before workers would be ready" in caplog.text
    assert not [record for record in caplog.records if record.levelname == "WARNING"]
    assert (tmp_path / "here.mp4").read_bytes() == (tmp_path / "workers.mp4").read_bytes()


@pytest.mark.parametrize(
    ("seconds", "options"),
    [
        (0, {}),
        (1e6, {"num_workers": 2}),
        (1e6, {"work_dir": "work"}),
    ],
)
def test_workers_draw_a_longer_movie_and_where_the_user_asks_for_them(
    without_workers: None,
    in_tmp: Path,
    monkeypatch: pytest.MonkeyPatch,
    seconds: float,
    options: dict[str, Any],
) -> None:
    monkeypatch.setattr(movies, "SHORT_SECONDS", seconds)
    with pytest.raises(WorkersError):
        save_animation(animations.sine_wave(), "movie.mp4", **SETTINGS, **options)
