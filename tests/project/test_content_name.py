"""One definition of what affects the bytes: each driver reuses the other's segments."""

import subprocess
import sys
from pathlib import Path

import pytest
from changes import CHANGES, make_project, sources, take_back
from movies import read_numbers
from project import Project

# Driver 1 on a project of driver 2: the same animator, params, settings and chunk size.
SCRIPT = """
import sys
import yaml
from animator import Movie
from frames import frames

if __name__ == "__main__":
    with open("config/config.yaml") as file:
        movie = yaml.safe_load(file)["movies"]["wave"]
    names = ("fps", "chunk_size", "savefig_params", "video_quality", "video_extra_ffmpeg_params")
    options = {name: movie[name] for name in names if name in movie}
    Movie(**movie.get("kwargs", {})).make_video(
        "script.mp4", frames(), num_workers=int(sys.argv[1]), work_dir="work/wave", **options
    )
"""
# The same with the class in the script itself.
IN_SCRIPT = """
import sys
from frames import frames
{animator}
if __name__ == "__main__":
    Movie().make_video(
        "script.mp4", frames(), fps=25, chunk_size=4, num_workers=int(sys.argv[1]),
        work_dir="work/wave",
    )
"""


def segments(project: Project) -> dict[str, int]:
    return {
        path.name: path.stat().st_mtime_ns
        for path in (project.folder / "work/wave/segments").glob("*.mp4")
    }


def run_script(project: Project, text: str = SCRIPT, workers: int = 2) -> str:
    # Not in sources(): this script itself changes nothing.
    script = project.folder / "scripts/movie_script.py"
    script.parent.mkdir(exist_ok=True)
    script.write_text(text)
    environment = project.environment()
    environment["PYTHONPATH"] += f":{project.folder}"
    result = subprocess.run(
        [sys.executable, str(script), str(workers)],
        cwd=project.folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    return result.stderr


def movies_are_equal(project: Project) -> bool:
    folder = project.folder
    return (folder / "script.mp4").read_bytes() == (folder / "results/wave.mp4").read_bytes()


@pytest.mark.slow
def test_make_video_joins_what_snakemake_has_rendered(tmp_path: Path) -> None:
    project = make_project(tmp_path)
    project.render()
    before = segments(project)
    assert len(before) == 3
    run_script(project, workers=2)
    run_script(project, workers=1)
    text = (tmp_path / "animator.py").read_text()
    run_script(project, IN_SCRIPT.format(animator=text), workers=2)
    assert segments(project) == before, "not a frame was rendered"
    assert movies_are_equal(project)
    assert read_numbers(tmp_path / "script.mp4") == [(i, 2 * i) for i in range(11)]


@pytest.mark.slow
def test_snakemake_joins_what_make_video_has_rendered(tmp_path: Path) -> None:
    project = make_project(tmp_path)
    run_script(project, workers=1)
    before = segments(project)
    assert len(before) == 3
    assert project.render() == {"concat_segments": 1}
    assert segments(project) == before, "not a frame was rendered"
    assert movies_are_equal(project)


@pytest.fixture(scope="module")
def rendered(tmp_path_factory: pytest.TempPathFactory) -> Project:
    project = make_project(tmp_path_factory.mktemp("names"), reads_at_import=True)
    run_script(project)
    return project


@pytest.mark.slow
@pytest.mark.parametrize("name", CHANGES)
def test_a_change_costs_make_video_the_same_as_snakemake(rendered: Project, name: str) -> None:
    before, known = sources(rendered.folder), segments(rendered)
    change, cost = CHANGES[name]
    change(rendered)
    run_script(rendered)
    assert len(segments(rendered).keys() - known) == cost.get("render_chunk", 0)
    take_back(rendered.folder, before)
    known = segments(rendered)
    run_script(rendered)
    assert segments(rendered) == known, "taking it back renders nothing"


@pytest.mark.slow
def test_a_folder_of_another_format_is_named_once_and_rendered_again(tmp_path: Path) -> None:
    project = make_project(tmp_path)
    run_script(project)
    (tmp_path / "work/wave/format").write_text("1\n")
    said = project.snakemake("--cores", "1")
    assert said.count("holds files of another version of parallel-animate") == 1
    assert "holds files of another version" not in project.snakemake("--cores", "1")
