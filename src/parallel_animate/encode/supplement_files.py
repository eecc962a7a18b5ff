"""Read files with sound and captions, and check them before any frame is drawn."""

import re
import tempfile
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

from parallel_animate.encode.encoders import find_ffmpeg
from parallel_animate.encode.ffmpeg import run
from parallel_animate.encode.packets import Packets, parse_framecrc
from parallel_animate.encode.supplements import Supplements, in_positions
from parallel_animate.errors import FFmpegError, SettingsError
from parallel_animate.formats import OutputFormat
from parallel_animate.settings import VideoSettings

# Muxer -> codecs of audio that it holds and that players play; None means all.
COPIED: dict[str, tuple[str, ...] | None] = {
    "mp4": ("aac", "mp3", "ac3", "eac3", "alac", "flac", "opus"),
    "mov": ("aac", "mp3", "ac3", "eac3", "alac", "pcm_s16le", "pcm_s24le", "pcm_s16be"),
    "matroska": None,
    "webm": ("opus", "vorbis"),
}
AAC, OPUS = ("aac", "-b:a", "192k"), ("libopus", "-b:a", "160k")
AUDIO_ENCODERS = {"mp4": AAC, "mov": AAC, "matroska": OPUS, "webm": OPUS}
AUDIO_RATE = 48_000
AUDIO_FORM = f"aformat=sample_rates={AUDIO_RATE}:channel_layouts=mono|stereo"
# Of silence at the end, which is less than people notice. Packets of audio are copied whole.
SHORTEST_SILENCE = Fraction(1, 10)
CAPTION_DEMUXERS = {".srt": "srt", ".vtt": "webvtt"}
# Files of captions count in milliseconds.
CAPTION_UNIT = Fraction(1, 1000)


@dataclass(frozen=True)
class Audio:
    """The audio in a file.

    Parameters
    ----------
    codec : str
        ffmpeg's name of its codec.
    spans : tuple of (Fraction, Fraction)
        When each packet begins and ends, in seconds.
    """

    codec: str
    spans: tuple[tuple[Fraction, Fraction], ...]

    def _n_packets(self, seconds: Fraction) -> int:
        """Return the number of packets that end within a time."""
        return bisect_right(self.spans, seconds, key=lambda span: span[1])

    def fits(self, kind: OutputFormat, seconds: Fraction) -> bool:
        """Return whether packets can be copied that fill a file of a length."""
        codecs = COPIED[kind.muxer]
        is_held = codecs is None or self.codec in codecs
        count = self._n_packets(seconds)
        return is_held and count > 0 and seconds - self.spans[count - 1][1] < SHORTEST_SILENCE

    def copied_seconds(self, seconds: Fraction) -> Fraction:
        """Return up to when packets begin that end within a time."""
        start, end = self.spans[self._n_packets(seconds) - 1]
        # The middle of the last one, however ffmpeg rounds.
        return (start + end) / 2


def check_supplements(
    supplements: Supplements, settings: VideoSettings, frame_ids: Sequence[int] | None
) -> None:
    """Raise SettingsError unless supplements can be added to a movie.

    Parameters
    ----------
    supplements : Supplements
        What is to be added.
    settings : VideoSettings
        The movie's settings.
    frame_ids : sequence of int or None
        The ids of the movie's frames, ascending; None if nobody knows how many there are.
    """
    check_files(supplements, settings.output)
    if supplements.poster is not None:
        _check_writable(supplements.poster)
    if not supplements.need_frames:
        return
    if frame_ids is None:
        raise SettingsError(
            "chapters, captions and poster need a movie whose number of frames is known before it "
            "is rendered: pass n_frames, or a list instead of an iterator."
        )
    in_positions(supplements, frame_ids)
    check_captions(supplements, len(frame_ids), settings.fps)


def check_files(supplements: Supplements, kind: OutputFormat) -> None:
    """Raise SettingsError unless the files with sound and captions can be used.

    Parameters
    ----------
    supplements : Supplements
        What is to be added.
    kind : OutputFormat
        The kind of the movie.
    """
    if supplements.audio is not None:
        ffmpeg = find_ffmpeg()
        read_audio(supplements.audio, ffmpeg)
        _check_audio_encoder(supplements.audio, kind, ffmpeg)
    if supplements.captions is not None:
        read_captions(supplements.captions, find_ffmpeg())


def check_captions(supplements: Supplements, n_frames: int, fps: Fraction) -> None:
    """Raise SettingsError if captions end after the movie."""
    if supplements.captions is None:
        return
    end = read_captions(supplements.captions, find_ffmpeg())[-1][1]
    if end > n_frames / fps + CAPTION_UNIT:
        raise SettingsError(
            f"captions {str(supplements.captions)!r} end at {_seconds(end)}, after the movie, "
            f"which lasts {_seconds(n_frames / fps)}. Shorten or remove the last ones."
        )


def read_audio(path: Path, ffmpeg: str) -> Audio:
    """Read the packets of the first audio stream in a file.

    Raises
    ------
    SettingsError
        If there is none, or the file cannot be read.
    """
    _check_file("audio", path)
    command = [*_quiet(ffmpeg), "-i", str(path.absolute()), "-map", "0:a:0", "-c", "copy"]
    try:
        listing = run([*command, "-f", "framecrc", "-"]).stdout
    except FFmpegError as error:
        raise SettingsError(
            f"audio {str(path)!r} has no audio that ffmpeg can read: {_last_line(error)}."
        ) from error
    packets = parse_framecrc(listing)
    codec = re.search(r"^#codec_id 0: (\S+)", listing, re.MULTILINE)
    if codec is None or not len(packets):
        raise SettingsError(f"audio {str(path)!r} holds no sound.")
    return Audio(codec[1], tuple(_spans(packets)))


def read_captions(path: Path, ffmpeg: str) -> list[tuple[Fraction, Fraction]]:
    """Return when each caption of a file begins and ends, in seconds.

    Raises
    ------
    SettingsError
        If it is no file of captions, or they overlap.
    """
    _check_file("captions", path)
    demuxer = CAPTION_DEMUXERS[path.suffix.lower()]
    try:
        text = path.read_text(encoding="utf-8-sig")
    except ValueError as error:
        raise SettingsError(f"captions {str(path)!r} must be text in UTF-8: {error}.") from error
    if demuxer == "webvtt" and not text.startswith("WEBVTT"):
        raise SettingsError(f"captions {str(path)!r} are no webvtt: the first line must be WEBVTT.")
    command = [*_quiet(ffmpeg), *captions_input(path), "-map", "0:s:0", "-c", "copy"]
    try:
        spans = _spans(parse_framecrc(run([*command, "-f", "framecrc", "-"]).stdout))
    except FFmpegError as error:
        raise SettingsError(
            f"captions {str(path)!r} cannot be read as {demuxer}: {_last_line(error)}."
        ) from error
    # A caption that ffmpeg cannot read would be lost without a word.
    n_marked = sum("-->" in line for line in text.splitlines())
    if not spans or len(spans) != n_marked:
        raise SettingsError(
            f"captions {str(path)!r} are no {demuxer}: ffmpeg reads {len(spans)} captions, and "
            f"{n_marked} lines have '-->'. Each needs a line such as 00:00:01,000 --> 00:00:02,500 "
            "and a text below it."
        )
    for number, (start, end) in enumerate(spans, 1):
        if end <= start:
            raise SettingsError(
                f"captions {str(path)!r}: caption {number} begins at {_seconds(start)} and ends at "
                f"{_seconds(end)}."
            )
    for number, ((_, end), (start, _)) in enumerate(pairwise(spans), 2):
        if start < end:
            raise SettingsError(
                f"captions {str(path)!r}: caption {number} begins at {_seconds(start)}, before the "
                f"one before it ends, at {_seconds(end)}."
            )
    return spans


def audio_encoder(kind: OutputFormat) -> list[str]:
    """Return the arguments that encode audio for a kind of file."""
    return ["-c:a", *AUDIO_ENCODERS[kind.muxer]]


def captions_input(path: Path) -> list[str]:
    """Return the arguments that read a file of captions."""
    return ["-f", CAPTION_DEMUXERS[path.suffix.lower()], "-i", str(path.absolute())]


def _check_audio_encoder(path: Path, kind: OutputFormat, ffmpeg: str) -> None:
    """Raise SettingsError unless the first audio of a file can be encoded."""
    command = [*_quiet(ffmpeg), "-i", str(path.absolute()), "-map", "0:a:0", "-t", "0.1"]
    try:
        run([*command, "-af", AUDIO_FORM, *audio_encoder(kind), "-f", "null", "-"])
    except FFmpegError as error:
        raise SettingsError(
            f"audio {str(path)!r} cannot be encoded for a {kind.suffix}: {_last_line(error)}."
        ) from error


def _spans(packets: Packets) -> list[tuple[Fraction, Fraction]]:
    """Return when each packet begins and ends, in seconds."""
    base = packets.time_base
    pairs = zip(packets.pts, packets.durations, strict=True)
    return [(pts * base, (pts + duration) * base) for pts, duration in pairs]


def _check_file(name: str, path: Path) -> None:
    if not path.is_file():
        raise SettingsError(f"{name}: the file {str(path)!r} does not exist; check its name.")
    try:
        path.open("rb").close()
    except OSError as error:
        raise SettingsError(f"{name} {str(path)!r} cannot be read: {error.strerror}.") from error


def _check_writable(poster: Path) -> None:
    if poster.is_dir():
        raise SettingsError(f"poster {str(poster)!r} is a folder; add a file name.")
    try:
        poster.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=poster.parent):
            return
    except OSError as error:
        raise SettingsError(
            f"poster {str(poster)!r} cannot be written: {error.strerror}."
        ) from error


def _quiet(ffmpeg: str) -> list[str]:
    return [ffmpeg, "-hide_banner", "-nostdin", "-v", "error"]


def _last_line(error: FFmpegError) -> str:
    lines = (error.stderr or str(error)).strip().splitlines()
    return lines[-1].rstrip(".") if lines else "no reason given"


def _seconds(seconds: Fraction) -> str:
    return f"{float(seconds):.3f} s"
