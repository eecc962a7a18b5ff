"""Damage the files of work/ at random, give a command, run again, and check the movies.

    python tests/pipeline/faults/fuzz.py --rounds 2000 --seed 1 --table docs/faults.md

Every round damages one to three files or folders of two rendered movies and gives one command. Then
the steps of a run follow: plan, render the missing chunks, join. One round in ``--run-every`` uses
the real `parallel-animate run` instead. As root, start it with
``setpriv --bounding-set=-dac_override,-dac_read_search``, or files without permission can be read.
"""

import argparse
import concurrent.futures
import contextlib
import functools
import json
import math
import multiprocessing
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

os.environ.update(PYTHONHASHSEED="0", OMP_NUM_THREADS="1", MPLBACKEND="agg")
TESTS = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(TESTS / "helpers"), str(TESTS / "pipeline")]

from faults.damage import DAMAGES, FOLDER_DAMAGES, KEPT  # noqa: E402
from faults.pages import write_section  # noqa: E402
from project import BIN, MOVIE, Project  # noqa: E402

HEADING = "Damaged files"
SECTION = """\
Each round damages one to three files or folders in `work/` of two rendered movies, at
random. Then it gives one command: {commands}.
Then it runs the movies again. {runs} of {rounds} rounds used `parallel-animate run`; the others
deleted the movies and took the same steps one by one, which is faster.
This command wrote the table:

```sh
{command} --table docs/faults.md
```

{table}

*as documented*: no command ended in a traceback or with another exit status than documented.
*healed*: the next run ended with status 0, and both movies have the bytes of the undamaged ones.
*wrong movies*: a command ended with status 0, and the movie has other bytes. *stuck*: a command did
not end, or a further run still had something to repair. *lost*: a file of somebody else, inside a
folder in the wrong place, was deleted; but `clean` may remove what was set aside before, and names
it.
"""
LIMIT_SECONDS = 120
# Rounds between progress lines.
PROGRESS_ROUNDS = 100
# The folders of files that nothing reads but people.
LOGS = ("logs", "benchmarks")
# Exit statuses that the documentation names.
DOCUMENTED = (0, 1, 2)
MOVIES = ("wave", "other")


@dataclass
class Outcome:
    """Results of one kind of damage."""

    damages: int = 0
    as_documented: int = 0
    healed: int = 0
    wrong_movies: int = 0
    stuck: int = 0
    lost: int = 0


@dataclass
class Results:
    """Results of all rounds."""

    kinds: dict[str, Outcome] = field(default_factory=dict)
    rounds: int = 0
    runs: int = 0
    problems: list[str] = field(default_factory=list)

    def add(self, other: "Results") -> None:
        self.rounds += other.rounds
        self.runs += other.runs
        self.problems += other.problems
        for kind, out in other.kinds.items():
            mine = self.kinds.setdefault(kind, Outcome())
            for name, count in vars(out).items():
                setattr(mine, name, getattr(mine, name) + count)


@dataclass
class Said:
    """What a command printed, and its exit status; None if it did not end."""

    status: int | None
    text: str


def in_child(folder: Path, function: Callable[[], int]) -> Said:
    """Call a function in a fork of this process, which has imported everything already."""
    with tempfile.TemporaryFile() as said:
        pid = os.fork()
        if pid == 0:
            os._exit(_call(folder, said.fileno(), function))
        deadline = time.monotonic() + LIMIT_SECONDS
        while True:
            ended, status = os.waitpid(pid, os.WNOHANG)
            if ended or time.monotonic() > deadline:
                break
            time.sleep(0.005)
        if not ended:
            os.kill(pid, 9)
            os.waitpid(pid, 0)
        said.seek(0)
        text = said.read().decode(errors="replace")
    return Said(os.waitstatus_to_exitcode(status) if ended else None, text)


def _call(folder: Path, descriptor: int, function: Callable[[], int]) -> int:
    status = 70
    try:
        os.dup2(descriptor, 1)
        os.dup2(descriptor, 2)
        sys.stdout, sys.stderr = open(1, "w"), open(2, "w")  # noqa: SIM115
        os.chdir(folder)
        sys.path.insert(0, str(folder))
        status = function()
    except BaseException:
        traceback.print_exc()
    with contextlib.suppress(OSError):
        sys.stdout.flush()
        sys.stderr.flush()
    return status


def command(*words: str) -> int:
    from parallel_animate.cli.main import main

    return main(list(words))


def plan_here() -> int:
    """Plan as ``parallel-animate plan`` does, in this process."""
    import logging

    from parallel_animate.pipeline.config import read_movies
    from parallel_animate.pipeline.plan_movies import plan_movie
    from parallel_animate.project.finished_movie import request_failure, request_join
    from parallel_animate.project.plan import read_valid_plan
    from parallel_animate.project.staleness import stale_movies

    logging.basicConfig(level=logging.INFO)
    movies, work = read_movies("config/config.yaml"), Path("work")
    for name, movie in stale_movies(movies, work).items():
        plan_movie(name, movie, work)
    for name in movies:
        folder = (work / name).absolute()
        if (plan := read_valid_plan(folder)) is None:
            request_failure(folder)
        else:
            request_join(folder, plan)
    return 0


def make_video(movie: str) -> int:
    from animator import Movie
    from frames import frames

    Movie(offset=OFFSETS[movie]).make_video(
        f"{movie}-script.mp4",
        frames(),
        25,
        chunk_size=4,
        num_workers=1,
        work_dir=f"work/{movie}",
        disable_progress_bar=True,
    )
    return 0


OFFSETS = {"wave": 0, "other": 5}


class Fuzzer:
    """Two rendered movies in a folder, damaged again and again."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "project"
        self.pristine = folder / "pristine"
        self.folder.mkdir(parents=True)
        config = {name: {**MOVIE, "kwargs": {"offset": offset}} for name, offset in OFFSETS.items()}
        project = Project(self.folder, **config)
        os.environ["PYTHONPATH"] = project.environment()["PYTHONPATH"]
        # An older version of a movie leaves files that may be exchanged with the present ones.
        project.edit("frames.py", "range(11)", "range(9)")
        project.render()
        project.edit("frames.py", "range(9)", "range(11)")
        # Batches leave their files.
        project.render("--config", "cores_per_job=1", "job_minutes=0.00001")
        project.render()
        self.project = project
        self.movies = {name: (self.folder / f"results/{name}.mp4").read_bytes() for name in OFFSETS}
        self.plans = {
            name: json.loads((self.folder / f"work/{name}/plan.json").read_text())
            for name in OFFSETS
        }
        shutil.copytree(self.folder, self.pristine)
        self._import_all()

    def _import_all(self) -> None:
        """Import what the commands need, so that their forks need not."""
        import movies  # noqa: F401

        import parallel_animate.encode.concat
        import parallel_animate.local.make_video
        import parallel_animate.pipeline.batch_job
        import parallel_animate.pipeline.join_job
        import parallel_animate.pipeline.plan_movies
        import parallel_animate.pipeline.preview_movie
        import parallel_animate.report.page
        import parallel_animate.report.status  # noqa: F401

    def reset(self) -> None:
        for name in ("work", "results", ".snakemake"):
            shutil.rmtree(self.folder / name, ignore_errors=True)
        for path in self.folder.iterdir():
            if ".damaged" in path.name or path.suffix == ".mp4" or path.name == "work":
                path.unlink()
        for name in ("work", "results", ".snakemake"):
            shutil.copytree(self.pristine / name, self.folder / name, symlinks=True)

    def damage(self, dice: random.Random) -> dict[str, str]:
        """Damage some files and folders; return the kinds with what was damaged."""
        done: dict[str, str] = {}
        for _ in range(dice.choice((1, 1, 2, 3))):
            if dice.random() < 0.15:
                kind, paths = dice.choice(sorted(FOLDER_DAMAGES)), self._folders()
                if "exchanged" in kind:
                    paths = [path for path in paths if "work" in path.parts[-3:-1]]
                function = FOLDER_DAMAGES[kind]
            else:
                kind, paths = dice.choice(sorted(DAMAGES)), self._files()
                function = DAMAGES[kind]
                if kind.startswith("exchanged"):
                    paths = [path for path in paths if "work" in path.parts]
            path = dice.choice(paths)
            function(path, dice)
            done[kind] = f"{done.get(kind, '')} {path.relative_to(self.folder)}".strip()
        for name in ("work", "results"):
            (self.folder / name).mkdir(exist_ok=True)
        return done

    def _files(self) -> list[Path]:
        found = [
            path
            for path in sorted((self.folder / "work").rglob("*"))
            # A file that was made unreadable before cannot be damaged again.
            if path.is_file() and not path.is_symlink() and os.access(path, os.R_OK)
        ]
        # Files that matter more are damaged more often.
        return found + 2 * [path for path in found if path.parent.name not in LOGS]

    def _folders(self) -> list[Path]:
        return [
            path
            for path in sorted((self.folder / "work").rglob("*"))
            if path.is_dir() and not path.is_symlink()
        ]

    def commands(self) -> dict[str, Callable[[random.Random], list[str]]]:
        """Name -> function that returns the words of a command."""

        def chunk(dice: random.Random) -> list[str]:
            movie = dice.choice(MOVIES)
            name = dice.choice(self.plans[movie]["chunks"])[0]
            place = f"work/{movie}"
            if dice.random() < 0.5:
                with contextlib.suppress(OSError):
                    os.unlink(self.folder / place / f"segments/{name}.mp4")
            return ["render-chunk", f"{place}/chunks/{name}.chunk", f"{place}/segments/{name}.mp4"]

        def batch(dice: random.Random) -> list[str]:
            names = sorted((self.pristine / "work").glob("*/batches/*.batch"))
            return ["render-batch", str(dice.choice(names).relative_to(self.pristine))]

        def concat(dice: random.Random) -> list[str]:
            movie = dice.choice(MOVIES)
            return ["concat", self._join(movie), f"results/{movie}.mp4"]

        def page(dice: random.Random) -> list[str]:
            movie = dice.choice(MOVIES)
            paths = [f"results/{movie}.mp4", f"results/{movie}/index.html"]
            return ["page", self._join(movie), *paths]

        return {
            "status": lambda dice: ["status", *dice.choice([[], ["--json"], ["wave"]])],
            "clean": lambda dice: ["clean", *dice.choice([[], ["--dry-run"]])],
            "plan": lambda dice: ["plan", "config/config.yaml"],
            "preview": lambda dice: ["preview", "config/config.yaml", dice.choice(MOVIES)],
            "render-chunk": chunk,
            "render-batch": batch,
            "concat": concat,
            "page": page,
        }

    def _join(self, movie: str) -> str:
        return f"work/{movie}/joins/{self.plans[movie]['join']}.join"

    def round(self, dice: random.Random, is_run: bool) -> tuple[dict[str, str], dict[str, str]]:
        """Do one round; return the damages, and the problems by the names of columns."""
        self.reset()
        done = self.damage(dice)
        kept = self._kept()
        problems: dict[str, str] = {}
        if self._command(dice, problems) == "clean":
            # It may remove what was set aside before.
            kept = [path for path in kept if ".damaged" not in path.parent.name]
        if is_run:
            self._run(problems)
        else:
            self._steps(problems)
        wrong = [name for name in MOVIES if self._movie(f"results/{name}.mp4") != self.movies[name]]
        if wrong:
            # With status 0 before, nobody was told.
            column = "healed" if "healed" in problems else "wrong_movies"
            problems.setdefault(column, f"the movies {wrong} are missing or have other bytes")
        again = in_child(self.folder, plan_here)
        if again.status != 0 or "moved to" in again.text or "planned in" in again.text:
            problems["stuck"] = f"planning again: {again.text}"
        if len(self._kept()) < len(kept):
            problems["lost"] = "a file was deleted"
        return done, problems

    def _kept(self) -> list[Path]:
        """Return the files of somebody else."""
        return [
            path
            for path in self.folder.rglob("file")
            if path.is_file() and path.read_bytes() == KEPT.encode()
        ]

    def _movie(self, name: str) -> bytes:
        path = self.folder / name
        return path.read_bytes() if path.is_file() else b""

    def _command(self, dice: random.Random, problems: dict[str, str]) -> str:
        """Give a command; return its name."""
        name = dice.choice([*self.commands(), "make_video"])
        if name == "make_video":
            movie = dice.choice(MOVIES)
            # A file in the place of work_dir may be anything, so it is not set aside.
            refused = not (self.folder / "work" / movie).is_dir()
            said = in_child(self.folder, functools.partial(make_video, movie))
            if refused and said.status != 0 and f"work/{movie}' cannot be used: " in said.text:
                return name
            result, expected = f"{movie}-script.mp4", (0,)
        else:
            words = self.commands()[name](dice)
            said = in_child(self.folder, functools.partial(command, *words))
            result = words[2] if name == "concat" else ""
            expected = (0,) if name in ("plan", "preview") else DOCUMENTED
        self._judge(name, said, expected, problems)
        if result and said.status == 0:
            movie = Path(result).stem.removesuffix("-script")
            if self._movie(result) != self.movies[movie]:
                problems["wrong_movies"] = f"{name} made another movie: {said.text}"
        return name

    def _judge(
        self, name: str, said: Said, expected: tuple[int, ...], problems: dict[str, str]
    ) -> None:
        if said.status is None:
            problems["stuck"] = f"{name} did not end: {said.text}"
        elif said.status not in expected or "Traceback" in said.text:
            problems["as_documented"] = f"{name} ended with status {said.status}: {said.text}"

    def _steps(self, problems: dict[str, str]) -> None:
        """Take the steps of a run without movies: plan, render the missing chunks, join."""
        # A run joins a movie that is whole only if something else has changed.
        for name in MOVIES:
            (self.folder / f"results/{name}.mp4").unlink(missing_ok=True)
        said = [in_child(self.folder, plan_here)]
        for movie, plan in self.plans.items():
            for name, _ in plan["chunks"]:
                segment = f"work/{movie}/segments/{name}.mp4"
                if not (self.folder / segment).exists():
                    words = ["render-chunk", f"work/{movie}/chunks/{name}.chunk", segment]
                    said.append(in_child(self.folder, functools.partial(command, *words)))
            words = ["concat", self._join(movie), f"results/{movie}.mp4"]
            said.append(in_child(self.folder, functools.partial(command, *words)))
        for one in said:
            if one.status != 0:
                problems["healed"] = f"status {one.status}: {one.text}"
                break

    def _run(self, problems: dict[str, str]) -> None:
        result = subprocess.run(
            [BIN / "parallel-animate", "run", "config/config.yaml", "--cores", "2"],
            cwd=self.folder,
            capture_output=True,
            text=True,
            timeout=5 * LIMIT_SECONDS,
            check=False,
        )
        if result.returncode or "Traceback" in result.stderr:
            problems["healed"] = f"run: status {result.returncode}: {result.stderr}"


def fuzz(
    rounds: int, seed: int, run_every: int, folder: Path, minutes: float = math.inf
) -> Results:
    """Do rounds in a folder until the time is over; each has a seed of its own."""
    results = Results()
    deadline = time.monotonic() + 60 * minutes
    fuzzer = Fuzzer(folder)
    for number in range(rounds):
        if time.monotonic() > deadline:
            break
        is_run = number % run_every == run_every - 1
        done, problems = fuzzer.round(random.Random(f"{seed}/{number}"), is_run)
        results.rounds += 1
        results.runs += is_run
        for kind in done:
            out = results.kinds.setdefault(kind, Outcome())
            out.damages += 1
            out.as_documented += "as_documented" not in problems
            out.healed += not problems.keys() & {"healed", "wrong_movies"}
            for name in ("wrong_movies", "stuck", "lost"):
                setattr(out, name, getattr(out, name) + (name in problems))
        for column, text in problems.items():
            results.problems.append(f"seed {seed}/{number}: {done}: {column}: {text}")
            print(results.problems[-1], file=sys.stderr, flush=True)
        if results.rounds % PROGRESS_ROUNDS == 0:
            found = f"{results.rounds} of {rounds} rounds, {len(results.problems)} problems"
            print(f"seed {seed}: {found}", file=sys.stderr, flush=True)
    return results


def table(results: Results) -> Iterator[str]:
    """Yield the lines of a Markdown table."""
    heads = ["", "damages", "as documented", "healed", "wrong movies", "stuck", "lost"]
    yield f"| {' | '.join(heads)} |"
    yield "|---|" + (len(heads) - 1) * "---|"
    total = Results()
    for kind in (*DAMAGES, *FOLDER_DAMAGES):
        if kind in results.kinds:
            total.add(Results({"all": results.kinds[kind]}))
            yield f"| {kind} | {' | '.join(map(str, vars(results.kinds[kind]).values()))} |"
    if total.kinds:
        yield f"| all | {' | '.join(map(str, vars(total.kinds['all']).values()))} |"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--run-every", type=int, default=20, metavar="N")
    parser.add_argument("--jobs", type=int, default=2, help="processes")
    parser.add_argument("--minutes", type=float, default=math.inf, help="stop after these")
    parser.add_argument("--table", type=Path, help="also write the table there")
    options = parser.parse_args()
    results = Results()
    spawned = multiprocessing.get_context("spawn")
    with (
        tempfile.TemporaryDirectory() as name,
        concurrent.futures.ProcessPoolExecutor(options.jobs, mp_context=spawned) as processes,
    ):
        for job in [
            processes.submit(
                fuzz,
                options.rounds // options.jobs,
                options.seed + number,
                options.run_every,
                Path(name, str(number)),
                options.minutes,
            )
            for number in range(options.jobs)
        ]:
            results.add(job.result())
    lines = list(table(results))
    print("\n" + "\n".join(lines))
    if options.table:
        words = f"--rounds {options.rounds} --seed {options.seed} --jobs {options.jobs}"
        if options.minutes < math.inf:
            words += f" --minutes {options.minutes:g}"
        text = SECTION.format(
            commands="`status`, `clean`, `plan`, `preview`,\n`render-chunk`, `render-batch`, "
            "`concat`, `page` or `make_video`",
            rounds=results.rounds,
            runs=results.runs,
            command=f"python tests/pipeline/faults/fuzz.py {words} --run-every {options.run_every}",
            table="\n".join(lines),
        )
        write_section(options.table, HEADING, text)
    return int(bool(results.problems))


if __name__ == "__main__":
    sys.exit(main())
