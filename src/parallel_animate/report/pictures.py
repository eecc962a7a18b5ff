"""Pictures for a finished movie: contact sheet, timeline of the chunks, time per frame.

They are drawn from the segments and the records of the jobs, and change neither.
"""

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from parallel_animate.project.job_records import JobRecord
from parallel_animate.report.status_text import format_seconds
from parallel_animate.report.stills import Still

# Pictures side by side in a contact sheet.
COLUMNS = 4
# The timeline leaves out a pause that is longer than this share of the time with jobs, and shows a
# narrow gap instead.
LONGEST_PAUSE, GAP = 0.2, 0.05
# Inches; if more lines are needed than fit, they become thinner.
MAX_HEIGHT = 12
# A bar has a label only if it is wider than this share of the axis.
SHARE_OF_A_LABEL = 0.08
# More points than pixels would show nothing more.
MAX_POINTS = 2000
BLUE, LIGHT = "#2b6ca3", "#9cc3e0"


@contextlib.contextmanager
def default_style() -> Iterator[None]:
    """Draw in matplotlib's default style; SVG files have the same bytes every time."""
    with mpl.rc_context():
        mpl.rcdefaults()
        mpl.rcParams.update({"svg.hashsalt": "parallel-animate", "svg.fonttype": "none"})
        mpl.rcParams.update({"axes.spines.top": False, "axes.spines.right": False})
        yield


def save(figure: Figure, path: Path) -> None:
    """Write a figure as PNG or SVG, without a date; an SVG file has no background."""
    is_svg = path.suffix == ".svg"
    date: Any = {"Date": None} if is_svg else None
    figure.savefig(path, metadata=date, transparent=is_svg)


def draw_contact_sheet(stills: Sequence[Still], path: Path) -> None:
    """Show frames side by side, each with its number and its time."""
    n_columns = min(COLUMNS, len(stills))
    n_rows = -(-len(stills) // n_columns)
    with default_style():
        aspect = stills[0].image.height / stills[0].image.width
        width = 3.2
        size = (width * n_columns, (width * aspect + 0.3) * n_rows)
        figure = Figure(figsize=size, dpi=120, layout="constrained")
        axes = figure.subplots(n_rows, n_columns, squeeze=False).ravel()
        for axis in axes:
            axis.set_axis_off()
        for axis, still in zip(axes, stills, strict=False):
            axis.imshow(still.image)
            axis.set_title(still.text, size=8, loc="left", pad=3)
        save(figure, path)


@dataclass(frozen=True)
class Axis:
    """The time axis of a timeline, with long pauses cut out.

    Parameters
    ----------
    spans : tuple of (float, float)
        Times with running jobs, in ascending order.
    gap : float
        Width of a pause on the axis, in seconds.
    """

    spans: tuple[tuple[float, float], ...]
    gap: float

    @classmethod
    def of(cls, records: Sequence[JobRecord]) -> "Axis":
        """Return the axis for the records of some jobs."""
        merged: list[tuple[float, float]] = []
        for start, stop in sorted((record.started, record.seen) for record in records):
            if merged and start <= merged[-1][1]:
                merged[-1] = (merged[-1][0], max(merged[-1][1], stop))
            else:
                merged.append((start, stop))
        busy = sum(stop - start for start, stop in merged)
        spans = merged[:1]
        for start, stop in merged[1:]:
            if start - spans[-1][1] <= LONGEST_PAUSE * busy:
                spans[-1] = (spans[-1][0], stop)
            else:
                spans.append((start, stop))
        return cls(tuple(spans), GAP * busy)

    def place(self, time: float) -> float:
        """Return the place of a time on the axis, in seconds."""
        place = 0.0
        for start, stop in self.spans:
            if time <= stop:
                return place + max(time - start, 0)
            place += stop - start + self.gap
        return place

    def pauses(self) -> list[tuple[float, float]]:
        """Return the places of pauses on the axis, each with its length in seconds."""
        pairs = zip(self.spans, self.spans[1:], strict=False)
        return [(self.place(a[1]) + self.gap / 2, b[0] - a[1]) for a, b in pairs]


def lanes(records: Sequence[JobRecord]) -> dict[str, int]:
    """Return chunk -> line: chunks rendered at the same time get different lines of their node.

    Lines are numbered through all nodes, in the order of the nodes' names.
    """
    by_node: dict[str, list[JobRecord]] = {}
    for record in sorted(records, key=lambda record: record.started):
        by_node.setdefault(record.node, []).append(record)
    lines: dict[str, int] = {}
    n_lines = 0
    for _, members in sorted(by_node.items()):
        free_from: list[float] = []
        for record in members:
            free = [line for line, time in enumerate(free_from) if time <= record.started]
            line = free[0] if free else len(free_from)
            free_from[line : line + 1] = [record.seen]
            lines[record.chunk] = n_lines + line
        n_lines += len(free_from)
    return lines


def draw_timeline(records: Sequence[JobRecord], path: Path) -> None:
    """Show when each chunk was rendered; each node has a line for each job at a time."""
    finished = [record for record in records if record.state == "finished"]
    axis, lines = Axis.of(finished), lanes(finished)
    n_lines = max(lines.values(), default=0) + 1
    with default_style():
        figure = Figure(figsize=(9, min(1.1 + 0.22 * n_lines, MAX_HEIGHT)), layout="constrained")
        axes = figure.subplots()
        for line in range(n_lines):
            _draw_lane(axes, line, axis, [r for r in finished if lines[r.chunk] == line])
        for place, seconds in axis.pauses():
            axes.axvline(place, color="0.6", linestyle=":")
            axes.text(place, -0.6, f"{format_seconds(seconds)} later", size=8, ha="center")
        nodes = {lines[record.chunk]: record.node for record in finished}
        names = [f"{nodes[n]} " if nodes.get(n) != nodes.get(n - 1) else "" for n in range(n_lines)]
        # A dark page inverts the colours, so the text names no colour.
        bars = "first part of a bar: start of the job and its first frame"
        axes.set(xlabel=f"seconds, without pauses ({bars})")
        axes.set_yticks(range(n_lines), names)
        axes.set_ylim(n_lines - 0.5, -0.9)
        axes.set_xlim(left=0)
        save(figure, path)


def _draw_lane(axes: Axes, line: int, axis: Axis, records: Sequence[JobRecord]) -> None:
    begins, draws = [], []
    end = axis.place(max((stop for _, stop in axis.spans), default=0))
    for record in records:
        first = record.started + (record.seconds[0] if record.seconds else 0)
        left, middle, right = (axis.place(time) for time in (record.started, first, record.seen))
        begins.append((left, middle - left))
        draws.append((middle, right - middle))
        if right - middle > SHARE_OF_A_LABEL * end:
            start, stop = record.chunk.split("-")[:2]
            text = f"{int(start)}-{int(stop) - 1}"
            axes.text((middle + right) / 2, line, text, size=7, color="w", ha="center", va="center")
    for bars, colour in ((begins, LIGHT), (draws, BLUE)):
        axes.broken_barh(bars, (line - 0.4, 0.8), color=colour, edgecolor="w", linewidth=0.5)


def draw_costs(
    chunks: Sequence[tuple[str, int]], records: Mapping[str, JobRecord], path: Path
) -> None:
    """Show the milliseconds that each frame took, and the mean of each chunk.

    Parameters
    ----------
    chunks : sequence of (str, int)
        Name and number of frames of every chunk, in the order in which they play.
    records : mapping
        Chunk -> record.
    path : Path
        The picture.
    """
    places, costs, means = [], [], []
    position = 0
    for name, n_frames in chunks:
        record = records.get(name)
        if record is not None and len(record.seconds) == n_frames > 1:
            costs.append(1000 * np.diff(record.seconds))
            places.append(position + 1 + np.arange(n_frames - 1))
            means.append((position, position + n_frames, 1000 * record.frame_seconds))
        position += n_frames
    with default_style():
        figure = Figure(figsize=(9, 2.8), layout="constrained")
        axes = figure.subplots()
        if costs:
            x, y = np.concatenate(places), np.concatenate(costs)
            step = -(-len(x) // MAX_POINTS)
            starts = np.arange(0, len(x), step)
            label = "frame" if step == 1 else f"slowest of {step} frames"
            axes.plot(
                x[starts], np.maximum.reduceat(y, starts), ".", ms=2, color=LIGHT, label=label
            )
            for start, stop, mean in means:
                axes.plot([start, stop], [mean, mean], color=BLUE, lw=2)
            axes.plot([], [], color=BLUE, lw=2, label="mean of the chunk")
            axes.legend(frameon=False, fontsize=8)
        else:
            text = "no job recorded the time of its frames"
            axes.text(0.5, 0.5, text, transform=axes.transAxes, ha="center")
        axes.set(xlabel="frame, counted from the movie's start", ylabel="ms", xlim=(0, position))
        axes.set_ylim(bottom=0)
        save(figure, path)
