"""The option ``--open``."""

from pathlib import Path

from parallel_animate.cli.output import print_message
from parallel_animate.report.opening import open_file


def open_or_say(path: Path) -> None:
    """Open a picture or a movie in its program, or print why that is not possible."""
    if reason := open_file(path):
        print_message(reason)
