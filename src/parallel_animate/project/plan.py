"""What is to be rendered for one movie, as the files say: plan.json, and whether it still holds.

Light: the Snakefile pays for it at every start. Nothing here imports matplotlib or user code.
"""

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from parallel_animate.atomic_files import replace_text
from parallel_animate.encode.encoders import NVENC
from parallel_animate.project.work_folder import ERROR_NAME, JOINED_NAME, PLAN_NAME, listing

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
        content = json.loads((folder / PLAN_NAME).read_text(encoding="utf-8"))
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
    return None if (folder / ERROR_NAME).exists() else read_plan(folder)


def write_plan(folder: Path, plan: Plan) -> None:
    """Replace the plan in a movie's folder, in one step."""
    content = {"format": PLAN_FORMAT, **asdict(plan)}
    replace_text(folder / PLAN_NAME, json.dumps(content, indent=1) + "\n")
    (folder / ERROR_NAME).unlink(missing_ok=True)


def write_error(folder: Path, message: str) -> None:
    """Say in a movie's folder why it could not be planned."""
    folder.mkdir(parents=True, exist_ok=True)
    replace_text(folder / ERROR_NAME, message + "\n")


def waiting_chunks(folder: Path, plan: Plan) -> list[tuple[str, int]]:
    """Return name and number of frames of the chunks that have no segment yet."""
    segments = set(listing(folder / "segments"))
    return [(name, count) for name, count in plan.chunks if f"{name}.mp4" not in segments]


def mark_unjoined(folder: Path, plan: Plan) -> None:
    """Make the join file newer than a movie that was joined from another one.

    Snakemake goes by the times of these two files. They mislead where a run that was started before
    the plan has ended after it, and where an edit was taken back.
    """
    joined, join = folder / JOINED_NAME, folder / "joins" / f"{plan.join}.join"
    is_other = joined.is_file() and joined.read_text(encoding="utf-8").strip() != plan.join
    if is_other and join.is_file():
        os.utime(join)


def unnamed_files(folder: Path, plan: Plan) -> list[Path]:
    """Return the files in a movie's folder that its plan does not name: they render nothing."""
    chunks = {name for name, _ in plan.chunks}
    named: dict[str, set[str]] = {
        "chunks": {f"{name}.chunk" for name in chunks},
        "segments": {f"{name}.mp4" for name in chunks},
        "records": {f"{name}.json" for name in chunks},
        "recipes": {f"{plan.recipe}.recipe"},
        "joins": {f"{plan.join}.join"},
        # A batch is of the run that made it.
        "batches": set(),
    }
    return [
        folder / place / name
        for place, names in named.items()
        for name in listing(folder / place)
        if name not in names
    ]
