"""A process that has only imported what workers need, and forks them when they are needed.

N workers then cost one import of matplotlib instead of N, and share its memory. The process starts
while this one still does other things. It never draws, so that a fork finds no thread, no lock and
no library in the middle of something. Linux only: elsewhere a fork is not safe (macOS), and workers
start on their own.
"""

import contextlib
import logging
import os
import socket
import struct
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextvars import ContextVar
from pathlib import Path

import loky

from parallel_animate.local.safe_path import SAFE_PATH, isolated_start
from parallel_animate.subprocesses import Helper, start_helper

logger = logging.getLogger(__name__)

# One thread per worker: N workers already keep N cores busy. A value that the user has set is kept.
THREAD_VARIABLES = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "BLIS_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
    "NUMEXPR_NUM_THREADS",
)
LEAK_BYTES = "4e9"
# A process id, and later the exit status of that process.
NUMBER = struct.Struct("q")
# Releases of loky that `loky_processes` works with; with others, workers start on their own.
# Before 3.7, loky sends other things to a new process.
KNOWN_LOKY = ("3.7.",)
# Messages to the server: a worker is wanted, a folder must not outlive this process, workers will
# need a module.
FORK, REMOVE, IMPORT = b"fork", b"remove:", b"import:"
# A path has at most 4096 bytes on Linux (PATH_MAX).
LONGEST_MESSAGE = 8192
# The kernel passes up to 253 descriptors in one message (SCM_MAX_FD in linux/include/net/scm.h).
MOST_DESCRIPTORS = 253


class ForkServerError(Exception):
    """The server does not fork; workers start on their own then."""


class ForkServer:
    """A process that forks workers.

    It starts at the first call of `start`, and ends at the latest with this process.
    """

    def __init__(self) -> None:
        self._process: Helper | None = None
        self._connection: socket.socket | None = None

    @property
    def is_possible(self) -> bool:
        """Whether workers can be forked on this system, with this release of loky."""
        release: str = loky.__version__
        return sys.platform == "linux" and release.startswith(KNOWN_LOKY)

    def start(self) -> bool:
        """Let the server start and import, if it has not been started, and do not wait for it.

        Returns
        -------
        bool
            Whether there is a server.
        """
        if not self.is_possible:
            return False
        if self._process is not None:
            return True
        connection, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs, isolated_start():
            # Python ignores everything else.
            paths = [entry for entry in sys.path if isinstance(entry, str)]
            code = (
                f"import sys; sys.path[:] = {paths!r}; from parallel_animate.local import "
                f"forked_worker; forked_worker.serve({theirs.fileno()}, {os.getpid()})"
            )
            try:
                self._process = start_helper(
                    [sys.executable, "-c", code],
                    {**os.environ, **worker_variables()},
                    [theirs.fileno()],
                )
            except OSError as error:
                # No process or memory is left, or sys.path is longer than a command may be.
                logger.debug("Workers start on their own: %s", error)
                connection.close()
                return False
        self._connection = connection
        return True

    def fork(self, descriptors: Sequence[int]) -> tuple[int, int]:
        """Return the id of a new worker, and a descriptor to read its exit status from.

        Parameters
        ----------
        descriptors : sequence of int
            The first one gives the worker its pickled process object. See `forked_worker`.

        Raises
        ------
        ForkServerError
            If no server runs, or it may not fork since a library has started threads in it.
        """
        if not self.start() or self._connection is None or len(descriptors) >= MOST_DESCRIPTORS:
            raise ForkServerError
        status, theirs = os.pipe()
        try:
            socket.send_fds(self._connection, [FORK], [theirs, *descriptors])
        except OSError as error:
            os.close(status)
            raise ForkServerError from error
        finally:
            os.close(theirs)
        number = read_number(status)
        if number is None:
            os.close(status)
            raise ForkServerError
        return number, status

    def remove_if_killed(self, folder: Path) -> None:
        """Let the server remove a temporary folder if this process is killed."""
        if self._connection is not None:
            # If the server has gone, workers start in another way, and remove the folder.
            with contextlib.suppress(OSError):
                self._connection.send(REMOVE + os.fsencode(folder))

    def import_early(self, modules: Iterable[str]) -> None:
        """Let the server import modules that workers would import otherwise, each of them."""
        if self._connection is not None:
            # If the server has gone, workers import them.
            with contextlib.suppress(OSError):
                for name in modules:
                    self._connection.send(IMPORT + name.encode())

    def close(self) -> None:
        """End the server; its workers end by themselves if they still live."""
        if self._process is None or self._connection is None:
            return
        # First of all, so that it does not take the closed socket for the end of this process.
        self._process.kill()
        self._process.wait()
        self._connection.close()
        self._process = self._connection = None


def read_number(descriptor: int) -> int | None:
    """Return a number that the server wrote; None if it has closed the pipe instead."""
    data = b""
    while len(data) < NUMBER.size:
        part = os.read(descriptor, NUMBER.size - len(data))
        if not part:
            return None
        data += part
    (number,) = NUMBER.unpack(data)
    return int(number)


def worker_variables() -> Mapping[str, str]:
    """Return the environment variables of workers that are not those of this process."""
    variables = {name: os.environ.get(name, "1") for name in THREAD_VARIABLES}
    # loky restarts a worker that grew by 300 MB: data that it loads or maps would count as a leak.
    variables["LOKY_MAX_MEMORY_LEAK_SIZE"] = os.environ.get("LOKY_MAX_MEMORY_LEAK_SIZE", LEAK_BYTES)
    # With a fixed hash seed every worker iterates over a set of strings in the same order.
    return {**variables, **SAFE_PATH, "MPLBACKEND": "agg", "PYTHONHASHSEED": "0"}


_current: ContextVar[ForkServer | None] = ContextVar("fork_server", default=None)


def current_fork_server() -> ForkServer | None:
    """Return the server of the block that this is called in; None outside of all blocks."""
    return _current.get()


@contextlib.contextmanager
def fork_server() -> Iterator[ForkServer]:
    """Let pools take their workers from one server within the block, the same in inner blocks.

    The server starts when it is first needed, or earlier with `ForkServer.start`.
    """
    if (outer := _current.get()) is not None:
        yield outer
        return
    server = ForkServer()
    token = _current.set(server)
    try:
        yield server
    finally:
        _current.reset(token)
        server.close()
