"""Bad code and killed processes give a clear error and leave nothing behind."""

import logging
import os
import pickle
import signal
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
import pytest
from command_line import HELPERS
from matplotlib.figure import Figure
from movies import Numbers

from parallel_animate import (
    Animator,
    AnimatorLoadError,
    EncoderUnavailableError,
    FFmpegNotFoundError,
    FrameError,
    RenderError,
    SegmentError,
    SetupError,
    errors,
)

Leftovers = Callable[[], list[str]]


class FailsAt(Numbers):
    def __init__(self, frame_id: int) -> None:
        super().__init__()
        self.frame_id = frame_id

    def update(self, frame_idx: int, params: Any) -> None:
        if frame_idx == self.frame_id:
            raise ZeroDivisionError("no such wave")
        super().update(frame_idx, params)


@pytest.mark.parametrize("workers", [1, 2])
def test_a_failing_update_names_frame_chunk_and_line(
    tmp_path: Path, no_leftovers: Leftovers, workers: int
) -> None:
    with pytest.raises(RenderError, match=r"frame 13 failed .*10 to 14.*no such wave") as caught:
        FailsAt(13).make_video(
            tmp_path / "a.mp4",
            range(40),
            30,
            num_workers=workers,
            video_mode="cpu",
            chunk_size=5,
        )
    assert caught.value.frame_idx == 13
    assert caught.value.chunk == (10, 15)
    assert 'raise ZeroDivisionError("no such wave")' in caught.value.traceback
    assert "render.py" not in caught.value.traceback
    assert not (tmp_path / "a.mp4").exists()


def test_a_failure_leaves_an_older_movie_untouched(tmp_path: Path) -> None:
    (tmp_path / "a.mp4").write_bytes(b"older")
    with pytest.raises(RuntimeError):
        FailsAt(0).make_video(tmp_path / "a.mp4", range(4), 30, num_workers=1, video_mode="cpu")
    assert (tmp_path / "a.mp4").read_bytes() == b"older"
    assert os.listdir(tmp_path) == ["a.mp4"]


class ReturnsAxes(Numbers):
    def setup(self) -> Any:
        return super().setup().axes


class SetupRaises(Numbers):
    def setup(self) -> Figure:
        raise KeyError("palette")


class Grows(Numbers):
    def update(self, frame_idx: int, params: Any) -> None:
        super().update(frame_idx, params)
        if frame_idx == 3:
            self.image.figure.set_size_inches(3, 2)


class Exits(Numbers):
    def update(self, frame_idx: int, params: Any) -> None:
        sys.exit("enough")


@pytest.mark.parametrize("workers", [1, 2])
@pytest.mark.parametrize(
    ("animator", "error", "message"),
    [
        (ReturnsAxes(), SetupError, "must return a matplotlib Figure"),
        (SetupRaises(), RenderError, r"setup\(\) failed.*palette"),
        (Grows(), RenderError, "frame 3, from 160x80 to 300x200 pixels"),
        (Exits(), RenderError, "frame 0 failed.*SystemExit: enough"),
    ],
)
def test_user_errors_are_clear(
    tmp_path: Path, workers: int, animator: Animator, error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        animator.make_video(tmp_path / "a.mp4", range(6), 30, num_workers=workers, video_mode="cpu")
    assert not (tmp_path / "a.mp4").exists()


def test_an_unpicklable_attribute_is_named(tmp_path: Path) -> None:
    animator = Numbers()
    animator.tools = {"lock": threading.Lock()}  # type: ignore[attr-defined]
    options: dict[str, Any] = {"fps": 30, "video_mode": "cpu"}
    with pytest.raises(AnimatorLoadError, match=r"self\.tools\['lock'\] \(lock\)"):
        animator.make_video(tmp_path / "a.mp4", range(3), num_workers=2, **options)
    params = [0, {"a": (1, threading.Lock())}]
    with pytest.raises(FrameError, match=r"params of frame 1 .*params\['a'\]\[1\] \(lock\)"):
        Numbers().make_video(tmp_path / "a.mp4", params, num_workers=2, **options)
    animator.make_video(tmp_path / "a.mp4", range(3), num_workers=1, **options)


def test_a_killed_worker_is_reported_and_leaves_nothing_behind(
    tmp_path: Path, no_leftovers: Leftovers
) -> None:
    class Dies(Numbers):
        def update(self, frame_idx: int, params: Any) -> None:
            super().update(frame_idx, params)
            if frame_idx == 7:
                os.kill(os.getpid(), signal.SIGKILL)

    with pytest.raises(RenderError, match=r"worker process died while frames .*5 to 9"):
        Dies().make_video(
            tmp_path / "a.mp4", range(15), 30, num_workers=2, video_mode="cpu", chunk_size=5
        )
    assert not (tmp_path / "a.mp4").exists()


SLOW_SCRIPT = """
import sys, time
from movies import Numbers

class Slow(Numbers):
    def update(self, frame_idx, params):
        super().update(frame_idx, params)
        print("drawing", flush=True)
        time.sleep(0.2)

Slow().make_video(sys.argv[1], range(1000), 30, num_workers=int(sys.argv[2]), video_mode="cpu")
"""


@pytest.mark.parametrize(
    ("sent", "workers"),
    # test_signals.py has more. With one worker, SIGKILL leaves no process that could clean up.
    [(signal.SIGINT, "1"), (signal.SIGINT, "2"), (signal.SIGTERM, "2"), (signal.SIGKILL, "2")],
)
def test_a_signal_leaves_nothing_behind(
    tmp_path: Path, no_leftovers: Leftovers, own_tempdir: Path, sent: signal.Signals, workers: str
) -> None:
    script = tmp_path / "slow.py"
    script.write_text(SLOW_SCRIPT)
    process = subprocess.Popen(
        [sys.executable, str(script), str(tmp_path / "a.mp4"), workers],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(HELPERS)},
        start_new_session=True,
        text=True,
    )
    try:
        assert process.stdout is not None
        assert process.stdout.readline().startswith("drawing")
        if sent is signal.SIGINT:
            os.killpg(process.pid, sent)  # as ^C at a terminal does: to every process
        else:
            process.send_signal(sent)
        _, stderr = process.communicate(timeout=30)
    finally:
        process.kill()
    assert process.returncode != 0
    if sent is signal.SIGINT:
        assert "KeyboardInterrupt" in stderr
    assert not (tmp_path / "a.mp4").exists()


def write_program(path: Path, text: str) -> Path:
    path.write_text("#!/bin/sh\n" + textwrap.dedent(text))
    path.chmod(0o755)
    return path


@pytest.fixture
def only_ffmpeg(monkeypatch: pytest.MonkeyPatch) -> Callable[[Path | None], None]:
    """Make a program the only ffmpeg that can be found."""

    def set_program(program: Path | None) -> None:
        monkeypatch.setattr("parallel_animate.encode.ffmpeg._bundled_programs", lambda: ())
        monkeypatch.setenv("PATH", "")
        if program is None:
            monkeypatch.delenv("IMAGEIO_FFMPEG_EXE", raising=False)
        else:
            monkeypatch.setenv("IMAGEIO_FFMPEG_EXE", str(program))

    return set_program


def test_a_missing_ffmpeg_is_a_clear_error(
    tmp_path: Path, only_ffmpeg: Callable[[Path | None], None]
) -> None:
    only_ffmpeg(None)
    with pytest.raises(FFmpegNotFoundError, match="No ffmpeg was found"):
        Numbers().make_video(tmp_path / "a.mp4", range(3), 30, num_workers=1)


def test_a_broken_ffmpeg_is_named_with_its_output(
    tmp_path: Path, only_ffmpeg: Callable[[Path | None], None]
) -> None:
    program = write_program(tmp_path / "ffmpeg", "echo 'libavcodec.so: not found' >&2; exit 127")
    only_ffmpeg(program)
    with pytest.raises(FFmpegNotFoundError, match=r"libavcodec\.so: not found"):
        Numbers().make_video(tmp_path / "a.mp4", range(3), 30, num_workers=1)


def test_a_broken_ffmpeg_in_the_environment_does_not_hide_a_good_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = write_program(tmp_path / "ffmpeg", "exit 1")
    monkeypatch.setenv("IMAGEIO_FFMPEG_EXE", str(program))
    Numbers().make_video(tmp_path / "a.mp4", range(3), 30, num_workers=1)
    assert (tmp_path / "a.mp4").is_file()


def test_an_ffmpeg_that_dies_in_a_segment_is_reported_with_its_output(
    tmp_path: Path, only_ffmpeg: Callable[[Path | None], None], no_leftovers: Leftovers
) -> None:
    from parallel_animate.encode.ffmpeg import candidates

    real = candidates()[0]
    program = write_program(
        tmp_path / "ffmpeg",
        f"""
        case "$*" in
          *rawvideo*) head -c 100000 >/dev/null; echo 'No space left on device' >&2; exit 228;;
          *) exec {real} "$@";;
        esac
        """.replace("head", "/usr/bin/head"),
    )
    only_ffmpeg(program)
    with pytest.raises(errors.FFmpegError, match=r"228.*No space left on device") as caught:
        Numbers().make_video(tmp_path / "a.mp4", range(50), 30, num_workers=1)
    assert caught.value.returncode == 228
    assert sorted(os.listdir(tmp_path)) == ["ffmpeg", "tmp"]


def test_every_error_survives_pickling() -> None:
    samples = [
        RenderError("m", frame_idx=3, chunk=(0, 5), traceback="t"),
        EncoderUnavailableError("m", command=["ffmpeg"], returncode=-9, stderr="e"),
        SegmentError("m", path="p", expected="e", found="f"),
        *(
            cls("m")
            for cls in vars(errors).values()
            if isinstance(cls, type) and issubclass(cls, errors.AnimateError)
        ),
    ]
    assert len(samples) > 12
    for sample in samples:
        copy = pickle.loads(pickle.dumps(sample))
        assert type(copy) is type(sample)
        assert str(copy) == "m"
        assert vars(copy) == vars(sample)


def test_workers_end_when_the_movie_is_done(tmp_path: Path, no_leftovers: Leftovers) -> None:
    Numbers().make_video(tmp_path / "a.mp4", range(8), 30, num_workers=2, chunk_size=4)
    assert no_leftovers() == []
    children = psutil.Process().children(recursive=True)
    names = [child.name() for child in children if child.status() != psutil.STATUS_ZOMBIE]
    assert not [name for name in names if "ffmpeg" in name]


class Spawning(Numbers):
    """One worker starts programs all the time, while the other one fails."""

    def __init__(self, mark: str) -> None:
        super().__init__()
        self.mark = mark

    def update(self, frame_idx: int, params: Any) -> None:
        end = time.monotonic() + 30
        while frame_idx == 0 and time.monotonic() < end:
            Path(self.mark).touch()
            subprocess.Popen(["tail", "-f", self.mark])
        while frame_idx == 5 and time.monotonic() < end:
            if Path(self.mark).exists():
                raise ZeroDivisionError("no such wave")
            time.sleep(0.01)
        super().update(frame_idx, params)


def test_no_program_that_a_worker_starts_while_it_is_killed_lives_on(tmp_path: Path) -> None:
    mark = str(tmp_path / "started")
    with pytest.raises(RenderError, match="no such wave"):
        Spawning(mark).make_video(tmp_path / "a.mp4", range(8), 30, num_workers=2, chunk_size=4)
    alive = [p for p in psutil.process_iter(["cmdline"]) if mark in (p.info["cmdline"] or [])]
    for process in alive:
        process.kill()
    assert alive == []


def test_a_log_handler_that_raises_does_not_hang(tmp_path: Path) -> None:
    class Talks(Numbers):
        def update(self, frame_idx: int, params: Any) -> None:
            logging.getLogger("user").warning("at %d", frame_idx)
            super().update(frame_idx, params)

    class Raises(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            raise KeyError("in a handler")

    handler = Raises()
    logging.getLogger("user").addHandler(handler)
    try:
        Talks().make_video(tmp_path / "a.mp4", range(40), 30, num_workers=2, chunk_size=20)
    finally:
        logging.getLogger("user").removeHandler(handler)
    assert (tmp_path / "a.mp4").is_file()


def test_a_file_that_renders_when_it_is_imported_is_refused(in_tmp: Path) -> None:
    Path("unguarded.py").write_text(
        "from movies import Numbers\nclass Movie(Numbers):\n    pass\n"
        "Movie().make_video('a.mp4', range(3), 30)\n"
    )
    result = subprocess.run(
        [
            *(sys.executable, "-m", "parallel_animate", "render", "unguarded.py:Movie"),
            *("--params", "unguarded.py:frames", "--fps", "30", "-o", "b.mp4"),
        ],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(HELPERS)},
        timeout=60,
        check=False,
    )
    assert result.returncode == 1
    assert 'Put the call under `if __name__ == "__main__":`' in result.stderr
    assert not Path("a.mp4").exists()
