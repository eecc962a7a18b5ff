"""Check that a video ten times as long does not take more memory.

Renders a tiny animation with 1,000 and with 10,000 frames, each in a fresh process, and prints the
peak memory of that process and all processes it started.  The exit status is 1 if the two peaks
differ by more than the tolerance.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from numpy.typing import NDArray
from processes import sample_peaks

from parallel_animate import Animator

MIB = 2**20
# 8 KB for each frame: keeping 10,000 frames would take 80 MB.
N_POINTS = 1000


class TinyAnimator(Animator):
    """One line on a figure of 96x64 pixels, without ticks or labels."""

    line: Line2D

    def setup(self) -> Figure:
        """Make the figure with a flat line."""
        figure = plt.figure(figsize=(0.96, 0.64), dpi=100)
        axes = figure.add_axes((0, 0, 1, 1), frameon=False, xticks=[], yticks=[], ylim=(-1, 1))
        (self.line,) = axes.plot(np.zeros(N_POINTS))
        return figure

    def update(self, frame_idx: int, params: NDArray[np.float64]) -> None:
        """Show the values ``params``."""
        self.line.set_ydata(params)


def generate_params(n_frames: int) -> Iterator[NDArray[np.float64]]:
    """Yield the values of the line for each frame."""
    x = np.linspace(0, 2 * np.pi, N_POINTS)
    for frame in range(n_frames):
        yield np.sin(x + frame / 10)


def render(n_frames: int, workers: int, known_length: bool) -> None:
    """Render the animation in this process, to a temporary video."""
    with tempfile.TemporaryDirectory(prefix="memory-") as folder:
        TinyAnimator().make_video(
            Path(folder) / "video.mp4",
            generate_params(n_frames),
            30,
            n_frames=n_frames if known_length else None,
            num_workers=workers,
            disable_progress_bar=True,
            video_mode="cpu",
        )


def measure_peak(n_frames: int, workers: int, known_length: bool) -> int:
    """Render the animation in a fresh process and return its peak memory.

    Parameters
    ----------
    n_frames
        The number of frames.
    workers
        The number of worker processes.
    known_length
        Whether the number of frames is passed in advance.

    Returns
    -------
    int
        The peak memory in bytes of the process and all its descendants together.

    Raises
    ------
    SystemExit
        If rendering failed.
    """
    command = [sys.executable, __file__, "--workers", str(workers), "--render", str(n_frames)]
    if known_length:
        command.append("--known-length")
    return sample_peaks(f"rendering {n_frames} frames", command).memory


def main(argv: Sequence[str] | None = None) -> int:
    """Measure, print, and return the exit status."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.ArgumentDefaultsHelpFormatter
    )
    add = parser.add_argument
    add("--frames", nargs=2, type=int, default=(1_000, 10_000), help="the two lengths")
    # The peak depends on the timing of the processes, so there is more than one run.
    add("--repeats", type=int, default=3, help="runs of each length, of which the median counts")
    add("--workers", type=int, default=2, help="worker processes")
    # Longer videos are then cut into longer chunks, up to a limit, and a chunk is kept in memory.
    add("--known-length", action="store_true", help="pass n_frames beside the generator")
    add("--tolerance", type=float, default=0.1, help="largest relative difference that passes")
    # The arguments of the measured processes.
    add("--render", type=int, help=argparse.SUPPRESS)
    args = parser.parse_args(argv)
    if args.render is not None:
        render(args.render, args.workers, args.known_length)
        return 0

    peaks: dict[int, list[int]] = {n_frames: [] for n_frames in args.frames}
    for _ in range(args.repeats):
        for n_frames in args.frames:
            peaks[n_frames].append(measure_peak(n_frames, args.workers, args.known_length))
    medians = [statistics.median(peaks[n_frames]) for n_frames in args.frames]
    for n_frames, median in zip(args.frames, medians, strict=True):
        runs = ", ".join(f"{peak / MIB:.1f}" for peak in peaks[n_frames])
        print(f"{n_frames:>7} frames: peak {median / MIB:.1f} MiB (runs: {runs})")
    ratio = medians[1] / medians[0]
    passed = abs(ratio - 1) <= args.tolerance
    print(f"ratio {ratio:.3f}: {'passed' if passed else 'FAILED'}")
    return 0 if passed else 1


if __name__ == "__main__":
    sys.exit(main())
