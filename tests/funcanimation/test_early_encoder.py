"""The encoder of a movie is tried while the first frames are drawn."""

from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt
import pytest
from matplotlib.animation import FuncAnimation

from parallel_animate import save_animation, subprocesses
from parallel_animate.encode.ffmpeg import build_of
from parallel_animate.funcanimation import movie


def test_no_probe_starts_after_the_first_frames(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    commands: list[list[str]] = []
    before: list[list[str]] = []
    start, make_video = subprocesses._start, movie.make_video

    def started(command: list[str], ends: Any) -> Any:
        commands.append(command)
        return start(command, ends)

    def rendered(*arguments: Any) -> Any:
        before.extend(commands)
        return make_video(*arguments)

    build_of.cache_clear()
    monkeypatch.setattr(subprocesses, "_start", started)
    monkeypatch.setattr(movie, "make_video", rendered)
    figure, axes = plt.subplots(figsize=(1.6, 0.8))
    (line,) = axes.plot([0, 1], [0, 1])

    def update(number: int) -> None:
        line.set_ydata([0, number])

    try:
        save_animation(FuncAnimation(figure, update, frames=6), tmp_path / "a.mp4", 10)
    finally:
        plt.close(figure)
    probes = [command for command in commands if "lavfi" in command or "-version" in command]
    assert probes == before != []
