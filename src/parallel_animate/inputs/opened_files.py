"""Record the user's files that are read while a movie is planned.

This module knows files and phases, not movies.
"""

import contextlib
import functools
import importlib.util
import os
import sys
import threading
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import matplotlib as mpl

from parallel_animate.atomic_files import TEMPORARY_FOLDER
from parallel_animate.inputs.file_states import MISSING, Digests, FileState
from parallel_animate.inputs.source_modules import installed_roots

# The import of the animator's code and its __init__(); its setup() and update(); the provider of
# params; the trial, which also draws; what the user declares; what only the join reads; a job that
# renders.
PHASES = ("import", "animator", "params", "trial", "inputs", "supplements", "job")
# This package's own files in a work folder: the user may keep data next to them.
WORK_NAMES = frozenset(
    {
        *("chunks", "segments", "recipes", "joins", "batches", "records", "failures"),
        *("plan.json", "plan-failure.json", "joined", "format", ".lock", "draft.json"),
        *("digests.json", "movie.json", "join-request", "logs", "benchmarks"),
    }
)

# The beginnings of the names of this package's own folders for temporary files.
_TEMPORARY_NAMES = (f"{TEMPORARY_FOLDER}.", "parallel-animate-")


class Seen(NamedTuple):
    """A file or folder when it was opened or listed: its state, and the digest of its content."""

    state: FileState | None
    digest: str


class Changes(NamedTuple):
    """Files that were touched by other processes after they had been opened.

    Parameters
    ----------
    content : tuple of str
        Files and folders whose content has changed.
    times : tuple of str
        Files that were written again with the same content, or changed and changed back.
    """

    content: tuple[str, ...]
    times: tuple[str, ...]


class OpenedFiles:
    """A record of all files that Python code opens and all folders that it lists, by phase.

    If a frame provider reads a table that changes, the movie is planned again; if the animator
    reads it, the movie is rendered again. Nobody needs to declare the table. Files that compiled
    libraries open are not seen: declare them as inputs.

    The content of a file counts as it was when the file was opened, whatever it is later.

    Parameters
    ----------
    here : Path
        The working folder.
    own_files : tuple of (Path, Path)
        The movie's work folder and the folder of temporary files, which hold this package's own
        files.
    digests : Digests, optional
        Known digests of files.
    """

    def __init__(
        self, here: Path, own_files: tuple[Path, Path], digests: Digests | None = None
    ) -> None:
        self.here = here
        self._work, self._temporary = own_files
        self.digests = digests or Digests()
        self._ignored = [root for root in _not_the_users() if not here.is_relative_to(root)]
        self._paths: dict[str, set[str]] = {phase: set() for phase in PHASES}
        self._seen: dict[str, list[Seen]] = {}
        self._written: set[str] = set()
        self._replaced_folders: set[str] = set()
        self._names: dict[str, str | None] = {}

    @contextlib.contextmanager
    def recorded_as(self, phase: str) -> Iterator[None]:
        """Record files opened within the block as read in a phase, one of `PHASES`."""
        _install_hook()
        entry = (self, phase)
        _recording.append(entry)
        try:
            yield
        finally:
            _recording.remove(entry)

    def files(self) -> dict[str, str]:
        """Return the digests of all recorded files and folders, as they were opened last.

        Paths in the working folder are relative.
        """
        return {
            path: seen[-1].digest
            for path, seen in sorted(self._seen.items())
            if not self._was_temporary(path)
        }

    def paths(self, phase: str) -> list[str]:
        """Return the recorded files and folders of a phase."""
        return sorted(self._paths[phase])

    def data_files(self, phase: str) -> list[str]:
        """Return the user's files of a phase, without Python code."""
        return [path for path in self._regular_files(phase) if not path.endswith(".py")]

    def code_files(self, phase: str) -> list[str]:
        """Return the files with Python code of a phase."""
        return [path for path in self._regular_files(phase) if path.endswith(".py")]

    def _regular_files(self, phase: str) -> list[str]:
        return sorted(
            path
            for path in self._paths[phase]
            if self._seen[path][-1].state is not None and not self._was_temporary(path)
        )

    def _was_temporary(self, path: str) -> bool:
        """Return whether a file is gone that this process wrote, or that other programs left."""
        place = self.here / path
        is_apart = place.is_relative_to(self._temporary) and not place.is_relative_to(self.here)
        return not place.exists() and (is_apart or self.is_own(path))

    def digest(self, path: str) -> str:
        """Return the digest of a recorded file, as it was opened last."""
        return self._seen[path][-1].digest

    def is_own(self, path: str) -> bool:
        """Return whether this process has written a file, its folder, or a file in a folder."""
        return (
            path in self._written
            or any(str(Path(written).parent) == path for written in self._written)
            or not self._replaced_folders.isdisjoint(map(str, Path(path).parents))
        )

    def see(self, path: str, phase: str) -> None:
        """Record a file or folder as it is now, as read in a phase."""
        state, digest = self.digests.look(self.here / path)
        if state is None and digest == MISSING:
            return
        self._paths[phase].add(path)
        seen = self._seen.setdefault(path, [])
        if not seen or seen[-1] != (state, digest):
            seen.append(Seen(state, digest))

    def changes(self) -> Changes:
        """Return the recorded files that were changed by other processes since they were opened."""
        content, times = [], []
        for path, seen in sorted(self._seen.items()):
            if self.is_own(path) or self._was_temporary(path):
                continue
            now = Seen(*self.digests.look(self.here / path))
            if {now.digest} != {each.digest for each in seen}:
                content.append(path)
            elif {now.state} != {each.state for each in seen}:
                times.append(path)
        return Changes(tuple(content), tuple(times))

    def forget(self, keep: Collection[str]) -> None:
        """Forget all files except some; those that are kept count as they are now."""
        for path in [path for path in self._seen if path not in keep]:
            del self._seen[path]
            for paths in self._paths.values():
                paths.discard(path)

    def opened(self, name: str, phase: str) -> None:
        """Record a file that is about to be opened for reading, or a folder."""
        path = self.path(name)
        if path is not None:
            self.see(path, phase)

    def wrote(self, name: str, with_content: bool = False) -> None:
        """Record a file or folder that this process is about to write, replace or remove."""
        path = self.path(name)
        if path is not None:
            self._written.add(path)
            if with_content:
                self._replaced_folders.add(path)

    def path(self, name: str) -> str | None:
        """Return the recorded path of a file, relative in the working folder.

        None if it is not the user's.
        """
        if name not in self._names:
            self._names[name] = self._users_path(name)
        return self._names[name]

    def _users_path(self, name: str) -> str | None:
        path = Path(name)
        if path.suffix == ".pyc":
            # A compiled module is read from its .pyc; its source is what matters.
            with contextlib.suppress(ValueError):
                path = Path(importlib.util.source_from_cache(name))
        if any(path.is_relative_to(root) for root in self._ignored):
            return None
        if path.parent.name == "__pycache__":
            return None  # compiled code, of numba for example
        # A project may lie in the temporary folder; the folder itself changes all the time.
        if path == self._temporary or self._is_ours(path):
            return None
        return str(path.relative_to(self.here) if path.is_relative_to(self.here) else path)

    def _is_ours(self, path: Path) -> bool:
        if path.is_relative_to(self._temporary):
            top = path.relative_to(self._temporary).parts[:1]
            if top and top[0].startswith(_TEMPORARY_NAMES):
                return True
        if not path.is_relative_to(self._work):
            return False
        top = path.relative_to(self._work).parts[:1]
        return not top or top[0] in WORK_NAMES or top[0].startswith(".make_video.")


# The open `recorded_as` blocks; files that are opened belong to the last one.
_recording: list[tuple[OpenedFiles, str]] = []
# Holds True in a thread that computes a digest, whose own files do not count.
_busy = threading.local()
# Events that change the file which is their argument of this number.
_CHANGING = {
    "os.rename": 1,
    "os.link": 1,
    "os.symlink": 1,
    "os.remove": 0,
    "os.truncate": 0,
    "os.mkdir": 0,
    "os.rmdir": 0,
    "shutil.rmtree": 0,
}


@functools.cache
def _install_hook() -> None:
    # Once per process: Python cannot remove an audit hook.
    sys.addaudithook(_record)


def _record(event: str, arguments: tuple[Any, ...]) -> None:
    if not _recording or getattr(_busy, "is_busy", False):
        return
    if event in ("open", "os.listdir", "os.scandir"):
        if event == "os.listdir" and sys._getframe(1).f_code.co_filename.startswith("<frozen"):
            return  # the import system looks for modules; those it finds are recorded when opened
        path = _path_in(arguments, 0)
        mode = arguments[1] if event == "open" else "r"
        flags = arguments[2] if event == "open" and len(arguments) > 2 else 0
    elif event in _CHANGING:
        if _is_in_open_folder(event, arguments):
            return  # a file of a tree that is removed, and that is recorded as a whole
        path, mode, flags = _path_in(arguments, _CHANGING[event]), "w", 0
    else:
        return
    if path is None:
        return
    is_written, is_read = _access(mode, flags)
    opened, phase = _recording[-1]
    _busy.is_busy = True
    try:
        if is_read:
            opened.opened(path, phase)
        if is_written:
            opened.wrote(path, with_content=event in ("os.rename", "shutil.rmtree"))
    finally:
        _busy.is_busy = False


def _path_in(arguments: tuple[Any, ...], number: int) -> str | None:
    path = arguments[number] if len(arguments) > number else None
    if isinstance(path, bytes | os.PathLike):
        path = os.fsdecode(path)
    return os.path.abspath(path) if isinstance(path, str) else None


def _is_in_open_folder(event: str, arguments: tuple[Any, ...]) -> bool:
    """Return whether a path that is changed starts in an open folder, not in the working folder."""
    return event != "os.truncate" and isinstance(arguments[-1], int) and arguments[-1] >= 0


def _access(mode: object, flags: object) -> tuple[bool, bool]:
    """Return whether a file is opened for writing, and whether it is opened for reading."""
    if isinstance(mode, str):
        return bool(set("wax+") & set(mode)), not set("wax") & set(mode)
    access = flags & os.O_ACCMODE if isinstance(flags, int) else os.O_RDONLY
    return access != os.O_RDONLY, access != os.O_WRONLY


def _not_the_users() -> tuple[Path, ...]:
    system = ["/proc", "/sys", "/etc", *(f"/dev/{name}" for name in ("null", "zero", "random"))]
    system += ["/dev/urandom", "/dev/tty"]
    # People keep data under /usr and /dev/shm, too.
    programs = ("bin", "include", "lib", "lib64", "sbin", "share")
    system += [f"{top}/{name}" for top in ("/usr", "/usr/local") for name in programs]
    caches = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    own = (mpl.get_cachedir(), mpl.get_configdir(), sys.prefix, caches)
    return (*installed_roots(), *map(Path, system), *map(Path, own))
