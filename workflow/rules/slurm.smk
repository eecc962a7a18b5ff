# Main process only: checks with SLURM before the first job is submitted.

from parallel_animate.local.safe_path import installed_first

with installed_first():
    from parallel_animate.errors import CommandError
    from parallel_animate.pipeline.slurm_commands import (
        check_that_slurm_takes,
        wait_for_jobs_of_a_dead_run,
        why_no_arrays,
    )


def use_arrays_only_where_they_work(n_jobs):
    """Switch job arrays off if the plugin would lose track of them."""
    if not uses_job_arrays():
        return
    if reason := why_no_arrays(n_jobs, most_jobs_at_a_time() or 0):
        print(f"Job arrays are switched off: {reason}.", file=sys.stderr)
        switch_job_arrays_off()


def before_first_job():
    """Stop if SLURM would refuse the jobs; without SLURM do nothing."""
    if not uses_slurm():
        return
    try:
        check_that_slurm_takes(jobs_to_submit())
    except CommandError as error:
        sys.exit(str(error))


# Snakemake runs no handlers of modules, so the main Snakefile has one that calls this function.
# (Calling the module's handler works only since March 2026, snakemake pull request 4050.)
onstart:
    before_first_job()
