"""The folder of one movie: every path in it, and what the files are called."""

import logging
import os
from dataclasses import dataclass
from pathlib import Path

from parallel_animate.atomic_files import replace_text

logger = logging.getLogger(__name__)

PLAN_NAME = "plan.json"
ERROR_NAME = "plan.error"
JOINED_NAME = "joined"
# Beside where a segment would be: the words of an error in the user's code.
FAILURE_SUFFIX = ".failed"
# In the folder of all movies; pipeline.run_lock holds it.
LOCK_NAME = ".lock"
RECORDS = "records"
# Raised when the form or the names of the files change; those of another form are not used.
WORK_FORMAT = "2"
FORMAT_NAME = "format"


@dataclass(frozen=True)
class WorkFolder:
    """The folder of one movie.

    Parameters
    ----------
    root : Path
        Say ``work/NAME``.
    """

    root: Path

    @property
    def chunks(self) -> Path:
        """The folder of the chunk files."""
        return self.root / "chunks"

    @property
    def segments(self) -> Path:
        """The folder of the segments."""
        return self.root / "segments"

    @property
    def recipes(self) -> Path:
        """The folder of the recipes."""
        return self.root / "recipes"

    @property
    def joins(self) -> Path:
        """The folder of the join files."""
        return self.root / "joins"

    def make(self) -> None:
        """Make the folder; a warning says if what is in it is of another format."""
        mark = self.root / FORMAT_NAME
        is_present = mark.is_file() and mark.read_text(encoding="utf-8").strip() == WORK_FORMAT
        if not is_present and listing(self.segments):
            logger.warning(
                "%s holds files of another version of parallel-animate, which cannot be used: its "
                "chunks are rendered again.",
                self.root,
            )
        self.segments.mkdir(parents=True, exist_ok=True)
        if not is_present:
            replace_text(mark, WORK_FORMAT + "\n")

    def make_for_jobs(self) -> None:
        """Make the folders that hold what jobs read."""
        for folder in (self.chunks, self.recipes, self.joins):
            folder.mkdir(parents=True, exist_ok=True)

    def chunk(self, name: str) -> Path:
        """Return the path of a chunk file."""
        return self.chunks / f"{name}.chunk"

    def segment(self, name: str) -> Path:
        """Return the path of a segment."""
        return self.segments / f"{name}.mp4"

    def recipe(self, name: str) -> Path:
        """Return the path of a recipe."""
        return self.recipes / f"{name}.recipe"

    def record(self, name: str) -> Path:
        """Return the path of what a chunk's job says about itself."""
        return self.root / RECORDS / f"{name}.json"

    def join(self, name: str) -> Path:
        """Return the path of a join file."""
        return self.joins / f"{name}.join"


def listing(folder: Path) -> list[str]:
    """Return the sorted names in a folder; none where it cannot be read."""
    try:
        return sorted(os.listdir(folder))
    except OSError:
        return []
