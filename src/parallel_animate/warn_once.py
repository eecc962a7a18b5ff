"""Log a warning once in a tree of processes.

Whoever warns leaves a mark in its environment, which the processes that it starts inherit. Workers
that start side by side do not know of each other: the process that collects their records (see
`local.messages`) looks at the mark of each.
"""

import logging
import os

VARIABLE = "PARALLEL_ANIMATE_WARNED"
# The attribute of a log record that holds its key.
ATTRIBUTE = "warn_once"


def warn_once(logger: logging.Logger, key: str, message: str, *arguments: object) -> None:
    """Log a warning, unless one of the same key was logged here or where this process began.

    Parameters
    ----------
    logger : Logger
        Whose warning it is.
    key : str
        One word.
    message : str
        As for `logging.Logger.warning`, with its arguments.
    """
    if is_new(key):
        logger.warning(message, *arguments, extra={ATTRIBUTE: key})


def is_new(key: str) -> bool:
    """Tell whether nothing of this key has been logged, and mark that it now has been."""
    said = os.environ.get(VARIABLE, "").split()
    if key in said:
        return False
    os.environ[VARIABLE] = " ".join([*said, key])
    return True
