"""Measurements as CSV files, each with a record of where and when it was made, and as tables."""

from __future__ import annotations

import csv
import importlib.metadata
import json
import os
import platform
import statistics
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import asdict, fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar, get_type_hints

import imageio_ffmpeg
import psutil

HERE = Path(__file__).resolve().parent
GIB = 2**30
# Entries that differ between measurements on one machine with the same software.
PASSING = ("date", "load", "commit")

Row = TypeVar("Row")


def save(path: Path, rows: Sequence[Any], machine: Mapping[str, str]) -> None:
    """Write measurements to a CSV file, and the machine to a JSON file beside it.

    Parameters
    ----------
    path
        The CSV file; its folder is made.
    rows
        Instances of one dataclass, at least one.
    machine
        The result of `describe_machine` from before the measurements.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, [field.name for field in fields(rows[0])])
        writer.writeheader()
        writer.writerows(asdict(row) for row in rows)
    path.with_suffix(".json").write_text(json.dumps(machine, indent=1) + "\n", encoding="utf-8")


def load(path: Path, kind: type[Row]) -> list[Row]:
    """Return the measurements that `save` wrote, as instances of their dataclass."""
    types = get_type_hints(kind)
    with path.open(newline="", encoding="utf-8") as file:
        return [
            kind(**{name: types[name](value) for name, value in row.items()})
            for row in csv.DictReader(file)
        ]


def load_machine(path: Path) -> dict[str, str]:
    """Return the machine that `save` recorded beside a CSV file."""
    machine: dict[str, str] = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
    return machine


def describe_machine() -> dict[str, str]:
    """Return the machine, the software and the time of measurements that begin now."""
    ffmpeg = imageio_ffmpeg.get_ffmpeg_version().split()[0]
    packages = ("parallel-animate", "matplotlib", "numpy")
    return {
        "processor": _processor(),
        "cores": f"{n_cores()} of {os.cpu_count()}",
        "memory": f"{psutil.virtual_memory().total / GIB:.0f} GiB",
        "system": f"{platform.system()} {platform.release()}",
        "Python": platform.python_version(),
        **{name: importlib.metadata.version(name) for name in packages},
        "FFmpeg": ffmpeg,
        "commit": _commit(),
        "date": f"{datetime.now(UTC):%Y-%m-%d}",
        "load": f"{os.getloadavg()[0]:.1f}",
    }


def n_cores() -> int:
    """Return how many cores this process may use; the machine may have more."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _processor() -> str:
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        for line in cpuinfo.read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def _commit() -> str:
    """Return the commit of the measured source; "edited" if the source has changes."""
    try:
        commit = _git("rev-parse", "--short", "HEAD")
        edited = _git("diff", "--name-only", "HEAD", "--", "*.py")
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
    return f"{commit}, edited" if edited else commit


def _git(*arguments: str) -> str:
    command = ["git", "-C", str(HERE.parent), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


def spread(values: Sequence[float], digits: int, unit: str = "") -> str:
    """Return the median with the minimum and the maximum, as text."""
    middle, low, high = statistics.median(values), min(values), max(values)
    return f"{middle:.{digits}f}{unit} ({low:.{digits}f}-{high:.{digits}f})"


def format_table(rows: Sequence[Sequence[str]]) -> str:
    """Return ``rows`` as a Markdown table with aligned columns; the first row is the header."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    rule = ["-" * width for width in widths]
    return "\n".join(
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |"
        for row in (rows[0], rule, *rows[1:])
    )
