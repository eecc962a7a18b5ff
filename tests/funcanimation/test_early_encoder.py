"""The encoder of a movie is tried while the first frames are drawn."""

import functools
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt
import pytest
from matplotlib.animation import FuncAnimation
from project import wait_until

from parallel_animate import save_animation, subprocesses
from parallel_animate.atomic_files import is_alive
from parallel_animate.encode.conversion_test import converts_alike
from parallel_animate.encode.ffmpeg import build_of
from parallel_animate.funcanimation import movie

HANGING = "#!/bin/sh\nsleep 600 & echo $! >> {log}; wait\n"
SCRIPT = """
import matplotlib.pyplot as plt
from matplotlib.animation import FuncAnimation
from parallel_animate import save_animation
figure, axes = plt.subplots()
save_animation(FuncAnimation(figure, axes.set_title, frames=6), "a.mp4", 10, video_mode="cpu")
"""


def test_a_signal_also_ends_a_program_that_nobody_has_asked_for(tmp_path: Path) -> None:
    log, program = tmp_path / "log", tmp_path / "ffmpeg"
    program.write_text(HANGING.format(log=log))
    program.chmod(0o755)
    variables = {**os.environ, "IMAGEIO_FFMPEG_EXE": str(program), "MPLBACKEND": "agg"}
    process = subprocess.Popen([sys.executable, "-c", SCRIPT], cwd=tmp_path, env=variables)
    # The probe, the version and the conversion.
    wait_until(lambda: log.exists() and len(log.read_text().split()) == 3)
    process.terminate()
    assert process.wait(60) == -signal.SIGTERM
    for child in map(int, log.read_text().split()):
        wait_until(functools.partial(is_dead, child))


def is_dead(process: int) -> bool:
    return not is_alive(process)


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
    converts_alike.cache_clear()
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
