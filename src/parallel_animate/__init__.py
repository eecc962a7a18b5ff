"""Render matplotlib animations in parallel, without losing a frame or a pixel.

The path of the data: frames -> chunks -> canvas -> segment -> concat. Importing this package does
no work and imports neither matplotlib nor numpy; the modules behind these names do when used.
"""

import os as _os
import sys as _sys

# With ``python -m parallel_animate`` the present folder comes first, and in Snakemake that of the
# Snakefile. A file there may have the name of a module that is imported below.
_path = list(_sys.path)
if _sys.argv[:1] == ["-m"] and __name__ in _sys.orig_argv and not _sys.flags.safe_path:
    _sys.path.pop(0)
    _path.pop(0)
if "snakemake" in _sys.modules:
    from parallel_animate.local.safe_path import is_of_project as _is_of_project

    _sys.path.sort(key=_is_of_project)

import typing as _typing

from parallel_animate.api import Animator, PixelAnimator
from parallel_animate.errors import (
    AnimateError,
    AnimatorLoadError,
    CommandError,
    EncoderUnavailableError,
    FFmpegError,
    FFmpegNotFoundError,
    FrameError,
    InputsChangedError,
    NoFramesError,
    RenderError,
    SegmentError,
    SettingsError,
    SetupError,
)
from parallel_animate.inputs.frames import IndexedFrameParams
from parallel_animate.version import __version__

_sys.path[:] = _path

if _typing.TYPE_CHECKING:
    from parallel_animate.data_arrays.movie_of import movie_of
    from parallel_animate.funcanimation.save import save_animation
    from parallel_animate.inputs.timeline import Timeline
    from parallel_animate.local.movie import Movie
    from parallel_animate.local.several_movies import join_movies, movie_grid
    from parallel_animate.pipeline.launch import packaged_snakefile
    from parallel_animate.render.overlay import Overlay

__all__ = [
    "AnimateError",
    "Animator",
    "AnimatorLoadError",
    "CommandError",
    "EncoderUnavailableError",
    "FFmpegError",
    "FFmpegNotFoundError",
    "FrameError",
    "IndexedFrameParams",
    "InputsChangedError",
    "Movie",
    "NoFramesError",
    "Overlay",
    "PixelAnimator",
    "RenderError",
    "SegmentError",
    "SettingsError",
    "SetupError",
    "Timeline",
    "__version__",
    "join_movies",
    "movie_grid",
    "movie_of",
    "packaged_snakefile",
    "save_animation",
]


# A file of parallel-matplotlib-animation, which has the same import name. Looking for it takes
# microseconds; asking for the installed packages takes longer than this whole import.
if _os.path.exists(_os.path.join(__path__[0], "animator.py")):
    from parallel_animate.cli.installation import warn_of_other as _warn_of_other

    _warn_of_other()


def __getattr__(name: str) -> object:
    # Most importers of this package, such as workers, do not need these; one imports matplotlib.
    if name == "save_animation":
        from parallel_animate.funcanimation.save import save_animation

        return save_animation
    if name == "Movie":
        from parallel_animate.local.movie import Movie

        return Movie
    if name in ("join_movies", "movie_grid"):
        from parallel_animate.local import several_movies

        return getattr(several_movies, name)
    if name == "movie_of":
        from parallel_animate.data_arrays.movie_of import movie_of

        return movie_of
    if name == "Overlay":
        from parallel_animate.render.overlay import Overlay

        return Overlay
    if name == "Timeline":
        from parallel_animate.inputs.timeline import Timeline

        return Timeline
    if name == "packaged_snakefile":
        from parallel_animate.pipeline.launch import packaged_snakefile

        return packaged_snakefile
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
