"""From a target, "file.py:Name" or "package.module:Name", to the object it names.

This module knows only modules and names.
"""

import importlib
import importlib.util
import sys
import traceback
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from importlib.machinery import PathFinder
from pathlib import Path
from types import ModuleType
from typing import Any

import cloudpickle

from parallel_animate.errors import AnimateError, AnimatorLoadError
from parallel_animate.inputs.animator import AnimatorBase
from parallel_animate.inputs.frames import as_iterable
from parallel_animate.inputs.neighbours import add_folders, prefer_module, prefer_neighbours
from parallel_animate.inputs.source_modules import SourceOnlyLoader, is_installed
from parallel_animate.inputs.source_only import load_source_only
from parallel_animate.validation import did_you_mean


def load_object(target: str) -> Any:
    """Return the object that a target names.

    Parameters
    ----------
    target : str
        "file.py:Name" (relative to the working folder) or "package.module:Name".

    Raises
    ------
    AnimatorLoadError
        If the file, module or name is missing, or running the module raises.
    """
    module_name, name = split_target(target)
    module = load_module(module_name)
    try:
        return getattr(module, name)
    except AttributeError as error:
        raise AnimatorLoadError(
            f"{target!r} cannot be loaded: {module_name} has no {name!r}."
            + did_you_mean(name, vars(module))
        ) from error


def split_target(target: str) -> tuple[str, str]:
    """Split a target such as "file.py:Name" into the file or module, and the name."""
    module_name, colon, name = target.rpartition(":")
    if not colon or not module_name or not name.isidentifier():
        raise AnimatorLoadError(
            f"{target!r} does not name an object; write file.py:Name or package.module:Name."
        )
    return module_name, name


# Not empty while this process imports the user's code for a movie: see refuse_while_loading.
_loading: list[str] = []


def mark_loading(what: str) -> None:
    """Mark that from now on the user's code is imported for a movie.

    Parameters
    ----------
    what : str
        A clause for the error message, such as "wave.py was being imported".
    """
    _loading.append(what)


def refuse_while_loading() -> None:
    """Raise AnimateError if code that is being imported for a movie renders a movie itself."""
    if _loading:
        raise AnimateError(
            f"make_video() ran while {_loading[-1]}. Put the call under "
            '`if __name__ == "__main__":`.'
        )


def absolute_target(target: str) -> str:
    """Return a target that stays valid when the user's code changes the working folder."""
    module_name, name = split_target(target)
    return f"{Path(module_name).absolute()}:{name}" if module_name.endswith(".py") else target


def load_module(name: str) -> ModuleType:
    """Import a module by the path of its file (which ends in .py) or by its dotted name."""
    mark_loading(f"{name} was being imported")
    load_source_only()
    try:
        return _load_file(Path(name)) if name.endswith(".py") else _load_by_name(name)
    except AnimatorLoadError:
        raise
    except (Exception, SystemExit) as error:
        raise AnimatorLoadError(
            f"{name} cannot be imported: {type(error).__name__}: {error}",
            traceback="".join(traceback.format_exception(error)),
        ) from error
    finally:
        _loading.pop()


def _load_by_name(name: str, folders: Sequence[str] = ()) -> ModuleType:
    folders = list(dict.fromkeys([*folders, str(Path.cwd())]))
    if name not in sys.modules:
        prefer_module(name, folders)
    add_folders(folders)
    return importlib.import_module(name)


def _load_file(path: Path) -> ModuleType:
    if not path.is_file():
        raise AnimatorLoadError(f"{path} does not exist (looked in {Path.cwd()}).")
    path = path.resolve()
    root = package_root(path)
    if root != path.parent:
        # Relative imports need the package that the file belongs to.
        return _load_by_name(".".join(path.relative_to(root).with_suffix("").parts), [str(root)])
    folders = list(dict.fromkeys([str(root), str(Path.cwd())]))
    add_folders(folders)
    name = module_name_of(path)
    known = sys.modules.get(name)
    if known is not None:
        return known
    prefer_neighbours(path, folders)
    spec = importlib.util.spec_from_file_location(
        name, path, loader=SourceOnlyLoader(name, str(path))
    )
    if spec is None or spec.loader is None:
        raise AnimatorLoadError(f"{path} is not a Python file.")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except BaseException:
        del sys.modules[name]
        raise
    if name != path.stem:
        # No other process could import it by a name that we made up.
        cloudpickle.register_pickle_by_value(module)
    return module


def package_root(path: Path) -> Path:
    """Return the folder above the outermost package that a file belongs to."""
    folder = path.parent
    while (folder / "__init__.py").is_file():
        folder = folder.parent
    return folder


def module_name_of(path: Path) -> str:
    """Return the name for importing a file: its stem, unless another module has that name."""
    stem = path.stem
    known = sys.modules.get(stem)
    if known is not None:
        taken = getattr(known, "__file__", None) != str(path)
    else:
        is_library = is_installed(PathFinder.find_spec(stem))
        taken = stem in sys.stdlib_module_names or not stem.isidentifier() or is_library
    if not taken:
        return stem
    name = f"_animator_{''.join(c if c.isalnum() else '_' for c in stem)}"
    # Files of one name may lie in several folders.
    while getattr(sys.modules.get(name), "__file__", str(path)) != str(path):
        name += "_"
    return name


def check_animator_class(found: object, target: str) -> type[AnimatorBase]:
    """Return the class if it is that of an animator, else raise AnimatorLoadError."""
    if not isinstance(found, type) or not issubclass(found, AnimatorBase):
        raise AnimatorLoadError(
            f"{target} must be a subclass of parallel_animate.Animator or PixelAnimator, found "
            f"{found!r}."
        )
    return found


def instantiate(animator_class: type[AnimatorBase], kwargs: Mapping[str, Any]) -> AnimatorBase:
    """Call an animator class with its keyword arguments.

    Raises
    ------
    AnimatorLoadError
        If the class raises an error, or setup() or update() is missing.
    """
    try:
        return animator_class(**kwargs)
    except Exception as error:
        raise AnimatorLoadError(
            f"{animator_class.__name__}(**{dict(kwargs)!r}) failed: {type(error).__name__}: "
            f"{error}",
            traceback="".join(traceback.format_exception(error)),
        ) from error


def load_params(target: str, fps: Fraction) -> Iterable[Any]:
    """Return the params that a target names: an iterable, or a function returning one.

    Parameters
    ----------
    target : str
        As for `load_object`; a function is called without arguments.
    fps : Fraction
        The movie's frame rate, for a `Timeline`.

    Raises
    ------
    AnimatorLoadError
        If the target cannot be loaded, its function raises, or the result is not iterable.
    """
    provider = load_object(target)
    try:
        params = provider() if callable(provider) else provider
    except Exception as error:
        raise AnimatorLoadError(
            f"{target}() failed: {type(error).__name__}: {error}",
            traceback="".join(traceback.format_exception(error)),
        ) from error
    iterable = as_iterable(params, fps)
    if iterable is None:
        raise AnimatorLoadError(
            f"{target} must be an iterable of params (or have a length and items), or a function "
            f"returning one; found {params!r}."
        )
    return iterable
