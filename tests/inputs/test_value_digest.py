"""Digests are equal exactly if the values are, in every process."""

import os
import re
import subprocess
import sys
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
import pytest
from command_line import HELPERS

from parallel_animate.inputs.value_digest import digest_of


class Point:
    def __init__(self, x: Any) -> None:
        self.x = x


DIFFERENT: list[Any] = [
    None, True, 1, 1.0, -0.0, 0.0, 1j, "1", b"1", (), [], {}, set(), (1,), [1], {1}, {1: 2},
    {2: 1}, (1, (2,)), ((1, 2),), (1, 2), range(2), slice(2), Point(1), Point(2), Point((1,)),
    np.arange(3), np.arange(3.0), np.arange(3)[:, None], np.float32(1), np.float64(1),
    np.ma.masked_array([1, 2], [0, 1]), np.ma.masked_array([1, 2], [1, 0]),
    np.array(["a", 1], dtype=object), np.zeros(2, dtype=[("a", int)]), Path("a"), len, np.sin,
    lambda: 1, lambda: 2, int, float, frozenset("ab"), {"a": 1, "b": 2}, {"b": 2, "a": 1},
]  # fmt: skip


def test_different_values_have_different_digests() -> None:
    digests = [digest_of(value) for value in DIFFERENT]
    assert len(set(digests)) == len(digests)


def test_equal_values_have_equal_digests_however_they_were_made() -> None:
    shared = (1, 2)
    assert digest_of([shared, shared]) == digest_of([(1, 2), (1, 2)])
    assert digest_of(np.arange(6).reshape(2, 3).T) == digest_of(np.array([[0, 3], [1, 4], [2, 5]]))
    assert digest_of(frozenset("abcdef")) == digest_of(frozenset("fedcba"))
    assert digest_of(Point([1])) == digest_of(Point([1]))


class Unit(np.ndarray):
    pass


def with_unit(unit: str) -> np.ndarray:
    array = np.zeros(2).view(Unit)
    array.unit = unit  # type: ignore[attr-defined]
    return array


class Covered:
    def f(self) -> None:
        try:
            print()
            print()
        except KeyError:
            pass


class NotCovered:
    def f(self) -> None:
        try:
            print()
        except KeyError:
            pass
        else:
            print()


@pytest.mark.parametrize(
    ("one", "two"),
    [
        (np.sin, np.cos),
        (re.compile("a"), re.compile("b")),
        (with_unit("m"), with_unit("km")),
        (MappingProxyType({1: 2}), MappingProxyType({1: 3})),
        ({1: 2}.keys(), {2: 1}.keys()),
        (np.array(["2020"], "M8[Y]"), np.array(["2021"], "M8[Y]")),
        (np.zeros((0, 2)), np.zeros((0, 3))),
        (Covered.f.__code__, NotCovered.f.__code__),
    ],
)
def test_special_cases_of_pickle_and_numpy_count_by_value(one: Any, two: Any) -> None:
    assert digest_of([one]) == digest_of([one])
    assert digest_of(one) != digest_of(two)


def test_cycles_have_digests() -> None:
    one, two = Point(None), Point(None)
    one.x, two.x = one, two
    assert digest_of(one) == digest_of(two) != digest_of(Point(None))


SCRIPT = """
from parallel_animate.inputs.value_digest import digest_of
FACTOR = 2
{extra}
def helper(x):
    {comment}
    return x * FACTOR
class A:
    {docstring}
    def f(self, x):
        return helper(x) in {{"a", "b"}} or {value}
print(digest_of(A()))
"""
PARTS = {"extra": "", "comment": "# one", "docstring": '"""One."""', "value": "3"}


def digest_in_script(folder: Path, seed: str = "0", **parts: str) -> str:
    script = folder / "script.py"
    script.write_text(SCRIPT.format(**{**PARTS, **parts}))
    return subprocess.run(
        [sys.executable, str(script)],
        env={**os.environ, "PYTHONHASHSEED": seed},
        capture_output=True,
        text=True,
        check=True,
    ).stdout


def test_code_of_a_script_counts_by_what_it_does(tmp_path: Path) -> None:
    original = digest_in_script(tmp_path)
    assert digest_in_script(tmp_path, seed="9") == original
    assert digest_in_script(tmp_path, comment="# another\n    # comment") == original
    assert digest_in_script(tmp_path, docstring='"""Two."""') == original
    assert digest_in_script(tmp_path, extra="UNUSED = 5") == original
    assert digest_in_script(tmp_path, value="4") != original
    assert digest_in_script(tmp_path, extra="FACTOR = 5") != original
    assert digest_in_script(tmp_path, comment="x += 1") != original


@pytest.mark.parametrize(
    ("edit", "same"),
    [
        ("# nothing\nimport helper\n", True),
        ('"""Text."""\nimport helper\n', True),
        ("import helper\nx = 1\n", False),
    ],
)
def test_a_module_counts_as_syntax_without_docstrings(
    tmp_path: Path, edit: str, same: bool
) -> None:
    from parallel_animate.inputs.source_modules import collect_sources

    def digests(text: str) -> list[str]:
        (tmp_path / "main.py").write_text(text)
        modules = collect_sources("main", tmp_path / "main.py", [str(tmp_path)])
        assert [module.name for module in modules] == ["deep", "helper", "main"]
        return [module.digest() for module in modules]

    (tmp_path / "helper.py").write_text("def f():\n    import deep\n    import numpy\n")
    (tmp_path / "deep.py").write_text("from . import nothing\nimport json\n")
    (tmp_path / "stranger.py").write_text("x = 1\n")
    assert (digests("import helper\n") == digests(edit)) is same


# Made with Python 3.11; 3.12 and 3.13 give the same.
DIGEST_OF_KINDS = "18ed74db3a458233"


def test_the_digest_of_code_is_the_same_in_every_version_of_python() -> None:
    code = (
        "from kinds_of_code import Wave\n"
        "from parallel_animate.inputs.value_digest import digest_object\n"
        "found = digest_object(Wave(3))\n"
        "assert found.is_complete and len(found.caches) == 1\n"
        "print(found.digest)\n"
    )
    result = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "PYTHONPATH": str(HELPERS)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert result.stdout.strip() == DIGEST_OF_KINDS


def test_an_edit_after_the_import_does_not_change_the_digest(tmp_path: Path) -> None:
    """The digest is that of the running code, not of the file as it is now."""
    (tmp_path / "edited.py").write_text("def f():\n    return 1\n")
    code = (
        "import pathlib, edited\n"
        "from parallel_animate.inputs.value_digest import digest_of\n"
        "path = pathlib.Path(edited.__file__)\n"
        "first = digest_of(edited.f)\n"
        "path.write_text('def f():\\n    return 2\\n')\n"
        "import linecache; linecache.clearcache()\n"
        "from parallel_animate.inputs import function_source\n"
        "assert function_source.function_node(edited.f.__code__) is None\n"
        "after = digest_of(edited.f)\n"
        "import importlib; importlib.invalidate_caches()\n"
        "edited = importlib.reload(edited)\n"
        "print(after != digest_of(edited.f), first != digest_of(edited.f))\n"
    )
    result = subprocess.run(
        [sys.executable, "-B", "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert result.stdout.strip() == "True True"


def test_lambdas_on_one_line_have_different_digests(tmp_path: Path) -> None:
    (tmp_path / "lambdas.py").write_text(
        "pair = [lambda: 1, lambda: 2, lambda: lambda: 1, (lambda: lambda: 2)()]\n"
        "again = [lambda: 1, lambda: 2]\n"
    )
    code = (
        "import lambdas\nfrom parallel_animate.inputs.value_digest import digest_of\n"
        "found = [digest_of(f) for f in lambdas.pair]\n"
        "print(len(set(found)), found[:2] == [digest_of(f) for f in lambdas.again])\n"
    )
    result = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert result.stdout.strip() == "3 True", "the last one is the second"


LOOKS_UP = """
from parallel_animate.inputs.value_digest import digest_object
def draw():
    return {value}
class A:
    def f(self, name):
        return {call}
print(digest_object(A()).digest)
"""


@pytest.mark.parametrize("call", ["globals()[name]()", "eval(name)()", "__import__(name)"])
def test_code_that_is_found_by_a_computed_name_counts(tmp_path: Path, call: str) -> None:
    def digest(value: int) -> str:
        script = tmp_path / "script.py"
        script.write_text(LOOKS_UP.format(value=value, call=call))
        command = [sys.executable, str(script)]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout

    assert digest(1) == digest(1) != digest(2)
