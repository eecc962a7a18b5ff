"""Start and end the processes that run the user's code, and ask them.

A process that waits has imported matplotlib, and what the user's code has imported before of
installed packages. So after a file is saved, only the user's own modules are imported.
"""

import asyncio
import contextlib
import multiprocessing
import os
import signal
import sys
import tempfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from parallel_animate.local.safe_path import isolated_start
from parallel_animate.studio.entry import STAGE, run_stage
from parallel_animate.studio.failure import Failure

# A socket's path has at most 107 bytes, of which this many follow the folder for temporary files.
LONGEST_FOLDER = 107 - len("/pymp-12345678/listener-12345678")
# Linux: a server that has imported this package and forks before any code of the user is loaded. It
# listens on a socket. Elsewhere libraries of the system do not survive a fork.
FORKS = sys.platform == "linux" and len(os.fsencode(tempfile.gettempdir())) <= LONGEST_FOLDER
_CONTEXT: Any = multiprocessing.get_context("forkserver" if FORKS else "spawn")
JOIN_SECONDS = 5


class StageEndedError(Exception):
    """The process has ended, by itself or since it was ended."""


class StageProcess:
    """A process that runs `run_stage`.

    Parameters
    ----------
    modules : sequence of str
        Installed modules that it imports before it is ready.
    """

    def __init__(self, modules: Sequence[str]) -> None:
        self._connection, theirs = _CONTEXT.Pipe()
        self._process = _CONTEXT.Process(target=run_stage, args=(theirs, modules), name="studio")
        with theirs, isolated_start():
            if FORKS:
                _CONTEXT.set_forkserver_preload([STAGE])
            self._process.start()
        # One thread, so one request after another.
        self._asking = ThreadPoolExecutor(1, "studio")
        self._is_ready = False

    async def ask(self, *request: Any) -> tuple[dict[str, Any], bytes]:
        """Send a request and return the answer: a mapping, and the pixels of a picture.

        Raises
        ------
        StageEndedError
            If the process ends before it has answered.
        """
        loop = asyncio.get_running_loop()
        try:
            answer = loop.run_in_executor(self._asking, self._ask, request)
        except RuntimeError as error:
            # end() has come first.
            raise StageEndedError from error
        return await answer

    def _ask(self, request: Sequence[Any]) -> tuple[dict[str, Any], bytes]:
        try:
            if not self._is_ready:
                self._connection.recv()
                self._is_ready = True
            self._connection.send(request)
            header: dict[str, Any] = self._connection.recv()
            is_picture = header["kind"] == "picture"
            return header, self._connection.recv_bytes() if is_picture else b""
        except (EOFError, OSError) as error:
            raise StageEndedError from error

    async def why_it_ended(self) -> Failure:
        """Describe the end of the process that `end` has not made; end what it has started."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        await asyncio.to_thread(self._process.join, JOIN_SECONDS)
        code = self._process.exitcode
        how = f"exit status {code}"
        if code is not None and code < 0:
            how = signal.Signals(-code).name
        return Failure(
            "The process that draws has ended",
            f"It ended by {how}, in your code or in a library that it calls. Save a file to start "
            "it again.",
        )

    def end(self) -> None:
        """End the process, and those that the user's code has started in it."""
        # Of a process that has ended, another one may have the number by now.
        if self._process.is_alive():
            try:
                os.killpg(self._process.pid, signal.SIGKILL)
            except ProcessLookupError:
                # It does not lead a group yet.
                self._process.kill()
        self._process.join(JOIN_SECONDS)
        # A thread that waits for an answer has an error now.
        self._asking.shutdown()
        self._connection.close()
