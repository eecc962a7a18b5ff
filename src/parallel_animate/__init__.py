"""Render matplotlib animations in parallel and lose nothing.

The way of the data: frames -> chunks -> canvas -> segment -> concat. Importing this package does
no work and imports neither matplotlib nor numpy; the modules behind these names do when used.
"""

import typing as _typing

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
from parallel_animate.inputs.animator import Animator
from parallel_animate.inputs.frames import IndexedFrameParams

if _typing.TYPE_CHECKING:
    from parallel_animate.funcanimation.save import save_animation

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
    "save_animation",
]


def __getattr__(name: str) -> object:
    # It imports matplotlib, which not everybody who imports this package needs.
    if name == "save_animation":
        from parallel_animate.funcanimation.save import save_animation

        return save_animation
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
