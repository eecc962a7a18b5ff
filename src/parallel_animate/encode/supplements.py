"""Add sound, captions, chapters and texts to a finished movie, and write its poster.

The video is copied, and its packets are compared with those of the plain movie. Audio is copied if
the container holds its codec and it is long enough; otherwise it is encoded.
"""

import logging
import re
import tempfile
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

from parallel_animate.atomic_files import publish, temporary_path
from parallel_animate.encode.encoders import find_ffmpeg
from parallel_animate.encode.ffmpeg import AS_MARKED, packets_command, run
from parallel_animate.encode.packets import Packets, no_video, parse_framecrc
from parallel_animate.encode.stills import read_frame
from parallel_animate.errors import FFmpegError, SegmentError, SettingsError
from parallel_animate.formats import OutputFormat
from parallel_animate.settings import Supplements, VideoSettings

logger = logging.getLogger(__name__)

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
# Muxer -> codec of the captions.
CAPTIONS = {"mp4": "mov_text", "mov": "mov_text", "matroska": "copy", "webm": "webvtt"}
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


def in_positions(supplements: Supplements, frame_ids: Sequence[int], every: int = 1) -> Supplements:
    """Return supplements whose chapters and poster name frames by their positions in the movie.

    Parameters
    ----------
    supplements : Supplements
        What is to be added.
    frame_ids : sequence of int
        The ids of the movie's frames, ascending.
    every : int
        Above 1, the movie is a draft with one frame in this many, which stands for those after it.

    Raises
    ------
    SettingsError
        If a frame does not exist, or frames come before the first chapter.
    """

    def position_of(name: str, frame_id: int) -> int:
        position = bisect_right(frame_ids, frame_id) - 1
        nearest = frame_ids[max(position, 0)]
        if not 0 <= frame_id - nearest < every:
            raise SettingsError(
                f"{name}: the movie has no frame {frame_id}; its {len(frame_ids)} frames have the "
                f"ids {frame_ids[0]} to {frame_ids[-1]}."
            )
        return position

    if not (supplements.chapters or supplements.poster):
        return supplements
    # In a draft, two may begin at one frame.
    chapters = {position_of("chapters", number): name for number, name in supplements.chapters}
    if chapters and 0 not in chapters:
        raise SettingsError(
            f"chapters: the first one must begin at the movie's first frame, {frame_ids[0]}, since "
            f"every frame belongs to a chapter; found {supplements.chapters[0][0]}."
        )
    poster_frame = 0
    if supplements.poster is not None:
        poster_frame = position_of("poster_frame", supplements.poster_frame)
    return replace(supplements, chapters=tuple(chapters.items()), poster_frame=poster_frame)


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
    command = [*_quiet(ffmpeg), *_captions_input(path), "-map", "0:s:0", "-c", "copy"]
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


@dataclass(frozen=True)
class Plain:
    """A finished movie without supplements.

    Parameters
    ----------
    path : Path
        The file.
    n_frames : int
        Number of frames in it.
    settings : VideoSettings
        Its settings.
    folder : Path
        A folder for temporary files.
    """

    path: Path
    n_frames: int
    settings: VideoSettings
    folder: Path

    @property
    def seconds(self) -> Fraction:
        """Its length."""
        return self.n_frames / self.settings.fps


def add_supplements(
    plain: Plain, supplements: Supplements, ffmpeg: str, output: Path, movie: Path
) -> None:
    """Write a movie with the packets of a plain one, and with sound, captions, chapters and texts.

    Parameters
    ----------
    plain : Plain
        The movie as it was joined.
    supplements : Supplements
        What to add; its chapters name positions.
    ffmpeg : str
        The ffmpeg program.
    output : Path
        The file to write.
    movie : Path
        Its later name, for messages.

    Raises
    ------
    SegmentError
        If the file does not hold exactly the packets of the plain movie.
    FFmpegError
        If ffmpeg fails.
    """
    video = _video_packets(plain.path, ffmpeg)
    for audio in _audio_arguments(supplements, plain, ffmpeg):
        command = [*_mux_command(ffmpeg, plain, supplements, audio), str(output)]
        messages = run(command).stderr.strip()
        # Matroska has no times before 0, where the audio of some files begins: the video would
        # begin later. Encoded audio has no such times.
        if _video_packets(output, ffmpeg) == video:
            break
    else:
        raise SegmentError(
            f"{movie}: the packets of the video have changed while {_named(supplements)} were "
            "added.",
            path=str(movie),
            expected="the packets of the joined movie",
            found="others",
        )
    if messages:
        logger.warning("ffmpeg reported while completing %s: %s", movie, messages)


def write_poster(
    plain: Path, supplements: Supplements, fps: Fraction, ffmpeg: str, movie: Path
) -> None:
    """Write the poster of a movie, if there is to be one; it is relative to the movie's folder."""
    if supplements.poster is None:
        return
    image = read_frame(ffmpeg, plain, supplements.poster_frame, fps)
    if image is None:
        raise no_video(movie, f"no frame {supplements.poster_frame} for the poster")
    poster = movie.parent / supplements.poster
    temporary = temporary_path(poster)
    try:
        if poster.suffix.lower() == ".png":
            image.save(temporary, "PNG")
        else:
            image.save(temporary, "JPEG", quality=95, subsampling=0)
        publish(temporary, poster)
    finally:
        temporary.unlink(missing_ok=True)


def _audio_arguments(
    supplements: Supplements, plain: Plain, ffmpeg: str
) -> list[tuple[list[str], list[str]]]:
    """Return arguments for the audio: of the input and of the output.

    There may be second ones, to be used if the first ones change the video.
    """
    if supplements.audio is None:
        return [([], [])]
    kind, seconds = plain.settings.output, plain.seconds
    audio = read_audio(supplements.audio, ffmpeg)
    source = ["-i", str(supplements.audio.absolute())]
    length = f"apad,atrim=end_sample={int(seconds * AUDIO_RATE)}"
    encode = [*_audio_encoder(kind), "-af", f"{AUDIO_FORM},{length}", "-flags:a", "+bitexact"]
    if not audio.fits(kind, seconds):
        return [(source, encode)]
    # Not -frames, which also ends the other streams (measured on ffmpeg 9.0).
    end = ["-t", f"{float(audio.copied_seconds(seconds)):.6f}"]
    return [([*end, *source], ["-c:a", "copy"]), (source, encode)]


def _audio_encoder(kind: OutputFormat) -> list[str]:
    return ["-c:a", *AUDIO_ENCODERS[kind.muxer]]


def _check_audio_encoder(path: Path, kind: OutputFormat, ffmpeg: str) -> None:
    """Raise SettingsError unless the first audio of a file can be encoded."""
    command = [*_quiet(ffmpeg), "-i", str(path.absolute()), "-map", "0:a:0", "-t", "0.1"]
    try:
        run([*command, "-af", AUDIO_FORM, *_audio_encoder(kind), "-f", "null", "-"])
    except FFmpegError as error:
        raise SettingsError(
            f"audio {str(path)!r} cannot be encoded for a {kind.suffix}: {_last_line(error)}."
        ) from error


def _mux_command(
    ffmpeg: str,
    plain: Plain,
    supplements: Supplements,
    audio: tuple[Sequence[str], Sequence[str]],
) -> list[str]:
    """Return the command without the file that it writes."""
    settings = plain.settings
    muxer = settings.output.muxer
    chapters = plain.folder / "chapters.txt"
    chapters.write_text(_format_chapters(supplements.chapters, plain), encoding="utf-8")
    inputs = [*AS_MARKED, "-i", str(plain.path), "-f", "ffmetadata", "-i", str(chapters)]
    streams = ["-map", "0:v:0", "-c:v", "copy", "-map_chapters", "1"]
    if supplements.captions is not None:
        inputs += _captions_input(supplements.captions)
        streams += ["-map", "2:s:0", "-c:s", CAPTIONS[muxer]]
    if supplements.audio is not None:
        streams += ["-map", f"{inputs.count('-i')}:a:0", *audio[1]]
        inputs += audio[0]
    texts = (supplements.title, supplements.author, supplements.comment)
    for key, text in zip(("title", "artist", "comment"), texts, strict=True):
        if text is not None:
            streams += ["-metadata", f"{key}={text}"]
    if muxer in ("mp4", "mov"):
        timescale = str(settings.grid.timescale)
        # The second one is that of chapters. ffmpeg would choose one that is too large beside MP3.
        streams += ["-video_track_timescale", timescale, "-movie_timescale", timescale]
        streams += ["-movflags", "+faststart"]
    return [
        *(ffmpeg, "-hide_banner", "-nostdin", "-y", "-v", "error", *inputs, *streams),
        *("-fflags", "+bitexact", "-f", muxer),
    ]


def _captions_input(path: Path) -> list[str]:
    return ["-f", CAPTION_DEMUXERS[path.suffix.lower()], "-i", str(path.absolute())]


def _format_chapters(chapters: Sequence[tuple[int, str]], plain: Plain) -> str:
    """Return chapters in ffmpeg's own form of metadata."""
    fps = plain.settings.fps
    lines = [";FFMETADATA1"]
    starts = [*(position for position, _ in chapters), plain.n_frames]
    for (start, end), (_, name) in zip(pairwise(starts), chapters, strict=True):
        title = re.sub(r"([=;#\\\n])", r"\\\1", name)
        times = [f"START={start * fps.denominator}", f"END={end * fps.denominator}"]
        lines += ["[CHAPTER]", f"TIMEBASE=1/{fps.numerator}", *times, f"title={title}"]
    return "\n".join(lines) + "\n"


def _video_packets(path: Path, ffmpeg: str) -> list[str]:
    """Return a line for each packet of the video: its times, size, checksum and flags."""
    return run(packets_command(ffmpeg, path)).stdout.splitlines()


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


def _named(supplements: Supplements) -> str:
    given = [name for name, value in vars(supplements).items() if value]
    return ", ".join(name for name in given if not name.startswith("poster"))


def _seconds(seconds: Fraction) -> str:
    return f"{float(seconds):.3f} s"
