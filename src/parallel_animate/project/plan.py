"""A movie's plan, plan.json: its chunks, and the files and versions it was made from.

The Snakefile imports this module at every start, so it imports neither matplotlib nor user code.
"""

import json
import logging
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from parallel_animate.atomic_files import replace_text
from parallel_animate.encode.encoders import NVENC
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
        The encoder's name, build, preset and program.
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
    """

    movie: str
    config: Mapping[str, Any]
    recipe: str
    join: str
    encoder: Mapping[str, str]
    extradata: str
    size: tuple[int, int]
    chunk_size: int
    chunks: tuple[tuple[str, int], ...]
    files: Mapping[str, str]
    versions: Mapping[str, Any]
    cost: Cost = field(default_factory=Cost)

    @property
    def uses_gpu(self) -> bool:
        """Whether the segments are encoded on a GPU."""
        return self.encoder["name"] == NVENC

    @property
    def n_frames(self) -> int:
        """Number of frames in the movie."""
        return sum(count for _, count in self.chunks)


def read_plan(folder: Path) -> Plan | None:
    """Return the plan in a movie's folder, or None if it has no plan of the current form."""
    try:
        content = json.loads(WorkFolder(folder).plan.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    if not isinstance(content, dict) or content.pop("format", None) != PLAN_FORMAT:
        return None
    try:
        content["size"] = tuple(content["size"])
        content["chunks"] = tuple((name, count) for name, count in content["chunks"])
        content["cost"] = Cost(**content.get("cost", {}))
        return Plan(**content)
    except (LookupError, TypeError, ValueError) as error:
        # Planning again makes a new one, and every segment stays.
        logger.warning("The plan in %s cannot be read, so it counts as missing: %s", folder, error)
        return None


def joined_name(folder: Path) -> str:
    """Return the name of the join file that the movie was joined from; empty if there is none."""
    try:
        return WorkFolder(folder).joined.read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        return ""


def read_valid_plan(folder: Path) -> Plan | None:
    """Return the plan in a movie's folder, or None if the last attempt to plan the movie failed."""
    return None if WorkFolder(folder).plan_failure.exists() else read_plan(folder)


def write_plan(folder: Path, plan: Plan) -> None:
    """Replace the plan in a movie's folder, in one step."""
    content = {"format": PLAN_FORMAT, **asdict(plan)}
    replace_text(WorkFolder(folder).plan, json.dumps(content, indent=1) + "\n")
    WorkFolder(folder).plan_failure.unlink(missing_ok=True)


def missing_chunks(folder: Path, chunks: Sequence[tuple[str, int]]) -> list[tuple[str, int]]:
    """Return the chunks without a segment, each with its number of frames.

    This lists the segments' folder once, and opens no segment.
    """
    segments = set(listing(WorkFolder(folder).segments))
    return [(name, count) for name, count in chunks if f"{name}.mp4" not in segments]


def unnamed_files(folder: Path, plan: Plan) -> list[Path]:
    """Return the files in a movie's folder that its plan does not use."""
    paths = WorkFolder(folder)
    chunks = {name for name, _ in plan.chunks}
    named: dict[Path, set[Path]] = {
        paths.chunks: set(map(paths.chunk, chunks)),
        paths.segments: set(map(paths.segment, chunks)),
        paths.records: set(map(paths.record, chunks)),
        paths.failures: set(map(paths.failure, chunks)),
        paths.recipes: {paths.recipe(plan.recipe)},
        paths.joins: {paths.join(plan.join)},
        # A batch belongs only to the run that made it.
        paths.batches: set(),
    }
    return [
        place / name
        for place, known in named.items()
        for name in listing(place)
        if place / name not in known
    ]
