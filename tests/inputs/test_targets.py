"""Targets are found, or the error names the problem."""

import importlib
import sys
import traceback
from fractions import Fraction
from pathlib import Path

import pytest

from parallel_animate import AnimatorLoadError
from parallel_animate.inputs.portable import SourceAnimator
from parallel_animate.inputs.source_modules import SnapshotFinder, SourceModule
from parallel_animate.inputs.targets import load_object, load_params


@pytest.fixture(autouse=True)
def clean_imports(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "path", sys.path.copy())
    monkeypatch.setattr(sys, "modules", sys.modules.copy())
    monkeypatch.setattr(sys, "meta_path", sys.meta_path.copy())


@pytest.mark.parametrize(
    ("target", "message"),
    [
        ("nowhere.py:Wave", "nowhere.py does not exist"),
        ("no.such.module:Wave", "cannot be imported"),
        ("good.py:Wav", "Did you mean 'Wave'"),
        ("good.py", "does not name an object"),
        ("good.py:", "does not name an object"),
        ("broken.py:Wave", "SyntaxError"),
        ("raises.py:Wave", "ValueError: at import"),
        ("good.py:frames", "must be a subclass of parallel_animate.Animator"),
        ("good.py:Needs", "missing 1 required"),
    ],
)
def test_a_bad_target_is_a_clear_error(in_tmp: Path, target: str, message: str) -> None:
    Path("good.py").write_text(
        "from movies import Numbers as Wave\nframes = [1]\n"
        "class Needs(Wave):\n    def __init__(self, x): ...\n"
    )
    Path("broken.py").write_text("class Wave(:\n")
    Path("raises.py").write_text("raise ValueError('at import')\n")
    with pytest.raises(AnimatorLoadError, match=message):
        SourceAnimator.of(target, {}).build_here()


def test_params_may_be_a_list_or_a_function(in_tmp: Path) -> None:
    Path("provider.py").write_text(
        "listed = [1, 2]\ndef made():\n    yield 3\ndef bad():\n    return 4\n"
        "def raises():\n    raise KeyError('column')\n"
    )
    assert list(load_params("provider.py:listed", Fraction(30))) == [1, 2]
    assert list(load_params("provider.py:made", Fraction(30))) == [3]
    with pytest.raises(AnimatorLoadError, match="must be an iterable"):
        load_params("provider.py:bad", Fraction(30))
    with pytest.raises(AnimatorLoadError, match="KeyError: 'column'"):
        load_params("provider.py:raises", Fraction(30))


def test_a_file_with_the_name_of_a_standard_module_is_loaded(in_tmp: Path) -> None:
    Path("wave.py").write_text("value = 'ours'\n")
    before = sys.modules.get("wave")
    assert load_object("wave.py:value") == "ours"
    assert sys.modules.get("wave") is before, "it does not pass for the standard module"


def test_two_files_with_one_name_of_a_standard_module_are_two_modules(in_tmp: Path) -> None:
    for folder in ("a", "b"):
        Path(folder).mkdir()
        Path(folder, "wave.py").write_text(f"value = {folder!r}\n")
    found = [load_object(f"{folder}/wave.py:value") for folder in ("a", "b", "a")]
    assert found == ["a", "b", "a"]


def test_a_job_runs_the_copy_and_not_the_edited_file(in_tmp: Path) -> None:
    Path("helper_of_job.py").write_text("VALUE = 1\n")
    Path("job.py").write_text(
        "import helper_of_job\nfrom movies import Numbers\n"
        "class Job(Numbers):\n    value = helper_of_job.VALUE\n"
    )
    source = SourceAnimator.of("job.py:Job", {"dpi": 50})
    for name in ("job", "helper_of_job"):
        del sys.modules[name]
    Path("helper_of_job.py").write_text("VALUE = 2\n")
    Path("job.py").write_text("raise RuntimeError('edited')\n")
    animator = source.build()
    assert animator.value == 1  # type: ignore[attr-defined]
    assert animator.dpi == 50  # type: ignore[attr-defined]


def test_a_copy_shows_its_lines_without_a_file() -> None:
    text = "# A form feed ends no line: \f\ndef fail():\n    return 1 / 0\n"
    SnapshotFinder([SourceModule("no_file", "/nowhere/no_file.py", text)]).install()
    with pytest.raises(ZeroDivisionError) as caught:
        importlib.import_module("no_file").fail()
    shown = "".join(traceback.format_exception(caught.value))
    assert 'File "/nowhere/no_file.py", line 3, in fail\n    return 1 / 0' in shown
