"""Every command works without standard streams, as daemons and cron lines start it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from command_line import HELPERS
from movies import read_numbers
from project import MOVIE

QUICK = [
    ["init", "film"],
    ["plan", "movies.yaml"],
    ["preview", "wave"],
    ["status"],
    ["status", "--json"],
    ["clean"],
    ["--version"],
]
SLOW = [
    ["run", "--cores", "1", "--pages"],
    ["render", "animator.py:Movie", "--params", "frames.py:frames", "--fps", "25", "-o", "a.mp4"],
    ["doctor"],
]
CLOSED = ["1>&-", "2>&-", "0<&- 1>&- 2>&-"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "animator.py").write_text("from movies import Numbers as Movie\n")
    (tmp_path / "frames.py").write_text("frames = range(4)\n")
    (tmp_path / "movies.yaml").write_text(yaml.safe_dump({"movies": {"wave": MOVIE}}))
    return tmp_path


def run(words: list[str], closed: str, folder: Path) -> None:
    command = [sys.executable, "-m", "parallel_animate", *words]
    result = subprocess.run(
        ["sh", "-c", f'exec "$@" {closed}', "sh", *command],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(HELPERS)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=200,
        check=False,
    )
    assert result.returncode == 0, (words, result.stdout.decode())


@pytest.mark.slow
def test_quick_commands_work_without_any_stream(folder: Path) -> None:
    for words in QUICK:
        run(words, CLOSED[-1], folder)
    assert (folder / "results/wave/frame-0000000.png").is_file()
    assert (folder / "film/Snakefile").is_file()


@pytest.mark.slow
@pytest.mark.parametrize("closed", CLOSED)
def test_every_command_works_without_a_stream(folder: Path, closed: str) -> None:
    for words in [*QUICK, *SLOW]:
        run(words, closed, folder)
    for movie in ("a.mp4", "results/wave.mp4"):
        assert read_numbers(folder / movie) == [(i, i) for i in range(4)]
