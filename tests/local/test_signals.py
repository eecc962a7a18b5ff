"""Signals end a render without leftovers, and handlers of the caller stay; real processes."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest
from command_line import HELPERS, run_script
from movies import read_numbers
from project import wait_until

from parallel_animate.encode.ffmpeg import candidates

Leftovers = Callable[[], list[str]]

SCRIPT = """
import sys, time
from movies import Numbers

class Slow(Numbers):
    def update(self, frame_idx, params):
        super().update(frame_idx, params)
        print("drawing", flush=True)
        time.sleep(float(sys.argv[2]))

Slow().make_video("a.mp4", range(6), 30, num_workers=int(sys.argv[1]), chunk_size=3)
"""
# Leaves half a movie and waits, as a join on a slow disk does.
SLOW_JOIN = """\
#!/bin/sh
case "$*" in *"-f concat"*)
    for last; do :; done
    head -c 5000 /dev/zero > "$last"
    sleep 600;;
esac
exec {ffmpeg} "$@"
"""


def start(folder: Path, workers: int, pause: float) -> "subprocess.Popen[str]":
    (folder / "slow.py").write_text(SCRIPT)
    return subprocess.Popen(
        [sys.executable, "slow.py", str(workers), str(pause)],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(HELPERS)},
        start_new_session=True,
        text=True,
    )


def temporary_files(folder: Path) -> list[str]:
    return [path.name for path in folder.rglob("*.tmp*") if path.name != "tmp"]


@pytest.mark.parametrize(
    ("sent", "workers", "everybody"),
    [
        (signal.SIGTERM, 1, False),
        (signal.SIGHUP, 1, True),
        (signal.SIGTERM, 2, True),
        (signal.SIGHUP, 2, False),
    ],
)
def test_a_signal_while_frames_are_drawn_leaves_nothing_and_is_the_exit_status(
    tmp_path: Path, no_leftovers: Leftovers, sent: signal.Signals, workers: int, everybody: bool
) -> None:
    process = start(tmp_path, workers, 60)
    try:
        assert process.stdout is not None
        # Two workers may write before either ends its line.
        assert process.stdout.readline().startswith("drawing")
        (os.killpg if everybody else os.kill)(process.pid, sent)
        process.communicate(timeout=30)
    finally:
        process.kill()
    assert process.returncode == -sent
    wait_until(lambda: not temporary_files(tmp_path), 20)


@pytest.fixture
def slow_join(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    program = tmp_path / "ffmpeg"
    program.write_text(SLOW_JOIN.format(ffmpeg=candidates()[0]))
    program.chmod(0o755)
    monkeypatch.setenv("IMAGEIO_FFMPEG_EXE", str(program))
    return program


def end_in_join(folder: Path, sent: signal.Signals) -> int:
    process = start(folder, 1, 0)
    try:
        wait_until(lambda: any(path.stat().st_size for path in folder.glob(".a.mp4.*.tmp")))
        os.killpg(process.pid, sent)
        process.communicate(timeout=30)
    finally:
        process.kill()
    return process.returncode


@pytest.mark.parametrize("sent", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_a_signal_in_the_join_leaves_nothing_and_is_the_exit_status(
    tmp_path: Path, no_leftovers: Leftovers, slow_join: Path, sent: signal.Signals
) -> None:
    (tmp_path / "a.mp4").write_bytes(b"older")
    assert end_in_join(tmp_path, sent) == -sent
    assert temporary_files(tmp_path) == []
    assert (tmp_path / "a.mp4").read_bytes() == b"older"


def test_the_next_call_removes_what_a_killed_one_left(
    tmp_path: Path, own_tempdir: Path, slow_join: Path
) -> None:
    end_in_join(tmp_path, signal.SIGKILL)
    # A killed process ends nothing: its ffmpeg is alive.
    (program,) = [
        p for p in psutil.process_iter(["cmdline"]) if str(slow_join) in (p.info["cmdline"] or [])
    ]
    for child in [*program.children(), program]:
        child.kill()
    left = temporary_files(tmp_path)
    assert [name for name in left if name.startswith(".a.mp4")]
    assert [name for name in left if name.startswith("parallel-animate")]
    alive = own_tempdir / f"parallel-animate.{os.uname().nodename}-{os.getpid()}-0badcafe.tmp"
    alive.mkdir()
    slow_join.write_text(f'#!/bin/sh\nexec {candidates()[1]} "$@"\n')
    _, errors = start(tmp_path, 1, 0).communicate(timeout=60)
    assert (tmp_path / "a.mp4").is_file(), errors
    assert temporary_files(tmp_path) == [alive.name]
    assert read_numbers(tmp_path / "a.mp4") == [(i, i) for i in range(6)]


HANDLERS = """
import os, signal, threading
from movies import Numbers

ENDING = (signal.SIGTERM, signal.SIGHUP)

class Sends(Numbers):
    def update(self, frame_idx, params):
        super().update(frame_idx, params)
        for number in ENDING:
            os.kill(os.getpid(), number)

class Fails(Numbers):
    def update(self, frame_idx, params):
        print("ours:", *(callable(signal.getsignal(number)) for number in ENDING))
        raise ValueError("no")

class Looks(Numbers):
    def update(self, frame_idx, params):
        super().update(frame_idx, params)
        print("thread:", signal.getsignal(signal.SIGTERM) is signal.SIG_DFL)

def handler(number, frame):
    print("handled", number)

def render(movie):
    movie.make_video("a.mp4", [0], 30, num_workers=1, video_mode="cpu")

try:
    render(Fails())
except RuntimeError as error:
    print("ValueError: no" in str(error))
print("after:", *(signal.getsignal(number) is signal.SIG_DFL for number in ENDING))

thread = threading.Thread(target=render, args=[Looks()])
thread.start()
thread.join()

signal.signal(signal.SIGTERM, handler)
signal.signal(signal.SIGHUP, signal.SIG_IGN)  # as nohup does
render(Sends())
print("kept:", signal.getsignal(signal.SIGTERM) is handler)
print("kept:", signal.getsignal(signal.SIGHUP) is signal.SIG_IGN)
"""


def test_handlers_are_only_set_where_the_caller_has_none_and_only_while_it_renders(
    tmp_path: Path,
) -> None:
    result = run_script(HANDLERS, folder=tmp_path)
    assert result.returncode == 0, result.stderr
    assert result.stdout.splitlines() == [
        *("ours: True True", "True", "after: True True"),
        "thread: True",
        *("handled 15", "kept: True", "kept: True"),
    ], result.stderr
    assert read_numbers(tmp_path / "a.mp4") == [(0, 0)]


HANGS = "#!/bin/sh\nsleep 600\n"


def test_ctrl_c_ends_a_probe_of_an_ffmpeg_that_hangs(
    tmp_path: Path, no_leftovers: Leftovers, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "tmp/ffmpeg"
    program.write_text(HANGS)
    program.chmod(0o755)
    monkeypatch.setenv("IMAGEIO_FFMPEG_EXE", str(program))
    process = start(tmp_path, 1, 0)
    try:
        wait_until(lambda: len(no_leftovers()) >= 2)
        time.sleep(0.2)
        os.killpg(process.pid, signal.SIGINT)
        _, errors = process.communicate(timeout=30)
    finally:
        process.kill()
    assert process.returncode == -signal.SIGINT
    assert "KeyboardInterrupt" in errors
