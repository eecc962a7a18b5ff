"""Animations that are drawn in order, such as short ones: workers would start too late."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import animations
import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.animation import Animation, ArtistAnimation
from movies import read_frames

from parallel_animate import save_animation
from parallel_animate.funcanimation import movie as movies
from parallel_animate.funcanimation import order
from parallel_animate.local import make_video
from parallel_animate.render.redraw.replay import Replay

SETTINGS: dict[str, Any] = {"video_mode": "cpu", "disable_progress_bar": True, "chunk_size": 5}


def images(n_frames: int = 12) -> ArtistAnimation:
    figure, axes = plt.subplots(figsize=(2, 2))
    frames = [[axes.imshow(np.eye(4 + i), animated=True)] for i in range(n_frames)]
    return ArtistAnimation(figure, frames)


class WorkersError(Exception):
    """Workers were started."""


@pytest.fixture
def without_workers(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*args: Any, **options: Any) -> None:
        raise WorkersError

    monkeypatch.setattr(make_video, "ChunkPool", refuse)
    monkeypatch.setattr("parallel_animate.local.cores.available_cores", lambda: 2)


@pytest.mark.parametrize("build", [animations.sine_wave, images])
def test_a_short_movie_is_that_of_workers(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    build: Callable[[], Animation],
) -> None:
    save_animation(build(), tmp_path / "workers.mp4", num_workers=2, **SETTINGS)
    plt.close("all")
    monkeypatch.setattr(movies, "SHORT_SECONDS", 1e6)
    with monkeypatch.context() as patch, caplog.at_level("INFO"):
        patch.setattr(make_video, "ChunkPool", None)
        # No frame is drawn alone, and no part of an ArtistAnimation is made.
        patch.setattr(order, "why_not_alone", None)
        patch.setattr(movies, "divide", None)
        patch.setattr("parallel_animate.local.cores.available_cores", lambda: 2)
        save_animation(build(), tmp_path / "here.mp4", **SETTINGS)
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


@pytest.mark.parametrize(("n_frames", "n_chunks"), [(8, 1), (9, 2), (24, 2), (60, 2)])
def test_workers_share_the_frames_of_a_movie_equally(
    tmp_path: Path, n_frames: int, n_chunks: int
) -> None:
    options = {**SETTINGS, "chunk_size": None, "work_dir": tmp_path / "work"}
    save_animation(images(n_frames), tmp_path / "movie.mp4", num_workers=2, **options)
    assert len(list((tmp_path / "work/segments").glob("*.mp4"))) == n_chunks
    assert len(list(read_frames(tmp_path / "movie.mp4"))) == n_frames


def test_frames_in_order_are_drawn_in_part(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    replays = []
    draw = Replay.draw
    monkeypatch.setattr(Replay, "draw", lambda *args: (replays.append(1), draw(*args)))
    monkeypatch.setattr(Replay, "is_worth_it", True)
    save_animation(animations.sine_wave(), tmp_path / "movie.mp4", num_workers=1, **SETTINGS)
    # All but the first frame of each chunk.
    n_frames = len(list(read_frames(tmp_path / "movie.mp4")))
    assert len(replays) == n_frames - -(-n_frames // SETTINGS["chunk_size"])


def test_a_missed_change_in_frames_in_order_renders_them_again_in_full(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    full, auto = tmp_path / "full.mp4", tmp_path / "auto.mp4"
    options = {**SETTINGS, "num_workers": 1}
    save_animation(animations.sine_wave(), full, redraw="full", **options)
    plt.close("all")
    # Nothing is seen to change.
    monkeypatch.setattr(Replay, "_find_dirty", lambda self, *changed: set())
    save_animation(animations.sine_wave(), auto, **options)
    assert auto.read_bytes() == full.read_bytes()
    (record,) = (r for r in caplog.records if "rendered again" in r.message)
    assert "pixels differ" in record.message
