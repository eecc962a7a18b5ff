"""What the user's code prints in several workers arrives line by line, and none is lost."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = """
import sys
import matplotlib.pyplot as plt
from parallel_animate import Animator

class Talker(Animator):
    def setup(self):
        figure, axes = plt.subplots(figsize=(1, 1))
        (self.line,) = axes.plot([0, 1])
        return figure

    def update(self, frame_idx, params):
        for i in range(100):
            print(f"frame {frame_idx} {i}")
            print(f"frame {frame_idx} {i}", file=sys.stderr)

options = {"num_workers": 2, "chunk_size": 4, "disable_progress_bar": True}
Talker().make_video("movie.mp4", list(range(40)), 10, **options)
"""


# Containers usually set PYTHONUNBUFFERED: print() then writes a line and its end one by one.
@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_lines_printed_by_workers_arrive_whole(tmp_path: Path, unbuffered: str) -> None:
    (tmp_path / "talker.py").write_text(SCRIPT)
    result = subprocess.run(
        [sys.executable, "talker.py"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONUNBUFFERED": unbuffered},
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stderr[-2000:]
    expected = sorted(f"frame {frame} {i}" for frame in range(40) for i in range(100))
    assert sorted(result.stdout.splitlines()) == expected
    assert sorted(result.stderr.splitlines()) == expected
