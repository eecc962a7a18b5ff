"""The least time a movie can take if everything that is not needed cost nothing.

This measures each part that drawing less cannot make cheaper, alone, as CPU time: the encoder, with
frames that are already drawn; the start of Python and matplotlib in each process; in each chunk,
setup() and one draw of the whole figure by matplotlib; in each frame, update() and the draw() of
the artists that it changes. Divide their sum by the number of workers, with a core for each worker:
that is the least time a movie can take.
"""

from __future__ import annotations

import argparse
import resource
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from animators import ANIMATORS
from measure import FPS, SAME_PRESET, SAME_QUALITY
from more_workloads import ALL_WORKLOADS
from processes import log, run
from records import describe_machine, format_table, n_cores, save, spread

from parallel_animate.encode.encoders import choose_encoder
from parallel_animate.encode.segment import SegmentWriter
from parallel_animate.inputs.frames import Chunk, Frame, default_chunk_size
from parallel_animate.render.isolation import isolated_drawing
from parallel_animate.render.redraw.canvas import ReplayCanvas
from parallel_animate.render.redraw.memo import remembered
from parallel_animate.render.scene import Scene
from parallel_animate.settings import VideoSettings, video_settings

ENCODER, STARTS = "encoder", "Python and matplotlib"
CHUNKS, FRAMES = "setup() and a first draw", "update() and draw of what changes"
PARTS = (ENCODER, STARTS, CHUNKS, FRAMES)
# Number of frames after which the changing artists are known.
LEARNING = 12
IMPORT = """
from parallel_animate.local.fast_import import quick_imports
with quick_imports():
    import matplotlib.backends.backend_agg, matplotlib.figure
"""


@dataclass(frozen=True)
class Cost:
    """A part of the time that a movie takes in any case.

    Attributes
    ----------
    turn
        Counts the rounds.
    workload, n_frames, workers, presets
        The movie, as in `tools.Measurement`.
    part
        What the time is spent on.
    cpu_seconds
        User and system time.
    """

    turn: int
    workload: str
    n_frames: int
    workers: int
    presets: str
    part: str
    cpu_seconds: float


def settings_of(presets: str) -> VideoSettings:
    """Return the settings of a movie in `compare`."""
    if presets == "same":
        return video_settings(
            fps=FPS, video_mode="cpu", video_preset=SAME_PRESET, video_quality=SAME_QUALITY
        )
    return video_settings(fps=FPS, video_mode="cpu")


def chunks_of(workload: str, n_frames: int) -> Iterator[Chunk]:
    """Yield the chunks of a movie, of the default chunk size."""
    frames = [
        Frame.of(i, value) for i, value in enumerate(ALL_WORKLOADS[workload].params(n_frames))
    ]
    size = default_chunk_size(n_frames)
    for start in range(0, n_frames, size):
        yield Chunk(tuple(frames[start : start + size]))


def begin_seconds(workload: str, chunks: Sequence[Chunk]) -> float:
    """Return the CPU seconds of setup() and of a plain draw of the first frame of each chunk."""
    animator = ANIMATORS[workload]()
    settings = video_settings(fps=FPS, redraw="full")
    seconds = []
    # Not counted: the first figure of a process also loads fonts.
    for chunk in (chunks[0], *chunks):
        with isolated_drawing():
            start = time.process_time()
            Scene(animator, chunk, settings).draw(chunk.frames[0])
            seconds.append(time.process_time() - start)
    return sum(seconds[1:])


def frame_seconds(workload: str, chunks: Sequence[Chunk]) -> float:
    """Return the CPU seconds of update() and of drawing what it changes, for all frames.

    matplotlib draws these artists with our caches, and nothing else happens: no search for changes,
    and no repainting of artists above them.
    """
    animator = ANIMATORS[workload]()
    frames = [frame for chunk in chunks for frame in chunk.frames]
    with isolated_drawing():
        figure = animator.setup()
        canvas: Any = ReplayCanvas(figure)
        for frame in frames[:LEARNING]:
            animator.update(frame.id, frame.params)
            canvas.draw_frame()
        changing = [item.artist for item in canvas._replay._items if item.changes]
        renderer = canvas.get_renderer()
        begun = time.process_time()
        for frame in frames:
            animator.update(frame.id, frame.params)
            with remembered(figure):
                for artist in changing:
                    artist.draw(renderer)
        return time.process_time() - begun


def encoder_seconds(
    workload: str, chunks: Sequence[Chunk], settings: VideoSettings, folder: Path
) -> float:
    """Return the CPU seconds of encoding all chunks, in FFmpeg and in this process."""
    encoder = choose_encoder(settings)
    animator = ANIMATORS[workload]()
    seconds = 0.0
    for chunk in chunks:
        with isolated_drawing():
            scene = Scene(animator, chunk, settings)
            frames = [scene.draw(frame).copy() for frame in chunk.frames]
        start = _cpu_seconds()
        with SegmentWriter(folder / f"{chunk.start}.mp4", encoder, settings) as writer:
            for frame in frames:
                writer.write(frame)
            writer.finish()
        seconds += _cpu_seconds() - start
    return seconds


def _cpu_seconds() -> float:
    usages = map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)


def measure(turn: int, workload: str, workers: int, all_presets: Sequence[str]) -> list[Cost]:
    """Measure the parts of a movie of a workload's usual length."""
    n_frames = ALL_WORKLOADS[workload].n_frames
    chunks = list(chunks_of(workload, n_frames))
    start = run("import", [sys.executable, "-c", IMPORT]).cpu_seconds * (workers + 1)
    begin = begin_seconds(workload, chunks)
    drawing = frame_seconds(workload, chunks)
    with tempfile.TemporaryDirectory() as folder:
        encoding = {
            presets: encoder_seconds(workload, chunks, settings_of(presets), Path(folder))
            for presets in all_presets
        }
    return [
        Cost(turn, workload, n_frames, workers, presets, part, seconds)
        for presets in all_presets
        for part, seconds in zip(PARTS, (encoding[presets], start, begin, drawing), strict=True)
    ]


def least_seconds(costs: Sequence[Cost], workload: str, presets: str) -> list[float]:
    """Return the least wall-clock seconds of a movie with a core per worker, for each turn."""
    mine = [c for c in costs if (c.workload, c.presets) == (workload, presets)]
    return [
        sum(c.cpu_seconds for c in mine if c.turn == turn) / mine[0].workers
        for turn in sorted({c.turn for c in mine})
    ]


def rows(costs: Sequence[Cost]) -> list[Sequence[str]]:
    """Return a table of the parts, its header first."""
    table: list[Sequence[str]] = [
        (
            "workload",
            "frames",
            "encoder settings",
            *(f"{part}, CPU s" for part in PARTS),
            "least, s",
        )
    ]
    for workload, presets in dict.fromkeys((c.workload, c.presets) for c in costs):
        mine = [c for c in costs if (c.workload, c.presets) == (workload, presets)]
        spent = (spread([c.cpu_seconds for c in mine if c.part == part], 1) for part in PARTS)
        least = statistics.median(least_seconds(costs, workload, presets))
        title = ALL_WORKLOADS[workload].title
        table.append((title, str(mine[0].n_frames), presets, *spent, f"{least:.1f}"))
    return table


def main() -> None:
    """Measure the workloads that the command line names."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.ArgumentDefaultsHelpFormatter
    )
    add = parser.add_argument
    add("--workloads", nargs="+", choices=ALL_WORKLOADS, default=["wave", "five", "14"])
    add("--presets", nargs="+", choices=["defaults", "same"], default=["defaults", "same"])
    add("--workers", type=int, default=min(2, n_cores()), help="processes, each on a core")
    add("--repeats", type=int, default=3, help="turns")
    add("--csv", type=Path, help="also write every measurement to this file")
    args = parser.parse_args()
    machine = describe_machine()
    costs: list[Cost] = []
    for turn in range(1, args.repeats + 1):
        for workload in args.workloads:
            log(f"turn {turn}: {workload}")
            costs += measure(turn, workload, args.workers, args.presets)
    print(format_table(rows(costs)))
    if args.csv:
        save(args.csv, costs, machine)


if __name__ == "__main__":
    main()
