"""Check that a process which draws reads the data that its chunk's name stands for.

A plan names segments by the content of the files that it has read. Jobs read these files again,
minutes or days later. A segment counts only if they find the same content all the time.
"""

import contextlib
import functools
import os
import tempfile
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path

from parallel_animate.errors import InputsChangedError
from parallel_animate.inputs.file_states import Digests, FileState, state_of, tree_digest
from parallel_animate.inputs.opened_files import OpenedFiles
from parallel_animate.project.work_folder import WorkFolder

# Number of times that a command has been started again because of files that were changed.
TRIES_VARIABLE = "PARALLEL_ANIMATE_TRIES"
MOST_TRIES = 2
# A message names at most this many files.
MOST_NAMED = 5


class Reads:
    """The files that this process reads while it draws.

    Parameters
    ----------
    here : Path
        The working folder, where relative paths start.
    work : Path
        The movie's work folder; this package's own files in it are not data.
    """

    def __init__(self, here: Path, work: Path) -> None:
        # Only planning keeps known digests: jobs on many nodes would replace each other's.
        self._digests = Digests(WorkFolder(work).digests)
        self._opened = OpenedFiles(here, (work, Path(tempfile.gettempdir())), self._digests)
        self._data: dict[str, str] = {}
        self._code: dict[str, str] = {}
        self._folders: dict[str, dict[Path, FileState | None]] = {}
        self._wrong: tuple[str, ...] = ()

    def expect(self, files: Mapping[str, str]) -> None:
        """Name files that must have, and keep, this content: path -> digest.

        Python code may change once it has been imported. It counts only if it is opened.

        Raises
        ------
        InputsChangedError
            If a file has other content already.
        """
        for path in files.keys() - self._data.keys() - self._code.keys():
            if path.endswith(".py"):
                self._code[path] = files[path]
                continue
            self._data[path] = files[path]
            if (self._opened.here / path).is_dir():
                self._folders[path] = self._members(path)
            else:
                self._opened.see(path, "inputs")
        self._refuse(self._wrong_now())

    @contextlib.contextmanager
    def recorded(self) -> Iterator[None]:
        """Record the files that are opened within the block."""
        with self._opened.recorded_as("job"):
            yield

    def check(self) -> None:
        """Raise InputsChangedError unless all files are now, and were, what was expected.

        Files that the chunk's name does not stand for must at least not change while they are used,
        if the command can be started again. The last try is content with files that are right now:
        a program that writes a file again and again must not keep the movie from being finished.
        """
        changes = self._opened.changes()
        self._refuse(
            self._wrong_now() | self._wrong_code() | (set(changes.content) & self._data.keys())
        )
        changed = {*changes.content, *changes.times}
        changed |= {path for path, known in self._folders.items() if self._members(path) != known}
        changed -= self._code.keys()
        tries = n_tries()
        if tries is None:
            self._refuse(changed & self._data.keys())
        elif tries < MOST_TRIES:
            self._refuse(changed)
        # What was right when it was read need not stay.
        self._opened.forget(keep=self._data.keys())

    def _refuse(self, files: Collection[str]) -> None:
        """Raise InputsChangedError if there are files, now or in an earlier call.

        What this process has read before may be kept in its memory, so nothing that it draws later
        is right.
        """
        self._wrong = self._wrong or tuple(sorted(files))
        if self._wrong:
            raise InputsChangedError(
                _message(self._wrong),
                files=self._wrong,
                is_restored=self._wrong_now().isdisjoint(self._wrong),
            )

    def _wrong_now(self) -> set[str]:
        return {
            path
            for path, known in self._data.items()
            if tree_digest(self._opened.here / path, self._digests) != known
        }

    def _wrong_code(self) -> set[str]:
        seen = self._opened.files()
        return {path for path, known in self._code.items() if seen.get(path, known) != known}

    def _members(self, folder: str) -> dict[Path, FileState | None]:
        return {path: state_of(path) for path in (self._opened.here / folder).rglob("*")}


def _message(files: Sequence[str]) -> str:
    more = f" and {len(files) - MOST_NAMED} more" if len(files) > MOST_NAMED else ""
    verb = "is" if len(files) == 1 else "are"
    return (
        f"{', '.join(files[:MOST_NAMED])}{more} {verb} not what the movie was planned with, or "
        "changed while frames were drawn, so these frames are not kept. Run the same command "
        "again: it keeps the chunks that are right, and renders the others."
    )


@functools.lru_cache(maxsize=1)
def reads_of_process(work: Path, recipe_path: Path) -> Reads:
    """Return the reads of this process, which draws chunks of one movie and starts in its folder.

    Parameters
    ----------
    work : Path
        The movie's work folder.
    recipe_path : Path
        The recipe of the chunks.
    """
    return Reads(Path.cwd(), work)


def n_tries() -> int | None:
    """Return how often this command was started again; None if nobody would start it again."""
    tries = os.environ.get(TRIES_VARIABLE)
    return None if tries is None else int(tries)
