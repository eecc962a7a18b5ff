"""Find and remove the files in work folders that no movie uses any more."""

import shutil
from pathlib import Path

from parallel_animate.atomic_files import is_set_aside
from parallel_animate.errors import SettingsError
from parallel_animate.project.folder_lock import all_unused
from parallel_animate.project.plan import Plan, read_plan
from parallel_animate.project.work_folder import WorkFolder, listing


def clean(work: Path, dry_run: bool) -> list[tuple[Path, int]]:
    """Remove the files that no movie uses any more; return each with its size in bytes.

    Parameters
    ----------
    work : Path
        The folder of all movies.
    dry_run : bool
        Only list the files.

    Raises
    ------
    SettingsError
        If something works in one of the folders, such as a run or make_video.
    """
    folders = [folder for folder in sorted(work.glob("*/")) if WorkFolder(folder).plan.exists()]
    if dry_run or not folders:
        return _unused(folders)
    with all_unused(work, folders) as used:
        if used is not None:
            raise SettingsError(
                f"A render is running in '{used}'. Run clean after it has finished."
            )
        files = _unused(folders)
        for path, _ in files:
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path)
            else:
                path.unlink(missing_ok=True)
        return files


def _unused(folders: list[Path]) -> list[tuple[Path, int]]:
    return [
        (path, _size(path))
        for folder in folders
        if (plan := read_plan(folder)) is not None
        for path in unnamed_files(folder, plan)
    ]


def _size(path: Path) -> int:
    try:
        return sum(member.lstat().st_size for member in [path, *path.rglob("*")])
    except FileNotFoundError:
        return 0


def unnamed_files(folder: Path, plan: Plan) -> list[Path]:
    """Return the files in a movie's folder that its plan does not use, and what was set aside."""
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
    unnamed = [
        place / name
        for place, known in named.items()
        for name in listing(place)
        if place / name not in known
    ]
    # Nobody but the repair makes folders here, so any other folder is the user's.
    return [
        *(path for path in unnamed if is_set_aside(path.name) or not path.is_dir()),
        *(
            place / name
            for place in (folder, paths.logs, paths.benchmarks)
            for name in listing(place)
            if is_set_aside(name)
        ),
    ]
