"""Snakemake, as ``parallel-animate run`` starts it: its exit status after ^C is 130.

Snakemake itself returns 1. It also prints which profile it reads, before a logger can decide.
"""

import runpy
import signal
import sys
from itertools import pairwise
from typing import TextIO, cast

from parallel_animate.report.this_run import THIS_RUN

# The end of the line; snakemake/cli.py, parse_args, prints it to stderr.
PROFILE_LINE = "for setting default command line arguments."
SHOWS_LOG = ("--logger-parallel-animate-show", "log")


class WithoutProfileLine:
    """Stands for stderr until Snakemake has printed the line about its profile, which it drops.

    Parameters
    ----------
    stream : file
        The real stderr.
    """

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        """Write a text, unless it is the line or the end of it."""
        if text.endswith(PROFILE_LINE):
            sys.stderr, self._stream = self._stream, cast(TextIO, _EndOfLine(self._stream))
            return len(text)
        return self._stream.write(text)

    def __getattr__(self, name: str) -> object:
        return getattr(self._stream, name)


class _EndOfLine:
    """Drops what print() writes after a text: the end of the line."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        return len(text)

    def __getattr__(self, name: str) -> object:
        return getattr(self._stream, name)


def main() -> None:
    """Become Snakemake, with the command line of this process."""
    THIS_RUN.note_interrupts()
    if SHOWS_LOG not in pairwise(sys.argv):
        sys.stderr = cast(TextIO, WithoutProfileLine(sys.stderr))
    try:
        runpy.run_module("snakemake", run_name="__main__", alter_sys=True)
    except SystemExit:
        if THIS_RUN.is_interrupted:
            sys.exit(128 + signal.SIGINT)
        raise


if __name__ == "__main__":
    main()
