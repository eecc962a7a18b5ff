"""The syntax tree that a function was compiled from, where that can be proven.

Bytecode differs between versions of Python; a syntax tree does not. It is used only if the source
at hand compiles to exactly the code that runs, so an edit after the import is no danger.
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
    """A file or a notebook cell: its functions, as they are compiled and as they are written."""

    codes: frozenset[CodeType]
    nodes: dict[int, list[FunctionNode]]


def function_node(code: CodeType) -> FunctionNode | None:
    """Return the syntax tree of a function.

    Parameters
    ----------
    code : CodeType
        The code of a function, a method or a lambda.

    Returns
    -------
    FunctionDef, AsyncFunctionDef or Lambda, optional
        None if there is no source (code that was typed at a prompt or made by ``exec``), or the
        source does not compile to this code (it was edited since, or rewritten when imported).
    """
    source = _source(code.co_filename, "".join(linecache.getlines(code.co_filename)))
    if source is None or code not in source.codes:
        # A module that was edited and loaded again: the lines kept are those from before.
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
    # Of lambdas within each other, the innermost.
    return min(candidates, key=_extent, default=None)


# A project has a few modules; a long session in a notebook has hundreds of cells.
@functools.lru_cache(maxsize=256)
def _source(filename: str, text: str) -> _Source | None:
    if not text:
        return None
    try:
        with warnings.catch_warnings():
            # They were shown when the module was imported.
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
    """Tell whether all instructions of a code lie within the body of a function."""
    body = node.body if isinstance(node.body, list) else [node.body]
    start = (body[0].lineno, body[0].col_offset)
    end = (body[-1].end_lineno or 0, body[-1].end_col_offset or 0)
    for line, end_line, column, end_column in code.co_positions():
        # Not all instructions have a place; the first one stands at the function's own line.
        if line is None or end_line is None or not column or end_column is None:
            continue
        if (line, column) < start or (end_line, end_column) > end:
            return False
    return True


def _extent(node: FunctionNode) -> tuple[int, int]:
    place: Any = node
    return place.end_lineno - place.lineno, place.end_col_offset - place.col_offset
