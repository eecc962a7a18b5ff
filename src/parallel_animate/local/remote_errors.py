"""Errors of a worker that look in this process as if they had been raised in it.

Pickle keeps neither the traceback nor the cause of an exception.
"""

import logging
from collections.abc import Callable
from typing import Any

from parallel_animate.errors import AnimateError
from parallel_animate.inputs.pickling import dump, load
from parallel_animate.render.tracebacks import called_part, places, rebuild

logger = logging.getLogger(__name__)

# A cause may hold anything, such as the data that the user's code was working on.
MAX_CAUSE_BYTES = 1_000_000
_ATTRIBUTE = "from_worker"


def run_for_parent(function: Callable[..., Any], *arguments: Any) -> Any:
    """Call a function in a worker; an error of this package takes its cause and traceback along."""
    try:
        return function(*arguments)
    except AnimateError as error:
        lines = places(called_part(error.__traceback__))
        setattr(error, _ATTRIBUTE, (lines, _dump_cause(error)))
        raise


def restore(error: AnimateError) -> None:
    """Give an error from a worker its cause and its traceback in the user's code back."""
    lines, cause = vars(error).pop(_ATTRIBUTE, ((), b""))
    error.__traceback__ = rebuild(lines)
    # Until here the cause is loky's, which holds the worker's traceback as text.
    error.__cause__ = _load_cause(cause)
    if error.__cause__ is not None:
        error.__cause__.__traceback__ = error.__traceback__


def _dump_cause(error: AnimateError) -> bytes:
    try:
        data = dump(error.__cause__)
    except Exception as failure:  # noqa: BLE001 - the user's exception may hold anything
        logger.debug("The cause of an error cannot be pickled: %r", failure)
        return b""
    return data if len(data) <= MAX_CAUSE_BYTES else b""


def _load_cause(data: bytes) -> BaseException | None:
    try:
        cause = load(data) if data else None
    except Exception as failure:  # noqa: BLE001 - it runs the user's constructor
        logger.debug("The cause of an error cannot be loaded: %r", failure)
        return None
    return cause if isinstance(cause, BaseException) else None
