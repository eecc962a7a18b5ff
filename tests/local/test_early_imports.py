"""The modules that a pickle needs are found in it."""

import pickle
import sys

import cloudpickle
import pytest

from parallel_animate.local import early_imports
from parallel_animate.local.early_imports import modules_in


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
