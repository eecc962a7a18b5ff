"""Import the user's modules from their folders, in a process of our own.

Python searches the folder of a script before the standard library, so that a file ``signal.py``
there is imported by every library, and breaks it. In our own processes these folders come last. A
module in them that has the name of an installed one is imported only if the user's code imports it.
"""

import ast
import logging
import sys
from collections.abc import Iterable, Mapping, Sequence
from importlib.machinery import BuiltinImporter, FrozenImporter, ModuleSpec, PathFinder
from pathlib import Path

from parallel_animate.inputs.source_modules import (
    NeighbourFinder,
    SourceModule,
    collect_sources,
    give_way,
    is_installed,
    local_imports,
)

logger = logging.getLogger(__name__)


def add_folders(folders: Sequence[str]) -> None:
    """Let modules in these folders be imported, after all others."""
    sys.path.extend(folder for folder in folders if folder not in sys.path)


def prefer_neighbours(file: Path, folders: Sequence[str]) -> None:
    """Let a file import the modules in its folders under any name, as a script does.

    A warning names each module whose name the standard library or a package in use has, too.

    Parameters
    ----------
    file : Path
        The user's file.
    folders : sequence of str
        The folders to search, best first.
    """
    found = collect_sources(file.stem, file, folders, _find_in)
    # A file random.py that imports random means another.
    _prefer(module for module in found if module.path != str(file))


def prefer_module(name: str, folders: Sequence[str]) -> None:
    """Let a module be imported by its dotted name from these folders, and what it imports."""
    statement = ast.parse(f"import {name}")
    for found, path in local_imports([statement], "", False, folders, _find_in):
        _prefer(collect_sources(found, path, folders, _find_in))


def _find_in(name: str, folders: Sequence[str]) -> ModuleSpec | None:
    return PathFinder.find_spec(name, list(folders))


def _prefer(modules: Iterable[SourceModule]) -> None:
    folders = {}
    known = preferred_neighbours()
    for module in modules:
        name, file = module.name, Path(module.path)
        if "." in name or _is_part_of_python(name) or name in known:
            continue
        if name in sys.stdlib_module_names:
            logger.warning(
                "%s is imported in place of Python's own module %s, as in a script. Rename the "
                "file if your code means Python's.",
                *(file, name),
            )
        elif is_installed(sys.modules.get(name)):
            logger.warning(
                "%s is not imported: the installed %s is in use. Rename the file to import it.",
                *(file, name),
            )
            continue
        folders[name] = file.parent.parent if module.is_package else file.parent
    prefer(folders)


def prefer(folders: Mapping[str, Path]) -> None:
    """Let imports of these names give the modules in these folders."""
    for name in folders:
        give_way(name)
    if folders:
        sys.meta_path.insert(0, NeighbourFinder(folders))


def preferred_neighbours() -> dict[str, Path]:
    """Return the names and folders that `prefer` has got in this process."""
    finders = [finder for finder in sys.meta_path if isinstance(finder, NeighbourFinder)]
    return {name: folder for finder in finders for name, folder in finder.modules.items()}


def _is_part_of_python(name: str) -> bool:
    """Return whether Python never searches sys.path for a module, as for sys and os."""
    return any(finder.find_spec(name) is not None for finder in (BuiltinImporter, FrozenImporter))
