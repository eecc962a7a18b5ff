"""Complete a joined movie with sound, captions, chapters and texts, and write its poster.

The video is copied, and its packets are compared with those of the plain movie. Audio is copied if
the container holds its codec and it is long enough; otherwise it is encoded.
"""

import logging
import re
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

from parallel_animate.atomic_files import publish, temporary_path
from parallel_animate.encode.ffmpeg import AS_MARKED, packets_command, run
from parallel_animate.encode.packets import no_video
from parallel_animate.encode.stills import read_frame
from parallel_animate.encode.supplement_files import (
    AUDIO_FORM,
    AUDIO_RATE,
    audio_encoder,
    captions_input,
    read_audio,
)
from parallel_animate.encode.supplements import Supplements
from parallel_animate.errors import FFmpegError, SegmentError
from parallel_animate.settings import VideoSettings

logger = logging.getLogger(__name__)

# Muxer -> codec of the captions.
CAPTIONS = {"mp4": "mov_text", "mov": "mov_text", "matroska": "copy", "webm": "webvtt"}


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
    attempts = _audio_arguments(supplements, plain, ffmpeg)
    for audio in attempts:
        command = [*_mux_command(ffmpeg, plain, supplements, audio), str(output)]
        try:
            messages = run(command).stderr.strip()
        except FFmpegError as error:
            if audio is attempts[-1]:
                raise
            logger.info("The audio of %s cannot be copied: %s", movie, error)
            continue
        # Matroska has no times before 0, where the audio of some files begins: the video would
        # begin later. Opus, which is encoded then, has a field for that.
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
    encode = [*audio_encoder(kind), "-af", f"{AUDIO_FORM},{length}", "-flags:a", "+bitexact"]
    if not audio.fits(kind, seconds):
        return [(source, encode)]
    # Not -frames, which also ends the other streams (measured on ffmpeg 9.0).
    end = ["-t", f"{float(audio.copied_seconds(seconds)):.6f}"]
    return [([*end, *source], ["-c:a", "copy"]), (source, encode)]


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
        inputs += captions_input(supplements.captions)
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


def _named(supplements: Supplements) -> str:
    given = [name for name, value in vars(supplements).items() if value]
    return ", ".join(name for name in given if not name.startswith("poster"))
