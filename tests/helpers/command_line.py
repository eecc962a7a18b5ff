"""Run ``parallel-animate`` in a separate process; not a test file."""

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
