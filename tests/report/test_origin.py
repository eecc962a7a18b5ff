"""A page names the command and the commit that made a movie, and the params of its frames."""

import subprocess
import sys
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from parallel_animate.inputs.frames import Frame, HeldFrame
from parallel_animate.project.chunk_files import ChunkFile, store
from parallel_animate.project.work_folder import WorkFolder
from parallel_animate.report import stored_params
from parallel_animate.report.origin import commit_of, render_command
from parallel_animate.report.stored_params import stored_param_texts


def git(folder: Path, *words: str) -> str:
    who = ("-c", "user.name=a", "-c", "user.email=a@example.org")
    command = ["git", "-C", str(folder), *who, *words]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def test_the_commit_is_named_with_the_files_that_differ_from_it(tmp_path: Path) -> None:
    files = {"wave.py": "d", "new.py": "d", "data": "d", str(Path(sys.executable)): "d"}
    project = tmp_path / "repository/project"
    (project / "data").mkdir(parents=True)
    (project / "wave.py").write_text("a")
    assert commit_of(files, project) == "", "no repository"
    git(project.parent, "init")
    assert commit_of(files, project) == "", "no commit"
    (project / "other.py").write_text("a")
    git(project, "add", "wave.py", "other.py")
    git(project, "commit", "-m", "first")
    head = git(project, "rev-parse", "HEAD").strip()
    (project / "other.py").write_text("b")
    assert commit_of(files, project) == head, "other.py is no file of the movie"
    (project / "wave.py").write_text("b")
    (project / "new.py").write_text("a")
    assert commit_of(files, project) == (
        f"{head}, with changes in project/new.py, project/wave.py that are not committed"
    )


def test_the_command_of_a_draft_has_its_options() -> None:
    assert render_command("wave", {"every": 2}) == "parallel-animate run wave"
    draft = {"every": 10, "scale": 0.5}
    command = "parallel-animate run wave --every 10 --scale 0.5"
    assert render_command("wave-draft", draft) == command
    assert render_command("wave-draft", {}) == "parallel-animate run wave-draft"


@dataclass
class Place:
    """Params of a user's class; a page does not import it."""

    x: float
    name: str

    def __setstate__(self, state: dict[str, Any]) -> None:
        raise AssertionError("the page ran the user's code")


def write_chunks(folder: WorkFolder, *chunks: list[tuple[int, Any]]) -> list[str]:
    folder.make_for_jobs()
    for number, frames in enumerate(chunks):
        made = [Frame.of(frame_id, params) for frame_id, params in frames]
        ids, data = tuple(frame.id for frame in made), tuple(frame.data for frame in made)
        store(folder.chunk(f"{number}-x"), ChunkFile("r", ids, data))
    return [f"{number}-x" for number in range(len(chunks))]


def test_params_are_shown_without_running_the_users_code(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # By name, as from a module that another process could import.
    monkeypatch.setitem(sys.modules, "places", sys.modules[__name__])
    monkeypatch.setattr(Place, "__module__", "places")
    folder = WorkFolder(tmp_path / "work/wave")
    names = write_chunks(
        folder,
        [(0, 0.5), (1, HeldFrame(0, {"t": 1}))],
        [(2, Place(1.5, "A")), (3, date(2020, 1, 2))],
    )
    texts = ("0.5", "(t=1)", "Place(x=1.5, name='A')", "2020-01-02")
    assert stored_param_texts(folder.root, names) == texts
    assert stored_param_texts(folder.root, [*names, "missing"]) == ()
    monkeypatch.setattr(stored_params, "MAX_BYTES", 10)
    assert stored_param_texts(folder.root, names) == ()
