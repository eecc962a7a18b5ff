"""The modules that a pickle needs are found in it."""

import importlib.util
import pickle
import sys
from pathlib import Path

import cloudpickle
import pytest
from command_line import run_script

from parallel_animate.local import early_imports
from parallel_animate.local.early_imports import modules_in

PACKAGES = early_imports.PACKAGES
IMPORT = """
import os, sys
from importlib import import_module
from parallel_animate.local.fork_server import worker_variables

os.environ.update(worker_variables())
import parallel_animate.render.job

def state():
    opened = {os.path.realpath(f"/proc/self/fd/{name}") for name in os.listdir("/proc/self/fd")}
    return {name for name in opened if os.path.isfile(name)}, len(os.listdir("/proc/self/task"))

before = state()
for name in sys.argv[1:]:
    import_module(name)
print(state() == before)
"""
# What figures are made with, beside the package itself.
PARTS = {"scipy": ["scipy.stats", "scipy.integrate"], "astropy": ["astropy.wcs", "astropy.units"]}


@pytest.mark.skipif(sys.platform != "linux", reason="workers are forked on Linux only")
@pytest.mark.parametrize("package", PACKAGES)
def test_a_process_can_be_forked_after_the_import(package: str, tmp_path: Path) -> None:
    if importlib.util.find_spec(package) is None:
        pytest.skip(f"{package} is not installed")
    result = run_script(IMPORT, package, *PARTS.get(package, []), folder=tmp_path)
    assert result.stdout == "True\n", result.stderr


@pytest.fixture(autouse=True)
def packages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(early_imports, "PACKAGES", ("fractions", "xml"))


def test_modules_of_classes_and_functions_are_found() -> None:
    from fractions import Fraction
    from xml.dom import minidom

    assert modules_in(pickle.dumps(Fraction(1, 3))) == ["fractions"]
    data = cloudpickle.dumps(lambda: minidom.parseString("<a/>"))
    assert modules_in(b"more" + data) == ["xml.dom.minidom"]


@pytest.mark.parametrize(
    "text", ["fractions_", "fractions of it", "xml.no_such", "a.fractions", "x"]
)
def test_other_strings_are_no_modules(text: str) -> None:
    assert modules_in(pickle.dumps(text)) == []


def test_modules_that_are_not_imported_are_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    data = pickle.dumps("fractions")
    monkeypatch.delitem(sys.modules, "fractions", raising=False)
    assert modules_in(data) == []
