"""Measure how make_video scales with workers: speed, efficiency, memory, temporary disk.

One worker is the serial path, in the caller's process. Efficiency is the speed over N times the
speed of one worker.
"""

from __future__ import annotations

import argparse
import math
import statistics
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from more_workloads import ALL_WORKLOADS
from plots import plot_scaling
from processes import log
from records import describe_machine, format_table, n_cores, save, spread
from tools import HERE, TITLES, Setting, Tools
from workloads import WORKLOADS

from parallel_animate.inputs.frames import default_chunk_size

MEGA = 1e6


@dataclass(frozen=True)
class Scaling:
    """One rendering that was timed, and one whose memory and files were sampled.

    Attributes
    ----------
    turn
        Counts the rounds in which all numbers of workers ran; ratios are taken within one.
    workload, tool, workers, n_frames
        What ran, and how.
    n_chunks
        The number of chunks that this package cuts the frames into.
    seconds
        Wall-clock time of the call that makes the video, the start of the workers included.
    cpu_seconds
        User and system time of its process and all processes it started.
    memory_mb
        Peak memory of its process and all processes it started, in 10^6 bytes.
    disk_mb
        Peak size of all files it wrote, temporary files and the video, in 10^6 bytes.
    video_mb
        Size of the video, in 10^6 bytes.
    """

    turn: int
    workload: str
    tool: str
    workers: int
    n_frames: int
    n_chunks: int
    seconds: float
    cpu_seconds: float
    memory_mb: float
    disk_mb: float
    video_mb: float

    @property
    def frames_per_second(self) -> float:
        """How fast the video was made."""
        return self.n_frames / self.seconds


def measure(
    workloads: Sequence[str],
    workers: Sequence[int],
    n_frames: int | None,
    repeats: int,
    tools: Tools,
) -> Iterator[Scaling]:
    """Render all workloads with all numbers of workers, in turns.

    Parameters
    ----------
    workloads
        Keys of `more_workloads.ALL_WORKLOADS`.
    workers
        Numbers of workers.
    n_frames
        The number of frames, or None for each workload's usual number.
    repeats
        The number of turns.
    tools
        The tools that render.

    Yields
    ------
    Scaling
        Each one as soon as it is measured.
    """
    for tool in tools.pythons:
        # Not counted: the first run of an environment compiles modules and lists the fonts.
        tools.measure(0, workloads[0], tool, 2, Setting(workers=2))
    for workload in workloads:
        frames = n_frames or ALL_WORKLOADS[workload].n_frames
        for turn in range(1, repeats + 1):
            for tool in tools.pythons:
                for count in workers:
                    row = _measure(turn, workload, tool, count, frames, tools)
                    log(
                        f"{workload}, turn {turn}, {TITLES[tool]}, workers {count}: "
                        f"{row.frames_per_second:.1f} frames/s, {row.memory_mb:.0f} MB memory"
                    )
                    yield row


def _measure(
    turn: int, workload: str, tool: str, workers: int, n_frames: int, tools: Tools
) -> Scaling:
    setting = Setting(workers=workers)
    timed = tools.measure(turn, workload, tool, n_frames, setting)
    peaks = tools.peaks(workload, tool, n_frames, setting)
    return Scaling(
        turn=turn,
        workload=workload,
        tool=tool,
        workers=workers,
        n_frames=n_frames,
        n_chunks=math.ceil(n_frames / default_chunk_size(n_frames)),
        seconds=timed.seconds,
        cpu_seconds=timed.cpu_seconds,
        memory_mb=peaks.memory / MEGA,
        disk_mb=peaks.disk / MEGA,
        video_mb=timed.megabytes,
    )


HEADER = (
    "workload",
    "frames",
    "chunks",
    "tool",
    "workers",
    "frames/s",
    "efficiency",
    "CPU s",
    "memory, MB",
    "files, MB",
    "video, MB",
)


def report(rows: Sequence[Scaling]) -> str:
    """Return a Markdown table with a row for each workload, tool and number of workers."""
    table: list[Sequence[str]] = [HEADER]
    for key in dict.fromkeys((row.workload, row.tool, row.workers) for row in rows):
        own = [row for row in rows if (row.workload, row.tool, row.workers) == key]
        table.append(
            (
                ALL_WORKLOADS[own[0].workload].title,
                str(own[0].n_frames),
                str(own[0].n_chunks) if own[0].tool == "ours" else "",
                TITLES[own[0].tool],
                str(own[0].workers),
                spread([row.frames_per_second for row in own], 1),
                spread([100 * value for value in efficiencies(rows, *key)], 0, " %"),
                spread([row.cpu_seconds for row in own], 1),
                spread([row.memory_mb for row in own], 0),
                spread([row.disk_mb for row in own], 2),
                f"{statistics.median(row.video_mb for row in own):.2f}",
            )
        )
    return format_table(table)


def efficiencies(rows: Sequence[Scaling], workload: str, tool: str, workers: int) -> list[float]:
    """Return the speed over ``workers`` times the speed of one worker, for each turn."""
    by_workers = rates(rows, tool)[workload]
    pairs = zip(by_workers[workers], by_workers[1], strict=True)
    return [rate / (workers * serial) for rate, serial in pairs]


def rates(rows: Sequence[Scaling], tool: str) -> Mapping[str, Mapping[int, list[float]]]:
    """Return frames per second of each turn, by workload and number of workers."""
    found: dict[str, dict[int, list[float]]] = {}
    for row in rows:
        if row.tool == tool:
            by_workers = found.setdefault(row.workload, {})
            by_workers.setdefault(row.workers, []).append(row.frames_per_second)
    return found


def plot(rows: Sequence[Scaling], path: Path) -> None:
    """Plot the speed of this package over the workers."""
    ours = rates(rows, "ours")
    plot_scaling({ALL_WORKLOADS[name].title: ours[name] for name in ours}, path)


def main() -> None:
    """Measure what the command line asks for and print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.ArgumentDefaultsHelpFormatter
    )
    add = parser.add_argument
    chosen = list(WORKLOADS)
    add("--workloads", nargs="+", choices=ALL_WORKLOADS, default=chosen, help="what to draw")
    add("--workers", nargs="+", type=int, default=_some_workers(), help="1 is always among them")
    # One worker renders a chunk, so with fewer chunks than workers some have nothing to do.
    add("--frames", type=int, help="of each video (default: by workload); 100 a worker or more")
    add("--repeats", type=int, default=3, help="turns of all numbers of workers")
    add("--tools", nargs="+", choices=("ours", "peer"), default=["ours"], help="what renders")
    add("--peer-venv", type=Path, default=HERE / ".peer-venv", help="made on first use")
    add("--csv", type=Path, help="also write every measurement to this file")
    add("--plot", type=Path, help="also plot the speed of this package to this .svg or .png")
    args = parser.parse_args()
    tools = Tools.of(args.tools, args.peer_venv)
    machine = describe_machine()
    workers = sorted({1, *args.workers})
    rows = list(measure(args.workloads, workers, args.frames, args.repeats, tools))
    if args.csv:
        save(args.csv, rows, machine)
    print(report(rows))
    if args.plot and "ours" in args.tools:
        plot(rows, args.plot)


def _some_workers() -> list[int]:
    """Return 1, 2, 4 and so on, and the number of all cores."""
    cores = n_cores()
    return sorted({2**power for power in range(cores.bit_length()) if 2**power <= cores} | {cores})


if __name__ == "__main__":
    main()
