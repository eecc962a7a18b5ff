"""Start Snakemake with the workflow of this package; no other module does.

It builds a command line and replaces this process by that command. It knows nothing of frames.
"""

import importlib.util
import os
import sys
from collections.abc import Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any, NoReturn

from parallel_animate.errors import SettingsError
from parallel_animate.local.safe_path import SAFE_PATH, VARIABLE
from parallel_animate.pipeline.config import result_file

# Jobs and workers draw with this hash seed, so that all iterate over a set of strings in one order.
HASH_SEED = {"PYTHONHASHSEED": "0"}
# Where a project's config is looked for, in this order.
CONFIG_NAMES = ("movies.yaml", "config/config.yaml", "config.yaml")
# In the folders above, where a config.yaml may belong to any program.
CONFIG_NAMES_ABOVE = CONFIG_NAMES[:2]
# Our logger plugin: its name for Snakemake, and its package, which starts Snakemake.
LOGGER = "parallel-animate"
LOGGER_MODULE = "snakemake_logger_plugin_parallel_animate"
EXECUTOR_PLUGIN = "snakemake-executor-plugin-"
# Executors that need no plugin.
OWN_EXECUTORS = ("local", "dryrun", "touch")
SLURM_PLUGIN = f"{EXECUTOR_PLUGIN}slurm"
SLURM_ADVICE = (
    f"pip install {SLURM_PLUGIN}, or pip install '.[slurm]' in the source of parallel-animate"
)


def workflow_folder() -> Path:
    """Return the folder of the workflow: in the package, or next to src/ in a source checkout.

    Raises
    ------
    SettingsError
        If the workflow is in neither place, because the installation is incomplete.
    """
    package = Path(__file__).resolve().parent.parent
    places = [package / "workflow", package.parent.parent / "workflow"]
    for place in places:
        if (place / "Snakefile").is_file():
            return place
    raise SettingsError(
        f"The workflow is missing; it should be in {' or '.join(map(str, places))}. Reinstall "
        "parallel-animate."
    )


def packaged_snakefile() -> str:
    """Return the path of the workflow's Snakefile, for ``module`` in another Snakefile."""
    return str(workflow_folder() / "Snakefile")


def find_config(folder: Path, name: str | None) -> Path:
    """Return the config file to use.

    Parameters
    ----------
    folder : Path
        The project's folder.
    name : str or None
        The file, relative to the current folder; None: the first of `CONFIG_NAMES` that exists in
        the project's folder.

    Raises
    ------
    SettingsError
        If none exists.
    """
    if name is not None:
        return Path(name).absolute()
    for candidate in CONFIG_NAMES:
        if (folder / candidate).is_file():
            return (folder / candidate).absolute()
    raise SettingsError(
        f"No config in {folder.absolute()} (looked for {', '.join(CONFIG_NAMES)}) or above. Name a "
        "config file, or make a project with 'parallel-animate init NAME'."
    )


def snakemake_command(
    config: Path,
    cores: int | None,
    profile: str | None = None,
    passed_on: Sequence[str] = (),
    show: str = "movies",
    opens: bool = False,
) -> list[str]:
    """Return the command line that renders the movies of a config in the current folder.

    Parameters
    ----------
    config : Path
        The config file.
    cores : int or None
        Cores of this machine; None leaves the number to the profile.
    profile : str or None
        A profile in the project's ``profiles/`` or, failing that, one of the workflow's, such as
        "slurm". Any other name or folder is the user's Snakemake profile, which is used together
        with the default profile.
    passed_on : sequence of str
        More Snakemake options; they come last and override the others.
    show : {"movies", "results", "log"}
        What the console shows: movies and results, only results, or Snakemake's log.
    opens : bool
        True opens the finished movies.
    """
    known = _workflow_profile(profile or "default")
    workflow_profile = known or _workflow_profile("default")
    return [
        *(sys.executable, "-m", LOGGER_MODULE, "--snakefile", packaged_snakefile()),
        *("--configfile", str(config), "--workflow-profile", str(workflow_profile)),
        *("--logger", LOGGER, f"--logger-{LOGGER}-show", show),
        *([f"--logger-{LOGGER}-open"] if opens else []),
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


def check_executor(profile: str | None, passed_on: Sequence[str]) -> None:
    """Raise SettingsError if the plugin for the executor is not installed.

    Parameters
    ----------
    profile, passed_on : str or None, sequence of str
        As in `snakemake_command`.
    """
    name = _executor(profile, passed_on)
    plugin = EXECUTOR_PLUGIN + name
    if name in ("", *OWN_EXECUTORS) or importlib.util.find_spec(plugin.replace("-", "_")):
        return
    advice = SLURM_ADVICE if plugin == SLURM_PLUGIN else f"pip install {plugin}"
    raise SettingsError(
        f"The executor {name!r} needs {plugin}, which is not installed here: {advice}."
    )


def _executor(profile: str | None, passed_on: Sequence[str]) -> str:
    """Return the executor that an option or a profile names; an empty string if none does."""
    for word, value in pairwise([*passed_on, ""]):
        if word in ("--executor", "-e"):
            return value
        if word.startswith("--executor="):
            return word.partition("=")[2]
    config = (_workflow_profile(profile or "default") or Path(profile or "")) / "config.yaml"
    if not config.is_file():
        return ""
    # Imported here, since most commands start no Snakemake.
    import yaml

    try:
        content = yaml.safe_load(config.read_text(encoding="utf-8"))
    except (ValueError, yaml.YAMLError):
        # Snakemake reports what is wrong with it.
        return ""
    return str(content.get("executor", "")) if isinstance(content, dict) else ""


def refuse_broken_links(movies: Mapping[str, Mapping[str, Any]]) -> None:
    """Raise SettingsError if a file that a run writes is a link that leads nowhere.

    Snakemake (snakemake/io) would stop with the message that another process has deleted the file.
    """
    paths = [Path("results/index.html")]
    for movie, config in movies.items():
        paths += [Path(result_file(movie, config)), Path(f"results/{movie}/index.html")]
    for path in paths:
        if path.is_symlink() and not path.exists():
            raise SettingsError(
                f"{path} is a link to {os.readlink(path)}, which does not exist. Snakemake "
                "cannot follow it: make an empty file there, or remove the link."
            )


def draw_as_jobs_do() -> None:
    """Start this command again under `HASH_SEED`, which Python reads only when it starts."""
    if os.environ.items() >= HASH_SEED.items():
        return
    os.environ.update(HASH_SEED)
    become([sys.executable, *sys.orig_argv[1:]])


def become_snakemake(command: Sequence[str]) -> NoReturn:
    """Replace this process by Snakemake, which imports nothing from the project's folder.

    Nor do its processes on nodes. All rules are ours, and their commands drop the setting.
    """
    os.environ.setdefault(VARIABLE, SAFE_PATH[VARIABLE])
    become(command)


def become(command: Sequence[str]) -> NoReturn:
    """Replace this process by a command, which then gets its signals and sets its exit status."""
    sys.stdout.flush()
    sys.stderr.flush()
    os.execv(command[0], list(command))
