"""Files in the project's folder that have the names of modules of Python and of libraries."""

import importlib.util
import os
import shutil
import subprocess
import sys
from importlib.machinery import BuiltinImporter, FrozenImporter
from pathlib import Path

import pytest
import yaml
from command_line import HELPERS, animate
from movies import read_numbers
from project import BIN

# Libraries that this package or Snakemake imports at some time.
LIBRARIES = (
    *("PIL", "cloudpickle", "contourpy", "cycler", "dateutil", "imageio_ffmpeg", "jinja2"),
    *("jsonschema", "kiwisolver", "loky", "numpy", "packaging", "pandas", "psutil", "pulp"),
    *("pygments", "pyparsing", "rich", "snakemake", "tqdm", "yaml"),
)
# `python -m` imports these from the present folder before any code of ours runs.
BEFORE_US = {
    *("collections", "contextlib", "functools", "importlib", "keyword", "operator", "reprlib"),
    *("types", "warnings"),
}
# Snakemake itself imports these late; it searches the folder of the Snakefile first.
OF_SNAKEMAKE = {"packaging"}
MOVIE = {"animator": "movie.py:Movie", "params": "movie.py:frames", "fps": 25, "chunk_size": 2}
ANIMATOR = "from movies import Numbers as Movie\nframes = [3, 4, 5, 6]\n"
NUMBERS = [(0, 3), (1, 4), (2, 5), (3, 6)]


def standard_names() -> set[str]:
    """Return the names of the modules that Python looks for on sys.path."""
    always = (BuiltinImporter, FrozenImporter)
    return {
        name
        for name in sys.stdlib_module_names
        if importlib.util.find_spec(name) and not any(one.find_spec(name) for one in always)
    }


def make_project(folder: Path, name: str = "movie", animator: str = ANIMATOR) -> None:
    (folder / f"{name}.py").write_text(animator)
    movie = {**MOVIE, "animator": f"{name}.py:Movie", "params": f"{name}.py:frames"}
    (folder / "movies.yaml").write_text(yaml.safe_dump({"movies": {"m": movie}}))


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project with a file for each name, which shows when somebody imports it."""
    make_project(tmp_path)
    for name in {*standard_names(), *LIBRARIES}:
        code = f"open({str(tmp_path / 'imported')!r}, 'a').write('{name} ')\nraise ImportError\n"
        (tmp_path / f"{name}.py").write_text(code)
    return tmp_path


def imported(folder: Path) -> str:
    path = folder / "imported"
    return path.read_text() if path.exists() else ""


def command(*words: str, folder: Path) -> str:
    result = subprocess.run(
        [str(BIN / words[0]), *words[1:]],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=200,
        env={**os.environ, "PYTHONPATH": str(HELPERS)},
        check=False,
    )
    said = result.stdout + result.stderr
    assert imported(folder) == "", said
    assert result.returncode == 0, said
    return said


@pytest.mark.slow
def test_files_with_any_name_do_not_disturb_planning_and_rendering(project: Path) -> None:
    command("parallel-animate", "plan", "movies.yaml", folder=project)
    command(
        *("parallel-animate", "render", "movie.py:Movie", "--params", "movie.py:frames"),
        *("--fps", "25", "-o", "a.mp4", "--workers", "2", "--chunk-size", "2"),
        folder=project,
    )
    assert read_numbers(project / "a.mp4") == NUMBERS


def test_python_m_does_not_import_from_the_present_folder(project: Path) -> None:
    for name in BEFORE_US:
        (project / f"{name}.py").unlink()
    command("python", "-m", "parallel_animate", "preview", "m", folder=project)


@pytest.mark.slow
def test_files_with_any_name_do_not_disturb_any_command(project: Path) -> None:
    command("parallel-animate", "preview", "m", folder=project)
    command("parallel-animate", "run", "--cores", "1", "--pages", folder=project)
    assert read_numbers(project / "results/m.mp4") == NUMBERS
    command("parallel-animate", "preview", "m", folder=project)
    command("parallel-animate", "status", folder=project)
    command("parallel-animate", "clean", folder=project)
    command("parallel-animate", "doctor", folder=project)


@pytest.mark.slow
def test_files_with_any_name_do_not_disturb_a_snakefile(project: Path) -> None:
    command("parallel-animate", "init", "other", folder=project)
    for name in ("Snakefile", "profiles"):
        shutil.move(project / "other" / name, project)
    for name in OF_SNAKEMAKE:
        (project / f"{name}.py").unlink()
    command("snakemake", "--cores", "1", "all", "pages", folder=project)
    assert read_numbers(project / "results/m.mp4") == NUMBERS


@pytest.mark.slow
@pytest.mark.parametrize("name", ["signal", "numpy"])
def test_the_animators_own_file_may_have_any_name(tmp_path: Path, name: str) -> None:
    meant = "import numpy, signal\nassert numpy.ndarray and signal.SIGTERM\n"
    make_project(tmp_path, name, meant + ANIMATOR)
    assert numbers_of_jobs(tmp_path) == NUMBERS


def numbers_of_jobs(folder: Path) -> list[tuple[int, int]]:
    """Plan, render each chunk in a job, and return the numbers in the segments."""
    command("parallel-animate", "plan", "movies.yaml", folder=folder)
    numbers = []
    for chunk in sorted((folder / "work/m/chunks").iterdir()):
        segment = folder / f"work/m/segments/{chunk.stem}.mp4"
        command("parallel-animate", "render-chunk", str(chunk), str(segment), folder=folder)
        numbers += read_numbers(segment)
    return numbers


NEIGHBOURS = """
import helpers, queue, random
from movies import Numbers

class Movie(Numbers):
    def update(self, frame_idx, params):
        import statistics
        super().update(frame_idx, statistics.double(random.shift(params)) + helpers.one())

frames = [queue.FIRST, 4, 5, 6]
"""


@pytest.mark.slow
def test_the_users_code_gets_the_modules_beside_it_as_a_script_does(tmp_path: Path) -> None:
    make_project(tmp_path, "movie", NEIGHBOURS)
    (tmp_path / "helpers.py").write_text("import numpy, random\none = lambda: random.ONE\n")
    (tmp_path / "random.py").write_text("ONE = 1\nshift = lambda number: number + 10\n")
    (tmp_path / "queue.py").write_text("FIRST = 3\n")
    (tmp_path / "statistics.py").write_text("double = lambda number: 2 * number\n")
    (tmp_path / "numpy.py").write_text("raise ImportError\n")
    expected = [(i, 2 * (number + 10) + 1) for i, number in NUMBERS]
    assert numbers_of_jobs(tmp_path) == expected
    said = command(
        *("parallel-animate", "render", "movie.py:Movie", "--params", "movie.py:frames"),
        *("--fps", "25", "-o", "a.mp4", "--workers", "2", "--chunk-size", "2"),
        folder=tmp_path,
    )
    assert read_numbers(tmp_path / "a.mp4") == expected
    for name in ("random", "queue", "statistics"):
        sentence = f"{tmp_path / name}.py is imported in place of Python's own module {name}"
        assert said.count(sentence) == 1, said
    assert f"{tmp_path}/numpy.py is not imported: the installed numpy is in use." in said


@pytest.mark.slow
def test_a_program_that_the_users_code_starts_searches_its_own_folder(tmp_path: Path) -> None:
    animator = (
        "import subprocess, sys\n"
        "from movies import Numbers\n"
        "class Movie(Numbers):\n"
        "    def update(self, frame_idx, params):\n"
        "        program = [sys.executable, 'program.py']\n"
        "        result = subprocess.run(program, capture_output=True, text=True, check=True)\n"
        "        super().update(frame_idx, params + int(result.stdout))\n"
        "frames = [3, 4, 5, 6]\n"
    )
    make_project(tmp_path, "movie", animator)
    (tmp_path / "program.py").write_text("import beside\nprint(beside.TEN)\n")
    (tmp_path / "beside.py").write_text("TEN = 10\n")
    command(
        *("parallel-animate", "render", "movie.py:Movie", "--params", "movie.py:frames"),
        *("--fps", "25", "-o", "a.mp4", "--workers", "2", "--chunk-size", "2"),
        folder=tmp_path,
    )
    assert read_numbers(tmp_path / "a.mp4") == [(i, n + 10) for i, n in NUMBERS]
    assert animate("preview", "m", folder=tmp_path).returncode == 0


def test_modules_beside_a_file_are_never_loaded_from_compiled_copies(tmp_path: Path) -> None:
    (tmp_path / "animator.py").write_text("import helper\nVALUE = helper.VALUE\n")
    helper = tmp_path / "helper.py"
    load = (
        "from parallel_animate.inputs.targets import load_module\n"
        "print(load_module('animator.py').VALUE)\n"
    )
    environment = {k: v for k, v in os.environ.items() if not k.startswith("PYTHON")}

    def printed(*arguments: str) -> str:
        result = subprocess.run(
            [sys.executable, *arguments],
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
            check=True,
        )
        return result.stdout.strip()

    for value in (1, 2):
        helper.write_text(f"VALUE = {value}\n")
        # Python takes its copy of the module before for current: size and time are the same.
        os.utime(helper, (10**9, 10**9))
        assert printed("-c", load) == str(value)
        printed("-m", "py_compile", "helper.py")
    assert list(tmp_path.rglob("helper*.pyc"))
