"""Note which of the user's files are read while a movie is planned.

Knows files and phases, not movies.
"""

import contextlib
import importlib.util
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import matplotlib as mpl

from parallel_animate.inputs.source_modules import installed_roots


class OpenedFiles:
    """Notes every file that Python code opens and every folder that it lists, by phase.

    A frame provider that reads a table is planned again when the table changes, and an animator
    that reads one is rendered again, also if nobody declared it. Files that compiled libraries
    open are not seen: declare those as inputs.

    Parameters
    ----------
    here : Path
        The working folder.
    own_files : tuple of (Path, Path)
        The folder of the movies' files and the one of temporary files, which are not the user's.
    """

    def __init__(self, here: Path, own_files: tuple[Path, Path]) -> None:
        self._here = here
        self._work, self._temporary = own_files
        self._ignored = _not_the_users()
        self._paths: dict[str, set[str]] = {"animator": set(), "params": set()}
        self._phase: str | None = None
        # There is no way to remove it: planning has a process of its own.
        sys.addaudithook(self._note)

    @contextlib.contextmanager
    def noted_as(self, phase: str) -> Iterator[None]:
        """Note what is opened within the block as read by "animator" or "params"."""
        self._phase = phase
        try:
            yield
        finally:
            self._phase = None

    def _note(self, event: str, arguments: tuple[Any, ...]) -> None:
        if self._phase is None or event not in ("open", "os.listdir", "os.scandir"):
            return
        if event == "os.listdir" and sys._getframe(1).f_code.co_filename.startswith("<frozen"):
            return  # the import system looks for modules; what it finds is opened, and noted then
        path = arguments[0] if arguments else None
        mode = arguments[1] if event == "open" else "r"
        if isinstance(path, bytes):
            path = os.fsdecode(path)
        if isinstance(path, str) and not (isinstance(mode, str) and set("wax+") & set(mode)):
            self._paths[self._phase].add(os.path.abspath(path))

    def files(self) -> list[str]:
        """Return all of the user's files and folders, relative where they lie below here."""
        paths = set.union(*self._paths.values())
        return sorted(filter(None, map(self._users, paths)))

    def data_files(self, phase: str) -> list[str]:
        """Return the user's files of a phase but the code."""
        files = sorted(filter(None, map(self._users, self._paths[phase])))
        return [path for path in files if not path.endswith(".py") and Path(path).is_file()]

    def _users(self, name: str) -> str | None:
        path = Path(name)
        if path.suffix == ".pyc":
            # A module that was compiled before is read from there; its source is what matters.
            path = Path(importlib.util.source_from_cache(name))
        if not path.exists() or any(path.is_relative_to(root) for root in self._ignored):
            return None
        # A project may lie in the temporary folder; the folder itself changes all the time.
        if path == self._temporary or path.is_relative_to(self._work):
            return None
        return str(path.relative_to(self._here) if path.is_relative_to(self._here) else path)


def _not_the_users() -> tuple[Path, ...]:
    system = ("/proc", "/sys", "/dev", "/etc", "/usr")
    own = (mpl.get_cachedir(), mpl.get_configdir(), sys.prefix)
    return (*installed_roots(), *map(Path, system), *map(Path, own))
