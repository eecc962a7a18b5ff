"""Start a job's command again if it has read files that were changed and changed back.

A process may keep what it has read, in a cache or a module, so only a new one draws what is right.
"""

import contextlib
import logging
import os
import sys
from collections.abc import Iterator
from pathlib import Path

from parallel_animate.errors import InputsChangedError
from parallel_animate.pipeline.launch import become
from parallel_animate.render.reads import MOST_TRIES, TRIES_VARIABLE, n_tries

logger = logging.getLogger(__name__)


@contextlib.contextmanager
def second_try() -> Iterator[None]:
    """Start this command again if the block fails because of files that are right by now.

    Raises
    ------
    InputsChangedError
        If they are not, or were changed in every try.
    """
    here = Path.cwd()
    tries = n_tries() or 0
    os.environ[TRIES_VARIABLE] = str(tries)
    try:
        yield
    except InputsChangedError as error:
        if not error.is_restored or tries >= MOST_TRIES:
            raise
        logger.warning(
            "Drawing again, because files changed while frames were drawn: %s.",
            ", ".join(error.files),
        )
        os.environ[TRIES_VARIABLE] = str(tries + 1)
        os.chdir(here)
        become([sys.executable, *sys.orig_argv[1:]])
    finally:
        os.environ.pop(TRIES_VARIABLE, None)
