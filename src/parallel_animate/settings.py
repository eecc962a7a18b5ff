"""The settings of a movie: validated once, then frozen.

The config schema of the workflow is made from the same table. Knows nothing of how a setting is
carried out.
"""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from parallel_animate.errors import SettingsError
from parallel_animate.ffmpeg_options import ExtraParams, parse_extra_params
from parallel_animate.frame_rate import TimeGrid, format_fps, parse_fps
from parallel_animate.validation import check_choice, check_count, check_positive

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
DEFAULT_QUALITY = 20
MAX_QUALITY = 51


@dataclass(frozen=True)
class VideoSettings:
    """What is the same for all frames of a movie.

    Parameters
    ----------
    fps : Fraction
        Frames per second.
    mode : str
        "auto", "gpu" or "cpu".
    quality : int
        0 to 51.
    preset : str or None
        None: the chosen encoder's default.
    extra : ExtraParams
        Extra ffmpeg parameters.
    dpi : float or None
        Dots per inch; None: the figure's own.
    scale : float
        What dpi is multiplied with: below 1 for a smaller draft of a movie.
    reuse_figure_object : bool
        False: setup() before every frame.
    redraw : str
        "auto" or "full".
    backend : str
        "ffmpeg" or "pvio": what writes the segments.
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

    @property
    def grid(self) -> TimeGrid:
        """The times of the frames."""
        return TimeGrid(self.fps)


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
) -> VideoSettings:
    """Validate the settings of a movie; the names are those of ``Animator.make_video``.

    Raises
    ------
    SettingsError
        If a value cannot be used; the message says what was found and what is wanted.
    """
    check_choice("video_mode", video_mode, MODES)
    check_choice("redraw", redraw, REDRAWS)
    check_choice("video_backend", video_backend, BACKENDS)
    return VideoSettings(
        fps=parse_fps(fps),
        mode=video_mode,
        quality=_checked_quality(video_quality),
        preset=_checked_preset(video_preset, video_mode),
        extra=parse_extra_params(video_extra_ffmpeg_params),
        dpi=_dpi(savefig_params),
        reuse_figure_object=bool(reuse_figure_object),
        redraw=redraw,
        backend=video_backend,
        scale=check_positive("scale", scale),
    )


def _checked_quality(quality: int | None) -> int:
    if quality is None:
        return DEFAULT_QUALITY
    number = check_count("video_quality", quality, minimum=0)
    if number > MAX_QUALITY:
        raise SettingsError(f"video_quality must be 0 to {MAX_QUALITY}, found {quality!r}.")
    return number


def _checked_preset(preset: str | None, mode: str) -> str | None:
    if preset is not None:
        families = {"cpu": X264_PRESETS, "gpu": NVENC_PRESETS}
        check_choice("video_preset", preset, families.get(mode, X264_PRESETS + NVENC_PRESETS))
    return preset


def _dpi(savefig_params: Mapping[str, Any] | None) -> float | None:
    params = dict(savefig_params or {})
    dpi = params.pop("dpi", None)
    if params.pop("bbox_inches", None) is not None:
        logger.warning(
            "savefig_params: bbox_inches is ignored, since all frames of a movie have one size; "
            "use Figure(layout='constrained') or fig.subplots_adjust() to trim the margins."
        )
    if params:
        logger.warning(
            "savefig_params: only 'dpi' is used; ignored: %s.", ", ".join(sorted(map(str, params)))
        )
    if dpi is None or dpi == "figure":
        return None
    return check_positive("savefig_params['dpi']", dpi)


def describe_settings(settings: VideoSettings) -> dict[str, Any]:
    """Return the settings that decide the bytes of a segment, as plain values."""
    extra = settings.extra
    return {
        "fps": format_fps(settings.fps),
        "quality": settings.quality,
        "extra": [*extra.encode, *extra.x264, extra.pixel_format, str(extra.b_frames)],
        "dpi": [settings.dpi, settings.scale],
        "backend": settings.backend,
        "reuse_figure_object": settings.reuse_figure_object,
    }
