"""Where a movie comes from: the command that renders it, and the commit of its files."""

import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from parallel_animate.errors import CommandError
from parallel_animate.project.plan import Plan
from parallel_animate.subprocesses import ANSWER_SECONDS, run_command

DRAFT = "-draft"
# More file names than this are counted.
MAX_NAMES = 3


def origin(plan: Plan, project: Path) -> dict[str, str]:
    """Return the command that renders a movie and, in a Git repository, the commit of its files.

    Parameters
    ----------
    plan : Plan
        The movie's plan.
    project : Path
        The folder of the project.
    """
    found = {"command": render_command(plan.movie, plan.config)}
    commit = commit_of(plan.files, project)
    return found | ({"commit": commit} if commit else {})


def render_command(movie: str, config: Mapping[str, Any]) -> str:
    """Return the command that renders a movie of a config, or a draft of one."""
    drafted = {key: config[key] for key in ("every", "scale") if key in config}
    options = []
    if drafted and movie.endswith(DRAFT):
        movie = movie.removesuffix(DRAFT)
        options = [word for key, value in drafted.items() for word in (f"--{key}", str(value))]
    return shlex.join(["parallel-animate", "run", movie, *options])


def commit_of(files: Mapping[str, str], project: Path) -> str:
    """Return the commit of a project and which of a movie's files differ from it; "" without Git.

    Parameters
    ----------
    files : mapping
        Path -> digest, as in a plan.
    project : Path
        The folder in which relative paths start.
    """
    try:
        top = Path(_git(project, "rev-parse", "--show-toplevel").removesuffix("\n"))
        commit = _git(top, "rev-parse", "HEAD").strip()
        changed = set(_git(top, "diff", "--name-only", "-z", "HEAD").split("\0"))
        committed = set(_git(top, "ls-files", "-z").split("\0")) - changed
    except CommandError:
        return ""
    # Folders are listed, too; Git knows only files.
    paths = [path for path in (project / name for name in files) if path.is_file()]
    own = {str(path.resolve().relative_to(top)) for path in paths if _is_in(path, top)}
    other = sorted(own - committed)
    if not other:
        return commit
    names = ", ".join(other) if len(other) <= MAX_NAMES else f"{len(other)} files"
    return f"{commit}, with changes in {names} that are not committed"


def _is_in(path: Path, folder: Path) -> bool:
    return path.resolve().is_relative_to(folder)


def _git(folder: Path, *words: str) -> str:
    command = ["git", "--no-optional-locks", "-C", str(folder), *words]
    return run_command(command, ANSWER_SECONDS).stdout
