"""The processes of a loky pool, forked by the fork server, or started by loky if that cannot fork.

loky starts a process with its class Popen (loky/backend/popen_loky_posix.py of 3.7): it runs a
fresh interpreter, which loads the pickled process object from a pipe. Here a fork of the server
loads it.
"""

import io
import os
import threading
from multiprocessing import resource_tracker
from multiprocessing.connection import wait
from multiprocessing.context import set_spawning_popen
from multiprocessing.util import Finalize
from typing import Any

from loky.backend import reduction, spawn
from loky.backend.context import LokyContext
from loky.backend.popen_loky_posix import Popen as FreshPopen
from loky.backend.process import LokyProcess

from parallel_animate.local.fork_server import ForkServer, ForkServerError, read_number
from parallel_animate.local.forked_worker import TRACKERS, Inherited
from parallel_animate.local.safe_path import isolated_start

# Of a worker whose server was killed, so that nobody knows how it ended.
UNKNOWN_STATUS = 255


class ForkingContext(LokyContext):  # type: ignore[misc]
    """What loky makes the processes and queues of a pool with.

    Parameters
    ----------
    server : ForkServer
        Forks the processes.
    """

    def __init__(self, server: ForkServer) -> None:
        super().__init__()
        self._server = server
        # The helper of multiprocessing would otherwise start with the first process.
        resource_tracker.ensure_running()

    def Process(self, *arguments: Any, **options: Any) -> "ForkedProcess":
        """Return a process of the pool, which is not started yet."""
        process = ForkedProcess(*arguments, **options)
        process.server = self._server
        return process


class ForkedProcess(LokyProcess):  # type: ignore[misc]
    """A process that a fork server forks when it is started."""

    server: ForkServer | None = None

    def __getstate__(self) -> dict[str, Any]:
        return {name: value for name, value in vars(self).items() if name != "server"}

    @staticmethod
    def _Popen(process: "ForkedProcess") -> FreshPopen:
        try:
            return ForkedPopen(process)
        except ForkServerError:
            with isolated_start():
                return FreshPopen(process)


class ForkedPopen(FreshPopen):  # type: ignore[misc]
    """A running process, which is a child of the fork server.

    Parameters
    ----------
    process : ForkedProcess
        The process to start.

    Raises
    ------
    ForkServerError
        If the server does not fork.
    """

    DupFd = Inherited
    returncode: int | None

    def __init__(self, process: ForkedProcess) -> None:
        self._reading = threading.Lock()
        super().__init__(process)

    def duplicate_for_child(self, descriptor: int) -> int:
        """Return the place of a descriptor among those that the process gets."""
        self._fds.append(descriptor)
        return len(self._fds) - 1

    def _launch(self, process: ForkedProcess) -> None:
        data = self._pickled(process)
        source, target = os.pipe()
        with os.fdopen(target, "wb") as pipe:
            try:
                assert process.server is not None, "made by ForkingContext"
                self.pid, self.sentinel = process.server.fork([source, *self._fds])
            finally:
                os.close(source)
            Finalize(self, os.close, (self.sentinel,))
            pipe.write(data)

    def _pickled(self, process: ForkedProcess) -> memoryview:
        """Return what the process loads first: its environment, its preparation and itself."""
        data = io.BytesIO()
        set_spawning_popen(self)
        try:
            preparation = spawn.get_preparation_data(process.name, init_main_module=False)
            for name in TRACKERS:
                place = self.duplicate_for_child(preparation[name])
                preparation[name] = Inherited(place)
            reduction.dump(({**os.environ, **process.env}, preparation), data)
            reduction.dump(process, data)
        finally:
            set_spawning_popen(None)
        return data.getbuffer()

    def poll(self, flag: int = os.WNOHANG) -> int | None:
        """Return the exit status, or None if the process has not ended and the flag is WNOHANG."""
        # Threads of loky ask as well, and the status can be read once.
        with self._reading:
            if self.returncode is None and wait([self.sentinel], 0 if flag else None):
                status = read_number(self.sentinel)
                self.returncode = UNKNOWN_STATUS if status is None else status
        return self.returncode
