"""Measure the time before the first frame, and the overhead of a job of the workflow.

Everything runs in a fresh process: first make_video, with one worker and with several; then
``parallel-animate render-chunk``, as Snakemake runs it.
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from animators import ANIMATORS
from first_frame import FIRST_FRAME, SETUP_BEGINS, SETUP_ENDS
from job_parts import CHECK, END, PARTS, RENDERING
from measure import FPS
from more_workloads import ALL_WORKLOADS
from processes import log, run
from records import describe_machine, format_table, save, spread

HERE = Path(__file__).resolve().parent
STARTED = "started"
# The phase between each two events.
PHASES = {
    (STARTED, "call"): "start Python, import",
    ("call", SETUP_BEGINS): "make_video, until it calls setup()",
    (SETUP_BEGINS, SETUP_ENDS): "setup()",
    (SETUP_ENDS, FIRST_FRAME): "first frame drawn, FFmpeg started",
    (FIRST_FRAME, "return"): "the rest of the movie",
}
TO_FIRST_FRAME = "make_video, until its first frame"
BESIDE = "**beside rendering**"


@dataclass(frozen=True)
class Phase:
    """A phase of one call of make_video in a fresh process.

    Attributes
    ----------
    turn
        Counts the rounds.
    workers, n_frames
        What ran.
    phase
        Its name.
    seconds
        Its wall-clock time.
    """

    turn: int
    workers: int
    n_frames: int
    phase: str
    seconds: float


@dataclass(frozen=True)
class Part:
    """A part of one job of the workflow.

    Attributes
    ----------
    turn
        Counts the rounds.
    workload, n_frames
        The chunk.
    part
        One of the parts of `job_parts`.
    seconds, cpu_seconds
        Wall-clock time; user and system time, including FFmpeg's where the part waits for it.
    """

    turn: int
    workload: str
    n_frames: int
    part: str
    seconds: float
    cpu_seconds: float


def measure_first_frame(turn: int, workers: int, n_frames: int) -> list[Phase]:
    """Render the wave in a fresh process and return how long each phase took."""
    command = [
        *(sys.executable, str(HERE / "first_frame.py")),
        *("--frames", str(n_frames), "--workers", str(workers)),
    ]
    started = time.time()
    output = run(f"make_video with {workers} workers", command).output
    times = {STARTED: started, **json.loads(output.splitlines()[-1])}
    spans = {**PHASES, ("call", FIRST_FRAME): TO_FIRST_FRAME}
    return [
        Phase(turn, workers, n_frames, phase, times[after] - times[before])
        for (before, after), phase in spans.items()
    ]


def plan_chunk(folder: Path, workload: str, n_frames: int) -> Path:
    """Plan a movie of one chunk in ``folder``, as the workflow does, and return the chunk file."""
    (folder / "params.py").write_text(
        "from more_workloads import ALL_WORKLOADS\n\n\n"
        f"def frames():\n    return ALL_WORKLOADS[{workload!r}].params({n_frames})\n"
    )
    movie = {
        "animator": f"{HERE / 'animators.py'}:{ANIMATORS[workload].__name__}",
        "params": f"{folder / 'params.py'}:frames",
        "fps": FPS,
        "chunk_size": n_frames,
        "video_mode": "cpu",
    }
    config = folder / "config.json"
    config.write_text(json.dumps({"movies": {"movie": movie}}))
    work = folder / "work"
    cli = [sys.executable, "-m", "parallel_animate"]
    run("the plan", [*cli, "plan", str(config), "--work", str(work)], _environment())
    (chunk,) = (work / "movie/chunks").glob("*.chunk")
    return chunk


def measure_job(turn: int, workload: str, n_frames: int, chunk: Path) -> list[Part]:
    """Render a chunk file in a fresh process and return how long each part took."""
    segment = chunk.parent.parent / f"segments/{chunk.stem}.mp4"
    segment.unlink(missing_ok=True)
    started = time.time()
    command = [sys.executable, str(HERE / "job_parts.py"), "--started", str(started)]
    took = run("render-chunk", [*command, str(chunk), str(segment)], _environment())
    result: dict[str, Any] = json.loads(took.output.splitlines()[-1])
    parts: dict[str, tuple[float, float]] = result["parts"]
    cpu_seconds = sum(cpu for _, cpu in parts.values())
    end = started + took.seconds - result["end"], took.cpu_seconds - cpu_seconds
    return [
        Part(turn, workload, n_frames, part, seconds, cpu)
        for part, (seconds, cpu) in [*parts.items(), (END, end)]
    ]


def _environment() -> dict[str, str]:
    # As in the workflow's rule; params.py finds the workloads here.
    return os.environ | {"PYTHONHASHSEED": "0", "PYTHONPATH": str(HERE), "MPLBACKEND": "agg"}


def report_first_frame(phases: Sequence[Phase]) -> str:
    """Return a Markdown table of seconds: a row for each phase, a column per number of workers."""
    workers = sorted({phase.workers for phase in phases})
    rows: list[Sequence[str]] = [("seconds", *(f"workers: {count}" for count in workers))]
    for name in dict.fromkeys(phase.phase for phase in phases):
        cells = (
            [p.seconds for p in phases if (p.phase, p.workers) == (name, count)]
            for count in workers
        )
        rows.append((name, *(spread(cell, 2) for cell in cells)))
    return format_table(rows)


def report_job(parts: Sequence[Part]) -> str:
    """Return a Markdown table of each part's seconds and share, two columns per workload."""
    workloads = list(dict.fromkeys(part.workload for part in parts))
    header = ["part of a job"]
    for workload in workloads:
        n_frames = next(part.n_frames for part in parts if part.workload == workload)
        title = f"{ALL_WORKLOADS[workload].title}, {n_frames} frames"
        header += [f"{title}: s", "CPU s", "share"]
    rows: list[Sequence[str]] = [header]
    groups = {name: [name] for name in PARTS}
    groups[BESIDE] = [name for name in PARTS if name not in RENDERING]
    for title, members in groups.items():
        cells = (_cells(parts, workload, members) for workload in workloads)
        rows.append([title, *itertools.chain.from_iterable(cells)])
    return format_table(rows)


def check_shares(parts: Sequence[Part], workload: str) -> list[float]:
    """Return the self-checks' share of the CPU time of rendering a chunk, for each turn.

    Rendering is drawing and encoding, without the job's overhead.
    """
    own = [part for part in parts if part.workload == workload and part.part in RENDERING]
    totals, checks = (
        [
            sum(p.cpu_seconds for p in own if p.turn == turn and p.part in members)
            for turn in sorted({part.turn for part in own})
        ]
        for members in (RENDERING, (CHECK,))
    )
    return [check / total for check, total in zip(checks, totals, strict=True)]


def _cells(parts: Sequence[Part], workload: str, members: Sequence[str]) -> list[str]:
    own = [part for part in parts if part.workload == workload]
    turns = sorted({part.turn for part in own})
    of_turn = [[p for p in own if p.turn == turn] for turn in turns]
    seconds = [sum(p.seconds for p in turn if p.part in members) for turn in of_turn]
    cpu_seconds = [sum(p.cpu_seconds for p in turn if p.part in members) for turn in of_turn]
    totals = [sum(p.seconds for p in turn) for turn in of_turn]
    shares = [100 * part / total for part, total in zip(seconds, totals, strict=True)]
    return [spread(seconds, 2), spread(cpu_seconds, 2), f"{statistics.median(shares):.0f} %"]


def main() -> None:
    """Measure what the command line asks for and print the tables."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.ArgumentDefaultsHelpFormatter
    )
    add = parser.add_argument
    add("--workers", nargs="+", type=int, default=[1, 2], help="of make_video")
    add("--frames", type=int, default=60, help="of the movie that make_video renders")
    add("--workloads", nargs="+", choices=ALL_WORKLOADS, default=["wave", "14"], help="of the job")
    add("--chunk", type=int, default=250, help="frames of the job's chunk")
    add("--repeats", type=int, default=3, help="turns")
    add("--csv", type=Path, help="write the measurements of make_video to this file")
    add("--job-csv", type=Path, help="write those of the job to this file")
    args = parser.parse_args()
    machine = describe_machine()
    phases: list[Phase] = []
    parts: list[Part] = []
    with tempfile.TemporaryDirectory(prefix="startup-") as name:
        chunks = {}
        for workload in args.workloads:
            folder = Path(name, workload)
            folder.mkdir()
            chunks[workload] = plan_chunk(folder, workload, args.chunk)
        for turn in range(1, args.repeats + 1):
            log(f"turn {turn}")
            for workers in args.workers:
                phases += measure_first_frame(turn, workers, args.frames)
            for workload, chunk in chunks.items():
                parts += measure_job(turn, workload, args.chunk, chunk)
    if args.csv:
        save(args.csv, phases, machine)
    if args.job_csv:
        save(args.job_csv, parts, machine)
    print(report_first_frame(phases))
    print()
    print(report_job(parts))


if __name__ == "__main__":
    main()
