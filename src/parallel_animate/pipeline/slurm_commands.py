"""Run SLURM's programs, to check before the first job whether SLURM would accept the jobs.

`parallel_animate.pipeline.slurm` parses their output. This module knows no Snakemake.
"""

import contextlib
import logging
import os
import shutil
import signal
import sys
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from types import FrameType
from typing import NoReturn

from parallel_animate.errors import CommandError
from parallel_animate.pipeline.slurm import (
    QUEUE_FORMAT,
    JobRequest,
    QueuedJob,
    can_follow_arrays,
    held_command,
    jobs_of_folder,
    largest_of_each_rule,
    no_node,
    refusal,
    trial_command,
)
from parallel_animate.subprocesses import run_command

logger = logging.getLogger(__name__)

# SLURM's commands wait for a busy controller, and for minutes if it does not answer at all.
ANSWER_SECONDS = 120
POLL_SECONDS = 10


def ask(*command: str) -> str:
    """Return the output of a SLURM command; empty if it fails or does not answer."""
    try:
        return run_command(command, timeout=ANSWER_SECONDS).stdout
    except CommandError as error:
        logger.debug("%s", error)
        return ""


def wait_for_jobs_of_a_dead_run(folder: Path) -> None:
    """Wait for the jobs that a killed run left in the queue, so that their chunks are kept.

    Call it while the lock of the folder is held, so that no other run of the folder is alive. Held
    jobs would never end, so they are ignored.

    Parameters
    ----------
    folder : Path
        The working folder from which they were submitted.

    Raises
    ------
    SystemExit
        On ^C.
    """
    waiting: list[str] = []
    with _interrupts_end_it():
        while ids := [job.job_id for job in _queued_jobs(folder) if not job.is_held]:
            if ids != waiting:
                logger.warning(
                    "Waiting for jobs of an earlier run: %s\n(To go on without them: scancel %s)",
                    " ".join(ids),
                    " ".join(ids),
                )
            waiting = ids
            time.sleep(POLL_SECONDS)


def _queued_jobs(folder: Path) -> list[QueuedJob]:
    user = ("--user", str(os.getuid()))
    return jobs_of_folder(ask("squeue", *user, "--noheader", "--format", QUEUE_FORMAT), folder)


@contextlib.contextmanager
def _interrupts_end_it() -> Iterator[None]:
    # While it determines the jobs, Snakemake records ^C but does not stop.
    before = signal.signal(signal.SIGINT, _interrupted)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _interrupted(number: int, frame: FrameType | None) -> NoReturn:
    sys.exit("Interrupted.")


def why_no_arrays(n_jobs: int, most_at_a_time: int) -> str:
    """Return why snakemake-executor-plugin-slurm (2.8) would lose track of job arrays here.

    Parameters
    ----------
    n_jobs : int
        Number of jobs to submit.
    most_at_a_time : int
        Value of the option ``--jobs``.

    Returns
    -------
    str
        The reason; empty if arrays work.
    """
    if n_jobs > most_at_a_time:
        return f"there are {n_jobs} jobs, and --jobs is {most_at_a_time} (issue 473 of the plugin)"
    if not can_follow_arrays(ask("scontrol", "show", "config")):
        return "this cluster forgets finished jobs within a minute (MinJobAge)"
    return ""


def check_that_slurm_takes(jobs: Iterable[JobRequest]) -> None:
    """Stop before the first job if SLURM would refuse it, say because the account is missing.

    If SLURM accepts a job that no node can run at the moment, a warning is logged.

    Raises
    ------
    CommandError
        If there is no sbatch, or SLURM would refuse one of the jobs; the message gives advice.
    """
    for job in largest_of_each_rule(jobs):
        _check(job)


def _check(job: JobRequest) -> None:
    if shutil.which("sbatch") is None:
        raise CommandError(
            "There is no sbatch here; run this command on a login node of the cluster.",
            command=["sbatch"],
        )
    trial = trial_command(job.resources, job.cores)
    try:
        run_command(trial, ANSWER_SECONDS)
    except CommandError as error:
        _submit_held(trial)
        logger.warning("%s", no_node(trial, error.stderr or str(error)))


def _submit_held(trial: list[str]) -> None:
    """Submit the job of a trial on hold, and cancel it at once."""
    command = held_command(trial)
    try:
        job_id = run_command(command, ANSWER_SECONDS).stdout.partition(";")[0].strip()
    except CommandError as error:
        said = error.stderr or str(error)
        raise CommandError(
            refusal(trial, said, ask("sinfo", "-h", "-o", "%P")),
            command=command,
            returncode=error.returncode,
            stderr=error.stderr,
        ) from error
    ask("scancel", job_id)
