"""The exception tree; it knows nothing of the rest of the package.

::

    AnimateError
    ├── SettingsError (ValueError)          a setting or a config key that cannot be used
    ├── FrameError (ValueError)             frame ids or params that cannot be used
    │   └── FrameOrderError                 a frame that depends on those before it
    ├── NoFramesError (RuntimeError)        nothing to render
    ├── AnimatorLoadError                   an animator that cannot be loaded or sent to a worker
    ├── SetupError (TypeError)              setup() returned no Figure
    ├── RenderError (RuntimeError)          the user's code failed, or a worker died
    ├── CommandError (RuntimeError)         a program that was run failed: one of SLURM's, say
    │   └── FFmpegError                     an ffmpeg command failed
    │       ├── FFmpegNotFoundError         no ffmpeg that works
    │       └── EncoderUnavailableError     the wanted encoder does not work here
    └── SegmentError (RuntimeError)         a video file that is not what it must be

Every error is rebuilt whole by pickle, so it reads the same from a worker as from this process.
"""

from collections.abc import Sequence


class AnimateError(Exception):
    """Base of every error that this package raises on purpose."""


class SettingsError(AnimateError, ValueError):
    """A setting, an option or a config key that cannot be used."""


class FrameError(AnimateError, ValueError):
    """Frame ids that are negative, repeated or colliding, or params that cannot be stored."""


class FrameOrderError(FrameError):
    """A frame looks different when those before it were not drawn; a whole chunk showed it."""


class NoFramesError(AnimateError, RuntimeError):
    """There is no frame to render."""


class AnimatorLoadError(AnimateError):
    """An animator or a frame provider that cannot be found, built, or sent to another process.

    Attributes
    ----------
    traceback : str
        The traceback of the user's exception as text; empty where there is none.
    """

    def __init__(self, message: str, *, traceback: str = "") -> None:
        super().__init__(message)
        self.traceback = traceback


class SetupError(AnimateError, TypeError):
    """``setup()`` returned something that is no matplotlib Figure."""


class RenderError(AnimateError, RuntimeError):
    """A chunk could not be rendered.

    Attributes
    ----------
    frame_idx : int or None
        Id of the frame that failed; None where no single frame is to blame (``setup()`` raised,
        or a worker process was killed).
    chunk : tuple of (int, int) or None
        The half-open range [start, stop) of frame ids of the chunk.
    traceback : str
        The traceback of the user's exception as text; empty where there is none.
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
        Its exit status; negative: the signal that ended it; None: it could not be started, or did
        not end in time.
    stderr : str
        The end of what it wrote to stderr.
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
    """No ffmpeg program was found that works."""


class EncoderUnavailableError(FFmpegError):
    """The encoder that was asked for does not work on this machine."""


class SegmentError(AnimateError, RuntimeError):
    """A segment or movie file is not what it must be.

    Attributes
    ----------
    path : str
        The file.
    expected, found : str
        What was wanted, and what is there.
    """

    def __init__(
        self, message: str, *, path: str = "", expected: str = "", found: str = ""
    ) -> None:
        super().__init__(message)
        self.path = path
        self.expected = expected
        self.found = found
