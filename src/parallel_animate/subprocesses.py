"""Run a program to its end; a failure is an error that says why. Knows no program by name."""

import logging
import subprocess
from collections.abc import Sequence
from pathlib import Path

from parallel_animate.errors import CommandError

logger = logging.getLogger(__name__)

# What a program writes last says why it failed; two kilobytes hold it, whatever came before.
STDERR_TAIL = 2000


def run_command(
    command: Sequence[str], timeout: float | None = None
) -> subprocess.CompletedProcess[str]:
    """Run a command to its end and return its output.

    Parameters
    ----------
    command : sequence of str
        Program and arguments.
    timeout : float, optional
        Seconds after which it is killed; None: never.

    Raises
    ------
    CommandError
        If it cannot be started, takes longer, or its exit status is not 0, with the end of its
        stderr.
    """
    logger.debug("run %s", command)
    try:
        result = subprocess.run(
            command,
            capture_output=True,
            text=True,
            errors="replace",
            # A group of its own, so that ^C at the terminal ends this process alone.
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
            f"{command[0]} cannot be run: {error.strerror}.", command=command
        ) from error
    if result.returncode:
        raise failed_command(command, result.returncode, result.stderr)
    return result


def failed_command(command: Sequence[str], returncode: int, stderr: str) -> CommandError:
    """Return the error for a command that ended with an exit status other than 0."""
    tail = stderr.strip()[-STDERR_TAIL:]
    how = f"was ended by signal {-returncode}" if returncode < 0 else f"failed ({returncode})"
    return CommandError(
        f"{Path(command[0]).name} {how}: {tail or 'it gave no reason'}",
        command=command,
        returncode=returncode,
        stderr=tail,
    )
