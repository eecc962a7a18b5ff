"""Whatever works in a movie's folder keeps clean out of it, and nothing else."""

import subprocess
import sys
from pathlib import Path

import pytest
from command_line import HELPERS, animate
from project import MOVIE, Project, wait_until

from parallel_animate.errors import AnimateError, SettingsError
from parallel_animate.project import folder_lock
from parallel_animate.project.cleaning import clean
from parallel_animate.project.folder_lock import all_unused, folder_in_use
from parallel_animate.project.plan import Plan, write_plan
from parallel_animate.project.work_folder import WorkFolder

SLOW = """
import sys
import time
sys.path.insert(0, sys.argv[1])
from pathlib import Path
from movies import Numbers
class Slow(Numbers):
    def update(self, frame_idx, params):
        if frame_idx == 5:
            Path("waits").touch()
            while Path("waits").exists():
                time.sleep(0.05)
        super().update(frame_idx, params)
Slow().make_video("a.mp4", range(8), 25, num_workers=2, chunk_size=2, work_dir="work/wave")
"""


@pytest.fixture
def work(tmp_path: Path) -> Path:
    """A folder with a movie's plan, which names no file."""
    folder = WorkFolder(tmp_path / "work/wave")
    folder.make()
    write_plan(folder.root, Plan("wave", {}, "r", "j", {}, "", (2, 2), 2, (), {}, {}))
    (folder.segments / "unused.mp4").touch()
    return tmp_path / "work"


def test_clean_does_not_touch_what_make_video_is_writing(work: Path, tmp_path: Path) -> None:
    (tmp_path / "script.py").write_text(SLOW)
    with subprocess.Popen([sys.executable, "script.py", str(HELPERS)], cwd=tmp_path) as process:
        try:
            wait_until((tmp_path / "waits").exists, 120)
            refused = animate("clean", folder=tmp_path)
            assert refused.returncode == 2
            assert "A render is running in 'work/wave'" in refused.stderr
            assert len(clean(work, dry_run=True)) > 1
            assert (work / "wave/segments/unused.mp4").exists()
        finally:
            (tmp_path / "waits").unlink(missing_ok=True)
        assert process.wait(timeout=120) == 0
    assert work / "wave/segments/unused.mp4" in dict(clean(work, dry_run=False))


@pytest.mark.slow
def test_clean_does_not_touch_the_chunks_of_a_plan_in_the_making(tmp_path: Path) -> None:
    project = Project(tmp_path, wave=MOVIE)
    assert animate("plan", "config/config.yaml", folder=tmp_path).returncode == 0
    # Planning waits in the third chunk.
    (tmp_path / "frames.py").write_text(
        "import time\n"
        "from pathlib import Path\n"
        "def frames():\n"
        "    for i in range(12):\n"
        "        while i == 9 and Path('waits').exists(): time.sleep(0.05)\n"
        "        yield 3 * i\n"
    )
    (tmp_path / "waits").touch()
    words = [sys.executable, "-m", "parallel_animate", "plan", "config/config.yaml"]
    chunks = tmp_path / "work/wave/chunks"
    with subprocess.Popen(words, cwd=tmp_path, env=project.environment()) as process:
        try:
            wait_until(lambda: len(list(chunks.glob("*.chunk"))) == 5, 120)
            with pytest.raises(SettingsError, match="A render is running"):
                clean(tmp_path / "work", dry_run=False)
        finally:
            (tmp_path / "waits").unlink()
        assert process.wait(timeout=120) == 0
    # The chunks of the plan before are used no more, and those of the new one are kept.
    assert (
        len([path for path, _ in clean(tmp_path / "work", dry_run=False) if path.parent == chunks])
        == 3
    )
    assert len(list(chunks.glob("*.chunk"))) == 3


def test_all_that_works_in_a_folder_shares_its_lock(work: Path) -> None:
    folder = WorkFolder(work / "wave")
    with folder_in_use(folder), folder_in_use(folder):
        with all_unused(work, [folder.root]) as used:
            assert used == folder.root
        assert folder.segment("unused").exists()
    with all_unused(work, [folder.root]) as used:
        assert used is None


def test_a_job_waits_for_clean_and_not_for_ever(
    work: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = WorkFolder(work / "wave")
    monkeypatch.setattr(folder_lock, "WAIT_SECONDS", 0.1)
    with (
        all_unused(work, [folder.root]),
        pytest.raises(AnimateError, match="'clean' has been at work"),
        folder_in_use(folder),
    ):
        pass


def test_a_folder_in_the_place_of_the_lock_is_set_aside(work: Path) -> None:
    folder = WorkFolder(work / "wave")
    folder.lock.unlink(missing_ok=True)
    (folder.lock / "inside").mkdir(parents=True)
    with folder_in_use(folder):
        assert folder.lock.is_file()
    assert (folder.root / ".lock.damaged/inside").is_dir()


def test_clean_leaves_folders_that_are_not_ours(work: Path) -> None:
    own = work / "wave/segments/notes"
    own.mkdir()
    (own / "text").write_text("mine")
    assert [path.name for path, _ in clean(work, dry_run=False)] == ["unused.mp4"]
    assert (own / "text").read_text() == "mine"
