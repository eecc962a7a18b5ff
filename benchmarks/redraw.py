"""Measure drawing a frame in full, with the caches, and as in a movie.

No encoder runs. Each way of drawing has its own fresh process. The processes take turns of a few
frames each, so changes of the machine's speed affect them equally. The pixels of all ways are
compared, frame by frame; the exit status is 1 if any differ.
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import itertools
import multiprocessing
import os
import statistics
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path

from animators import ANIMATORS
from measure import FPS
from more_workloads import ALL_WORKLOADS
from processes import log
from records import describe_machine, format_table, save, spread

from parallel_animate.inputs.frames import Chunk, Frame
from parallel_animate.local.fork_server import THREAD_VARIABLES
from parallel_animate.render.isolation import isolated_drawing
from parallel_animate.render.scene import Scene
from parallel_animate.settings import video_settings

# Frames that a process draws in one turn: few, because the machine's speed changes within seconds,
# but more than one, because the first frame of a turn finds cold CPU caches.
TURN = 10


@dataclass(frozen=True)
class Way:
    """A way of drawing.

    Attributes
    ----------
    redraw
        As in `make_video`.
    replays, checks
        As in `Scene`.
    """

    redraw: str
    replays: bool
    checks: bool


WAYS = {
    "full": Way("full", replays=False, checks=False),
    "caches": Way("auto", replays=False, checks=False),
    "auto": Way("auto", replays=True, checks=True),
}


@dataclass(frozen=True)
class Drawing:
    """One chunk of one workload, drawn in one way.

    Attributes
    ----------
    turn
        Counts the rounds; ratios are taken within one.
    workload, way, n_frames
        What was drawn, and how.
    setup_cpu_seconds
        CPU time of setup(), and of the redraw check that a process does once.
    cpu_seconds
        CPU time of update() and of drawing for all frames, self-checks included.
    n_differing
        Number of frames whose pixels differ from the full redraw.
    """

    turn: int
    workload: str
    way: str
    n_frames: int
    setup_cpu_seconds: float
    cpu_seconds: float
    n_differing: int


@dataclass(frozen=True)
class Answer:
    """A drawing process's report: the CPU seconds of its last frames, and their digests."""

    cpu_seconds: float
    digests: Sequence[bytes]


def draw_when_asked(connection: Connection, workload: str, way: Way, n_frames: int) -> None:
    """Set a figure up and draw frames on request; the main function of a drawing process."""
    params = ALL_WORKLOADS[workload].params(n_frames)
    frames = tuple(Frame.of(index, value) for index, value in enumerate(params))
    settings = video_settings(fps=FPS, redraw=way.redraw)
    with isolated_drawing():
        start = time.process_time()
        scene = Scene(
            ANIMATORS[workload](),
            Chunk(frames),
            settings,
            checks=way.checks,
            replays=way.replays,
        )
        scene.set_up()
        connection.send(Answer(time.process_time() - start, []))
        remaining = iter(frames)
        while count := connection.recv():
            connection.send(_draw(scene, itertools.islice(remaining, count)))


def _draw(scene: Scene, frames: Iterable[Frame]) -> Answer:
    cpu_seconds = 0.0
    digests = []
    for frame in frames:
        start = time.process_time()
        pixels = scene.draw(frame)
        cpu_seconds += time.process_time() - start
        digests.append(hashlib.blake2b(pixels.data).digest())
    return Answer(cpu_seconds, digests)


class Drawer:
    """A process that draws in one way.

    Parameters
    ----------
    workload
        A key of `more_workloads.ALL_WORKLOADS`.
    way
        A key of `WAYS`.
    n_frames
        Number of frames of the chunk.
    """

    def __init__(self, workload: str, way: str, n_frames: int) -> None:
        context = multiprocessing.get_context("spawn")
        self._name = f"{workload}, {way}"
        self._connection, other_end = context.Pipe()
        arguments = (other_end, workload, WAYS[way], n_frames)
        self._process = context.Process(target=draw_when_asked, args=arguments, daemon=True)
        self._process.start()
        # Otherwise the end of the process would go unnoticed.
        other_end.close()

    def draw(self, count: int) -> Answer:
        """Make the process draw the next ``count`` frames."""
        self._connection.send(count)
        return self.answer()

    def answer(self) -> Answer:
        """Return the process's report of its last step."""
        try:
            answer: Answer = self._connection.recv()
        except EOFError:
            raise SystemExit(f"{self._name}: the drawing process failed, see above") from None
        return answer

    def close(self) -> None:
        """End the process, which may be waiting for a request."""
        self._process.terminate()
        self._process.join()
        self._connection.close()


def draw_in_turn(turn: int, workload: str, n_frames: int) -> list[Drawing]:
    """Draw a chunk of ``n_frames`` frames of ``workload`` in all ways, `TURN` frames in turn."""
    with contextlib.ExitStack() as stack:
        drawers = {way: Drawer(workload, way, n_frames) for way in WAYS}
        for drawer in drawers.values():
            stack.callback(drawer.close)
        setups = {way: drawer.answer().cpu_seconds for way, drawer in drawers.items()}
        totals = dict.fromkeys(WAYS, 0.0)
        differing = dict.fromkeys(WAYS, 0)
        for drawn in range(0, n_frames, TURN):
            count = min(TURN, n_frames - drawn)
            answers = {way: drawer.draw(count) for way, drawer in drawers.items()}
            for way, answer in answers.items():
                totals[way] += answer.cpu_seconds
                pairs = zip(answer.digests, answers["full"].digests, strict=True)
                differing[way] += sum(mine != whole for mine, whole in pairs)
    return [
        Drawing(turn, workload, way, n_frames, setups[way], totals[way], differing[way])
        for way in WAYS
    ]


def measure(workloads: Sequence[str], n_frames: int, repeats: int) -> Iterator[Drawing]:
    """Yield the results of `draw_in_turn` for all workloads, ``repeats`` times each."""
    for workload in workloads:
        for turn in range(1, repeats + 1):
            drawings = draw_in_turn(turn, workload, n_frames)
            times = ", ".join(f"{d.way} {1000 * d.cpu_seconds / n_frames:.1f}" for d in drawings)
            log(f"{workload}, turn {turn}: {times} CPU ms a frame")
            yield from drawings


def speedups(drawings: Sequence[Drawing], workload: str, way: str) -> list[float]:
    """Return a full redraw's CPU time over that of a way, for each turn."""
    totals = _totals(drawings, workload)
    return [full / own for full, own in zip(totals["full"], totals[way], strict=True)]


def _totals(drawings: Sequence[Drawing], workload: str) -> Mapping[str, list[float]]:
    """Return the CPU seconds of each way, in the order of the turns."""
    return {
        way: [d.cpu_seconds for d in drawings if (d.workload, d.way) == (workload, way)]
        for way in WAYS
    }


HEADER = (
    "workload",
    "full, ms",
    "caches, ms",
    "auto, ms",
    "setup, ms",
    "full/caches",
    "full/auto",
    "differing frames",
)


def report(drawings: Sequence[Drawing]) -> str:
    """Return a Markdown table of CPU milliseconds per frame, and of the speedup."""
    rows: list[Sequence[str]] = [HEADER]
    for workload in dict.fromkeys(d.workload for d in drawings):
        own = [d for d in drawings if d.workload == workload]
        frames = [
            statistics.median(1000 * d.cpu_seconds / d.n_frames for d in own if d.way == way)
            for way in ("full", "caches", "auto")
        ]
        setup = statistics.median(1000 * d.setup_cpu_seconds for d in own if d.way == "auto")
        n_compared = sum(d.n_frames for d in own if d.way != "full")
        rows.append(
            (
                ALL_WORKLOADS[workload].title,
                *(f"{milliseconds:.1f}" for milliseconds in (*frames, setup)),
                spread(speedups(drawings, workload, "caches"), 2, "x"),
                spread(speedups(drawings, workload, "auto"), 2, "x"),
                f"{sum(d.n_differing for d in own)} of {n_compared}",
            )
        )
    return format_table(rows)


def main() -> int:
    """Measure what the command line asks for, print the table, return the exit status."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.ArgumentDefaultsHelpFormatter
    )
    add = parser.add_argument
    choices = list(ALL_WORKLOADS)
    add("--workloads", nargs="+", choices=choices, default=choices, help="what to draw")
    # As long as a chunk of a long movie.
    add("--frames", type=int, default=250, help="frames of the chunk")
    add("--repeats", type=int, default=3, help="chunks of each way")
    add("--csv", type=Path, help="also write every measurement to this file")
    args = parser.parse_args()
    # As in a worker of the pool.
    os.environ |= dict.fromkeys(THREAD_VARIABLES, "1") | {"MPLBACKEND": "agg"}
    machine = describe_machine()
    drawings = list(measure(args.workloads, args.frames, args.repeats))
    if args.csv:
        save(args.csv, drawings, machine)
    print(report(drawings))
    return 1 if any(d.n_differing for d in drawings) else 0


if __name__ == "__main__":
    raise SystemExit(main())
