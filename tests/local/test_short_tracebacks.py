"""A traceback leads from the user's call to the user's line, without the package's frames."""

import io
import logging
import os
import pdb
import re
import subprocess
import sys
import traceback
from pathlib import Path
from typing import Any

import pytest
from command_line import HELPERS
from movies import Numbers

import parallel_animate
from parallel_animate import RenderError, SettingsError
from parallel_animate.local.remote_errors import restore, run_for_parent

PACKAGE = str(Path(parallel_animate.__file__).parent)
WAVE = """
from movies import Numbers

class Wave(Numbers):
    def update(self, frame_idx, params):
        self.level(frame_idx)

    def level(self, frame_idx):
        if frame_idx == 3:
            raise ZeroDivisionError("no such wave")

def render(**options):
    Wave().make_video(**{
        "output_file": "a.mp4", "param_by_frame": range(8), "fps": 30,
        "chunk_size": 2, "video_mode": "cpu", **options
    })
"""
SINE = """
import matplotlib.pyplot as plt
from matplotlib.animation import FuncAnimation
from parallel_animate import save_animation

figure, axes = plt.subplots()

def level(frame):
    if frame == 3:
        raise ZeroDivisionError("no such wave")

def update(frame):
    level(frame)

def save(**options):
    animation = FuncAnimation(figure, update, frames=8, init_func=lambda: None)
    save_animation(animation, "a.mp4", 30, chunk_size=2, video_mode="cpu", **options)
"""
# Each call's error is printed as if nothing had caught it.
SCRIPT = f"""
import os
import sys
import threading
{WAVE}
{SINE}
def frames():
    yield 0
    raise ZeroDivisionError("no such wave")

def run_in_thread():
    thread = threading.Thread(target=render, kwargs={{"num_workers": 2}})
    thread.start()
    thread.join()

for call in CALLS:
    print("===", call, file=sys.stderr)
    try:
        eval(call)
    except Exception:
        sys.excepthook(*sys.exc_info())
"""
WRONG = ["video_quality='best'", "num_workers='all'", "redraw='atuo'", "fps='fast'", "n_frames=-1"]
CALLS = [
    *("render(num_workers=1)", "render(num_workers=2)", "save(num_workers=1)"),
    *("save(num_workers=2)", "run_in_thread()", "render(output_file='script.py/a.mp4')"),
    *(f"render({argument})" for argument in WRONG),
    *("render(param_by_frame=frames(), num_workers=1)", "Wave().preview(3, 0)"),
]
RAISED = 'raise ZeroDivisionError("no such wave")'


class Strange(Exception):
    """An exception that pickle cannot rebuild."""

    def __init__(self, first: str, second: str) -> None:
        super().__init__(first + second)


class Fails(Numbers):
    def __init__(self, error: Exception) -> None:
        super().__init__()
        self.error = error

    def update(self, frame_idx: int, params: Any) -> None:
        height = params
        if height == 3:
            raise self.error


class Raises(Fails):
    def update(self, frame_idx: int, params: Any) -> None:
        raise Strange("too ", "high")


def failure(animator: Numbers, n_workers: int) -> RenderError:
    with pytest.raises(RenderError) as caught:
        animator.make_video(
            "a.mp4", range(8), 30, num_workers=n_workers, chunk_size=2, video_mode="cpu"
        )
    return caught.value


def run(folder: Path, text: str, *command: str, **variables: str) -> str:
    """Save and run a script that fails, and return what it prints."""
    (folder / "script.py").write_text(text)
    result = subprocess.run(
        [sys.executable, *(command or ("script.py",))],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(HELPERS), "MPLBACKEND": "agg", **variables},
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    return result.stdout + result.stderr


def functions(printed: str) -> list[str]:
    """Return the functions of the last traceback in a text."""
    last = printed.rpartition("Traceback (most recent call last):")[2]
    return re.findall(r'File ".*script\.py", line \d+, in (.+)', last)


@pytest.fixture(scope="module")
def printed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Return what each call prints."""
    folder = tmp_path_factory.mktemp("script")
    parts = run(folder, SCRIPT.replace("CALLS", repr(CALLS))).split("=== ")[1:]
    return {call: text for call, _, text in (part.partition("\n") for part in parts)}


@pytest.mark.parametrize("n_workers", [1, 2])
@pytest.mark.parametrize("function", ["render", "save"])
def test_a_script_prints_the_way_from_the_call_to_the_line(
    printed: dict[str, str], function: str, n_workers: int
) -> None:
    text = printed[f"{function}(num_workers={n_workers})"]
    assert functions(text)[-3:] == [function, "update", "level"]
    assert PACKAGE not in text
    assert "site-packages" not in text
    lines = text.splitlines()
    assert RAISED in lines[-2]
    assert re.fullmatch(r"parallel_animate\.errors\.RenderError: .* frame 3 failed .*", lines[-1])
    # Two for the user's error and five from the call to it; how many lines each takes depends on
    # Python's version.
    assert sum(line.startswith("  File ") for line in lines) == 7


def test_a_thread_prints_the_same(printed: dict[str, str]) -> None:
    assert functions(printed["run_in_thread()"]) == ["render", "update", "level"]
    assert PACKAGE not in printed["run_in_thread()"]


@pytest.mark.parametrize("argument", [*WRONG, "output_file='script.py/a.mp4'"])
def test_a_wrong_argument_shows_the_call_and_a_sentence(
    printed: dict[str, str], argument: str
) -> None:
    text = printed[f"render({argument})"]
    assert functions(text)[-1] == "render"
    assert text.count("Traceback") == text.count("Error: ") == 1
    assert PACKAGE not in text
    assert "site-packages" not in text
    assert "/lib/python" not in text


def test_the_generator_of_the_params_is_shown_alone(printed: dict[str, str]) -> None:
    text = printed["render(param_by_frame=frames(), num_workers=1)"]
    assert functions(text)[-2:] == ["render", "frames"]
    assert PACKAGE not in text


def test_a_preview_shows_the_users_lines(printed: dict[str, str]) -> None:
    text = printed["Wave().preview(3, 0)"]
    assert functions(text) == ["<module>", "update", "level"]
    assert PACKAGE not in text


def test_all_frames_are_shown_on_request(in_tmp: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PARALLEL_ANIMATE_TRACEBACK", "full")
    error = failure(Fails(KeyError()), 1)
    entries = traceback.extract_tb(error.__traceback__)
    assert f"{PACKAGE}/render/scene.py" in [entry.filename for entry in entries]
    assert entries[-1].line == "raise self.error"


def test_a_fault_of_the_package_keeps_all_frames(
    in_tmp: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("parallel_animate.local.make_video.concat_segments", None)
    with pytest.raises(TypeError) as caught:
        Numbers().make_video("a.mp4", range(2), 30, num_workers=1, video_mode="cpu")
    files = [entry.filename for entry in traceback.extract_tb(caught.value.__traceback__)]
    assert f"{PACKAGE}/local/make_video.py" in files


@pytest.mark.parametrize("n_workers", [1, 2])
def test_the_cause_is_the_users_exception_with_its_traceback(in_tmp: Path, n_workers: int) -> None:
    error = failure(Fails(KeyError("wave", 5)), n_workers)
    cause = error.__cause__
    assert type(cause) is KeyError
    assert cause.args == ("wave", 5)
    for shown in (error, cause):
        last = traceback.extract_tb(shown.__traceback__)[-1]
        assert (last.name, last.line) == ("update", "raise self.error")
        assert last.filename == __file__


def test_a_cause_that_cannot_travel_is_left_out(in_tmp: Path) -> None:
    error = failure(Raises(KeyError()), 2)
    assert error.__cause__ is None
    assert "Strange: too high" in error.traceback
    assert traceback.extract_tb(error.__traceback__)[-1].line == 'raise Strange("too ", "high")'


def test_an_exception_of_the_script_is_caught_by_its_class(tmp_path: Path) -> None:
    text = f"""{WAVE.replace("ZeroDivisionError", "High")}
class High(Exception): pass

from parallel_animate import RenderError
try:
    render(num_workers=2)
except RenderError as error:
    print(isinstance(error.__cause__, High), error.__cause__.args)
"""
    assert run(tmp_path, text) == "True ('no such wave',)\n"


def test_an_error_without_a_cause_has_none_from_a_worker() -> None:
    error = SettingsError("too high")

    def fail() -> None:
        raise error

    with pytest.raises(SettingsError):
        run_for_parent(fail)
    restore(error)
    assert error.__cause__ is None
    assert vars(error) == {}


@pytest.mark.parametrize(("n_workers", "value"), [(1, "3"), (2, "*** NameError")])
def test_a_debugger_stops_at_the_users_line(in_tmp: Path, n_workers: int, value: str) -> None:
    error = failure(Fails(KeyError()), n_workers)
    output = io.StringIO()
    debugger = pdb.Pdb(stdin=io.StringIO("p height\nlist\nq\n"), stdout=output, nosigint=True)
    debugger.reset()
    debugger.interaction(None, error.__traceback__)
    printed = output.getvalue()
    # The variables of another process are gone.
    assert f"(Pdb) {value}" in printed
    assert re.search(r"->\s+raise self.error", printed)


def test_a_log_shows_the_users_line(in_tmp: Path, caplog: pytest.LogCaptureFixture) -> None:
    error = failure(Fails(KeyError()), 2)
    logging.getLogger("test").error("failed", exc_info=error)
    assert "raise self.error" in caplog.text
    assert PACKAGE not in caplog.text


@pytest.mark.slow
def test_pytest_shows_the_users_line(tmp_path: Path) -> None:
    tests = "".join(f"\ndef test_{n}():\n    render(num_workers={n})\n" for n in (1, 2))
    printed = run(
        tmp_path, WAVE + tests, "-m", "pytest", "-p", "no:cacheprovider", "--rootdir=.", "script.py"
    )
    assert "2 failed" in printed
    shown = rf">\s+{re.escape(RAISED)}\nE\s+parallel_animate.*RenderError: Wave: frame 3"
    assert len(re.findall(shown, printed)) == 2
    assert PACKAGE not in printed
    assert "site-packages" not in printed


def test_ipython_shows_the_call_and_the_users_lines_once(tmp_path: Path) -> None:
    calls = [f"render({argument})" for argument in ("num_workers=1", "num_workers=2", "fps='fast'")]
    script = (
        "from IPython.core.interactiveshell import InteractiveShell\n"
        "shell = InteractiveShell.instance(colors='nocolor')\n"
        + "\n".join(f"shell.run_cell({cell!r}, True)" for cell in [WAVE, *calls])
    )
    one, two, wrong = run(tmp_path, script).split("-" * 75)[1:]
    for number, printed in (("2", one), ("3", two)):
        assert re.findall(r"Cell In\[(\d)\], line", printed) == [number, "1", "1", "1"]
        assert printed.count(f"{RAISED}\n") == 1
        assert PACKAGE not in printed
        assert len(printed.splitlines()) <= 30
    assert re.findall(r"Cell In\[(\d)\], line", wrong) == ["4", "1"]
    assert PACKAGE not in wrong
