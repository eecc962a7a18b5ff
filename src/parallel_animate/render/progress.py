"""One progress bar over all workers, and log lines at intervals."""

import logging
import threading
from typing import Self

logger = logging.getLogger(__name__)


class FrameProgress:
    """Count finished frames on a bar.

    Parameters
    ----------
    total : int or None
        Frames of the movie; None where it is not known.
    disable : bool or None
        As tqdm's: None shows the bar on a terminal only.
    """

    def __init__(self, total: int | None, disable: bool | None) -> None:
        # Not at the top of the module: the workers have no bar, and wait for every import.
        from tqdm.auto import tqdm

        self._lock = threading.Lock()
        # No smoothing: the rate is that of all frames that this run has drawn, and of no others.
        # Every frame may move the bar: tqdm would else wait for as many as an earlier run has left.
        self._bar = tqdm(
            total=total, disable=disable, unit="frame", desc="rendering", smoothing=0, miniters=1
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.close()

    def drawn(self, n_frames: int = 1) -> None:
        """Count frames that were drawn."""
        with self._lock:
            self._bar.update(n_frames)

    def found(self, n_frames: int) -> None:
        """Count frames that an earlier run has left; they do not count for the speed."""
        with self._lock:
            if not self._bar.disable:  # a disabled bar keeps no such count
                self._bar.initial += n_frames
            self._bar.update(n_frames)


class IntervalLog:
    """Log a line after every so many frames.

    Parameters
    ----------
    message : str
        With ``%d`` for the number of frames.
    interval : int or None
        Frames between lines; None logs nothing.
    """

    def __init__(self, message: str, interval: int | None) -> None:
        self._message = message
        self._interval = interval
        self._count = 0

    def add(self, n_frames: int = 1) -> None:
        """Count frames."""
        before, self._count = self._count, self._count + n_frames
        if self._interval and before // self._interval != self._count // self._interval:
            logger.info(self._message, self._count)
