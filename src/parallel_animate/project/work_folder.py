"""The folder of one movie: every path in it, and what the files are called."""

import logging
import os
from dataclasses import dataclass
from pathlib import Path

from parallel_animate.atomic_files import replace_text

logger = logging.getLogger(__name__)

# In the folder of all movies; the workflow's main process holds it.
LOCK_NAME = ".lock"
# Raised when the form or the names of the files change; those of another form are not used.
WORK_FORMAT = "2"


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
    def plan(self) -> Path:
        """The path of the plan."""
        return self.root / "plan.json"

    @property
    def plan_failure(self) -> Path:
        """The path of the failure of the last attempt to plan the movie."""
        return self.root / "plan-failure.json"

    @property
    def joined(self) -> Path:
        """The path of the name of the join that the movie was made from."""
        return self.root / "joined"

    @property
    def format(self) -> Path:
        """The path of the number of the format that the files have."""
        return self.root / "format"

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

    @property
    def batches(self) -> Path:
        """The folder of the batches: which chunks one job of a cluster renders."""
        return self.root / "batches"

    @property
    def records(self) -> Path:
        """The folder of what jobs record about themselves."""
        return self.root / "records"

    @property
    def failures(self) -> Path:
        """The folder of the failures of chunks."""
        return self.root / "failures"

    @property
    def movie(self) -> Path:
        """The path of the movie, in a project of the workflow."""
        return self.root.parent.parent / "results" / f"{self.root.name}.mp4"

    def make(self) -> None:
        """Make the folder; a warning says if what is in it is of another format."""
        mark = self.format
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

    def join(self, name: str) -> Path:
        """Return the path of a join file."""
        return self.joins / f"{name}.join"

    def batch(self, name: str) -> Path:
        """Return the path of a batch."""
        return self.batches / f"{name}.batch"

    def record(self, name: str) -> Path:
        """Return the path of what a chunk's job records about itself."""
        return self.records / f"{name}.json"

    def failure(self, name: str) -> Path:
        """Return the path of the failure of a chunk: an error of the user's code."""
        return self.failures / f"{name}.json"

    def log(self, name: str) -> Path:
        """Return the path of the log of a job, in a project of the workflow."""
        return self.root.parent.parent / "logs" / self.root.name / f"{name}.log"


def listing(folder: Path) -> list[str]:
    """Return the sorted names in a folder; none where it cannot be read."""
    try:
        return sorted(os.listdir(folder))
    except OSError:
        return []
