"""The files that count as data: the user's, wherever they are; never our own or those of caches."""

import os
import shutil
import tempfile
from pathlib import Path

import numpy as np
import pytest

from parallel_animate.atomic_files import temporary_folder
from parallel_animate.inputs.opened_files import WORK_NAMES, OpenedFiles
from parallel_animate.project.work_folder import WorkFolder


@pytest.fixture
def folder(in_tmp: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(in_tmp / "cache"))
    return in_tmp


def recorded(folder: Path, *names: str, here: Path | None = None) -> list[str]:
    opened = OpenedFiles(here or folder, own_files=(folder / "work", Path("/tmp")))
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("1")
    with opened.recorded_as("animator"):
        for name in names:
            (folder / name).read_text()
    return opened.data_files("animator")


def test_the_users_files_count_also_in_the_work_folder(folder: Path) -> None:
    names = ["data.txt", "work/data.txt", "work/segments/1.mp4", "work/.make_video.x.tmp/1"]
    assert recorded(folder, *names) == ["data.txt", "work/data.txt"]


def test_files_of_caches_do_not_count(folder: Path) -> None:
    names = ["data.txt", "__pycache__/helper.nbi", "cache/package/index", "helper.py"]
    assert recorded(folder, *names) == ["data.txt"]


def test_a_project_in_the_folder_of_caches_has_data(folder: Path) -> None:
    assert recorded(folder, "cache/film/data.txt", here=folder / "cache/film") == ["data.txt"]


def test_a_file_counts_if_it_is_read_and_changed_but_not_if_it_is_written(folder: Path) -> None:
    opened = OpenedFiles(folder, own_files=(folder / "work", Path("/tmp")))
    np.arange(4.0).tofile("array")
    with opened.recorded_as("animator"):
        np.memmap("array", mode="r+")
        Path("log").write_text("drawn")
    assert opened.data_files("animator") == ["array"]


def test_the_end_of_a_temporary_folder_does_not_hide_a_new_file_in_the_working_folder(
    folder: Path,
) -> None:
    opened = OpenedFiles(folder, own_files=(folder / "work", Path(tempfile.gettempdir())))
    with opened.recorded_as("params"):
        assert os.listdir(".") == []
        with temporary_folder() as temporary:
            (temporary / "trial").write_text("1")
            assert os.listdir(temporary) == ["trial"]
    assert opened.paths("params") == ["."], "the temporary folder is no data"
    (folder / "new").touch()
    assert opened.changes().content == (".",)


def test_a_tree_that_this_process_removes_is_its_own_change(folder: Path) -> None:
    opened = OpenedFiles(folder, own_files=(folder / "work", Path("/tmp")))
    (folder / "tree/branch").mkdir(parents=True)
    (folder / "tree/branch/leaf").write_text("1")
    with opened.recorded_as("params"):
        (folder / "tree/branch/leaf").read_text()
        shutil.rmtree(folder / "tree")
    assert opened.changes().content == ()
    assert opened.files() == {}


def test_every_file_of_a_work_folder_is_known_as_ours(folder: Path) -> None:
    work = WorkFolder(folder)
    properties = [name for name, part in vars(WorkFolder).items() if isinstance(part, property)]
    found = [getattr(work, name) for name in properties if name != "movie"]
    paths = [path for path in found if isinstance(path, Path)]
    assert {path.name for path in paths if path.parent == folder} <= WORK_NAMES
    assert len(paths) > 8
