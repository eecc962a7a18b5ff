"""The syntax tree that a function was compiled from, if that can be proven.

Bytecode differs between versions of Python; a syntax tree does not. The tree is used only if the
source compiles to exactly the code that runs, so an edit after the import does no harm.
"""

import ast
import functools
import linecache
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from types import CodeType
from typing import Any

FunctionNode = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda


@dataclass(frozen=True)
class _Source:
    """A file or a notebook cell: its functions, as code and as syntax trees."""

    codes: frozenset[CodeType]
    nodes: dict[int, list[FunctionNode]]


def function_node(code: CodeType) -> FunctionNode | None:
    """Return the syntax tree of a function.

    Parameters
    ----------
    code : CodeType
        The code object of a function, a method or a lambda.

    Returns
    -------
    FunctionDef, AsyncFunctionDef or Lambda, optional
        None if the code has no source (it was typed at a prompt or made by ``exec``), or the source
        does not compile to this code (it was edited since, or rewritten when imported).
    """
    source = _source(code.co_filename, "".join(linecache.getlines(code.co_filename)))
    if source is None or code not in source.codes:
        # The module was edited and loaded again, and linecache still holds the old lines.
        linecache.checkcache(code.co_filename)
        source = _source(code.co_filename, "".join(linecache.getlines(code.co_filename)))
    if source is None or code not in source.codes:
        return None
    candidates = [
        node
        for node in source.nodes.get(code.co_firstlineno, [])
        if getattr(node, "name", "<lambda>") == code.co_name
    ]
    if len(candidates) > 1:
        candidates = [node for node in candidates if _holds(node, code)]
    # Of nested lambdas, the innermost one.
    return min(candidates, key=_extent, default=None)


# A project has a few modules; a long session in a notebook has hundreds of cells.
@functools.lru_cache(maxsize=256)
def _source(filename: str, text: str) -> _Source | None:
    if not text:
        return None
    try:
        with warnings.catch_warnings():
            # These warnings were shown when the module was imported.
            warnings.simplefilter("ignore")
            tree = ast.parse(text, filename)
            compiled = compile(text, filename, "exec", dont_inherit=True)
    except (SyntaxError, ValueError):
        return None
    nodes: dict[int, list[FunctionNode]] = {}
    for node in ast.walk(tree):
        if isinstance(node, FunctionNode):
            nodes.setdefault(_first_line(node), []).append(node)
    return _Source(frozenset(_codes_in(compiled)), nodes)


def _codes_in(code: CodeType) -> Iterator[CodeType]:
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield constant
            yield from _codes_in(constant)


def _first_line(node: FunctionNode) -> int:
    decorators: list[Any] = getattr(node, "decorator_list", [])
    lines: list[int] = [node.lineno, *(decorator.lineno for decorator in decorators)]
    return min(lines)


def _holds(node: FunctionNode, code: CodeType) -> bool:
    """Return whether all instructions of a code object lie within a function's body."""
    body = node.body if isinstance(node.body, list) else [node.body]
    start = (body[0].lineno, body[0].col_offset)
    end = (body[-1].end_lineno or 0, body[-1].end_col_offset or 0)
    for line, end_line, column, end_column in code.co_positions():
        # Some instructions have no position, and the first one has the function's own line.
        if line is None or end_line is None or not column or end_column is None:
            continue
        if (line, column) < start or (end_line, end_column) > end:
            return False
    return True


def _extent(node: FunctionNode) -> tuple[int, int]:
    place: Any = node
    return place.end_lineno - place.lineno, place.end_col_offset - place.col_offset
