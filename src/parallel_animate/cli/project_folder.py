"""Find the project: its config is in the present folder or in one above it."""

import os
from pathlib import Path

from parallel_animate.cli.output import print_message
from parallel_animate.errors import SettingsError


def enter_project(folder: Path | None, config: str | None) -> Path:
    """Change to the project's folder, where relative paths start; return the path of the config.

    Parameters
    ----------
    folder : Path or None
        The project's folder; None: that of the config that is found, or the present one.
    config : str or None
        The config file; None searches it in the folder. Without a folder, the folders above the
        present one are searched, too.

    Raises
    ------
    SettingsError
        If there is no such folder, or no config in it.
    """
    from parallel_animate.pipeline.launch import find_config

    if folder is not None and not folder.is_dir():
        raise SettingsError(f"--directory: the folder {folder} does not exist.")
    if folder is None and config is None:
        folder = folder_above(Path.cwd())
        if folder is not None and folder != Path.cwd():
            print_message(f"in {folder}")
    path = find_config(folder or Path(), config)
    os.chdir(folder or Path())
    return path


def work_folder(named: Path | None) -> Path:
    """Return the folder of the movies' files: the one that was named, or that of the project."""
    if named is not None or Path("work").is_dir():
        return named or Path("work")
    folder = folder_above(Path.cwd())
    return (folder or Path()) / "work"


def folder_above(folder: Path) -> Path | None:
    """Return the nearest folder with a config, from a folder on upwards; None if there is none."""
    from parallel_animate.pipeline.launch import CONFIG_NAMES, CONFIG_NAMES_ABOVE

    if any((folder / name).is_file() for name in CONFIG_NAMES):
        return folder
    for parent in folder.parents:
        if any((parent / name).is_file() for name in CONFIG_NAMES_ABOVE):
            return parent
    return None
