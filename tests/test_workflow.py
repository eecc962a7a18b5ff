"""Promises of the file pipeline, tried with the real Snakemake on the repository's Snakefile."""

import os
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from movies import read_numbers

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent

FRAMES = """
def frames():
    return [i * 2 for i in range(11)]
"""
ANIMATOR = """
from movies import Numbers

class Movie(Numbers):
    def __init__(self, offset=0):
        super().__init__()
        self.offset = offset

    def update(self, frame_idx, params):
        super().update(frame_idx, params + self.offset)
"""
MOVIE = {"animator": "animator.py:Movie", "params": "frames.py:frames", "fps": 25, "chunk_size": 4}


class Project:
    """A folder with a config, rendered by the repository's Snakefile."""

    def __init__(self, folder: Path, **movies: Mapping[str, Any]) -> None:
        self.folder = folder
        (folder / "config").mkdir()
        (folder / "frames.py").write_text(FRAMES)
        (folder / "animator.py").write_text(ANIMATOR)
        self.configure(**movies)

    def configure(self, **movies: Mapping[str, Any]) -> None:
        config = {"movies": {name: dict(movie) for name, movie in movies.items()}}
        (self.folder / "config/config.yaml").write_text(yaml.safe_dump(config))

    def edit(self, name: str, old: str, new: str) -> None:
        path = self.folder / name
        assert old in path.read_text()
        path.write_text(path.read_text().replace(old, new))

    def snakemake(self, *arguments: str, expect: int | None = 0, seed: str = "0") -> str:
        command = [
            str(BIN / "snakemake"),
            *("-s", str(ROOT / "Snakefile"), "--directory", str(self.folder)),
            *("--workflow-profile", str(ROOT / "workflow/profiles/default"), *arguments),
        ]
        tests = str(Path(__file__).parent)
        result = subprocess.run(
            command,
            capture_output=True,
            text=True,
            timeout=200,
            cwd=self.folder,
            env={**os.environ, "PYTHONPATH": tests, "PYTHONHASHSEED": seed},
            check=False,
        )
        said = result.stdout + result.stderr
        if expect is not None:
            assert result.returncode == expect, said
        return said

    def render(self, *arguments: str) -> dict[str, int]:
        """Run everything and return how many jobs of each rule there were."""
        return job_counts(self.snakemake("--cores", "2", *arguments))

    def files(self) -> dict[str, tuple[int, bytes]]:
        return {
            str(path.relative_to(self.folder)): (path.stat().st_mtime_ns, path.read_bytes())
            for path in sorted((self.folder / "work").rglob("*"))
            if path.is_file()
        }


def job_counts(said: str) -> dict[str, int]:
    table = said.partition("Job stats:")[2].partition("\n\n")[0]
    rows = re.findall(r"^(\w+)\s+(\d+)$", table, flags=re.MULTILINE)
    return {rule: int(count) for rule, count in rows if rule not in ("all", "total")}


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
        assert list((tmp_path / "logs/wave").glob(f"{job}*.log"))
        assert list((tmp_path / "benchmarks/jobs/wave").glob(f"{job}*.tsv"))

    # the same bytes as make_video's
    script = tmp_path / "script.py"
    script.write_text(
        "from animator import Movie\nfrom frames import frames\n"
        "Movie(offset=1).make_video('direct.mp4', frames(), 25, num_workers=2, chunk_size=4)\n"
    )
    tests = str(Path(__file__).parent)
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

    # one frame's params: one chunk and the join; taken back: nothing but the join
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


def test_an_edit_that_is_planned_but_not_rendered_and_taken_back_costs_nothing(
    tmp_path: Path,
) -> None:
    project = Project(tmp_path, wave=MOVIE)
    project.render()
    project.edit("frames.py", "i * 2", "i * 3")
    assert job_counts(project.snakemake("-n", "--cores", "1"))["render_chunk"] == 3
    project.edit("frames.py", "i * 3", "i * 2")
    assert "Nothing to be done" in project.snakemake("--cores", "1")


def test_a_failing_frame_is_told_in_full_and_other_segments_survive(tmp_path: Path) -> None:
    project = Project(tmp_path, wave=MOVIE)
    project.edit("animator.py", "super().update(", "1 / (frame_idx - 6); super().update(")
    said = project.snakemake("--cores", "1", "--keep-going", expect=1)
    assert "frame 6 failed" in said
    assert "1 / (frame_idx - 6)" in said
    assert "ZeroDivisionError" in said
    segments = [path.name[:15] for path in (tmp_path / "work/wave/segments").iterdir()]
    assert sorted(segments) == ["0000000-0000004", "0000008-0000011"]
    assert not (tmp_path / "results/wave.mp4").exists()


def test_a_damaged_segment_is_named_and_the_same_command_renders_it_again(tmp_path: Path) -> None:
    project = Project(tmp_path, wave=MOVIE)
    project.render()
    movie = tmp_path / "results/wave.mp4"
    original = movie.read_bytes()
    movie.unlink()
    segments = sorted((tmp_path / "work/wave/segments").iterdir())
    segments[1].write_bytes(segments[1].read_bytes()[:-5])
    said = project.snakemake("--cores", "2", expect=1)
    assert segments[1].name in said
    assert "renders them anew" in said
    assert project.render() == {"render_chunk": 1, "concat_segments": 1}
    assert movie.read_bytes() == original


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
        ({"fps": 0}, "fps must be positive"),
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


def test_editing_a_module_that_only_the_provider_imports_costs_the_changed_values(
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


def test_snakemake_lint_only_wishes_for_conda(tmp_path: Path) -> None:
    project = Project(tmp_path, wave=MOVIE)
    said = project.snakemake("--lint", expect=None)
    complaints = re.findall(r"^ +\* (.*?):$", said, flags=re.MULTILINE)
    assert set(complaints) <= {"Specify a conda environment or container for each rule."}, said


def test_the_profiles_link_leads_to_the_default_profile() -> None:
    profile = yaml.safe_load((ROOT / "profiles/default/config.yaml").read_text())
    assert profile["rerun-incomplete"] is True
    assert (ROOT / "profiles").is_symlink()


def test_the_schema_file_is_the_one_made_from_the_settings() -> None:
    from parallel_animate.config import format_schema

    assert (ROOT / "workflow/schemas/config.schema.yaml").read_text() == format_schema()
