"""Run ``parallel-animate``, or a script, in a separate process; not a test file."""

import os
import subprocess
import sys
from pathlib import Path

# The folder where processes of tests find the other helpers.
HELPERS = Path(__file__).parent


def animate(*arguments: str, folder: Path, seed: str = "0") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "parallel_animate", *arguments],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=120,
        env={**os.environ, "PYTHONPATH": str(HELPERS), "PYTHONHASHSEED": seed},
        check=False,
    )


def run_script(code: str, *arguments: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run a script that stands in a file of the folder, as a user's does."""
    (folder / "script.py").write_text(code)
    return subprocess.run(
        [sys.executable, "script.py", *arguments],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=100,
        env={**os.environ, "PYTHONPATH": str(HELPERS)},
        check=False,
    )
