"""A failed program is an error with its command and last output; the tests run real programs."""

import os
import pickle
import subprocess
import sys
from pathlib import Path

import pytest
from command_line import HELPERS
from movies import read_frames, read_numbers
from project import wait_until

from parallel_animate import CommandError, FFmpegError, subprocesses
from parallel_animate.atomic_files import is_alive
from parallel_animate.encode.ffmpeg import run
from parallel_animate.subprocesses import STDERR_TAIL, run_command, run_commands, started_early


def python(code: str) -> list[str]:
    return [sys.executable, "-c", code]


def test_a_successful_program_returns_its_output() -> None:
    result = run_command(python("import sys; print('found'); sys.stderr.write('aside')"))
    assert (result.stdout, result.stderr) == ("found\n", "aside")


def test_a_failed_program_is_named_with_its_status_and_the_end_of_its_output() -> None:
    long = f"sys.stderr.write('x' * {2 * STDERR_TAIL} + ' no controller\\n')"
    message = r"python\S* failed with exit status 3: x+ no controller$"
    with pytest.raises(CommandError, match=message) as caught:
        run_command(python(f"import sys; {long}; sys.exit(3)"))
    error = caught.value
    assert error.command[0] == sys.executable
    assert error.returncode == 3
    assert len(error.stderr) == STDERR_TAIL
    assert not isinstance(error, FFmpegError), "only ffmpeg's failures are those of ffmpeg"


def test_the_error_of_a_killed_program_names_the_signal() -> None:
    with pytest.raises(CommandError, match="was killed by signal 9: its stderr is empty") as caught:
        run_command(python("import os; os.kill(os.getpid(), 9)"))
    assert caught.value.returncode == -9


def test_a_missing_or_hanging_program_has_no_status(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="could not start: No such file") as caught:
        run_command([str(tmp_path / "sinfo")])
    assert caught.value.returncode is None
    with pytest.raises(CommandError, match=r"did not answer within 0\.1 seconds") as caught:
        run_command(python("import time; time.sleep(60)"), timeout=0.1)
    assert caught.value.returncode is None


def test_a_program_that_hangs_is_named_and_ends_with_the_programs_that_it_started(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(subprocesses, "SILENT_SECONDS", 0.1)
    hangs = ["sh", "-c", f"sleep 600 & echo $! > {tmp_path / 'child'}; wait"]
    answers, hung = run_commands([python("print('found')"), hangs], timeout=3)
    assert isinstance(answers, subprocess.CompletedProcess)
    assert answers.stdout == "found\n", "a program that hangs does not spoil the answer of another"
    assert isinstance(hung, CommandError)
    assert str(hung) == "sh did not answer within 3 seconds and was stopped."
    assert "sh does not answer. It is stopped in 3 seconds; ^C ends this command." in caplog.text
    child = int((tmp_path / "child").read_text())
    wait_until(lambda: not is_alive(child))


def test_a_program_that_hangs_does_not_hide_what_a_later_one_has_answered() -> None:
    answer = ["sh", "-c", "echo found"]
    hung, answers = run_commands([["sleep", "600"], answer], timeout=1)
    assert isinstance(hung, CommandError)
    assert isinstance(answers, subprocess.CompletedProcess)
    assert answers.stdout == "found\n"


def test_a_program_that_was_started_early_gives_its_output_once(tmp_path: Path) -> None:
    log = tmp_path / "log"
    command = ["sh", "-c", f"echo started >> {log}; echo found; echo bad >&2; exit 3"]
    with started_early([command]):
        wait_until(log.exists)
        with pytest.raises(CommandError, match="failed with exit status 3: bad"):
            run_command(command)
        assert log.read_text() == "started\n"
        run_commands([command])
        assert log.read_text() == "started\n" * 2
    run_commands([command])
    assert log.read_text() == "started\n" * 3


def test_a_program_that_nobody_asks_for_ends_with_the_block(tmp_path: Path) -> None:
    hangs = ["sh", "-c", f"sleep 600 & echo $! > {tmp_path / 'child'}; wait"]
    with started_early([hangs, [str(tmp_path / "missing")]]):
        wait_until(lambda: (tmp_path / "child").exists() and (tmp_path / "child").read_text())
        child = int((tmp_path / "child").read_text())
        assert is_alive(child)
    wait_until(lambda: not is_alive(child))


def test_a_program_that_was_started_early_and_hangs_is_stopped_when_its_time_is_over(
    tmp_path: Path,
) -> None:
    hangs = ["sh", "-c", f"sleep 600 & echo $! > {tmp_path / 'child'}; wait"]
    with started_early([hangs]):
        with pytest.raises(CommandError, match=r"did not answer within 1 seconds"):
            run_command(hangs, timeout=1)
        child = int((tmp_path / "child").read_text())
        wait_until(lambda: not is_alive(child))


def test_a_program_cannot_wait_for_input() -> None:
    assert run_command(["cat"], timeout=60).stdout == ""


def test_a_failed_ffmpeg_command_is_an_ffmpeg_error_and_survives_pickle() -> None:
    command = python("import sys; sys.exit('no such codec')")
    with pytest.raises(FFmpegError, match="failed with exit status 1: no such codec") as caught:
        run(command)
    copy = pickle.loads(pickle.dumps(caught.value))
    for error in (caught.value, copy):
        assert type(error) is FFmpegError
        assert (str(error), error.command) == (str(caught.value), tuple(command))
        assert (error.returncode, error.stderr) == (1, "no such codec")


@pytest.mark.parametrize("closed", ["0<&-", "1>&-", "2>&-", "0<&- 1>&- 2>&-"])
def test_a_closed_stream_becomes_an_empty_one(tmp_path: Path, closed: str) -> None:
    code = (
        "import os, subprocess, sys\n"
        "from parallel_animate.subprocesses import open_standard_streams\n"
        "open_standard_streams()\n"
        "with open('data', 'w') as file:\n"
        "    print(end='')\n"
        "    print(end='', file=sys.stderr)\n"
        "    file.write(str(file.fileno() > 2))\n"
        "    file.flush()\n"
        "    subprocess.run(['sh', '-c', 'echo stray; echo stray >&2'], check=True)\n"
    )
    command = ["sh", "-c", f'exec "$@" {closed}', "sh", *python(code)]
    subprocess.run(command, cwd=tmp_path, check=True)
    assert (tmp_path / "data").read_text() == "True"


@pytest.mark.parametrize("closed", ["1>&-", pytest.param("2>&-", marks=pytest.mark.slow)])
def test_a_movie_is_rendered_in_workers_without_a_standard_stream(
    tmp_path: Path, closed: str
) -> None:
    script = (
        "from movies import Numbers\n"
        "if __name__ == '__main__':\n"
        "    Numbers().make_video('a.mp4', range(4), 10, chunk_size=2, num_workers=2)\n"
    )
    (tmp_path / "script.py").write_text(script)
    environment = {**os.environ, "PYTHONPATH": str(HELPERS)}
    command = ["sh", "-c", f'exec "$@" {closed}', "sh", sys.executable, "script.py"]
    subprocess.run(command, cwd=tmp_path, env=environment, check=True, timeout=100)
    assert read_numbers(tmp_path / "a.mp4") == [(i, i) for i in range(4)]


def test_an_animation_is_saved_without_any_standard_stream(tmp_path: Path) -> None:
    script = (
        "import matplotlib\n"
        "matplotlib.use('agg')\n"
        "import matplotlib.pyplot as plt\n"
        "from matplotlib.animation import FuncAnimation\n"
        "from parallel_animate import save_animation\n"
        "figure, axes = plt.subplots(figsize=(1.6, 0.8))\n"
        "(line,) = axes.plot([0, 1], [0, 1])\n"
        "animation = FuncAnimation(figure, lambda i: line.set_ydata([0, i]), frames=6)\n"
        "save_animation(animation, 'a.mp4', 10, num_workers=2, chunk_size=3)\n"
    )
    (tmp_path / "script.py").write_text(script)
    command = ["sh", "-c", 'exec "$@" 0<&- 1>&- 2>&-', "sh", sys.executable, "script.py"]
    subprocess.run(command, cwd=tmp_path, check=True, timeout=100)
    assert len(list(read_frames(tmp_path / "a.mp4"))) == 6
