"""What the suffix of an output file means, and which codecs it can hold.

Pure data and checks; the only place that knows suffixes and which of them takes which codec.
"""

import re
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from parallel_animate.errors import SettingsError
from parallel_animate.validation import check_path, did_you_mean, in_words

# The codecs of segments. LOSSLESS is RGB in H.264; other files are made from it in a last step.
H264, VP9, LOSSLESS = "h264", "vp9", "lossless"
PRORES = "prores"
# libx264 encodes no larger frames.
LARGEST_SIDE = 16_384
# HEVC's highest level, 6.2, ends at 8192x4320 pixels, and so do the decoders of players.
LARGEST_HEVC_SIDE = 8192
# A frame of a GIF lasts at most 65535 hundredths of a second. Browsers show one of less than 2
# hundredths for 10 of them.
GIF_RATES = (Fraction(100, 65535), Fraction(50))
# Matroska, as ffmpeg writes it, and WebP count in milliseconds.
MILLISECOND = Fraction(1, 1000)
MILLISECOND_RATES = (Fraction(1, 10_000), 1 / MILLISECOND)
# An APNG holds the duration of a frame as a fraction of 16-bit numbers.
LARGEST_TERM_OF_APNG = 65535


@dataclass(frozen=True)
class OutputFormat:
    """A kind of output file.

    Parameters
    ----------
    name : str
        Its suffix without the dot.
    muxer : str
        ffmpeg's name of the container.
    media_type : str
        The MIME type.
    codec : str
        The codec of opaque movies in the segments: `H264` or `VP9`, whose packets are joined, or
        `LOSSLESS`.
    encoder : str
        The encoder in ffmpeg that makes the file from lossless segments; empty if none does.
    has_alpha : bool
        True if pixels can be transparent. The file is then made from lossless segments.
    time_base : Fraction or None
        Seconds per unit of the frames' times; None means that the file has exact times.
    rates : tuple of (Fraction, Fraction)
        The smallest and the largest number of frames per second.
    largest_side : int
        The largest width and height in pixels.
    """

    name: str
    muxer: str
    media_type: str
    codec: str
    encoder: str = ""
    has_alpha: bool = False
    time_base: Fraction | None = None
    rates: tuple[Fraction, Fraction] = (Fraction(0), Fraction(1_000_000))
    largest_side: int = LARGEST_SIDE

    @property
    def suffix(self) -> str:
        """The suffix of its files."""
        return f".{self.name}"

    @property
    def is_picture(self) -> bool:
        """Whether browsers show it as a picture, not as a video."""
        return self.media_type.startswith("image/")

    @property
    def is_numbered(self) -> bool:
        """Whether the output is a folder of numbered pictures, not a file."""
        return self.muxer == "image2"


MP4 = OutputFormat("mp4", "mp4", "video/mp4", H264)
_KINDS = (
    MP4,
    OutputFormat("m4v", "mp4", "video/mp4", H264),
    OutputFormat("mov", "mov", "video/quicktime", H264, "prores_ks", has_alpha=True),
    OutputFormat(
        *("mkv", "matroska", "video/x-matroska", H264),
        time_base=MILLISECOND,
        rates=MILLISECOND_RATES,
    ),
    OutputFormat(
        *("webm", "webm", "video/webm", VP9, "libvpx-vp9"),
        has_alpha=True,
        time_base=MILLISECOND,
        rates=MILLISECOND_RATES,
    ),
    OutputFormat(
        *("gif", "gif", "image/gif", LOSSLESS, "gif"),
        has_alpha=True,
        time_base=Fraction(1, 100),
        rates=GIF_RATES,
    ),
    OutputFormat(
        *("webp", "webp", "image/webp", LOSSLESS, "libwebp_anim"),
        has_alpha=True,
        time_base=MILLISECOND,
        rates=MILLISECOND_RATES,
        largest_side=16_383,
    ),
    OutputFormat("apng", "apng", "image/apng", LOSSLESS, "apng", has_alpha=True),
    OutputFormat("png", "image2", "image/png", LOSSLESS, "png", has_alpha=True),
)
FORMATS = {kind.name: kind for kind in _KINDS}
# Numbered pictures: their usual name, what a name must look like, and the file that lists them.
PICTURE_NAME = "%06d.png"
_PICTURE_NAME = re.compile(r"[^%]*%(0[1-9])?d[^%]*")
INDEX_NAME = "frames.json"
# Between a movie's name and the format of another file of its frames, as in "wave+gif".
OTHER_FILE = "+"


@dataclass(frozen=True)
class Codec:
    """A codec that can be chosen for a movie, instead of the one that goes with its suffix.

    Parameters
    ----------
    name : str
        Its name, as the argument ``codec`` and in the config.
    title : str
        Its name in messages.
    outputs : tuple of str
        The names of the formats that can hold it.
    encoder : str
        Its encoder in ffmpeg.
    pixel_format : str
        ffmpeg's name of the pixel format of opaque movies.
    other_names : tuple of str
        Names of encoders or of the codec that mean it, too, as matplotlib and ffmpeg use them.
    segments : str
        Its name in the names of segments; empty means `name`.
    muxer : str
        ffmpeg's name of the container of the segments. "mp4" cannot hold all codecs of "mov".
    alpha_pixel_format : str
        ffmpeg's name of the pixel format of transparent movies; empty if it cannot hold alpha.
    has_quality : bool
        True if ``video_quality`` applies.
    has_preset : bool
        True if ``video_preset`` applies, with libx264's names.
    largest_side : int
        The largest width and height in pixels.
    """

    name: str
    title: str
    outputs: tuple[str, ...]
    encoder: str
    pixel_format: str = "yuv420p"
    other_names: tuple[str, ...] = ()
    segments: str = ""
    muxer: str = "mp4"
    alpha_pixel_format: str = ""
    has_quality: bool = False
    has_preset: bool = False
    largest_side: int = LARGEST_SIDE


_MPEG = ("mp4", "m4v", "mov", "mkv")
_OPEN = ("webm", "mp4", "mkv")
CODECS = {
    codec.name: codec
    for codec in (
        Codec(
            *(H264, "H.264", _MPEG, "libx264"),
            other_names=("libx264", "h264_nvenc"),
            has_quality=True,
            has_preset=True,
        ),
        Codec(
            *("hevc", "HEVC", _MPEG, "libx265"),
            other_names=("h265", "libx265"),
            has_quality=True,
            has_preset=True,
            largest_side=LARGEST_HEVC_SIDE,
        ),
        Codec(
            *("hevc-10bit", "HEVC with 10 bits", _MPEG, "libx265", "yuv420p10le"),
            has_quality=True,
            has_preset=True,
            largest_side=LARGEST_HEVC_SIDE,
        ),
        Codec(
            *("av1", "AV1", _OPEN, "libaom-av1"),
            other_names=("libaom-av1", "libsvtav1", "librav1e"),
            has_quality=True,
        ),
        Codec(
            *("av1-10bit", "AV1 with 10 bits", _OPEN, "libaom-av1", "yuv420p10le"),
            has_quality=True,
        ),
        Codec(*(VP9, "VP9", _OPEN, "libvpx-vp9"), other_names=("libvpx-vp9",), has_quality=True),
        Codec(
            *("h264-rgb", "lossless H.264 in RGB", ("mp4", "mov", "mkv"), "libx264rgb", "rgb24"),
            other_names=("libx264rgb",),
            segments=LOSSLESS,
            has_preset=True,
        ),
        Codec(*("ffv1", "FFV1", ("mkv",), "ffv1", "bgr0"), muxer="mov"),
        Codec(
            *(PRORES, "ProRes 4444", ("mov",), "prores_ks", "yuv444p10le"),
            other_names=("prores_ks", "prores_aw"),
            muxer="mov",
            alpha_pixel_format="yuva444p10le",
        ),
        Codec(*("png", "PNG", ("mov",), "png", "rgb24"), muxer="mov", alpha_pixel_format="rgba"),
    )
}


def codecs_of(output: OutputFormat) -> list[Codec]:
    """Return the codecs that can be chosen for a kind of file; none for a kind with only one."""
    return [codec for codec in CODECS.values() if output.name in codec.outputs]


def find_codec(name: str) -> Codec | None:
    """Return the codec of a name, which may be that of an encoder in ffmpeg; None if unknown."""
    known = {other: codec for codec in CODECS.values() for other in codec.other_names}
    return CODECS.get(name) or known.get(name)


def chosen_codec(output: OutputFormat, name: object, *, transparent: bool) -> str | None:
    """Return the name of the codec that was chosen for a file; None if it is the usual one.

    Parameters
    ----------
    output : OutputFormat
        The kind of file.
    name : object
        The user's ``codec``: a name in `CODECS`, or what matplotlib and ffmpeg call it. None
        means the usual codec of the kind of file.
    transparent : bool
        True for a transparent movie, whose usual codec can be another one.

    Raises
    ------
    SettingsError
        If the codec is unknown, or the kind of file cannot hold it; the message names what fits.
    """
    if name is None:
        return None
    codec = find_codec(name) if isinstance(name, str) else None
    # A GIF, for example, has only one codec, with the name of the format or of its encoder.
    names = () if codecs_of(output) else (output.name, output.encoder)
    if isinstance(name, str) and name in names:
        return None
    fitting = ", ".join(fits.name for fits in codecs_of(output))
    if codec is None:
        raise SettingsError(
            f"codec must be one of {', '.join(CODECS)}; found {in_words(name)}."
            + (did_you_mean(name, list(CODECS)) if isinstance(name, str) else "")
            + (f" A {output.suffix} can hold {fitting}." if fitting else "")
        )
    if output.name not in codec.outputs:
        holds = f"It can hold {fitting}" if fitting else "It has only one codec, so leave codec out"
        suffixes = ", ".join(FORMATS[fits].suffix for fits in codec.outputs)
        raise SettingsError(
            f"codec={name!r} does not fit a {output.suffix}. {holds}. For {codec.title}, write a "
            f"file that ends in {suffixes}."
        )
    usual = PRORES if transparent and output.encoder == CODECS[PRORES].encoder else output.codec
    return None if codec.name == usual else codec.name


def format_of(path: Path, argument: str = "output_file") -> OutputFormat:
    """Return the format that a file's suffix names; SettingsError if there is none.

    The error names the argument that holds the file.
    """
    if path.name == INDEX_NAME:
        return FORMATS["png"]
    suffix = path.suffix.lower()
    kind = FORMATS.get(suffix.removeprefix("."))
    if kind is None:
        suffixes = [known.suffix for known in FORMATS.values()]
        raise SettingsError(
            f"{argument} must end in {', '.join(suffixes)}; found {in_words(path.name)}."
            + (did_you_mean(suffix, suffixes) if suffix else "")
        )
    if kind.is_numbered and not _PICTURE_NAME.fullmatch(path.name):
        raise SettingsError(
            f"A {suffix} is one picture. For a folder of numbered pictures, write the place of the "
            f"number once, as in 'frames/{PICTURE_NAME}'; found {in_words(path.name)}."
        )
    return kind


def picture_name(path: Path) -> str:
    """Return the name of numbered pictures, with the place of the number, given their path."""
    return PICTURE_NAME if path.name == INDEX_NAME else path.name


def picture_path(path: Path, number: int) -> Path:
    """Return the path of a numbered picture."""
    return path.with_name(picture_name(path) % number)


def index_of(path: Path) -> Path:
    """Return the path of the file that lists numbered pictures, given their path."""
    return path.with_name(INDEX_NAME)


def place_of(path: Path) -> Path:
    """Return the file of a movie, or the folder of its numbered pictures."""
    return path.parent if format_of(path).is_numbered else path


def shown_file(path: Path) -> Path:
    """Return the file that shows a movie: itself, or the first of its numbered pictures."""
    return picture_path(path, 0) if format_of(path).is_numbered else path


def other_file_name(movie: str, output: str) -> str:
    """Return the name of another file of a movie's frames; no movie of a config may have it."""
    return f"{movie}{OTHER_FILE}{output}"


def is_other_file(movie: str) -> bool:
    """Return whether a name is that of another file of a movie's frames."""
    return OTHER_FILE in movie


def first_of(movie: str) -> str:
    """Return the name of the first file of a movie's frames, which is the movie's own."""
    return movie.partition(OTHER_FILE)[0]


def result_name(movie: str, output: str) -> str:
    """Return the path of a config's movie below results/, given the name of its format.

    For numbered pictures, it is that of their index.
    """
    name = first_of(movie)
    return f"{name}/frames/{INDEX_NAME}" if FORMATS[output].is_numbered else f"{name}.{output}"


def output_name(output_file: object) -> str:
    """Return the name of the format of an output file; SettingsError if it is no such path."""
    return format_of(check_path("output_file", output_file)).name


def check_rate(kind: OutputFormat, fps: Fraction) -> None:
    """Raise SettingsError if a format cannot show frames at a rate."""
    least, most = kind.rates
    if fps > most:
        raise SettingsError(
            f"{kind.suffix} holds at most {most} frames per second, found {fps}. Lower fps, or "
            "write a .mp4."
        )
    if fps < least or (kind.name == "apng" and max(fps.as_integer_ratio()) > LARGEST_TERM_OF_APNG):
        raise SettingsError(
            f"{kind.suffix} cannot hold the duration of a frame at {fps} frames per second, which "
            f"is {1 / fps} seconds. Use another fps, or write a .mp4."
        )
