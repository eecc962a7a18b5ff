"""A movie's plan, plan.json: its chunks, and the files and versions it was made from.

The Snakefile imports this module at every start, so it imports neither matplotlib nor user code.
"""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any

from parallel_animate.atomic_files import remove_file, replace_text
from parallel_animate.encode.encoders import NVENC
from parallel_animate.formats import MP4
from parallel_animate.frame_rate import parse_fps, thinned_fps
from parallel_animate.project.work_files import Found, examine, parse_sealed_json, sealed_json
from parallel_animate.project.work_folder import WorkFolder, listing

logger = logging.getLogger(__name__)

# Raise this when the form of plan.json changes; movies with an older plan are then planned again.
PLAN_FORMAT = 3


@dataclass(frozen=True)
class Cost:
    """The cost of rendering a movie, measured where it was planned; 0 means unknown.

    It affects the time and size of jobs, but no byte of the movie.

    Parameters
    ----------
    setup_seconds : float
        Seconds until the first frame of a chunk is drawn.
    frame_seconds : float
        Seconds to draw and encode a frame.
    memory_mb : int
        Memory of a rendering process and its ffmpeg, in megabytes.
    """

    setup_seconds: float = 0.0
    frame_seconds: float = 0.0
    memory_mb: int = 0


@dataclass(frozen=True)
class Plan:
    """A movie's parts, and the inputs they were planned from.

    Parameters
    ----------
    movie : str
        The movie's name.
    config : mapping
        The movie's entry in the config file.
    recipe, join : str
        Names of the recipe and of the join file, which are digests.
    encoder : mapping
        The encoder's name, build, preset, program, and whether it converts as this package does.
    extradata : str
        The extradata of every segment.
    size : sequence of int
        Width and height in pixels.
    chunk_size : int
        Frames per chunk.
    chunks : sequence of (str, int)
        Name and number of frames of every chunk, in playing order.
    files : mapping
        Files and folders that planning read: path -> digest of the content or of the listing, as
        they were when planning read them.
    versions : mapping
        Versions of packages, and the ffmpeg programs that could be chosen.
    cost : Cost
        The cost of rendering the movie.
    drawing : str
        The digest of what affects the pixels of its frames, except their params; empty in a plan of
        an older version.
    """

    movie: str
    config: Mapping[str, Any]
    recipe: str
    join: str
    encoder: Mapping[str, Any]
    extradata: str
    size: tuple[int, int]
    chunk_size: int
    chunks: tuple[tuple[str, int], ...]
    files: Mapping[str, str]
    versions: Mapping[str, Any]
    cost: Cost = field(default_factory=Cost)
    drawing: str = ""

    @property
    def uses_gpu(self) -> bool:
        """Whether the segments are encoded on a GPU."""
        return bool(self.encoder["name"] == NVENC)

    @property
    def output(self) -> str:
        """The name of the movie's format, which is the suffix of its file without the dot."""
        return str(self.config.get("output", MP4.name))

    @property
    def poster(self) -> str:
        """The name of the poster, next to the movie; empty if there is none."""
        return poster_name(self.movie, self.config)

    @property
    def fps(self) -> Fraction:
        """Frames per second of the movie."""
        return thinned_fps(parse_fps(self.config["fps"]), self.config.get("every", 1))

    @property
    def n_frames(self) -> int:
        """Number of frames in the movie."""
        return sum(count for _, count in self.chunks)


def poster_name(movie: str, config: Mapping[str, Any]) -> str:
    """Return the name of the poster of a movie in the config; empty if there is none."""
    return f"{movie}.{config['poster']}" if "poster" in config else ""


def read_plan(folder: Path) -> Plan | None:
    """Return the plan in a movie's folder, or None if it has no plan of the current form."""
    found = examine_plan(folder)
    if found.fault:
        # Planning again makes a new one, and every segment stays.
        logger.warning("%s %s. It counts as missing.", WorkFolder(folder).plan, found.fault)
    return found.content


def examine_plan(folder: Path) -> Found[Plan]:
    """Read the plan in a movie's folder, which must be that of this movie."""
    path = WorkFolder(folder).plan

    def parse(data: bytes) -> Plan:
        content = parse_sealed_json(path, data)
        if content.pop("format") != PLAN_FORMAT:
            raise ValueError("it was written by another version of parallel-animate")
        if content["movie"] != folder.name:
            raise ValueError(f"it is the plan of movie {content['movie']!r}")
        content["size"] = tuple(content["size"])
        content["chunks"] = tuple((name, count) for name, count in content["chunks"])
        content["cost"] = Cost(**content.get("cost", {}))
        return Plan(**content)

    return examine(path, parse)


def joined_name(folder: Path) -> str:
    """Return the name of the join file that the movie was joined from; empty if there is none."""
    return examine_joined(folder).content or ""


def examine_joined(folder: Path) -> Found[str]:
    """Read which join file the movie was joined from."""

    def parse(data: bytes) -> str:
        name = data.decode("ascii").strip()
        if not name.isprintable():
            raise ValueError("it holds no name of a join file")
        return name

    return examine(WorkFolder(folder).joined, parse)


def read_valid_plan(folder: Path) -> Plan | None:
    """Return the plan in a movie's folder, or None if the last attempt to plan the movie failed."""
    return None if has_failed(folder) else read_plan(folder)


def has_failed(folder: Path) -> bool:
    """Return whether the last attempt to plan a movie failed."""
    return WorkFolder(folder).plan_failure.is_file()


def write_plan(folder: Path, plan: Plan) -> None:
    """Replace the plan in a movie's folder, in one step."""
    path = WorkFolder(folder).plan
    replace_text(path, sealed_json(path, {"format": PLAN_FORMAT, **asdict(plan)}))
    remove_file(WorkFolder(folder).plan_failure)


def missing_chunks(folder: Path, chunks: Sequence[tuple[str, int]]) -> list[tuple[str, int]]:
    """Return the chunks without a segment, each with its number of frames.

    This lists the segments' folder once, and opens no segment.
    """
    segments = set(listing(WorkFolder(folder).segments))
    return [(name, count) for name, count in chunks if f"{name}.mp4" not in segments]
