"""One progress bar over all workers, and log lines at intervals."""

import importlib.util
import logging
import sys
import threading
from typing import Any, Self

logger = logging.getLogger(__name__)


class FrameProgress:
    """A progress bar that counts finished frames.

    Parameters
    ----------
    total : int or None
        Number of frames in the movie; None if unknown.
    disable : bool or None
        As tqdm's ``disable``: None shows the bar in a notebook and on a terminal only.
    """

    def __init__(self, total: int | None, disable: bool | None) -> None:
        self._lock = threading.Lock()
        # No smoothing: the rate covers exactly the frames drawn in this run. With miniters=1 every
        # frame can move the bar; tqdm would otherwise wait for as many as an earlier run left.
        self._bar: Any = None
        if _is_shown(disable):
            make_bar: Any = _notebook_bar if is_notebook() else _terminal_bar
            self._bar = make_bar(
                total=total, unit="frame", desc="rendering", smoothing=0, miniters=1
            )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._bar is not None:
            self._bar.close()

    def drawn(self, n_frames: int = 1) -> None:
        """Count frames that were drawn."""
        with self._lock:
            if self._bar is not None:
                self._bar.update(n_frames)

    def found(self, n_frames: int) -> None:
        """Count frames that an earlier run left; they do not affect the speed."""
        with self._lock:
            if self._bar is not None:
                self._bar.initial += n_frames
                self._bar.update(n_frames)

    def restart(self) -> None:
        """Count from 0 again, because the frames so far were thrown away."""
        with self._lock:
            if self._bar is not None:
                self._bar.initial = 0
                self._bar.reset()


def is_notebook() -> bool:
    """Return whether this process is a notebook's kernel."""
    ipython = sys.modules.get("IPython")
    return ipython is not None and hasattr(ipython.get_ipython(), "kernel")


# tqdm is imported when a bar is shown: its import takes 15 ms, a tenth of a short movie's own time.


def _is_shown(disable: bool | None) -> bool:
    """Return whether there is a bar; None: in a notebook, and on a terminal, as in tqdm."""
    if disable is None and not is_notebook():
        return bool(getattr(sys.stderr, "isatty", bool)())
    return not disable


def _terminal_bar(**options: Any) -> Any:
    from tqdm.std import tqdm

    return tqdm(disable=False, **options)


def _notebook_bar(**options: Any) -> Any:
    """Return a widget, or a line of text without ipywidgets, which tqdm.auto warns about."""
    if importlib.util.find_spec("ipywidgets") is not None:
        from tqdm.notebook import tqdm as widget

        return widget(disable=False, **options)
    from tqdm.std import tqdm

    # Notebooks show stderr in red.
    return tqdm(disable=False, file=sys.stdout, **options)


class IntervalLog:
    """Log a line each time a number of frames is done.

    Parameters
    ----------
    message : str
        The line, with ``%d`` for the number of frames.
    interval : int or None
        Frames between lines; None logs nothing.
    """

    def __init__(self, message: str, interval: int | None) -> None:
        self._message = message
        self._interval = interval
        self._count = 0

    def add(self, n_frames: int = 1) -> None:
        """Count finished frames, and log the line if it is due."""
        before, self._count = self._count, self._count + n_frames
        if self._interval and before // self._interval != self._count // self._interval:
            logger.info(self._message, self._count)
