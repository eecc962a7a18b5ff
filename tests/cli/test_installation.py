"""The package with the same import name is noticed, before and after it has done damage."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import parallel_animate
from parallel_animate.version import __version__

SRC = Path(parallel_animate.__file__).parent
REPAIR = "pip uninstall parallel-matplotlib-animation, and then, in the source folder of"


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """A copy of the package as pip installs it, and after it the other one's files."""
    folder = tmp_path / "site"
    shutil.copytree(SRC, folder / "parallel_animate", ignore=shutil.ignore_patterns("__pycache__"))
    (folder / "parallel_animate/animator.py").write_text("")
    _record(folder, "parallel_animate", __version__, ["__init__.py", "api.py"])
    _record(folder, "parallel_matplotlib_animation", "0.1.4", ["__init__.py", "animator.py"])
    return folder


def _record(folder: Path, name: str, version: str, files: list[str]) -> None:
    info = folder / f"{name}-{version}.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
    (info / "RECORD").write_text("".join(f"parallel_animate/{file},,\n" for file in files))


def python(site: Path, *arguments: str) -> tuple[int, str]:
    result = subprocess.run(
        [sys.executable, *arguments],
        env={**os.environ, "PYTHONPATH": str(site)},
        cwd=site.parent,
        capture_output=True,
        text=True,
        check=False,
    )
    return result.returncode, result.stdout + result.stderr


# `python -m parallel_animate` needs what may be missing; the installed command starts like this.
# An editable install of this package would stand in for the damaged one.
COMMAND = f"import sys; sys.path = [place for place in sys.path if place != {str(SRC.parent)!r}]; "
COMMAND += "from parallel_animate.cli.main import main; sys.exit(main())"


def test_the_first_import_warns_once_of_the_other_package(site: Path) -> None:
    code = (
        "import parallel_animate, subprocess, sys; "
        "subprocess.run([sys.executable, '-c', 'import parallel_animate'], check=True)"
    )
    status, said = python(site, "-c", code)
    assert status == 0
    assert said.count("parallel-matplotlib-animation is installed, too") == 1
    assert said.count(REPAIR) == 1
    status, said = python(site, "-c", COMMAND, "doctor")
    assert status == 1
    assert "problem  parallel-matplotlib-animation: is installed and shares a file" in said


@pytest.mark.parametrize("damage", ["overwritten", "deleted"])
def test_every_command_reports_a_file_that_the_other_package_took(site: Path, damage: str) -> None:
    init = site / "parallel_animate/__init__.py"
    if damage == "deleted":
        init.unlink()
    else:
        init.write_text("from .animator import *\n")
    for command in ("doctor", "status"):
        status, said = python(site, "-c", COMMAND, command)
        assert status == 1
        assert f"error: {init} was {damage}, probably by parallel-matplotlib-animation" in said
        assert REPAIR in said
        assert "Traceback" not in said


def test_doctor_names_files_that_have_gone(site: Path) -> None:
    shutil.rmtree(site / "parallel_matplotlib_animation-0.1.4.dist-info")
    (site / f"parallel_animate-{__version__}.dist-info/RECORD").write_text(
        "parallel_animate/__init__.py,,\nparallel_animate/gone.py,,\n"
    )
    status, said = python(site, "-c", COMMAND, "doctor")
    assert status == 1
    assert "1 of its files are missing, parallel_animate/gone.py for example" in said
    assert "is installed, too" not in said
