# Reads the config and the plans; decides nothing. Nothing heavy is imported here: every SLURM job
# parses this file again.

import fcntl
import json
import os
import re
import socket
import subprocess
import sys
import time
from pathlib import Path

from snakemake.utils import validate

# Where rules have their files, and where that is for the code here: a module's prefix is put in
# front of the paths of rules alone.
RULE_WORK = "work"
WORK = workflow.modifier.path_modifier.replace_prefix(RULE_WORK)


envvars:
    "PATH",


# The command parallel-animate lies beside this Python, also where its environment is not activated.
os.environ["PATH"] = os.pathsep.join(
    [str(Path(sys.executable).parent), os.environ["PATH"]]
)


def refuse_value(value):
    sys.exit(
        f"The config holds {value!r}, a {type(value).__name__}, which is none of text, number, "
        "list and mapping; put it in quotes."
    )


def make_plans():
    """Plan what has changed. Only the main process does; jobs read what it has written."""
    result = subprocess.run(
        ["parallel-animate", "plan", "-", "--work", WORK],
        input=json.dumps(config, default=refuse_value),
        text=True,
    )
    if result.returncode not in (0, 1):
        sys.exit("Nothing was started: the movies cannot be planned.")


def read_plan(movie):
    return json.loads(Path(WORK, movie, "plan.json").read_text())


def hold_lock():
    """Keep a second run out for as long as this process lives; the kernel lets go when it dies.

    Not for dry runs and the like, nor for jobs. Called while the jobs are determined: when the
    Snakefile is parsed, Snakemake does not say yet what it will do (snakemake issue 2948).
    """
    will_run = (
        workflow.is_main_process
        and workflow.executor_plugin is not None
        and not workflow.dryrun
        and not workflow.touch
    )
    if not will_run or LOCKS:
        return
    Path(WORK).mkdir(parents=True, exist_ok=True)
    lock = open(Path(WORK, ".lock"), "a+")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        lock.seek(0)
        sys.exit(
            f"Another snakemake is rendering in this folder ({lock.read().strip()}). Wait until it "
            "is done or end it; then give the same command again."
        )
    lock.truncate(0)
    lock.write(
        f"process {os.getpid()} on {socket.gethostname()} since {time.ctime()}\n"
    )
    lock.flush()
    LOCKS.append(lock)


LOCKS = []

if workflow.is_main_process:
    make_plans()

validate(config, "../schemas/config.schema.yaml")

FAILURES = {
    movie: f"{RULE_WORK}/{movie}/plan.error"
    for movie in config["movies"]
    if Path(WORK, movie, "plan.error").exists()
    or not Path(WORK, movie, "plan.json").exists()
}
PLANS = {movie: read_plan(movie) for movie in config["movies"] if movie not in FAILURES}


def one_of(names):
    """A regular expression for one of the names, or for nothing."""
    return "|".join(map(re.escape, names)) or "(?!)"


def movie_files(wildcards):
    hold_lock()
    return expand("results/{movie}.mp4", movie=PLANS | FAILURES)


def page_files(wildcards):
    hold_lock()
    pages = expand("results/{movie}/index.html", movie=PLANS)
    return pages + expand("results/{movie}.mp4", movie=FAILURES)


def join_file(wildcards):
    hold_lock()
    return f"{RULE_WORK}/{wildcards.movie}/joins/{PLANS[wildcards.movie]['join']}.join"


def chunk_names(movie):
    return [name for name, n_frames in PLANS[movie]["chunks"]]


wildcard_constraints:
    chunk=r"[0-9]+-[0-9]+-[0-9a-f]+",
