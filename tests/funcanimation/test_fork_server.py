"""The process that workers are forked from starts while the first frames are tried."""

import colorsys
import time
from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt
import pytest
from matplotlib.animation import FuncAnimation

from parallel_animate import save_animation
from parallel_animate.funcanimation import movie
from parallel_animate.local import early_imports
from parallel_animate.local.fork_server import ForkServer


def saved(
    path: Path,
    seconds: float,
    monkeypatch: pytest.MonkeyPatch,
    first_seconds: float = 0,
    depends_on_order: bool = False,
) -> list[str]:
    """Save an animation whose frames take some time; return what happened first, second, ..."""
    happened: list[str] = []
    start, make_video, close = ForkServer.start, movie.make_video, ForkServer.close

    def started(server: ForkServer) -> bool:
        happened.append("server")
        return start(server)

    def closed(server: ForkServer) -> None:
        happened.append("no server")
        close(server)

    def imported(server: ForkServer, modules: list[str]) -> None:
        happened.append(f"import {modules}")

    def rendered(*arguments: Any) -> Any:
        happened.append("movie")
        return make_video(*arguments)

    monkeypatch.setattr(ForkServer, "start", started)
    monkeypatch.setattr(ForkServer, "close", closed)
    monkeypatch.setattr(ForkServer, "import_early", imported)
    monkeypatch.setattr(movie, "make_video", rendered)
    figure, axes = plt.subplots(figsize=(1.6, 0.8))
    (line,) = axes.plot([0, 1], [0, 1])
    levels: list[int] = []

    def update(number: int) -> None:
        colorsys.rgb_to_hsv(0, 0, 0)
        end = time.thread_time() + (seconds if number else max(seconds, first_seconds))
        while time.thread_time() < end:
            pass
        levels.append(number)
        line.set_ydata([0, len(levels) if depends_on_order else number])

    try:
        save_animation(FuncAnimation(figure, update, frames=10), path, 10, num_workers=-2)
    finally:
        plt.close(figure)
    return happened


def test_the_server_starts_before_the_movie(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # As many workers as on a machine with three cores.
    monkeypatch.setattr("loky.cpu_count", lambda: 3)
    happened = saved(tmp_path / "a.mp4", 0.4, monkeypatch)
    assert happened.index("server") < happened.index("movie")
    assert happened[-1] == "no server"


@pytest.mark.skipif(not ForkServer().is_possible, reason="workers start on their own here")
def test_the_server_imports_what_the_animation_needs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("loky.cpu_count", lambda: 3)
    monkeypatch.setattr(early_imports, "PACKAGES", ("colorsys", "xml"))
    happened = saved(tmp_path / "a.mp4", 0.4, monkeypatch)
    assert happened[: happened.index("movie")] == ["server", "import ['colorsys']"]


def test_the_server_starts_after_a_first_frame_that_took_long_and_ends_if_no_other_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("loky.cpu_count", lambda: 3)
    happened = saved(tmp_path / "a.mp4", 0, monkeypatch, first_seconds=1.2)
    assert happened[0] == "server"
    assert happened.index("no server") < happened.index("movie")


def test_the_server_ends_before_a_movie_that_is_drawn_in_order(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("loky.cpu_count", lambda: 3)
    happened = saved(tmp_path / "a.mp4", 0.4, monkeypatch, depends_on_order=True)
    assert happened[0] == "server"
    assert happened.index("no server") < happened.index("movie")


def test_a_short_movie_needs_no_server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("loky.cpu_count", lambda: 3)
    assert "server" not in saved(tmp_path / "a.mp4", 0, monkeypatch)
