"""From ``auto``, ``gpu`` or ``cpu`` to an encoder that was seen to work, and its arguments.

An encoder that is listed may not work: h264_nvenc is listed where no GPU is. So it is believed
only after it has encoded two frames.
"""

import logging
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path

from parallel_animate.encode.ffmpeg import build_of, candidates, run, still_frames_command
from parallel_animate.errors import (
    EncoderUnavailableError,
    FFmpegError,
    FFmpegNotFoundError,
    SettingsError,
)
from parallel_animate.settings import NVENC_PRESETS, X264_PRESETS, VideoSettings

logger = logging.getLogger(__name__)

X264 = "libx264"
NVENC = "h264_nvenc"
DEFAULT_PRESETS = {X264: "veryfast", NVENC: "p4"}
PRESETS: dict[str, Sequence[str]] = {X264: X264_PRESETS, NVENC: NVENC_PRESETS}
# The size of the probe's frames: above NVENC's minimum (145x49), and quick.
PROBE_SIZE = (256, 256)
_HIGH_PROFILES = {"yuv420p": "high", "yuv422p": "high422", "yuv444p": "high444"}
_NVENC_PROFILES = {"yuv420p": "high", "yuv444p": "high444p"}


@dataclass(frozen=True)
class Encoder:
    """An encoder of an ffmpeg program.

    Parameters
    ----------
    name : str
        "libx264" or "h264_nvenc".
    ffmpeg : str
        The program.
    build : str
        What identifies its build.
    preset : str
        The encoder's preset.
    """

    name: str
    ffmpeg: str
    build: str
    preset: str


def codec_arguments(name: str, preset: str, settings: VideoSettings) -> list[str]:
    """Return the arguments of an encoder for segments that can be joined.

    Closed GOPs, an IDR frame first, no B-frames unless asked for, bytes that do not depend on the
    CPU model (``cpu-independent``) or on the number of threads (one per segment), and an extradata
    that does not hold the quality (``stitchable``).
    """
    extra = settings.extra
    if name == NVENC:
        return [
            *("-c:v", NVENC, "-preset", preset, "-rc", "constqp", "-qp", str(settings.quality)),
            *("-profile:v", _NVENC_PROFILES.get(extra.pixel_format, "high")),
            *("-g", "250", "-bf", str(extra.b_frames), "-strict_gop", "1", "-threads", "1"),
            *extra.encode,
        ]
    # libx264 refuses to be lossless in any other profile, whatever the pixel format.
    profile = _HIGH_PROFILES[extra.pixel_format] if settings.quality else "high444"
    x264_params = ("stitchable=1", "open_gop=0", "cpu-independent=1", *extra.x264)
    return [
        *("-c:v", X264, "-preset", preset, "-crf", str(settings.quality)),
        *("-profile:v", profile, "-bf", str(extra.b_frames)),
        *("-threads", "1", "-x264-params", ":".join(x264_params), *extra.encode),
    ]


def b_frame_delay(settings: VideoSettings) -> int:
    """Return the frames by which the encoder delays its output: 2 with x264's B-pyramid."""
    return min(settings.extra.b_frames, 2)


def choose_encoder(settings: VideoSettings, size: tuple[int, int] = PROBE_SIZE) -> Encoder:
    """Return the encoder that a movie is to have, after it has encoded two frames.

    Parameters
    ----------
    settings : VideoSettings
        Their mode decides: "auto" is NVENC where it works, else libx264.
    size : tuple of (int, int)
        Width and height of the probe's frames in pixels.

    Raises
    ------
    FFmpegNotFoundError
        If no ffmpeg can be run.
    EncoderUnavailableError
        If none of them has the wanted encoder; the message says what was tried.
    SettingsError
        If the preset is not one of the chosen encoder's.
    FFmpegError
        If the encoder works, but not with the extra parameters.
    """
    names = {"auto": (NVENC, X264), "gpu": (NVENC,), "cpu": (X264,)}[settings.mode]
    pairs = [(name, ffmpeg) for name in names for ffmpeg in candidates()]
    # At once, since each is a short process that mostly waits: it is time before the first frame.
    with ThreadPoolExecutor(max(len(pairs), 1)) as probes:
        reasons = list(probes.map(lambda pair: _why_not(pair[0], pair[1], settings, size), pairs))
    failures: dict[str, list[str]] = {}
    for (name, ffmpeg), reason in zip(pairs, reasons, strict=True):
        if reason is None:
            return _chosen(name, ffmpeg, settings, size, failures)
        failures.setdefault(name, []).append(f"{ffmpeg}: {reason}")
    raise _unavailable(names, failures)


def _preset_for(name: str, settings: VideoSettings) -> str:
    # In "auto" a preset of the other family must not make a working encoder look broken.
    preset = settings.preset or DEFAULT_PRESETS[name]
    return preset if preset in PRESETS[name] else DEFAULT_PRESETS[name]


def _chosen(
    name: str,
    ffmpeg: str,
    settings: VideoSettings,
    size: tuple[int, int],
    failures: dict[str, list[str]],
) -> Encoder:
    preset = settings.preset or DEFAULT_PRESETS[name]
    if preset not in PRESETS[name]:
        raise SettingsError(
            f"video_preset {preset!r} is not one of {name}'s ({', '.join(PRESETS[name])}), and "
            f"video_mode {settings.mode!r} chose {name}. Leave video_preset out, or set video_mode."
        )
    encoder = Encoder(name, ffmpeg, build_of(ffmpeg), preset)
    if settings.extra.encode or settings.extra.x264:  # the probe was without them
        run(still_frames_command(ffmpeg, codec_arguments(name, preset, settings), size))
    reason = {
        "cpu": "video_mode is 'cpu'",
        "gpu": "video_mode is 'gpu'",
        "auto": f"NVENC does not work here: {'; '.join(failures.get(NVENC, []))}",
    }[settings.mode]
    if settings.mode == "auto" and name == NVENC:
        reason = "NVENC works here"
    logger.info("Encoder %s of ffmpeg %s (%s).", name, encoder.build, reason)
    return encoder


def why_not(name: str, ffmpeg: str) -> str | None:
    """Return why an encoder does not work in an ffmpeg program, or None if it does."""
    return _why_not(name, ffmpeg, VideoSettings(Fraction(25)), PROBE_SIZE)


def _why_not(name: str, ffmpeg: str, settings: VideoSettings, size: tuple[int, int]) -> str | None:
    preset = _preset_for(name, settings)
    plain = replace(settings, extra=replace(settings.extra, encode=(), x264=()))
    plain = replace(plain, extra=replace(plain.extra, pixel_format="yuv420p"))
    try:
        run(still_frames_command(ffmpeg, codec_arguments(name, preset, plain), size))
    except FFmpegError as error:
        return error.stderr.splitlines()[0] if error.stderr else str(error)
    return None


def _unavailable(names: Sequence[str], failures: dict[str, list[str]]) -> FFmpegError:
    tried = [line for name in names for line in failures.get(name, [])]
    if not tried:
        return FFmpegNotFoundError(
            "No ffmpeg was found. Install imageio-ffmpeg, put ffmpeg on the PATH, or set "
            "IMAGEIO_FFMPEG_EXE to the program."
        )
    if not any(_runs(ffmpeg) for ffmpeg in candidates()):
        return FFmpegNotFoundError("No ffmpeg works here. Tried:\n  " + "\n  ".join(tried))
    advice = "; use video_mode='cpu' or 'auto'" if tuple(names) == (NVENC,) else ""
    return EncoderUnavailableError(
        f"{names[-1]} does not work here{advice}. Tried:\n  " + "\n  ".join(tried)
    )


def _runs(ffmpeg: str) -> bool:
    try:
        build_of(ffmpeg)
    except FFmpegNotFoundError:
        return False
    return True


def on_this_machine(encoder: Encoder) -> Encoder:
    """Return the encoder with a program of the same build on this machine.

    Raises
    ------
    FFmpegNotFoundError
        If there is none; the message names the builds that are there.
    """
    found: list[str] = []
    for ffmpeg in [encoder.ffmpeg, *candidates()]:
        if not Path(ffmpeg).exists() or not _runs(ffmpeg):
            continue
        if build_of(ffmpeg) == encoder.build:
            return replace(encoder, ffmpeg=ffmpeg)
        found.append(f"{ffmpeg}: {build_of(ffmpeg)}")
    raise FFmpegNotFoundError(
        f"The movie was planned with ffmpeg {encoder.build}, and segments of different builds "
        f"cannot be mixed. Found: {', '.join(found) or 'none'}. Install the same build on this "
        "node, or plan the movie again."
    )
