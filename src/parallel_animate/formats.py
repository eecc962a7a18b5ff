"""What the suffix of an output file means: its container, its codec, and how it is made.

Pure data and checks; the only place that knows suffixes.
"""

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from parallel_animate.errors import SettingsError
from parallel_animate.validation import check_path, did_you_mean, in_words

# The codecs of segments. LOSSLESS is RGB in H.264; other files are made from it in a last step.
H264, VP9, LOSSLESS = "h264", "vp9", "lossless"
# libx264 encodes no larger frames.
LARGEST_SIDE = 16_384
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
)
FORMATS = {kind.name: kind for kind in _KINDS}


def format_of(path: Path) -> OutputFormat:
    """Return the format that a file's suffix names; SettingsError if there is none."""
    suffix = path.suffix.lower()
    kind = FORMATS.get(suffix.removeprefix("."))
    if kind is None:
        suffixes = [known.suffix for known in FORMATS.values()]
        raise SettingsError(
            f"output_file must end in {', '.join(suffixes)}; found {in_words(path.name)}."
            + (did_you_mean(suffix, suffixes) if suffix else "")
        )
    return kind


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
