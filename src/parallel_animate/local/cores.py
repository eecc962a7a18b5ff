"""The cores that this process may use, and the number of workers that follows."""

import logging
import multiprocessing
import os

import loky

from parallel_animate.errors import SettingsError

logger = logging.getLogger(__name__)

# Where SLURM records the cores of a job; the first variable that is set counts.
SLURM_VARIABLES = ("SLURM_CPUS_PER_TASK", "SLURM_CPUS_ON_NODE")


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
    if isinstance(num_workers, bool) or not hasattr(num_workers, "__index__"):
        raise SettingsError(f"num_workers must be an integer, found {num_workers!r}.")
    count = num_workers.__index__()
    if count == 0:
        raise SettingsError("num_workers must not be 0; use 1 for this process, -1 for all cores.")
    if multiprocessing.current_process().daemon:
        logger.warning(
            "This process is a multiprocessing daemon, which may not start processes. The movie is "
            "rendered in this process."
        )
        return 1
    return count if count > 0 else max(1, available_cores() + 1 + count)
