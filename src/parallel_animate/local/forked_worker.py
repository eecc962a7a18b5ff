"""The side of the fork server that runs in the server itself and in the workers that it forks.

A message on the server's socket asks for one worker. With it come descriptors: the pipe that gets
the worker's process id and later its exit status; the pipe with the pickled process object; those
that the object refers to by their number in the list.
"""

import contextlib
import os
import pickle
import select
import signal
import socket
import sys
import traceback
from collections.abc import Sequence
from importlib import import_module
from multiprocessing import process
from typing import Any, NoReturn

from loky.backend import spawn

from parallel_animate.local.fast_import import quick_imports
from parallel_animate.local.fork_server import MOST_DESCRIPTORS, NUMBER

# The server asks this often whether its parent still lives. If it died, its end of the socket may
# still be open in a process that the user's code had forked.
PARENT_POLL_SECONDS = 0.5

# What loky prepares a worker with that holds a descriptor (loky/backend/spawn.py).
TRACKERS = ("tracker_fd", "mp_tracker_fd")

# The process id of the server that this worker is a fork of, and the descriptors it came with.
_origin: list[int] = []
_descriptors: list[int] = []


def serving_process() -> int | None:
    """Return the id of the server that has forked this process; None if no server has."""
    return _origin[0] if _origin else None


class Inherited:
    """A descriptor that a forked worker gets, pickled as its place among those of the message.

    Parameters
    ----------
    place : int
        Index in the list of descriptors.
    """

    def __init__(self, place: int) -> None:
        self._place = place

    def detach(self) -> int:
        """Return the descriptor in the worker."""
        return _descriptors[self._place]


def serve(descriptor: int) -> None:
    """Import what workers need, then fork one for each message, until the other end is closed.

    Parameters
    ----------
    descriptor : int
        The server's end of the socket.
    """
    parent = os.getppid()
    # ^C at the terminal reaches every process; only the parent decides how to react.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with quick_imports():
        import_module("loky.process_executor")
        import_module("parallel_animate.local.loky_processes")
        import_module("parallel_animate.local.worker")
        import_module("parallel_animate.render.job")
    server = _Server(socket.socket(fileno=descriptor))
    while os.getppid() == parent and server.answer():
        pass
    os._exit(0)


class _Server:
    """Forks workers, and passes on how they end.

    Parameters
    ----------
    connection : socket
        Receives the messages.
    """

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        # Process ids of the workers, with the pipes that get their exit status.
        self._statuses: dict[int, int] = {}
        self._ended, self._ending = os.pipe()
        for end in (self._ended, self._ending):
            os.set_blocking(end, False)
        # The end of a worker is written into the pipe only if the signal has a handler.
        signal.signal(signal.SIGCHLD, lambda number, frame: None)
        signal.set_wakeup_fd(self._ending)

    def answer(self) -> bool:
        """Wait for a message or the end of a worker; return False if no more messages can come."""
        incoming = self._connection.fileno()
        ready, _, _ = select.select([incoming, self._ended], [], [], PARENT_POLL_SECONDS)
        if self._ended in ready:
            os.read(self._ended, 4096)
            self._report_ended()
        if incoming not in ready:
            return True
        message, descriptors, _, _ = socket.recv_fds(self._connection, 16, MOST_DESCRIPTORS)
        if not message:
            return False
        status, *others = descriptors
        # A library that has started threads is in an unknown state after a fork.
        if len(os.listdir("/proc/self/task")) > 1:
            os.close(status)
        elif worker := os.fork():
            self._statuses[worker] = status
            _write_number(status, worker)
        else:
            os.close(status)
            self._leave()
            _work(others)
        for number in others:
            os.close(number)
        return True

    def _report_ended(self) -> None:
        """Write the exit status of each worker that has ended."""
        with contextlib.suppress(ChildProcessError):
            while True:
                worker, status = os.waitpid(-1, os.WNOHANG)
                if not worker:
                    return
                pipe = self._statuses.pop(worker)
                _write_number(pipe, os.waitstatus_to_exitcode(status))
                os.close(pipe)

    def _leave(self) -> None:
        """Undo in a worker what is the server's."""
        _origin.append(os.getppid())
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        signal.signal(signal.SIGINT, signal.default_int_handler)
        self._connection.close()
        for number in (self._ended, self._ending, *self._statuses.values()):
            os.close(number)


def _write_number(pipe: int, number: int) -> None:
    # The parent may have gone.
    with contextlib.suppress(BrokenPipeError):
        os.write(pipe, NUMBER.pack(number))


def _work(descriptors: Sequence[int]) -> NoReturn:
    """Do in a worker what loky's own workers do, and end it."""
    status = 1
    try:
        _descriptors.extend(descriptors[1:])
        # The mark of a process that loads what it works on (multiprocessing/spawn.py).
        this: Any = process.current_process()
        this._inheriting = True
        with os.fdopen(descriptors[0], "rb") as pipe:
            try:
                variables, preparation = pickle.load(pipe)
                os.environ.clear()
                os.environ.update(variables)
                for name in TRACKERS:
                    preparation[name] = preparation[name].detach()
                spawn.prepare(preparation)
                worker = pickle.load(pipe)
            finally:
                del this._inheriting
        status = worker._bootstrap()
    except Exception:  # noqa: BLE001 - whatever it is must not go on as the server
        traceback.print_exc()
    finally:
        for stream in (sys.stdout, sys.stderr):
            with contextlib.suppress(OSError, ValueError):
                stream.flush()
        os._exit(status)
