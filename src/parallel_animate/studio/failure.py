"""An error as the page shows it: a heading, the message, the user's line, the traceback."""

import linecache
import os
import traceback
from dataclasses import dataclass
from pathlib import Path

from parallel_animate.errors import AnimateError, RenderError, describe_error
from parallel_animate.render.tracebacks import user_part, users_line, users_text


@dataclass(frozen=True)
class Failure:
    """An error, for the page.

    Parameters
    ----------
    heading, message : str
        What failed, and why.
    place, line : str
        File and line number in the user's code, and the text of the line; empty if there is none.
    traceback : str
        The traceback without frames of this package; empty if it adds nothing.
    """

    heading: str
    message: str = ""
    place: str = ""
    line: str = ""
    traceback: str = ""


def describe_failure(error: BaseException) -> Failure:
    """Describe an error of loading or drawing a movie."""
    heading = "The movie cannot be shown"
    # An error of the params while they are read is the user's own.
    cause = error.__cause__ if isinstance(error, AnimateError) else error
    if cause is None or (isinstance(error, AnimateError) and not getattr(error, "traceback", "")):
        return Failure(heading, _short(str(error)))
    place, line = _place(cause)
    message = str(error) if cause is not error else describe_error(error)
    if isinstance(error, RenderError):
        # Its message names a chunk, of which the studio has none.
        failed = "setup()" if error.frame_idx is None else f"Frame {error.frame_idx}"
        heading, message = f"{failed} failed", describe_error(cause)
    return Failure(heading, _short(message), place, line, _short(_traceback(cause)))


def _traceback(error: BaseException) -> str:
    if isinstance(error, SyntaxError) and user_part(error.__traceback__) is None:
        # It has the line itself; the frames are those of an import.
        return "".join(traceback.format_exception_only(error))
    return users_text(error)


def _short(text: str) -> str:
    """Return a text with paths that are relative to the working folder."""
    return text.replace(f"{Path.cwd()}{os.sep}", "")


def _place(error: BaseException) -> tuple[str, str]:
    found = users_line(error)
    if found is None:
        return "", ""
    file, number = found
    path = os.path.relpath(file)
    shown = file if path.startswith(os.pardir) else path
    return f"{shown}, line {number}", linecache.getline(file, number).strip()
