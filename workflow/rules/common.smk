# Shared by all rules. A job on a node parses this file again, twice: it imports nothing heavy, and
# reads neither the config nor a plan, so that an edit while jobs run cannot change them.

import json
import os
import re
import sys
from pathlib import Path

# Where rules have their files.
RULE_WORK = "work"
# Of a movie: path -> dictionary. Filled by plans.smk in the main process, empty in a job.
PLANS = {}
FAILURES = {}
# Whose segments are encoded on a GPU, as regular expressions. A job knows already what it runs.
MOVIE = r"[A-Za-z0-9][A-Za-z0-9_.-]*"
CPU_MOVIES = GPU_MOVIES = MOVIE


envvars:
    "PATH",


# The command parallel-animate lies beside this Python, also where its environment is not activated.
os.environ["PATH"] = os.pathsep.join(
    [str(Path(sys.executable).parent), os.environ["PATH"]]
)


def one_of(names):
    """A regular expression for one of the names, or for nothing."""
    return "|".join(map(re.escape, names)) or "(?!)"


def batch_entry(key):
    """A function that returns what a batch's file says under a key; more in every new attempt."""

    def entry(wildcards, input, attempt):
        value = json.loads(Path(input[0]).read_text())[key]
        return value if key == "cores" else value * 2 ** (attempt - 1)

    return entry


def of_plan(function):
    """A resource of a job that renders one chunk, from the plan; nothing in the job itself."""

    def value(wildcards):
        plan = PLANS.get(wildcards.movie)
        return function(plan) if plan else 0

    return value


def more_each_time(function):
    return lambda wildcards, attempt: function(wildcards) * 2 ** (attempt - 1)


wildcard_constraints:
    movie=MOVIE,
    chunk=r"[0-9]+-[0-9]+-[0-9a-f]+",
    batch=r"[0-9]+-[0-9]+-[0-9a-f]+",
