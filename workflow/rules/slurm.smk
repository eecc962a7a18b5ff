# The main process only: what is asked of SLURM before the first job is submitted.

from parallel_animate.errors import CommandError
from parallel_animate.pipeline.slurm_commands import (
    check_that_slurm_takes,
    wait_for_jobs_of_a_dead_run,
    why_no_arrays,
)


def use_arrays_only_where_they_work(n_jobs):
    """Switch job arrays off where the plugin would lose track of them."""
    if not uses_job_arrays():
        return
    if reason := why_no_arrays(n_jobs, most_jobs_at_a_time() or 0):
        print(f"No job arrays are used: {reason}.", file=sys.stderr)
        switch_job_arrays_off()


onstart:
    if uses_slurm():
        try:
            check_that_slurm_takes(jobs_to_submit())
        except CommandError as error:
            sys.exit(str(error))
