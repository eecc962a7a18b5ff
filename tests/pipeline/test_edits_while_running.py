"""Files that change while a movie is planned or drawn: the movie is right in the end.

The user's code starts the program that changes a file, once and at a known moment.
"""

import re
from pathlib import Path

import pytest
from changes import ALL, JOIN, NOTHING
from movies import read_numbers
from project import MOVIE, Project, job_counts

TRIGGER = """
import os, subprocess, sys
def trigger(name="edit.py"):
    if os.path.exists(name):
        subprocess.run([sys.executable, name], check=True)
"""
ANIMATOR = """
import numpy as np
from pathlib import Path
from movies import Numbers
from trigger import trigger
import helper
{at_import}

class Movie(Numbers):
    def setup(self):
        self.shift = int(Path("data.txt").read_text())
        self.mapped = np.memmap("data.bin", dtype=np.uint8, mode="r")
        return super().setup()

    def update(self, frame_idx, params):
        import lazy
        {in_update}
        shift = self.shift + self.mapped[0] - 48
        super().update(frame_idx, params + 0 + helper.SHIFT + lazy.SHIFT + shift)
"""
FRAMES = """
import glob
from pathlib import Path
from trigger import trigger

def frames():
    table = int(Path("table.txt").read_text()) + len(glob.glob("*.table"))
    values = [i * 2 + table for i in range(11)]
    trigger()
    return values
"""
# The start of a program that changes a file.
EDIT = """
import os, pathlib
os.remove(__file__)
path = pathlib.Path({name!r})
def write(text):
    path.write_text(text)
text = path.read_text() if path.is_file() else ""
"""


def make_project(
    folder: Path, at_import: str = "", in_update: str = "", **movie: object
) -> Project:
    project = Project(folder, wave={**MOVIE, **movie})
    (folder / "trigger.py").write_text(TRIGGER)
    (folder / "animator.py").write_text(ANIMATOR.format(at_import=at_import, in_update=in_update))
    (folder / "frames.py").write_text(FRAMES)
    for name in ("helper.py", "lazy.py"):
        (folder / name).write_text("SHIFT = 0\n")
    for name in ("data.txt", "data.bin", "table.txt"):
        (folder / name).write_text("0")
    return project


def edit_later(project: Project, name: str, program: str, at: str = "edit.py") -> None:
    """Write the program that changes a file."""
    (project.folder / at).write_text(EDIT.format(name=name) + program)


def numbers(project: Project) -> list[tuple[int, int]]:
    return read_numbers(project.folder / "results/wave.mp4")


def changed_while_planned(said: str) -> list[str]:
    """Return the files that the plan's warning names."""
    # The folder is one of them where the params list it: the program that edits removes itself.
    (names,) = re.findall(r"files changed while it was planned: (.+)\.$", said, re.MULTILINE)
    return str(names).split(", ")


def shifted(shift: int) -> list[tuple[int, int]]:
    return [(i, 2 * i + shift) for i in range(11)]


REPLACE = "other = path.with_suffix('.new')\nother.write_text({new})\nos.replace(other, path)\n"
SHIFT = "text.replace('SHIFT = 0', 'SHIFT = 7')"
OLD_TIME = (
    "times = path.stat()\nwrite({new})\nos.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))\n"
)
# What changes while the params are read, and how: the file and the program.
WHILE_PLANNING = {
    "the animator": ("animator.py", "write(text.replace('params + 0', 'params + 7'))"),
    "the animator, and it has the old size and time": (
        "animator.py",
        OLD_TIME.format(new="text.replace('params + 0', 'params + 7')"),
    ),
    "a module, saved by renaming": ("helper.py", REPLACE.format(new=SHIFT)),
    "a module that update() imports": ("lazy.py", f"write({SHIFT})"),
    "the params' module": ("frames.py", "write(text.replace('+ table', '+ table + 7'))"),
    "data that setup() reads": ("data.txt", "write('7')"),
    "data that setup() maps, in place": ("data.bin", "write('7')"),
    "data of the params": ("table.txt", "write('7')"),
    "data of the params, appended": ("table.txt", "write('0007')"),
    "a folder that the params list": (".", "[open(f'{i}.table', 'w') for i in range(7)]"),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", WHILE_PLANNING)
def test_an_edit_while_the_movie_is_planned_is_rendered(tmp_path: Path, name: str) -> None:
    project = make_project(tmp_path)
    changed, program = WHILE_PLANNING[name]
    edit_later(project, changed, program)
    said = project.snakemake("--cores", "2")
    if not changed.startswith("data."):
        # Data are read after the params.
        assert changed in changed_while_planned(said)
    assert not (tmp_path / "edit.py").exists()
    assert job_counts(said) == ALL
    assert numbers(project) == shifted(7)
    assert project.render() == NOTHING


WHILE_IMPORTED = {
    "the module itself": ("animator.py", "write(text.replace('params + 0', 'params + 7'))"),
    "a module imported before": ("helper.py", f"write({SHIFT})"),
    "a module saved in halves": (
        "lazy.py",
        "write('SHIFT = (')\n"
        "pathlib.Path('restore.py').write_text(\"import os\\nos.remove('restore.py')\\n\"\n"
        "    \"open('lazy.py', 'w').write('SHIFT = 7')\")\n",
    ),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", WHILE_IMPORTED)
def test_an_edit_while_code_is_imported_is_rendered(tmp_path: Path, name: str) -> None:
    at_import = (
        "trigger()\ntry:\n    import lazy\n"
        "except SyntaxError:\n    trigger('restore.py')\n    raise"
    )
    project = make_project(tmp_path, at_import)
    edit_later(project, *WHILE_IMPORTED[name])
    assert project.render() == ALL
    assert numbers(project) == shifted(7)
    assert project.render() == NOTHING


@pytest.mark.slow
def test_an_edit_of_matplotlibrc_while_the_movie_is_planned_is_drawn(tmp_path: Path) -> None:
    project = make_project(tmp_path)
    edit_later(project, "matplotlibrc", "write('savefig.dpi: 50')")
    assert project.render() == ALL
    # a plan that is made without any edit has the same names
    (tmp_path / "work/wave/plan.json").unlink()
    assert project.render() == NOTHING


@pytest.mark.slow
def test_data_that_were_changed_and_changed_back_while_planning_do_not_count(
    tmp_path: Path,
) -> None:
    project = make_project(tmp_path, in_update="trigger(); trigger('restore.py')")
    edit_later(project, "data.bin", "write('7')")
    edit_later(project, "data.bin", "write('0')", at="restore.py")
    said = project.snakemake("--cores", "2")
    assert "planned again" in said
    assert numbers(project) == shifted(0)


@pytest.mark.slow
def test_a_table_that_grows_all_the_time_is_rendered_as_it_was_read(tmp_path: Path) -> None:
    project = make_project(tmp_path)
    grow = "path = pathlib.Path('table.txt')\npath.write_text(str(int(path.read_text()) + 1))\n"
    (tmp_path / "edit.py").write_text(f"import pathlib\n{grow}")
    said = project.snakemake("--cores", "2")
    assert "table.txt changed while the movie was planned. This run renders what was read" in said
    assert numbers(project) == shifted(2), "read before the third time that it grew"
    (tmp_path / "edit.py").unlink()
    assert project.render() == ALL
    assert numbers(project) == shifted(3)
    assert project.render() == NOTHING


@pytest.mark.slow
def test_code_that_changes_all_the_time_is_an_error_in_words(tmp_path: Path) -> None:
    project = make_project(tmp_path)
    (tmp_path / "edit.py").write_text("open('helper.py', 'a').write('SHIFT += 1\\n')")
    said = project.snakemake("--cores", "2", expect=1)
    assert "files changed each time while it was planned (helper.py)" in said
    (tmp_path / "edit.py").unlink()
    assert project.render() == ALL
    assert numbers(project) == shifted(3)


# Frame 6 is none of those that planning draws.
IN_FRAME_6 = "if frame_idx == 6: trigger('job.py')"
AGAIN = "Run the same command again"


def run_all(project: Project, expect: int = 0) -> str:
    return project.snakemake("--cores", "1", "--keep-going", expect=expect)


@pytest.mark.slow
@pytest.mark.parametrize("batches", [True, False])
def test_data_that_change_while_jobs_draw_are_an_error_and_then_drawn(
    tmp_path: Path, batches: bool
) -> None:
    project = make_project(tmp_path, in_update=IN_FRAME_6)
    if batches:
        with (tmp_path / "config/config.yaml").open("a") as file:
            file.write("job_minutes: 5\ncores_per_job: 2\n")
    edit_later(project, "data.txt", "write('7')", at="job.py")
    said = run_all(project, expect=1)
    assert "data.txt is not what the movie was planned with" in said
    assert AGAIN in said
    assert not (tmp_path / "results/wave.mp4").exists()
    run_all(project)
    assert numbers(project) == shifted(7)
    # taken back: what was drawn from the right data before is kept
    (tmp_path / "data.txt").write_text("0")
    run_all(project)
    assert numbers(project) == shifted(0)


BACK_AGAIN = {
    "read in between": (
        "data.txt",
        "if frame_idx == 6: trigger('job.py'); "
        "self.shift = int(Path('data.txt').read_text()); trigger('restore.py')",
    ),
    "mapped": (
        "data.bin",
        "if frame_idx == 6: trigger('job.py')\n        if frame_idx == 7: trigger('restore.py')",
    ),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", BACK_AGAIN)
def test_data_that_are_changed_and_changed_back_are_drawn_again_by_the_same_job(
    tmp_path: Path, name: str
) -> None:
    changed, in_update = BACK_AGAIN[name]
    project = make_project(tmp_path, in_update=in_update)
    edit_later(project, changed, "write('7')", at="job.py")
    edit_later(project, changed, "write('0')", at="restore.py")
    # One job at a time: another job that looked in between would have to refuse its frames.
    assert project.render("--cores", "1") == ALL
    assert not (tmp_path / "restore.py").exists()
    assert numbers(project) == shifted(0)
    logs = "".join(path.read_text() for path in (tmp_path / "work/wave/logs").glob("*-*.log"))
    assert f"Drawing again, because files changed while frames were drawn: {changed}." in logs
    assert project.render() == NOTHING


@pytest.mark.slow
def test_a_file_that_only_a_later_frame_reads_must_not_change_meanwhile(tmp_path: Path) -> None:
    read = "self.late = Path('late.txt').open()"
    in_update = f"if frame_idx == 6: {read}; trigger('job.py'); self.shift = int(self.late.read())"
    project = make_project(tmp_path, in_update=in_update)
    (tmp_path / "late.txt").write_text("0")
    edit_later(project, "late.txt", "write('7')", at="job.py")
    assert project.render() == ALL
    wanted = [(i, 2 * i + (7 if i in (6, 7) else 0)) for i in range(11)]
    assert numbers(project) == wanted


@pytest.mark.slow
@pytest.mark.parametrize("program", ["open('masks/b', 'w')", "open('masks/a', 'w').write('7')"])
def test_declared_inputs_must_not_change_while_jobs_draw(tmp_path: Path, program: str) -> None:
    project = make_project(tmp_path, in_update=IN_FRAME_6, inputs=["masks"])
    (tmp_path / "masks").mkdir()
    (tmp_path / "masks/a").write_text("0")
    edit_later(project, "masks", program, at="job.py")
    said = run_all(project, expect=1)
    assert "masks is not what the movie was planned with" in said
    run_all(project)
    assert (tmp_path / "results/wave.mp4").is_file()
    assert project.render() == NOTHING


@pytest.mark.slow
def test_data_that_change_between_the_plan_and_the_jobs_are_planned_again(tmp_path: Path) -> None:
    project = make_project(tmp_path)
    chunk_jobs = ("--cores", "1", "--until", "render_chunk")
    assert project.render(*chunk_jobs[2:])["render_chunk"] == 3
    (tmp_path / "data.txt").write_text("7")
    assert project.render() == ALL
    assert numbers(project) == shifted(7)
    (tmp_path / "data.txt").write_text("0")
    assert project.render() == JOIN


@pytest.mark.slow
def test_a_module_of_a_computed_name_counts(tmp_path: Path) -> None:
    in_update = "import importlib; lazy = importlib.import_module('plug' + 'in')"
    project = make_project(tmp_path, in_update=in_update)
    (tmp_path / "plugin.py").write_text("SHIFT = 0\n")
    assert project.render() == ALL
    assert numbers(project) == shifted(0)
    (tmp_path / "plugin.py").write_text("SHIFT = 7\n")
    assert project.render() == ALL
    assert numbers(project) == shifted(7)


@pytest.mark.slow
def test_a_setup_that_makes_its_own_data_is_rendered(tmp_path: Path) -> None:
    project = make_project(
        tmp_path,
        in_update="Path('own.txt').write_text(str(frame_idx)); Path('own.txt').read_text()",
    )
    # Two jobs make the file at the same time: neither may find it empty.
    (tmp_path / "make.py").write_text(
        "import os, pathlib\n"
        "new = pathlib.Path(f'made-{os.getpid()}')\nnew.write_text('0')\nnew.replace('made.txt')\n"
    )
    project.edit(
        "animator.py",
        "        self.shift =",
        "        import subprocess, sys\n"
        "        subprocess.run([sys.executable, 'make.py'], check=True)\n"
        "        made = Path('made.txt').read_text()\n"
        "        self.shift =",
    )
    assert project.render() == ALL
    assert numbers(project) == shifted(0)
    assert project.render() == NOTHING
