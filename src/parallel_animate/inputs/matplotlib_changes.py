"""Changes that code has made to matplotlib's modules and classes themselves.

A new process lacks them: constants with another value, replaced methods, entries in tables such as
``BoxStyle._style_list``, and the paths that artists share. (``Axes.bar`` in a polar plot makes the
sides of every rectangle curved.) What matplotlib has registries for is in `matplotlib_state`.
"""

import contextlib
import copy
import enum
import functools
import importlib
import itertools
import logging
import sys
from collections.abc import Iterator, Mapping
from types import FunctionType, GetSetDescriptorType, MethodType, ModuleType
from typing import Any, NamedTuple

from matplotlib.legend import Legend
from matplotlib.markers import MarkerStyle
from matplotlib.path import Path

from parallel_animate.inputs.pickling import PICKLING_ERRORS, dump, load

logger = logging.getLogger(__name__)

_PACKAGES = ("matplotlib", "mpl_toolkits")
# What these packages define is matplotlib's own. Drawing less replaces some methods for a while.
_STOCK = {
    *(*sys.stdlib_module_names, *_PACKAGES, "numpy", "contourpy", "cycler", "dateutil"),
    *("kiwisolver", "packaging", "PIL", "pyparsing", "six", "fontTools", "parallel_animate"),
} - {"__main__"}
# Modules with the state of windows and of single figures, and with no part in drawing.
_LEFT_OUT = (
    *("matplotlib._pylab_helpers", "matplotlib.pyplot", "matplotlib.animation"),
    *("matplotlib.backends.", "matplotlib.backend_", "matplotlib.sphinxext", "matplotlib.test"),
    *("matplotlib.style", "matplotlib.rcsetup", "matplotlib._version"),
)
# A registry, which `matplotlib_state` treats, and caches.
_LEFT_OUT_NAMES = ("_scale_mapping", "cache")
# Paths that `Path` makes when they are first needed.
_LATE_PATHS = ("_unit_rectangle", "_unit_circle", "_unit_circle_righthalf")
_PLAIN = frozenset([bool, int, float, complex, str, bytes, type(None)])
_NEVER_ADDED = _PLAIN | {ModuleType, GetSetDescriptorType}
# Tuples of types: a union would be made in each of ten thousand calls.
_BOUND = (classmethod, staticmethod, MethodType)
_NAMED = (type, FunctionType)
_CONTAINERS = (tuple, list, set, frozenset)


class Place(NamedTuple):
    """An attribute of a module or class.

    Parameters
    ----------
    module : str
        Name of the module.
    owner : str
        Qualified name of the class in it; empty for the module itself.
    name : str
        Name of the attribute.
    """

    module: str
    owner: str
    name: str

    def find(self, must_import: bool) -> Any:
        """Return the module or class; None if this process lacks it."""
        if must_import:
            with contextlib.suppress(ImportError):
                importlib.import_module(self.module)
        found: Any = sys.modules.get(self.module)
        for part in filter(None, self.owner.split(".")):
            found = getattr(found, part, None)
        return found


class Changes(NamedTuple):
    """What code may have changed in matplotlib's modules and classes.

    Parameters
    ----------
    values : mapping of Place to Any
        All constants, tables of constants and shared paths, changed or not.
    additions : mapping of Place to bytes
        Objects of other packages that were put there, as pickle bytes: the whole object, or the
        entries of a table.
    legend_handlers : bytes
        The table of legend handlers, pickled, since it holds objects and not plain values.
    """

    values: Mapping[Place, Any] = {}
    additions: Mapping[Place, bytes] = {}
    legend_handlers: bytes = b""


def capture_changes() -> Changes:
    """Return what code may have changed in matplotlib's modules and classes in this process."""
    values, additions = {}, {}
    for module, owner, name, value in _attributes():
        if _is_constant(name, value):
            values[Place(module, owner, name)] = copy.copy(value)
            if not isinstance(value, Path):
                continue  # plain through and through, so nothing in it was added
        added = _additions(value)
        if added is not None and (data := pickled(added)):
            additions[Place(module, owner, name)] = data
    return Changes(values, additions, pickled(Legend.get_default_handler_map()))


def pickled(value: Any) -> bytes:
    """Return a value as pickle bytes; none if it cannot be pickled.

    Workers then draw with what matplotlib has, or what the user's modules register in them. The
    comparison of frames shows if that matters.
    """
    try:
        return dump(value)
    except PICKLING_ERRORS as error:
        logger.debug("Workers lack a change to matplotlib: %r", error)
        return b""


def user_additions() -> dict[Place, Any]:
    """Return what other packages have put into matplotlib's modules and classes.

    For a dict these are the entries that they added, for a list the whole list.
    """
    found = {}
    for module, owner, name, value in _attributes():
        added = _additions(value)
        if added is not None:
            found[Place(module, owner, name)] = added
    return found


def _additions(value: Any) -> Any:
    """Return what other packages have added to a value, or the value if they put it there."""
    if type(value) is dict:
        if _NEVER_ADDED.issuperset(map(type, _parts(value))):
            return None
        return {k: item for k, item in value.items() if _is_added(k) or _is_added(item)} or None
    if isinstance(value, list):
        return value if any(map(_is_added, value)) else None
    return value if _is_added(value) else None


def apply_changes(changes: Changes) -> None:
    """Make matplotlib's modules and classes as they were where the changes were captured."""
    for place, value in changes.values.items():
        owner = place.find(must_import=False)
        present = vars(owner).get(place.name) if owner is not None else None
        if owner is not None and not _is_same(present, value):
            _put(owner, place.name, present, value)
    for place, data in changes.additions.items():
        owner = place.find(must_import=True)
        if owner is None:
            continue
        value, present = load(data), vars(owner).get(place.name)
        if isinstance(value, dict) and isinstance(present, dict):
            present.update(value)
        else:
            _put(owner, place.name, present, value)
    if changes.legend_handlers:
        Legend.update_default_handler_map(load(changes.legend_handlers))


def _put(owner: Any, name: str, present: Any, value: Any) -> None:
    """Set an attribute; change a table in place, since other modules hold it, too."""
    if isinstance(value, list) and isinstance(present, list):
        present[:] = value
    elif isinstance(value, dict | set) and type(present) is type(value):
        present.clear()
        present.update(value)
    elif isinstance(value, Path) and isinstance(present, Path):
        vars(present).update(vars(value))
    else:
        setattr(owner, name, value)


def _attributes() -> Iterator[tuple[str, str, str, Any]]:
    """Yield the attributes of all modules that belong to matplotlib, and of their classes.

    There are thousands, so each comes as what a `Place` is made of, and its value.
    """
    for module_name, module in sys.modules.copy().items():
        package = module_name.partition(".")[0]
        if package not in _PACKAGES or module is None or module_name.startswith(_LEFT_OUT):
            continue
        for name, value in list(vars(module).items()):
            if isinstance(value, type):
                if value.__module__ == module_name and not issubclass(value, enum.Enum):
                    owner = value.__qualname__
                    for key, item in list(vars(value).items()):
                        yield module_name, owner, key, item
                elif _is_added(value):
                    yield module_name, "", name, value
            elif name not in _LEFT_OUT_NAMES and not name.startswith("__"):
                yield module_name, "", name, value


def _is_constant(name: str, value: Any) -> bool:
    kind = type(value)
    if kind is FunctionType or kind is ModuleType or name.startswith("__"):
        return False
    is_documentation = isinstance(value, str) and "\n" in value
    return (
        name not in _LEFT_OUT_NAMES
        and not is_documentation
        and (_is_plain(value) or isinstance(value, Path))
    )


def _is_plain(value: Any) -> bool:
    kind = type(value)
    if kind in _PLAIN:
        return True
    if kind is not dict and kind not in _CONTAINERS:
        return False
    # Tables have thousands of entries, mostly plain ones, so their types are looked at first.
    return _PLAIN.issuperset(map(type, _parts(value))) or all(map(_is_plain, _parts(value)))


def _parts(value: Any) -> Iterator[Any]:
    """Return the items of a container, of a dict its keys and values."""
    return itertools.chain(value, value.values()) if type(value) is dict else iter(value)


def _is_same(one: Any, other: Any) -> bool:
    if isinstance(one, Path) and isinstance(other, Path):
        return _state(one) == _state(other)
    return type(one) is type(other) and bool(one == other)


def _is_added(value: Any) -> bool:
    """Return whether a function, a class or an object is of another package than matplotlib."""
    kind = type(value)
    if kind in _NEVER_ADDED:
        return False
    if kind is FunctionType:
        return not _is_stock(value.__module__ or "")
    if isinstance(value, _BOUND):
        value = value.__func__
    elif isinstance(value, property):
        value = value.fget
    elif isinstance(value, functools.partial):
        value = value.func
    known = value if isinstance(value, _NAMED) else type(value)
    name = getattr(known, "__module__", None)
    return isinstance(name, str) and not _is_stock(name)


@functools.cache
def _is_stock(module: str) -> bool:
    """Return whether a module is matplotlib's or of the packages that it is made of."""
    return module.partition(".")[0] in _STOCK or module.startswith("namedtuple_")


def _state(path: Path) -> dict[str, Any]:
    """Return a path's attributes, comparable by ==."""
    return {
        name: value.tobytes() if hasattr(value, "tobytes") else value
        for name, value in vars(path).items()
    }


@contextlib.contextmanager
def shared_paths_kept() -> Iterator[None]:
    """Restore the paths that artists share, such as the unit rectangle, at the end of the block."""
    before = _shared_paths()
    states = [None if path is None else dict(vars(path)) for _, _, path in before]
    try:
        yield
    finally:
        for (owner, name, path), state in zip(before, states, strict=True):
            if path is not None and state is not None:
                vars(path).update(state)
            if vars(owner)[name] is not path:
                setattr(owner, name, path)


def _shared_paths() -> list[tuple[type, str, Path | None]]:
    """Return class, name and value of every attribute that holds a path, or may later hold one."""
    return [
        (owner, name, value)
        for owner in (Path, MarkerStyle)
        for name, value in vars(owner).items()
        if isinstance(value, Path) or (value is None and name in _LATE_PATHS)
    ]
