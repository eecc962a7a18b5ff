"""Replace undocumented members of Snakemake that a version lacks, and print a warning once.

workflow/rules/snakemake_members.smk holds every use of such a member. This module knows none of
them.
"""

import functools
import importlib.metadata
import logging
from collections.abc import Callable
from typing import ParamSpec, TypeVar

logger = logging.getLogger(__name__)

# The versions that the workflow was last tested with, by the package's name in pip.
TRIED = {
    "snakemake": "9.27.1",
    "snakemake-interface-executor-plugins": "9.4.0",
    "snakemake-executor-plugin-slurm": "2.8.0",
}
P = ParamSpec("P")
T = TypeVar("T")
_warned: set[str] = set()


def falls_back(lost: str, instead: Callable[P, T]) -> Callable[[Callable[P, T]], Callable[P, T]]:
    """Return a decorator for a function that uses an undocumented member.

    If the member is missing or has changed, the function returns the result of ``instead`` for the
    same arguments. The first time, a warning names the missing member, the version that lacks it,
    what does not work, and what to install.

    Parameters
    ----------
    lost : str
        A sentence for the user about what does not work now.
    instead : callable
        Called in place of the function.
    """

    def decorate(function: Callable[P, T]) -> Callable[P, T]:
        @functools.wraps(function)
        def guarded(*args: P.args, **kwargs: P.kwargs) -> T:
            try:
                return function(*args, **kwargs)
            except (AttributeError, TypeError) as error:
                _warn_once(f"{describe_missing(error)}. {lost} {_what_to_install(error)}")
                return instead(*args, **kwargs)

        return guarded

    return decorate


def cannot_do_without(error: AttributeError) -> str:
    """Return the message for a missing member that nothing can replace."""
    return f"{describe_missing(error)}, so the movies cannot be rendered. {_what_to_install(error)}"


def describe_missing(error: AttributeError | TypeError) -> str:
    """Return which member is missing, and in which version of which package."""
    package = _package(error)
    where = f"{package} {_version(package)}"
    if isinstance(error, AttributeError) and error.obj is not None:
        return f"{where} has no {type(error.obj).__name__}.{error.name}, which this workflow uses"
    return f"{where} does not work as this workflow expects ({error})"


def _warn_once(message: str) -> None:
    if message not in _warned:
        _warned.add(message)
        logger.warning("%s", message)


def _what_to_install(error: AttributeError | TypeError) -> str:
    package = _package(error)
    return (
        f"To get all features, install the version that was tested (pip install "
        f"'{package}=={TRIED[package]}') or a newer parallel-animate."
    )


def _package(error: AttributeError | TypeError) -> str:
    """Return the package of the class that lacks the member; snakemake if it is unknown."""
    module = type(getattr(error, "obj", None)).__module__
    package = module.partition(".")[0].replace("_", "-")
    return package if package in TRIED else "snakemake"


def _version(package: str) -> str:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return "(of unknown version)"
