# Reads the config and the plans; decides nothing. Nothing heavy is imported here: every SLURM job
# parses this file again.

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

from snakemake.utils import validate

WORK = "work"


def find_command():
    """The command beside this Python, or the one on the PATH."""
    beside = Path(sys.executable).with_name("parallel-animate")
    return (
        str(beside)
        if beside.exists()
        else shutil.which("parallel-animate") or beside.name
    )


ANIMATE = find_command()


def make_plans():
    """Plan what has changed. Only the main process does; jobs read what it has written."""
    result = subprocess.run(
        [ANIMATE, "plan", "-", "--work", WORK], input=json.dumps(config), text=True
    )
    if result.returncode not in (0, 1):
        sys.exit(f"Nothing was started: the config has an error ({ANIMATE} plan).")


def read_plan(movie):
    return json.loads(Path(WORK, movie, "plan.json").read_text())


if workflow.is_main_process:
    make_plans()

validate(config, "../schemas/config.schema.yaml")

FAILURES = {movie: f"{WORK}/{movie}/plan.error" for movie in config["movies"]}
FAILURES = {movie: path for movie, path in FAILURES.items() if Path(path).exists()}
PLANS = {movie: read_plan(movie) for movie in config["movies"] if movie not in FAILURES}


def one_of(names):
    """A regular expression for one of the names, or for nothing."""
    return "|".join(map(re.escape, names)) or "(?!)"


def chunk_names(movie):
    return [name for name, n_frames in PLANS[movie]["chunks"]]


wildcard_constraints:
    chunk=r"[0-9]+-[0-9]+-[0-9a-f]+",
