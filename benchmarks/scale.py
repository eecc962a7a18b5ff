"""Measure the overhead of a movie of very many chunks: the numbers of docs/scale.md.

    python benchmarks/scale.py --chunks 10000 --frames 1000000

Plans, checks and joins a movie of one-frame chunks whose frames cost nothing, and plans one of many
frames. Each line of the table is a command with its wall time, CPU time and the memory of its
largest process. Then it runs the steps of a SLURM job several times, with a replacement for srun,
and counts their file operations if strace is installed. Needs the extra [slurm].
"""

import argparse
import json
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from subprocess import DEVNULL, Popen

from parallel_animate.encode.seal import CHECKSUM_SIZE, HEADER_SIZE, add_seal

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent

# The profile of the cluster, on this machine.
BATCHED = ("--executor", "local", "--jobs", "500", "--cores", "1")
SRUN = """\
#!/bin/sh
# Runs a command here, without the options before it.
while [ "${1#-}" != "$1" ]; do shift; done
exec "$@"
"""
ANIMATOR = """\
from matplotlib.figure import Figure
from parallel_animate import Animator


class Nothing(Animator):
    def setup(self):
        return Figure(figsize=(0.64, 0.64))

    def update(self, frame_idx, params):
        pass
"""
FRAMES = """\
def frames():
    return range({count})


def stream():
    yield from range({count})
"""


@dataclass(frozen=True)
class Cost:
    """The cost of a command.

    Parameters
    ----------
    what : str
        The command in words.
    wall, cpu : float
        Seconds; CPU seconds include those of its children.
    memory_mb : float
        Megabytes of its largest process.
    """

    what: str
    wall: float
    cpu: float
    memory_mb: float

    def row(self) -> str:
        """Return a line of a Markdown table."""
        return f"| {self.what} | {self.wall:.1f} | {self.cpu:.1f} | {self.memory_mb:.0f} |"


def measure(what: str, command: Sequence[str], folder: Path) -> Cost:
    """Run a command in a folder and return its cost; it must succeed."""
    path = os.pathsep.join([str(BIN), os.environ["PATH"]])
    started = time.monotonic()
    process = Popen(
        command, cwd=folder, stdout=DEVNULL, stderr=DEVNULL, env={**os.environ, "PATH": path}
    )
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.monotonic() - started
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.exit(f"{what}: exit status {process.returncode}: {' '.join(command)}")
    cost = Cost(what, wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024 / 1e6)
    print(cost.row(), flush=True)
    return cost


def make_project(folder: Path, count: int, chunk_size: int, params: str = "frames") -> None:
    """Write an animator, its frames and a config."""
    (folder / "config").mkdir(parents=True)
    (folder / "nothing.py").write_text(ANIMATOR)
    (folder / "frames.py").write_text(FRAMES.format(count=count))
    movie = {
        "animator": "nothing.py:Nothing",
        "params": f"frames.py:{params}",
        "fps": 30,
        "chunk_size": chunk_size,
        "video_mode": "cpu",
    }
    (folder / "config/config.yaml").write_text(json.dumps({"movies": {"nothing": movie}}))


def snakemake(profile: str, *arguments: str) -> list[str]:
    """Return a command that runs the workflow on this machine with a profile."""
    return [
        *("snakemake", "-s", str(ROOT / "Snakefile"), "--cores", "1"),
        *("--workflow-profile", str(ROOT / f"workflow/profiles/{profile}"), *arguments),
    ]


def many_chunks(folder: Path, n_chunks: int) -> None:
    """Measure a movie of many chunks of one frame each."""
    make_project(folder, n_chunks, chunk_size=1)
    plan = ["parallel-animate", "plan", "config/config.yaml"]
    measure(f"plan, {n_chunks} chunks", plan, folder)
    measure("plan that still holds", plan, folder)
    measure("-n, a job each", snakemake("default", "-n", "--quiet"), folder)
    measure("-n, in batches", snakemake("slurm", *BATCHED, "-n", "--quiet"), folder)
    render(folder)
    measure("join", snakemake("default", "--quiet"), folder)
    measure("nothing to be done, a job each", snakemake("default"), folder)
    measure("nothing to be done, in batches", snakemake("slurm", *BATCHED), folder)
    work = folder / "work/nothing"
    sizes = [path.stat().st_size for path in work.rglob("*") if path.is_file()]
    print(f"{len(sizes)} files, {sum(sizes) / 1e6:.0f} MB in work/")


def render(folder: Path) -> None:
    """Give every chunk its segment: all look alike, so one is encoded and sealed for each chunk."""
    work = folder / "work/nothing"
    names = [name for name, _ in json.loads((work / "plan.json").read_text())["chunks"]]
    first = work / f"segments/{names[0]}.mp4"
    chunk = str(work / f"chunks/{names[0]}.chunk")
    measure("one chunk", ["parallel-animate", "render-chunk", chunk, str(first)], folder)
    content = first.read_bytes()[: -(HEADER_SIZE + CHECKSUM_SIZE + len(names[0]))]
    for name in names[1:]:
        path = first.with_name(f"{name}.mp4")
        path.write_bytes(content)
        add_seal(path, name)


def many_frames(folder: Path, n_frames: int) -> None:
    """Measure planning a movie of many frames from a generator."""
    make_project(folder, n_frames, chunk_size=250, params="stream")
    plan = ["parallel-animate", "plan", "config/config.yaml"]
    measure(f"plan, {n_frames} frames", plan, folder)


def one_job(folder: Path, n_times: int = 5) -> None:
    """Measure a SLURM job that renders one frame: everything its script does, and the rendering.

    The script starts Snakemake, which starts Snakemake again through srun.
    """
    make_project(folder, 1, chunk_size=1)
    measure("-n, one chunk", snakemake("slurm", *BATCHED, "-n", "--quiet"), folder)
    work = folder / "work/nothing"
    (batch,) = (work / "batches").iterdir()
    srun = folder / "bin/srun"
    srun.parent.mkdir()
    srun.write_text(SRUN)
    srun.chmod(0o755)
    job = [
        *("env", f"PATH={srun.parent}:{BIN}:{os.environ['PATH']}", "SLURM_JOB_ID=1"),
        *snakemake("slurm", "--executor", "slurm-jobstep", "--jobs", "1", "--mode", "remote"),
        *("--no-hooks", "--force", "--allowed-rules", "render_chunks"),
        *("--target-jobs", f"render_chunks:movie=nothing,batch={batch.stem}"),
    ]
    rendering = ["parallel-animate", "render-batch", str(batch), "--workers", "1"]
    for _ in range(n_times):
        for what, command in (("a job", job), ("render-batch alone", rendering)):
            measure(what, command, folder)
            shutil.rmtree(work / "segments")
    if shutil.which("strace"):
        strace = ["strace", "-f", "-qq", "-e", "trace=%file", "-o", str(folder / "trace")]
        measure("a job under strace", [*strace, *job], folder)
        calls = (folder / "trace").read_text(errors="replace").splitlines()
        n_inside = sum('"work/' in call or f"{folder}/work/" in call for call in calls)
        print(f"{len(calls)} file operations, {n_inside} of them in work/")


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--chunks", type=int, default=10_000)
    parser.add_argument("--frames", type=int, default=1_000_000)
    options = parser.parse_args()
    print("| | wall s | CPU s | MB |\n|---|---|---|---|")
    with tempfile.TemporaryDirectory(prefix="scale-") as name:
        many_frames(Path(name, "frames"), options.frames)
        many_chunks(Path(name, "chunks"), options.chunks)
        one_job(Path(name, "job"))


if __name__ == "__main__":
    main()
