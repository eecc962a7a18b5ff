"""Choose the chunks of each cluster job, and the time, memory and cores that it requests.

Batching affects only time: the segments have the same bytes however chunks are batched. Apart from
the batch files this module reads and writes nothing. It knows no scheduler.
"""

import hashlib
import json
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from parallel_animate.atomic_files import make_folder, remove_file, replace_text
from parallel_animate.errors import SettingsError
from parallel_animate.project.plan import Cost
from parallel_animate.project.work_files import examine
from parallel_animate.project.work_folder import WorkFolder

# Long enough that the overhead of a job is a few per cent of its time, and short enough for a
# scheduler that fills gaps to start it soon.
JOB_MINUTES = 5
# A movie is spread over at least this many jobs, however short they are.
MIN_JOBS = 4
# GeForce drivers allow this many encoding sessions at a time (since driver 551).
NVENC_SESSIONS = 8
# Besides its workers a job runs two Snakemake processes and one of ours.
MEMORY_BESIDE_MB = 600
MEMORY_MARGIN = 1.5
UNKNOWN_MEMORY_MB = 1000
# Nodes differ, frames differ, and a job shares its node. The limit is therefore three times the
# measured time and at least 10 minutes; without a measurement it is an hour.
TIME_MARGIN = 3
MIN_MINUTES = 10
UNKNOWN_MINUTES = 60
NAME_LENGTH = 16


@dataclass(frozen=True)
class Batch:
    """The chunks that one job renders, and the resources that it requests.

    Parameters
    ----------
    chunks : tuple of str
        Names of the chunks.
    cores : int
        Number of chunks rendered at a time.
    mem_mb : int
        Memory in megabytes.
    minutes : int
        The job's time limit.
    """

    chunks: tuple[str, ...]
    cores: int
    mem_mb: int
    minutes: int

    @property
    def name(self) -> str:
        """START-STOP-DIGEST: first and last frame id, and a digest of the content."""
        start = self.chunks[0].partition("-")[0]
        stop = self.chunks[-1].split("-")[1]
        return f"{start}-{stop}-{hashlib.sha256(self.text().encode()).hexdigest()[:NAME_LENGTH]}"

    def text(self) -> str:
        """Return the content of the batch's file."""
        return json.dumps(asdict(self), indent=1) + "\n"


def write_batch(folder: Path, batch: Batch, unmark: bool) -> None:
    """Write the file of a batch of missing chunks into a movie's folder.

    Parameters
    ----------
    folder : Path
        The movie's folder.
    batch : Batch
        The batch to write.
    unmark : bool
        Remove the mark of a rendered batch, because its segments have been deleted since. False
        while another run is live: one of its jobs may just have made the mark.
    """
    path = WorkFolder(folder).batch(batch.name)
    make_folder(path.parent)
    replace_text(path, batch.text())
    if unmark:
        remove_file(path.with_suffix(".done"))


def read_batch(path: Path) -> Batch:
    """Read a batch file; its name proves its content.

    Raises
    ------
    SettingsError
        If the file is missing or damaged.
    """

    def parse(data: bytes) -> Batch:
        content = json.loads(data)
        batch = Batch(**{**content, "chunks": tuple(content["chunks"])})
        if batch.name != path.stem:
            raise ValueError("its content is not what was written under this name")
        return batch

    found = examine(path, parse)
    if found.content is None:
        raise SettingsError(
            f"The batch file {path} {found.fault or 'is missing'}. Run the movie again; every run "
            "writes its batch files."
        )
    return found.content


@dataclass(frozen=True)
class Missing:
    """The part of a movie that has not been rendered yet.

    Parameters
    ----------
    chunks : sequence of str
        Names of the chunks without a segment, in the order in which they play.
    chunk_size : int
        Frames per chunk.
    cost : Cost
        The measured cost of rendering the movie.
    uses_gpu : bool
        True if its encoder is NVENC.
    """

    chunks: Sequence[str]
    chunk_size: int
    cost: Cost
    uses_gpu: bool = False


def make_batches(
    movies: Mapping[str, Missing], job_minutes: float, cores: int, max_jobs: int, alike: bool
) -> dict[str, list[Batch]]:
    """Group the missing chunks into jobs.

    Parameters
    ----------
    movies : mapping
        Movie name -> missing part of the movie.
    job_minutes : float
        How long a job should last.
    cores : int
        Cores of a job.
    max_jobs : int
        Maximum number of jobs for all movies together, unless there are more movies than that.
    alike : bool
        Let all jobs of one kind request the same resources: in a job array every task gets the
        resources of the first.
    """
    sizes = {name: _batch_size(movie, job_minutes, cores) for name, movie in movies.items()}
    while _count(movies, sizes) > max_jobs and any(
        sizes[name] < len(movie.chunks) for name, movie in movies.items()
    ):
        sizes = {name: math.ceil(size * 1.25) for name, size in sizes.items()}
    batches = {
        name: [
            _batch(movie, group, _cores(movie, cores))
            for group in _even_groups(movie.chunks, sizes[name])
        ]
        for name, movie in movies.items()
    }
    return _made_alike(batches, movies) if alike else batches


def _count(movies: Mapping[str, Missing], sizes: Mapping[str, int]) -> int:
    return sum(math.ceil(len(movie.chunks) / sizes[name]) for name, movie in movies.items())


def _cores(movie: Missing, cores: int) -> int:
    return min(cores, NVENC_SESSIONS) if movie.uses_gpu else cores


def _batch_size(movie: Missing, job_minutes: float, cores: int) -> int:
    """Return the chunks per job: as many rounds over its cores as fit into its time."""
    seconds = _chunk_seconds(movie.chunk_size, movie.cost)
    rounds = max(1, round(60 * job_minutes / seconds)) if seconds else 1
    most = max(math.ceil(len(movie.chunks) / MIN_JOBS), 1)
    used = _cores(movie, cores)
    # A job gets at least one chunk for each core that it requests.
    return max(used, min(rounds * used, most)) if used > 1 else min(rounds, most)


def _chunk_seconds(chunk_size: int, cost: Cost) -> float:
    return cost.setup_seconds + chunk_size * cost.frame_seconds


def _even_groups(chunks: Sequence[str], size: int) -> Iterator[tuple[str, ...]]:
    n_groups = math.ceil(len(chunks) / size)
    for number in range(n_groups):
        start, stop = (len(chunks) * k // n_groups for k in (number, number + 1))
        yield tuple(chunks[start:stop])


def _batch(movie: Missing, chunks: tuple[str, ...], cores: int) -> Batch:
    rounds = math.ceil(len(chunks) / cores)
    limit = minutes(movie.chunk_size, movie.cost, rounds)
    return Batch(chunks, cores, memory_mb(movie.cost, cores), limit)


def memory_mb(cost: Cost, cores: int = 1) -> int:
    """Return the megabytes that a job requests, rounded up to hundreds."""
    each = (cost.memory_mb or UNKNOWN_MEMORY_MB) * MEMORY_MARGIN
    return math.ceil((MEMORY_BESIDE_MB + cores * each) / 100) * 100


def minutes(chunk_size: int, cost: Cost, rounds: int = 1) -> int:
    """Return the time limit of a job that renders chunks in this many rounds."""
    seconds = _chunk_seconds(chunk_size, cost)
    if not seconds:
        return UNKNOWN_MINUTES
    return max(MIN_MINUTES, math.ceil(rounds * seconds * TIME_MARGIN / 60))


def _made_alike(
    batches: Mapping[str, list[Batch]], movies: Mapping[str, Missing]
) -> dict[str, list[Batch]]:
    alike: dict[str, list[Batch]] = {}
    for kind in (False, True):
        members = {name: batches[name] for name in batches if movies[name].uses_gpu is kind}
        every = [batch for group in members.values() for batch in group]
        mem_mb = max((batch.mem_mb for batch in every), default=0)
        limit = max((batch.minutes for batch in every), default=0)
        alike |= {
            name: [Batch(batch.chunks, batch.cores, mem_mb, limit) for batch in group]
            for name, group in members.items()
        }
    return alike
