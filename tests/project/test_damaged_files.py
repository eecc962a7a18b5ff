"""Files of a work folder that are damaged, exchanged, in the wrong place, or cannot be written."""

import json
import logging
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from command_line import animate
from movies import Numbers, read_numbers
from project import MOVIE, Project

from parallel_animate.errors import SegmentError, SettingsError
from parallel_animate.pipeline.chunk_size import chunk_size_before
from parallel_animate.project.chunk_files import fetch, is_whole, store
from parallel_animate.project.failures import Failure, read_failure, write_failure
from parallel_animate.project.plan import Plan, read_plan
from parallel_animate.project.repair import set_aside_damaged
from parallel_animate.project.work_folder import WorkFolder
from parallel_animate.render.job import render_chunk_job


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


def a_folder_instead(path: Path) -> None:
    path.unlink()
    (path / "inside").mkdir(parents=True)


def exchange(one: Path, other: Path) -> None:
    between = one.with_name("between")
    one.rename(between)
    other.rename(one)
    between.rename(other)


@pytest.fixture(scope="module")
def rendered(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A rendered movie, whose folder also holds the chunks, recipe and join of an older version."""
    project = Project(tmp_path_factory.mktemp("damaged"), wave=MOVIE)
    project.edit("animator.py", "params + self.offset", "params + 7")
    assert animate("plan", "config/config.yaml", folder=project.folder).returncode == 0
    project.edit("animator.py", "params + 7", "params + self.offset")
    project.render()
    return project


@pytest.fixture
def project(rendered: Project, tmp_path: Path) -> Project:
    """A copy of the rendered project, to damage."""
    shutil.copytree(rendered.folder, tmp_path, dirs_exist_ok=True)
    copy = object.__new__(Project)
    copy.folder = tmp_path
    return copy


def movie_of(project: Project) -> bytes:
    return (project.folder / "results/wave.mp4").read_bytes()


def planned(folder: Path) -> Plan:
    plan = read_plan(folder)
    assert plan is not None
    return plan


@pytest.mark.slow
def test_the_same_command_makes_damaged_files_again(rendered: Project, project: Project) -> None:
    work = project.folder / "work/wave"
    text = (work / "plan.json").read_bytes()
    for damage in (with_another_key, without_a_key, not_utf8, a_folder_instead):
        (work / "plan.json").write_bytes(text)
        damage(work / "plan.json")
        assert read_plan(work) is None
    not_utf8(work / "format")
    not_utf8(work / "joined")
    a_folder_instead(project.folder / "work/wave/logs/concat.log")
    a_folder_instead(project.folder / "work/wave/benchmarks/concat.tsv")
    (work / "plan-failure.json").mkdir()
    shutil.rmtree(work / "chunks")
    (work / "chunks").write_text("a file")
    shutil.rmtree(work / "records")
    (work / "records").symlink_to("nowhere")
    said = project.snakemake("--cores", "2")
    assert "render_chunk" not in said
    assert said.count("plan.json is a folder") == 1
    assert said.count("chunks is no folder") == 1
    assert "Traceback" not in said
    assert (work / "plan.json.damaged/inside").is_dir(), "nothing is deleted"
    assert planned(work).chunks == planned(rendered.folder / "work/wave").chunks
    assert movie_of(project) == movie_of(rendered)
    assert "Nothing to be done" in project.snakemake("--cores", "2")
    # What was set aside is no movie's, so clean removes it.
    assert "plan.json.damaged" in animate("clean", folder=project.folder).stdout
    assert not list(work.rglob("*.damaged*"))


@pytest.mark.slow
def test_files_that_were_exchanged_are_not_used(rendered: Project, project: Project) -> None:
    """As after a broken restore: each is intact, but holds what belongs under another name."""
    folder = WorkFolder(project.folder / "work/wave")
    plan = planned(folder.root)
    names = [name for name, _ in plan.chunks]
    pairs = [
        (folder.chunk(names[0]), folder.chunk(names[1])),
        (folder.segment(names[1]), folder.segment(names[2])),
        tuple(sorted(folder.recipes.iterdir())),
        tuple(sorted(folder.joins.iterdir())),
    ]
    for one, other in pairs:
        exchange(one, other)
    # As if no chunk was rendered from the exchanged files yet.
    folder.segment(names[0]).unlink()
    (project.folder / "results/wave.mp4").unlink()
    project.render()
    assert movie_of(project) == movie_of(rendered)
    aside = {path.name.removesuffix(".damaged") for path in folder.root.rglob("*.damaged")}
    assert aside >= {path.name for pair in pairs[:2] for path in pair}
    assert {f"{plan.recipe}.recipe", f"{plan.join}.join"} <= aside


def test_a_plan_of_another_movie_is_not_used(project: Project) -> None:
    work = project.folder / "work"
    shutil.copytree(work / "wave", work / "other")
    assert read_plan(work / "wave") is not None
    assert read_plan(work / "other") is None


@pytest.mark.slow
def test_a_damaged_file_that_a_job_reads_is_named_and_planned_again(project: Project) -> None:
    folder = WorkFolder(project.folder / "work/wave")
    plan = planned(folder.root)
    name = plan.chunks[0][0]
    folder.segment(name).unlink()
    chunk, recipe = folder.chunk(name), folder.recipe(plan.recipe)
    before = chunk.read_bytes()
    chunk.write_bytes(before[:-3])
    words = ["render-chunk", str(chunk), str(folder.segment(name))]
    result = animate(*words, folder=project.folder)
    assert result.returncode == 1
    assert "planning makes the file again" in result.stderr
    assert "Traceback" not in result.stderr
    assert not chunk.exists()
    recipe.write_bytes(recipe.read_bytes()[:-3])
    assert animate("plan", "config/config.yaml", folder=project.folder).returncode == 0
    assert chunk.read_bytes() == before
    assert is_whole(recipe)
    assert animate(*words, folder=project.folder).returncode == 0


def test_a_segment_is_not_rendered_under_the_name_of_another_chunk(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"The chunk file a\.chunk makes a\.mp4, not b\.mp4"):
        render_chunk_job(tmp_path / "chunks/a.chunk", tmp_path / "segments/b.mp4")


def test_a_lost_plan_keeps_the_chunk_size_that_was_chosen(project: Project) -> None:
    folder = WorkFolder(project.folder / "work/wave")
    plan = planned(folder.root)
    automatic = replace(plan, config={"chunk_size": "auto"}, chunk_size=7)
    assert chunk_size_before(folder, automatic) == 7
    assert chunk_size_before(folder, plan) is None, "the config named it, so it is chosen again"
    assert chunk_size_before(folder, None) == 4
    folder.joined.unlink()
    assert chunk_size_before(folder, None) == 4
    shutil.rmtree(folder.joins)
    assert chunk_size_before(folder, None) is None


def test_make_video_sets_aside_what_is_in_its_way(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    work = tmp_path / "work"

    def render(name: str) -> bytes:
        output = tmp_path / name
        Numbers().make_video(output, range(8), 25, num_workers=1, chunk_size=4, work_dir=work)
        return output.read_bytes()

    before = render("a.mp4")
    first, second = sorted((work / "segments").iterdir())
    a_folder_instead(first)
    second.unlink()
    os.mkfifo(second)
    shutil.rmtree(work / "records", ignore_errors=True)
    (work / "records").touch()
    a_folder_instead(work / "format")
    assert render("b.mp4") == before
    assert "is a folder" in caplog.text
    shutil.rmtree(work)
    work.symlink_to("nowhere")
    assert render("c.mp4") == before


def test_a_stored_file_proves_its_name(tmp_path: Path) -> None:
    store(tmp_path / "a.chunk", ("frames", 1))
    assert fetch(tmp_path / "a.chunk") == ("frames", 1)
    shutil.copy(tmp_path / "a.chunk", tmp_path / "b.chunk")
    assert not is_whole(tmp_path / "b.chunk")
    with pytest.raises(SegmentError, match=r"b\.chunk is damaged .* under this name"):
        fetch(tmp_path / "b.chunk")
    assert [path.name for path in sorted(tmp_path.iterdir())] == ["a.chunk", "b.chunk.damaged"]
    write_failure(tmp_path / "a.json", Failure("of a"))
    assert read_failure(tmp_path / "a.json") == Failure("of a")
    shutil.copy(tmp_path / "a.json", tmp_path / "b.json")
    assert read_failure(tmp_path / "b.json") is None


def test_many_damaged_files_are_named_in_one_line(
    project: Project, caplog: pytest.LogCaptureFixture
) -> None:
    folder = WorkFolder(project.folder / "work/wave")
    plan = planned(folder.root)
    for name, _ in plan.chunks:
        folder.segment(name).write_bytes(b"")
    with caplog.at_level(logging.WARNING):
        set_aside_damaged(folder.root)
    (said,) = [record.getMessage() for record in caplog.records]
    assert "3 files are not what they should be" in said
    assert all(f"{name}.mp4" in said for name, _ in plan.chunks)


@pytest.fixture
def read_only(project: Project) -> Iterator[Path]:
    """The movie's work folder, which cannot be written, not even by root."""
    folder = project.folder / "work/wave"
    mounts = [
        ["mount", "--bind", str(folder), str(folder)],
        ["mount", "-o", "remount,bind,ro", str(folder)],
    ]
    if sys.platform != "linux" or os.geteuid() != 0:
        pytest.skip("a folder can be made read-only for root only on Linux")
    if any(subprocess.run(mount, check=False).returncode for mount in mounts):
        pytest.skip("mounting is not allowed here")
    yield folder
    subprocess.run(["umount", str(folder)], check=False)


@pytest.mark.slow
def test_a_run_does_not_go_on_with_an_old_plan_if_it_cannot_record_a_failure(
    rendered: Project, project: Project, read_only: Path
) -> None:
    project.edit("animator.py", "params + self.offset", "params + 1")
    # Neither a plan nor a failure can be written, as on a full or read-only disk.
    said = project.snakemake("--cores", "1", expect=1)
    assert "error: The folder work cannot be used: [Errno" in said
    assert "No job was started" in said
    assert movie_of(project) == movie_of(rendered)
    subprocess.run(["umount", str(read_only)], check=True)
    project.render()
    movie = project.folder / "results/wave.mp4"
    assert read_numbers(movie) == [(i, 2 * i + 1) for i in range(11)]
