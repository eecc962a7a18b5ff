"""The cores that this process may use, and the number of workers that follows."""

import logging
import multiprocessing
import os

import loky  # now: late, a user's queue.py would break it

from parallel_animate.errors import SettingsError
from parallel_animate.validation import check_count

logger = logging.getLogger(__name__)

# Where SLURM records the cores of a job; the first variable that is set counts.
SLURM_VARIABLES = ("SLURM_CPUS_PER_TASK", "SLURM_CPUS_ON_NODE")

# More than any machine has for one process; more processes than this only fill the memory.
MOST_WORKERS = 4096


def available_cores() -> int:
    """Return the cores that this process may use: affinity, cgroup and SLURM allocation."""
    # loky reads the affinity, the cgroup's quota and LOKY_MAX_CPU_COUNT.
    cores: int = loky.cpu_count()
    for variable in SLURM_VARIABLES:
        if (allocated := os.environ.get(variable, "")).isdigit():
            return max(1, min(cores, int(allocated)))
    return cores


def worker_count(num_workers: int) -> int:
    """Return the number of workers: -1 means every core, -2 all but one, and so on.

    Raises
    ------
    SettingsError
        If num_workers is 0 or not an integer.
    """
    count = check_count("num_workers", num_workers, minimum=-MOST_WORKERS, maximum=MOST_WORKERS)
    if count == 0:
        raise SettingsError("num_workers must not be 0; use 1 for this process, -1 for all cores.")
    if multiprocessing.current_process().daemon:
        logger.warning(
            "This process is a multiprocessing daemon, which may not start processes. The movie is "
            "rendered in this process."
        )
        return 1
    return count if count > 0 else max(1, available_cores() + 1 + count)
