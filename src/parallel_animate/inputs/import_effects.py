"""What importing a module does besides defining names: statements that act on other objects.

What a function draws depends on its code and the values that it uses. A line such as
``Axes.plot = my_plot`` at the top of a module is part of neither, yet it changes what is drawn.
"""

import ast
import hashlib
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from parallel_animate.inputs.source_modules import canonical_tree, collect_sources

# Calls that show or render an animation. They do not change its pixels.
_HARMLESS_CALLS = frozenset({"make_video", "save_animation", "preview", "print", "show", "display"})


def import_effects(name: str, path: Path, search_path: Sequence[str]) -> list[str]:
    """Return digests of the acting statements in a module and in the local modules it imports.

    Definitions, imports and assignments to plain names do not count: values that the code uses
    count as values. The block under ``if __name__ == "__main__":`` and statements that render a
    movie do not count either.

    Parameters
    ----------
    name : str
        The module's name.
    path : Path
        The module's file.
    search_path : sequence of str
        Folders to search for imports, as in ``sys.path``.

    Returns
    -------
    list of str
        Sorted, one digest for each module with such statements. Module names do not count, since a
        script is ``__main__`` in its own process and has another name elsewhere.
    """
    found = []
    for module in collect_sources(name, path, search_path):
        statements = [canonical_tree(node) for node in _effects(ast.parse(module.text).body)]
        if statements:
            found.append(hashlib.sha256("\n".join(statements).encode()).hexdigest())
    return sorted(found)


def effects_of_loaded(name: str) -> list[str]:
    """Return `import_effects` of a module of this process; an empty list if it has no file."""
    path = getattr(sys.modules.get(name), "__file__", None)
    return import_effects(name, Path(path), sys.path) if path and Path(path).is_file() else []


def sources_of_loaded(name: str) -> list[str]:
    """Return digests of all the code of a module of this process and the local ones it imports.

    Sorted; nothing where the module has no file.
    """
    path = getattr(sys.modules.get(name), "__file__", None)
    if not path or not Path(path).is_file():
        return []
    return sorted(module.digest() for module in collect_sources(name, Path(path), sys.path))


def names_in_functions(text: str) -> set[str]:
    """Return the names and attributes that the functions of a module use."""
    functions = [
        node
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
    ]
    parts = [part for function in functions for part in ast.walk(function)]
    return {part.id for part in parts if isinstance(part, ast.Name)} | {
        part.attr for part in parts if isinstance(part, ast.Attribute)
    }


def _effects(statements: Sequence[ast.stmt]) -> Iterator[ast.stmt]:
    return (node for node in statements if _acts(node))


def _acts(node: ast.stmt) -> bool:
    if isinstance(
        node,
        ast.Import | ast.ImportFrom | ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
        | ast.Pass | ast.Global,
    ):  # fmt: skip
        return False
    if isinstance(node, ast.Assign | ast.AnnAssign | ast.AugAssign):
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        return not all(map(_is_name, targets))
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
        return False
    if _is_main_block(node) or _renders(node):
        return False
    inside = [part for part in ast.iter_child_nodes(node) if isinstance(part, ast.stmt)]
    handlers = [part for part in ast.iter_child_nodes(node) if isinstance(part, ast.ExceptHandler)]
    inside += [part for handler in handlers for part in handler.body]
    return any(map(_acts, inside)) if inside else True


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


def _renders(node: ast.stmt) -> bool:
    if not isinstance(node, ast.Expr) or not isinstance(node.value, ast.Call):
        return False
    function = node.value.func
    return getattr(function, "attr", getattr(function, "id", "")) in _HARMLESS_CALLS
