"""Render one workload with one tool and print how long that took, as a line of JSON.

`tools` runs this in a separate process for every measurement, with the interpreter that has the
tool.
"""

from __future__ import annotations

import argparse
import importlib.metadata
import json
import platform
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import imageio_ffmpeg
import matplotlib
import numpy as np
from matplotlib.animation import FFMpegWriter, FuncAnimation
from more_workloads import ALL_WORKLOADS
from workloads import Workload

FPS = 30
SAME_PRESET = "slow"
SAME_QUALITY = 20


@dataclass(frozen=True)
class Job:
    """What to render, and how.

    Attributes
    ----------
    workload
        A key of `more_workloads.ALL_WORKLOADS`.
    n_frames
        The number of frames.
    output
        The video to write.
    workers
        The number of worker processes of the parallel tools.
    presets
        ``"defaults"`` keeps each tool's own encoder settings, ``"same"`` gives all tools the same.
    redraw
        The ``redraw`` argument for this package.
    """

    workload: str
    n_frames: int
    output: Path
    workers: int
    presets: str
    redraw: str


def prepare_ours(job: Job) -> Callable[[], None]:
    """Return a function that renders ``job`` with this package."""
    return _prepare_animator(job, redraw=job.redraw)


def prepare_peer(job: Job) -> Callable[[], None]:
    """Return a function that renders ``job`` with parallel-matplotlib-animation."""
    return _prepare_animator(job)


def _prepare_animator(job: Job, **extra: str) -> Callable[[], None]:
    # Not at the top: matplotlib's run must not spend time on importing a package it does not use.
    from animators import ANIMATORS

    options: dict[str, Any] = dict(extra)
    if job.presets == "same":
        options |= {"video_preset": SAME_PRESET, "video_quality": SAME_QUALITY}
    params = ALL_WORKLOADS[job.workload].params(job.n_frames)
    animator = ANIMATORS[job.workload]()

    def render() -> None:
        animator.make_video(
            job.output,
            params,
            FPS,
            num_workers=job.workers,
            disable_progress_bar=True,
            video_mode="cpu",
            **options,
        )

    return render


def prepare_matplotlib(job: Job) -> Callable[[], None]:
    """Return a function that renders ``job`` with `matplotlib.animation.FuncAnimation`."""
    matplotlib.rcParams["animation.ffmpeg_path"] = imageio_ffmpeg.get_ffmpeg_exe()
    # The others write this pixel format too; libx264 alone would keep full colour resolution.
    encoding = ["-pix_fmt", "yuv420p"]
    if job.presets == "same":
        encoding += ["-preset", SAME_PRESET, "-crf", str(SAME_QUALITY)]
    workload: Workload = ALL_WORKLOADS[job.workload]
    params = workload.params(job.n_frames)
    scene = workload.scene()

    def render() -> None:
        animation = FuncAnimation(
            scene.setup(),
            lambda frame: scene.update(frame, params[frame]),
            frames=job.n_frames,
            cache_frame_data=False,
        )
        animation.save(
            job.output, writer=FFMpegWriter(fps=FPS, codec="libx264", extra_args=encoding)
        )

    return render


TOOLS: dict[str, Callable[[Job], Callable[[], None]]] = {
    "ours": prepare_ours,
    "matplotlib": prepare_matplotlib,
    "peer": prepare_peer,
}


def _versions(tool: str) -> str:
    """Return the version of ``tool`` and of the software it ran on."""
    versions = [
        f"Python {platform.python_version()}",
        f"matplotlib {matplotlib.__version__}",
        f"numpy {np.__version__}",
    ]
    if tool == "ours":
        # Not from the metadata: a source tree on the path has no metadata.
        from parallel_animate import __version__

        versions.insert(0, __version__)
    elif tool == "peer":
        versions.insert(0, importlib.metadata.version("parallel-matplotlib-animation"))
    return ", ".join(versions)


def main() -> None:
    """Render what the command line asks for and print the result."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tool", choices=TOOLS, required=True)
    parser.add_argument("--workload", choices=ALL_WORKLOADS, required=True)
    parser.add_argument("--frames", type=int, required=True)
    parser.add_argument("--output", type=Path, required=True)
    parser.add_argument("--workers", type=int, required=True)
    parser.add_argument("--presets", choices=("defaults", "same"), required=True)
    parser.add_argument("--redraw", required=True)
    args = parser.parse_args()
    job = Job(args.workload, args.frames, args.output, args.workers, args.presets, args.redraw)

    render = TOOLS[args.tool](job)
    start = time.perf_counter()
    render()
    seconds = time.perf_counter() - start
    print(json.dumps({"seconds": seconds, "version": _versions(args.tool)}))


if __name__ == "__main__":
    main()
