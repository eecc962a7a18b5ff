"""A movie's work folder: all paths in it, and the names of its files."""

import logging
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from parallel_animate.atomic_files import (
    make_folder,
    remove_leftovers,
    remove_stale,
    replace_text,
    set_aside,
)
from parallel_animate.formats import result_name
from parallel_animate.project.work_files import Found, examine

logger = logging.getLogger(__name__)

# A file in the folder of all movies, whose lock a run holds, and one in the folder of each movie.
LOCK_NAME = ".lock"
# Raise this when the form or the names of the files change; files of another form are not used.
WORK_FORMAT = "2"


@dataclass(frozen=True)
class WorkFolder:
    """A movie's work folder.

    Parameters
    ----------
    root : Path
        The folder, such as ``work/NAME``.
    """

    root: Path

    @property
    def plan(self) -> Path:
        """The path of the plan."""
        return self.root / "plan.json"

    @property
    def plan_failure(self) -> Path:
        """The path of the failure record of the last attempt to plan the movie."""
        return self.root / "plan-failure.json"

    @property
    def joined(self) -> Path:
        """The path of a file with the name of the join file that the movie was made from."""
        return self.root / "joined"

    @property
    def movie_state(self) -> Path:
        """The path of a file with the size and digest of the movie as the join wrote it."""
        return self.root / "movie.json"

    @property
    def join_request(self) -> Path:
        """The path of a file by which Snakemake knows that the movie must be joined again."""
        return self.root / "join-request"

    @property
    def digests(self) -> Path:
        """The path of a file with known digests of files, which saves reading them again."""
        return self.root / "digests.json"

    @property
    def notes(self) -> tuple[Path, ...]:
        """Files whose content counts as missing if it is damaged."""
        return (self.movie_state, self.join_request, self.digests)

    @property
    def format(self) -> Path:
        """The path of a file with the format number of all files."""
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
        """The folder of the batches: lists of the chunks that one cluster job renders."""
        return self.root / "batches"

    @property
    def records(self) -> Path:
        """The folder of the jobs' records."""
        return self.root / "records"

    @property
    def failures(self) -> Path:
        """The folder of the chunks' failure records."""
        return self.root / "failures"

    @property
    def folders(self) -> tuple[Path, ...]:
        """The folders in it, for all kinds of files."""
        return (
            *(self.chunks, self.segments, self.recipes, self.joins),
            *(self.batches, self.records, self.failures),
        )

    @property
    def lock(self) -> Path:
        """The path of the file whose lock everything shares that works in the folder."""
        return self.root / LOCK_NAME

    def movie(self, output: str) -> Path:
        """Return the path of the movie in a workflow project, given the name of its format."""
        return self.root.parent.parent / "results" / result_name(self.root.name, output)

    @property
    def page(self) -> Path:
        """The folder of the page about the movie, in a workflow project."""
        return self.root.parent.parent / "results" / self.root.name

    @property
    def join_benchmark(self) -> Path:
        """The path of the file where Snakemake writes what the join cost, in a workflow project."""
        return self.benchmarks / "concat.tsv"

    def make(self) -> None:
        """Create the folder; warn if its files have another format."""
        found = self.examine_format()
        if found.fault:
            set_aside({self.format: found.fault})
        elif found.content != WORK_FORMAT and listing(self.segments):
            logger.warning(
                "%s holds files of another version of parallel-animate, which cannot be used. All "
                "of its chunks are rendered again.",
                self.root,
            )
        make_folder(self.root)
        make_folder(self.segments)
        if found.content != WORK_FORMAT:
            replace_text(self.format, WORK_FORMAT + "\n")

    def make_for_jobs(self) -> None:
        """Create the folders of the files that jobs read."""
        for folder in (self.chunks, self.recipes, self.joins):
            make_folder(folder)

    def examine_format(self) -> Found[str]:
        """Read the format number of the folder's files."""
        return examine(self.format, lambda data: str(int(data.decode("ascii"))))

    def remove_stale(self) -> None:
        """Remove the temporary files that dead processes of this host left in the folder."""
        for place in (self.root, *self.folders):
            remove_stale(place)

    def remove_leftovers(self, marks: Sequence[str]) -> None:
        """Remove the temporary files of processes, given the marks in the files' names."""
        for place in (self.root, *self.folders):
            remove_leftovers(place, marks)

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
        """Return the path of the record of a chunk's job."""
        return self.records / f"{name}.json"

    def failure(self, name: str) -> Path:
        """Return the path of a chunk's failure record: an error in the user's code."""
        return self.failures / f"{name}.json"

    def log(self, name: str) -> Path:
        """Return the path of a job's log, in a workflow project."""
        return self.logs / f"{name}.log"

    @property
    def logs(self) -> Path:
        """The folder of the jobs' logs, in a workflow project."""
        return self.root / "logs"

    @property
    def benchmarks(self) -> Path:
        """The folder where Snakemake writes what jobs cost, in a workflow project."""
        return self.root / "benchmarks"


def listing(folder: Path) -> list[str]:
    """Return the sorted names in a folder; an empty list if it cannot be read."""
    try:
        return sorted(os.listdir(folder))
    except OSError:
        return []
