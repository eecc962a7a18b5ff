"""Compare this package with matplotlib's own animations and with its peer.

``benchmarks/README.md`` explains what is measured and how to read it.
"""

from __future__ import annotations

import argparse
import statistics
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from more_workloads import ALL_WORKLOADS
from processes import log
from records import describe_machine, format_table, save, spread
from tools import HERE, TITLES, Measurement, Setting, Tools
from workloads import WORKLOADS


def parse_arguments(argv: Sequence[str] | None = None) -> argparse.Namespace:
    """Return the command line's options."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.ArgumentDefaultsHelpFormatter
    )
    add = parser.add_argument
    add(
        "--workloads",
        nargs="+",
        choices=ALL_WORKLOADS,
        default=list(WORKLOADS),
        help="what to draw",
    )
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


def compare(
    workloads: Sequence[str], n_frames: int | None, repeats: int, tools: Tools, setting: Setting
) -> Iterator[Measurement]:
    """Measure all tools on all workloads, in turns.

    The speed of a shared machine changes.  Tools that run right after each other run at about the
    same speed, so ratios within a turn are steadier than the times.

    Parameters
    ----------
    workloads
        Keys of `more_workloads.ALL_WORKLOADS`.
    n_frames
        The number of frames, or None for each workload's usual number.
    repeats
        The number of turns.
    tools
        The tools to compare.
    setting
        All other settings.

    Yields
    ------
    Measurement
        Each one as soon as it is made.
    """
    for tool in tools.pythons:
        # Not counted: the first run of an environment compiles modules and lists the fonts.
        log(f"warm-up: {TITLES[tool]}")
        tools.measure(0, workloads[0], tool, 2, setting)
    total = len(workloads) * repeats * len(tools.pythons)
    done = 0
    for workload in workloads:
        for turn in range(1, repeats + 1):
            for tool in tools.pythons:
                frames = n_frames or ALL_WORKLOADS[workload].n_frames
                measurement = tools.measure(turn, workload, tool, frames, setting)
                done += 1
                log(
                    f"[{done}/{total}] {workload}, turn {turn}, {TITLES[tool]}: "
                    f"{measurement.frames_per_second:.1f} frames/s, "
                    f"{measurement.cpu_seconds:.1f} CPU s"
                )
                yield measurement


HEADER = (
    "workload",
    "frames",
    "tool",
    "frames/s",
    "CPU s",
    "time ratio",
    "cold ratio",
    "CPU ratio",
    "video",
)
# The numbers to take ratios of, in the order of the columns.
RATIOS: tuple[Callable[[Measurement], float], ...] = (
    lambda m: m.seconds,
    lambda m: m.process_seconds,
    lambda m: m.cpu_seconds,
)


def report(measurements: Sequence[Measurement]) -> str:
    """Return the comparison as a Markdown table.

    Parameters
    ----------
    measurements
        The measurements from `compare`; the first one's tool is the reference of the ratios.

    Returns
    -------
    str
        One row for each workload and tool, and the geometric mean over several workloads.
    """
    rows: list[Sequence[str]] = [HEADER]
    workloads = list(dict.fromkeys(m.workload for m in measurements))
    tools = list(dict.fromkeys(m.tool for m in measurements))
    for workload in workloads:
        rows += [_row(measurements, workload, tool) for tool in tools]
    if len(workloads) > 1:
        rows += [_mean_row(measurements, tool) for tool in tools[1:]]
    return format_table(rows)


def _row(measurements: Sequence[Measurement], workload: str, tool: str) -> Sequence[str]:
    own = [m for m in measurements if (m.workload, m.tool) == (workload, tool)]
    cells = ["", "", ""]
    if tool != measurements[0].tool:
        cells = [spread(ratios(measurements, workload, tool, of), 2, "x") for of in RATIOS]
    return (
        ALL_WORKLOADS[workload].title,
        str(own[0].n_frames),
        TITLES[tool],
        spread([m.frames_per_second for m in own], 1),
        spread([m.cpu_seconds for m in own], 1),
        *cells,
        f"{own[0].width}x{own[0].height}, {own[0].megabytes:.2f} MB",
    )


def _mean_row(measurements: Sequence[Measurement], tool: str) -> Sequence[str]:
    means = [f"{mean_ratio(measurements, tool, of):.2f}x" for of in RATIOS]
    return ("geometric mean of the medians", "", TITLES[tool], "", "", *means, "")


def ratios(
    measurements: Sequence[Measurement],
    workload: str,
    tool: str,
    of: Callable[[Measurement], float],
) -> list[float]:
    """Return a tool's numbers as multiples of the reference tool's, for each turn.

    Parameters
    ----------
    measurements
        The first one's tool is the reference.
    workload, tool
        The measurements to use.
    of
        The number to compare: one of `RATIOS`.
    """
    by_tool = [
        {m.turn: of(m) for m in measurements if (m.workload, m.tool) == (workload, name)}
        for name in (tool, measurements[0].tool)
    ]
    return [own / by_tool[1][turn] for turn, own in by_tool[0].items()]


def mean_ratio(
    measurements: Sequence[Measurement], tool: str, of: Callable[[Measurement], float]
) -> float:
    """Return the geometric mean over all workloads of the median of `ratios`."""
    workloads = dict.fromkeys(m.workload for m in measurements)
    return statistics.geometric_mean(
        statistics.median(ratios(measurements, workload, tool, of)) for workload in workloads
    )


def main() -> None:
    """Run the comparison that the command line asks for and print its table."""
    args = parse_arguments()
    tools = Tools.of(args.tools, args.peer_venv)
    setting = Setting(args.workers, args.presets, args.redraw)
    machine = describe_machine()
    measurements = list(compare(args.workloads, args.frames, args.repeats, tools, setting))
    if args.csv:
        save(args.csv, measurements, machine)
    for name, value in machine.items():
        print(f"{name}: {value}")
    print(f"{setting.workers} workers, encoder settings: {setting.presets}")
    for tool in tools.pythons:
        version = next(m.version for m in measurements if m.tool == tool)
        print(f"{TITLES[tool]}: {version}")
    print(f"redraw={setting.redraw!r} for {TITLES['ours']}")
    reference = TITLES[args.tools[0]]
    print(f"Median (min-max) of {args.repeats}; a ratio of 2x takes twice what {reference} takes.")
    print()
    print(report(measurements))


if __name__ == "__main__":
    main()
