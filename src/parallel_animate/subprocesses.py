"""Run any program to its end, and raise an error with the reason if it fails."""

import logging
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from parallel_animate.errors import CommandError

logger = logging.getLogger(__name__)

# The end of a program's stderr shows why it failed; two kilobytes are enough for the reason.
STDERR_TAIL = 2000


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
    """Run a command to its end and return its output.

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
    logger.debug("run %s", command)
    try:
        result = subprocess.run(
            command,
            capture_output=True,
            text=True,
            errors="replace",
            # A separate process group, so that ^C at the terminal ends only our own process.
            process_group=0,
            check=False,
            timeout=timeout,
        )
    except subprocess.TimeoutExpired as error:
        raise CommandError(
            f"{command[0]} did not answer within {timeout:g} seconds.", command=command
        ) from error
    except OSError as error:
        raise CommandError(
            f"{command[0]} could not start: {error.strerror}.", command=command
        ) from error
    if result.returncode:
        raise failed_command(command, result.returncode, result.stderr)
    return result


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
