"""Render the wave and print the time of its first frame; `startup` runs it in a fresh process.

Log records show what happens in a worker; make_video forwards them with their time.
"""

from __future__ import annotations

import argparse
import json
import logging
import tempfile
import time
from pathlib import Path

from matplotlib.figure import Figure
from measure import FPS
from workloads import WaveScene, wave_params

from parallel_animate import Animator

SETUP_BEGINS, SETUP_ENDS, FIRST_FRAME = "setup() begins", "setup() ends", "first frame"
LOGGER = "benchmark"


class TellingWave(WaveScene, Animator):
    """The workload ``wave``, which logs when its figure is made."""

    def setup(self) -> Figure:
        """Make the figure."""
        logger = logging.getLogger(LOGGER)
        logger.info(SETUP_BEGINS)
        figure = super().setup()
        logger.info(SETUP_ENDS)
        return figure


class FirstTimes(logging.Handler):
    """Keeps the time of each message's first record, in seconds since the epoch."""

    def __init__(self) -> None:
        super().__init__()
        self.times: dict[str, float] = {}

    def emit(self, record: logging.LogRecord) -> None:
        """Look at a record; those of workers may come late, but carry their time."""
        if record.name == LOGGER:
            event = record.getMessage()
        elif "drawn" in record.getMessage():
            event = FIRST_FRAME
        else:
            return
        self.times[event] = min(record.created, self.times.get(event, record.created))


def main() -> None:
    """Render a number of frames and print the times as a line of JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--frames", type=int, required=True)
    parser.add_argument("--workers", type=int, required=True)
    args = parser.parse_args()
    first_times = FirstTimes()
    logging.basicConfig(level=logging.INFO, handlers=[first_times])
    params = wave_params(args.frames)
    with tempfile.TemporaryDirectory(prefix="startup-") as folder:
        called = time.time()
        TellingWave().make_video(
            Path(folder) / "video.mp4",
            params,
            FPS,
            num_workers=args.workers,
            disable_progress_bar=True,
            plotting_log_interval=1,
            video_mode="cpu",
        )
        returned = time.time()
    print(json.dumps({"call": called, **first_times.times, "return": returned}))


if __name__ == "__main__":
    main()
