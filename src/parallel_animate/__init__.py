"""Render matplotlib animations in parallel and lose nothing.

The way of the data: frames -> chunks -> canvas -> segment -> concat. Importing this package does
no work and imports neither matplotlib nor numpy; the modules behind these names do when used.
"""

from parallel_animate.animator import Animator
from parallel_animate.errors import (
    AnimateError,
    AnimatorLoadError,
    EncoderUnavailableError,
    FFmpegError,
    FFmpegNotFoundError,
    FrameError,
    NoFramesError,
    RenderError,
    SegmentError,
    SettingsError,
    SetupError,
)
from parallel_animate.frames import IndexedFrameParams

__version__ = "0.1.0"

__all__ = [
    "AnimateError",
    "Animator",
    "AnimatorLoadError",
    "EncoderUnavailableError",
    "FFmpegError",
    "FFmpegNotFoundError",
    "FrameError",
    "IndexedFrameParams",
    "NoFramesError",
    "RenderError",
    "SegmentError",
    "SettingsError",
    "SetupError",
    "__version__",
]
