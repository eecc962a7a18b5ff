"""Do the work of ``parallel-animate render-chunk`` and print how long each part took.

`startup` runs this in a fresh process. Functions that replace some of the package's own time the
parts from outside. A part that runs within another one is not counted in that one.
"""

from __future__ import annotations

import argparse
import functools
import json
import resource
import time
from collections.abc import Callable
from typing import Any

IMPORTS = "start Python, import"
LOAD = "load chunk and animator"
PROOF = "test of redraw"
SETUP = "setup()"
DRAW = "update() and draw"
CHECK = "self-checks"
START_FFMPEG = "start FFmpeg"
WRITE = "hand frames to FFmpeg"
WAIT = "wait for FFmpeg"
VERIFY = "verify, seal, store"
OTHER = "all else"
END = "end of the process"
# Roughly in the order in which they run.
PARTS = (IMPORTS, LOAD, PROOF, SETUP, DRAW, CHECK, START_FFMPEG, WRITE, WAIT, VERIFY, OTHER, END)
# The work for a movie's frames; the other parts are the overhead of the job.
RENDERING = (SETUP, DRAW, CHECK, WRITE, WAIT)


class Stopwatch:
    """Wall-clock and CPU seconds by part."""

    def __init__(self) -> None:
        self.parts: dict[str, tuple[float, float]] = {}
        self._running = [OTHER]
        self._since = _now()

    def wrap(self, owner: Any, name: str, part: str) -> None:
        """Time a function or method of ``owner`` as a part."""
        function: Callable[..., Any] = getattr(owner, name)

        @functools.wraps(function)
        def timed(*args: Any, **options: Any) -> Any:
            self._enter(part)
            try:
                return function(*args, **options)
            finally:
                self.leave()

        setattr(owner, name, timed)

    def _enter(self, part: str) -> None:
        self._count()
        self._running.append(part)

    def leave(self) -> None:
        """End the current part."""
        self._count()
        self._running.pop()

    def _count(self) -> None:
        now = _now()
        part = self._running[-1]
        before = self.parts.get(part, (0.0, 0.0))
        self.parts[part] = (
            before[0] + now[0] - self._since[0],
            before[1] + now[1] - self._since[1],
        )
        self._since = now


def _now() -> tuple[float, float]:
    """Return the time, and the CPU time of this process and those it has waited for."""
    usages = map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return time.time(), sum(usage.ru_utime + usage.ru_stime for usage in usages)


def main() -> None:
    """Render the chunk and print the parts as a line of JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--started", type=float, required=True, help="seconds since the epoch")
    parser.add_argument("chunk")
    parser.add_argument("segment")
    args = parser.parse_args()

    # These imports are timed, as the command does them.
    from parallel_animate.cli import main as command
    from parallel_animate.local.fast_import import quick_imports

    with quick_imports():
        from parallel_animate.encode import ffmpeg, segment
        from parallel_animate.render import job, scene

    now = _now()
    watch = Stopwatch()
    watch.parts[IMPORTS] = (now[0] - args.started, now[1])
    watch.wrap(job, "prepare", LOAD)
    watch.wrap(scene, "canvas_class", PROOF)
    watch.wrap(scene.Scene, "_set_up", SETUP)
    watch.wrap(scene.Scene, "draw", DRAW)
    watch.wrap(scene, "check", CHECK)
    watch.wrap(segment.SegmentWriter, "_start", START_FFMPEG)
    watch.wrap(segment.SegmentWriter, "write", WRITE)
    watch.wrap(ffmpeg.EncoderProcess, "finish", WAIT)
    watch.wrap(segment.SegmentWriter, "finish", VERIFY)
    status = command.main(["render-chunk", args.chunk, args.segment])
    watch.leave()
    print(json.dumps({"parts": watch.parts, "end": time.time()}))
    raise SystemExit(status)


if __name__ == "__main__":
    main()
