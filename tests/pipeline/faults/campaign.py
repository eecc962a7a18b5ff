"""Kill a render at random moments, run the same command again, and check the results.

    python tests/pipeline/faults/campaign.py --kills 100 --seed 1 --table docs/faults.md

Prints a table: kills, runs resumed, movies with the right bytes, finished segments that were
rendered again, files and processes left behind.
"""

import argparse
import contextlib
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import psutil

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "helpers"))
from project import MOVIE, Project, wait_until

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from faults.pages import write_page, write_section

N_CHUNKS = 4
# The undisturbed run takes about this long; a kill falls somewhere in it.
LAST_MOMENT = 6.0
PAGE = """\
# Fault campaign

Each time, a render of 4 chunks is killed at a random moment, or soon after planning or the join has
started. Then the same command runs again. SIGHUP, ^C and the signals in a phase go to all processes
of the run, as from a terminal that is closed. This command wrote the page:

```sh
{command} --table docs/faults.md
```

{table}

*finished segments rendered again*: segments that were finished before the kill but are different
files afterwards. *files left*: temporary files after the second run, also in the folder for
temporary files. *processes left*: processes running in the project's folder 20 seconds after it.
"""
HEADING_OF_EDITS = "Edits and clocks"
EDITS = """\
These tests change files while a run uses them, or change their times. In the end every movie shows
what its files say, or an error names the file and asks to run the same command again.

`tests/pipeline/test_edits_while_running.py`:

- code, modules, data, params, inputs and `matplotlibrc` change while the movie is planned;
- data and inputs change while jobs draw, and some change back.

`tests/pipeline/test_file_times.py`:

- a clock was ahead or behind, or the project was copied or touched;
- a file is edited and keeps its size and time;
- a movie in `results/` is truncated, emptied, edited or replaced.
"""


@dataclass
class Outcome:
    """Results of one kind of kill."""

    kills: int = 0
    resumed: int = 0
    equal: int = 0
    rendered_again: int = 0
    left_files: int = 0
    left_processes: int = 0
    problems: list[str] = field(default_factory=list)


def descendants(process: "subprocess.Popen[bytes]", word: str) -> list[psutil.Process]:
    with contextlib.suppress(psutil.NoSuchProcess):
        children = psutil.Process(process.pid).children(recursive=True)
        return [child for child in children if word in _command(child)]
    return []


def _command(process: psutil.Process) -> str:
    try:
        return " ".join(process.cmdline())
    except psutil.Error:
        return ""


def kill_one(process: "subprocess.Popen[bytes]", word: str) -> None:
    for child in descendants(process, word)[-1:]:
        with contextlib.suppress(psutil.NoSuchProcess):
            child.kill()


def power_cut(process: "subprocess.Popen[bytes]", project: Project) -> None:
    """Everything dies at once, and half a file stays under a temporary name."""
    everything = [*descendants(process, ""), psutil.Process(process.pid)]
    for member in everything:
        with contextlib.suppress(psutil.NoSuchProcess):
            member.kill()
    segments = project.folder / "work/wave/segments"
    if segments.is_dir():
        dead = f".cut.mp4.{os.uname().nodename}-{everything[0].pid}-0badcafe.tmp"
        (segments / dead).write_bytes(b"\0\0\0\x20ftyp")


class FaultProject(Project):
    """A project that also shows what is left in the folder for temporary files."""

    def environment(self, seed: str = "0") -> dict[str, str]:
        place = self.folder / "tmp"
        place.mkdir(exist_ok=True)
        return {**super().environment(seed), "TMPDIR": str(place)}

    def temporary_files(self) -> list[Path]:
        beside_the_movie = (self.folder / "results").glob(".*.tmp*")
        of_the_system = (self.folder / "tmp").glob("parallel-animate*")
        return [*super().temporary_files(), *beside_the_movie, *of_the_system]


def when(word: str, number: int) -> "Kill":
    """Return a kill that sends a signal to everything soon after a process has started."""

    def kill(process: "subprocess.Popen[bytes]", project: Project) -> None:
        wait_until(lambda: descendants(process, word))
        time.sleep(random.uniform(0, 1))
        os.killpg(process.pid, number)

    return kill


Kill = Callable[["subprocess.Popen[bytes]", Project], None]
KILLS: dict[str, Kill] = {
    "kill -9 snakemake": lambda process, _: process.kill(),
    "kill -9 a worker": lambda process, _: kill_one(process, "render-chunk"),
    "kill -9 ffmpeg": lambda process, _: kill_one(process, "rawvideo"),
    "kill -9 the process group": lambda process, _: os.killpg(process.pid, signal.SIGKILL),
    "^C": lambda process, _: os.killpg(process.pid, signal.SIGINT),
    "^C twice": lambda process, _: _twice(process),
    "SIGTERM": lambda process, _: process.terminate(),
    "SIGHUP": lambda process, _: os.killpg(process.pid, signal.SIGHUP),
    "power cut": power_cut,
}
PLANNER, JOIN = "LokyProcess", "animate concat"
KILLS_IN_A_PHASE: dict[str, Kill] = {
    "^C while it plans": when(PLANNER, signal.SIGINT),
    "SIGTERM while it plans": when(PLANNER, signal.SIGTERM),
    "SIGHUP while it plans": when(PLANNER, signal.SIGHUP),
    "kill -9 while it plans": when(PLANNER, signal.SIGKILL),
    "SIGTERM in the join": when(JOIN, signal.SIGTERM),
    "SIGHUP in the join": when(JOIN, signal.SIGHUP),
    "kill -9 in the join": when(JOIN, signal.SIGKILL),
}
ALL_KILLS = {**KILLS, **KILLS_IN_A_PHASE}


def _twice(process: "subprocess.Popen[bytes]") -> None:
    os.killpg(process.pid, signal.SIGINT)
    time.sleep(0.3)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGINT)


def segments_of(project: Project) -> dict[str, int]:
    folder = project.folder / "work/wave/segments"
    # Rendering a segment again makes a new file; Snakemake only touches one that a job keeps.
    return {path.name: path.stat().st_ino for path in folder.glob("*.mp4")}


def processes_in(folder: Path) -> list[psutil.Process]:
    return [process for process in psutil.process_iter() if _is_in(process, folder)]


def _is_in(process: psutil.Process, folder: Path) -> bool:
    try:
        return process.status() != psutil.STATUS_ZOMBIE and process.cwd() == str(folder)
    except psutil.Error:
        return False


def one_kill(project: Project, kind: str, moment: float, reference: bytes, out: Outcome) -> None:
    """Start a render from nothing, kill it at a moment, and run the same command again."""
    removed = "work/wave" if "plans" in kind else "work/wave/segments"
    shutil.rmtree(project.folder / removed, ignore_errors=True)
    movie = project.folder / "results/wave.mp4"
    movie.unlink(missing_ok=True)
    process = project.start("--cores", "2")
    if kind in KILLS:
        time.sleep(moment)
    out.kills += 1
    with contextlib.suppress(psutil.NoSuchProcess, ProcessLookupError):
        ALL_KILLS[kind](process, project)
    process.wait(timeout=120)
    finished = segments_of(project)
    said = project.snakemake("--cores", "2", expect=None)
    out.resumed += "error" not in said.lower() and movie.exists()
    out.equal += movie.exists() and movie.read_bytes() == reference
    if not movie.exists():
        out.problems.append(f"{kind} after {moment:.2f} s:\n{said[-3000:]}")
    now = segments_of(project)
    out.rendered_again += sum(now.get(name) != file_id for name, file_id in finished.items())
    deadline = time.monotonic() + 20
    while (left := processes_in(project.folder)) and time.monotonic() < deadline:
        time.sleep(0.1)
    out.left_processes += len(left)
    stale = project.temporary_files()
    out.left_files += len(stale)
    for path in stale:
        shutil.rmtree(path) if path.is_dir() else path.unlink()


def campaign(kills: int, seed: int, folder: Path) -> dict[str, Outcome]:
    """Run a campaign in a folder and return the results of each kind of kill."""
    random.seed(seed)
    project = FaultProject(folder, wave={**MOVIE, "chunk_size": 3})
    # Long enough for kills while it draws: 11 frames of a tenth of a second.
    project.edit("animator.py", "super().update(", "import time; time.sleep(0.1); super().update(")
    project.render()
    reference = (folder / "results/wave.mp4").read_bytes()
    outcomes = {kind: Outcome() for kind in ALL_KILLS}
    kinds = (list(ALL_KILLS) * (kills // len(ALL_KILLS) + 1))[:kills]
    for number, kind in enumerate(kinds, 1):
        moment = random.uniform(0.5, LAST_MOMENT)
        one_kill(project, kind, moment, reference, outcomes[kind])
        sys.stderr.write(f"\r{number} of {kills} kills")
    return outcomes


def table(outcomes: dict[str, Outcome]) -> Iterator[str]:
    """Yield the lines of a Markdown table."""
    heads = ["", "kills", "resumed", "bytes equal", "finished segments rendered again"]
    yield f"| {' | '.join([*heads, 'files left', 'processes left'])} |"
    yield "|---|---|---|---|---|---|---|"
    rows = [*outcomes.items(), ("all", _sum(outcomes))]
    for kind, out in rows:
        counts = (out.kills, out.resumed, out.equal, out.rendered_again)
        cells = [kind, *counts, out.left_files, out.left_processes]
        yield f"| {' | '.join(map(str, cells))} |"


def _sum(outcomes: dict[str, Outcome]) -> Outcome:
    total = Outcome()
    for out in outcomes.values():
        total.kills += out.kills
        total.resumed += out.resumed
        total.equal += out.equal
        total.rendered_again += out.rendered_again
        total.left_files += out.left_files
        total.left_processes += out.left_processes
    return total


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--table", type=Path, help="also write the table there")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        outcomes = campaign(options.kills, options.seed, Path(name))
    lines = list(table(outcomes))
    print("\n" + "\n".join(lines))
    for out in outcomes.values():
        for problem in out.problems:
            print(problem)
    if options.table:
        script = "tests/pipeline/faults/campaign.py"
        command = f"python {script} --kills {options.kills} --seed {options.seed}"
        page = PAGE.format(command=command, table="\n".join(lines))
        write_page(options.table, page)
        write_section(options.table, HEADING_OF_EDITS, EDITS)
    total = _sum(outcomes)
    return int(total.equal < total.kills or total.left_files + total.left_processes > 0)


if __name__ == "__main__":
    sys.exit(main())
