"""Which extra ffmpeg parameters are allowed, and where in the commands they go.

Pure functions: they only read and sort words.
"""

import shlex
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from parallel_animate.errors import SettingsError
from parallel_animate.validation import in_words

PIXEL_FORMATS = ("yuv420p", "yuv422p", "yuv444p")
# libx264 takes at most this many consecutive B-frames (x264 --help).
MAX_B_FRAMES = 16

_TIMING = "the times of the frames are exact and follow from fps; set fps instead"
_SIZE = "the frame is the figure's canvas; set the figure's size or savefig_params={'dpi': ...}"
_CODEC = "the encoder is chosen by video_mode; the segments of a movie must be H.264"
_STREAMS = "a movie holds one video stream; add sound and subtitles with audio and captions"
_RANGE = "a segment must hold all of its frames; set n_frames or pass fewer params instead"
_FILES = "input, output and container are fixed, so that the segments can be joined"
_SEEK = "a movie must have whole frames at which players can begin"
_BYTES = "the bytes must not depend on the machine, and each worker runs its own ffmpeg"

# Option (without its stream specifier) -> why it is refused.
REFUSED = {
    **dict.fromkeys(("r", "vsync", "fps_mode", "enc_time_base", "itsoffset", "copyts"), _TIMING),
    **dict.fromkeys(("video_track_timescale", "time_base", "bsf", "vbsf", "setts"), _TIMING),
    **dict.fromkeys(
        ("vf", "filter", "filter_complex", "lavfi", "s", "aspect", "autorotate"), _SIZE
    ),
    **dict.fromkeys(("c", "codec", "vcodec", "vtag", "tag"), _CODEC),
    **dict.fromkeys(("map", "an", "vn", "sn", "dn", "acodec", "map_chapters"), _STREAMS),
    **dict.fromkeys(("map_metadata", "attach", "program", "stream_group"), _STREAMS),
    **dict.fromkeys(("t", "to", "ss", "sseof", "fs", "frames", "vframes", "shortest"), _RANGE),
    **dict.fromkeys(("i", "f", "y", "n", "movflags", "passlogfile", "pass", "report"), _FILES),
    **dict.fromkeys(("fflags", "flags", "x264opts", "colorspace", "color_range"), _BYTES),
    **dict.fromkeys(("threads", "filter_threads", "stats", "progress", "loglevel", "v"), _BYTES),
    "intra-refresh": _SEEK,
    "crf": "set video_quality instead",
    "qp": "set video_quality instead",
    "cq": "set video_quality instead",
    "preset": "set video_preset instead",
}
# Keys of -x264-params that the join, the timing or identical bytes depend on.
REFUSED_X264 = frozenset(
    {
        *("stitchable", "open-gop", "open_gop", "cpu-independent", "bframes", "b-pyramid", "asm"),
        *("intra-refresh", "intra_refresh", "recovery-frame"),
        *("threads", "sliced-threads", "lookahead-threads", "fps", "timebase", "force-cfr"),
        *("pulldown", "pic-struct", "vfr-input", "interlaced", "tff", "bff"),
        *("colorprim", "transfer", "colormatrix", "range", "fullrange"),
    }
)


@dataclass(frozen=True)
class ExtraParams:
    """Extra ffmpeg parameters, sorted by the command that they belong to.

    Parameters
    ----------
    encode : tuple of str
        Appended to the encode command.
    join : tuple of str
        Appended to the join command: the movie's metadata.
    x264 : tuple of str
        ``key=value`` pairs added to ``-x264-params``.
    pixel_format : str
        "yuv420p" (plays everywhere, the default), "yuv422p" or "yuv444p".
    b_frames : int
        Consecutive B-frames; 0 by default, so that a segment's pts equal its dts.
    """

    encode: tuple[str, ...] = ()
    join: tuple[str, ...] = ()
    x264: tuple[str, ...] = ()
    pixel_format: str = "yuv420p"
    b_frames: int = 0


def parse_extra_params(words: Sequence[str] | str | None) -> ExtraParams:
    """Sort extra ffmpeg parameters, and refuse those that would break the movie.

    Parameters
    ----------
    words : sequence of str, str or None
        As on ffmpeg's command line; a single string is split as in a shell.

    Raises
    ------
    SettingsError
        If a parameter is refused, with the reason.
    """
    encode: list[str] = []
    join: list[str] = []
    x264: list[str] = []
    pixel_format, b_frames = ExtraParams.pixel_format, ExtraParams.b_frames
    for option, value in _options(split_words(words)):
        name = option.lstrip("-").partition(":")[0]
        if name in REFUSED:
            raise _refused(option, REFUSED[name])
        if name == "pix_fmt":
            pixel_format = _choice(option, value, PIXEL_FORMATS)
        elif name == "bf":
            b_frames = _b_frames(option, value)
        elif name == "metadata":
            join += [option, _required(option, value)]
        elif name == "x264-params":
            x264 += _x264_pairs(_required(option, value))
        else:
            encode += [option] if value is None else [option, value]
    return ExtraParams(tuple(encode), tuple(join), tuple(x264), pixel_format, b_frames)


def split_words(words: Sequence[str] | str | None) -> list[str]:
    """Return extra parameters as a list; a string is split as in a shell."""
    if words is None:
        return []
    if isinstance(words, (bytes, Mapping)) or not isinstance(words, Iterable):
        raise SettingsError(
            "video_extra_ffmpeg_params must be a list of strings such as ['-tune', 'animation'], "
            f"found {in_words(words)}."
        )
    try:
        listed = shlex.split(words) if isinstance(words, str) else list(words)
    except ValueError as error:
        raise SettingsError(
            f"video_extra_ffmpeg_params cannot be split into words, found {in_words(words)}: "
            f"{error}."
        ) from error
    for word in listed:
        if not isinstance(word, str):
            raise SettingsError(
                f"video_extra_ffmpeg_params must hold strings, found {in_words(word)}; write "
                f"{str(word)!r}."
            )
        if "\0" in word:
            raise SettingsError(
                f"video_extra_ffmpeg_params holds a null character: {in_words(word)}."
            )
    return listed


def _options(words: list[str]) -> Iterator[tuple[str, str | None]]:
    position = 0
    while position < len(words):
        option = words[position]
        if not _is_option(option):
            raise _refused(option, "it would be a second output file")
        value = words[position + 1] if position + 1 < len(words) else None
        if value is not None and _is_option(value):
            value = None
        yield option, value
        position += 1 if value is None else 2


def _is_option(word: str) -> bool:
    return len(word) > 1 and word[0] == "-" and not word[1].isdigit() and word[1] != "."


def _refused(word: str, reason: str) -> SettingsError:
    return SettingsError(f"video_extra_ffmpeg_params: {word!r} is refused: {reason}.")


def _required(option: str, value: str | None) -> str:
    if value is None:
        raise _refused(option, "it needs a value")
    return value


def _choice(option: str, value: str | None, choices: Sequence[str]) -> str:
    if value is None or value not in choices:
        raise _refused(f"{option} {value}", f"the value must be one of {', '.join(choices)}")
    return value


def _b_frames(option: str, value: str | None) -> int:
    if value is None or not value.isdigit() or int(value) > MAX_B_FRAMES:
        raise _refused(f"{option} {value}", f"the value must be 0 to {MAX_B_FRAMES}")
    return int(value)


def _x264_pairs(value: str) -> list[str]:
    pairs = value.split(":")
    for pair in pairs:
        key = pair.partition("=")[0]
        if key in REFUSED_X264:
            raise _refused(f"-x264-params {pair}", REFUSED.get(key.replace("_", "-"), _BYTES))
    return pairs
