"""The schema of the config: its keys, their types and defaults, in one table."""

from typing import Any

import yaml

from parallel_animate.encode.supplements import POSTER_SUFFIXES
from parallel_animate.formats import CODECS, FORMATS, MP4
from parallel_animate.settings import (
    BACKENDS,
    DEFAULT_QUALITY,
    MAX_QUALITY,
    MODES,
    NVENC_PRESETS,
    REDRAWS,
    X264_PRESETS,
)

ORDERS = ("any", "in_order")
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
        "description": "Keyword arguments for the class.",
    },
    "params": {
        "type": "string",
        "pattern": "^.+:.+$",
        "description": "The frames: file.py:name of an iterable, of an object with a length "
        "and items, or of a function that returns either.",
    },
    "inputs": {
        "type": "array",
        "items": {"type": "string"},
        "default": [],
        "description": "Files that setup() or update() read; if their content changes, the movie "
        "is rendered again.",
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
        "description": "Render only this many frames, from the first.",
    },
    "chunk_size": {
        "anyOf": [{"type": "integer", "minimum": 1}, {"const": "auto"}],
        "default": "auto",
        "description": "Frames per job and segment; auto chooses a size once and keeps it.",
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
        "description": "Render every Nth frame at 1/N of the frame rate.",
    },
    "scale": {
        "type": "number",
        "exclusiveMinimum": 0,
        "default": 1,
        "description": "Factor for dpi: 0.5 gives frames of half the width and height.",
    },
    "output": {
        "enum": list(FORMATS),
        "default": MP4.name,
        "description": "The kind of file, results/NAME.OUTPUT; png: a folder of numbered pictures, "
        "results/NAME/frames.",
    },
    "outputs": {
        "type": "array",
        "items": {"type": "string", "enum": list(FORMATS)},
        "minItems": 1,
        "description": "Instead of output: several kinds of files, whose frames are drawn once. "
        "codec, video_quality and other keys of the encoder are for the first one.",
    },
    "transparent": {
        "type": "boolean",
        "default": False,
        "description": "true: draw without backgrounds; mov, webm, gif, webp, apng and png keep "
        "it, elsewhere frames are composited over white.",
    },
    "codec": {
        "enum": list(CODECS),
        "description": "The video codec, if it is not the usual one of the kind of file. Each kind "
        "of file can hold some of them.",
    },
    "video_mode": {
        "enum": list(MODES),
        "default": "auto",
        "description": "gpu: NVENC or an error; cpu: libx264; auto: NVENC if it works, otherwise "
        "libx264.",
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
        "description": "Words added to the encode command of ffmpeg.",
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
    "order": {
        "enum": list(ORDERS),
        "default": "any",
        "description": "in_order: render from the first frame to the last, as one chunk in one "
        "job, for an update() that depends on the frame before.",
    },
    "order_check": {
        "type": "boolean",
        "default": True,
        "description": "false: render in chunks even if update() depends on the frame before, "
        "although frames are then wrong.",
    },
    "video_backend": {
        "enum": list(BACKENDS),
        "default": "ffmpeg",
        "description": "The program or library that writes the segments.",
    },
    "title": {"type": "string", "description": "A text in the file, like author and comment."},
    "author": {"type": "string", "description": "A text in the file."},
    "comment": {"type": "string", "description": "A text in the file."},
    "chapters": {
        "type": "array",
        "items": {
            "type": "array",
            "prefixItems": [{"type": "integer", "minimum": 0}, {"type": "string"}],
            "minItems": 2,
            "maxItems": 2,
        },
        "default": [],
        "description": "Frame id and name of each chapter: [[0, Calm], [120, Storm]].",
    },
    "captions": {"type": "string", "description": "An SRT or WebVTT file."},
    "audio": {
        "type": "string",
        "description": "A file with sound, which is cut or padded to the movie's length.",
    },
    "poster": {
        "enum": [suffix.removeprefix(".") for suffix in POSTER_SUFFIXES],
        "description": "Write a frame as a picture, results/NAME.POSTER.",
    },
    "poster_frame": {
        "type": "integer",
        "minimum": 0,
        "default": 0,
        "description": "Id of the frame on the poster.",
    },
}


REQUIRED_MOVIE_KEYS = ("animator", "params", "fps")
# A movie's name becomes the name of folders and files, and a Snakemake wildcard.
MOVIE_NAME_PATTERN = "^[A-Za-z0-9][A-Za-z0-9_.-]*$"
# The workflow adds other files of a movie with `outputs`, named as in "wave+gif".
FILE_NAME_PATTERN = f"{MOVIE_NAME_PATTERN.removesuffix('$')}([+]({'|'.join(FORMATS)}))?$"
# A job cannot last longer than a year.
MOST_MINUTES = 525_600
# Keys next to "movies": the length and size of cluster jobs. They affect no byte of a movie.
JOB_SCHEMA: dict[str, dict[str, Any]] = {
    "job_minutes": {
        "type": "number",
        "exclusiveMinimum": 0,
        "maximum": MOST_MINUTES,
        "description": "On a cluster: roughly how many minutes a job lasts. A job renders several "
        "chunks if they are shorter, and chunk_size auto uses it, too (default there: 5).",
    },
    "cores_per_job": {
        "type": "integer",
        "minimum": 1,
        "description": "On a cluster: number of chunks that a job renders at a time, each on its "
        "own core (default there: 1).",
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
                "propertyNames": {"pattern": FILE_NAME_PATTERN},
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


class _Dumper(yaml.SafeDumper):
    def ignore_aliases(self, data: Any) -> bool:
        return True


def format_schema() -> str:
    """Return the JSON schema of the config as text, for workflow/schemas/config.schema.yaml."""
    header = "# Made by 'make schema' from pipeline/schema.py; a test compares the two.\n"
    return header + yaml.dump(config_schema(), Dumper=_Dumper, sort_keys=False, width=95)
