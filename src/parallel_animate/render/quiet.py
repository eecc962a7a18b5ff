"""Hide what user code prints, warns and logs while frames are drawn that do not count."""

import contextlib
import io
import logging
import sys
import threading
import warnings
from collections.abc import Iterator
from typing import TextIO

from parallel_animate.render.redraw import layouts_forgotten


class _Hidden(io.StringIO):
    """A stream that hides what this thread writes, and those that it starts from now on.

    Other threads go on writing: one of them shows the log lines of workers.
    """

    def __init__(self, shown: TextIO) -> None:
        super().__init__()
        self._shown = shown
        self._others = {*threading.enumerate()} - {threading.current_thread()}

    def write(self, text: str) -> int:
        """Write to the stream behind, unless this thread is hidden."""
        is_shown = threading.current_thread() in self._others
        return self._shown.write(text) if is_shown else len(text)


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """Hide the user's output, warnings and log lines; they appear when the frame is rendered."""
    before = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    try:
        with (
            contextlib.redirect_stdout(_Hidden(sys.stdout)),
            contextlib.redirect_stderr(_Hidden(sys.stderr)),
            warnings.catch_warnings(action="ignore"),
            layouts_forgotten(),
        ):
            yield
    finally:
        logging.disable(before)
