"""Read what SLURM's commands say, and write what to ask them; pure, it runs none of them."""

import re
import shlex
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

# squeue --format: id, reason, working folder, comment. A folder may hold any character but "|".
QUEUE_FORMAT = "%i|%r|%Z|%k"
# How snakemake-executor-plugin-slurm begins the comment of a job of ours.
COMMENT = "rule_render_chunk"
# squeue forgets a finished job after MinJobAge seconds (300 by default). Below this the plugin asks
# sacct, which names the tasks of an array differently than the plugin does.
SHORTEST_JOB_AGE = 60


@dataclass(frozen=True)
class QueuedJob:
    """A job in SLURM's queue.

    Parameters
    ----------
    job_id : str
        Its id; of an array ``ID_TASK`` or ``ID_[FIRST-LAST]``.
    is_held : bool
        True if it will not start by itself.
    """

    job_id: str
    is_held: bool


@dataclass(frozen=True)
class JobRequest:
    """A job that is to be submitted.

    Parameters
    ----------
    rule : str
        Of the workflow.
    resources : mapping
        What it asks for, as Snakemake names it.
    cores : int
        Its cores.
    """

    rule: str
    resources: Mapping[str, Any]
    cores: int


def largest_of_each_rule(jobs: Iterable[JobRequest]) -> list[JobRequest]:
    """Return the job of every rule that asks for most memory: where SLURM takes it, it takes all.

    In the order of the rules' names.
    """
    largest: dict[str, JobRequest] = {}
    for job in jobs:
        known = largest.setdefault(job.rule, job)
        if job.resources.get("mem_mb", 0) > known.resources.get("mem_mb", 0):
            largest[job.rule] = job
    return [largest[rule] for rule in sorted(largest)]


def jobs_of_folder(queue: str, folder: Path) -> list[QueuedJob]:
    """Return the jobs of this workflow that were submitted from a folder.

    Parameters
    ----------
    queue : str
        What squeue prints with `QUEUE_FORMAT`.
    folder : Path
        The working folder that they were submitted from.
    """
    jobs = []
    for line in queue.splitlines():
        job_id, reason, place, comment = (*line.split("|", 3), "", "", "")[:4]
        if Path(place) == folder and comment.startswith(COMMENT):
            jobs.append(QueuedJob(job_id, "held" in reason.lower() or "Never" in reason))
    return jobs


def can_follow_arrays(configuration: str) -> bool:
    """Tell from ``scontrol show config`` whether the plugin can follow the tasks of an array."""
    found = re.search(r"^MinJobAge\s*=\s*(\d+)", configuration, flags=re.MULTILINE)
    return found is not None and int(found[1]) >= SHORTEST_JOB_AGE


def trial_command(resources: Mapping[str, Any], cores: int) -> list[str]:
    """Return an sbatch command that submits nothing, but says whether such a job would be taken.

    Parameters
    ----------
    resources : mapping
        Of the job, as Snakemake names them.
    cores : int
        Its cores.
    """
    options = {
        "slurm_account": "--account",
        "slurm_partition": "--partition",
        "runtime": "--time",
        "mem_mb": "--mem",
        "qos": "--qos",
        "constraint": "--constraint",
        "clusters": "--clusters",
        "gres": "--gres",
    }
    words = [f"{option}={resources[key]}" for key, option in options.items() if resources.get(key)]
    if resources.get("gpu"):
        words.append(f"--gpus={_gpus(resources)}")
    extra = shlex.split(str(resources.get("slurm_extra", "")))
    return ["sbatch", "--test-only", f"--cpus-per-task={cores}", *words, *extra, "--wrap=true"]


def held_command(trial: Sequence[str]) -> list[str]:
    """Return an sbatch command that submits the job of a trial, to be held and then cancelled.

    A trial is refused also when the nodes are down for the moment; a job is taken and waits.
    """
    rest = [word for word in trial if word not in ("sbatch", "--test-only")]
    return ["sbatch", "--hold", "--parsable", *rest]


def _gpus(resources: Mapping[str, Any]) -> str:
    model = resources.get("gpu_model")
    return f"{model}:{resources['gpu']}" if model else str(resources["gpu"])


def no_node(trial: Sequence[str], said: str) -> str:
    """Return what to tell the user when SLURM takes the jobs, but has no node for them now."""
    return (
        "SLURM takes the jobs, but they will wait: at the moment no node can run them"
        f" ({said.strip()}).\nThey ask for: {shlex.join(trial)}\n"
        "If nodes are not just down for a while, end this and ask for less, with --set-resources "
        "render_chunks:mem_mb=MB or --config cores_per_job=CORES."
    )


def refusal(command: Sequence[str], said: str, partitions: str) -> str:
    """Return what to tell the user when SLURM would not take the jobs.

    Parameters
    ----------
    command : sequence of str
        The trial command.
    said : str
        What sbatch answered.
    partitions : str
        What ``sinfo -h -o %P`` prints.
    """
    there = ", ".join(sorted({name.rstrip("*") for name in partitions.split()})) or "unknown"
    return (
        "Nothing was submitted, since SLURM would not take the jobs:\n"
        + "".join(f"  {line}\n" for line in said.strip().splitlines())
        + f"to: {shlex.join(command)}\n"
        "Name the account and partition that you may use, for example\n"
        "  parallel-animate run --profile slurm -- --default-resources "
        "slurm_account=ACCOUNT slurm_partition=PARTITION\n"
        "or write them into the project's profiles/slurm/config.yaml. Memory, time and "
        "cores are set with\n  --set-resources render_chunks:mem_mb=MB render_chunks:runtime="
        f"MINUTES and --config cores_per_job=CORES.\nPartitions here: {there}."
    )
