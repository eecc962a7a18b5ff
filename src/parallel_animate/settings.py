"""A movie's settings: validated once, then frozen.

The workflow's config schema is made from the same table. This module does not act on the settings.
"""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from os import PathLike
from typing import Any

from parallel_animate.errors import SettingsError
from parallel_animate.ffmpeg_options import ExtraParams, parse_extra_params
from parallel_animate.formats import (
    CODECS,
    FORMATS,
    H264,
    LOSSLESS,
    MP4,
    Codec,
    OutputFormat,
    check_rate,
    chosen_codec,
)
from parallel_animate.frame_rate import TimeGrid, format_fps, parse_fps
from parallel_animate.validation import (
    check_choice,
    check_count,
    check_flag,
    check_path,
    check_positive,
    in_words,
)

logger = logging.getLogger(__name__)

MODES = ("auto", "gpu", "cpu")
REDRAWS = ("auto", "full")
BACKENDS = ("ffmpeg", "pvio")
# libx264's own presets, fastest first (x264 --help).
X264_PRESETS = [
    *("ultrafast", "superfast", "veryfast", "faster", "fast", "medium"),
    *("slow", "slower", "veryslow", "placebo"),
]
NVENC_PRESETS = [f"p{level}" for level in range(1, 8)]
# Formats besides H.264 whose encoder has a quality.
WITH_QUALITY = ("webm",)
DEFAULT_QUALITY = 20
MAX_QUALITY = 51


@dataclass(frozen=True)
class VideoSettings:
    """The settings that all frames of a movie share.

    Parameters
    ----------
    fps : Fraction
        Frames per second.
    mode : str
        "auto", "gpu" or "cpu".
    quality : int
        0 to 51.
    preset : str or None
        None means the chosen encoder's default.
    extra : ExtraParams
        Extra ffmpeg parameters.
    dpi : float or None
        Dots per inch; None means the figure's own.
    scale : float
        Factor for dpi: below 1 for a smaller draft of a movie.
    reuse_figure_object : bool
        False calls setup() before every frame.
    redraw : str
        "auto" or "full".
    backend : str
        "ffmpeg" or "pvio": the program or library that writes the segments.
    output : OutputFormat
        The kind of the file.
    transparent : bool
        True draws figures and axes without their backgrounds.
    chosen : str or None
        The name of the movie's codec, if it is not the usual one of the kind of file.
    """

    fps: Fraction
    mode: str = "auto"
    quality: int = DEFAULT_QUALITY
    preset: str | None = None
    extra: ExtraParams = field(default_factory=ExtraParams)
    dpi: float | None = None
    reuse_figure_object: bool = True
    redraw: str = "auto"
    backend: str = "ffmpeg"
    scale: float = 1.0
    output: OutputFormat = MP4
    transparent: bool = False
    chosen: str | None = None

    @property
    def grid(self) -> TimeGrid:
        """The times of the frames."""
        return TimeGrid(self.fps)

    @property
    def chosen_codec(self) -> Codec | None:
        """The movie's codec, if it is not the usual one of the kind of file."""
        return CODECS[self.chosen] if self.chosen else None

    @property
    def keeps_alpha(self) -> bool:
        """Whether the pixels of frames have alpha; otherwise they are opaque."""
        if not self.transparent or self.chosen_codec is None:
            return self.transparent and self.output.has_alpha
        return bool(self.chosen_codec.alpha_pixel_format)

    @property
    def pixel_format(self) -> str:
        """ffmpeg's name of the pixel format of the segments."""
        if self.codec == H264:
            return self.extra.pixel_format
        return "rgb24" if self.codec == LOSSLESS else CODECS[self.codec].pixel_format

    @property
    def codec(self) -> str:
        """The codec of the segments."""
        if self.keeps_alpha:
            return LOSSLESS
        chosen = self.chosen_codec
        return self.output.codec if chosen is None else chosen.segments or chosen.name

    @property
    def is_joined(self) -> bool:
        """Whether the movie holds the packets of its segments, byte for byte."""
        return not self.keeps_alpha and (bool(self.chosen) or self.codec != LOSSLESS)

    @property
    def kind(self) -> str:
        """The kind of movie in words, for messages: ".mov with PNG", ".gif with transparency"."""
        codec = f" with {self.chosen_codec.title}" if self.chosen_codec else ""
        alpha = f"{' and' if codec else ' with'} transparency" if self.keeps_alpha else ""
        return f"{self.output.suffix}{codec}{alpha}"

    @property
    def largest_side(self) -> int:
        """The largest width and height of a movie of this kind in pixels."""
        most = self.output.largest_side
        return min(most, self.chosen_codec.largest_side) if self.chosen_codec else most


def video_settings(
    *,
    fps: object,
    video_mode: str = "auto",
    video_quality: int | None = None,
    video_preset: str | None = None,
    video_extra_ffmpeg_params: Sequence[str] | str | None = None,
    savefig_params: Mapping[str, Any] | None = None,
    reuse_figure_object: bool = True,
    redraw: str = "auto",
    video_backend: str = "ffmpeg",
    scale: float = 1.0,
    output: str = MP4.name,
    transparent: bool = False,
    codec: str | None = None,
) -> VideoSettings:
    """Validate a movie's settings, named as in ``Animator.make_video``.

    Raises
    ------
    SettingsError
        If a value cannot be used; the message names the value found and the values allowed.
    """
    check_choice("video_mode", video_mode, MODES)
    check_choice("redraw", redraw, REDRAWS)
    check_choice("video_backend", video_backend, BACKENDS)
    check_choice("output", output, list(FORMATS))
    dpi, is_transparent = _savefig_values(savefig_params)
    transparent = check_flag("transparent", transparent) or is_transparent
    settings = VideoSettings(
        fps=parse_fps(fps),
        mode=video_mode,
        quality=_checked_quality(video_quality),
        preset=_checked_preset(video_preset, video_mode),
        extra=parse_extra_params(video_extra_ffmpeg_params),
        dpi=dpi,
        reuse_figure_object=check_flag("reuse_figure_object", reuse_figure_object),
        redraw=redraw,
        backend=video_backend,
        scale=check_positive("scale", scale),
        output=FORMATS[output],
        transparent=transparent,
        chosen=chosen_codec(FORMATS[output], codec, transparent=transparent),
    )
    _check_output(settings, video_quality)
    return settings


def settings_of_another_file(settings: VideoSettings, output: OutputFormat) -> VideoSettings:
    """Return the settings of another file that shows the same frames as the movie of these.

    Whatever decides the drawing is the same; codec, quality, preset and options of ffmpeg are what
    is usual for the format.

    Raises
    ------
    SettingsError
        If the format cannot show the frames as they are drawn, or not at their rate.
    """
    other = VideoSettings(
        fps=settings.fps,
        dpi=settings.dpi,
        scale=settings.scale,
        reuse_figure_object=settings.reuse_figure_object,
        redraw=settings.redraw,
        transparent=settings.transparent,
        output=output,
    )
    check_rate(output, settings.fps)
    if other.keeps_alpha != settings.keeps_alpha:
        pair = (settings, other) if settings.keeps_alpha else (other, settings)
        raise SettingsError(
            f"A {pair[0].kind} keeps transparent pixels, and a {pair[1].output.suffix} shows them "
            "over white, so frames cannot be drawn once for both. Write them one after the other, "
            "or leave transparent out."
        )
    # NVENC or libx264, as for the first file.
    return replace(other, mode=settings.mode) if other.codec == H264 else other


def _check_output(settings: VideoSettings, quality: int | None) -> None:
    """Raise SettingsError if settings do not fit the kind of file."""
    check_rate(settings.output, settings.fps)
    if settings.codec == H264:
        return
    kind, extra = settings.kind, settings.extra
    if settings.mode == "gpu":
        raise SettingsError(
            f"video_mode='gpu' encodes H.264, and {kind} has another codec; use 'auto' or 'cpu'."
        )
    if settings.backend != "ffmpeg":
        raise SettingsError(
            f"video_backend={settings.backend!r} writes H.264, and {kind} has another codec; use "
            "'ffmpeg'."
        )
    if extra != ExtraParams(join=extra.join):
        raise SettingsError(
            f"video_extra_ffmpeg_params are for H.264, and {kind} has another codec; only "
            "-metadata can be used."
        )
    chosen = settings.chosen_codec
    if settings.preset is not None:
        _check_preset_of(chosen, settings.preset, kind)
    has_quality = chosen.has_quality if chosen else settings.output.name in WITH_QUALITY
    if quality is not None and not has_quality:
        codecs = [codec.name for codec in CODECS.values() if codec.has_quality]
        raise SettingsError(
            f"video_quality is for the codecs {', '.join(codecs)}; {kind} has no such setting, so "
            "leave it out."
        )


def _check_preset_of(chosen: Codec | None, preset: str, kind: str) -> None:
    """Raise SettingsError if a codec other than H.264 does not have a preset."""
    if chosen is None or not chosen.has_preset:
        codecs = [codec.name for codec in CODECS.values() if codec.has_preset]
        raise SettingsError(
            f"video_preset is for the codecs {', '.join(codecs)}, and {kind} has another codec; "
            "leave it out."
        )
    check_choice(f"video_preset for {chosen.title}", preset, X264_PRESETS)


@dataclass(frozen=True, kw_only=True)
class RenderOptions:
    """The parameters of ``Animator.make_video`` except the animator, the output and the params.

    Names, defaults and meanings are the same as there; `scale` comes from the config.

    Raises
    ------
    SettingsError
        If a value cannot be used, as soon as the object is made.
    """

    fps: Any
    n_frames: int | None = None
    num_workers: int = -1
    disable_progress_bar: bool | None = None
    plotting_log_interval: int | None = None
    saving_log_interval: int | None = None
    savefig_params: Mapping[str, Any] | None = None
    video_mode: str = "auto"
    video_quality: int | None = None
    video_preset: str | None = None
    video_extra_ffmpeg_params: Sequence[str] | str | None = None
    reuse_figure_object: bool = True
    preload_factor: int = 8
    chunk_size: int | None = None
    work_dir: str | PathLike[str] | None = None
    redraw: str = "auto"
    video_backend: str = "ffmpeg"
    scale: float = 1.0
    output: str = MP4.name
    transparent: bool = False
    title: str | None = None
    author: str | None = None
    comment: str | None = None
    chapters: Sequence[tuple[int, str]] | None = None
    captions: str | PathLike[str] | None = None
    audio: str | PathLike[str] | None = None
    poster: str | PathLike[str] | None = None
    poster_frame: int = 0
    codec: str | None = None
    also: Any = None
    settings: VideoSettings = field(init=False, repr=False)

    def __post_init__(self) -> None:
        settings = video_settings(**{name: getattr(self, name) for name in VIDEO_OPTIONS})
        object.__setattr__(self, "settings", settings)
        check_count("preload_factor", self.preload_factor)
        if self.disable_progress_bar is not None:
            check_flag("disable_progress_bar", self.disable_progress_bar)
        if self.work_dir is not None:
            object.__setattr__(self, "work_dir", check_path("work_dir", self.work_dir))
        for name in COUNTS:
            if (value := getattr(self, name)) is not None:
                check_count(name, value)


# The options for drawing and encoding frames: the parameters of `video_settings`.
VIDEO_OPTIONS = (
    "fps",
    "savefig_params",
    "video_mode",
    "video_quality",
    "video_preset",
    "video_extra_ffmpeg_params",
    "reuse_figure_object",
    "redraw",
    "video_backend",
    "scale",
    "output",
    "transparent",
    "codec",
)
COUNTS = ("n_frames", "plotting_log_interval", "saving_log_interval", "chunk_size")


def _checked_quality(quality: int | None) -> int:
    if quality is None:
        return DEFAULT_QUALITY
    number = check_count("video_quality", quality, minimum=0)
    if number > MAX_QUALITY:
        raise SettingsError(f"video_quality must be 0 to {MAX_QUALITY}, found {in_words(quality)}.")
    return number


def _checked_preset(preset: str | None, mode: str) -> str | None:
    if preset is not None:
        families = {"cpu": X264_PRESETS, "gpu": NVENC_PRESETS}
        check_choice("video_preset", preset, families.get(mode, X264_PRESETS + NVENC_PRESETS))
    return preset


def _savefig_values(savefig_params: Mapping[str, Any] | None) -> tuple[float | None, bool]:
    """Return dpi and transparent."""
    if savefig_params is not None and not isinstance(savefig_params, Mapping):
        raise SettingsError(
            "savefig_params must be a mapping such as {'dpi': 100}, found "
            f"{in_words(savefig_params)}."
        )
    params = dict(savefig_params or {})
    dpi = params.pop("dpi", None)
    transparent = params.pop("transparent", None)
    is_transparent = transparent is not None and check_flag(
        "savefig_params['transparent']", transparent
    )
    if params.pop("bbox_inches", None) is not None:
        logger.warning(
            "savefig_params: bbox_inches is ignored, since all frames have the same size; "
            "use Figure(layout='constrained') or fig.subplots_adjust() to trim the margins."
        )
    if params:
        logger.warning(
            "savefig_params: only 'dpi' and 'transparent' are used; ignored: %s.",
            ", ".join(sorted(map(str, params))),
        )
    if dpi is None or (isinstance(dpi, str) and dpi == "figure"):
        return None, is_transparent
    return check_positive("savefig_params['dpi']", dpi), is_transparent


def describe_drawing_settings(settings: VideoSettings) -> dict[str, Any]:
    """Return the settings that affect the pixels that are encoded, as plain values."""
    alpha = settings.transparent and ("kept" if settings.keeps_alpha else "over white")
    return {
        "dpi": [settings.dpi, settings.scale],
        "reuse_figure_object": settings.reuse_figure_object,
        "transparent": alpha,
    }


def describe_settings(settings: VideoSettings) -> dict[str, Any]:
    """Return the settings that affect a segment's bytes, as plain values."""
    extra = settings.extra
    # Only what differs from a movie in H.264, so that its segments keep their names.
    others: dict[str, Any] = {}
    if settings.codec != H264:
        others["codec"] = settings.codec
    if settings.transparent:
        others["transparent"] = "kept" if settings.keeps_alpha else "over white"
    return {
        "fps": format_fps(settings.fps),
        "quality": 0 if settings.codec == LOSSLESS else settings.quality,
        "extra": [*extra.encode, *extra.x264, extra.pixel_format, str(extra.b_frames)],
        "dpi": [settings.dpi, settings.scale],
        "backend": settings.backend,
        "reuse_figure_object": settings.reuse_figure_object,
        **others,
    }
