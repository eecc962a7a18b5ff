"""Make a file in one last step from lossless segments, and prove that every frame is in it.

So are made files whose parts cannot be joined: those with one palette for all frames, and those
with alpha. A lossless segment holds RGB; one with alpha has it as a second picture below the first.
"""

import itertools
import logging
import math
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from parallel_animate.encode.encoders import last_step_arguments, last_step_pixel_format
from parallel_animate.encode.ffmpeg import colour_filter, run
from parallel_animate.encode.numbered import check_pictures
from parallel_animate.encode.packets import check_packets, check_rounded, read_packets, wrong
from parallel_animate.encode.pictures import read_durations
from parallel_animate.settings import VideoSettings

logger = logging.getLogger(__name__)

# The upper half of a picture, with the lower half as its alpha.
WITH_ALPHA = (
    "split[upper][lower];[upper]crop=iw:ih/2:0:0,format=rgba[colour];"
    "[lower]crop=iw:ih/2:0:ih/2,extractplanes=g[alpha];[colour][alpha]alphamerge,"
)
# A palette for all frames; colours are not dithered, which would make the file larger.
PALETTE = "palettegen=stats_mode=full"
# People and browsers load a GIF as a whole.
LARGE_GIF = 50_000_000
# ffmpeg's names for files that are held as pictures, and its options for their muxers.
ENDLESS = {
    "gif": ("-loop", "0"),
    "webp": ("-loop", "0"),
    "apng": ("-plays", "0"),
}


def stack_alpha(frame: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return a picture without alpha that shows a frame's colours, and below them its alpha."""
    return np.concatenate([frame, np.repeat(frame[..., 3:], frame.shape[2], axis=2)])


def convert(
    concat_list: Path,
    n_frames: int,
    settings: VideoSettings,
    ffmpeg: str,
    output: Path,
    movie: Path,
) -> None:
    """Encode lossless segments into the movie.

    Parameters
    ----------
    concat_list : Path
        A list of the segments for ffmpeg's concat demuxer; other files may be written next to it.
    n_frames : int
        The number of frames in them.
    settings : VideoSettings
        The movie's settings.
    ffmpeg : str
        The ffmpeg program.
    output : Path
        The file to write, or the path of numbered pictures.
    movie : Path
        Its later name, for messages.

    Raises
    ------
    FFmpegError
        If ffmpeg fails.
    SegmentError
        If the file does not hold every frame at its time.
    """
    kind = settings.output
    logger.info("%s: %d frames are encoded in one last step.", movie, n_frames)
    read = [
        *(ffmpeg, "-hide_banner", "-nostdin", "-y", "-v", "error", "-xerror"),
        *("-f", "concat", "-safe", "0", "-auto_convert", "0", "-i", str(concat_list)),
    ]
    write = [
        *("-map_metadata", "-1", *settings.extra.join, "-fps_mode", "passthrough"),
        *("-flags:v", "+bitexact", "-fflags", "+bitexact", *_muxer_options(settings, n_frames)),
    ]
    pictures = f"{WITH_ALPHA if settings.keeps_alpha else ''}{_times(settings)}"
    encode = last_step_arguments(settings)
    if kind.name == "gif":
        palette = concat_list.with_name("palette.png")
        run([*read, "-vf", f"{pictures},{PALETTE}", "-frames:v", "1", "-update", "1", str(palette)])
        graph = f"[0:v]{pictures}[frames];[frames][1:v]paletteuse=dither=none"
        paint = [*read, "-i", str(palette), "-lavfi", graph, *encode, *write]
        _warn_if_large(paint, n_frames, settings, concat_list.with_name("sample.gif"), movie)
        run([*paint, str(output)])
    else:
        pixels = last_step_pixel_format(settings)
        colours = f"format={pixels}" if kind.is_picture else colour_filter(pixels)
        run([*read, "-vf", f"{pictures},{colours}", *encode, *write, _written(output, settings)])
    check_times(output, movie, n_frames, settings, ffmpeg)


def _written(output: Path, settings: VideoSettings) -> str:
    """Return the path of the output for ffmpeg, which fills numbers into a name with a "%"."""
    if not settings.output.is_numbered:
        return str(output)
    return f"{str(output.parent).replace('%', '%%')}/{output.name}"


def _times(settings: VideoSettings) -> str:
    """Return filters that give the frames their times."""
    duration = f"{settings.fps.denominator}/{settings.fps.numerator}"
    if settings.output.name == "webp":
        # Its encoder counts in milliseconds (-enc_time_base), and would cut off fractions of them.
        return f"settb=1/1000,setpts=floor(N*1000*{duration}+0.5)"
    numbered = f"settb={duration},setpts=N"
    if settings.output.is_picture:
        return numbered
    # ffmpeg 7 shortens the last frame by the microseconds that the list of segments is rounded to.
    return f"{numbered},fps={settings.fps.numerator}/{settings.fps.denominator}"


def _muxer_options(settings: VideoSettings, n_frames: int) -> list[str]:
    kind, fps = settings.output, settings.fps
    options = [*ENDLESS.get(kind.name, ()), "-f", kind.muxer]
    if kind.name == "webp":
        options += ["-enc_time_base", "1/1000"]
    if kind.name == "gif":
        options += [
            "-final_delay",
            str(_hundredths(n_frames, fps) - _hundredths(n_frames - 1, fps)),
        ]
    elif kind.name == "apng":
        options += ["-final_delay", f"{fps.denominator}/{fps.numerator}"]
    elif kind.is_numbered:
        options += ["-start_number", "0"]
    elif kind.name == "mov":
        options += ["-video_track_timescale", str(settings.grid.timescale)]
        options += ["-movflags", "+faststart"]
    return options


def _hundredths(number: int, fps: Fraction) -> int:
    return math.floor(number * 100 / fps + Fraction(1, 2))


def _warn_if_large(
    command: Sequence[str], n_frames: int, settings: VideoSettings, sample: Path, movie: Path
) -> None:
    """Warn of a GIF that will be large, from the size of its first second or two."""
    n_sampled = min(n_frames, max(25, math.ceil(2 * settings.fps)))
    if n_sampled == n_frames:
        return
    run([*command, "-frames:v", str(n_sampled), str(sample)])
    expected = sample.stat().st_size * n_frames / n_sampled
    if expected > LARGE_GIF:
        logger.warning(
            "%s will have about %.3g MB, for %d frames: programs load a GIF as a whole. A .mp4 or "
            ".webm is much smaller; fewer frames per second or a smaller dpi help, too.",
            *(movie, expected / 1e6, n_frames),
        )


def check_times(
    path: Path, movie: Path, n_frames: int, settings: VideoSettings, ffmpeg: str
) -> None:
    """Raise SegmentError unless a file that was made in one step shows every frame at its time.

    Parameters
    ----------
    path : Path
        The file.
    movie : Path
        Its later name, for messages.
    n_frames, settings, ffmpeg : int, VideoSettings, str
        As in `convert`.
    """
    kind = settings.output
    if kind.is_numbered:
        check_pictures(path, n_frames)
        return
    if not kind.is_picture:
        packets = read_packets(path, ffmpeg)
        if kind.time_base is None:
            check_packets(movie, packets, n_frames, settings.grid)
        else:
            check_rounded(movie, packets, n_frames, settings.fps, kind.time_base)
        return
    durations = read_durations(path)
    if durations == [0] and (kind.name == "webp" or n_frames == 1):
        # ffmpeg has written a still picture: of a WebP whose frames are all equal, or of one frame.
        return
    times = list(itertools.accumulate(durations, initial=Fraction(0)))
    # WebP shows a frame that equals the one before without a frame of its own.
    if kind.name != "webp" and len(durations) != n_frames:
        raise wrong(movie, "number of frames", n_frames, len(durations))
    # The duration of the last frame of a WebP is that of the one before.
    unit = (kind.time_base or Fraction(0)) * (2 if kind.name == "webp" else 1)
    for number, time in enumerate(times):
        position = round(time * settings.fps) if kind.name == "webp" else number
        if not abs(time - position / settings.fps) <= unit:
            raise wrong(movie, f"time of frame {position}", position / settings.fps, time)
    if round(times[-1] * settings.fps) != n_frames:
        raise wrong(movie, "duration", n_frames / settings.fps, times[-1])
