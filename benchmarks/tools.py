"""Render one workload with one tool, in a fresh process of the tool's environment."""

from __future__ import annotations

import json
import os
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import imageio_ffmpeg
from peer_env import ensure_peer_python
from processes import Peaks, run, sample_peaks

HERE = Path(__file__).resolve().parent

TITLES = {
    "ours": "parallel-animate",
    "matplotlib": "FuncAnimation.save",
    "peer": "parallel-matplotlib-animation",
}


@dataclass(frozen=True)
class Setting:
    """How a workload is rendered.

    Attributes
    ----------
    workers
        Number of worker processes of the parallel tools.
    presets
        ``"defaults"`` keeps each tool's own encoder settings, ``"same"`` gives all tools the same.
    redraw
        The ``redraw`` argument for this package.
    """

    workers: int = 2
    presets: str = "defaults"
    redraw: str = "auto"


@dataclass(frozen=True)
class Measurement:
    """One rendering of one workload with one tool.

    Attributes
    ----------
    turn
        Counts the rounds in which all tools ran; ratios are taken within one.
    workload, tool, n_frames, workers, presets, redraw
        What ran, and how.
    version
        Version of the tool and of the software it ran on.
    seconds
        Wall-clock time of the call that makes the video, the figure's set-up included.
    process_seconds
        Wall-clock time of the whole process, including Python's start and imports.
    cpu_seconds
        User and system time of that process and all processes it started.
    megabytes, width, height
        Size of the resulting video, in 10^6 bytes and in pixels.
    """

    turn: int
    workload: str
    tool: str
    n_frames: int
    workers: int
    presets: str
    redraw: str
    version: str
    seconds: float
    process_seconds: float
    cpu_seconds: float
    megabytes: float
    width: int
    height: int

    @property
    def frames_per_second(self) -> float:
        """How fast the video was made."""
        return self.n_frames / self.seconds


@dataclass(frozen=True)
class Tools:
    """The tools that are compared.

    Attributes
    ----------
    pythons
        The interpreter of each, by its key in `TITLES`; the first is the reference.
    """

    pythons: dict[str, Path]

    @classmethod
    def of(cls, names: Sequence[str], peer_venv: Path) -> Tools:
        """Return the tools with the given names; make the peer's environment on first use."""
        return cls(
            {
                name: ensure_peer_python(peer_venv) if name == "peer" else Path(sys.executable)
                for name in names
            }
        )

    def measure(
        self, turn: int, workload: str, tool: str, n_frames: int, setting: Setting
    ) -> Measurement:
        """Render ``workload`` with ``tool`` in a fresh process.

        Parameters
        ----------
        turn
            Copied to the result.
        workload
            A key of `more_workloads.ALL_WORKLOADS`.
        tool
            A key of ``pythons``.
        n_frames
            The number of frames.
        setting
            All other settings.

        Returns
        -------
        Measurement
            The times, and the size of the video.

        Raises
        ------
        SystemExit
            If the tool failed or if frames are missing in the video.
        """
        with tempfile.TemporaryDirectory(prefix="measure-") as folder:
            output = Path(folder) / "video.mp4"
            what = f"{TITLES[tool]} on {workload}"
            command = self._command(workload, tool, n_frames, setting, output)
            took = run(what, command, _environment(tool, Path(folder)))
            result: dict[str, Any] = json.loads(took.output.splitlines()[-1])
            found, width, height = _inspect(output)
            if found != n_frames:
                raise SystemExit(f"{what}: {found} of {n_frames} frames are in the video")
            return Measurement(
                turn=turn,
                workload=workload,
                tool=tool,
                n_frames=n_frames,
                workers=setting.workers,
                presets=setting.presets,
                redraw=setting.redraw,
                version=result["version"],
                seconds=result["seconds"],
                process_seconds=took.seconds,
                cpu_seconds=took.cpu_seconds,
                megabytes=output.stat().st_size / 1e6,
                width=width,
                height=height,
            )

    def peaks(self, workload: str, tool: str, n_frames: int, setting: Setting) -> Peaks:
        """Render as `measure` does, and return the peak memory and the peak of all files.

        Files are those of the temporary folder and the video itself.
        """
        with tempfile.TemporaryDirectory(prefix="measure-") as folder:
            output = Path(folder) / "video.mp4"
            return sample_peaks(
                f"{TITLES[tool]} on {workload}",
                self._command(workload, tool, n_frames, setting, output),
                _environment(tool, Path(folder)),
                Path(folder),
            )

    def _command(
        self, workload: str, tool: str, n_frames: int, setting: Setting, output: Path
    ) -> list[str]:
        return [
            *(str(self.pythons[tool]), str(HERE / "measure.py")),
            *("--tool", tool, "--workload", workload, "--frames", str(n_frames)),
            *("--output", str(output), "--workers", str(setting.workers)),
            *("--presets", setting.presets, "--redraw", setting.redraw),
        ]


def _environment(tool: str, temporary: Path) -> dict[str, str]:
    # All tools encode with the same FFmpeg, whatever imageio-ffmpeg their environment has.
    forced = {"MPLBACKEND": "Agg", "IMAGEIO_FFMPEG_EXE": imageio_ffmpeg.get_ffmpeg_exe()}
    environment = os.environ | forced | {"TMPDIR": str(temporary)}
    if tool == "peer":
        # A source tree of this package on the path would hide the peer, which has the same name.
        environment.pop("PYTHONPATH", None)
    return environment


def _inspect(video: Path) -> tuple[int, int, int]:
    """Return the video's number of frames, width and height."""
    n_frames, _ = imageio_ffmpeg.count_frames_and_secs(video)
    reader = imageio_ffmpeg.read_frames(video)
    width, height = next(reader)["source_size"]
    reader.close()
    return n_frames, width, height
