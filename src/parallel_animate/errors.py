"""The exception tree. This module imports nothing else of the package.

::

    AnimateError
    ├── SettingsError (ValueError)          a setting or a config key that cannot be used
    ├── FrameError (ValueError)             frame ids or params that cannot be used
    │   ├── FrameOrderError                 a frame that depends on those before it
    │   └── WorkerFrameError                a frame that looks different in a worker process
    ├── NoFramesError (RuntimeError)        nothing to render
    ├── AnimatorLoadError                   an animator that cannot be loaded or sent to a worker
    ├── SetupError (TypeError)              setup() returned no Figure
    ├── RenderError (RuntimeError)          the user's code failed, or a worker died
    ├── CommandError (RuntimeError)         a program that was run failed, such as a SLURM command
    │   └── FFmpegError                     an ffmpeg command failed
    │       ├── FFmpegNotFoundError         no ffmpeg that works
    │       └── EncoderUnavailableError     the wanted encoder does not work here
    ├── InputsChangedError (RuntimeError)   files that changed while a movie was planned or drawn
    └── SegmentError (RuntimeError)         a video file that is missing, damaged or wrong

Pickle rebuilds every error completely, so it reads the same from a worker as from this process.
Tracebacks show no frame of this package, unless ``PARALLEL_ANIMATE_TRACEBACK=full`` is set in the
environment.
"""

import copy
import os
import sys
from collections.abc import Sequence


def shows_all_frames() -> bool:
    """Return whether the user wants to see the frames of this package in tracebacks."""
    return os.environ.get("PARALLEL_ANIMATE_TRACEBACK") == "full"


class AnimateError(Exception):
    """Base of every error that this package raises on purpose."""

    def _render_traceback_(self) -> list[str]:
        """Return the lines that IPython prints: those of this error without its cause.

        Its own traceback leads to the same line.
        """
        shown = self if shows_all_frames() else copy.copy(self)  # a copy has no cause
        formatter = sys.modules["IPython"].get_ipython().InteractiveTB
        lines: list[str] = formatter.structured_traceback(type(self), shown, self.__traceback__)
        return lines


class SettingsError(AnimateError, ValueError):
    """A setting, an option or a config key that cannot be used."""


class FrameError(AnimateError, ValueError):
    """Frame ids that are negative, repeated or colliding, or params that cannot be stored."""


class FrameOrderError(FrameError):
    """A frame looks different without the frames before it.

    Attributes
    ----------
    settles : bool
        True if it may be enough to draw the movie's first frame at the start of every chunk.
    engine : str
        Name of the layout engine that makes the difference; empty if it is something else.
    """

    def __init__(self, message: str, *, settles: bool = False, engine: str = "") -> None:
        super().__init__(message)
        self.settles = settles
        self.engine = engine


class WorkerFrameError(FrameError):
    """A frame looks different in a worker process than in this one."""


class NoFramesError(AnimateError, RuntimeError):
    """There is no frame to render."""


class AnimatorLoadError(AnimateError):
    """An animator or a frame provider that cannot be found, built, or sent to another process.

    Attributes
    ----------
    traceback : str
        The user's exception with its traceback, as text; empty if there is none.
    """

    def __init__(self, message: str, *, traceback: str = "") -> None:
        super().__init__(message)
        self.traceback = traceback


class SetupError(AnimateError, TypeError):
    """``setup()`` returned something other than a matplotlib Figure."""


class RenderError(AnimateError, RuntimeError):
    """A chunk could not be rendered.

    If the user's code failed, ``__cause__`` is its exception, and the traceback of this error ends
    at the same line.

    Attributes
    ----------
    frame_idx : int or None
        Id of the frame that failed; None if no single frame is to blame (``setup()`` raised, or a
        worker process was killed).
    chunk : tuple of (int, int) or None
        The chunk's half-open range [start, stop) of frame ids.
    traceback : str
        The user's exception with its traceback, as text; empty if there is none.
    """

    def __init__(
        self,
        message: str,
        *,
        frame_idx: int | None = None,
        chunk: tuple[int, int] | None = None,
        traceback: str = "",
    ) -> None:
        super().__init__(message)
        self.frame_idx = frame_idx
        self.chunk = chunk
        self.traceback = traceback


class CommandError(AnimateError, RuntimeError):
    """A program that was run failed.

    Attributes
    ----------
    command : tuple of str
        The command line.
    returncode : int or None
        The program's exit status. A negative number is the signal that ended it; None means that
        it could not start, or did not end in time.
    stderr : str
        The end of its stderr.
    """

    def __init__(
        self,
        message: str,
        *,
        command: Sequence[str] = (),
        returncode: int | None = None,
        stderr: str = "",
    ) -> None:
        super().__init__(message)
        self.command = tuple(command)
        self.returncode = returncode
        self.stderr = stderr


class FFmpegError(CommandError):
    """An ffmpeg command failed."""


class FFmpegNotFoundError(FFmpegError):
    """No working ffmpeg program was found."""


class EncoderUnavailableError(FFmpegError):
    """The encoder that was asked for does not work on this machine."""


class InputsChangedError(AnimateError, RuntimeError):
    """The user's files changed while a movie was planned or drawn.

    Attributes
    ----------
    files : tuple of str
        The files.
    is_restored : bool
        True if they now have the expected content again, so that a new process draws what is right.
    """

    def __init__(
        self, message: str, *, files: Sequence[str] = (), is_restored: bool = False
    ) -> None:
        super().__init__(message)
        self.files = tuple(files)
        self.is_restored = is_restored


class SegmentError(AnimateError, RuntimeError):
    """A segment or movie file is missing, damaged, or does not hold what it should.

    Attributes
    ----------
    path : str
        The file.
    expected, found : str
        What the file should hold, and what was found.
    """

    def __init__(
        self, message: str, *, path: str = "", expected: str = "", found: str = ""
    ) -> None:
        super().__init__(message)
        self.path = path
        self.expected = expected
        self.found = found


def describe_error(error: BaseException) -> str:
    """Return an error's class and message, even if the message cannot be made."""
    try:
        return f"{type(error).__name__}: {error}"
    except Exception:  # noqa: BLE001 - a user's class may raise anything
        return f"{type(error).__name__}, whose message cannot be printed"
