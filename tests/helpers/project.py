"""A small project folder, rendered by the repository's Snakefile with the real Snakemake.

Not a test file: tests import it.
"""

import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[2]
BIN = Path(sys.executable).parent

# Snakemake's own log on the console, from which tests read what was run.
SHOW_LOG = ("--logger-parallel-animate-show", "log")

FRAMES = """
def frames():
    return [i * 2 for i in range(11)]
"""
ANIMATOR = """
from movies import Numbers

class Movie(Numbers):
    def __init__(self, offset=0):
        super().__init__()
        self.offset = offset

    def update(self, frame_idx, params):
        super().update(frame_idx, params + self.offset)
"""
MOVIE = {"animator": "animator.py:Movie", "params": "frames.py:frames", "fps": 25, "chunk_size": 4}


class Project:
    """A folder with a config, rendered by the repository's Snakefile."""

    def __init__(self, folder: Path, **movies: Mapping[str, Any]) -> None:
        self.folder = folder
        (folder / "config").mkdir()
        (folder / "frames.py").write_text(FRAMES)
        (folder / "animator.py").write_text(ANIMATOR)
        self.configure(**movies)

    def configure(self, **movies: Mapping[str, Any]) -> None:
        config = {"movies": {name: dict(movie) for name, movie in movies.items()}}
        (self.folder / "config/config.yaml").write_text(yaml.safe_dump(config))

    def edit(self, name: str, old: str, new: str) -> None:
        path = self.folder / name
        assert old in path.read_text()
        path.write_text(path.read_text().replace(old, new))

    def command(self, *arguments: str) -> list[str]:
        return [
            str(BIN / "snakemake"),
            *("-s", str(ROOT / "Snakefile"), "--directory", str(self.folder)),
            *("--workflow-profile", str(ROOT / "workflow/profiles/default"), *SHOW_LOG, *arguments),
        ]

    def environment(self, seed: str = "0") -> dict[str, str]:
        tests = str(Path(__file__).parent)
        return {**os.environ, "PYTHONPATH": tests, "PYTHONHASHSEED": seed}

    def snakemake(self, *arguments: str, expect: int | None = 0, seed: str = "0") -> str:
        result = subprocess.run(
            self.command(*arguments),
            capture_output=True,
            text=True,
            timeout=400,
            cwd=self.folder,
            env=self.environment(seed),
            check=False,
        )
        said = result.stdout + result.stderr
        if expect is not None:
            assert result.returncode == expect, said
        return said

    def start(self, *arguments: str) -> "subprocess.Popen[bytes]":
        """Start a run in its own session."""
        with (self.folder / "run.log").open("ab") as log:
            return subprocess.Popen(
                self.command(*arguments),
                stdout=log,
                stderr=log,
                cwd=self.folder,
                env=self.environment(),
                start_new_session=True,
            )

    def temporary_files(self) -> list[Path]:
        return list((self.folder / "work").rglob(".*.tmp*"))

    def unfinished_segments(self) -> list[Path]:
        """Return the files that jobs are writing, without the temporary files of planning."""
        return list((self.folder / "work").glob("*/segments/.*.tmp*"))

    def render(self, *arguments: str) -> dict[str, int]:
        """Run everything and return the number of jobs of each rule."""
        return job_counts(self.snakemake("--cores", "2", *arguments))

    def files(self) -> dict[str, tuple[int, bytes]]:
        """Return times and content of the work folder's files, without what only saves reading."""
        known = (".lock", "digests.json", "movie.json")
        return {
            str(path.relative_to(self.folder)): (path.stat().st_mtime_ns, path.read_bytes())
            for path in sorted((self.folder / "work").rglob("*"))
            if path.is_file() and path.name not in known
        }


def wait_until(condition: Callable[[], Any], seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.05)


def job_counts(said: str) -> dict[str, int]:
    table = said.partition("Job stats:")[2].partition("\n\n")[0]
    rows = re.findall(r"^(\w+)\s+(\d+)$", table, flags=re.MULTILINE)
    return {rule: int(count) for rule, count in rows if rule not in ("all", "total")}
