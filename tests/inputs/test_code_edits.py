"""Edits of a script and its module: those that can change a pixel change the digest, others not."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from parallel_animate.errors import AnimatorLoadError
from parallel_animate.inputs.value_digest import digest_of

SCRIPT = """
import enum
import dataclasses
import functools
import package.palette
from parallel_animate.inputs.value_digest import digest_object

class Kind(enum.Enum):
    LINE = 1
    def width(self):
        return self.value * 2

@dataclasses.dataclass
class Style:
    colour: str = "red"
    def __post_init__(self):
        self.dark = "dark" + self.colour
    def __repr__(self):
        return "a style"

class Register(type):
    def __new__(mcs, name, bases, members):
        return super().__new__(mcs, name, bases, members | {"added": 1})

class Observed:
    def __init__(self):
        self.callbacks = [lambda x: x + 1]

class Plugin:
    def draw(self):
        return "plugin"

def helper():
    return 3

def nobody_calls():
    return 4

LIMITS = {"low": -1}
PARAMS = [1, 2, 3]

class Movie(metaclass=Register):
    kind = Kind.LINE
    table = [0.5]
    def __init__(self):
        self.style = Style()
        self.observed = Observed()
    def setup(self):
        import package.lazily
        return package.lazily.setup(helper())
    def update(self, index, params):
        return package.palette.colour(index, LIMITS["low"])

def make_video(params, fps):
    pass

if __name__ == "__main__":
    make_video(PARAMS, fps=25)
    print(digest_object(Movie()).digest)
"""
FILES = {
    "script.py": SCRIPT,
    "package/__init__.py": "from package.core import START\n",
    "package/core.py": "START = 7\n",
    "package/palette.py": "import package\n"
    "def colour(i, low):\n    return [c for c in COLOURS][i + low]\n"
    "COLOURS = ['red', 'blue']\n",
    "package/lazily.py": "def setup(n):\n    return n + 1\n",
    "stranger.py": "x = 1\n",
}
# File, old text, new text.
COUNT = {
    "a method of an enum": ("script.py", "self.value * 2", "self.value * 3"),
    "a value of an enum": ("script.py", "LINE = 1", "LINE = 2"),
    "a method of a data class": ("script.py", '"dark" +', '"light" +'),
    "a special method of a data class": ("script.py", '"a style"', '"the style"'),
    "a default of a data class": ("script.py", 'str = "red"', 'str = "blue"'),
    "a metaclass": ("script.py", '"added": 1', '"added": 2'),
    "an attribute called callbacks": ("script.py", "x + 1", "x + 2"),
    "a class that may be found by its base": ("script.py", '"plugin"', '"plugged"'),
    "a function that a method calls": ("script.py", "return 3", "return 5"),
    "a value that a method uses": ("script.py", '"low": -1', '"low": -2'),
    "an attribute of the class": ("script.py", "[0.5]", "[0.6]"),
    "a module that a method imports": ("package/lazily.py", "n + 1", "n + 2"),
    "a value in a module": ("package/palette.py", "'blue'", "'green'"),
    "a module that a package imports": ("package/core.py", "7", "8"),
}
COST_NOTHING = {
    "params in the script": ("script.py", "[1, 2, 3]", "[1, 2, 4]"),
    "the call of make_video": ("script.py", "fps=25", "fps=30"),
    "a function that nobody calls": ("script.py", "return 4", "return 5"),
    "a comment": ("script.py", "def helper():", "# helps\ndef helper():"),
    "a docstring": ("package/lazily.py", "n):\n", 'n):\n    """Set up."""\n'),
    "a module that nothing imports": ("stranger.py", "1", "2"),
}


def digest(folder: Path) -> str:
    command = [sys.executable, "script.py"]
    # Two edits within a second may have the same time and size; a .pyc file would be out of date.
    environment = os.environ | {"PYTHONDONTWRITEBYTECODE": "1"}
    result = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, check=True
    )
    return result.stdout.strip()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("edits")
    (folder / "package").mkdir()
    for name, text in FILES.items():
        (folder / name).write_text(text)
    return folder


@pytest.fixture(scope="module")
def before(folder: Path) -> str:
    return digest(folder)


@pytest.mark.parametrize("name", [*COUNT, *COST_NOTHING])
def test_an_edit_counts_exactly_if_it_can_change_a_pixel(
    folder: Path, before: str, name: str
) -> None:
    path, old, new = (COUNT | COST_NOTHING)[name]
    text = FILES[path]
    assert text.count(old) == 1
    (folder / path).write_text(text.replace(old, new))
    try:
        assert (digest(folder) != before) == (name in COUNT)
    finally:
        (folder / path).write_text(text)


def test_many_objects_that_refer_to_each_other_take_linear_time() -> None:
    class Node:
        pass

    # Without a memory within cycles, each more node would double the time.
    nodes = [Node() for _ in range(60)]
    for node in nodes:
        node.__dict__["all"] = nodes
    before = digest_of(nodes[0])
    assert digest_of(nodes[0]) == before
    nodes[40].__dict__["colour"] = "red"
    assert digest_of(nodes[0]) != before, "every one of them counts"


def test_data_that_nests_too_deeply_is_an_error_in_words() -> None:
    nested: list[object] = []
    for _ in range(50_000):
        nested = [nested]
    with pytest.raises(AnimatorLoadError, match="nest too deeply"):
        digest_of(nested)
