"""Run any program to its end, and raise an error with the reason if it fails.

Every program ends with ^C, and those that only answer a question have a time limit.
"""

import contextlib
import logging
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextvars import ContextVar
from pathlib import Path
from typing import Any, TypeAlias

from parallel_animate.errors import CommandError

logger = logging.getLogger(__name__)

# A process that works for this one.
Helper: TypeAlias = "subprocess.Popen[bytes]"
# A program whose output is read, or why it could not start.
Started: TypeAlias = subprocess.Popen[str] | CommandError

# The end of a program's stderr shows why it failed; two kilobytes are enough for the reason.
STDERR_TAIL = 2000
# Time limit of programs that normally answer within a second. A driver of a machine with many GPUs
# takes half a minute to start.
ANSWER_SECONDS = 60
# People wait this long for a program with a time limit before a warning names it.
SILENT_SECONDS = 10
# A killed program is gone within milliseconds, unless a device or a disk hangs.
KILL_WAIT_SECONDS = 10
# What a program has written is read within this time, even if another one took all the time.
READ_SECONDS = 1
# A command that was interrupted removes its files within this time.
END_SECONDS = 5

# What `started_early` has started, and nobody has asked for yet.
_early: ContextVar[dict[tuple[str, ...], Started]] = ContextVar("early")


def open_standard_streams() -> None:
    """Open standard streams that are closed, as daemons and ``>&-`` leave them, as ``/dev/null``.

    Otherwise the next file that is opened takes the number of the closed stream, and the output of
    other programs goes into that file. Python's own stream is None then, which libraries such as
    loky do not expect.
    """
    while (number := os.open(os.devnull, os.O_RDWR)) <= 2:
        os.set_inheritable(number, True)
    os.close(number)
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115


def run_command(
    command: Sequence[str], timeout: float | None = None
) -> subprocess.CompletedProcess[str]:
    """Run a command to its end and return its output; ^C ends it.

    Parameters
    ----------
    command : sequence of str
        Program and arguments.
    timeout : float, optional
        Seconds after which the program is killed; None means never.

    Raises
    ------
    CommandError
        If the program cannot start, takes longer, or ends with an exit status other than 0. The
        error holds the end of its stderr.
    """
    (result,) = run_commands([command], timeout)
    if isinstance(result, CommandError):
        raise result
    return result


def run_commands(
    commands: Sequence[Sequence[str]], timeout: float | None = None
) -> list[subprocess.CompletedProcess[str] | CommandError]:
    """Run commands at the same time; return the output or the error of each, in the same order.

    No thread waits for them, so ^C ends them all. Parameters and errors are those of `run_command`.
    """
    with contextlib.ExitStack() as ends:
        started = [_take_over(command, ends) or _start(command, ends) for command in commands]
        deadline = None if timeout is None else time.monotonic() + timeout
        return [
            process if isinstance(process, CommandError) else _outcome(process, timeout, deadline)
            for process in started
        ]


@contextlib.contextmanager
def started_early(commands: Iterable[Sequence[str]]) -> Iterator[None]:
    """Start commands whose output is wanted later in the block, and let them work meanwhile.

    The first time that `run_command` or `run_commands` is asked for one of them, its output is that
    of the program that was started here. Programs that nobody has asked for are killed at the end.
    """
    with contextlib.ExitStack() as ends:
        token = _early.set({tuple(command): _start(command, ends) for command in commands})
        try:
            yield
        finally:
            _early.reset(token)


def _take_over(command: Sequence[str], ends: contextlib.ExitStack) -> Started | None:
    """Return a program that was started early, which now ends with the stack at the latest."""
    started = _early.get({}).pop(tuple(command), None)
    if isinstance(started, subprocess.Popen):
        ends.callback(_close, started)
    return started


def _start(command: Sequence[str], ends: contextlib.ExitStack) -> Started:
    """Start a program, which is killed when the stack is left and it still runs."""
    logger.debug("run %s", command)
    try:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            errors="replace",
            # A separate process group, so that ^C at the terminal ends only our own process.
            process_group=0,
        )
    except OSError as error:
        return CommandError(f"{command[0]} could not start: {error.strerror}.", command=command)
    ends.callback(_close, process)
    return process


def _outcome(
    process: "subprocess.Popen[str]", timeout: float | None, deadline: float | None
) -> subprocess.CompletedProcess[str] | CommandError:
    command: Sequence[str] = process.args  # type: ignore[assignment]
    try:
        output, errors = _read(process, timeout, deadline)
    except subprocess.TimeoutExpired:
        return CommandError(
            f"{command[0]} did not answer within {timeout:g} seconds and was stopped.",
            command=command,
        )
    if process.returncode:
        return failed_command(command, process.returncode, errors)
    return subprocess.CompletedProcess(command, process.returncode, output, errors)


def _read(
    process: "subprocess.Popen[str]", timeout: float | None, deadline: float | None
) -> tuple[str, str]:
    """Return a program's output; a warning names one that people wait for."""
    if timeout is None or deadline is None:
        return process.communicate()
    left = deadline - time.monotonic()
    if left > SILENT_SECONDS:
        try:
            return process.communicate(timeout=SILENT_SECONDS)
        except subprocess.TimeoutExpired:
            left = max(deadline - time.monotonic(), 0)
            name = process.args[0]  # type: ignore[index]
            logger.warning(
                "%s does not answer. It is stopped in %.0f seconds; ^C ends this command.",
                *(name, left),
            )
    # With a timeout of 0 even a program that ended long ago would count as too slow.
    return process.communicate(timeout=max(left, READ_SECONDS))


def _close(process: "subprocess.Popen[str]") -> None:
    kill_group(process)
    for stream in (process.stdout, process.stderr):
        if stream is not None:
            stream.close()


def kill_group(process: "subprocess.Popen[Any]") -> None:
    """Kill a running program and the programs that it started; it leads its process group."""
    if process.poll() is not None:
        return
    # It may end just now; macOS then refuses permission.
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    try:
        process.wait(KILL_WAIT_SECONDS)
    except subprocess.TimeoutExpired:
        # The kernel ends no process that waits for a broken driver or disk.
        logger.warning(
            "%s (process %d) cannot be ended: it waits for a device or a disk.",
            *(process.args[0], process.pid),  # type: ignore[index]
        )


def run_in_foreground(command: Sequence[str], text: str) -> int:
    """Run a command that prints to our output, with a text as its input; return its exit status.

    ^C at the terminal reaches it, too: then it gets time to clean up.
    """
    with subprocess.Popen(command, stdin=subprocess.PIPE, text=True) as process:
        try:
            process.communicate(text)
        except BaseException:
            _let_end(process)
            raise
    return process.returncode


def start_helper(
    command: Sequence[str], environment: Mapping[str, str], descriptors: Sequence[int]
) -> Helper:
    """Start a process that works for this one, and return it.

    Parameters
    ----------
    command : sequence of str
        Program and arguments.
    environment : mapping
        All its environment variables.
    descriptors : sequence of int
        What it gets besides the standard streams, under the same numbers.
    """
    return subprocess.Popen(
        command, stdin=subprocess.DEVNULL, env=environment, pass_fds=descriptors
    )


def _let_end(process: "subprocess.Popen[str]") -> None:
    for number in (None, signal.SIGTERM, signal.SIGKILL):
        if number is not None:
            process.send_signal(number)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(END_SECONDS)
            return


def failed_command(command: Sequence[str], returncode: int, stderr: str) -> CommandError:
    """Return the error for a command that ended with an exit status other than 0."""
    tail = stderr.strip()[-STDERR_TAIL:]
    if returncode < 0:
        how = f"was killed by signal {-returncode}"
    else:
        how = f"failed with exit status {returncode}"
    return CommandError(
        f"{Path(command[0]).name} {how}: {tail or 'its stderr is empty'}",
        command=command,
        returncode=returncode,
        stderr=tail,
    )
