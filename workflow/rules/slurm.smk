# The main process only: what is asked of SLURM before the first job is submitted.

import signal

from parallel_animate.pipeline.slurm import (
    QUEUE_FORMAT,
    can_follow_arrays,
    held_command,
    jobs_of_folder,
    no_node,
    refusal,
    trial_command,
)

SECONDS_BETWEEN_LOOKS = 10


def ask_slurm(*command):
    """What a command of SLURM's prints; nothing if it cannot be run."""
    try:
        result = subprocess.run(command, capture_output=True, text=True, timeout=120)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return result.stdout


def wait_for_jobs_of_a_dead_run():
    """Wait for jobs that a killed run has left in the queue: what they finish is not missing then.

    The lock is held, so no other run of this folder is alive.
    """
    # Snakemake would take note of ^C only when the jobs are determined.
    before = signal.signal(signal.SIGINT, lambda *_: sys.exit("Interrupted."))
    waiting = None
    while jobs := jobs_of_a_dead_run():
        ids = " ".join(job.job_id for job in jobs)
        if ids != waiting:
            print(
                f"An earlier run has left jobs in the queue, which are waited for: {ids}\n"
                f"(To go on without them: scancel {ids})",
                file=sys.stderr,
            )
        waiting = ids
        time.sleep(SECONDS_BETWEEN_LOOKS)
    signal.signal(signal.SIGINT, before)


def jobs_of_a_dead_run():
    queue = ask_slurm(
        *("squeue", "--user", str(os.getuid()), "--noheader", "--format", QUEUE_FORMAT)
    )
    jobs = jobs_of_folder(queue, Path(workflow.workdir_init))
    return [job for job in jobs if not job.is_held]


def use_arrays_only_where_they_work(n_jobs):
    """Switch job arrays off where snakemake-executor-plugin-slurm (2.8) loses track of them."""
    settings = workflow.executor_settings
    limit = workflow.resource_settings.nodes or 0
    if not settings.array_jobs:
        return
    if n_jobs > limit:
        reason = (
            f"there are {n_jobs} jobs, and --jobs is {limit} (issue 473 of the plugin)"
        )
    elif not can_follow_arrays(ask_slurm("scontrol", "show", "config")):
        reason = "this cluster forgets finished jobs within a minute (MinJobAge)"
    else:
        return
    print(f"No job arrays are used: {reason}.", file=sys.stderr)
    settings.array_jobs = None


def check_that_slurm_takes_the_jobs():
    """Stop before the first job if SLURM would refuse it: an account or a partition is missing."""
    jobs = [job for job in workflow.dag.needrun_jobs() if not job.is_local]
    for name in {job.rule.name for job in jobs}:
        largest = max(
            (job for job in jobs if job.rule.name == name),
            key=lambda job: job.resources.get("mem_mb", 0),
        )
        check_that_slurm_takes(largest)


def check_that_slurm_takes(job):
    trial = trial_command(dict(job.resources.items()), job.threads)
    tried = submit(trial)
    if tried.returncode == 0:
        return
    held = submit(held_command(trial))
    if held.returncode:
        said = held.stderr or held.stdout
        sys.exit(refusal(trial, said, ask_slurm("sinfo", "-h", "-o", "%P")))
    ask_slurm("scancel", held.stdout.partition(";")[0].strip())
    print(no_node(trial, tried.stderr or tried.stdout), file=sys.stderr)


def submit(command):
    try:
        return subprocess.run(command, capture_output=True, text=True)
    except FileNotFoundError:
        sys.exit("There is no sbatch here; start this on a login node of the cluster.")


onstart:
    if uses_slurm():
        check_that_slurm_takes_the_jobs()
