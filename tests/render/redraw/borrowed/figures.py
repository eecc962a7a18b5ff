"""Find the test functions of the installed matplotlib, and build the figures that they leave."""

import contextlib
import importlib.util
import inspect
import random
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt
import mpl_toolkits.axes_grid1
import mpl_toolkits.axisartist
import mpl_toolkits.mplot3d
import numpy as np
import pytest
from matplotlib.figure import Figure

# Modules that start other programs, need LaTeX, write movies, or build no figure.
LEFT_OUT = (
    "test_afm", "test_animation", "test_api", "test_backend", "test_basic", "test_cbook",
    "test_determinism", "test_doc", "test_dviread", "test_font_manager", "test_getattr",
    "test_matplotlib", "test_preprocess", "test_pyplot", "test_rcparams", "test_sphinxext",
    "test_testing", "test_texmanager", "test_type1font", "test_usetex", "test_widgets",
)  # fmt: skip
# Raised by tests that fail or do not fit this machine.
OUTCOMES = (Exception, pytest.fail.Exception, pytest.skip.Exception, pytest.xfail.Exception)
# A figure with fewer artists is not worth comparing.
MIN_ARTISTS = 13


@dataclass(frozen=True)
class Source:
    """A test function from matplotlib, with the first value of each of its parameters.

    Parameters
    ----------
    name : str
        "test_axes.test_bar".
    function : callable
        The bare function, without the decorator that compares its picture.
    arguments : dict
        Its arguments, without those that are figures.
    """

    name: str
    function: Callable[..., object]
    arguments: dict[str, Any]


def module_paths() -> dict[str, Path]:
    """Return name -> file of the installed matplotlib's test modules, if it has them."""
    toolkits = (mpl_toolkits.axes_grid1, mpl_toolkits.axisartist, mpl_toolkits.mplot3d)
    folders = [Path(plt.__file__).parent, *(Path(toolkit.__path__[0]) for toolkit in toolkits)]
    paths = [path for folder in folders for path in sorted((folder / "tests").glob("test_*.py"))]
    return {path.stem: path for path in paths if not path.stem.startswith(LEFT_OUT)}


def sources_in(path: Path) -> list[Source]:
    """Return the test functions of a file that only need figures and plain values.

    The file is run by itself: its package cannot be imported without its reference pictures, which
    are not installed. An empty folder for them is made in the working folder.
    """
    spec = importlib.util.spec_from_file_location(f"borrowed_{path.stem}", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        spec.loader.exec_module(module)
    found = []
    for name, test in sorted(vars(module).items()):
        if name.startswith("test_") and inspect.isfunction(test):
            function = inspect.unwrap(test)
            values = first_values(test)
            wanted = inspect.signature(function).parameters
            if wanted.keys() <= {"fig_test", "fig_ref"} | values.keys():
                arguments = {key: values[key] for key in wanted if key in values}
                found.append(Source(f"{path.stem}.{name}", function, arguments))
    return found


def first_values(test: Any) -> dict[str, Any]:
    """Return the first value of each parameter of a parametrized test function."""
    values: dict[str, Any] = {}
    for layer in layers_of(test):
        for mark in getattr(layer, "pytestmark", []):
            if mark.name == "parametrize":
                names = mark.args[0]
                names = names.replace(" ", "").split(",") if isinstance(names, str) else names
                first = next(iter(mark.args[1]), ())
                first = getattr(first, "values", first)
                several = len(names) > 1 or isinstance(first, tuple)
                values |= dict(zip(names, first if several else (first,), strict=False))
    return values


def layers_of(test: Any) -> Iterator[Any]:
    """Yield a function and all functions that its decorators have wrapped."""
    while test is not None:
        yield test
        test = getattr(test, "__wrapped__", None)


def figures_of(source: Source) -> list[Figure]:
    """Build the figures of a test; ignore its errors, failed comparisons included."""
    plt.close("all")
    random.seed(0)
    np.random.seed(0)
    wanted = inspect.signature(source.function).parameters
    arguments = source.arguments | {
        name: plt.figure() for name in ("fig_test", "fig_ref") if name in wanted
    }
    with contextlib.suppress(*OUTCOMES):
        source.function(**arguments)
    figures = [plt.figure(number) for number in plt.get_fignums()]
    return [figure for figure in figures if figure.axes and is_worth_comparing(figure)]


def is_worth_comparing(figure: Figure) -> bool:
    """Return whether a figure has artists to change; some tests leave it unusable."""
    try:
        return type(figure) is Figure and len(figure.findobj()) >= MIN_ARTISTS
    except AttributeError:
        return False
