"""Set aside everything in a movie's folder that is not what it should be; the only place for it.

Planning does this before it looks at a plan, so that whatever is then missing is made again by the
same command. A file that is damaged later is set aside by the job that reads it.
"""

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from parallel_animate.atomic_files import form_fault, set_aside
from parallel_animate.encode.seal import check_seal_end, segment_fault
from parallel_animate.project.failures import examine_failure
from parallel_animate.project.plan import (
    Plan,
    examine_joined,
    examine_plan,
    joined_name,
    missing_chunks,
)
from parallel_animate.project.work_files import examine_stored
from parallel_animate.project.work_folder import WorkFolder

# Each file is read at once; several at a time hide the latency of a network file system.
READERS = 8
# Other names in these folders are not ours.
SUFFIXES = (".chunk", ".mp4", ".recipe", ".join", ".batch", ".done", ".json", ".log", ".tsv")
Damage = Iterator[tuple[Path, str]]


def set_aside_damaged(root: Path) -> None:
    """Move everything in a movie's folder aside that is not what it should be.

    Chunk files are read only as long as the movie is not joined. Of a segment only the end is read,
    which shows every fault except changed bytes before it; the join reads all of it.

    Parameters
    ----------
    root : Path
        The movie's folder.
    """
    folder = WorkFolder(root)
    # One after another: what is set aside in one step is missing in the next.
    set_aside(dict(_wrong_folders(folder)))
    set_aside(dict(_wrong_forms(folder)))
    set_aside(dict(_damaged_files(folder)))
    plan = examine_plan(root).content
    if plan is not None:
        set_aside(dict(_damaged_segments(folder, plan)))
        set_aside(dict(_damaged_inputs(folder, plan)))


def _wrong_folders(folder: WorkFolder) -> Damage:
    """Yield files and broken links in the places of folders."""
    for path in (folder.root, *folder.folders, folder.logs, folder.benchmarks):
        if os.path.lexists(path) and not path.is_dir():
            yield path, "is no folder"


def _wrong_forms(folder: WorkFolder) -> Damage:
    """Yield folders, broken links and the like in the places of files."""
    for place in (*folder.folders, folder.logs, folder.benchmarks):
        for path in _no_regular_files(place):
            yield path, form_fault(path)


def _no_regular_files(place: Path) -> list[Path]:
    """Return what is no regular file in a folder although its name is that of a file."""
    try:
        with os.scandir(place) as entries:
            return [
                place / entry.name
                for entry in entries
                if entry.name.endswith(SUFFIXES)
                # Only what is no file itself is looked at again; os.path accepts a circle of links.
                and not entry.is_file(follow_symlinks=False)
                and not os.path.isfile(entry.path)
            ]
    except FileNotFoundError:
        return []


def _damaged_files(folder: WorkFolder) -> Damage:
    faults = {
        folder.plan: examine_plan(folder.root).fault,
        folder.plan_failure: examine_failure(folder.plan_failure).fault,
        folder.joined: examine_joined(folder.root).fault,
        **{path: form_fault(path) for path in (folder.lock, *folder.notes)},
    }
    return ((path, fault) for path, fault in faults.items() if fault)


def _damaged_segments(folder: WorkFolder, plan: Plan) -> Damage:
    paths = [folder.segment(name) for name, _ in plan.chunks]
    return _faults(paths, lambda path: segment_fault(path, check_seal_end))


def _damaged_inputs(folder: WorkFolder, plan: Plan) -> Damage:
    """Yield the damaged files that jobs still have to read."""
    paths = [folder.recipe(plan.recipe), folder.join(plan.join)]
    if not (folder.movie(plan.output).is_file() and joined_name(folder.root) == plan.join):
        paths += [folder.chunk(name) for name, _ in plan.chunks]
    else:
        paths += [folder.chunk(name) for name, _ in missing_chunks(folder.root, plan.chunks)]
    return _faults(paths, lambda path: examine_stored(path).fault)


def _faults(paths: Sequence[Path], fault_of: Callable[[Path], str]) -> Damage:
    with ThreadPoolExecutor(READERS) as readers:
        for path, fault in zip(paths, readers.map(fault_of, paths), strict=True):
            if fault:
                yield path, fault
