"""The process that workers are forked from starts while the first frames are tried."""

import time
from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt
import pytest
from matplotlib.animation import FuncAnimation

from parallel_animate import save_animation
from parallel_animate.funcanimation import movie
from parallel_animate.local.fork_server import ForkServer


def saved(path: Path, seconds: float, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Save an animation; return what happened first, second, and so on."""
    happened: list[str] = []
    start, make_video = ForkServer.start, movie.make_video

    def started(server: ForkServer) -> bool:
        happened.append("server")
        return start(server)

    def rendered(*arguments: Any) -> Any:
        happened.append("movie")
        return make_video(*arguments)

    monkeypatch.setattr(ForkServer, "start", started)
    monkeypatch.setattr(movie, "make_video", rendered)
    figure, axes = plt.subplots(figsize=(1.6, 0.8))
    (line,) = axes.plot([0, 1], [0, 1])

    def update(number: int) -> None:
        end = time.thread_time() + seconds
        while time.thread_time() < end:
            pass
        line.set_ydata([0, number])

    try:
        save_animation(FuncAnimation(figure, update, frames=10), path, 10, num_workers=-2)
    finally:
        plt.close(figure)
    return happened


def test_the_server_starts_before_the_movie(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # As many workers as on a machine with three cores.
    monkeypatch.setattr("parallel_animate.local.cores.loky.cpu_count", lambda: 3)
    happened = saved(tmp_path / "a.mp4", 0.25, monkeypatch)
    assert happened.index("server") < happened.index("movie")


def test_a_short_movie_needs_no_server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("parallel_animate.local.cores.loky.cpu_count", lambda: 3)
    assert saved(tmp_path / "a.mp4", 0, monkeypatch) == ["movie"]
