"""The progress bar: where it is shown, and what it costs where it is not."""

import os
import pty
import select
import subprocess
import sys
import termios

import pytest

SCRIPT = """
import sys
from parallel_animate.render.progress import FrameProgress
with FrameProgress(10, {disable}) as progress:
    progress.drawn(4)
    progress.found(2)
    progress.restart()
    progress.found(1)
    progress.drawn(7)
print("tqdm" in sys.modules)
"""


def run(disable: bool | None, on_terminal: bool) -> tuple[bool, str]:
    """Return whether a process has imported tqdm, and what it wrote to stderr."""
    ours, theirs = pty.openpty()
    termios.tcsetwinsize(theirs, (24, 80))
    try:
        process = subprocess.run(
            [sys.executable, "-c", SCRIPT.format(disable=disable)],
            stdout=subprocess.PIPE,
            stderr=theirs if on_terminal else subprocess.PIPE,
            text=True,
            check=True,
        )
        written = os.read(ours, 10_000).decode() if on_terminal and _is_readable(ours) else ""
    finally:
        os.close(ours)
        os.close(theirs)
    return process.stdout.strip() == "True", process.stderr or written


def _is_readable(descriptor: int) -> bool:
    return bool(select.select([descriptor], [], [], 0)[0])


@pytest.mark.parametrize(("disable", "on_terminal"), [(None, True), (False, True), (False, False)])
def test_the_bar_counts_what_was_drawn_and_found(disable: bool | None, on_terminal: bool) -> None:
    is_imported, written = run(disable, on_terminal)
    assert is_imported
    assert "rendering:" in written
    assert "8/10" in written


@pytest.mark.parametrize(("disable", "on_terminal"), [(None, False), (True, True), (True, False)])
def test_no_bar_is_imported_where_none_is_shown(disable: bool | None, on_terminal: bool) -> None:
    assert run(disable, on_terminal) == (False, "")
