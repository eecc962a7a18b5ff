"""Build SLURM's command lines and parse their output; this module runs no command."""

import re
import shlex
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

# squeue --format: id, reason, working folder, comment. A folder may hold any character but "|".
QUEUE_FORMAT = "%i|%r|%Z|%k"
# snakemake-executor-plugin-slurm begins the comments of our jobs with this.
COMMENT = "rule_render_chunk"
# squeue forgets a finished job after MinJobAge seconds (300 by default). Below this age the plugin
# asks sacct, which names the tasks of an array differently from the plugin.
SHORTEST_JOB_AGE = 60


@dataclass(frozen=True)
class QueuedJob:
    """A job in SLURM's queue.

    Parameters
    ----------
    job_id : str
        The job's id; in an array ``ID_TASK`` or ``ID_[FIRST-LAST]``.
    is_held : bool
        True if the job will not start by itself.
    """

    job_id: str
    is_held: bool


@dataclass(frozen=True)
class JobRequest:
    """A job to submit.

    Parameters
    ----------
    rule : str
        The job's rule in the workflow.
    resources : mapping
        The resources that the job requests, under Snakemake's names.
    cores : int
        The cores that the job requests.
    """

    rule: str
    resources: Mapping[str, Any]
    cores: int


def largest_of_each_rule(jobs: Iterable[JobRequest]) -> list[JobRequest]:
    """Return the job with most memory of every rule: if SLURM accepts it, it accepts the others.

    The jobs are in the order of the rules' names.
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
        The output of squeue with `QUEUE_FORMAT`.
    folder : Path
        The working folder from which they were submitted.
    """
    jobs = []
    for line in queue.splitlines():
        job_id, reason, place, comment = (*line.split("|", 3), "", "", "")[:4]
        if Path(place) == folder and comment.startswith(COMMENT):
            jobs.append(QueuedJob(job_id, "held" in reason.lower() or "Never" in reason))
    return jobs


def can_follow_arrays(configuration: str) -> bool:
    """Return whether the plugin can follow array tasks, from ``scontrol show config``."""
    found = re.search(r"^MinJobAge\s*=\s*(\d+)", configuration, flags=re.MULTILINE)
    return found is not None and int(found[1]) >= SHORTEST_JOB_AGE


def trial_command(resources: Mapping[str, Any], cores: int) -> list[str]:
    """Return an sbatch command that tests whether SLURM would accept a job, and submits nothing.

    Parameters
    ----------
    resources : mapping
        The job's resources, under Snakemake's names.
    cores : int
        The job's cores.
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
    """Return an sbatch command that submits the job of a trial on hold, so that it never starts.

    SLURM refuses a trial even if nodes are only down for a while; it accepts a job, which waits.
    """
    rest = [word for word in trial if word not in ("sbatch", "--test-only")]
    return ["sbatch", "--hold", "--parsable", *rest]


def _gpus(resources: Mapping[str, Any]) -> str:
    model = resources.get("gpu_model")
    return f"{model}:{resources['gpu']}" if model else str(resources["gpu"])


def no_node(trial: Sequence[str], said: str) -> str:
    """Return the warning for jobs that SLURM accepts, but that no node can run now.

    Parameters
    ----------
    trial : sequence of str
        The trial command.
    said : str
        The answer of sbatch.
    """
    return (
        "SLURM accepts the jobs, but they will wait: at the moment no node can run them"
        f" ({said.strip()}).\nThey request: {shlex.join(trial)}\n"
        "If the nodes are not just down for a while, end this run and request less, with "
        "--set-resources render_chunks:mem_mb=MB or --config cores_per_job=CORES."
    )


def refusal(command: Sequence[str], said: str, partitions: str) -> str:
    """Return the error message for jobs that SLURM would refuse.

    Parameters
    ----------
    command : sequence of str
        The trial command.
    said : str
        The answer of sbatch.
    partitions : str
        The output of ``sinfo -h -o %P``.
    """
    there = ", ".join(sorted({name.rstrip("*") for name in partitions.split()})) or "unknown"
    return (
        "No job was submitted, because SLURM would refuse the jobs:\n"
        + "".join(f"  {line}\n" for line in said.strip().splitlines())
        + f"The command was: {shlex.join(command)}\n"
        "Name the account and partition that you may use, for example\n"
        "  parallel-animate run --profile slurm -- --default-resources "
        "slurm_account=ACCOUNT slurm_partition=PARTITION\n"
        "or write them into the project's profiles/slurm/config.yaml. Set memory, time and "
        "cores with\n  --set-resources render_chunks:mem_mb=MB render_chunks:runtime="
        f"MINUTES and --config cores_per_job=CORES.\nPartitions here: {there}."
    )
