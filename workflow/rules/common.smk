# Reads the config and the plans; decides nothing. Nothing heavy is imported here: every SLURM job
# parses this file again.

import json
import os
import re
import subprocess
import sys
from pathlib import Path

from snakemake.utils import validate

WORK = "work"


envvars:
    "PATH",


# The command parallel-animate lies beside this Python, also where its environment is not activated.
os.environ["PATH"] = os.pathsep.join(
    [str(Path(sys.executable).parent), os.environ["PATH"]]
)


def make_plans():
    """Plan what has changed. Only the main process does; jobs read what it has written."""
    result = subprocess.run(
        ["parallel-animate", "plan", "-", "--work", WORK],
        input=json.dumps(config),
        text=True,
    )
    if result.returncode not in (0, 1):
        sys.exit("Nothing was started: the movies cannot be planned.")


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
