"""Hide what user code prints, warns and logs while frames are drawn that do not count."""

import contextlib
import io
import logging
import sys
import threading
import warnings
from collections.abc import Iterator
from typing import Self, TextIO

from parallel_animate.render.redraw import layouts_forgotten


class Silence:
    """Knows whether `quiet` has hidden anything: output, a warning, or a log line that is shown."""

    def __init__(self) -> None:
        self.has_hidden = False

    def note(self, *_: object, **__: object) -> None:
        """Note that something was hidden."""
        self.has_hidden = True


class _Hidden(io.StringIO):
    """A stream that hides what this thread writes, and those that it starts from now on.

    Other threads go on writing: one of them shows the log lines of workers.
    """

    def __init__(self, shown: TextIO, silence: Silence) -> None:
        super().__init__()
        self._shown = shown
        self._silence = silence
        self._others = {*threading.enumerate()} - {threading.current_thread()}

    def write(self, text: str) -> int:
        """Write to the stream behind, unless this thread is hidden."""
        if threading.current_thread() in self._others:
            return self._shown.write(text)
        self._silence.note()
        return len(text)


class _NoLevel(int):
    """The highest level of log lines that are hidden, to which a logger compares a line's own.

    Parameters
    ----------
    silence : Silence
        Told of each line that is hidden, unless no logger shows its level.
    """

    _silence: Silence
    _shown: int

    def __new__(cls, silence: Silence) -> Self:
        level = super().__new__(cls, logging.CRITICAL)
        level._silence = silence
        loggers = [*logging.root.manager.loggerDict.values(), logging.root]
        levels = [logger.level for logger in loggers if isinstance(logger, logging.Logger)]
        level._shown = min(filter(None, levels), default=logging.NOTSET)
        return level

    def __ge__(self, level: int) -> bool:
        """Return whether lines of a level are hidden; if so, one is about to be."""
        is_hidden = super().__ge__(level)
        if is_hidden and level >= self._shown:
            self._silence.note()
        return is_hidden


@contextlib.contextmanager
def quiet() -> Iterator[Silence]:
    """Hide the user's output, warnings and log lines; they appear when the frame is rendered."""
    silence = Silence()
    before = logging.root.manager.disable
    logging.disable(_NoLevel(silence))
    try:
        with (
            contextlib.redirect_stdout(_Hidden(sys.stdout, silence)),
            contextlib.redirect_stderr(_Hidden(sys.stderr, silence)),
            warnings.catch_warnings(action="always"),
            layouts_forgotten(),
        ):
            # Put back by catch_warnings.
            warnings.showwarning = silence.note
            yield silence
    finally:
        logging.disable(before)
