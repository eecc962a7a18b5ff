# Shared by all rules. A job on a node parses this file twice more, so it imports nothing heavy. It
# reads neither the config nor a plan, so an edit while jobs run cannot change them.

import json
import os
import re
import sys
from pathlib import Path

# The folder of the files that rules read and write.
RULE_WORK = "work"
# Movie -> plan, and movie -> path of the record of its failed plan. plans.smk fills both in the main
# process; in a job they are empty.
PLANS = {}
FAILURES = {}
# Above the id of every frame.
LARGEST_FRAME = 10**12
# Regular expressions for movies that are encoded on the CPU and on the GPU. A job needs no
# distinction, because it already knows its rule.
MOVIE = r"[A-Za-z0-9][A-Za-z0-9_.-]*([+][a-z0-9]+)?"
CPU_MOVIES = GPU_MOVIES = MOVIE


envvars:
    "PATH",


# The command parallel-animate is next to this Python, even if its environment is not activated.
os.environ["PATH"] = os.pathsep.join(
    [str(Path(sys.executable).parent), os.environ["PATH"]]
)


def one_of(names):
    """Return a regular expression that matches one of the names; without names it never matches."""
    return "|".join(map(re.escape, names)) or "(?!)"


def batch_entry(key):
    """Return a function that reads a key of a batch file; resources double with every attempt."""

    def entry(wildcards, input, attempt):
        value = json.loads(Path(input[0]).read_text())[key]
        return value if key == "cores" else value * 2 ** (attempt - 1)

    return entry


def in_order_of_the_movie(wildcards):
    """Return the priority of a chunk or a batch: the first frames of the first movie come first.

    It is 0 at most, so a movie is joined as soon as it can be.
    """
    names = list(PLANS)
    movie = names.index(wildcards.movie) if wildcards.movie in PLANS else 0
    name = getattr(wildcards, "chunk", None) or wildcards.batch
    first_frame = int(name.partition("-")[0])
    return -(movie * LARGEST_FRAME + first_frame)


def of_plan(function):
    """Return a resource function for a job of one chunk: from the plan, and 0 in the job itself."""

    def value(wildcards):
        plan = PLANS.get(wildcards.movie)
        return function(plan) if plan else 0

    return value


def more_each_time(function):
    """Return a resource function whose values double with every attempt."""
    return lambda wildcards, attempt: function(wildcards) * 2 ** (attempt - 1)


wildcard_constraints:
    movie=MOVIE,
    chunk=r"[0-9]+-[0-9]+-[0-9a-f]+",
    batch=r"[0-9]+-[0-9]+-[0-9a-f]+",
