"""Each job's record in a small file: where it runs, its progress, and seconds per frame.

People look at these records; rendering does not depend on them. A job whose record cannot be
written does not fail. This module imports little, as `parallel_animate.project.plan` does.
"""

import logging
import os
import socket
import threading
import time
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Self

from parallel_animate.atomic_files import is_alive, make_folder, replace_unsynced
from parallel_animate.project.work_files import examine, parse_sealed_json, sealed_json
from parallel_animate.project.work_folder import WorkFolder

logger = logging.getLogger(__name__)

# A running job writes its record this often: a short job each second, so that people see it move,
# and a long one more rarely, which costs a shared disk next to nothing.
SHORTEST_BEAT, LONGEST_BEAT = 1, 10
BEATS_OF_A_JOB = 10
# A job of another host counts as dead when its record has not changed for this long.
SILENT_SECONDS = 90


@dataclass(frozen=True)
class JobRecord:
    """A job's record of the chunk that it renders.

    Parameters
    ----------
    chunk : str
        Name of the chunk.
    n_frames : int
        Number of frames in the chunk.
    host, pid : str, int
        Host name and process id of the job.
    node : str
        SLURM's name for the host; without SLURM, the host's own name.
    slurm_job : str
        Id of the SLURM job; empty without SLURM.
    started, seen : float
        When the job started, and when it wrote this record: seconds since 1970, by the host's
        clock.
    n_drawn : int
        Number of frames drawn so far.
    state : str
        "running", "finished" or "failed".
    seconds : tuple of float
        For each frame the seconds from the start of the job until the frame was drawn and passed to
        the encoder; the first includes loading and setup(). Empty while the job runs.
    """

    chunk: str
    n_frames: int
    host: str
    pid: int
    node: str
    slurm_job: str
    started: float
    seen: float
    n_drawn: int = 0
    state: str = "running"
    seconds: tuple[float, ...] = ()

    @property
    def frame_seconds(self) -> float:
        """Seconds per frame, without the first frame if there are others."""
        if len(self.seconds) > 1:
            return (self.seconds[-1] - self.seconds[0]) / (len(self.seconds) - 1)
        return (self.seen - self.started) / max(self.n_drawn, 1)

    def is_running(self, now: float) -> bool:
        """Return whether the job is alive: by its process on this host, else by a recent record."""
        if self.state != "running":
            return False
        if self.host == socket.gethostname():
            return is_alive(self.pid)
        return now - self.seen < SILENT_SECONDS


class RecordKeeper:
    """Keep this job's record while it renders a chunk; use it in a ``with`` block.

    Parameters
    ----------
    path : Path
        The record's file.
    n_frames : int
        Number of frames in the chunk.
    """

    def __init__(self, path: Path, n_frames: int) -> None:
        self._path = path
        now, host = time.time(), socket.gethostname()
        self._record = JobRecord(
            chunk=path.stem,
            n_frames=n_frames,
            host=host,
            pid=os.getpid(),
            node=os.environ.get("SLURMD_NODENAME", host),
            slurm_job=os.environ.get("SLURM_JOB_ID", ""),
            started=now,
            seen=now,
        )
        self._began = time.monotonic()
        self._seconds: list[float] = []
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._beat, name="record", daemon=True)

    def __enter__(self) -> Self:
        self._write("running")
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        self._ended.set()
        self._thread.join()
        self._write("finished" if kind is None else "failed")

    def drawn(self) -> None:
        """Count a frame that was drawn."""
        self._seconds.append(round(time.monotonic() - self._began, 4))

    def _beat(self) -> None:
        while not self._ended.wait(self._seconds_to_next_beat()):
            self._write("running")

    def _seconds_to_next_beat(self) -> float:
        seconds = (time.monotonic() - self._began) / BEATS_OF_A_JOB
        return min(max(seconds, SHORTEST_BEAT), LONGEST_BEAT)

    def _write(self, state: str) -> None:
        seconds = tuple(self._seconds)
        record = replace(
            self._record,
            seen=time.time(),
            n_drawn=len(seconds),
            state=state,
            seconds=() if state == "running" else seconds,
        )
        try:
            make_folder(self._path.parent)
            replace_unsynced(self._path, record_text(self._path, record))
        except OSError as error:
            logger.debug("The record %s cannot be written: %s", self._path, error)


def read_records(
    folder: Path, chunks: Iterable[str], known: dict[str, JobRecord] | None = None
) -> dict[str, JobRecord]:
    """Return the records of chunks: name -> record, without chunks that have none.

    Parameters
    ----------
    folder : Path
        The movie's folder.
    chunks : iterable of str
        Names of the chunks.
    known : dict, optional
        Records of finished jobs from an earlier call. They are not read again; new ones are added.
    """
    known = {} if known is None else known
    paths = WorkFolder(folder)
    try:
        names = set(os.listdir(paths.records))
    except OSError:
        return {}
    records = {}
    for chunk in chunks:
        if f"{chunk}.json" not in names:
            continue
        record = known.get(chunk) or _read(paths.record(chunk))
        if record is not None:
            records[chunk] = record
            if record.state == "finished":
                known[chunk] = record
    return records


def record_text(path: Path, record: JobRecord) -> str:
    """Return the text of a record's file."""
    return sealed_json(path, asdict(record), indent=None)


def _read(path: Path) -> JobRecord | None:
    def parse(data: bytes) -> JobRecord:
        content = parse_sealed_json(path, data)
        return JobRecord(**{**content, "seconds": tuple(content["seconds"])})

    found = examine(path, parse)
    if found.fault:
        logger.debug("The record %s %s.", path, found.fault)
    return found.content
