"""Run a command in a fresh process and measure it with all processes it starts."""

from __future__ import annotations

import contextlib
import ctypes
import os
import resource
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

# From <linux/prctl.h>.
PR_SET_CHILD_SUBREAPER = 36
# In seconds; the helpers of a process pool end a moment after it.
ORPHANS_TIMEOUT = 5.0
SAMPLING_INTERVAL = 0.05


@dataclass(frozen=True)
class Run:
    """The cost of a command.

    Attributes
    ----------
    seconds
        Wall-clock time from its start to its end.
    cpu_seconds
        User and system time of its process and all processes it started.
    output
        Its standard output.
    """

    seconds: float
    cpu_seconds: float
    output: str


@dataclass(frozen=True)
class Peaks:
    """The peaks of memory and disk, in bytes.

    Attributes
    ----------
    memory
        The memory of the process and all its descendants.
    disk
        The size of all files in the watched folder; 0 without a folder.
    """

    memory: int
    disk: int


def run(what: str, command: Sequence[str], environment: Mapping[str, str] | None = None) -> Run:
    """Run a command to its end.

    Parameters
    ----------
    what
        The command in words, for messages.
    command
        Program and arguments.
    environment
        All its environment variables, or None for those of this process.

    Returns
    -------
    Run
        The cost. It counts every process that starts and ends meanwhile: run one command at a time.

    Raises
    ------
    SystemExit
        If it failed.
    """
    _adopt_orphans()
    cpu_before = _cpu_seconds_of_children()
    start = time.perf_counter()
    process = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    seconds = time.perf_counter() - start
    _reap_orphans()
    cpu_seconds = _cpu_seconds_of_children() - cpu_before
    if process.returncode != 0:
        raise SystemExit(f"{what} failed ({process.returncode}):\n{process.stderr}")
    return Run(seconds, cpu_seconds, process.stdout)


def sample_peaks(
    what: str,
    command: Sequence[str],
    environment: Mapping[str, str] | None = None,
    folder: Path | None = None,
) -> Peaks:
    """Run a command to its end and sample its memory and files all the time.

    Sampling takes time, so do not time the same run.

    Parameters
    ----------
    what, command, environment
        As for `run`.
    folder
        Where the command writes.

    Returns
    -------
    Peaks
        The peaks, sampled every `SAMPLING_INTERVAL` seconds.

    Raises
    ------
    SystemExit
        If it failed.
    """
    memory = disk = 0
    with subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL) as process:
        root = psutil.Process(process.pid)
        known: set[int] = set()
        while process.poll() is None:
            sample = _memory_by_process(root)
            # A new process shares all memory with its parent until it runs its program, and would
            # count the parent a second time.
            memory = max(memory, sum(size for pid, size in sample.items() if pid in known))
            known = set(sample)
            if folder is not None:
                disk = max(disk, _size_of_files(folder))
            time.sleep(SAMPLING_INTERVAL)
    if process.returncode != 0:
        raise SystemExit(f"{what} failed ({process.returncode})")
    return Peaks(memory, disk)


def log(message: str) -> None:
    """Write a line to stderr; stdout is for results."""
    print(message, file=sys.stderr, flush=True)


def _adopt_orphans() -> None:
    """Become the parent of descendants that outlive their own, so that their CPU time counts."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def _reap_orphans() -> None:
    """Wait until processes that a command left behind end; only then their CPU time counts."""
    deadline = time.monotonic() + ORPHANS_TIMEOUT
    while time.monotonic() < deadline:
        try:
            pid, _ = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return
        if pid == 0:
            time.sleep(0.01)
    log("processes outlive the command that started them; their CPU time is not counted")


def _cpu_seconds_of_children() -> float:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def _memory_by_process(root: psutil.Process) -> dict[int, int]:
    """Return the memory of ``root`` and of each of its descendants, by process id."""
    sample: dict[int, int] = {}
    # A process may end after it was listed.
    with contextlib.suppress(psutil.NoSuchProcess):
        for process in [root, *root.children(recursive=True)]:
            with contextlib.suppress(psutil.NoSuchProcess):
                sample[process.pid] = _memory(process)
    return sample


def _memory(process: psutil.Process) -> int:
    info = process.memory_full_info()
    # In the sum, the proportional set size counts a shared page just once.  Only Linux has
    # it; the unique set size leaves shared pages out.
    return int(getattr(info, "pss", info.uss))


def _size_of_files(folder: Path) -> int:
    size = 0
    for path in folder.rglob("*"):
        # A file may be removed after it was listed.
        with contextlib.suppress(FileNotFoundError):
            if path.is_file():
                size += path.stat().st_size
    return size
