"""The arguments of matplotlib's ``Animation.save()``, as those of ``save_animation``.

What means the same is taken; the rest is refused with the argument that there is for it.
"""

from collections.abc import Mapping
from typing import Any

from matplotlib.animation import AbstractMovieWriter, FFMpegBase

from parallel_animate.errors import SettingsError
from parallel_animate.ffmpeg_options import split_words

H264 = ("h264", "libx264")
FFMPEG_WRITERS = ("ffmpeg", "ffmpeg_file", "auto")
# Argument -> what to do instead.
REFUSED = {
    "bitrate": "the quality is kept instead; use video_quality (0 to 51, 20 by default, less is "
    "better)",
    "extra_anim": "let one animation's function draw all",
    "progress_callback": "there is a progress bar; see disable_progress_bar, and "
    "plotting_log_interval for a line in the log",
}


def translate_arguments(given: Mapping[str, Any]) -> dict[str, Any]:
    """Return arguments of ``Animation.save()`` as those of ``save_animation``.

    Parameters
    ----------
    given : mapping
        Arguments that ``save_animation`` does not know by name.

    Returns
    -------
    dict
        Of ``fps``, ``savefig_params`` and ``video_extra_ffmpeg_params``, those that are given.

    Raises
    ------
    SettingsError
        If one has no counterpart; the message names the argument to use.
    TypeError
        If matplotlib does not know one either.
    """
    arguments = {name: value for name, value in given.items() if value is not None}
    taken = _of_writer(arguments.pop("writer", "ffmpeg"))
    arguments = {**taken, **arguments}
    _check_codec(arguments.pop("codec", "h264"))
    translated = {
        ours: arguments.pop(theirs)
        for theirs, ours in {"fps": "fps", "savefig_kwargs": "savefig_params"}.items()
        if theirs in arguments
    }
    extra = _without_codec(split_words(arguments.pop("extra_args", None)))
    for key, value in dict(arguments.pop("metadata", {})).items():
        extra += ["-metadata", f"{key}={value}"]
    if extra:
        translated["video_extra_ffmpeg_params"] = extra
    # matplotlib's default, and that of its writers.
    if arguments.get("bitrate") == -1:
        del arguments["bitrate"]
    for name in arguments:
        if name not in REFUSED:
            raise TypeError(f"save_animation() got an unexpected keyword argument {name!r}")
        raise SettingsError(f"{name} of matplotlib's save() is not taken: {REFUSED[name]}.")
    return translated


def refuse_positions(fps: object, others: tuple[object, ...]) -> None:
    """Raise SettingsError if arguments come in the order of ``Animation.save()``."""
    is_writer = isinstance(fps, AbstractMovieWriter) or (
        isinstance(fps, str) and fps.isidentifier()
    )
    if others or is_writer:
        raise SettingsError(
            "save_animation takes the animation, output_file and fps by position, and not what "
            f"matplotlib's save() takes there (writer, fps, dpi, ...); found {fps!r} for fps"
            f"{''.join(f', and {other!r}' for other in others)}. Write fps=30, dpi=100 by name."
        )


def _of_writer(writer: object) -> dict[str, Any]:
    """Return what a writer says, as arguments of ``Animation.save()``."""
    if writer in FFMPEG_WRITERS:
        return {}
    if not isinstance(writer, AbstractMovieWriter) or not isinstance(writer, FFMpegBase):
        raise SettingsError(
            f"writer {writer!r} of matplotlib's save() is not taken: movies are H.264, written by "
            "ffmpeg; leave writer out, and use fps, video_quality and video_extra_ffmpeg_params."
        )
    names = ("fps", "codec", "bitrate", "extra_args", "metadata")
    said = {name: getattr(writer, name, None) for name in names}
    return {name: value for name, value in said.items() if value is not None}


def _check_codec(codec: object) -> None:
    if codec not in H264:
        raise SettingsError(
            f"codec {codec!r} of matplotlib's save() is not taken: movies are H.264; leave codec "
            "out, and use video_mode ('auto', 'gpu' or 'cpu') to choose the encoder."
        )


def _without_codec(words: list[str]) -> list[str]:
    """Leave out what asks for H.264, as matplotlib's own examples do."""
    kept: list[str] = []
    remaining = iter(words)
    for word in remaining:
        if word in ("-vcodec", "-codec:v", "-c:v"):
            _check_codec(next(remaining, None))
        else:
            kept.append(word)
    return kept
