"""Translate arguments of ``Animation.save()`` in matplotlib into those of ``save_animation``.

Arguments with a counterpart are translated. The others are refused with a message that names what
to use instead.
"""

from collections.abc import Mapping
from typing import Any

from matplotlib.animation import AbstractMovieWriter, FFMpegBase, PillowWriter

from parallel_animate.errors import SettingsError
from parallel_animate.ffmpeg_options import split_words
from parallel_animate.formats import H264, MP4, OutputFormat
from parallel_animate.validation import in_words

FFMPEG_WRITERS = ("ffmpeg", "ffmpeg_file", "auto")
# Writers of GIF, WebP and APNG.
PICTURE_WRITERS = ("pillow", "imagemagick", "imagemagick_file")
# Argument -> ours.
COUNTERPARTS = {"fps": "fps", "savefig_kwargs": "savefig_params", "codec": "codec"}
# Argument -> what to do instead.
REFUSED = {
    "bitrate": "the quality is constant instead; use video_quality (0 to 51, 20 by default, lower "
    "is better)",
    "extra_anim": "let the function of one animation draw everything",
    "progress_callback": "there is a progress bar instead; see disable_progress_bar, and "
    "plotting_log_interval for lines in the log",
}


def translate_arguments(given: Mapping[str, Any], output: OutputFormat = MP4) -> dict[str, Any]:
    """Return arguments of ``Animation.save()`` as those of ``save_animation``.

    Parameters
    ----------
    given : mapping
        Arguments that are not parameters of ``save_animation``.
    output : OutputFormat
        The kind of the output file.

    Returns
    -------
    dict
        Values for ``fps``, ``savefig_params``, ``codec`` and ``video_extra_ffmpeg_params``, if
        given.

    Raises
    ------
    SettingsError
        If an argument has no counterpart; the message names what to use instead.
    TypeError
        If an argument is unknown to matplotlib, too.
    """
    arguments = {name: value for name, value in given.items() if value is not None}
    taken = _of_writer(arguments.pop("writer", "ffmpeg"), output)
    arguments = {**taken, **arguments}
    translated = {
        ours: arguments.pop(theirs) for theirs, ours in COUNTERPARTS.items() if theirs in arguments
    }
    extra, codec = _without_codec(split_words(arguments.pop("extra_args", None)))
    if codec is not None:
        translated["codec"] = codec
    metadata = arguments.pop("metadata", {})
    if not isinstance(metadata, Mapping):
        raise SettingsError(
            f"metadata must be a mapping such as {{'title': 'Waves'}}, found {in_words(metadata)}."
        )
    for key, value in metadata.items():
        extra += ["-metadata", f"{key}={value}"]
    if extra:
        translated["video_extra_ffmpeg_params"] = extra
    # -1 is matplotlib's default, also in its writers.
    if arguments.get("bitrate") == -1:
        del arguments["bitrate"]
    for name in arguments:
        if name not in REFUSED:
            raise TypeError(f"save_animation() got an unexpected keyword argument {name!r}")
        raise SettingsError(
            f"save_animation() does not support matplotlib's argument {name}: {REFUSED[name]}."
        )
    return translated


def refuse_positions(fps: object, others: tuple[object, ...]) -> None:
    """Raise SettingsError if positional arguments are in the order of ``Animation.save()``."""
    is_writer = isinstance(fps, AbstractMovieWriter) or (
        isinstance(fps, str) and fps.isidentifier()
    )
    if others or is_writer:
        raise SettingsError(
            "The positional arguments of save_animation() are the animation, output_file and fps, "
            f"not those of animation.save() (writer, fps, dpi, ...); found {fps!r} for fps"
            f"{''.join(f', and {other!r}' for other in others)}. Write fps=30, dpi=100 by name."
        )


def _of_writer(writer: object, output: OutputFormat) -> dict[str, Any]:
    """Return the settings of a writer, as arguments of ``Animation.save()``."""
    if writer in FFMPEG_WRITERS or (output.is_picture and writer in PICTURE_WRITERS):
        return {}
    classes = (FFMpegBase, PillowWriter) if output.is_picture else (FFMpegBase,)
    if not isinstance(writer, AbstractMovieWriter) or not isinstance(writer, classes):
        raise SettingsError(
            f"save_animation() does not support the writer {writer!r}: ffmpeg writes a "
            f"{output.suffix}. Leave writer out, and use fps, video_quality and "
            "video_extra_ffmpeg_params."
        )
    names = ("fps", "codec", "bitrate", "extra_args", "metadata")
    said = {name: getattr(writer, name, None) for name in names}
    if said["codec"] == H264:
        # The default of the writers there, whatever they write.
        del said["codec"]
    return {name: value for name, value in said.items() if value is not None}


def _without_codec(words: list[str]) -> tuple[list[str], str | None]:
    """Return words without those that select the codec, as in matplotlib's examples, and it."""
    kept: list[str] = []
    codec = None
    remaining = iter(words)
    for word in remaining:
        if word in ("-vcodec", "-codec:v", "-c:v"):
            codec = next(remaining, "")
        else:
            kept.append(word)
    return kept, codec
