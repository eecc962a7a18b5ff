"""Clean up when SIGTERM or SIGHUP ends this process, and when its parent has gone.

Python removes no temporary file and ends no program of a process that such a signal ends: SIGTERM
of ``kill``, ``docker stop`` and ``scancel``, SIGHUP of a closed terminal. So within a block the
signals raise an exception, and the process ends after every ``with`` block has cleaned up.

Not so in processes that the user's code forks. A ``multiprocessing.Pool`` ends its processes with
SIGTERM and waits for them. Python runs a handler only between two of its own instructions, so a
process that is about to wait for a lock would wait forever: it must end as it would without us.
"""

import contextlib
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from types import FrameType

SIGNALS = (signal.SIGTERM, signal.SIGHUP)
PARENT_POLL_SECONDS = 0.5
# Hooks of a fork take less.
AGAIN_SECONDS = 0.02

# The handlers that are set in this process, by signal.
_handlers: dict[int, Callable[[int, FrameType | None], None]] = {}


class _Fork(threading.local):
    """The signals that a thread blocks but for its fork; None if nothing was changed."""

    mask: set[int | signal.Signals] | None = None


_fork = _Fork()


class Terminated(BaseException):
    """A signal that ends this process.

    Not a SystemExit, which would count as an error in the user's code and would not be retried.

    Parameters
    ----------
    number : int
        The signal's number.
    """

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number


def raise_on_signals(received: list[int]) -> Sequence[int]:
    """Let `SIGNALS` raise Terminated in the main thread; return the signals that do so now.

    A signal that is ignored (``nohup``), or for which the caller has a handler, stays as it is. In
    another thread nothing changes, since only the main thread may set handlers.

    Parameters
    ----------
    received : list of int
        Gets the number of each signal that arrives. An error while files are removed, for example
        since the terminal is closed, may replace Terminated.
    """

    def terminate(number: int, frame: FrameType | None) -> None:
        received.append(number)
        raise Terminated(number)

    if threading.current_thread() is not threading.main_thread():
        return []
    taken = [number for number in SIGNALS if signal.getsignal(number) is signal.SIG_DFL]
    for number in taken:
        _handlers[number] = terminate
        signal.signal(number, terminate)
    return taken


def _hold_signals() -> None:
    """Let signals wait for the end of a fork: a new process drops those that came before."""
    if not _handlers:
        return
    with _sent_again():
        # Asked first: if a signal interrupts the call that blocks, its answer is lost.
        _fork.mask = signal.pthread_sigmask(signal.SIG_BLOCK, [])
        signal.pthread_sigmask(signal.SIG_BLOCK, tuple(_handlers))


def _release_signals() -> None:
    mask, _fork.mask = _fork.mask, None
    if mask is not None:
        with _sent_again():
            signal.pthread_sigmask(signal.SIG_SETMASK, mask)


@contextlib.contextmanager
def _sent_again() -> Iterator[None]:
    """Send a signal that arrives in the block again, afterwards: Python drops errors of hooks."""
    try:
        yield
    except Terminated as ended:
        again = threading.Timer(AGAIN_SECONDS, os.kill, [os.getpid(), ended.number])
        again.daemon = True
        again.start()


def _leave_signals() -> None:
    """Let signals end this process, which was just forked, at once."""
    for number, handler in _handlers.items():
        if signal.getsignal(number) is handler:
            signal.signal(number, signal.SIG_DFL)
    _handlers.clear()
    _release_signals()


os.register_at_fork(
    before=_hold_signals, after_in_parent=_release_signals, after_in_child=_leave_signals
)


@contextlib.contextmanager
def cleanup_on_signals() -> Iterator[None]:
    """Clean up on `SIGNALS` within the block, then end this process as the signal would have.

    The exit status is the signal's (for a shell 143 or 129), and after the block nothing differs.
    """
    received: list[int] = []
    taken = raise_on_signals(received)
    try:
        yield
    except BaseException:
        if not received:
            raise
    finally:
        for number in taken:
            signal.signal(number, signal.SIG_DFL)
            _handlers.pop(number, None)
    if received:
        signal.raise_signal(received[0])


def end_with_parent(parent: int, end: Callable[[], None]) -> None:
    """Call a function, in a thread, as soon as this process's parent has gone.

    Parameters
    ----------
    parent : int
        Process id of the parent.
    end : callable
        Cleans up and ends this process.
    """

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(PARENT_POLL_SECONDS)
        end()

    threading.Thread(target=watch, name="parent", daemon=True).start()
