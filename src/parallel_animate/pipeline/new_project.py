"""Make a small project that is ready to render, for ``parallel-animate init``."""

import re
from pathlib import Path

from parallel_animate.atomic_files import replace_text
from parallel_animate.errors import SettingsError
from parallel_animate.pipeline.launch import workflow_folder
from parallel_animate.pipeline.schema import MOVIE_NAME_PATTERN

TEMPLATE = Path(__file__).parent / "template"
# Name in the template -> name in the project, in reading order.
FILES = {
    "README.md": "README.md",
    "animation.py": "animation.py",
    "movies.yaml": "movies.yaml",
    "Snakefile": "Snakefile",
    "gitignore": ".gitignore",
}
PROFILES = ("profiles/default/config.yaml", "profiles/slurm/config.yaml")


def make_project(folder: Path) -> list[Path]:
    """Write a project into a new or empty folder, and return the files.

    Parameters
    ----------
    folder : Path
        Its last part becomes the project's name.

    Raises
    ------
    SettingsError
        If the folder is not empty, or its name cannot be a project's name.
    OSError
        If the files cannot be written.
    """
    name = folder.absolute().name
    if not re.match(MOVIE_NAME_PATTERN, name):
        raise SettingsError(
            f"{name!r} cannot be a project's name: use letters, digits, '_', '-' and '.'."
        )
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise SettingsError(f"{folder} exists and is not empty. Name a new folder.")
    contents = {
        target: (TEMPLATE / source).read_text(encoding="utf-8").replace("{name}", name)
        for source, target in FILES.items()
    }
    # The command "snakemake" finds these profiles in the project's folder and resumes as "run"
    # does. Users can edit them, for example to set the account and partition of a cluster.
    for profile in PROFILES:
        contents[profile] = (workflow_folder() / profile).read_text(encoding="utf-8")
    for target, text in contents.items():
        path = folder / target
        path.parent.mkdir(parents=True, exist_ok=True)
        replace_text(path, text)
    return [folder / target for target in contents]
