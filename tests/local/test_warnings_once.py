"""Warnings, log lines and prints of user code appear once, with any number of workers."""

import os
import re
import subprocess
import sys
import textwrap
from collections import Counter
from pathlib import Path

import pytest
from command_line import HELPERS

SCRIPT = textwrap.dedent(
    """
    import logging, sys, warnings
    import numpy as np
    from movies import Numbers

    def tell(where):
        print("print " + where)
        print("print to stderr " + where, file=sys.stderr)
        logging.getLogger("user").warning("log " + where)

    class Movie(Numbers):
        def setup(self):
            warnings.warn("setup")
            tell("setup")
            return super().setup()

        def update(self, frame_idx, params):
            warnings.warn("update")
            np.log(np.zeros(1))
            tell(f"frame {frame_idx}")
            super().update(frame_idx, params)

    def frames():
        return range(12)

    if __name__ == "__main__":
        n_workers, work_dir = int(sys.argv[1]), sys.argv[2]
        Movie().make_video(
            "o.mp4", frames(), 25, num_workers=n_workers, chunk_size=4, work_dir=work_dir or None
        )
    """
)
ANIMATION = textwrap.dedent(
    """
    import sys
    import matplotlib.pyplot as plt
    from matplotlib.animation import FuncAnimation
    from parallel_animate import save_animation
    from script import np, tell, warnings

    figure, axes = plt.subplots()
    (line,) = axes.plot([0, 1], [0, 1])
    # The default font lacks it: matplotlib warns where it lays out the text.
    axes.set_title("\u6771")

    def draw(frame):
        warnings.warn("update")
        np.log(np.zeros(1))
        tell(f"frame {frame}")
        line.set_ydata([0, frame])

    animation = FuncAnimation(figure, draw, frames=12, init_func=lambda: [])
    save_animation(animation, "o.mp4", 25, num_workers=int(sys.argv[1]), chunk_size=4)
    """
)
MISSING = (
    "UserWarning: Glyph 26481 (\\N{CJK UNIFIED IDEOGRAPH-6771}) missing from font(s) DejaVu Sans."
)


def run(folder: Path, *command: str) -> str:
    (folder / "script.py").write_text(SCRIPT)
    (folder / "animation.py").write_text(ANIMATION)
    result = subprocess.run(
        [sys.executable, *command],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(HELPERS), "MPLBACKEND": "agg"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=120,
        check=False,
    )
    assert result.returncode == 0, result.stdout
    return result.stdout


def check(said: str, frames: range, n_setups: int, others: tuple[str, ...] = ()) -> None:
    # As Python shows them: once for each place. matplotlib 3.10 warns of a glyph at two. What a
    # worker prints may come before it in the same line, since the line break is written by itself.
    warned = Counter(re.findall(r"(/[^\s:]+:\d+): (\w+Warning: .*)", said))
    expected = {"RuntimeWarning: divide by zero encountered in log", "UserWarning: update", *others}
    expected |= {"UserWarning: setup"} if n_setups else set()
    assert set(warned.values()) == {1}
    assert {message for _, message in warned} == expected
    told = Counter(re.findall(r"(print|print to stderr|log) (setup|frame \d+)", said))
    kinds = ("print", "print to stderr", "log")
    assert told == Counter(
        {(kind, f"frame {i}"): 1 for kind in kinds for i in frames}
        | {(kind, "setup"): n_setups for kind in kinds if n_setups}
    )


@pytest.mark.parametrize(
    ("n_workers", "work_dir"),
    [
        (1, ""),
        (2, "w"),
        pytest.param(2, "", marks=pytest.mark.slow),
        pytest.param(1, "w", marks=pytest.mark.slow),
    ],
)
def test_make_video(tmp_path: Path, n_workers: int, work_dir: str) -> None:
    check(run(tmp_path, "script.py", str(n_workers), work_dir), range(12), n_setups=3)


# -1: so short a movie is drawn in this process, whose first frames have drawn its texts already.
@pytest.mark.parametrize("n_workers", [pytest.param(1, marks=pytest.mark.slow), 2, -1])
def test_save_animation(tmp_path: Path, n_workers: int) -> None:
    said = run(tmp_path, "animation.py", str(n_workers))
    check(said, range(12), n_setups=0, others=(MISSING,))


@pytest.mark.slow
def test_render(tmp_path: Path) -> None:
    target = ("script.py:Movie", "--params", "script.py:frames", "--fps", "25", "-o", "o.mp4")
    arguments = ("-m", "parallel_animate", "render", *target, "-j", "1", "--chunk-size", "4")
    check(run(tmp_path, *arguments), range(12), n_setups=3)


def test_planning_shows_what_the_frames_that_it_tries_print_once(tmp_path: Path) -> None:
    (tmp_path / "movies.yaml").write_text(
        "movies: {m: {animator: 'script.py:Movie', params: 'script.py:frames', fps: 25, "
        "chunk_size: 4}}"
    )
    check(run(tmp_path, "-m", "parallel_animate", "plan", "movies.yaml"), range(3), n_setups=1)
