"""Files of a work folder that are damaged, or cannot be written."""

import json
from pathlib import Path

from project import MOVIE, Project

from parallel_animate.project.plan import read_plan


def not_utf8(path: Path) -> None:
    path.write_bytes(b"\xff" + path.read_bytes()[1:])


def with_another_key(path: Path) -> None:
    content = json.loads(path.read_text())
    content["cost"]["unknown"] = 1
    path.write_text(json.dumps(content))


def without_a_key(path: Path) -> None:
    content = json.loads(path.read_text())
    del content["chunks"]
    path.write_text(json.dumps(content))


def test_the_same_command_makes_damaged_files_again(tmp_path: Path) -> None:
    project = Project(tmp_path, wave=MOVIE)
    project.render()
    work, movie = tmp_path / "work/wave", tmp_path / "results/wave.mp4"
    before, plan, text = movie.read_bytes(), read_plan(work), (work / "plan.json").read_bytes()
    assert plan is not None
    for damage in (with_another_key, without_a_key, not_utf8):
        (work / "plan.json").write_bytes(text)
        damage(work / "plan.json")
        assert read_plan(work) is None
    not_utf8(work / "format")
    not_utf8(work / "joined")
    assert "render_chunk" not in project.render()
    assert read_plan(work) is not None
    assert movie.read_bytes() == before
    assert project.render() == {}, "nothing is left to do"


def test_a_run_does_not_go_on_with_an_old_plan_if_it_cannot_record_a_failure(
    tmp_path: Path,
) -> None:
    project = Project(tmp_path, wave=MOVIE)
    project.render()
    before = (tmp_path / "results/wave.mp4").read_bytes()
    project.edit("animator.py", "params + self.offset", "params + 1")
    # Neither a plan nor a failure can be written, as on a full or read-only disk.
    in_the_way = tmp_path / "work/wave/plan-failure.json/file"
    in_the_way.parent.mkdir()
    in_the_way.touch()
    said = project.snakemake("--cores", "1", expect=1)
    assert "error: The folder work cannot be used: [Errno" in said
    assert "No job was started" in said
    assert (tmp_path / "results/wave.mp4").read_bytes() == before
    in_the_way.unlink()
    in_the_way.parent.rmdir()
    assert project.render()["render_chunk"] == 3
