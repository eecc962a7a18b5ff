"""Write docs/benchmarks.md and its plots from the CSV files in benchmarks/results/.

All numbers on that page come from these files. ``benchmarks/run_all.sh`` makes them.
"""

from __future__ import annotations

import argparse
import operator
import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import compare
import limits
import plain
import redraw
import scaling
import startup
from more_workloads import ALL_WORKLOADS
from plots import plot_speedups
from records import PASSING, format_table, load, load_machine, spread
from tools import TITLES, Measurement

HERE = Path(__file__).resolve().parent
SECONDS = operator.attrgetter("seconds")
PROCESS_SECONDS = operator.attrgetter("process_seconds")

Row = TypeVar("Row")

PAGE = """\
<!-- Written by benchmarks/report.py from benchmarks/results/*.csv: do not edit. -->
# Benchmarks

This page shows how fast the package is, how much it gains by drawing less, and how it scales with
more workers. Every number comes from a script in `benchmarks/`; the README.md there describes the
method. `make bench` repeats all measurements and writes this page.

Numbers are medians of all repeats, with the smallest and the largest in parentheses. The tools run
in turn, and each ratio compares runs of one turn. Trust a difference only where the whole range is
on one side of 1.

## In short

{summary}

Of {n_compared} frames that were compared with a full redraw, {n_differing} differ.

## Animations as people write them

`save_animation` with {n_savers} workers against matplotlib's `Animation.save`, each at its
defaults, from the start of Python to the finished movie. *time ratio*, *CPU ratio*: matplotlib's
time over that of `save_animation`.

{plain}

## Machine and dates

{machine}

*load* is the load average before the measurement: the share of other programs.

{origins}

## Against other tools

Tools that have worker processes use {n_workers}. *time ratio*: the wall-clock time of the call that
makes the video, over that of {ours}. *cold ratio*: the same for the whole process, including the
start of Python and all imports. *CPU ratio*: the same for the CPU time of all processes.

Each tool with its own encoder settings (libx264: veryfast at CRF 20 for {ours}, medium at 23 for
{matplotlib}, slow at 20 for {peer}):

{defaults}

All tools with libx264 preset slow at CRF 20:

{same}

The encoder settings of the first table, but {ours} draws every frame in full (`redraw="full"`):

{full}

A short movie, in which start-up dominates:

{cold}

## Drawing alone

CPU milliseconds a frame for `update()` and drawing, without the encoder, in a chunk of {chunk}
frames.

- *full*: every frame as matplotlib draws it.
- *caches*: every artist is drawn, but text and ticks are laid out once.
- *auto*: as in a movie, only changed artists are drawn; self-checks included.
- *setup*: additional time, once per chunk.
- *full/caches*, *full/auto*: the ratio of these CPU times.

{redraw}

![CPU time of a full redraw over that of the caches and of auto]({images}/benchmarks-redraw.png)

## Workers

One worker means the serial path, in the caller's process. *efficiency* is the speed of N workers
over N times the speed of one. FFmpeg encodes in its own process at the same time, so one worker
keeps more than one core busy. So as many workers as cores cannot be fully efficient. One worker
draws a whole chunk; with fewer chunks than workers, some workers are idle. *memory* is the peak of
all processes together. *files* is the peak of all files on disk, including the video.

{scaling}

![Speed over that of one worker]({images}/benchmarks-scaling.png)

## What remains

With as many workers as cores, a movie takes the CPU time of all processes divided by the cores.
Drawing less does not remove these parts of that time:

- **The encoder.** Drawing cannot make it cheaper. In the table of a job's parts it is the CPU time
  of *wait for FFmpeg*. Preset slow takes even more, so the ratios of the second table are smaller.
- **Once in each movie: Python and matplotlib.** A fork of the caller would inherit its figures,
  threads and settings. So on Linux workers are forks of one fresh process that has imported
  matplotlib; elsewhere each of them imports it.
- **Once in each chunk: `setup()`, two full draws and the self-check.** In the first draw matplotlib
  makes its ticks; the second shows what drawing itself changes. Movies of 300 frames have chunks of
  40, so that up to 8 workers have something to do. With few workers, `chunk_size=100` is faster.

This work cannot be avoided:

- the encoder, with frames that are ready;
- the start of {n_processes} processes;
- in each chunk, `setup()` and one draw by matplotlib;
- in each frame, `update()` and a draw of the artists that it changes.

*least* is the sum of these over {n_workers} cores. A movie would take this time if everything else
took none: finding changes, painting the artists above them, checks, and the join. *at most* is the
time of {peer} over *least*: the largest possible ratio. *is* is the measured ratio to {ours} (the
time ratio from above).

{limits}

## Start

Seconds from the start of a fresh process to the first frame, for a movie of {n_first} frames of one
line:

{startup}

The parts of `parallel-animate render-chunk`, the job of the workflow. The part that waits for
FFmpeg includes the CPU time of FFmpeg.

{job}

Share of the self-checks in the CPU time of drawing and encoding such a chunk: {checks}.
"""


@dataclass(frozen=True)
class Results:
    """The CSV files in a folder.

    Attributes
    ----------
    folder
        The folder of the CSV files.
    """

    folder: Path

    def path(self, name: str) -> Path:
        """Return the path of a CSV file."""
        path = self.folder / f"{name}.csv"
        if not path.exists():
            raise SystemExit(f"There is no {path}: benchmarks/run_all.sh makes it.")
        return path

    def rows(self, name: str, kind: type[Row]) -> list[Row]:
        """Return the measurements in a CSV file."""
        return load(self.path(name), kind)

    def machine(self, names: Sequence[str]) -> dict[str, str]:
        """Return the machine and software that all files were measured on.

        Raises
        ------
        SystemExit
            If the files are from several machines or versions.
        """
        machines = {name: self._lasting(name) for name in names}
        first = machines[names[0]]
        for name, machine in machines.items():
            if machine != first:
                different = [key for key in first if machine.get(key) != first[key]]
                raise SystemExit(
                    f"{names[0]} and {name} were measured with another {', '.join(different)}: "
                    "all numbers of the page must come from one machine."
                )
        return first

    def _lasting(self, name: str) -> dict[str, str]:
        machine = load_machine(self.path(name))
        return {key: value for key, value in machine.items() if key not in PASSING}


COMPARISONS = ("compare-defaults", "compare-same", "compare-full", "compare-cold")
KINDS: dict[str, type[Any]] = {
    "plain": plain.Saving,
    **dict.fromkeys(COMPARISONS, Measurement),
    "redraw": redraw.Drawing,
    "limits": limits.Cost,
    "scaling": scaling.Scaling,
    "startup": startup.Phase,
    "job": startup.Part,
}


def write_page(results: Results, page: Path) -> None:
    """Write the page, and its plots to the folder ``images`` beside it."""
    tables = {name: results.rows(name, Measurement) for name in COMPARISONS}
    savings = results.rows("plain", plain.Saving)
    drawings = results.rows("redraw", redraw.Drawing)
    scalings = results.rows("scaling", scaling.Scaling)
    costs = results.rows("limits", limits.Cost)
    phases = results.rows("startup", startup.Phase)
    parts = results.rows("job", startup.Part)
    images = page.parent / "images"
    plot_redraw(drawings, images / "benchmarks-redraw.png")
    scaling.plot(scalings, images / "benchmarks-scaling.png")
    compared = [drawing for drawing in drawings if drawing.way != "full"]
    text = PAGE.format(
        summary=format_table([("", "times as fast"), *summarize(savings, tables, drawings)]),
        n_compared=sum(drawing.n_frames for drawing in compared),
        n_differing=sum(drawing.n_differing for drawing in compared),
        machine=format_table([("", ""), *results.machine(list(KINDS)).items()]),
        origins=_origins(results),
        n_workers=tables["compare-defaults"][0].workers,
        **TITLES,
        **{name.partition("-")[2]: compare.report(tables[name]) for name in COMPARISONS},
        plain=plain.report(savings),
        n_savers=savings[0].workers,
        chunk=drawings[0].n_frames,
        redraw=redraw.report(drawings),
        images=images.name,
        scaling=scaling.report(scalings),
        n_processes=costs[0].workers + 1,
        limits=format_table(limit_rows(costs, tables)),
        n_first=phases[0].n_frames,
        startup=startup.report_first_frame(phases),
        job=startup.report_job(parts),
        checks=_check_shares(parts),
    )
    page.write_text(text, encoding="utf-8")


def summarize(
    savings: Sequence[plain.Saving],
    tables: dict[str, list[Measurement]],
    drawings: Sequence[redraw.Drawing],
) -> list[tuple[str, str]]:
    """Return the main results, each in words and as a ratio; those of people's scripts first."""
    defaults, same, cold = (tables[f"compare-{name}"] for name in ("defaults", "same", "cold"))
    rows = list(plain.time_ratios(savings))
    for tool in ("peer", "matplotlib"):
        for workload in dict.fromkeys(m.workload for m in defaults):
            what = f"{ALL_WORKLOADS[workload].title}, against {TITLES[tool]}, at defaults"
            rows.append((what, _ratio(defaults, workload, tool, SECONDS)))
    mean = compare.mean_ratio(same, "peer", SECONDS)
    what = f"geometric mean against {TITLES['peer']}, same encoder settings"
    rows.append((what, f"{mean:.2f}x"))
    start = cold[0]
    what = f"{start.n_frames} frames of {ALL_WORKLOADS[start.workload].title} from a cold start"
    ratio = _ratio(cold, start.workload, "peer", PROCESS_SECONDS)
    rows.append((f"{what}, against {TITLES['peer']}", ratio))
    speedups = {d.workload: redraw.speedups(drawings, d.workload, "auto") for d in drawings}
    slowest = min(speedups, key=lambda workload: statistics.median(speedups[workload]))
    what = f"least of {len(speedups)} workloads ({ALL_WORKLOADS[slowest].title})"
    rows.append(
        (f"{what}, CPU time of drawing against full redraw", spread(speedups[slowest], 2, "x"))
    )
    return rows


def limit_rows(
    costs: Sequence[limits.Cost], tables: dict[str, list[Measurement]]
) -> list[Sequence[str]]:
    """Return a table of the least time of a movie, and of the resulting limit over the peer."""
    rows = limits.rows(costs)
    table: list[Sequence[str]] = [(*rows[0], "at most", "is")]
    keys = dict.fromkeys((cost.workload, cost.presets) for cost in costs)
    for row, (workload, presets) in zip(rows[1:], keys, strict=True):
        measured = tables[f"compare-{presets}"]
        peer = [m.seconds for m in measured if (m.workload, m.tool) == (workload, "peer")]
        least = statistics.median(limits.least_seconds(costs, workload, presets))
        is_now = statistics.median(compare.ratios(measured, workload, "peer", SECONDS))
        table.append((*row, f"{statistics.median(peer) / least:.1f}x", f"{is_now:.1f}x"))
    return table


def _check_shares(parts: Sequence[startup.Part]) -> str:
    """Return the self-checks' share of rendering a chunk, in words."""
    shares = {w: startup.check_shares(parts, w) for w in dict.fromkeys(p.workload for p in parts)}
    return ", ".join(
        f"{ALL_WORKLOADS[workload].title} {spread([100 * share for share in of_turn], 1, ' %')}"
        for workload, of_turn in shares.items()
    )


def _ratio(
    measurements: Sequence[Measurement],
    workload: str,
    tool: str,
    of: Callable[[Measurement], float],
) -> str:
    return spread(compare.ratios(measurements, workload, tool, of), 2, "x")


def _origins(results: Results) -> str:
    """Return a table: repeats, commit, date and load of each file."""
    rows: list[Sequence[str]] = [("measurements", "repeats", *PASSING)]
    for name, kind in KINDS.items():
        machine = load_machine(results.path(name))
        repeats = max(row.turn for row in results.rows(name, kind))
        rows.append((f"{name}.csv", str(repeats), *(machine[key] for key in PASSING)))
    return format_table(rows)


def plot_redraw(drawings: Sequence[redraw.Drawing], path: Path) -> None:
    """Plot the speedup of drawing in CPU time, for each workload."""
    plot_speedups(
        {
            ALL_WORKLOADS[workload].title: {
                way: redraw.speedups(drawings, workload, way) for way in ("caches", "auto")
            }
            for workload in dict.fromkeys(drawing.workload for drawing in drawings)
        },
        "CPU time of a full redraw over that of",
        path,
    )


def main() -> None:
    """Write the page that the command line names."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.ArgumentDefaultsHelpFormatter
    )
    add = parser.add_argument
    add("--results", type=Path, default=HERE / "results", help="the folder of the CSV files")
    add("--page", type=Path, default=HERE.parent / "docs/benchmarks.md", help="what is written")
    args = parser.parse_args()
    write_page(Results(args.results), args.page)
    print(args.page)


if __name__ == "__main__":
    main()
