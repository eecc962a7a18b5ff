"""Tracebacks that lead from the user's call to the user's code, without this package's frames.

The public functions cut the frames of an error when it leaves them. With
``PARALLEL_ANIMATE_TRACEBACK=full`` in the environment they cut none.
"""

import ast
import functools
import os
import sysconfig
import traceback
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import FunctionType, TracebackType
from typing import Any, ParamSpec, TypeVar

from parallel_animate.errors import AnimateError, shows_all_frames

_PACKAGE = __name__.partition(".")[0]
_STANDARD_LIBRARY = tuple(
    sysconfig.get_path(name) + os.sep
    for name in ("stdlib", "platstdlib")
    if sysconfig.get_path(name)
)
Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")


@dataclass(frozen=True)
class Place:
    """A line of a traceback, for another process.

    Parameters
    ----------
    file, function : str
        The file, and the name of the function in it.
    first_line : int
        The line on which the function begins.
    span : tuple of int
        Of the expression that failed: first and last line, first and last column.
    """

    file: str
    function: str
    first_line: int
    span: tuple[int, int, int, int]


def short_traceback(function: Callable[Arguments, Result]) -> Callable[Arguments, Result]:
    """Decorate a public function: its errors show no frame of this package."""

    @functools.wraps(function)
    def call(*args: Arguments.args, **kwargs: Arguments.kwargs) -> Result:
        try:
            return function(*args, **kwargs)
        except Exception as error:
            if not shows_all_frames():
                _cut(error)
            # This adds no frame: a traceback grows only in the functions above.
            raise

    return call


def _cut(error: Exception) -> None:
    users = user_part(error.__traceback__)
    if isinstance(error, AnimateError):
        error.__traceback__ = users or _after_own(error.__traceback__)
        _hide_internal_cause(error)
    elif users is not None:
        error.__traceback__ = users
    elif isinstance(error, OSError):
        # Its message names the file. Other errors are faults of this package: they keep all frames.
        error.__traceback__ = None
        _hide_internal_cause(error)


def _hide_internal_cause(error: Exception) -> None:
    """Move a cause that is not from the user's code to ``__context__``, which is not printed."""
    cause = error.__cause__
    is_of_user = bool(vars(error).get("traceback"))
    if cause is None or is_of_user:
        return
    users = user_part(cause.__traceback__)
    if users is not None:
        cause.__traceback__ = users
    else:
        error.__context__, error.__cause__ = cause, None


def user_part(trace: TracebackType | None) -> TracebackType | None:
    """Return a traceback from the first frame in the user's code on; None if there is none."""
    return next((entry for entry in _entries(trace) if _is_of_user(entry)), None)


def users_text(error: BaseException) -> str:
    """Return an exception and its traceback as text, without the frames of this package."""
    part = called_part(error.__traceback__)
    return "".join(traceback.format_exception(type(error), error, part))


def called_part(traceback: TracebackType | None) -> TracebackType | None:
    """Return what this package called: the user's part, or else that of a library."""
    return user_part(traceback) or _after_own(traceback)


def users_line(error: BaseException) -> tuple[str, int] | None:
    """Return the file and number of the line that failed in user code; None if there is none."""
    lines = [
        (entry.tb_frame.f_code.co_filename, entry.tb_lineno)
        for entry in _entries(error.__traceback__)
        if _is_of_user(entry)
    ]
    if isinstance(error, SyntaxError) and error.filename and error.lineno:
        lines.append((error.filename, error.lineno))
    return lines[-1] if lines else None


def _after_own(traceback: TracebackType | None) -> TracebackType | None:
    # The standard library may be between two of our frames.
    own = [entry for entry in _entries(traceback) if _is_own(entry)]
    return own[-1].tb_next if own else traceback


def _entries(traceback: TracebackType | None) -> Iterator[TracebackType]:
    while traceback is not None:
        yield traceback
        traceback = traceback.tb_next


def _is_own(entry: TracebackType) -> bool:
    return str(entry.tb_frame.f_globals.get("__name__")).partition(".")[0] == _PACKAGE


def _is_of_user(entry: TracebackType) -> bool:
    file = entry.tb_frame.f_code.co_filename
    is_installed = not {"site-packages", "dist-packages"}.isdisjoint(Path(file).parts)
    is_library = is_installed or file.startswith(("<frozen ", *_STANDARD_LIBRARY))
    return not is_library and not _is_own(entry)


def places(traceback: TracebackType | None) -> tuple[Place, ...]:
    """Describe a traceback's lines, so that another process can show them."""
    found = []
    for entry in _entries(traceback):
        code = entry.tb_frame.f_code
        positions = list(code.co_positions())
        line, end, column, end_column = positions[entry.tb_lasti // 2]
        span = (line or entry.tb_lineno, end or entry.tb_lineno, column or 0, end_column or 0)
        found.append(Place(code.co_filename, code.co_name, code.co_firstlineno, span))
    return tuple(found)


def rebuild(lines: Sequence[Place]) -> TracebackType | None:
    """Return a traceback of another process, with frames that hold no variables.

    Python makes no frame without running code, so a function that raises is compiled for each line,
    with the names and positions of the original, as template engines do.
    """
    traceback = None
    for place in reversed(lines):
        try:
            _failing_function(place)()
        except LookupError as error:
            made = error.__traceback__.tb_next if error.__traceback__ else None
            if made is not None:
                traceback = TracebackType(traceback, made.tb_frame, made.tb_lasti, made.tb_lineno)
    return traceback


def _failing_function(place: Place) -> FunctionType:
    module = ast.parse("def function(): raise LookupError")
    (definition,) = module.body
    assert isinstance(definition, ast.FunctionDef)
    definition.name = place.function
    for node in ast.walk(definition.body[0]):
        if isinstance(node, ast.expr | ast.stmt):
            node.lineno, node.end_lineno, node.col_offset, node.end_col_offset = place.span
    definition.lineno, definition.end_lineno = place.first_line, place.span[1]
    made: dict[str, Any] = {}
    exec(compile(module, place.file, "exec"), made)
    function: FunctionType = made[place.function]
    return function
