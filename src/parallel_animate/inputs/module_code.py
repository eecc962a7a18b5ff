"""The code of the modules that an animator may run, as digests of syntax trees.

Functions and values that are found by walking an object do not tell all: a line such as
``Axes.plot = my_plot``, a method that is registered somewhere, or an import inside a function is in
none of them. So the source counts, too: of the module that holds the animator all that its classes
may use, and of the local modules that it imports everything.
"""

import ast
import functools
import hashlib
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from importlib.machinery import SourceFileLoader
from pathlib import Path
from types import FunctionType, ModuleType

from parallel_animate.inputs.function_source import function_node
from parallel_animate.inputs.source_modules import (
    SourceModule,
    SourceOnlyLoader,
    canonical_tree,
    collect_sources,
    is_local,
    local_imports,
    parse_source,
)

# Calls that show or render an animation. They do not change its pixels.
_HARMLESS_CALLS = frozenset({"make_video", "save_animation", "preview", "print", "show", "display"})
# Functions that find an object by a computed name: any part of the module may be used then.
_LOOK_UP_BY_NAME = frozenset(
    {"eval", "exec", "globals", "vars", "__dict__", "getattr", "__import__", "import_module"}
)


@dataclass(frozen=True)
class ModuleCode:
    """The code of some modules.

    Parameters
    ----------
    digests : list of str
        Sorted; the names of modules do not count, since a script is ``__main__`` in its own process
        and has another name elsewhere.
    modules : list of ModuleType
        The modules of this process whose code counts as a whole.
    names : set of str
        Names and attributes that the code uses.
    is_loaded : bool
        False if a file was edited since it was imported, so that other code runs than it holds.
    sources : tuple of str
        The files of all this code.
    """

    digests: list[str]
    modules: list[ModuleType]
    names: set[str]
    is_loaded: bool
    sources: tuple[str, ...]


def code_of_modules(root: str, others: Iterable[str]) -> ModuleCode:
    """Return the code that an object may run.

    Parameters
    ----------
    root : str
        The module that holds the object's class. Functions and values in it that no class may use
        do not count: it may also hold the params and the call of ``make_video``.
    others : iterable of str
        Other modules whose code the object refers to; all of it counts.
    """
    whole: dict[str, SourceModule] = {}
    effects: set[str] = set()
    digests: set[str] = set()
    names: set[str] = set()
    root_path = _path_of(root)
    if root_path is not None:
        used, unused = _divide(root_path)
        digests.add(_digest(used))
        names |= _names_in(used)
        is_package = root_path.name == "__init__.py"
        for name, path in local_imports(used, root, is_package, sys.path):
            whole |= {module.path: module for module in collect_sources(name, path, sys.path)}
        for name, path in local_imports(unused, root, is_package, sys.path):
            effects |= set(_effects_of(name, path))
    for other in others:
        other_path = _path_of(other)
        if other_path is not None and other_path != root_path:
            whole |= {found.path: found for found in collect_sources(other, other_path, sys.path)}
    whole.pop(str(root_path), None)
    for module in whole.values():
        digests.add(module.digest())
        names |= _names_in([parse_source(module.text)])
    loaded = [sys.modules[m.name] for m in whole.values() if m.name in sys.modules]
    checked = [*loaded, sys.modules[root]] if root_path is not None else loaded
    return ModuleCode(
        sorted(digests | effects),
        loaded,
        names,
        all(map(_is_as_loaded, checked)),
        tuple(sorted({*whole, *([str(root_path)] if root_path is not None else [])})),
    )


def _path_of(name: str) -> Path | None:
    path = getattr(sys.modules.get(name), "__file__", None)
    return Path(path) if path and is_local(path) else None


def _divide(path: Path) -> tuple[list[ast.stmt], list[ast.stmt]]:
    """Return the statements of a module that its classes may use, and the others.

    Classes and statements that act are used. So is what they name, directly or not. The block under
    ``if __name__ == "__main__":`` and calls that render a movie belong to neither.
    """
    tree = parse_source(path.read_bytes())
    body = [node for node in tree.body if not (_is_main_block(node) or _is_harmless(node))]
    if _names_in(body) & _LOOK_UP_BY_NAME:
        return body, []
    used = [node for node in body if not _only_defines(node)]
    waiting = [node for node in body if _only_defines(node)]
    names = _names_in(used)
    while found := [node for node in waiting if _defined_by(node) & (names | {"*"})]:
        waiting = [node for node in waiting if node not in found]
        used += found
        names |= _names_in(found)
    return [node for node in body if node in used], waiting


def _only_defines(node: ast.stmt) -> bool:
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        return not node.decorator_list
    if isinstance(node, ast.Assign | ast.AnnAssign):
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        return all(map(_is_name, targets))
    return isinstance(node, ast.Import | ast.ImportFrom)


def _defined_by(node: ast.stmt) -> set[str]:
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        return {node.name}
    if isinstance(node, ast.Import | ast.ImportFrom):
        return {alias.asname or alias.name.partition(".")[0] for alias in node.names}
    targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
    parts = [part for target in targets if target is not None for part in ast.walk(target)]
    return {part.id for part in parts if isinstance(part, ast.Name)}


def _names_in(nodes: Iterable[ast.AST]) -> set[str]:
    parts = [part for node in nodes for part in ast.walk(node)]
    return {part.id for part in parts if isinstance(part, ast.Name)} | {
        part.attr for part in parts if isinstance(part, ast.Attribute)
    }


@functools.lru_cache(maxsize=256)
def _effects_of(name: str, path: Path) -> tuple[str, ...]:
    """Return digests of the acting statements in a module and in the local ones it imports."""
    found = []
    for module in collect_sources(name, path, sys.path):
        acting = [node for node in parse_source(module.text).body if _acts(node)]
        if acting:
            found.append(_digest(acting))
    return tuple(found)


def _digest(statements: Sequence[ast.stmt]) -> str:
    text = "\n".join(map(canonical_tree, statements))
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _acts(node: ast.stmt) -> bool:
    if _only_defines(node) or _is_main_block(node) or _is_harmless(node):
        return False
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return bool(node.decorator_list)
    inside = list(_statements_in(node))
    return any(map(_acts, inside)) if inside else True


def _statements_in(node: ast.stmt) -> Iterator[ast.stmt]:
    for part in ast.iter_child_nodes(node):
        if isinstance(part, ast.stmt):
            yield part
        elif isinstance(part, ast.ExceptHandler):
            yield from part.body


def _is_name(target: ast.expr) -> bool:
    if isinstance(target, ast.Tuple | ast.List):
        return all(map(_is_name, target.elts))
    return isinstance(target, ast.Name) or (
        isinstance(target, ast.Starred) and _is_name(target.value)
    )


def _is_main_block(node: ast.stmt) -> bool:
    return (
        isinstance(node, ast.If)
        and isinstance(node.test, ast.Compare)
        and isinstance(node.test.left, ast.Name)
        and node.test.left.id == "__name__"
        and not node.orelse
    )


def _is_harmless(node: ast.stmt) -> bool:
    if isinstance(node, ast.Pass):
        return True
    if not isinstance(node, ast.Expr):
        return False
    if isinstance(node.value, ast.Constant):
        return True
    function = node.value.func if isinstance(node.value, ast.Call) else None
    return getattr(function, "attr", getattr(function, "id", "")) in _HARMLESS_CALLS


def _is_as_loaded(module: ModuleType) -> bool:
    """Return whether the functions of a module are those of its file as it is now."""
    # Other loaders change the code that they read: that of pytest rewrites assertions.
    if type(module.__loader__) not in (SourceFileLoader, SourceOnlyLoader):
        return True
    functions = [value for value in vars(module).values() if isinstance(value, FunctionType)]
    for value in vars(module).values():
        if isinstance(value, type) and value.__module__ == module.__name__:
            functions += [part for part in vars(value).values() if isinstance(part, FunctionType)]
    return all(
        function_node(function.__code__) is not None
        for function in functions
        if function.__code__.co_filename == module.__file__
    )
