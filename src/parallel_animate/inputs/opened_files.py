"""Record the user's files that are read while a movie is planned.

This module knows files and phases, not movies.
"""

import contextlib
import functools
import importlib.util
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import matplotlib as mpl

from parallel_animate.inputs.source_modules import installed_roots

# The import of the animator's code and its __init__(); its setup() and update(); the provider of
# params; the trial, which also draws.
PHASES = ("import", "animator", "params", "trial")
# This package's own files in a work folder: the user may keep data next to them.
WORK_NAMES = frozenset(
    {
        *("chunks", "segments", "recipes", "joins", "batches", "records", "failures"),
        *("plan.json", "plan-failure.json", "joined", "format", ".lock", "draft.json"),
    }
)


class OpenedFiles:
    """A record of all files that Python code opens and all folders that it lists, by phase.

    If a frame provider reads a table that changes, the movie is planned again; if the animator
    reads it, the movie is rendered again. Nobody needs to declare the table. Files that compiled
    libraries open are not seen: declare them as inputs.

    Parameters
    ----------
    here : Path
        The working folder.
    own_files : tuple of (Path, Path)
        The work folder and the folder of temporary files, which hold this package's own files.
    """

    def __init__(self, here: Path, own_files: tuple[Path, Path]) -> None:
        self.here = here
        self._work, self._temporary = own_files
        self._ignored = [root for root in _not_the_users() if not here.is_relative_to(root)]
        self._paths: dict[str, set[str]] = {phase: set() for phase in PHASES}

    @contextlib.contextmanager
    def recorded_as(self, phase: str) -> Iterator[None]:
        """Record files opened within the block as read in a phase, one of `PHASES`."""
        _install_hook()
        _recording.append(self._paths[phase])
        try:
            yield
        finally:
            _recording.pop()

    def files(self) -> list[str]:
        """Return all recorded files and folders; those in the working folder as relative paths."""
        paths = set[str]().union(*self._paths.values())
        return sorted(filter(None, map(self._users, paths)))

    def data_files(self, phase: str) -> list[str]:
        """Return the user's files of a phase, without Python code."""
        files = sorted(filter(None, map(self._users, self._paths[phase])))
        return [path for path in files if not path.endswith(".py") and (self.here / path).is_file()]

    def _users(self, name: str) -> str | None:
        path = Path(name)
        if path.suffix == ".pyc":
            # A compiled module is read from its .pyc; its source is what matters.
            path = Path(importlib.util.source_from_cache(name))
        if not path.exists() or any(path.is_relative_to(root) for root in self._ignored):
            return None
        if path.parent.name == "__pycache__":
            return None  # compiled code, of numba for example
        # A project may lie in the temporary folder; the folder itself changes all the time.
        if path == self._temporary or self._is_ours(path):
            return None
        return str(path.relative_to(self.here) if path.is_relative_to(self.here) else path)

    def _is_ours(self, path: Path) -> bool:
        if not path.is_relative_to(self._work):
            return False
        top = path.relative_to(self._work).parts[:1]
        return not top or top[0] in WORK_NAMES or top[0].startswith(".make_video.")


# The sets of paths of open `recorded_as` blocks; new paths go to the last one.
_recording: list[set[str]] = []


@functools.cache
def _install_hook() -> None:
    # Once per process: Python cannot remove an audit hook.
    sys.addaudithook(_record)


def _record(event: str, arguments: tuple[Any, ...]) -> None:
    if not _recording or event not in ("open", "os.listdir", "os.scandir"):
        return
    if event == "os.listdir" and sys._getframe(1).f_code.co_filename.startswith("<frozen"):
        return  # the import system looks for modules; those it finds are recorded when opened
    path = arguments[0] if arguments else None
    mode = arguments[1] if event == "open" else "r"
    if isinstance(path, bytes):
        path = os.fsdecode(path)
    if isinstance(path, str) and not (isinstance(mode, str) and set("wax") & set(mode)):
        _recording[-1].add(os.path.abspath(path))


def _not_the_users() -> tuple[Path, ...]:
    system = ["/proc", "/sys", "/etc", *(f"/dev/{name}" for name in ("null", "zero", "random"))]
    system += ["/dev/urandom", "/dev/tty"]
    # People keep data under /usr and /dev/shm, too.
    programs = ("bin", "include", "lib", "lib64", "sbin", "share")
    system += [f"{top}/{name}" for top in ("/usr", "/usr/local") for name in programs]
    caches = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    own = (mpl.get_cachedir(), mpl.get_configdir(), sys.prefix, caches)
    return (*installed_roots(), *map(Path, system), *map(Path, own))
