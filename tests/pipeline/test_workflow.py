"""Promises of the file pipeline, tested with the real Snakemake on the repository's Snakefile."""

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from command_line import HELPERS
from movies import read_frames, read_numbers
from PIL import Image
from project import BIN, MOVIE, ROOT, Project, job_counts, wait_until


@pytest.mark.timeout(900)
def test_the_life_of_a_movie(tmp_path: Path) -> None:
    project = Project(tmp_path, wave={**MOVIE, "kwargs": {"offset": 1}})
    movie = tmp_path / "results/wave.mp4"

    # -n shows the true job list before anything is rendered
    assert job_counts(project.snakemake("-n", "--cores", "2")) == {
        "render_chunk": 3,
        "concat_segments": 1,
    }
    assert not movie.exists()
    assert project.render() == {"render_chunk": 3, "concat_segments": 1}
    assert read_numbers(movie) == [(i, 2 * i + 1) for i in range(11)]
    original = movie.read_bytes()
    for job in ("0000000-0000004", "concat"):
        assert list((tmp_path / "work/wave/logs").glob(f"{job}*.log"))
        assert list((tmp_path / "work/wave/benchmarks").glob(f"{job}*.tsv"))

    # the same bytes as make_video's
    script = tmp_path / "script.py"
    script.write_text(
        "from animator import Movie\nfrom frames import frames\n"
        "Movie(offset=1).make_video('direct.mp4', frames(), 25, num_workers=2, chunk_size=4)\n"
    )
    tests = str(HELPERS)
    subprocess.run(
        [sys.executable, str(script)],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": tests},
        check=True,
    )
    assert (tmp_path / "direct.mp4").read_bytes() == original

    # nothing to do, also under another hash seed
    files = project.files()
    assert "Nothing to be done" in project.snakemake("--cores", "2", seed="77")
    assert project.files() == files

    # comments and new modification times are no changes
    project.edit("animator.py", "class Movie", "# a comment\nclass Movie")
    os.utime(tmp_path / "frames.py")
    assert "Nothing to be done" in project.snakemake("--cores", "2")

    # one frame's params: one chunk and the join; taken back: only the join
    project.edit(
        "frames.py",
        "for i in range(11)]",
        "for i in range(11)][:5] + [99] + [i * 2 for i in range(6, 11)]",
    )
    assert job_counts(project.snakemake("-n", "--cores", "2"))["render_chunk"] == 1
    assert project.render() == {"render_chunk": 1, "concat_segments": 1}
    assert read_numbers(movie)[4:7] == [(4, 9), (5, 100), (6, 13)]
    project.edit("frames.py", "[:5] + [99] + [i * 2 for i in range(6, 11)]", "")
    assert project.render() == {"concat_segments": 1}
    assert movie.read_bytes() == original

    # the animator's code: every chunk
    project.edit("animator.py", "params + self.offset", "params + self.offset + 1")
    assert project.render() == {"render_chunk": 3, "concat_segments": 1}
    assert read_numbers(movie)[3] == (3, 8)


@pytest.mark.slow
def test_an_edit_planned_and_taken_back_before_rendering_costs_nothing(
    tmp_path: Path,
) -> None:
    project = Project(tmp_path, wave=MOVIE)
    project.render()
    project.edit("frames.py", "i * 2", "i * 3")
    assert job_counts(project.snakemake("-n", "--cores", "1"))["render_chunk"] == 3
    project.edit("frames.py", "i * 3", "i * 2")
    assert "Nothing to be done" in project.snakemake("--cores", "1")


def test_a_failing_frame_is_reported_in_full_and_other_segments_survive(tmp_path: Path) -> None:
    project = Project(tmp_path, wave=MOVIE)
    project.edit("animator.py", "super().update(", "1 / (frame_idx - 7); super().update(")
    said = project.snakemake("--cores", "1", "--keep-going", expect=1)
    assert "wave: frames 0000004-0000008" in said
    assert "frame 7 failed" in said
    assert said.count("1 / (frame_idx - 7)") == 1, "once, not with every attempt and every log"
    assert "FAILED  wave: frames 4 to 7" in said
    assert said.index("run the same command again") > said.index("Exiting because a job")
    assert re.search(r"work/wave/logs/0000004-0000008-\w+\.log", said)
    assert "ZeroDivisionError" in said
    segments = [path.name[:15] for path in (tmp_path / "work/wave/segments").glob("*.mp4")]
    assert sorted(segments) == ["0000000-0000004", "0000008-0000011"]
    assert not (tmp_path / "results/wave.mp4").exists()


KILLED = """

def die(frame_idx, times):
    # A file that a frame opens for reading must not change meanwhile; its size may.
    if frame_idx == 6 and os.path.getsize("deaths") < times:
        with open("deaths", "a") as file:
            file.write("x")
        os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.slow
@pytest.mark.parametrize("deaths", [2, 3])
def test_a_job_killed_by_a_signal_is_restarted_twice(tmp_path: Path, deaths: int) -> None:
    project = Project(tmp_path, wave=MOVIE)
    project.edit("animator.py", "\nfrom movies", "import os, signal\nfrom movies")
    project.edit("animator.py", "super().update(", f"die(frame_idx, {deaths}); super().update(")
    with (tmp_path / "animator.py").open("a") as code:
        code.write(KILLED)
    (tmp_path / "deaths").touch()
    said = project.snakemake("--cores", "1", expect=0 if deaths == 2 else 1)
    assert (tmp_path / "deaths").stat().st_size == deaths
    if deaths == 2:
        assert read_numbers(tmp_path / "results/wave.mp4") == [(i, 2 * i) for i in range(11)]
    else:
        assert "killed by signal 9, three times" in said


@pytest.mark.slow
def test_a_damaged_segment_is_named_and_rendered_by_the_same_command(tmp_path: Path) -> None:
    project = Project(tmp_path, wave=MOVIE)
    project.render()
    movie = tmp_path / "results/wave.mp4"
    original = movie.read_bytes()
    movie.unlink()
    segments = sorted((tmp_path / "work/wave/segments").iterdir())
    segments[1].write_bytes(segments[1].read_bytes()[:-5])
    # Changed bytes before the seal are found by the join, which reads all of a segment.
    data = bytearray(segments[2].read_bytes())
    data[len(data) // 2] ^= 1
    segments[2].write_bytes(data)
    said = project.snakemake("--cores", "2")
    assert said.count(f"{segments[1].name} has changed since it was written") == 1
    assert job_counts(said) == {"render_chunk": 1, "concat_segments": 1}
    log = (tmp_path / "work/wave/logs/concat.log").read_text()
    assert log.count(f"{segments[2].name} has changed since it was written") == 1
    assert movie.read_bytes() == original
    for segment in segments[1:]:
        assert segment.with_name(f"{segment.name}.damaged").is_file()
    assert project.render() == {}


@pytest.mark.slow
def test_a_movie_that_cannot_be_planned_fails_alone(tmp_path: Path) -> None:
    project = Project(
        tmp_path,
        good=MOVIE,
        nobody={**MOVIE, "animator": "animator.py:Movi"},
        nothing={**MOVIE, "params": "empty.py:frames"},
    )
    (tmp_path / "empty.py").write_text("frames = []\n")
    project.snakemake("--unlock", "--cores", "1")
    said = project.snakemake("--cores", "2", "--keep-going", expect=1)
    assert "no 'Movi'" in said
    assert "Did you mean 'Movie'?" in said
    assert "gives no frames" in said
    assert len(read_numbers(tmp_path / "results/good.mp4")) == 11
    assert not (tmp_path / "results/nobody.mp4").exists()
    project.configure(good=MOVIE, nobody={**MOVIE})
    assert project.render() == {"render_chunk": 3, "concat_segments": 1}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"fsp": 30}, "Did you mean 'fps'?"),
        ({"fps": 0}, "fps must be a number above 0"),
        ({"video_quality": 77}, "0 to 51"),
        ({"video_preset": "verifast"}, "Did you mean 'veryfast'?"),
    ],
)
def test_a_bad_config_is_one_clear_line_and_nothing_starts(
    tmp_path: Path, change: dict[str, Any], message: str
) -> None:
    project = Project(tmp_path, wave={**MOVIE, **change})
    said = project.snakemake("--cores", "1", expect=None)
    assert message in said
    assert "movie 'wave'" in said
    assert not (tmp_path / "work").exists()


@pytest.mark.slow
def test_an_edit_of_the_providers_module_renders_only_changed_values(
    tmp_path: Path,
) -> None:
    project = Project(tmp_path, wave=MOVIE)
    (tmp_path / "values.py").write_text("def value(i):\n    return i * 2\n")
    (tmp_path / "frames.py").write_text(
        "from values import value\n\ndef frames():\n    return [value(i) for i in range(11)]\n"
    )
    project.render()
    project.edit("values.py", "i * 2", "i * 2 if i else 5")
    assert project.render() == {"render_chunk": 1, "concat_segments": 1}


@pytest.mark.slow
def test_planning_is_the_same_under_every_hash_seed(tmp_path: Path) -> None:
    project = Project(tmp_path, wave=MOVIE)
    (tmp_path / "frames.py").write_text(
        "import numpy as np\n"
        "class Point:\n"
        "    def __init__(self, x):\n"
        "        self.x, self.tags = x, {'a', 'b', str(x)}\n"
        "    def __index__(self):\n"
        "        return self.x\n"
        "    def __add__(self, other):\n"
        "        return self.x + other\n"
        "class Rich(dict):\n"
        "    def __add__(self, other):\n"
        "        return self['point'].x + other\n"
        "def frames():\n"
        "    return [Rich(point=Point(i), text=frozenset('xyz'), where=(1, (2.5, None)),\n"
        "                 data=np.arange(i), names={'k': ['v', {'w'}]}) for i in range(6)]\n"
    )
    work = tmp_path / "work"
    seen = []
    for seed in ("1", "2"):
        project.snakemake("-n", "--cores", "1", seed=seed)
        seen.append(project.files())
        (work / "wave/plan.json").unlink()
    project.snakemake("-n", "--cores", "1", seed="3")
    chunk_files = [{k: v for k, v in files.items() if "plan.json" not in k} for files in seen]
    assert chunk_files[0] == chunk_files[1]
    assert {k: v for k, v in project.files().items() if "plan.json" not in k} == chunk_files[0]
    assert seen[0]["work/wave/plan.json"] != seen[1]["work/wave/plan.json"], "it was made twice"
    project.render()
    assert len(read_numbers(tmp_path / "results/wave.mp4")) == 6


def test_lint_and_format_are_clean() -> None:
    formatted = subprocess.run(
        [BIN / "snakefmt", "--check", ROOT / "Snakefile", ROOT / "workflow"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert formatted.returncode == 0, formatted.stderr


@pytest.mark.slow
def test_snakemake_lint_only_asks_for_conda(tmp_path: Path) -> None:
    project = Project(tmp_path, wave=MOVIE)
    said = project.snakemake("--lint", expect=None)
    complaints = re.findall(r"^ +\* (.*?):$", said, flags=re.MULTILINE)
    assert set(complaints) <= {"Specify a conda environment or container for each rule."}, said


def test_the_profiles_link_points_to_the_default_profile() -> None:
    profile = yaml.safe_load((ROOT / "profiles/default/config.yaml").read_text())
    assert profile["rerun-incomplete"] is profile["ignore-incomplete"] is True
    assert (ROOT / "profiles").is_symlink()


def test_the_schema_file_matches_the_settings() -> None:
    from parallel_animate.pipeline.schema import format_schema

    assert (ROOT / "workflow/schemas/config.schema.yaml").read_text() == format_schema()


@pytest.mark.slow
def test_an_update_that_depends_on_the_frame_before_stops_the_plan(tmp_path: Path) -> None:
    project = Project(tmp_path, wave=MOVIE)
    project.edit("animator.py", "params + self.offset)", "params + self.offset + self.seen())")
    project.edit(
        "animator.py",
        "    def update",
        "    def seen(self):\n        self.count = getattr(self, 'count', -1) + 1\n"
        "        return self.count\n\n    def update",
    )
    said = project.snakemake("--cores", "1", expect=1)
    assert "update() depends on the frame before" in said
    assert re.search(r"frame 1 drawn after frame 0 differs .* in \d+ pixels", said)
    assert "set 'order: in_order' for it: one job then draws all frames" in said
    project.configure(wave={**MOVIE, "order": "in_order"})
    assert project.render() == {"render_chunk": 1, "concat_segments": 1}
    assert read_numbers(tmp_path / "results/wave.mp4") == [(i, 3 * i) for i in range(11)]
    project.configure(wave={**MOVIE, "order_check": False})
    assert project.render() == {"render_chunk": 3, "concat_segments": 1}


@pytest.mark.slow
def test_a_movie_of_one_chunk_is_in_order_anyway(tmp_path: Path) -> None:
    project = Project(tmp_path, wave={**MOVIE, "chunk_size": 11})
    project.edit("animator.py", "params + self.offset)", "params + self.seen())")
    project.edit(
        "animator.py",
        "    def update",
        "    def seen(self):\n        self.count = getattr(self, 'count', -1) + 1\n"
        "        return self.count\n\n    def update",
    )
    assert project.render() == {"render_chunk": 1, "concat_segments": 1}
    assert read_numbers(tmp_path / "results/wave.mp4") == [(i, 3 * i) for i in range(11)]


SETTLING = """
import numpy as np
import matplotlib.pyplot as plt
from parallel_animate import Animator

X, Y = np.meshgrid(np.arange(0, 6, 0.7), np.arange(0, 6, 0.7))


class Movie(Animator):
    def setup(self):
        figure = plt.figure(figsize=(3, 2))
        self.quiver = plt.quiver(X, Y, np.cos(X), np.sin(Y))
        return figure

    def update(self, frame_idx, params):
        self.quiver.set_UVC((1 + params) * np.sin(X + params), (1 + params) * np.cos(Y))
        plt.title(f"frame {params}")
"""


@pytest.mark.slow
def test_a_quiver_and_pyplot_are_planned_in_chunks_with_the_frames_of_make_video(
    tmp_path: Path,
) -> None:
    project = Project(tmp_path, wave=MOVIE)
    (tmp_path / "animator.py").write_text(SETTLING)
    assert project.render() == {"render_chunk": 3, "concat_segments": 1}
    (tmp_path / "script.py").write_text(
        "from animator import Movie\nfrom frames import frames\n"
        "Movie().make_video('direct.mp4', frames(), 25, num_workers=1, chunk_size=4)\n"
        "Movie().make_video('again.mp4', frames(), 25, num_workers=2, chunk_size=4,"
        " work_dir='work/wave')\n"
    )
    segments = set((tmp_path / "work/wave/segments").iterdir())
    subprocess.run([sys.executable, "script.py"], cwd=tmp_path, check=True)
    movie = (tmp_path / "results/wave.mp4").read_bytes()
    assert (tmp_path / "direct.mp4").read_bytes() == movie
    assert (tmp_path / "again.mp4").read_bytes() == movie
    assert set((tmp_path / "work/wave/segments").iterdir()) == segments, "named alike"
    picture = preview(tmp_path, 9)
    assert np.abs(picture - list(read_frames(tmp_path / "results/wave.mp4"))[9]).mean() < 4


def preview(folder: Path, frame: int) -> np.ndarray:
    command = [str(BIN / "parallel-animate"), "preview", "wave", "--frame", str(frame)]
    printed = subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True)
    with Image.open(folder / printed.stdout.strip()) as image:
        return np.asarray(image).astype(int)


@pytest.mark.slow
def test_an_error_in_a_middle_or_last_frame_fails_the_plan(tmp_path: Path) -> None:
    project = Project(tmp_path, wave=MOVIE)
    project.edit("frames.py", "range(11)]", "range(10)] + ['text']")
    said = project.snakemake("--cores", "1", expect=1)
    assert "cannot be planned" in said
    assert "frame 10 failed" in said
    assert not list((tmp_path / "work/wave/segments").iterdir())


@pytest.mark.slow
def test_a_layout_engine_and_growing_artists_do_not_stop_a_movie(tmp_path: Path) -> None:
    project = Project(tmp_path, wave=MOVIE)
    (tmp_path / "animator.py").write_text(
        "from matplotlib.figure import Figure\nfrom parallel_animate import Animator\n"
        "class Movie(Animator):\n"
        "    def setup(self):\n"
        "        figure = Figure(figsize=(3, 2), layout='constrained')\n"
        "        self.axes = figure.subplots()\n"
        "        figure.colorbar(self.axes.imshow([[0, 1]]))\n"
        "        return figure\n"
        "    def update(self, frame_idx, params):\n"
        "        self.axes.set_ylabel('y\\n' * (frame_idx % 3))\n"
        "        self.axes.plot([0, 0.1], [0, 0.1], alpha=0)\n"
    )
    said = project.snakemake("--cores", "2")
    assert "Every frame adds artists" in said
    assert (tmp_path / "results/wave.mp4").is_file()


@pytest.mark.slow
def test_a_second_run_beside_a_live_one_is_refused_with_a_message(tmp_path: Path) -> None:
    project = Project(tmp_path, wave=MOVIE)
    # The run beside it may take long to start.
    hold = tmp_path / "hold"
    wait = f"while frame_idx > 2 and os.path.exists({str(hold)!r}): time.sleep(0.05)"
    update = f"import os, time\n        {wait}\n        super().update("
    project.edit("animator.py", "super().update(", update)
    project.snakemake("-n", "--cores", "1")
    hold.touch()
    live = project.start("--cores", "1")
    try:
        wait_until(lambda: (tmp_path / "work/.lock").exists() and project.temporary_files())
        said = project.snakemake("--cores", "1", expect=1)
        assert f"Another run, or 'clean', is at work in this folder (process {live.pid} on" in said
        assert "Traceback" not in said
        project.snakemake("-n", "--cores", "1")
    finally:
        hold.unlink()
        assert live.wait(timeout=60) == 0
    assert "Nothing to be done" in project.snakemake("--cores", "1")


@pytest.mark.slow
def test_files_that_the_animator_reads_count_like_its_code(tmp_path: Path) -> None:
    """A file opened by setup(), one opened at import, and a declared folder all count."""
    project = Project(tmp_path, wave={**MOVIE, "inputs": ["table"]})
    (tmp_path / "table").mkdir()
    (tmp_path / "table/a.txt").write_text("1")
    (tmp_path / "offset.txt").write_text("1")
    project.edit(
        "animator.py", "class Movie", "OFFSET = int(open('offset.txt').read())\nclass Movie"
    )
    project.edit("animator.py", "params + self.offset", "params + OFFSET")
    project.render()
    (tmp_path / "offset.txt").write_text("2")
    assert project.render() == {"render_chunk": 3, "concat_segments": 1}
    assert read_numbers(tmp_path / "results/wave.mp4")[0] == (0, 2)
    (tmp_path / "table/a.txt").write_text("2")
    assert project.render() == {"render_chunk": 3, "concat_segments": 1}
    project.configure(wave={**MOVIE, "inputs": ["tables"]})
    assert "the file or folder tables does not exist" in project.snakemake("--cores", "1", expect=1)


@pytest.mark.slow
def test_packages_namespaces_and_a_module_that_changes_folder_work(tmp_path: Path) -> None:
    package = {
        "animator": "pkg/anim.py:Movie",
        "params": "pkg.params:frames",
        "fps": 25,
        "chunk_size": 4,
    }
    project = Project(tmp_path, wave=package, dotted={**package, "animator": "pkg.anim:Movie"})
    (tmp_path / "pkg").mkdir()
    (tmp_path / "lib").mkdir()
    (tmp_path / "pkg/__init__.py").touch()
    (tmp_path / "lib/consts.py").write_text("ONE = 1\n")
    (tmp_path / "pkg/consts.py").write_text("import lib.consts\nTWO = 2 * lib.consts.ONE\n")
    (tmp_path / "pkg/params.py").write_text("def frames():\n    yield from range(5)\n")
    (tmp_path / "pkg/anim.py").write_text(
        "import os\nfrom movies import Numbers\nfrom .consts import TWO\n"
        "os.chdir(os.path.dirname(os.path.abspath(__file__)))\n"
        "class Movie(Numbers):\n    def update(self, frame_idx, params):\n"
        "        super().update(frame_idx, params + TWO)\n"
    )
    assert project.render() == {"render_chunk": 4, "concat_segments": 2}
    assert read_numbers(tmp_path / "results/wave.mp4") == [(i, i + 2) for i in range(5)]
    project.edit("lib/consts.py", "ONE = 1", "ONE = 2")
    assert project.render() == {"render_chunk": 4, "concat_segments": 2}
    assert read_numbers(tmp_path / "results/dotted.mp4") == [(i, i + 4) for i in range(5)]


@pytest.mark.slow
def test_a_provider_that_exits_stops_only_its_movie(tmp_path: Path) -> None:
    project = Project(tmp_path, good=MOVIE, bad={**MOVIE, "params": "bad.py:frames"})
    (tmp_path / "bad.py").write_text("import sys\nsys.exit('no data today')\n")
    said = project.snakemake("--cores", "2", "--keep-going", expect=1)
    assert "no data today" in said
    assert (tmp_path / "results/good.mp4").is_file()


@pytest.mark.slow
def test_a_run_that_ends_after_a_newer_plan_does_not_complete_it(tmp_path: Path) -> None:
    project = Project(tmp_path, wave=MOVIE)
    project.edit("animator.py", "super().update(", "import time; time.sleep(0.7); super().update(")
    live = project.start("--cores", "1")
    wait_until(project.unfinished_segments)
    wait_until((tmp_path / "work/wave/plan.json").exists)
    project.edit("animator.py", "params + self.offset", "params + self.offset + 1")
    assert job_counts(project.snakemake("-n", "--cores", "1"))["render_chunk"] == 3
    assert live.wait(timeout=120) == 0
    movie = tmp_path / "results/wave.mp4"
    assert read_numbers(movie) == [(i, 2 * i) for i in range(11)]
    assert project.render() == {"render_chunk": 3, "concat_segments": 1}
    assert read_numbers(movie) == [(i, 2 * i + 1) for i in range(11)]
    project.edit("animator.py", "params + self.offset + 1", "params + self.offset")
    assert project.render() == {"concat_segments": 1}
    assert "Nothing to be done" in project.snakemake("--cores", "1")
