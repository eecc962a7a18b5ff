"""Show a warning once: our own in a tree of processes, those of user code in a movie.

A process that warns leaves a mark in its environment, and the processes that it starts inherit the
mark. Workers that start side by side do not know of each other: the process that collects their
log records (see `local.messages`) drops repeated ones.
"""

import contextlib
import logging
import os
import threading
import warnings
from collections.abc import Iterator
from typing import Any

VARIABLE = "PARALLEL_ANIMATE_WARNED"
# The attribute of a log record that holds its key.
ATTRIBUTE = "warn_once"


class _Shown:
    """The warnings that the movies being rendered have shown; movies may be in several threads."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.n_blocks = 0
        self.texts: set[str] = set()
        # What is called for each warning before the first block and after the last one.
        self.before: Any = None


_shown = _Shown()


def warn_once(logger: logging.Logger, key: str, message: str, *arguments: object) -> None:
    """Log a warning, unless this process or an ancestor has logged one with the same key.

    Parameters
    ----------
    logger : Logger
        The logger of the module that warns.
    key : str
        A name for the warning, in one word.
    message : str
        As for `logging.Logger.warning`, with its arguments.
    """
    # A warning that is hidden now, as in a quiet block, is still to be shown.
    if logger.isEnabledFor(logging.WARNING) and is_new(key):
        logger.warning(message, *arguments, extra={ATTRIBUTE: key})


def is_new(key: str) -> bool:
    """Return whether no warning with this key has been logged, and mark the key as logged."""
    logged = os.environ.get(VARIABLE, "").split()
    if key in logged:
        return False
    os.environ[VARIABLE] = " ".join([*logged, key])
    return True


@contextlib.contextmanager
def each_warning_once() -> Iterator[None]:
    """Show each warning of user code once within the block, and within blocks inside it.

    Python by itself forgets what it has shown whenever a ``catch_warnings`` block ends, and every
    chunk has some.
    """
    with _shown.lock:
        _shown.n_blocks += 1
        # A catch_warnings block that outlived the last movie has put ours back.
        if _shown.n_blocks == 1 and warnings.showwarning is not _show:
            _shown.before, warnings.showwarning = warnings.showwarning, _show
    try:
        yield
    finally:
        with _shown.lock:
            _shown.n_blocks -= 1
            if not _shown.n_blocks:
                _shown.texts.clear()
                if warnings.showwarning is _show:
                    warnings.showwarning = _shown.before


def _show(
    message: Any, category: Any, filename: str, lineno: int, *rest: Any, **named: Any
) -> None:
    if is_new_warning(warnings.formatwarning(message, category, filename, lineno)):
        _shown.before(message, category, filename, lineno, *rest, **named)


def is_new_warning(text: str) -> bool:
    """Return whether a warning of user code has not been shown, and mark it as shown."""
    with _shown.lock:
        if not _shown.n_blocks:
            return True
        is_new = text not in _shown.texts
        _shown.texts.add(text)
        return is_new
