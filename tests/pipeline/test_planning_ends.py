"""Planning that is ended leaves no process and no file; a run takes its planning with it."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest
import yaml
from command_line import HELPERS, animate
from project import BIN, MOVIE, wait_until

PLAN = [sys.executable, "-m", "parallel_animate", "plan", "movies.yaml"]
RUN = [str(BIN / "parallel-animate"), "run", "--cores", "1"]
# Planning waits in the middle of its chunk files, and inside of a file that it writes.
PARAMS = """
import os, time
from pathlib import Path

class Slow:
    def __reduce__(self):
        Path("pickling").touch()
        while os.path.exists("slow"):
            time.sleep(0.05)
        return int, ("7",)

def frames():
    yield 1
    yield 2
    Path(f"work/wave/chunks/.half.chunk.{os.uname().nodename}-{os.getpid()}-0badcafe.tmp").touch()
    yield Slow()
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "animator.py").write_text("from movies import Numbers as Movie\n")
    (tmp_path / "frames.py").write_text(PARAMS)
    movie = {**MOVIE, "chunk_size": 1}
    (tmp_path / "movies.yaml").write_text(yaml.safe_dump({"movies": {"wave": movie}}))
    (tmp_path / "work/wave/chunks").mkdir(parents=True)
    (tmp_path / "tmp").mkdir()
    return tmp_path


def start(command: list[str], folder: Path) -> "subprocess.Popen[str]":
    (folder / "slow").touch()
    process = subprocess.Popen(
        command,
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env={**os.environ, "PYTHONPATH": str(HELPERS), "TMPDIR": str(folder / "tmp")},
        start_new_session=True,
    )
    wait_until((folder / "pickling").exists)
    return process


def processes_in(folder: Path) -> list[str]:
    found = []
    for process in psutil.process_iter():
        try:
            if process.cwd() == str(folder) and process.status() != psutil.STATUS_ZOMBIE:
                found.append(" ".join(process.cmdline()))
        except psutil.Error:
            continue
    return found


def own_lines(said: str) -> list[str]:
    """The lines of the command itself.

    loky keeps a process that removes semaphores, and that warns, with the command's stderr, of one
    that is gone already: harmless, and seen once in some thousand runs.
    """
    return [line for line in said.splitlines() if "resource_tracker" not in line]


def temporary_files(folder: Path) -> list[str]:
    return [path.name for path in folder.rglob("*.tmp*")]


@pytest.mark.parametrize(
    ("sent", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)]
)
def test_a_signal_ends_planning_without_leftovers(
    folder: Path, sent: signal.Signals, status: int
) -> None:
    process = start(PLAN, folder)
    assert len(processes_in(folder)) >= 2
    os.killpg(process.pid, sent)
    said, _ = process.communicate(timeout=60)
    assert process.returncode == status, said
    assert own_lines(said)[-1].endswith("unfinished files were removed.")
    wait_until(lambda: not processes_in(folder))
    assert temporary_files(folder) == []
    assert not (folder / "work/wave/plan-failure.json").exists(), "it is no failure of the movie"


def test_planning_ends_when_its_command_is_killed(folder: Path) -> None:
    process = start(PLAN, folder)
    process.kill()
    process.communicate(timeout=60)
    wait_until(lambda: not processes_in(folder))
    assert temporary_files(folder) == []


@pytest.mark.slow
def test_the_next_plan_removes_what_a_killed_one_left(folder: Path) -> None:
    process = start(PLAN, folder)
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate(timeout=60)
    wait_until(lambda: not processes_in(folder))
    assert temporary_files(folder) != []
    (folder / "slow").unlink()
    result = animate("plan", "movies.yaml", folder=folder)
    assert "3 of 3 frames to render" in result.stderr
    assert temporary_files(folder) == []


@pytest.mark.slow
@pytest.mark.parametrize("sent", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT, signal.SIGKILL])
@pytest.mark.parametrize("everybody", [True, False])
def test_a_run_that_is_ended_while_it_plans_takes_its_planning_with_it(
    folder: Path, sent: signal.Signals, everybody: bool
) -> None:
    process = start(RUN, folder)
    (os.killpg if everybody else os.kill)(process.pid, sent)
    process.communicate(timeout=60)
    expected = 128 + sent if sent is signal.SIGINT else -sent
    assert process.returncode == expected
    wait_until(lambda: not processes_in(folder))
    if sent is not signal.SIGKILL:
        assert temporary_files(folder) == []
    (folder / "slow").unlink()
    (folder / "pickling").unlink()
    assert start_and_wait(RUN, folder) == 0
    assert temporary_files(folder) == []


def start_and_wait(command: list[str], folder: Path) -> int:
    variables = {**os.environ, "PYTHONPATH": str(HELPERS), "TMPDIR": str(folder / "tmp")}
    return subprocess.run(command, cwd=folder, env=variables, timeout=200, check=False).returncode
