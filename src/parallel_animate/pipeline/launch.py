"""Start Snakemake on the workflow that comes with this package; the only module that does.

It builds a command line and becomes that command. Knows nothing of frames.
"""

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from parallel_animate.errors import SettingsError

# What jobs and workers draw under: sets of strings are iterated in the same order in each of them.
HASH_SEED = {"PYTHONHASHSEED": "0"}
# Where a project's config is looked for, in this order.
CONFIG_NAMES = ("movies.yaml", "config/config.yaml", "config.yaml")


def workflow_folder() -> Path:
    """Return the folder of the workflow: in the package, or beside src/ in a source checkout.

    Raises
    ------
    SettingsError
        If it is in neither place: the installation is not complete.
    """
    package = Path(__file__).resolve().parent.parent
    places = [package / "workflow", package.parent.parent / "workflow"]
    for place in places:
        if (place / "Snakefile").is_file():
            return place
    raise SettingsError(
        f"The workflow is in neither of {', '.join(map(str, places))}: install parallel-animate "
        "anew."
    )


def packaged_snakefile() -> str:
    """Return the path of the workflow's Snakefile, for ``module`` in another Snakefile."""
    return str(workflow_folder() / "Snakefile")


def find_config(folder: Path, name: str | None) -> Path:
    """Return the config file that is meant.

    Parameters
    ----------
    folder : Path
        The project's folder.
    name : str or None
        The file, from the present folder; None: the first of `CONFIG_NAMES` that is in the folder.

    Raises
    ------
    SettingsError
        If there is none.
    """
    if name is not None:
        return Path(name).absolute()
    for candidate in CONFIG_NAMES:
        if (folder / candidate).is_file():
            return (folder / candidate).absolute()
    raise SettingsError(
        f"There is no config in {folder.absolute()} (looked for {', '.join(CONFIG_NAMES)}). Name "
        "one, or make a project with 'parallel-animate init NAME'."
    )


def snakemake_command(
    config: Path, cores: int | None, profile: str | None = None, passed_on: Sequence[str] = ()
) -> list[str]:
    """Return the command line that renders the movies of a config in the present folder.

    Parameters
    ----------
    config : Path
        The config file.
    cores : int or None
        Cores of this machine; None leaves it to the profile.
    profile : str or None
        One of the workflow's profiles, say "slurm", or of the folder's own in ``profiles/``, which
        goes first; any other name or folder is a profile of the user's, which is taken together
        with the default one.
    passed_on : sequence of str
        More options of Snakemake's; they come last, and so win.
    """
    known = _workflow_profile(profile or "default")
    workflow_profile = known or _workflow_profile("default")
    return [
        *(sys.executable, "-m", "snakemake", "--snakefile", packaged_snakefile()),
        *("--configfile", str(config), "--workflow-profile", str(workflow_profile)),
        *(["--profile", str(profile)] if known is None else []),
        *(["--cores", str(cores)] if cores is not None else []),
        *passed_on,
    ]


def _workflow_profile(name: str) -> Path | None:
    """Return the folder of a profile: the project's own, or the workflow's."""
    for place in (Path("profiles").absolute(), workflow_folder() / "profiles"):
        if (place / name / "config.yaml").is_file():
            return place / name
    return None


def draw_as_jobs_do() -> None:
    """Start this command anew under `HASH_SEED`, which Python reads at its start, unless it is."""
    if os.environ.items() >= HASH_SEED.items():
        return
    os.environ.update(HASH_SEED)
    become([sys.executable, *sys.orig_argv[1:]])


def become(command: Sequence[str]) -> NoReturn:
    """Replace this process by a command: its signals and its exit status are then the command's."""
    sys.stdout.flush()
    sys.stderr.flush()
    os.execv(command[0], list(command))
