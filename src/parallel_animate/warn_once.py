"""Log a warning once in a tree of processes.

A process that warns leaves a mark in its environment, and the processes that it starts inherit the
mark. Workers that start side by side do not know of each other: the process that collects their
log records (see `local.messages`) drops repeated ones.
"""

import logging
import os

VARIABLE = "PARALLEL_ANIMATE_WARNED"
# The attribute of a log record that holds its key.
ATTRIBUTE = "warn_once"


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
    if is_new(key):
        logger.warning(message, *arguments, extra={ATTRIBUTE: key})


def is_new(key: str) -> bool:
    """Return whether no warning with this key has been logged, and mark the key as logged."""
    logged = os.environ.get(VARIABLE, "").split()
    if key in logged:
        return False
    os.environ[VARIABLE] = " ".join([*logged, key])
    return True
