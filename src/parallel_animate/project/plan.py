"""What is to be rendered for one movie, as the files say: plan.json, and whether it still holds.

Light: the Snakefile pays for it at every start. Nothing here imports matplotlib or user code.
"""

import hashlib
import importlib.metadata
import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from parallel_animate.atomic_files import remove_stale, replace_text
from parallel_animate.encode.encoders import NVENC
from parallel_animate.encode.ffmpeg import candidates
from parallel_animate.errors import SettingsError

# Raised when the form of plan.json changes; an older plan is then made again.
PLAN_FORMAT = 1
PLAN_NAME = "plan.json"
ERROR_NAME = "plan.error"
JOINED_NAME = "joined"
# Beside where a segment would be: the words of an error in the user's code.
FAILURE_SUFFIX = ".failed"
# In the folder of all movies; workflow/rules/common.smk holds it.
LOCK_NAME = ".lock"
# Packages whose version decides pixels or bytes.
PACKAGES = ("matplotlib", "numpy", "imageio-ffmpeg", "contourpy", "pillow")

# Where matplotlib finds its settings.
ENVIRONMENT = ("MATPLOTLIBRC", "MPLCONFIGDIR")


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


def write_plan(folder: Path, plan: Plan) -> None:
    """Replace the plan in a movie's folder, in one step."""
    content = {"format": PLAN_FORMAT, **asdict(plan)}
    replace_text(folder / PLAN_NAME, json.dumps(content, indent=1) + "\n")
    (folder / ERROR_NAME).unlink(missing_ok=True)


def write_error(folder: Path, message: str) -> None:
    """Say in a movie's folder why it could not be planned."""
    folder.mkdir(parents=True, exist_ok=True)
    replace_text(folder / ERROR_NAME, message + "\n")


def is_current(folder: Path, plan: Plan | None, config: Mapping[str, Any]) -> bool:
    """Tell whether a plan still holds, without running any of the user's code.

    It does if the config, the versions, and everything that was read when it was made are the same,
    and its files are there.
    """
    if plan is None or (folder / ERROR_NAME).exists():
        return False
    if plan.config != json.loads(json.dumps(config)) or plan.versions != current_versions():
        return False
    return _has_files(folder, plan) and all(
        is_unchanged(Path(path), known) for path, known in plan.files.items()
    )


def stale_movies(
    movies: Mapping[str, Mapping[str, Any]], work: Path
) -> dict[str, Mapping[str, Any]]:
    """Return those of a config's movies that are to be planned; clear what dead jobs left."""
    for name in movies:
        for place in ("segments", "records"):
            remove_stale(work / name / place)
    return {
        name: movie
        for name, movie in movies.items()
        if not is_current(work / name, read_plan(work / name), movie)
    }


def _has_files(folder: Path, plan: Plan) -> bool:
    chunk_files = set(_listing(folder / "chunks"))
    return (
        all(f"{name}.chunk" in chunk_files for name, _ in plan.chunks)
        and (folder / "recipes" / f"{plan.recipe}.recipe").is_file()
        and (folder / "joins" / f"{plan.join}.join").is_file()
    )


def waiting_chunks(folder: Path, plan: Plan) -> list[tuple[str, int]]:
    """Return name and number of frames of the chunks that have no segment yet."""
    segments = set(_listing(folder / "segments"))
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
        for name in _listing(folder / place)
        if name not in names
    ]


def current_versions() -> dict[str, Any]:
    """Return the versions that decide bytes and can be known without importing anything."""
    programs = [[program, *_stat(Path(program))] for program in candidates()]
    return {
        **{name: _version(name) for name in PACKAGES},
        **{name: os.environ.get(name, "") for name in ENVIRONMENT},
        "ffmpeg": programs,
    }


def _version(package: str) -> str:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return "not installed"


def describe_files(paths: Iterable[str]) -> dict[str, list[Any]]:
    """Return what to remember of files and folders so that a change is seen later."""
    return {path: _described(Path(path)) for path in sorted(set(paths))}


def _described(path: Path) -> list[Any]:
    if path.is_dir():
        return ["folder", _digest_of_bytes("\n".join(_listing(path)).encode())]
    return [*_stat(path), file_digest(path)]


def is_unchanged(path: Path, known: list[Any]) -> bool:
    """Tell whether a file or folder is as it was described; a new mtime alone is no change."""
    if path.is_dir() or known[0] == "folder":
        return _described(path) == known
    return _stat(path) == known[:2] or file_digest(path) == known[2]


def _stat(path: Path) -> list[int]:
    try:
        status = path.stat()
    except OSError:
        return [0, 0]
    return [status.st_size, status.st_mtime_ns]


def input_digest(path: Path) -> str:
    """Return the digest of an input's content: of a file, or of all files in a folder.

    Raises
    ------
    SettingsError
        If there is no such file or folder.
    """
    if path.is_dir():
        members = sorted(member for member in path.rglob("*") if member.is_file())
        lines = [f"{member.relative_to(path)} {file_digest(member)}" for member in members]
        return _digest_of_bytes("\n".join(lines).encode())
    if not path.is_file():
        raise SettingsError(f"inputs: there is no file or folder {path}; check its name.")
    return file_digest(path)


def input_files(path: Path) -> list[str]:
    """Return what to watch of an input: the file, or the folder and all that is in it."""
    return [str(path), *map(str, path.rglob("*"))] if path.is_dir() else [str(path)]


def file_digest(path: Path) -> str:
    """Return the digest of a file's content, or "missing"."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return "missing"


def _digest_of_bytes(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _listing(folder: Path) -> list[str]:
    try:
        return sorted(os.listdir(folder))
    except OSError:
        return []
