"""Show a warning once: our own in a tree of processes, those of user code in a movie.

A process that warns leaves a mark in its environment, and the processes that it starts inherit the
mark. Workers that start side by side do not know of each other: the process that collects their
log records (see `local.messages`) drops repeated ones.
"""

import contextlib
import logging
import os
import warnings
from collections.abc import Iterator
from typing import Any

VARIABLE = "PARALLEL_ANIMATE_WARNED"
# The attribute of a log record that holds its key.
ATTRIBUTE = "warn_once"
# The warnings that the movie being rendered has shown; empty between movies.
_shown: list[set[str]] = []


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
    if _shown:
        yield
        return
    _shown.append(set())
    before = warnings.showwarning

    def show(
        message: Any, category: Any, filename: str, lineno: int, *rest: Any, **named: Any
    ) -> None:
        if is_new_warning(warnings.formatwarning(message, category, filename, lineno)):
            before(message, category, filename, lineno, *rest, **named)

    warnings.showwarning = show
    try:
        yield
    finally:
        _shown.clear()
        if warnings.showwarning is show:
            warnings.showwarning = before


def is_new_warning(text: str) -> bool:
    """Return whether a warning of user code has not been shown, and mark it as shown."""
    # A movie in another thread may end meanwhile, and the list is then empty.
    for shown in _shown:
        if text in shown:
            return False
        shown.add(text)
    return True
