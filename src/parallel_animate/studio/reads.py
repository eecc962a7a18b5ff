"""The files that the user's code reads."""

import tempfile
from pathlib import Path

from parallel_animate.inputs.opened_files import OpenedFiles
from parallel_animate.studio.stamps import Stamp, stamp_of


class ReadFiles(OpenedFiles):
    """A record of the files that Python code opens, also of missing ones, without their content.

    A file counts as it was when it was opened first. Files that the code writes itself do not
    count: each frame would otherwise load the code again.

    Parameters
    ----------
    work : Path
        The movie's work folder, which holds this package's own files.
    """

    def __init__(self, work: Path) -> None:
        super().__init__(Path.cwd(), (work, Path(tempfile.gettempdir())))
        self._stamps: dict[str, Stamp] = {}

    def see(self, path: str, phase: str) -> None:
        """Record a file or folder as it is now; the phase does not matter."""
        if path not in self._stamps:
            self._stamps[path] = stamp_of(self.here / path)

    def stamps(self) -> dict[str, Stamp]:
        """Return the stamps of the recorded files, with absolute paths."""
        return {
            str(self.here / path): stamp
            for path, stamp in self._stamps.items()
            if not self.is_own(path)
        }

    def written(self) -> list[str]:
        """Return the files that the code has both read and written."""
        return [str(self.here / path) for path in self._stamps if self.is_own(path)]
