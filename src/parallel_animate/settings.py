"""The settings of a movie: validated once, then frozen.

The config schema of the workflow is made from the same table. Knows nothing of how a setting is
carried out.
"""

import difflib
import logging
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from numbers import Real
from typing import Any

from parallel_animate.errors import SettingsError
from parallel_animate.ffmpeg_options import ExtraParams, parse_extra_params
from parallel_animate.frame_rate import TimeGrid, format_fps, parse_fps
from parallel_animate.inputs.frames import check_count

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
        scale=_positive("scale", scale),
    )


def check_choice(name: str, value: object, choices: Sequence[str]) -> None:
    """Raise SettingsError unless the value is one of the choices."""
    if value not in choices:
        raise SettingsError(
            f"{name} must be one of {', '.join(choices)}; found {value!r}."
            + did_you_mean(value, choices)
        )


def did_you_mean(word: object, choices: Iterable[str]) -> str:
    """Return a hint at the choice that is nearest to a word, or nothing."""
    nearest = difflib.get_close_matches(str(word), list(choices), n=1)
    return f" Did you mean {nearest[0]!r}?" if nearest else ""


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
    return _positive("savefig_params['dpi']", dpi)


def _positive(name: str, value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, Real) or not 0 < float(value) < math.inf:
        raise SettingsError(f"{name} must be a positive number, found {value!r}.")
    return float(value)


_FPS_PATTERN = r"^[0-9]+(\.[0-9]+)?(/[0-9]+)?$"

# The keys of a movie in the config file: name -> JSON schema.
MOVIE_SCHEMA: dict[str, dict[str, Any]] = {
    "animator": {
        "type": "string",
        "pattern": "^.+:.+$",
        "description": "The Animator subclass: file.py:Class or package.module:Class.",
    },
    "kwargs": {
        "type": "object",
        "default": {},
        "description": "Keyword arguments that the class is called with.",
    },
    "params": {
        "type": "string",
        "pattern": "^.+:.+$",
        "description": "The frames: file.py:name of an iterable, of an object with a length "
        "and items, or of a function returning one of them.",
    },
    "inputs": {
        "type": "array",
        "items": {"type": "string"},
        "default": [],
        "description": "Files that setup() or update() read; a change of content renders anew.",
    },
    "fps": {
        "anyOf": [
            {"type": "number", "exclusiveMinimum": 0},
            {"type": "string", "pattern": _FPS_PATTERN},
        ],
        "description": "Frames per second: 30, 29.97 or '30000/1001'.",
    },
    "n_frames": {
        "type": "integer",
        "minimum": 1,
        "description": "Render only the first so many frames.",
    },
    "chunk_size": {
        "anyOf": [{"type": "integer", "minimum": 1}, {"const": "auto"}],
        "default": "auto",
        "description": "Frames per job and segment; auto is decided once and kept.",
    },
    "savefig_params": {
        "type": "object",
        "properties": {"dpi": {"type": "number", "exclusiveMinimum": 0}},
        "default": {},
        "description": "dpi: dots per inch.",
    },
    "every": {
        "type": "integer",
        "minimum": 1,
        "default": 1,
        "description": "Take every so manieth frame, at a rate that is as much lower.",
    },
    "scale": {
        "type": "number",
        "exclusiveMinimum": 0,
        "default": 1,
        "description": "What dpi is multiplied with: 0.5 gives frames of half the size.",
    },
    "video_mode": {
        "enum": list(MODES),
        "default": "auto",
        "description": "gpu: NVENC or an error; cpu: libx264; auto: NVENC where it works.",
    },
    "video_quality": {
        "type": "integer",
        "minimum": 0,
        "maximum": MAX_QUALITY,
        "default": DEFAULT_QUALITY,
        "description": "0 (best) to 51 (worst).",
    },
    "video_preset": {
        "enum": [*X264_PRESETS, *NVENC_PRESETS],
        "description": "libx264: ultrafast to placebo (veryfast); NVENC: p1 to p7 (p4).",
    },
    "video_extra_ffmpeg_params": {
        "type": "array",
        "items": {"type": "string"},
        "default": [],
        "description": "Appended to the encode command.",
    },
    "reuse_figure_object": {
        "type": "boolean",
        "default": True,
        "description": "false: call setup() for every frame.",
    },
    "redraw": {
        "enum": list(REDRAWS),
        "default": "auto",
        "description": "full: draw the whole figure for every frame.",
    },
    "order_check": {
        "type": "boolean",
        "default": True,
        "description": "false: render although update() depends on the frame before.",
    },
    "video_backend": {
        "enum": list(BACKENDS),
        "default": "ffmpeg",
        "description": "What writes the segments.",
    },
}
REQUIRED_MOVIE_KEYS = ("animator", "params", "fps")
# The keys that video_settings takes.
VIDEO_KEYS = (
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
)
# A movie's name becomes folder and file names, and a wildcard of Snakemake.
MOVIE_NAME_PATTERN = "^[A-Za-z0-9][A-Za-z0-9_.-]*$"

# Keys beside "movies": how long and how large the jobs of a cluster are. They decide no byte.
JOB_SCHEMA: dict[str, dict[str, Any]] = {
    "job_minutes": {
        "type": "number",
        "exclusiveMinimum": 0,
        "description": "On a cluster: about how long a job lasts; it renders several chunks if "
        "they are shorter, and chunk_size auto aims at it (default there: 5).",
    },
    "cores_per_job": {
        "type": "integer",
        "minimum": 1,
        "description": "On a cluster: chunks that a job renders at a time, each on a core of its "
        "own (default there: 1).",
    },
}


def config_schema() -> dict[str, Any]:
    """Return the JSON schema of the workflow's config file."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "parallel-animate config",
        "description": "The movies that the workflow renders.",
        "type": "object",
        "required": ["movies"],
        "properties": {
            "movies": {
                "type": "object",
                "minProperties": 1,
                "propertyNames": {"pattern": MOVIE_NAME_PATTERN},
                "additionalProperties": {
                    "type": "object",
                    "required": list(REQUIRED_MOVIE_KEYS),
                    "additionalProperties": False,
                    "properties": MOVIE_SCHEMA,
                },
            },
            **JOB_SCHEMA,
        },
    }


def check_movie_keys(name: str, movie: object) -> None:
    """Raise SettingsError if a movie of the config lacks a key or has one that is not known."""
    if not isinstance(movie, Mapping):
        raise SettingsError(f"movie {name!r} must be a mapping of keys to values, found {movie!r}.")
    for key in movie:
        if key not in MOVIE_SCHEMA:
            raise SettingsError(
                f"movie {name!r}: unknown key {key!r}."
                + (did_you_mean(key, MOVIE_SCHEMA) or f" Known keys: {', '.join(MOVIE_SCHEMA)}.")
            )
    for key in REQUIRED_MOVIE_KEYS:
        if key not in movie:
            raise SettingsError(f"movie {name!r}: the key {key!r} is missing.")


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
