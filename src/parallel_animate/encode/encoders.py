"""From ``auto``, ``gpu`` or ``cpu`` to an encoder that works, and its arguments.

ffmpeg also lists encoders that do not work, such as h264_nvenc on a machine without a GPU. So an
encoder is used only after it has encoded two frames.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path

from parallel_animate.encode.ffmpeg import (
    build_of,
    candidates,
    errors_of,
    run,
    still_frames_command,
)
from parallel_animate.errors import (
    EncoderUnavailableError,
    FFmpegError,
    FFmpegNotFoundError,
    SettingsError,
)
from parallel_animate.formats import H264, LOSSLESS, VP9, OutputFormat
from parallel_animate.settings import (
    MAX_QUALITY,
    NVENC_PRESETS,
    X264_PRESETS,
    VideoSettings,
)
from parallel_animate.subprocesses import ANSWER_SECONDS

logger = logging.getLogger(__name__)

X264 = "libx264"
X264RGB = "libx264rgb"
NVENC = "h264_nvenc"
VPX = "libvpx-vp9"
# Segments in RGB are read once and need not be small.
# "good" is a deadline of libvpx.
DEFAULT_PRESETS = {X264: "veryfast", X264RGB: "ultrafast", NVENC: "p4", VPX: "good"}
PRESETS: dict[str, Sequence[str]] = {
    X264: X264_PRESETS,
    X264RGB: X264_PRESETS,
    NVENC: NVENC_PRESETS,
    VPX: ("good",),
}
# The size of the probe's frames: above NVENC's minimum (145x49), and quick to encode.
PROBE_SIZE = (256, 256)
MAX_VP9_QUALITY = 63
X264_PARAMS = ("stitchable=1", "open_gop=0", "cpu-independent=1")
_HIGH_PROFILES = {"yuv420p": "high", "yuv422p": "high422", "yuv444p": "high444"}
_NVENC_PROFILES = {"yuv420p": "high", "yuv444p": "high444p"}


@dataclass(frozen=True)
class Encoder:
    """An encoder of an ffmpeg program.

    Parameters
    ----------
    name : str
        "libx264", "libx264rgb", "h264_nvenc" or "libvpx-vp9".
    ffmpeg : str
        The ffmpeg program.
    build : str
        The identity of the ffmpeg build, as `build_of` returns it.
    preset : str
        The encoder's preset.
    """

    name: str
    ffmpeg: str
    build: str
    preset: str


def codec_arguments(name: str, preset: str, settings: VideoSettings) -> list[str]:
    """Return an encoder's arguments for segments that can be joined.

    Segments have closed GOPs, an IDR frame first, and no B-frames unless the user asks for them.
    Their bytes depend neither on the CPU model (``cpu-independent``) nor on the number of threads
    (one per segment), and their extradata does not hold the quality (``stitchable``).
    """
    extra = settings.extra
    if name == NVENC:
        return [
            *("-c:v", NVENC, "-preset", preset, "-rc", "constqp", "-qp", str(settings.quality)),
            *("-profile:v", _NVENC_PROFILES.get(extra.pixel_format, "high")),
            *("-g", "250", "-bf", str(extra.b_frames), "-strict_gop", "1", "-threads", "1"),
            *extra.encode,
        ]
    if name == VPX:
        return vp9_arguments(settings)
    if name == X264RGB:
        return [
            *("-pix_fmt", "rgb24", "-c:v", X264RGB, "-preset", preset, "-qp", "0", "-bf", "0"),
            *("-threads", "1", "-x264-params", ":".join(X264_PARAMS)),
        ]
    # Lossless libx264 works only in this profile, whatever the pixel format.
    profile = _HIGH_PROFILES[extra.pixel_format] if settings.quality else "high444"
    x264_params = (*X264_PARAMS, *extra.x264)
    return [
        *("-c:v", X264, "-preset", preset, "-crf", str(settings.quality)),
        *("-profile:v", profile, "-bf", str(extra.b_frames)),
        *("-threads", "1", "-x264-params", ":".join(x264_params), *extra.encode),
    ]


def vp9_arguments(settings: VideoSettings) -> list[str]:
    """Return the arguments of libvpx-vp9; libx264's scale of quality ends at 51, this one at 63."""
    crf = round(settings.quality * MAX_VP9_QUALITY / MAX_QUALITY)
    return [
        *("-c:v", VPX, "-crf", str(crf), "-b:v", "0", "-deadline", "good", "-cpu-used", "4"),
        # With alpha, libvpx encodes two pictures, and has no hidden ones.
        *("-auto-alt-ref", "0" if settings.keeps_alpha else "1", "-g", "250"),
        *("-row-mt", "0", "-threads", "1"),
    ]


def last_step_arguments(settings: VideoSettings) -> list[str]:
    """Return the arguments of the encoder that makes a movie from lossless segments."""
    encoder = settings.output.encoder
    arguments = {
        VPX: vp9_arguments(settings),
        # Apple's encoder writes the same name of the vendor; some editors expect it.
        "prores_ks": ["-c:v", encoder, "-profile:v", "4444", "-vendor", "apl0", "-threads", "1"],
        "libwebp_anim": ["-c:v", encoder, "-lossless", "1"],
    }.get(encoder, ["-c:v", encoder])
    pixel_format = last_step_pixel_format(settings)
    return [*arguments, *(["-pix_fmt", pixel_format] if pixel_format else [])]


def last_step_pixel_format(settings: VideoSettings) -> str:
    """Return the pixel format of a movie that is made from lossless segments.

    It is empty for a GIF, whose pixels are indices into a palette.
    """
    formats = {VPX: "yuva420p", "prores_ks": "yuva444p10le", "libwebp_anim": "bgra", "gif": ""}
    return formats.get(settings.output.encoder, "rgba" if settings.keeps_alpha else "rgb24")


def _last_step_fault(ffmpeg: str, settings: VideoSettings) -> str | None:
    """Return why the encoder of the last step does not work in an ffmpeg program."""
    if settings.is_joined:
        return None
    command = still_frames_command(ffmpeg, last_step_arguments(settings), PROBE_SIZE)
    (error,) = errors_of([command], ANSWER_SECONDS)
    return None if error is None else f"{settings.output.encoder}: {_reason(error)}"


def b_frame_delay(settings: VideoSettings) -> int:
    """Return the encoder's delay in frames: at most 2, with x264's B-pyramid."""
    return min(settings.extra.b_frames, 2)


def choose_encoder(settings: VideoSettings, size: tuple[int, int] = PROBE_SIZE) -> Encoder:
    """Return the encoder for a movie, after it has encoded two frames.

    Parameters
    ----------
    settings : VideoSettings
        The movie's settings. The mode decides: "auto" is NVENC if it works, otherwise libx264.
    size : tuple of (int, int)
        Width and height of the probe's frames in pixels.

    Raises
    ------
    FFmpegNotFoundError
        If no ffmpeg can be run.
    EncoderUnavailableError
        If the wanted encoder works in none of them; the message lists those tried.
    SettingsError
        If the chosen encoder does not have the preset.
    FFmpegError
        If the encoder works, but not with the extra parameters.
    """
    names = {"auto": (NVENC, X264), "gpu": (NVENC,), "cpu": (X264,)}[settings.mode]
    names = {LOSSLESS: (X264RGB,), VP9: (VPX,)}.get(settings.codec, names)
    pairs = [(name, ffmpeg) for name in names for ffmpeg in candidates()]
    reasons = _why_none(pairs, settings, size)
    failures: dict[str, list[str]] = {}
    for (name, ffmpeg), reason in zip(pairs, reasons, strict=True):
        fault = reason or _last_step_fault(ffmpeg, settings)
        if fault is None:
            return _chosen(name, ffmpeg, settings, size, failures)
        failures.setdefault(name, []).append(f"{ffmpeg}: {fault}")
    raise _unavailable(names, failures, None if settings.codec == H264 else settings.output)


def _preset_for(name: str, settings: VideoSettings) -> str:
    # In "auto", a preset of the other encoder must not make a working one look broken.
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
            f"video_preset must be one of {', '.join(PRESETS[name])} for {name}, which video_mode "
            f"{settings.mode!r} chose; found {preset!r}. Leave video_preset out, or set video_mode."
        )
    encoder = Encoder(name, ffmpeg, build_of(ffmpeg), preset)
    if settings.extra.encode or settings.extra.x264:  # the probe did not use them
        arguments = codec_arguments(name, preset, settings)
        run(still_frames_command(ffmpeg, arguments, size), ANSWER_SECONDS)
    reason = {
        "cpu": "video_mode is 'cpu'",
        "gpu": "video_mode is 'gpu'",
        "auto": f"NVENC does not work here: {'; '.join(failures.get(NVENC, []))}",
    }[settings.mode]
    if settings.mode == "auto" and name == NVENC:
        reason = "NVENC works here"
    if name in (X264RGB, VPX):
        reason = f"the movie is a {settings.output.suffix}"
    logger.info("Using the encoder %s of ffmpeg %s (%s).", name, encoder.build, reason)
    return encoder


def why_not(name: str, ffmpeg: str) -> str | None:
    """Return why an encoder does not work in an ffmpeg program, or None if it does."""
    (reason,) = _why_none([(name, ffmpeg)], VideoSettings(Fraction(25)), PROBE_SIZE)
    return reason


def _why_none(
    pairs: Sequence[tuple[str, str]], settings: VideoSettings, size: tuple[int, int]
) -> list[str | None]:
    """Return for each encoder and ffmpeg why it does not work, or None if it does.

    They are tried at the same time, since each mostly waits, and the first frame waits too.
    """
    commands = [_probe(name, ffmpeg, settings, size) for name, ffmpeg in pairs]
    errors = errors_of(commands, ANSWER_SECONDS)
    return [None if error is None else _reason(error) for error in errors]


def _probe(name: str, ffmpeg: str, settings: VideoSettings, size: tuple[int, int]) -> list[str]:
    """Return the command that tries an encoder, without the user's extra arguments."""
    preset = _preset_for(name, settings)
    plain = replace(settings, extra=replace(settings.extra, encode=(), x264=()))
    plain = replace(plain, extra=replace(plain.extra, pixel_format="yuv420p"))
    return still_frames_command(ffmpeg, codec_arguments(name, preset, plain), size)


def _reason(error: FFmpegError) -> str:
    return error.stderr.splitlines()[0] if error.stderr else str(error)


def _unavailable(
    names: Sequence[str], failures: dict[str, list[str]], output: OutputFormat | None = None
) -> FFmpegError:
    tried = [line for name in names for line in failures.get(name, [])]
    if not tried:
        return FFmpegNotFoundError(
            "No ffmpeg was found. Install imageio-ffmpeg, put ffmpeg on the PATH, or set "
            "IMAGEIO_FFMPEG_EXE to the program."
        )
    if not any(_runs(ffmpeg) for ffmpeg in candidates()):
        return FFmpegNotFoundError("No ffmpeg works here. Tried:\n  " + "\n  ".join(tried))
    if output is not None:
        return EncoderUnavailableError(
            f"No ffmpeg here can write a {output.suffix}. Write another file, such as .mp4, "
            "or install another ffmpeg and set IMAGEIO_FFMPEG_EXE to it. Tried:\n  "
            + "\n  ".join(tried)
        )
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


def find_ffmpeg() -> str:
    """Return an ffmpeg program that works here; FFmpegNotFoundError if there is none."""
    found = next(filter(_runs, candidates()), None)
    if found is None:
        raise _unavailable((), {})
    return found


def on_this_machine(encoder: Encoder) -> Encoder:
    """Return the encoder with this machine's ffmpeg program of the same build.

    Raises
    ------
    FFmpegNotFoundError
        If this machine has no such build; the message lists the builds found.
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
