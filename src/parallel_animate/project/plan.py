"""What is to be rendered for one movie, as the files say: plan.json, and whether it still holds.

Light: the Snakefile pays for it at every start. Nothing here imports matplotlib or user code.
"""

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from parallel_animate.atomic_files import replace_text
from parallel_animate.encode.encoders import NVENC
from parallel_animate.project.work_folder import WorkFolder, listing

# Raised when the form of plan.json changes; an older plan is then made again.
PLAN_FORMAT = 2


@dataclass(frozen=True)
class Cost:
    """What rendering a movie costs, as measured where it was planned; 0 where it is not known.

    It decides how long and how large jobs are, and no byte.

    Parameters
    ----------
    setup_seconds : float
        Seconds until the first frame of a chunk is drawn.
    frame_seconds : float
        Seconds to draw and encode a frame.
    memory_mb : int
        Megabytes that a process that renders it takes, with its ffmpeg.
    """

    setup_seconds: float = 0.0
    frame_seconds: float = 0.0
    memory_mb: int = 0


@dataclass(frozen=True)
class Plan:
    """What one movie consists of.

    Parameters
    ----------
    movie : str
        Its name.
    config : mapping
        Its entry of the config file.
    recipe, join : str
        Digests: names of the recipe and of the join file.
    encoder : mapping
        The encoder's name, build, preset and program.
    extradata : str
        What every segment has.
    size : sequence of int
        Width and height in pixels.
    chunk_size : int
        Frames per chunk.
    chunks : sequence of (str, int)
        Name and number of frames of every chunk, in the order in which they play.
    files : mapping
        What the plan was made from: path -> [size, mtime in ns, sha256], or a folder's listing.
    versions : mapping
        Versions, and the ffmpeg programs that could be chosen.
    cost : Cost
        What rendering it costs.
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
    files: Mapping[str, list[Any]]
    versions: Mapping[str, Any]
    cost: Cost = field(default_factory=Cost)

    @property
    def uses_gpu(self) -> bool:
        """Whether its segments are encoded on a GPU."""
        return self.encoder["name"] == NVENC

    @property
    def n_frames(self) -> int:
        """Frames of the movie."""
        return sum(count for _, count in self.chunks)


def read_plan(folder: Path) -> Plan | None:
    """Return the plan in a movie's folder, or None if there is none of the present form."""
    try:
        content = json.loads(WorkFolder(folder).plan.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    if not isinstance(content, dict) or content.pop("format", None) != PLAN_FORMAT:
        return None
    content["size"] = tuple(content["size"])
    content["chunks"] = tuple((name, count) for name, count in content["chunks"])
    content["cost"] = Cost(**content.get("cost", {}))
    return Plan(**content)


def read_valid_plan(folder: Path) -> Plan | None:
    """Return the plan in a movie's folder, or None if the movie could not be planned last time."""
    return None if WorkFolder(folder).plan_failure.exists() else read_plan(folder)


def write_plan(folder: Path, plan: Plan) -> None:
    """Replace the plan in a movie's folder, in one step."""
    content = {"format": PLAN_FORMAT, **asdict(plan)}
    replace_text(WorkFolder(folder).plan, json.dumps(content, indent=1) + "\n")
    WorkFolder(folder).plan_failure.unlink(missing_ok=True)


def missing_chunks(folder: Path, chunks: Sequence[tuple[str, int]]) -> list[tuple[str, int]]:
    """Return the chunks of a plan without a segment, each with its number of frames.

    It lists the folder once, and opens no segment.
    """
    segments = set(listing(WorkFolder(folder).segments))
    return [(name, count) for name, count in chunks if f"{name}.mp4" not in segments]


def mark_unjoined(folder: Path, plan: Plan) -> None:
    """Make the join file newer than a movie that was joined from another one.

    Snakemake goes by the times of these two files. They mislead where a run that was started before
    the plan has ended after it, and where an edit was taken back.
    """
    joined, join = WorkFolder(folder).joined, WorkFolder(folder).join(plan.join)
    is_other = joined.is_file() and joined.read_text(encoding="utf-8").strip() != plan.join
    if is_other and join.is_file():
        os.utime(join)


def unnamed_files(folder: Path, plan: Plan) -> list[Path]:
    """Return the files in a movie's folder that its plan does not name: they render nothing."""
    paths = WorkFolder(folder)
    chunks = {name for name, _ in plan.chunks}
    named: dict[Path, set[Path]] = {
        paths.chunks: set(map(paths.chunk, chunks)),
        paths.segments: set(map(paths.segment, chunks)),
        paths.records: set(map(paths.record, chunks)),
        paths.failures: set(map(paths.failure, chunks)),
        paths.recipes: {paths.recipe(plan.recipe)},
        paths.joins: {paths.join(plan.join)},
        # A batch is of the run that made it.
        paths.batches: set(),
    }
    return [
        place / name
        for place, known in named.items()
        for name in listing(place)
        if place / name not in known
    ]
