"""The table of private matplotlib names is complete, and right for this matplotlib."""

import ast
import importlib
import inspect
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import matplotlib as mpl
import matplotlib.pyplot as plt
import pytest
from matplotlib.animation import ArtistAnimation, FuncAnimation
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg, RendererAgg
from matplotlib.cbook import CallbackRegistry, Grouper
from matplotlib.figure import Figure
from matplotlib.text import Text
from matplotlib.transforms import Affine2D, Bbox

import parallel_animate
from parallel_animate import save_animation
from parallel_animate.errors import AnimatorLoadError
from parallel_animate.inputs import matplotlib_private
from parallel_animate.inputs.matplotlib_private import (
    REDRAW,
    SAVE_ANIMATION,
    STATE,
    TABLE,
    PrivateName,
    find_owner,
    matplotlib_version,
    missing_names,
)

DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
SRC = Path(parallel_animate.__file__).parent
PYTHONS = {
    *("_abc_impl", "_exit", "_fields", "_getframe", "_lru_cache_wrapper", "_tuplegetter"),
    *("_make", "_replace", "_asdict", "_generate_next_value_", "_missing_", "_MISSING_TYPE"),
}
# How cloudpickle rebuilds classes: see funcanimation/copied_classes.py and its tests.
CLOUDPICKLES = {
    *("_DYNAMIC_CLASS_TRACKER_BY_CLASS", "_class_setstate"),
    *("_make_skeleton_class", "_make_skeleton_enum"),
}
# How a process of loky starts: see local/loky_processes.py and tests/local/test_fork_server.py.
LOKYS = {"_bootstrap", "_fds", "_inheriting"}
# Imported from a module of this package under a private name, only a part of a name, or a variable
# of the environment.
OURS = {"_animator_", "_ARGCOMPLETE"}


def private_names_of(path: Path) -> Iterator[str]:
    """Yield the private names that a module uses but does not define."""
    tree = ast.parse(path.read_text())
    nodes = list(ast.walk(tree))
    own = {
        *(n.name for n in nodes if isinstance(n, DEFINITIONS)),
        *(n.id for n in nodes if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)),
        *(
            n.attr
            for n in nodes
            if isinstance(n, ast.Attribute) and isinstance(n.ctx, ast.Store) and is_self(n.value)
        ),
    }
    for node in nodes:
        names: list[str] = []
        if isinstance(node, ast.Attribute):
            names = [node.attr]
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            names = [node.value]
        elif isinstance(node, ast.ImportFrom):
            names = [*(node.module or "").split("."), *(alias.name for alias in node.names)]
        elif isinstance(node, ast.Import):
            names = [part for alias in node.names for part in alias.name.split(".")]
        yield from (
            n for n in names if n.isidentifier() and n[0] == "_" and n[1:2] != "_" and n not in own
        )


def is_self(node: ast.AST) -> bool:
    return isinstance(node, ast.Name) and node.id in ("self", "cls")


def test_every_private_name_that_the_source_uses_is_in_the_table() -> None:
    known = {entry.name for entry in TABLE} | PYTHONS | CLOUDPICKLES | LOKYS | OURS | {"_"}
    unknown = {
        f"{path.relative_to(SRC)}: {name}"
        for path in SRC.rglob("*.py")
        for name in private_names_of(path)
        if path.name != "matplotlib_private.py" and name not in known
    }
    assert unknown == set()


def test_every_name_in_the_table_is_used() -> None:
    texts = [p.read_text() for p in SRC.rglob("*.py") if p.name != "matplotlib_private.py"]
    source = "\n".join([*texts, inspect.getsource(matplotlib_private.read_param)])
    indirectly = {"_set", "_get", "_pylab_helpers"}
    unused = {entry.name for entry in TABLE if entry.name not in source} - indirectly
    assert unused == set()


@pytest.fixture
def specimens() -> Iterator[list[Any]]:
    """An object of each class in the table."""
    figure = plt.figure()
    axes = figure.add_subplot()
    (line,) = axes.plot([1, 2], label="a")
    animation = FuncAnimation(figure, lambda i: [], frames=3)
    of_artists = ArtistAnimation(figure, [[line]])
    polar = figure.add_subplot(projection="polar")
    figure.canvas.draw()
    renderer = RendererAgg(10, 10, 72)
    yield [
        *(figure, axes, line, polar, animation, of_artists, axes.legend(), axes.xaxis, axes.title),
        *(axes.imshow([[1]]), FigureCanvasAgg(Figure()), renderer, renderer.new_gc()),
        *(CallbackRegistry(), Grouper(), Affine2D(), Bbox.unit(), mpl.colormaps, axes.transData),
        axes.spines.left,
    ]
    for each in (animation, of_artists):
        each._draw_was_started = True
    plt.close(figure)


def test_this_matplotlib_lacks_none(specimens: list[Any]) -> None:
    for user in (REDRAW, SAVE_ANIMATION, STATE):
        assert missing_names(user, specimens) == []


def test_each_name_is_in_the_file_that_the_table_gives(specimens: list[Any]) -> None:
    version = matplotlib_version()
    for entry in TABLE:
        owner = find_owner(entry)
        if entry.kind == "object":
            assert any(isinstance(thing, owner) for thing in specimens), f"no specimen for {entry}"
        if entry.kind == "skipped" and entry.is_of(version):
            # Some objects get it late or never, so the file only has to contain it.
            module = importlib.import_module(entry.owner.partition(":")[0])
            files = [module, *(inspect.getmodule(base) for base in inspect.getmro(owner)[:-1])]
            assert any(entry.name in inspect.getsource(file) for file in files if file), entry


def test_a_name_of_a_later_version_is_not_missing_in_an_earlier_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    entry = PrivateName(REDRAW, "matplotlib.text:Text", "_nothing", "static", "", since=(3, 11))
    monkeypatch.setattr(matplotlib_private, "TABLE", (entry,))
    monkeypatch.setattr(mpl, "__version__", "3.10.9")
    assert missing_names(REDRAW) == []
    monkeypatch.setattr(mpl, "__version__", "3.12.0rc1")
    assert missing_names(REDRAW) == ["matplotlib.text.Text._nothing"]


def test_a_method_may_have_more_optional_parameters(monkeypatch: pytest.MonkeyPatch) -> None:
    def with_more(self: Any, renderer: Any, more: Any = None) -> None:
        pass

    def with_others(self: Any, canvas: Any) -> None:
        pass

    monkeypatch.setattr(Axes, "_update_title_position", with_more)
    assert missing_names(REDRAW) == []
    monkeypatch.setattr(Axes, "_update_title_position", with_others)
    (missing,) = missing_names(REDRAW)
    assert missing == (
        "matplotlib.axes.Axes._update_title_position(self, renderer), which is now (self, canvas)"
    )


def test_a_replacement_for_a_method_needs_no_more_than_the_table_lists(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(Text, "_get_layout", lambda self, renderer, more=None: None)
    (missing,) = missing_names(REDRAW)
    assert "Text._get_layout(self, renderer), which is now (self, renderer, more)" in missing


def test_an_animation_that_cannot_be_read_is_a_clear_error(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    figure = Figure()
    FigureCanvasAgg(figure)
    animation = FuncAnimation(figure, lambda i: [], frames=3)
    monkeypatch.setattr(mpl, "__version__", "3.12.0")
    vars(animation)["_iterate"] = vars(animation).pop("_iter_gen")
    with pytest.raises(AnimatorLoadError, match=r"3\.12\.0 cannot be read: it lacks .*_iter_gen"):
        save_animation(animation, tmp_path / "movie.mp4")
    animation._draw_was_started = True
