"""doctor reports what it found, what is wrong and what to do; tested with real faults."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from parallel_animate.encode.ffmpeg import candidates
from parallel_animate.local.cores import available_cores


def doctor(folder: Path, expect: int = 0, **variables: str) -> dict[str, list[dict[str, Any]]]:
    """Return the findings by subject."""
    result = subprocess.run(
        [sys.executable, "-m", "parallel_animate", "doctor", "--json"],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=60,
        env={**os.environ, **variables},
        check=False,
    )
    assert result.returncode == expect, result.stderr
    findings: dict[str, list[dict[str, Any]]] = {}
    for finding in json.loads(result.stdout):
        assert finding["state"] in ("ok", "warning", "problem")
        assert finding["state"] == "ok" or finding["advice"]
        findings.setdefault(finding["subject"], []).append(finding)
    return findings


def program(path: Path, text: str) -> Path:
    path.parent.mkdir(exist_ok=True)
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return path


def test_a_working_machine_has_no_problem(tmp_path: Path) -> None:
    findings = doctor(tmp_path)
    assert findings["ffmpeg"][0]["found"].endswith(f"({candidates()[0]})")
    assert findings["libx264"] == [
        {"subject": "libx264", "state": "ok", "found": "encodes", "advice": ""}
    ]
    assert "h264, hevc, hevc-10bit, av1, " in findings["codecs"][0]["found"]
    assert findings["cores"][0]["found"].startswith(f"{available_cores()} of ")
    for subject in ("Python", "matplotlib", "snakemake", "workflow", "file locks"):
        assert findings[subject][0]["state"] == "ok", findings[subject]
    for subject in ("h264_nvenc", "SLURM", "fonts", "temporary folder", "this folder"):
        assert findings[subject][0]["state"] != "problem", findings[subject]


def test_a_limitation_is_a_warning_with_its_reason(tmp_path: Path) -> None:
    broken = program(tmp_path / "bin/ffmpeg", "echo out of order >&2; exit 3")
    program(tmp_path / "bin/sbatch", "exit 0")
    program(tmp_path / "bin/sinfo", "echo first >&2; echo no controller >&2; exit 1")
    (tmp_path / "file").touch()
    findings = doctor(
        tmp_path,
        IMAGEIO_FFMPEG_EXE=str(broken),
        PATH=os.pathsep.join([str(broken.parent), os.environ["PATH"]]),
        MPLCONFIGDIR=str(tmp_path / "file/below"),
        SLURM_CPUS_PER_TASK="1",
    )
    assert findings["ffmpeg"][0]["state"] == "warning"
    assert str(broken) in findings["ffmpeg"][0]["found"]
    assert "out of order" in findings["ffmpeg"][0]["found"]
    assert findings["ffmpeg"][1]["state"] == findings["libx264"][0]["state"] == "ok"
    assert findings["SLURM"][0]["found"] == "no controller"
    assert "MPLCONFIGDIR" in findings["fonts"][0]["advice"]
    if (os.cpu_count() or 1) > 1:
        assert "because of SLURM_CPUS_PER_TASK=1" in findings["cores"][0]["found"]


def test_without_a_working_ffmpeg_it_fails(tmp_path: Path) -> None:
    (tmp_path / "imageio_ffmpeg").mkdir()
    (tmp_path / "imageio_ffmpeg/__init__.py").touch()
    broken = program(tmp_path / "bin/ffmpeg", "exit 3")
    findings = doctor(
        tmp_path, expect=1, PYTHONPATH=str(tmp_path), PATH=str(broken.parent), IMAGEIO_FFMPEG_EXE=""
    )
    assert [finding["state"] for finding in findings["ffmpeg"]] == ["warning", "problem"]
    assert findings["libx264"][0]["state"] == "problem"
    assert findings["SLURM"][0]["found"].startswith("no sbatch")


def test_a_nearly_full_disk_is_reported(small_disk: Path) -> None:
    findings = doctor(small_disk)
    assert findings["this folder"][0]["state"] == "warning"
    assert "0.0 GB free" in findings["this folder"][0]["found"]


def test_a_matplotlib_that_needs_full_redraws_is_a_warning(tmp_path: Path) -> None:
    assert doctor(tmp_path)["drawing less"][0]["state"] == "ok"
    code = "import matplotlib.axis\nmatplotlib.__version__ = '3.12.0'\n"
    (tmp_path / "sitecustomize.py").write_text(f"{code}del matplotlib.axis.Axis._update_ticks\n")
    path = os.pathsep.join([str(tmp_path), os.environ.get("PYTHONPATH", "")])
    (finding,) = doctor(tmp_path, PYTHONPATH=path)["drawing less"]
    assert finding["state"] == "warning"
    assert "matplotlib 3.12.0 lacks matplotlib.axis.Axis._update_ticks" in finding["found"]
    assert "pip install 'matplotlib>=3.10,<3.12'" in finding["advice"]
