# The main process only: plan what has changed, and find out what is to be rendered.

import fcntl
import functools
import socket
import subprocess
import time

from snakemake.utils import validate

from parallel_animate.pipeline.batches import (
    JOB_MINUTES,
    Missing,
    make_batches,
    memory_mb,
    minutes,
    missing_chunks,
    write_batch,
)
from parallel_animate.atomic_files import try_lock
from parallel_animate.project.plan import read_plan

# Several chunks a job, as the profile of a cluster asks for; else a job for each.
USES_BATCHES = "job_minutes" in config or "cores_per_job" in config
LOCKS = []


def refuse_value(value):
    sys.exit(
        f"The config holds {value!r}, a {type(value).__name__}, which is none of text, number, "
        "list and mapping; put it in quotes."
    )


def make_plans():
    """Plan what has changed."""
    length = ["--job-minutes", str(job_minutes())] if USES_BATCHES else []
    result = subprocess.run(
        ["parallel-animate", "plan", "-", "--work", WORK, *length],
        input=json.dumps(config, default=refuse_value),
        text=True,
    )
    if result.returncode not in (0, 1):
        sys.exit("Nothing was started: the movies cannot be planned.")


def job_minutes():
    return float(config.get("job_minutes", JOB_MINUTES))


def will_run():
    """Whether this process will run jobs: not for dry runs and the like.

    True only while the jobs are determined: when the Snakefile is parsed, Snakemake does not say
    yet what it will do (snakemake issue 2948).
    """
    return (
        workflow.is_main_process
        and workflow.executor_plugin is not None
        and not workflow.dryrun
        and not workflow.touch
    )


def uses_slurm():
    return will_run() and workflow.executor_plugin.name == "slurm"


def hold_lock():
    """Keep a second run out for as long as this process lives; the kernel lets go when it dies."""
    if not will_run() or LOCKS:
        return
    Path(WORK).mkdir(parents=True, exist_ok=True)
    lock = open(Path(WORK, ".lock"), "a+")
    LOCKS.append(lock)
    if not try_lock(lock):
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


make_plans()

validate(config, "../schemas/config.schema.yaml")

for movie in config["movies"]:
    plan = read_plan(Path(WORK, movie))
    if plan is None or Path(WORK, movie, "plan.error").exists():
        FAILURES[movie] = f"{RULE_WORK}/{movie}/plan.error"
    else:
        PLANS[movie] = plan


def movie_files(wildcards):
    hold_lock()
    return expand("results/{movie}.mp4", movie=PLANS | FAILURES)


def page_files(wildcards):
    hold_lock()
    pages = expand("results/{movie}/index.html", movie=PLANS)
    return pages + expand("results/{movie}.mp4", movie=FAILURES)


def join_file(wildcards):
    hold_lock()
    return f"{RULE_WORK}/{wildcards.movie}/joins/{PLANS[wildcards.movie].join}.join"


GPU_MOVIES = one_of(movie for movie in PLANS if PLANS[movie].uses_gpu)
CPU_MOVIES = one_of(movie for movie in PLANS if not PLANS[movie].uses_gpu)


def segments_or_batches(wildcards):
    """What the join waits for: every segment, or the batches of those that are missing.

    The join itself looks at every segment of the movie, whatever Snakemake knows of it.
    """
    movie = wildcards.movie
    if USES_BATCHES:
        names = [batch.name for batch in batches().get(movie, [])]
        return [f"{RULE_WORK}/{movie}/batches/{name}.done" for name in names]
    return [
        f"{RULE_WORK}/{movie}/segments/{name}.mp4" for name, _ in PLANS[movie].chunks
    ]


@functools.cache
def batches():
    """Group what is missing of all movies into jobs, and write their files."""
    hold_lock()
    if uses_slurm():
        wait_for_jobs_of_a_dead_run()
    grouped = make_batches(
        {movie: missing(movie) for movie in PLANS},
        job_minutes(),
        config.get("cores_per_job", 1),
        workflow.resource_settings.nodes or sys.maxsize,
        alike=uses_slurm() and bool(workflow.executor_settings.array_jobs),
    )
    for movie, group in grouped.items():
        for batch in group:
            write_batch(Path(WORK, movie), batch, unmark=bool(LOCKS))
    if uses_slurm():
        use_arrays_only_where_they_work(sum(map(len, grouped.values())))
    return grouped


def missing(movie):
    plan = PLANS[movie]
    names = missing_chunks(Path(WORK, movie), plan.chunks)
    return Missing(names, plan.chunk_size, plan.cost, plan.uses_gpu)
