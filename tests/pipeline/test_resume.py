"""The cost of a change in the file pipeline: every row of the table, with real runs."""

import base64
import contextlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest
from changes import ALL, CHANGES, JOIN, NOTHING, make_project, sources, take_back
from command_line import HELPERS, animate
from movies import read_numbers
from project import MOVIE, Project, job_counts, wait_until


@pytest.fixture(scope="module")
def rendered(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A rendered movie; every test takes its change back, which is a test in itself."""
    project = make_project(tmp_path_factory.mktemp("resume"), reads_at_import=True)
    assert project.render() == ALL
    return project


@pytest.mark.slow
@pytest.mark.parametrize("name", CHANGES)
def test_a_change_renders_only_what_it_must_and_taking_it_back_nothing(
    rendered: Project, name: str
) -> None:
    folder = rendered.folder
    before = sources(folder)
    movie = (folder / "results/wave.mp4").read_bytes()
    change, cost = CHANGES[name]
    change(rendered)
    assert rendered.render() == cost
    take_back(folder, before)
    assert rendered.render() == (JOIN if cost else NOTHING)
    assert (folder / "results/wave.mp4").read_bytes() == movie


@pytest.mark.slow
def test_new_cores_logs_and_file_times_render_nothing(rendered: Project) -> None:
    for path in rendered.folder.glob("*.py"):
        path.touch()
    assert "Nothing to be done" in rendered.snakemake("--cores", "1", "--quiet", "rules")


@pytest.mark.slow
def test_only_the_next_run_uses_an_edit_made_while_jobs_run(tmp_path: Path) -> None:
    project = Project(tmp_path, wave=MOVIE)
    project.edit("animator.py", "super().update(", "import time; time.sleep(0.3); super().update(")
    live = project.start("--cores", "1")
    wait_until(project.unfinished_segments)
    project.edit("animator.py", "params + self.offset", "params + self.offset + 5")
    beside = job_counts(project.snakemake("-n", "--cores", "1"))
    assert beside["render_chunk"] == 3, "planning beside a live run"
    assert live.wait(timeout=90) == 0
    assert read_numbers(tmp_path / "results/wave.mp4") == [(i, 2 * i) for i in range(11)]
    assert project.render() == ALL
    assert read_numbers(tmp_path / "results/wave.mp4") == [(i, 2 * i + 5) for i in range(11)]


@pytest.mark.slow
def test_after_a_kill_and_an_edit_the_same_command_works_beside_orphans(tmp_path: Path) -> None:
    project = Project(tmp_path, wave=MOVIE)
    project.edit("animator.py", "super().update(", "import time; time.sleep(0.6); super().update(")
    live = project.start("--cores", "2")
    wait_until(project.unfinished_segments)
    orphans = [
        child
        for child in psutil.Process(live.pid).children(recursive=True)
        if "render-chunk" in " ".join(child.cmdline())
    ]
    live.send_signal(signal.SIGKILL)
    live.wait()
    assert any(orphan.is_running() for orphan in orphans)
    project.edit("animator.py", "params + self.offset", "params + self.offset + 5")
    project.edit("animator.py", "time.sleep(0.6)", "time.sleep(0)")
    project.snakemake("--cores", "2")
    assert read_numbers(tmp_path / "results/wave.mp4") == [(i, 2 * i + 5) for i in range(11)]
    psutil.wait_procs(orphans, timeout=60)
    assert "Nothing to be done" in project.snakemake("--cores", "2")
    assert read_numbers(tmp_path / "results/wave.mp4") == [(i, 2 * i + 5) for i in range(11)]

    # segments that no plan uses any more are listed, and removed
    listed = animate("clean", "--dry-run", folder=tmp_path).stdout
    assert ".mp4" in listed
    segments = list((tmp_path / "work/wave/segments").glob("*.mp4"))
    assert animate("clean", folder=tmp_path).stdout == listed.replace("to remove", "removed")
    assert len(list((tmp_path / "work/wave/segments").glob("*.mp4"))) == 3 < len(segments)
    assert "Nothing to be done" in project.snakemake("--cores", "2")


def test_a_patch_release_renders_nothing_again(tmp_path: Path) -> None:
    Project(tmp_path, wave=MOVIE)
    (tmp_path / "plan.py").write_text(
        "import sys\nfrom pathlib import Path\nimport parallel_animate\n"
        "parallel_animate.__version__ = sys.argv[1]\n"
        "from parallel_animate.pipeline.plan_movies import plan_movie\n"
        f"plan = plan_movie('wave', {MOVIE!r}, Path('work'))\n"
        "print(plan.join, plan.chunks)\n"
    )
    environment = {**os.environ, "PYTHONPATH": str(HELPERS)}
    said = [
        subprocess.run(
            [sys.executable, "plan.py", version],
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for version in ("0.1.0", "0.1.99")
    ]
    assert said[0] == said[1] != ""


def test_another_matplotlib_changes_the_digest(monkeypatch: pytest.MonkeyPatch) -> None:
    import matplotlib

    from parallel_animate.inputs.matplotlib_state import drawing_versions
    from parallel_animate.inputs.value_digest import digest_of

    before = digest_of(drawing_versions())
    monkeypatch.setattr(matplotlib, "__version__", "3.99.0")
    assert digest_of(drawing_versions()) != before


@pytest.mark.slow
def test_a_killed_script_resumes_when_it_is_run_again(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(
        "import sys, time\nfrom movies import Numbers\n"
        "class Slow(Numbers):\n    def update(self, frame_idx, params):\n"
        "        time.sleep(0.05)\n        super().update(frame_idx, params)\n"
        "Slow().make_video(sys.argv[1], range(40), 30, num_workers=2, chunk_size=5,\n"
        "                  work_dir=sys.argv[2], video_mode='cpu')\n"
    )
    environment = {**os.environ, "PYTHONPATH": str(HELPERS)}

    def start(movie: str, work: str) -> "subprocess.Popen[bytes]":
        command = [sys.executable, str(script), movie, work]
        return subprocess.Popen(command, cwd=tmp_path, env=environment)

    assert start("undisturbed.mp4", "other").wait(timeout=90) == 0
    killed = start("a.mp4", "work")
    segments = tmp_path / "work/segments"
    wait_until(lambda: len(list(segments.glob("*.mp4"))) >= 3)
    killed.kill()
    killed.wait()
    finished = {path: path.stat().st_mtime_ns for path in segments.glob("*.mp4")}
    assert start("a.mp4", "work").wait(timeout=90) == 0
    assert (tmp_path / "a.mp4").read_bytes() == (tmp_path / "undisturbed.mp4").read_bytes()
    for path, written in finished.items():
        assert path.stat().st_mtime_ns == written
    assert len(list(segments.glob("*.mp4"))) == 8


@pytest.mark.slow
def test_after_a_full_disk_only_segments_that_did_not_fit_are_rendered(
    small_disk: Path,
) -> None:
    project = Project(small_disk, wave=MOVIE)
    (small_disk / "animator.py").write_text(
        "import numpy as np\nfrom matplotlib.figure import Figure\n"
        "from parallel_animate import Animator\n"
        "class Movie(Animator):\n"
        "    def setup(self):\n"
        "        figure = Figure(figsize=(3.2, 2.4))\n"
        "        self.image = figure.figimage(np.zeros((240, 320)), vmin=0, vmax=1)\n"
        "        return figure\n"
        "    def update(self, frame_idx, params):\n"
        "        self.image.set_data(np.random.default_rng(frame_idx).random((240, 320)))\n"
    )
    project.snakemake("-n", "--cores", "1")
    free = os.statvfs(small_disk)
    hog = small_disk / "hog"
    hog.write_bytes(b"x" * (free.f_bavail * free.f_frsize - 250_000))
    said = project.snakemake("--cores", "1", "--keep-going", expect=1)
    assert "No space left on device" in said
    hog.unlink()
    project.snakemake("--cores", "1")
    assert (small_disk / "results/wave.mp4").is_file()
    assert project.temporary_files() == []


def kill_when(project: Project, n_segments: int) -> bool:
    """Kill a run at once when it has that many segments; return whether a job was not noted."""
    project.edit("animator.py", "super().update(", "time.sleep(0.3); super().update(")
    project.edit("animator.py", "\nfrom movies", "import time\nfrom movies")
    segments = project.folder / "work/wave/segments"
    run = project.start("--cores", "1")
    try:
        while len(list(segments.glob("[0-9]*.mp4"))) < n_segments and run.poll() is None:
            time.sleep(0.001)
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(run.pid, signal.SIGKILL)
        run.wait()
    marks = project.folder / ".snakemake/incomplete"
    names = {base64.b64decode(mark.name).decode() for mark in marks.iterdir()}
    return any((project.folder / name).exists() for name in names if "/segments/" in name)


@pytest.mark.slow
@pytest.mark.parametrize("n_segments", [1, 3])
def test_a_kill_right_after_a_segment_is_complete_leaves_a_run_that_goes_on(
    tmp_path: Path, n_segments: int
) -> None:
    # Snakemake has not yet noted the end of that job, and takes its output for incomplete. On a
    # busy machine the kill may come too late for that.
    for attempt in range(5):
        folder = tmp_path / str(attempt)
        folder.mkdir()
        project = Project(folder, wave=MOVIE)
        if kill_when(project, n_segments):
            break
    else:
        pytest.fail("each kill came too late")
    complete = set(folder.glob("work/wave/segments/[0-9]*.mp4"))
    rendered = project.render()
    assert rendered.get("render_chunk", 0) == 3 - len(complete)
    assert rendered["concat_segments"] == 1
    assert [frame for frame, _ in read_numbers(folder / "results/wave.mp4")] == list(range(11))
    assert project.render() == NOTHING
