"""Compare this package with matplotlib's own animations and with its peer.

See ``benchmarks/README.md`` for what is measured and how to read it.
"""

from __future__ import annotations

import argparse
import csv
import ctypes
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

import imageio_ffmpeg
from peer_env import ensure_peer_python
from workloads import WORKLOADS

HERE = Path(__file__).resolve().parent

# From <linux/prctl.h>.
PR_SET_CHILD_SUBREAPER = 36
# In seconds; the helpers of a process pool end within a moment after it.
ORPHANS_TIMEOUT = 5.0

TITLES = {
    "ours": "parallel-animate",
    "matplotlib": "FuncAnimation.save",
    "peer": "parallel-matplotlib-animation",
}


@dataclass(frozen=True)
class Measurement:
    """One rendering of one workload with one tool.

    Attributes
    ----------
    turn
        Counts the rounds in which all tools ran; ratios are taken within one.
    workload, tool, n_frames
        What ran.
    version
        Of the tool, and of what it ran on.
    seconds
        Wall-clock time of the call that makes the video, the figure's set-up included.
    process_seconds
        Wall-clock time of the whole process: with starting Python and importing.
    cpu_seconds
        User and system time of that process and all that it started.
    megabytes, width, height
        The resulting video, in 10^6 bytes and in pixels.
    """

    turn: int
    workload: str
    tool: str
    n_frames: int
    version: str
    seconds: float
    process_seconds: float
    cpu_seconds: float
    megabytes: float
    width: int
    height: int

    @property
    def frames_per_second(self) -> float:
        """How fast the video was made."""
        return self.n_frames / self.seconds


@dataclass(frozen=True)
class Setting:
    """What holds for all measurements of one comparison.

    Attributes
    ----------
    pythons
        The interpreter of each tool; the tools take their turns in this order, and the first
        of them is what the others are compared with.
    workers, presets, redraw
        As in `measure.Job`.
    """

    pythons: dict[str, Path]
    workers: int
    presets: str
    redraw: str


def parse_arguments(argv: Sequence[str] | None = None) -> argparse.Namespace:
    """Return the command line's options."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.ArgumentDefaultsHelpFormatter
    )
    add = parser.add_argument
    add("--workloads", nargs="+", choices=WORKLOADS, default=list(WORKLOADS), help="what to draw")
    add("--tools", nargs="+", choices=TITLES, default=list(TITLES), help="first: the reference")
    add("--frames", type=int, help="frames of each video (default: by workload)")
    add("--repeats", type=int, default=3, help="turns of each tool")
    add("--workers", type=int, default=2, help="worker processes of the parallel tools")
    add(
        "--presets",
        choices=("defaults", "same"),
        default="defaults",
        help="encoder settings: each tool's own, or libx264 preset slow at CRF 20 for all",
    )
    add("--redraw", choices=("auto", "full"), default="auto", help="for parallel-animate")
    add("--peer-venv", type=Path, default=HERE / ".peer-venv", help="made on first use")
    add("--csv", type=Path, help="also write every measurement to this file")
    return parser.parse_args(argv)


def measure(turn: int, workload: str, tool: str, n_frames: int, setting: Setting) -> Measurement:
    """Render ``workload`` with ``tool`` in a fresh process.

    Parameters
    ----------
    turn
        Goes into the result.
    workload
        A key of `workloads.WORKLOADS`.
    tool
        A key of `TITLES`.
    n_frames
        The number of frames.
    setting
        All else.

    Returns
    -------
    Measurement
        The times, and what the video is like.

    Raises
    ------
    SystemExit
        If the tool failed or if frames are missing in the video.
    """
    with tempfile.TemporaryDirectory(prefix="compare-") as folder:
        output = Path(folder) / "video.mp4"
        command = [
            *(str(setting.pythons[tool]), str(HERE / "measure.py")),
            *("--tool", tool, "--workload", workload, "--frames", str(n_frames)),
            *("--output", str(output), "--workers", str(setting.workers)),
            *("--presets", setting.presets, "--redraw", setting.redraw),
        ]
        cpu_before = _cpu_seconds_of_children()
        start = time.perf_counter()
        process = subprocess.run(
            command, env=_environment(tool), capture_output=True, text=True, check=False
        )
        process_seconds = time.perf_counter() - start
        _reap_orphans()
        cpu_seconds = _cpu_seconds_of_children() - cpu_before
        if process.returncode != 0:
            raise SystemExit(f"{TITLES[tool]} failed on {workload}:\n{process.stderr}")
        result: dict[str, Any] = json.loads(process.stdout.splitlines()[-1])
        found, width, height = _inspect(output)
        if found != n_frames:
            raise SystemExit(f"{TITLES[tool]} made {found} of {n_frames} frames of {workload}")
        return Measurement(
            turn=turn,
            workload=workload,
            tool=tool,
            n_frames=n_frames,
            version=result["version"],
            seconds=result["seconds"],
            process_seconds=process_seconds,
            cpu_seconds=cpu_seconds,
            megabytes=output.stat().st_size / 1e6,
            width=width,
            height=height,
        )


def _environment(tool: str) -> dict[str, str]:
    # All tools encode with the one FFmpeg, whatever imageio-ffmpeg their environment has.
    forced = {"MPLBACKEND": "Agg", "IMAGEIO_FFMPEG_EXE": imageio_ffmpeg.get_ffmpeg_exe()}
    environment = os.environ | forced
    if tool == "peer":
        # A source tree of this package on the path would hide the peer: they share a name.
        environment.pop("PYTHONPATH", None)
    return environment


def _cpu_seconds_of_children() -> float:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def _adopt_orphans() -> None:
    """Become the parent of descendants that outlive theirs, so that their CPU time counts."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def _reap_orphans() -> None:
    """Wait for what a tool left behind to end: CPU time counts from then on."""
    deadline = time.monotonic() + ORPHANS_TIMEOUT
    while time.monotonic() < deadline:
        try:
            pid, _ = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return
        if pid == 0:
            time.sleep(0.01)
    _log("processes outlive the tool that started them; their CPU time is not counted")


def _inspect(video: Path) -> tuple[int, int, int]:
    """Return the video's number of frames, width and height."""
    n_frames, _ = imageio_ffmpeg.count_frames_and_secs(video)
    reader = imageio_ffmpeg.read_frames(video)
    width, height = next(reader)["source_size"]
    reader.close()
    return n_frames, width, height


def compare(
    workloads: Sequence[str], n_frames: int | None, repeats: int, setting: Setting
) -> Iterator[Measurement]:
    """Measure all tools on all workloads, in turns.

    A machine that others use is now fast and now slow.  Tools that run one right after the
    other share most of that, so ratios within a turn are steadier than the times.

    Parameters
    ----------
    workloads
        Keys of `workloads.WORKLOADS`.
    n_frames
        The number of frames, or None for that of each workload.
    repeats
        The number of turns.
    setting
        All else.

    Yields
    ------
    Measurement
        As soon as it is made.
    """
    for tool in setting.pythons:
        # Not counted: the first run of an environment compiles modules and lists the fonts.
        _log(f"warm-up: {TITLES[tool]}")
        measure(0, workloads[0], tool, 2, setting)
    total = len(workloads) * repeats * len(setting.pythons)
    done = 0
    for workload in workloads:
        for turn in range(1, repeats + 1):
            for tool in setting.pythons:
                frames = n_frames or WORKLOADS[workload].n_frames
                measurement = measure(turn, workload, tool, frames, setting)
                done += 1
                _log(
                    f"[{done}/{total}] {workload}, turn {turn}, {TITLES[tool]}: "
                    f"{measurement.frames_per_second:.1f} frames/s, "
                    f"{measurement.cpu_seconds:.1f} CPU s"
                )
                yield measurement


def report(measurements: Sequence[Measurement]) -> str:
    """Return the comparison as a Markdown table.

    Parameters
    ----------
    measurements
        What `compare` gave; the tool of the first one is the reference of the ratios.

    Returns
    -------
    str
        One row for each workload and tool.
    """
    reference_tool = measurements[0].tool
    header = (
        "workload",
        "frames",
        "tool",
        "frames/s",
        "CPU s",
        "time ratio",
        "CPU ratio",
        "video",
    )
    rows: list[Sequence[str]] = [header]
    for workload in dict.fromkeys(m.workload for m in measurements):
        of_workload = [m for m in measurements if m.workload == workload]
        reference = [m for m in of_workload if m.tool == reference_tool]
        for tool in dict.fromkeys(m.tool for m in of_workload):
            rows.append(_row([m for m in of_workload if m.tool == tool], reference))
    return _markdown(rows)


def _row(own: Sequence[Measurement], reference: Sequence[Measurement]) -> Sequence[str]:
    """Return the table's row for one tool on one workload, turns in the same order in both."""
    pairs = list(zip(own, reference, strict=True))
    is_reference = own[0].tool == reference[0].tool
    time_ratios = [mine.seconds / other.seconds for mine, other in pairs]
    cpu_ratios = [mine.cpu_seconds / other.cpu_seconds for mine, other in pairs]
    return (
        WORKLOADS[own[0].workload].title,
        str(own[0].n_frames),
        TITLES[own[0].tool],
        _spread([m.frames_per_second for m in own], 1),
        _spread([m.cpu_seconds for m in own], 1),
        "" if is_reference else _spread(time_ratios, 2, "x"),
        "" if is_reference else _spread(cpu_ratios, 2, "x"),
        f"{own[0].width}x{own[0].height}, {own[0].megabytes:.2f} MB",
    )


def _spread(values: Sequence[float], digits: int, unit: str = "") -> str:
    """Return the median with the minimum and the maximum."""
    middle, low, high = statistics.median(values), min(values), max(values)
    return f"{middle:.{digits}f}{unit} ({low:.{digits}f}-{high:.{digits}f})"


def _markdown(rows: Sequence[Sequence[str]]) -> str:
    """Return ``rows``, the first of them the header, with their columns aligned."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    rule = ["-" * width for width in widths]
    return "\n".join(
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |"
        for row in (rows[0], rule, *rows[1:])
    )


def describe(setting: Setting) -> str:
    """Return what the comparison runs on and with."""
    ffmpeg = imageio_ffmpeg.get_ffmpeg_version()
    return (
        f"{_n_cores()} cores, load average at the start {os.getloadavg()[0]:.1f}\n"
        f"FFmpeg {ffmpeg.split()[0]}, encoder settings: {setting.presets}\n"
        f"{setting.workers} workers, redraw={setting.redraw!r} for {TITLES['ours']}"
    )


def _n_cores() -> int:
    """Return how many cores this process may use, which can be fewer than there are."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def write_csv(path: Path, measurements: Iterable[Measurement]) -> None:
    """Write every measurement as a row of a CSV file."""
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, [field.name for field in fields(Measurement)])
        writer.writeheader()
        writer.writerows(asdict(measurement) for measurement in measurements)


def _log(message: str) -> None:
    print(message, file=sys.stderr, flush=True)


def main() -> None:
    """Run the comparison that the command line asks for and print its table."""
    args = parse_arguments()
    pythons = {
        tool: ensure_peer_python(args.peer_venv) if tool == "peer" else Path(sys.executable)
        for tool in args.tools
    }
    setting = Setting(pythons, args.workers, args.presets, args.redraw)
    description = describe(setting)
    _adopt_orphans()
    measurements = list(compare(args.workloads, args.frames, args.repeats, setting))
    print(description)
    for tool in setting.pythons:
        version = next(m.version for m in measurements if m.tool == tool)
        print(f"{TITLES[tool]}: {version}")
    reference = TITLES[args.tools[0]]
    print(f"Median (min-max) of {args.repeats}; a ratio of 2x takes twice what {reference} takes.")
    print()
    print(report(measurements))
    if args.csv:
        write_csv(args.csv, measurements)


if __name__ == "__main__":
    main()
