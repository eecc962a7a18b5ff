# Main process only: plan movies that have changed, and find the chunks to render.

import functools
import signal
from dataclasses import replace

from parallel_animate.local.safe_path import installed_first

with installed_first():
    from snakemake.utils import validate

    from parallel_animate.errors import AnimateError, SettingsError
    from parallel_animate.formats import (
        first_of,
        is_other_file,
        other_file_name,
        result_name,
    )
    from parallel_animate.pipeline.batches import (
        JOB_MINUTES,
        Missing,
        make_batches,
        memory_mb,
        minutes,
        write_batch,
    )
    from parallel_animate.pipeline.config import config_as_json
    from parallel_animate.pipeline.outputs import (
        cost_of_all_files,
        expand_outputs,
        where_drawn,
    )
    from parallel_animate.pipeline.run_lock import hold_run_lock
    from parallel_animate.project.plan import missing_chunks, read_valid_plan
    from parallel_animate.report.this_run import THIS_RUN
    from parallel_animate.subprocesses import run_in_foreground

# The path of RULE_WORK for code. Snakemake puts a module's prefix only in front of paths in rules.
WORK = Path(with_module_prefix(RULE_WORK))
# Several chunks per job, as a cluster's profile requests; otherwise each chunk has its own job.
USES_BATCHES = "job_minutes" in config or "cores_per_job" in config
LOCKS = []


def make_plans():
    """Plan the movies that have changed."""
    length = ["--job-minutes", str(job_minutes())] if USES_BATCHES else []
    try:
        movies = config_as_json(config)
    except SettingsError as error:
        sys.exit(str(error))
    THIS_RUN.name_movies(WORK, config["movies"], snakemake_log())
    # A run that is killed while it plans leaves no planning behind.
    together = ["--end-with", str(os.getpid())]
    command = ["parallel-animate", "plan", "-", "--work", str(WORK), *together, *length]
    command += THIS_RUN.planning_options()
    try:
        status = run_in_foreground(command, movies)
    except KeyboardInterrupt:
        # As shells have it. The planning has printed a message.
        sys.exit(128 + signal.SIGINT)
    if status not in (0, 1):
        sys.exit("No job was started, because the movies cannot be planned.")


def job_minutes():
    """Return how many minutes a job should last."""
    return float(config.get("job_minutes", JOB_MINUTES))


def hold_lock():
    """Keep a second run out while this process lives; the kernel releases the lock at its end."""
    if will_run_jobs() and not LOCKS:
        try:
            LOCKS.append(hold_run_lock(WORK))
        except AnimateError as error:
            sys.exit(str(error))


# A copy, so that the user's config does not change. A wrong config is left to the planning.
if isinstance(config.get("movies"), dict):
    try:
        config = {**config, "movies": expand_outputs(config["movies"])}
    except SettingsError as error:
        sys.exit(str(error))

# It checks the config first, with messages for people.
make_plans()

with installed_first():
    validate(config, "../schemas/config.schema.yaml")

for movie in config["movies"]:
    if plan := read_valid_plan(WORK / movie):
        PLANS[movie] = plan
    else:
        FAILURES[movie] = f"{RULE_WORK}/{movie}/plan-failure.json"

COSTS = {movie: cost_of_all_files(movie, PLANS) for movie in PLANS}
PLANS.update({movie: replace(plan, cost=COSTS[movie]) for movie, plan in PLANS.items()})


def result(movie):
    """Return the file of a movie; one that cannot be planned has no format yet."""
    if movie in PLANS:
        return f"results/{result_name(movie, PLANS[movie].output)}"
    return f"results/{movie}.mp4"


def movie_file(wildcards):
    return result(wildcards.movie)


def movie_files(wildcards):
    hold_lock()
    return [result(movie) for movie in PLANS | FAILURES]


def pages_of_movies(wildcards):
    hold_lock()
    return expand("results/{movie}/index.html", movie=FIRST_FILES)


def page_files(wildcards):
    index = ["results/index.html"] if PLANS else []
    return pages_of_movies(wildcards) + index + [result(movie) for movie in FAILURES]


def join_file(wildcards):
    return join_of(wildcards.movie)


def join_of(movie):
    hold_lock()
    return ancient(f"{RULE_WORK}/{movie}/joins/{PLANS[movie].join}.join")


def in_other_file(function, output):
    """Return an input function that calls a function with the name of another file of a movie."""
    return lambda wildcards: function(other_file_name(wildcards.movie, output))


# The movies themselves, and the other files of their frames, named as in "wave+gif".
FIRST_FILES = [movie for movie in PLANS if not is_other_file(movie)]
OTHER_FILES = [movie for movie in PLANS if is_other_file(movie)]


GPU_MOVIES = one_of(movie for movie in PLANS if PLANS[movie].uses_gpu)
CPU_MOVIES = one_of(movie for movie in PLANS if not PLANS[movie].uses_gpu)


def segments_or_batches(wildcards):
    return parts_of(wildcards.movie)


def parts_of(movie):
    """Return the inputs of a join: all segments, or the batches that render the missing ones.

    A segment that a job of another file encodes as well is represented by that file's segment. The
    join itself checks every segment of the movie, whether Snakemake knows it or not.
    """
    chunks = [(movie, name) for name, _ in PLANS[movie].chunks]
    if USES_BATCHES:
        grouped = batches()
        drawing = {drawn()[chunk] for chunk in chunks if chunk in drawn()}
        return [
            f"{RULE_WORK}/{other}/batches/{batch.name}.done"
            for other, group in grouped.items()
            for batch in group
            if not drawing.isdisjoint((other, name) for name in batch.chunks)
        ]
    return [
        ancient(f"{RULE_WORK}/{other}/segments/{name}.mp4")
        for other, name in (drawn().get(chunk, chunk) for chunk in chunks)
    ]


@functools.cache
def drawn():
    """Return which job draws each missing chunk, as it is when this is first called."""
    hold_lock()
    return where_drawn(
        PLANS,
        {
            movie: {name for name, _ in missing_chunks(WORK / movie, plan.chunks)}
            for movie, plan in PLANS.items()
        },
    )


@functools.cache
def batches():
    """Group the missing chunks of all movies into jobs, and write the batch files."""
    hold_lock()
    if uses_slurm():
        wait_for_jobs_of_a_dead_run(submit_folder())
    grouped = make_batches(
        {movie: missing(movie) for movie in PLANS},
        job_minutes(),
        config.get("cores_per_job", 1),
        most_jobs_at_a_time() or sys.maxsize,
        alike=uses_slurm() and uses_job_arrays(),
    )
    for movie, group in grouped.items():
        for batch in group:
            write_batch(WORK / movie, batch, unmark=bool(LOCKS))
    if uses_slurm():
        use_arrays_only_where_they_work(sum(map(len, grouped.values())))
    return grouped


def missing(movie):
    """Return the part of a movie that its own jobs render."""
    plan = PLANS[movie]
    names = [
        name for name, _ in plan.chunks if drawn().get((movie, name)) == (movie, name)
    ]
    return Missing(names, plan.chunk_size, plan.cost, plan.uses_gpu)
