"""Check whether a plan is still valid, without running any user code."""

import hashlib
import importlib.metadata
import json
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from parallel_animate.atomic_files import file_digest, remove_stale
from parallel_animate.encode.ffmpeg import candidates
from parallel_animate.errors import SettingsError
from parallel_animate.project.plan import Plan, read_plan
from parallel_animate.project.work_folder import WorkFolder, listing

# Packages whose version affects pixels or bytes.
PACKAGES = ("matplotlib", "numpy", "imageio-ffmpeg", "contourpy", "pillow")
# Environment variables that name matplotlib's settings.
ENVIRONMENT = ("MATPLOTLIBRC", "MPLCONFIGDIR")


def is_current(folder: Path, plan: Plan | None, config: Mapping[str, Any]) -> bool:
    """Return whether a plan is still valid, without running any user code.

    It is valid if its files exist, and the config, the versions and all files that planning read
    are unchanged.
    """
    if plan is None or WorkFolder(folder).plan_failure.exists():
        return False
    if plan.config != json.loads(json.dumps(config)) or plan.versions != current_versions():
        return False
    return _has_files(folder, plan) and all(
        is_unchanged(Path(path), known) for path, known in plan.files.items()
    )


def stale_movies(
    movies: Mapping[str, Mapping[str, Any]], work: Path
) -> dict[str, Mapping[str, Any]]:
    """Return the config's movies without a valid plan; remove files that dead jobs left."""
    remove_stale(work)
    for name in movies:
        WorkFolder(work / name).remove_stale()
    return {
        name: movie
        for name, movie in movies.items()
        if not is_current(work / name, read_plan(work / name), movie)
    }


def _has_files(folder: Path, plan: Plan) -> bool:
    paths = WorkFolder(folder)
    chunk_files = set(listing(paths.chunks))
    return (
        all(paths.chunk(name).name in chunk_files for name, _ in plan.chunks)
        and paths.recipe(plan.recipe).is_file()
        and paths.join(plan.join).is_file()
    )


def current_versions() -> dict[str, Any]:
    """Return the versions that affect bytes and can be read without importing anything."""
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
    """Return descriptions of files and folders by which `is_unchanged` finds later changes."""
    return {path: _described(Path(path)) for path in sorted(set(paths))}


def _described(path: Path) -> list[Any]:
    if path.is_dir():
        return ["folder", _digest_of_bytes("\n".join(listing(path)).encode())]
    return [*_stat(path), file_digest(path)]


def is_unchanged(path: Path, known: list[Any]) -> bool:
    """Return whether a file or folder matches its description; a new mtime alone is no change."""
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
        If the file or folder does not exist.
    """
    if path.is_dir():
        members = sorted(member for member in path.rglob("*") if member.is_file())
        lines = [f"{member.relative_to(path)} {file_digest(member)}" for member in members]
        return _digest_of_bytes("\n".join(lines).encode())
    if not path.is_file():
        raise SettingsError(f"inputs: the file or folder {path} does not exist; check its name.")
    return file_digest(path)


def input_files(path: Path) -> list[str]:
    """Return the paths to watch for an input: the file, or the folder and everything in it."""
    return [str(path), *map(str, path.rglob("*"))] if path.is_dir() else [str(path)]


def _digest_of_bytes(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
