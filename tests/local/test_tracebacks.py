"""An error in the user's code in a worker shows the user's file, line and text."""

import json
import os
import re
import subprocess
import sys
import textwrap
import tomllib
from pathlib import Path

import pytest
from command_line import HELPERS

ANIMATOR = """
class Fails(Numbers):
    def update(self, frame_idx, params):
        self.draw(frame_idx, params)

    def draw(self, frame_idx, params):
        if frame_idx == 3:
            raise ZeroDivisionError(f"no such {'wave'}")
        super().update(frame_idx, params)
"""
RENDER = """
def render(animator, frames=range(8)):
    try:
        animator.make_video(
            "a.mp4", frames, 30, num_workers=2, disable_progress_bar=True, chunk_size=2,
            video_mode="cpu",
        )
    except RenderError as error:
        return error.traceback
"""
FUNCTION = """
figure, axes = plt.subplots()
(line,) = axes.plot([0, 1])

def draw(frame):
    height = (lambda: 1 / (frame - 3))()
    line.set_ydata([0, height])
"""
SAVE = """
def save():
    animation = FuncAnimation(figure, draw, frames=30, init_func=lambda: None)
    try:
        save_animation(
            animation, "b.mp4", 30, num_workers=2, disable_progress_bar=True, chunk_size=2,
            video_mode="cpu",
        )
    except RenderError as error:
        return error.traceback
"""
IMPORTS = """
import json
from pathlib import Path
import matplotlib.pyplot as plt
from matplotlib.animation import FuncAnimation
from movies import Numbers
from parallel_animate import RenderError, save_animation
"""
RAISED = """raise ZeroDivisionError(f"no such {'wave'}")"""
DIVIDED = "height = (lambda: 1 / (frame - 3))()"


def run(folder: Path, text: str, *path: Path, file: str = "script.py") -> str:
    """Run a script and return the traceback that it prints last, as JSON."""
    (folder / file).write_text(text)
    places = [*path, HELPERS, *filter(None, [os.environ.get("PYTHONPATH")])]
    result = subprocess.run(
        [sys.executable, file],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(map(str, places)), "MPLBACKEND": "agg"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    trace: str = json.loads(result.stdout.splitlines()[-1])
    return trace


def check_shows(trace: str, file: str | Path, text: str, wanted: str, name: str) -> None:
    """Check that a traceback shows a function's line in a file, with the expected text."""
    numbers = [n for n, line in enumerate(text.splitlines(), 1) if wanted in line]
    assert len(numbers) == 1
    assert f'File "{file}", line {numbers[0]}, in {name}\n    {wanted}\n' in trace
    assert "dynamic-code" not in trace


def test_a_class_of_the_script_shows_its_lines(tmp_path: Path) -> None:
    text = IMPORTS + ANIMATOR + RENDER + "print(json.dumps(render(Fails())))\n"
    trace = run(tmp_path, text)
    check_shows(trace, tmp_path / "script.py", text, "self.draw(frame_idx, params)", "update")
    check_shows(trace, tmp_path / "script.py", text, RAISED, "draw")


def test_a_script_edited_meanwhile_shows_the_lines_that_ran(tmp_path: Path) -> None:
    edit = """
        def frames():
            Path(__file__).write_text("# edited" + chr(10) * 99)
            yield from range(8)

        print(json.dumps(render(Fails(), frames())))
    """
    text = IMPORTS + ANIMATOR + RENDER + textwrap.dedent(edit)
    trace = run(tmp_path, text)
    assert (tmp_path / "script.py").read_text().startswith("# edited")
    check_shows(trace, tmp_path / "script.py", text, RAISED, "draw")


def test_a_class_of_a_module_beside_the_script_shows_its_lines(tmp_path: Path) -> None:
    module = "from movies import Numbers\n" + ANIMATOR
    (tmp_path / "waves.py").write_text(module)
    text = IMPORTS + "import waves\n" + RENDER + "print(json.dumps(render(waves.Fails())))\n"
    trace = run(tmp_path, text)
    check_shows(trace, tmp_path / "waves.py", module, "self.draw(frame_idx, params)", "update")
    check_shows(trace, tmp_path / "waves.py", module, RAISED, "draw")


def test_the_function_of_a_saved_animation_shows_its_lines(tmp_path: Path) -> None:
    text = IMPORTS + FUNCTION + SAVE + "print(json.dumps(save()))\n"
    trace = run(tmp_path, text)
    check_shows(trace, tmp_path / "script.py", text, DIVIDED, "draw")
    check_shows(trace, tmp_path / "script.py", text, DIVIDED, "<lambda>")


@pytest.mark.slow
def test_the_cells_of_a_notebook_show_their_lines(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    nbformat = pytest.importorskip("nbformat")
    nbclient = pytest.importorskip("nbclient")
    monkeypatch.setenv("PYTHONPATH", str(HELPERS), prepend=os.pathsep)
    cells = [
        *(IMPORTS, ANIMATOR, FUNCTION),
        *(RENDER + "print(render(Fails()))", SAVE + "print(save())"),
    ]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(c) for c in cells])
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "", "language": "python"}
    nbclient.NotebookClient(
        notebook, timeout=120, resources={"metadata": {"path": str(tmp_path)}}
    ).execute()
    of_class, of_function = (
        "".join(output.get("text", "") for output in cell.outputs if output.name == "stdout")
        for cell in notebook.cells[-2:]
    )
    for trace, cell, wanted, name in (
        (of_class, ANIMATOR, RAISED, "draw"),
        (of_function, FUNCTION, DIVIDED, "draw"),
    ):
        file = re.search(r'File "([^"]*ipykernel[^"]*)", line \d+, in draw', trace)
        assert file, trace
        assert not Path(file[1]).exists()
        # IPython does not count empty lines at the start.
        check_shows(trace, file[1], cell.lstrip(), wanted, name)


def lower_bound(root: Path) -> str:
    project = tomllib.loads((root / "pyproject.toml").read_text())["project"]
    (line,) = [line for line in project["dependencies"] if line.startswith("cloudpickle")]
    return str(line.removeprefix("cloudpickle>="))


@pytest.mark.slow
@pytest.mark.parametrize("version", ["lower bound", "3.1.1", "3.1.2", "newest"])
def test_every_supported_cloudpickle_keeps_the_lines(
    tmp_path: Path, root: Path, version: str
) -> None:
    wanted = lower_bound(root) if version == "lower bound" else version
    overlay = tmp_path / "overlay"
    installed = subprocess.run(
        [
            *(sys.executable, "-m", "pip", "install", "--quiet", "--no-deps"),
            *("--disable-pip-version-check", "--target", str(overlay)),
            "cloudpickle" if version == "newest" else f"cloudpickle=={wanted}",
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    if installed.returncode:
        pytest.skip(f"cloudpickle cannot be downloaded: {installed.stderr[-200:]}")
    # loky bundles no cloudpickle, so its workers use this one, too.
    check = """
        import cloudpickle, loky.backend.reduction
        assert Path(cloudpickle.__file__).is_relative_to(OVERLAY), cloudpickle.__file__
        (pickler,) = loky.backend.reduction.get_loky_pickler().__bases__
        assert pickler is cloudpickle.CloudPickler
        traces = [render(Fails()), render(waves.Fails()), save()]
        print(json.dumps([cloudpickle.__version__, *traces]))
    """
    module = "from movies import Numbers\n" + ANIMATOR
    (tmp_path / "waves.py").write_text(module)
    text = IMPORTS + "import waves\n" + ANIMATOR + RENDER + FUNCTION + SAVE
    text += textwrap.dedent(check).replace("OVERLAY", repr(str(overlay)))
    used, of_script, of_module, of_function = run(tmp_path, text, overlay)
    if version != "newest":
        assert used.startswith(wanted)
    check_shows(of_script, tmp_path / "script.py", text, RAISED, "draw")
    check_shows(of_module, tmp_path / "waves.py", module, RAISED, "draw")
    check_shows(of_function, tmp_path / "script.py", text, DIVIDED, "draw")
