"""From ``auto``, ``gpu`` or ``cpu`` to an encoder that works, and its arguments.

ffmpeg also lists encoders that do not work, such as h264_nvenc on a machine without a GPU. So an
encoder is used only after it has encoded two frames.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from pathlib import Path

from parallel_animate.encode.conversion_test import (
    YUV420P,
    conversion_command,
    converts_alike,
)
from parallel_animate.encode.ffmpeg import (
    build_of,
    candidates,
    errors_of,
    run,
    still_frames_command,
    version_command,
)
from parallel_animate.errors import (
    EncoderUnavailableError,
    FFmpegError,
    FFmpegNotFoundError,
    SettingsError,
)
from parallel_animate.formats import CODECS, H264, LOSSLESS, codecs_of
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
X265 = "libx265"
VPX = "libvpx-vp9"
AOM = "libaom-av1"
# Segments in RGB are read once and need not be small.
# "good" is a deadline of libvpx.
DEFAULT_PRESETS = {
    X264: "veryfast",
    X264RGB: "ultrafast",
    X265: "fast",
    NVENC: "p4",
    VPX: "good",
}
PRESETS: dict[str, Sequence[str]] = {
    X264: X264_PRESETS,
    X264RGB: X264_PRESETS,
    X265: X264_PRESETS,
    NVENC: NVENC_PRESETS,
    VPX: ("good",),
}
# Encoders without presets.
NO_PRESET = ""
# The size of the probe's frames: above NVENC's minimum (145x49), and quick to encode.
PROBE_SIZE = (256, 256)
MAX_VP9_QUALITY = 63
X264_PARAMS = ("stitchable=1", "open_gop=0", "cpu-independent=1")
# One thread; every key frame is an IDR frame; no text about the encoder in the video.
X265_PARAMS = ("pools=none", "frame-threads=1", "open-gop=0", "info=0", "log-level=error")
# Apple's encoder writes the same name of the vendor; some editors expect it.
PRORES_4444 = ["-profile:v", "4444", "-vendor", "apl0"]
_HIGH_PROFILES = {"yuv420p": "high", "yuv422p": "high422", "yuv444p": "high444"}
_NVENC_PROFILES = {"yuv420p": "high", "yuv444p": "high444p"}


@dataclass(frozen=True)
class Encoder:
    """An encoder of an ffmpeg program.

    Parameters
    ----------
    name : str
        ffmpeg's name of it, such as "libx264", "h264_nvenc" or "libvpx-vp9".
    ffmpeg : str
        The ffmpeg program.
    build : str
        The identity of the ffmpeg build, as `build_of` returns it.
    preset : str
        The encoder's preset; empty if it has none.
    converts_alike : bool
        Whether frames may be converted to yuv420p before they are sent to ffmpeg, since the build
        would convert them to the same bytes.
    """

    name: str
    ffmpeg: str
    build: str
    preset: str
    converts_alike: bool = field(default=False, compare=False)


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
    if name != X264:
        return _chosen_codec_arguments(name, preset, settings)
    # Lossless libx264 works only in this profile, whatever the pixel format.
    profile = _HIGH_PROFILES[extra.pixel_format] if settings.quality else "high444"
    x264_params = (*X264_PARAMS, *extra.x264)
    return [
        *("-c:v", X264, "-preset", preset, "-crf", str(settings.quality)),
        *("-profile:v", profile, "-bf", str(extra.b_frames)),
        *("-threads", "1", "-x264-params", ":".join(x264_params), *extra.encode),
    ]


def _chosen_codec_arguments(name: str, preset: str, settings: VideoSettings) -> list[str]:
    """Return the arguments of an encoder whose codec was chosen."""
    pixel_format = CODECS[settings.codec].pixel_format
    arguments = {
        X265: [
            *("-preset", preset, "-crf", str(settings.quality), "-bf", "0"),
            # An x265 that was built for 8 bits refuses this profile; ffmpeg alone would go on.
            *("-profile:v", "main10" if "10" in pixel_format else "main"),
            # Apple's players need this name in MP4 files.
            *("-tag:v", "hvc1", "-x265-params", ":".join(X265_PARAMS)),
        ],
        AOM: [
            *("-crf", str(_quality_of_63(settings.quality)), "-b:v", "0", "-cpu-used", "6"),
            *("-g", "250", "-row-mt", "0"),
        ],
        # Every frame is a key frame.
        "ffv1": ["-level", "3", "-g", "1", "-slicecrc", "1"],
        "png": ["-pred", "mixed"],
        "prores_ks": PRORES_4444,
    }[name]
    return ["-pix_fmt", pixel_format, "-c:v", name, *arguments, "-threads", "1"]


def _quality_of_63(quality: int) -> int:
    """Return a quality on the scale of VP9 and AV1, which ends at 63; libx264's ends at 51."""
    return round(quality * MAX_VP9_QUALITY / MAX_QUALITY)


def vp9_arguments(settings: VideoSettings) -> list[str]:
    """Return the arguments of libvpx-vp9."""
    return [
        *(
            "-c:v",
            VPX,
            "-crf",
            str(_quality_of_63(settings.quality)),
            "-b:v",
            "0",
            "-deadline",
            "good",
            "-cpu-used",
            "4",
        ),
        # With alpha, libvpx encodes two pictures, and has no hidden ones.
        *("-auto-alt-ref", "0" if settings.keeps_alpha else "1", "-g", "250"),
        *("-row-mt", "0", "-threads", "1"),
    ]


def last_step_encoder(settings: VideoSettings) -> str:
    """Return the encoder that makes a movie from lossless segments."""
    chosen = settings.chosen_codec
    return chosen.encoder if chosen else settings.output.encoder


def last_step_arguments(settings: VideoSettings) -> list[str]:
    """Return the arguments of the encoder that makes a movie from lossless segments."""
    encoder = last_step_encoder(settings)
    arguments = {
        VPX: vp9_arguments(settings),
        "prores_ks": ["-c:v", encoder, *PRORES_4444, "-threads", "1"],
        "png": ["-c:v", encoder, "-pred", "mixed"],
        "libwebp_anim": ["-c:v", encoder, "-lossless", "1"],
    }.get(encoder, ["-c:v", encoder])
    pixel_format = last_step_pixel_format(settings)
    return [*arguments, *(["-pix_fmt", pixel_format] if pixel_format else [])]


def last_step_pixel_format(settings: VideoSettings) -> str:
    """Return the pixel format of a movie that is made from lossless segments.

    It is empty for a GIF, whose pixels are indices into a palette.
    """
    formats = {VPX: "yuva420p", "prores_ks": "yuva444p10le", "libwebp_anim": "bgra", "gif": ""}
    default = "rgba" if settings.keeps_alpha else "rgb24"
    return formats.get(last_step_encoder(settings), default)


def _last_step_fault(ffmpeg: str, settings: VideoSettings) -> str | None:
    """Return why the encoder of the last step does not work in an ffmpeg program."""
    if settings.is_joined:
        return None
    command = still_frames_command(ffmpeg, last_step_arguments(settings), PROBE_SIZE)
    (error,) = errors_of([command], ANSWER_SECONDS)
    return None if error is None else f"{last_step_encoder(settings)}: {_reason(error)}"


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
    names = _names(settings)
    pairs = [(name, ffmpeg) for name in names for ffmpeg in candidates()]
    reasons = _why_none(pairs, settings, size)
    failures: dict[str, list[str]] = {}
    for (name, ffmpeg), reason in zip(pairs, reasons, strict=True):
        fault = reason or _last_step_fault(ffmpeg, settings)
        if fault is None:
            return _chosen(name, ffmpeg, settings, size, failures)
        failures.setdefault(name, []).append(f"{ffmpeg}: {fault}")
    raise _unavailable(names, failures, None if settings.codec == H264 else settings)


def commands_to_choose(settings: VideoSettings) -> list[list[str]]:
    """Return the commands of which `choose_encoder` will want the output, to start them early."""
    programs = candidates()
    pairs = [(name, ffmpeg) for name in _names(settings) for ffmpeg in programs]
    # The first program mostly works, and a process asks it once.
    likely = programs[:1]
    return [
        *(_probe(name, ffmpeg, settings, PROBE_SIZE) for name, ffmpeg in pairs),
        *map(version_command, likely if not build_of.cache_info().currsize else []),
        *map(conversion_command, likely if _must_be_compared(settings) else []),
    ]


def _must_be_compared(settings: VideoSettings) -> bool:
    return _may_be_converted(settings) and not converts_alike.cache_info().currsize


def _may_be_converted(settings: VideoSettings) -> bool:
    """Return whether a movie's frames are encoded in the format that `yuv_frames` can make."""
    return settings.pixel_format == YUV420P and settings.backend == "ffmpeg"


def _names(settings: VideoSettings) -> tuple[str, ...]:
    """Return the encoders that can make a movie, best first."""
    if settings.codec == LOSSLESS:
        return (X264RGB,)
    if settings.codec != H264:
        return (CODECS[settings.codec].encoder,)
    return {"auto": (NVENC, X264), "gpu": (NVENC,), "cpu": (X264,)}[settings.mode]


def _preset_for(name: str, settings: VideoSettings) -> str:
    # In "auto", a preset of the other encoder must not make a working one look broken.
    default = DEFAULT_PRESETS.get(name, NO_PRESET)
    preset = settings.preset or default
    return preset if preset in PRESETS.get(name, ()) else default


def _chosen(
    name: str,
    ffmpeg: str,
    settings: VideoSettings,
    size: tuple[int, int],
    failures: dict[str, list[str]],
) -> Encoder:
    preset = settings.preset or DEFAULT_PRESETS.get(name, NO_PRESET)
    if preset not in PRESETS.get(name, (NO_PRESET,)):
        raise SettingsError(
            f"video_preset must be one of {', '.join(PRESETS[name])} for {name}, which video_mode "
            f"{settings.mode!r} chose; found {preset!r}. Leave video_preset out, or set video_mode."
        )
    is_alike = _may_be_converted(settings) and converts_alike(ffmpeg)
    encoder = Encoder(name, ffmpeg, build_of(ffmpeg), preset, is_alike)
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
    if settings.codec != H264:
        reason = f"the movie is a {settings.kind}"
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
    names: Sequence[str], failures: dict[str, list[str]], other: VideoSettings | None = None
) -> FFmpegError:
    """Return the error for encoders that do not work; ``other`` are settings of no H.264 movie."""
    tried = [line for name in names for line in failures.get(name, [])]
    if not tried:
        return FFmpegNotFoundError(
            "No ffmpeg was found. Install imageio-ffmpeg, put ffmpeg on the PATH, or set "
            "IMAGEIO_FFMPEG_EXE to the program."
        )
    if not any(_runs(ffmpeg) for ffmpeg in candidates()):
        return FFmpegNotFoundError("No ffmpeg works here. Tried:\n  " + "\n  ".join(tried))
    if other is not None:
        return EncoderUnavailableError(
            f"No ffmpeg here can write a {other.kind}. {_instead(other)}, or install another "
            "ffmpeg and set IMAGEIO_FFMPEG_EXE to it. Tried:\n  " + "\n  ".join(tried)
        )
    advice = "; use video_mode='cpu' or 'auto'" if tuple(names) == (NVENC,) else ""
    return EncoderUnavailableError(
        f"{names[-1]} does not work here{advice}. Tried:\n  " + "\n  ".join(tried)
    )


def _instead(settings: VideoSettings) -> str:
    """Return what a movie can be instead of what no ffmpeg here can write."""
    if settings.chosen_codec is None:
        return "Write another file, such as .mp4"
    fitting = [codec.name for codec in codecs_of(settings.output)]
    works = [name for name in working_codecs() if name in fitting]
    if not works:
        return "Leave codec out"
    return f"Codecs for a {settings.output.suffix} that work here: {', '.join(works)}. Choose one"


def working_codecs() -> list[str]:
    """Return the names of the codecs that an ffmpeg here can encode, each after two frames."""
    tried = [
        (codec, ffmpeg, replace(VideoSettings(Fraction(25)), chosen=codec.name))
        for codec in CODECS.values()
        for ffmpeg in candidates()
    ]
    commands = [
        _probe(codec.encoder, ffmpeg, settings, PROBE_SIZE) for codec, ffmpeg, settings in tried
    ]
    errors = errors_of(commands, ANSWER_SECONDS)
    works = {codec.name for (codec, _, _), error in zip(tried, errors, strict=True) if not error}
    return [name for name in CODECS if name in works]


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
