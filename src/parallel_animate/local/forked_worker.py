"""The side of the fork server that runs in the server itself and in the workers that it forks.

A message on the server's socket names a folder to remove if the parent is killed, or a module to
import, or asks for one worker. With the last come descriptors: the pipe that gets the worker's
process id and later its exit status; the pipe with the pickled process object; those that the
object refers to by their number.
"""

import contextlib
import logging
import os
import pickle
import select
import signal
import socket
import sys
import time
import traceback
from collections.abc import Sequence
from importlib import import_module
from multiprocessing import process
from pathlib import Path
from typing import Any, NoReturn

from loky.backend import spawn

from parallel_animate.atomic_files import remove_tree
from parallel_animate.local.fast_import import quick_imports
from parallel_animate.local.fork_server import (
    IMPORT,
    LONGEST_MESSAGE,
    MOST_DESCRIPTORS,
    NUMBER,
    REMOVE,
)

logger = logging.getLogger(__name__)

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


def serve(descriptor: int, parent: int) -> None:
    """Import what workers need, then fork one for each message, until the other end is closed.

    Parameters
    ----------
    descriptor : int
        The server's end of the socket.
    parent : int
        Process id of the process that uses the server.
    """
    # ^C at the terminal reaches every process; only the parent decides how to react.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with quick_imports():
        import_module("loky.process_executor")
        import_module("parallel_animate.local.loky_processes")
        import_module("parallel_animate.local.worker")
        import_module("parallel_animate.render.job")
    server = _Server(socket.socket(fileno=descriptor))
    # Even if the parent has been killed, the message with its folder may wait here.
    while server.answer() and os.getppid() == parent:
        pass
    server.end(parent)


class _Server:
    """Forks workers, and passes on how they end.

    Parameters
    ----------
    connection : socket
        Receives the messages.
    """

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._id = os.getpid()
        # Process ids of the workers, with the pipes that get their exit status.
        self._statuses: dict[int, int] = {}
        self._folders: list[str] = []
        self._ended, self._ending = os.pipe()
        for end in (self._ended, self._ending):
            os.set_blocking(end, False)
        # The end of a worker is written into the pipe only if the signal has a handler, and reaches
        # this process. The user may have blocked it.
        signal.signal(signal.SIGCHLD, lambda number, frame: None)
        signal.set_wakeup_fd(self._ending)
        self._blocked = signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGCHLD])
        # Unlike select(), it takes descriptors above 1023.
        self._poll = select.poll()
        for number in (connection.fileno(), self._ended):
            self._poll.register(number, select.POLLIN)

    def answer(self) -> bool:
        """Wait for a message or the end of a worker; return False if no more messages can come."""
        ready = [number for number, _ in self._poll.poll(PARENT_POLL_SECONDS * 1000)]
        if self._ended in ready:
            os.read(self._ended, 4096)
            self._report_ended()
        if self._connection.fileno() not in ready:
            return True
        message, descriptors, flags, _ = socket.recv_fds(
            self._connection, LONGEST_MESSAGE, MOST_DESCRIPTORS
        )
        if message.startswith(REMOVE):
            self._folders.append(os.fsdecode(message.removeprefix(REMOVE)))
        elif message.startswith(IMPORT):
            _import(message.removeprefix(IMPORT).decode())
        # Without descriptors that are free here, some did not arrive.
        elif descriptors and not flags & socket.MSG_CTRUNC and self._fork(*descriptors):
            # The first one is needed until the worker ends.
            descriptors = descriptors[1:]
        for number in descriptors:
            os.close(number)
        return bool(message)

    def _fork(self, status: int, *others: int) -> bool:
        """Fork a worker and write its process id; return False if that cannot be."""
        try:
            # A library that has started threads is in an unknown state after a fork.
            if len(os.listdir("/proc/self/task")) > 1:
                return False
            worker = os.fork()
        except OSError:
            # No process, memory or descriptor is left. The parent then tries it in another way.
            return False
        if not worker:
            os.close(status)
            self._leave()
            _work(others)
        self._statuses[worker] = status
        _write_number(status, worker)
        return True

    def _report_ended(self) -> None:
        """Write the exit status of each worker that has ended."""
        with contextlib.suppress(ChildProcessError):
            while True:
                process, status = os.waitpid(-1, os.WNOHANG)
                if not process:
                    return
                # A library may have started other programs.
                if (pipe := self._statuses.pop(process, None)) is not None:
                    _write_number(pipe, os.waitstatus_to_exitcode(status))
                    os.close(pipe)

    def _leave(self) -> None:
        """Undo in a worker what is the server's."""
        _origin.append(self._id)
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        signal.signal(signal.SIGINT, signal.default_int_handler)
        signal.pthread_sigmask(signal.SIG_SETMASK, self._blocked)
        self._connection.close()
        for number in (self._ended, self._ending, *self._statuses.values()):
            os.close(number)

    def end(self, parent: int) -> NoReturn:
        """End this process; if the parent was killed, remove its folders.

        The workers remove them as well, but there may be none yet.
        """
        # The kernel closes the files of a process before its children get another parent.
        for _ in range(10):
            if os.getppid() != parent:
                for folder in self._folders:
                    remove_tree(Path(folder))
                break
            time.sleep(0.05)
        os._exit(0)


def _import(name: str) -> None:
    try:
        with quick_imports():
            import_module(name)
    except Exception:
        # The worker that needs it tries again, and reports the error.
        logger.debug("Cannot import %s early", name, exc_info=True)


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
    except EOFError:
        # The parent has gone.
        status = 1
    except Exception:  # noqa: BLE001 - whatever it is must not go on as the server
        traceback.print_exc()
    finally:
        for stream in (sys.stdout, sys.stderr):
            with contextlib.suppress(OSError, ValueError):
                stream.flush()
        os._exit(status)
