"""Check whether a plan is still valid, without running any user code."""

import importlib.metadata
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from parallel_animate.atomic_files import remove_stale
from parallel_animate.encode.ffmpeg import candidates
from parallel_animate.errors import SettingsError
from parallel_animate.inputs.file_states import Digests, changed_files, tree_digest
from parallel_animate.project.plan import Plan, has_failed, read_plan
from parallel_animate.project.repair import set_aside_damaged
from parallel_animate.project.work_folder import WorkFolder, listing

# Packages whose version affects pixels or bytes.
PACKAGES = ("matplotlib", "numpy", "imageio-ffmpeg", "contourpy", "pillow")
# Environment variables that name matplotlib's settings.
ENVIRONMENT = ("MATPLOTLIBRC", "MPLCONFIGDIR")


def is_current(
    folder: Path, plan: Plan | None, config: Mapping[str, Any], digests: Digests
) -> bool:
    """Return whether a plan is still valid, without running any user code.

    It is valid if its files exist, and the config, the versions and the content of all files that
    planning read are unchanged.
    """
    if plan is None or has_failed(folder):
        return False
    if plan.config != json.loads(json.dumps(config)) or plan.versions != current_versions():
        return False
    return _has_files(folder, plan) and not changed_files(plan.files, Path(), digests)


def stale_movies(
    movies: Mapping[str, Mapping[str, Any]], work: Path
) -> dict[str, Mapping[str, Any]]:
    """Return the config's movies without a valid plan; clear what dead jobs and damage left."""
    remove_stale(work)
    for name in movies:
        set_aside_damaged(work / name)
        WorkFolder(work / name).remove_stale()
    return {
        name: movie
        for name, movie in movies.items()
        if not _is_current(WorkFolder(work / name), movie)
    }


def _is_current(folder: WorkFolder, movie: Mapping[str, Any]) -> bool:
    digests = Digests(folder.digests)
    is_valid = is_current(folder.root, read_plan(folder.root), movie, digests)
    digests.remember()
    return is_valid


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


def _stat(path: Path) -> list[int]:
    try:
        status = path.stat()
    except OSError:
        return [0, 0]
    return [status.st_size, status.st_mtime_ns]


def input_digest(path: Path, digests: Digests) -> str:
    """Return the digest of an input's content: of a file, or of all files in a folder.

    Raises
    ------
    SettingsError
        If the file or folder does not exist.
    """
    if not (path.is_dir() or path.is_file()):
        raise SettingsError(f"inputs: the file or folder {path} does not exist; check its name.")
    return tree_digest(path, digests)


def input_files(path: Path) -> list[str]:
    """Return the paths to watch for an input: the file, or the folder and everything in it."""
    return [str(path), *map(str, path.rglob("*"))] if path.is_dir() else [str(path)]
