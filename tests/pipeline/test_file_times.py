"""Times of files decide nothing: neither what is rendered or joined, nor what counts as done."""

import os
import shutil
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from changes import ALL, JOIN, NOTHING
from command_line import animate
from movies import read_numbers
from project import MOVIE, Project, job_counts

RIGHT = [(i, 2 * i) for i in range(11)]
AHEAD = time.time() + 400 * 86400


@pytest.fixture(scope="module")
def rendered(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A rendered movie, which every test leaves as it was."""
    project = Project(tmp_path_factory.mktemp("times"), wave=MOVIE)
    assert project.render() == ALL
    return project


def movie_of(project: Project) -> Path:
    return project.folder / "results/wave.mp4"


def everything(project: Project) -> list[Path]:
    return [path for path in project.folder.rglob("*") if ".snakemake" not in path.parts]


def set_time(paths: list[Path], when: float) -> None:
    for path in paths:
        os.utime(path, (when, when))


def outputs(project: Project) -> list[Path]:
    return [movie_of(project), project.folder / "work/wave/benchmarks/concat.tsv"]


def damage(change: Callable[[Path], object]) -> Callable[[Project], object]:
    return lambda project: change(movie_of(project))


def _flip(path: Path) -> None:
    """Change one byte in the middle, and give the file its old time back."""
    status, data = path.stat(), bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))


# Other movies under the name results/wave.mp4.
DAMAGE: dict[str, Callable[[Project], object]] = {
    "truncated": damage(lambda path: path.write_bytes(path.read_bytes()[:-100])),
    "empty": damage(lambda path: path.write_bytes(b"")),
    "one byte changed": damage(_flip),
    "replaced by another": lambda project: shutil.copy2(
        next(project.folder.glob("work/wave/segments/*.mp4")), movie_of(project)
    ),
    "changed and from the future": lambda project: (
        movie_of(project).write_bytes(movie_of(project).read_bytes() + b"x"),
        set_time(outputs(project), AHEAD),
    ),
    "truncated, and no record of it": lambda project: (
        movie_of(project).write_bytes(b"ftyp"),
        (project.folder / "work/wave/movie.json").unlink(),
    ),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", DAMAGE)
def test_a_movie_that_is_not_what_was_joined_is_joined_again(rendered: Project, name: str) -> None:
    before = movie_of(rendered).read_bytes()
    DAMAGE[name](rendered)
    assert movie_of(rendered).read_bytes() != before
    status = animate("status", folder=rendered.folder).stdout
    assert "done" not in status
    said = rendered.snakemake("--cores", "2")
    assert job_counts(said) == JOIN
    assert "results/wave.mp4 is not as it was joined" in said
    assert movie_of(rendered).read_bytes() == before
    assert "done" in animate("status", folder=rendered.folder).stdout
    assert rendered.render() == NOTHING


TIMES: dict[str, Callable[[Project], object]] = {
    "everything touched": lambda project: set_time(everything(project), time.time()),
    "everything touched, the movie first": lambda project: (
        set_time(outputs(project), time.time() - 100),
        set_time(list((project.folder / "work").rglob("*")), time.time()),
    ),
    "the chunk files from the future": lambda project: set_time(
        list(project.folder.glob("work/wave/chunks/*")), AHEAD
    ),
    "the segments from the future": lambda project: set_time(
        list(project.folder.glob("work/wave/segments/*")), AHEAD
    ),
    "the join file from the future": lambda project: set_time(
        list(project.folder.glob("work/wave/joins/*")), AHEAD
    ),
    "the request from the future": lambda project: set_time(
        [project.folder / "work/wave/join-request"], AHEAD
    ),
    "the movie from 1970": lambda project: set_time(outputs(project), 1),
    "the movie from the future": lambda project: set_time(outputs(project), AHEAD),
    "every second file from the future": lambda project: set_time(everything(project)[::2], AHEAD),
}


@pytest.mark.parametrize(
    "name",
    [pytest.param(n, marks=pytest.mark.slow if "movie first" not in n else ()) for n in TIMES],
)
def test_new_times_render_and_join_nothing(rendered: Project, name: str) -> None:
    before = movie_of(rendered).read_bytes()
    TIMES[name](rendered)
    said = rendered.snakemake("--cores", "2")
    assert "Nothing to be done" in said
    assert "planned in" not in said
    assert "done" in animate("status", folder=rendered.folder).stdout
    assert movie_of(rendered).read_bytes() == before


@pytest.mark.slow
@pytest.mark.parametrize("ahead", ["movie", "all"])
def test_an_edit_after_the_clock_was_ahead_is_rendered(tmp_path: Path, ahead: str) -> None:
    project = Project(tmp_path, wave=MOVIE)
    assert project.render() == ALL
    set_time(outputs(project) if ahead == "movie" else everything(project), AHEAD)
    project.edit("animator.py", "params + self.offset", "params + self.offset + 5")
    assert project.render() == ALL
    assert read_numbers(movie_of(project)) == [(i, 2 * i + 5) for i in range(11)]
    assert project.render() == NOTHING
    # taken back: the join alone, and again with a movie that seems to be newer than everything
    set_time(outputs(project), AHEAD)
    project.edit("animator.py", "params + self.offset + 5", "params + self.offset")
    assert project.render() == JOIN
    assert read_numbers(movie_of(project)) == RIGHT
    assert project.render() == NOTHING


@pytest.mark.slow
@pytest.mark.parametrize("name", ["animator.py", "frames.py", "data.txt"])
def test_an_edit_of_the_same_size_with_the_old_time_is_rendered(tmp_path: Path, name: str) -> None:
    project = Project(tmp_path, wave=MOVIE)
    project.edit("animator.py", "params + self.offset", "params + self.offset + self.shift + 0")
    project.edit(
        "animator.py",
        "    def update",
        "    def setup(self):\n        self.shift = int(open('data.txt').read())\n"
        "        return super().setup()\n\n    def update",
    )
    (tmp_path / "data.txt").write_text("0")
    path = tmp_path / name
    # Long ago, so that Python keeps a compiled copy, and the state of the file is settled.
    set_time([path], time.time() - 1000)
    assert project.render() == ALL
    time.sleep(3.5)
    assert project.render() == NOTHING
    edits = {"animator.py": ("shift + 0", "shift + 7"), "frames.py": ("i * 2", "i * 3")}
    before = path.stat()
    project.edit(name, *edits.get(name, ("0", "7")))
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert path.stat().st_size == before.st_size
    assert project.render()["render_chunk"] == 3
    wanted = [(i, 3 * i) if name == "frames.py" else (i, 2 * i + 7) for i in range(11)]
    assert read_numbers(movie_of(project)) == wanted


@pytest.mark.slow
def test_a_failed_plan_is_reported_though_the_movie_seems_new(tmp_path: Path) -> None:
    project = Project(tmp_path, wave=MOVIE)
    assert project.render() == ALL
    project.edit("animator.py", "self.offset = offset", "self.offset = offset / 0")
    set_time(outputs(project), AHEAD)
    for _ in range(2):
        assert "ZeroDivisionError" in project.snakemake("--cores", "2", expect=1)
        set_time(outputs(project), AHEAD)


@pytest.mark.slow
@pytest.mark.parametrize("keeps_times", [True, False])
def test_a_copy_of_a_project_renders_nothing(
    rendered: Project, tmp_path: Path, keeps_times: bool
) -> None:
    rendered.render()
    copied = tmp_path / "copied"
    shutil.copytree(
        rendered.folder, copied, copy_function=shutil.copy2 if keeps_times else shutil.copy
    )
    project = Project.__new__(Project)
    project.folder = copied
    assert "Nothing to be done" in project.snakemake("--cores", "2")
    project.edit("frames.py", "i * 2", "i * 3")
    assert project.render() == ALL
    assert read_numbers(movie_of(project)) == [(i, 3 * i) for i in range(11)]
