"""A cluster for all tests in this folder, and projects to render on it."""

import importlib.util
import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import ClassVar

import pytest
from project import BIN, ROOT, SHOW_LOG, Project, wait_until
from slurm.cluster import Cluster, why_not

# Check the jobs often: the profile's intervals are for jobs of minutes.
QUICK = ("--slurm-init-seconds-before-status-checks", "2", "--latency-wait", "20")


class SlurmProject(Project):
    """A project that is rendered on a cluster.

    A test can hold its jobs between two frames, to act on them while they run.
    """

    cluster: Cluster
    # First in PATH, with a colon.
    path = ""
    runs: ClassVar[list["subprocess.Popen[bytes]"]] = []
    references: ClassVar[dict[str, bytes]] = {}

    def command(self, *arguments: str) -> list[str]:
        return [
            # A shell that runs this in the background has switched ^C off.
            *("env", "--default-signal=INT", str(BIN / "snakemake")),
            *("-s", str(ROOT / "Snakefile"), "--directory", str(self.folder)),
            *("--workflow-profile", str(ROOT / "workflow/profiles/slurm"), *SHOW_LOG),
            *(*QUICK, *arguments),
        ]

    def environment(self, seed: str = "0") -> dict[str, str]:
        variables = {**super().environment(seed), **self.cluster.environment()}
        return {**variables, "PATH": self.path + variables["PATH"]}

    def start(self, *arguments: str) -> "subprocess.Popen[bytes]":
        self.runs.append(super().start(*arguments))
        return self.runs[-1]

    def said(self) -> str:
        """Return the output of the runs so far."""
        return (self.folder / "run.log").read_text()

    def locally(self) -> str:
        """Run the default profile in the same folder; return its output."""
        local = Project.__new__(Project)
        local.folder = self.folder
        return local.snakemake("--cores", "2")

    def said_last(self) -> str:
        """Return the output of the last run from its job table on."""
        return "".join(self.said().rpartition("Job stats:")[1:])

    def hold(self, condition: str = "True") -> None:
        """Make jobs, not planning, wait before the frames for which a condition holds."""
        self.edit("animator.py", "super().update(", "self.wait(frame_idx); super().update(")
        self.edit(
            "animator.py",
            "    def update",
            "    def wait(self, frame_idx):\n"
            "        import os, time\n"
            "        self.first = getattr(self, 'first', frame_idx)\n"
            "        is_job = 'SLURM_JOB_ID' in os.environ and 'PLANNING' not in os.environ\n"
            "        is_held = is_job and frame_idx != self.first\n"
            f"        while is_held and ({condition}) and not os.path.exists('go'):\n"
            "            time.sleep(0.1)\n\n"
            "    def update",
        )

    def release(self) -> None:
        """Let the jobs continue."""
        (self.folder / "go").touch()

    def segments(self) -> dict[str, int]:
        """Return the segments' names and file identities: rendering again makes a new file."""
        folder = self.folder / "work/wave/segments"
        return {path.name: path.stat().st_ino for path in folder.glob("*.mp4")}

    def local_bytes(self) -> bytes:
        """Return the movie as the default profile renders it in a separate folder.

        Rendered once per config: holding jobs does not affect their frames.
        """
        config = (self.folder / "config/config.yaml").read_text()
        if config not in self.references:
            copy = self.folder.with_name(self.folder.name + "-local")
            shutil.copytree(self.folder / "config", copy / "config")
            for name in ("animator.py", "frames.py"):
                shutil.copy(self.folder / name, copy / name)
            local = Project.__new__(Project)
            local.folder = copy
            local.render()
            self.references[config] = (copy / "results/wave.mp4").read_bytes()
        return self.references[config]


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    if reason := why_not():
        pytest.skip(reason)
    if importlib.util.find_spec("snakemake_executor_plugin_slurm") is None:
        pytest.skip("snakemake-executor-plugin-slurm is not installed: pip install '.[slurm]'")
    with tempfile.TemporaryDirectory(prefix="slurm-") as name:
        cluster = Cluster(Path(name), cpus=2)
        cluster.start()
        try:
            yield cluster
        finally:
            cluster.stop()


@pytest.fixture
def on_slurm(cluster: Cluster, tmp_path: Path) -> Iterator[Callable[..., SlurmProject]]:
    """Make a project for the cluster, and restore the cluster afterwards."""
    SlurmProject.cluster = cluster

    def make(**movies: dict[str, object]) -> SlurmProject:
        folder = tmp_path / "project"
        folder.mkdir()
        return SlurmProject(folder, **movies)

    yield make
    for run in SlurmProject.runs:
        if run.poll() is None:
            os.killpg(run.pid, signal.SIGKILL)
            run.wait()
    SlurmProject.runs.clear()
    cluster.command("scancel", "--user", str(os.getuid()))
    wait_until(lambda: not cluster.command("squeue", "-h"))
