"""Turn the user's objects into bytes and back, by value if another process cannot import them.

Errors name the attribute that cannot be pickled. This module knows cloudpickle and source files.
"""

import contextlib
import functools
import importlib
import inspect
import io
import pickle
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from types import CodeType, FunctionType, MethodType, ModuleType
from typing import IO, Any

import cloudpickle

from parallel_animate.errors import AnimatorLoadError, FrameError
from parallel_animate.inputs.shared_arrays import reduce_array, remember_written
from parallel_animate.inputs.shared_buffers import (
    MIN_BYTES,
    Place,
    current_buffers,
    read_buffers,
)
from parallel_animate.inputs.source_modules import is_local, remember_source, source_text

# The first bytes of a pickle whose large arrays are elsewhere; no pickle begins with them.
SHARES_BUFFERS = b"shares buffers\n"


# Modules that are not the user's, by name. A process has a thousand, and a block is entered for the
# data of each frame.
_installed: dict[str, ModuleType] = {}
# How many blocks, of all threads, want each module by value; cloudpickle has one list for all.
_wanted_by_value: Counter[str] = Counter()
_changing_by_value = threading.Lock()


@contextlib.contextmanager
def local_modules_by_value() -> Iterator[None]:
    """Pickle the classes and functions in the user's modules by value within the block.

    Another process would import them again, without the changes the user has made to them since.
    Modules that the user has registered with cloudpickle stay registered.
    """
    ours: dict[str, ModuleType] = {}
    try:
        with _changing_by_value:
            _add_local_modules(ours)
        yield
    finally:
        with _changing_by_value:
            _wanted_by_value.subtract(ours.keys())
            for name in [name for name in ours if not _wanted_by_value[name]]:
                del _wanted_by_value[name]
                cloudpickle.unregister_pickle_by_value(ours[name])


def _add_local_modules(ours: dict[str, ModuleType]) -> None:
    """Let the user's modules be pickled by value, and add them, by name, to those of a block."""
    users = cloudpickle.list_registry_pickle_by_value() - _wanted_by_value.keys()
    for name, module in sys.modules.copy().items():
        if name == "__main__" or _installed.get(name) is module or name in users:
            continue
        # Under another name, such as __mp_main__, cloudpickle takes no module.
        if not isinstance(module, ModuleType) or getattr(module, "__name__", "") != name:
            continue
        if not is_local(getattr(module, "__file__", None)):
            _installed[name] = module
            continue
        if name not in _wanted_by_value:
            cloudpickle.register_pickle_by_value(module)
        _wanted_by_value[name] += 1
        ours[name] = module


class Pickler(cloudpickle.Pickler):  # type: ignore[misc]
    """A cloudpickle pickler that also keeps the file names of code.

    It also pickles functions under functools.cache by value if a script or notebook defines them.

    Parameters
    ----------
    file : binary file
        The file to write to.
    with_sources : bool
        True adds the user's source files, once for each file: tracebacks then show
        their lines in a process that cannot read them.
    """

    def __init__(self, file: IO[bytes], with_sources: bool = False) -> None:
        self._buffers = current_buffers()
        super().__init__(
            file,
            protocol=pickle.HIGHEST_PROTOCOL,
            buffer_callback=None if self._buffers is None else self._keep_in_pickle,
        )
        # Places of the large arrays in the shared file.
        self._places: list[Place] = []
        self._with_sources = with_sources
        # One object for each name, so that pickle writes it once.
        self._files: dict[str, str | _SourceFile] = {}

    def reducer_override(self, obj: Any) -> Any:
        """Return how to rebuild an object, in the form that pickle wants."""
        if isinstance(obj, CodeType):
            return self._reduce_code(obj)
        if isinstance(obj, functools._lru_cache_wrapper) and _goes_by_value(obj.__module__):
            # Pickled by name, they would be looked up in a __main__ that is not the user's.
            return functools.lru_cache(**obj.cache_parameters()), (obj.__wrapped__,)
        if _is_ufunc(obj) and (module := _module_of(obj)):
            return _named, (module, obj.__name__)
        if self._buffers is not None and (reduced := reduce_array(obj)) is not None:
            return reduced
        return super().reducer_override(obj)

    def _keep_in_pickle(self, buffer: pickle.PickleBuffer) -> bool:
        assert self._buffers is not None
        if memoryview(buffer).nbytes < MIN_BYTES:
            return True
        place = self._buffers.add(buffer)
        if place is not None:
            self._places.append(place)
            remember_written(buffer, self._buffers, place)
        return place is None

    def with_places(self, data: bytes) -> bytes:
        """Return what was written, with the places of its large arrays."""
        if not self._places:
            return data
        assert self._buffers is not None
        return SHARES_BUFFERS + pickle.dumps((self._buffers.key, self._places)) + data

    def _reduce_code(self, code: CodeType) -> Any:
        # cloudpickle 3.1.3 names the file of all code <dynamic-code>: tracebacks lose their lines.
        reduced = self.dispatch_table.get(CodeType, super().reducer_override)(code)
        # In an unknown form, code keeps the name from cloudpickle: only traceback lines are lost.
        if not isinstance(reduced, tuple) or len(reduced) != 2:
            return reduced
        return _make_code, (*reduced, self._file(code.co_filename))

    def _file(self, name: str) -> "str | _SourceFile":
        if name not in self._files:
            text = source_text(name) if self._with_sources else None
            self._files[name] = name if text is None else _SourceFile(name, text)
        return self._files[name]


@dataclass(frozen=True)
class _SourceFile:
    """A file of user code; unpickling returns only the file's name."""

    name: str
    text: str

    def __reduce__(self) -> tuple[Any, ...]:
        return _known_file, (self.name, self.text)


def _known_file(name: str, text: str) -> str:
    remember_source(name, text)
    return name


def _make_code(make: Callable[..., CodeType], arguments: tuple[Any, ...], file: str) -> CodeType:
    return make(*arguments).replace(co_filename=file)


def _is_ufunc(obj: object) -> bool:
    # Without importing numpy, which a Snakefile need not wait for.
    return (type(obj).__module__, type(obj).__name__) == ("numpy", "ufunc")


def _module_of(ufunc: Any) -> str:
    """Return a module that holds a ufunc under its name; empty if there is none.

    A ufunc does not know its module. pickle searches all modules for it (_pickle.c, whichmodule),
    and finds it in the user's script if that is listed before the ufunc's own module, as
    ``__mp_main__`` of multiprocessing. No other process has that module.
    """
    name = ufunc.__name__
    elsewhere = {"__main__", "__mp_main__", *_by_value()}
    for module_name, module in sys.modules.copy().items():
        is_apart = module_name not in elsewhere and isinstance(module, ModuleType)
        if is_apart and vars(module).get(name) is ufunc:
            return module_name
    return ""


def _named(module: str, name: str) -> Any:
    return getattr(importlib.import_module(module), name)


def _goes_by_value(module: str) -> bool:
    return module == "__main__" or module in _by_value()


def _by_value() -> set[str]:
    return set(cloudpickle.list_registry_pickle_by_value())


def dump(
    obj: object, pickler: Callable[..., Pickler] = Pickler, with_sources: bool = False
) -> bytes:
    """Return an object as pickle bytes, with classes and functions of ``__main__`` by value."""
    with io.BytesIO() as buffer:
        writer = pickler(buffer, with_sources)
        writer.dump(obj)
        return writer.with_places(buffer.getvalue())


def load(data: bytes, unpickler: Callable[..., pickle.Unpickler] = pickle.Unpickler) -> Any:
    """Return the object that `dump` has pickled."""
    stream = io.BytesIO(data)
    buffers = None
    if data.startswith(SHARES_BUFFERS):
        stream.seek(len(SHARES_BUFFERS))
        buffers = read_buffers(*pickle.load(stream))
    return unpickler(stream, buffers=buffers).load()


def dump_animator(animator: object) -> bytes:
    """Return an animator as pickle bytes, with the source of its classes and functions.

    Raises
    ------
    AnimatorLoadError
        If it cannot be pickled; the message names the attribute.
    """
    try:
        return dump(animator, with_sources=True)
    except PICKLING_ERRORS as error:
        where, reason = find_unpicklable(animator, "self")
        raise AnimatorLoadError(
            f"The animator {type(animator).__name__} cannot be sent to a worker process: {where} "
            f"cannot be pickled ({reason}). Create it in setup(), or use num_workers=1."
        ) from error


def dump_params(frame_id: int, params: object) -> bytes:
    """Return the params of a frame as pickle bytes.

    Raises
    ------
    FrameError
        If they cannot be pickled; the message names the frame and the part.
    """
    try:
        return dump(params)
    except PICKLING_ERRORS as error:
        where, reason = find_unpicklable(params, "params")
        raise FrameError(
            f"The params of frame {frame_id} cannot be stored: {where} cannot be pickled "
            f"({reason}). Pass plain values (numbers, text, arrays), or use num_workers=1."
        ) from error


# The errors seen from pickle and from the __reduce__ methods of other libraries.
PICKLING_ERRORS = (
    pickle.PicklingError,
    TypeError,
    AttributeError,
    ValueError,
    NotImplementedError,
    RecursionError,
    RuntimeError,
)


def find_unpicklable(
    obj: object, path: str, pickler: Callable[..., Pickler] = Pickler
) -> tuple[str, str]:
    """Return the path of the innermost part that cannot be pickled, and pickle's reason.

    Parameters
    ----------
    obj : object
        An object for which `dump` fails.
    path : str
        The object's name in the result, such as ``"self"``.
    pickler : callable
        The pickler with which `dump` failed.
    """
    # A part may refer back to what contains it.
    seen: set[int] = set()
    failing: tuple[str, object] | None = (path, obj)
    while failing is not None:
        path, obj = failing
        seen.add(id(obj))
        parts = ((name, part) for name, part in _parts(obj, path) if id(part) not in seen)
        failing = next(((name, part) for name, part in parts if _reason(part, pickler)), None)
    return f"{path} ({type(obj).__name__})", _reason(obj, pickler) or "only as part of the whole"


def _parts(obj: object, path: str) -> list[tuple[str, object]]:
    if isinstance(obj, dict):
        return [(f"{path}[{key!r}]", value) for key, value in obj.items()]
    if isinstance(obj, (list, tuple)):
        return [(f"{path}[{position}]", value) for position, value in enumerate(obj)]
    if isinstance(obj, type):
        return _methods(obj)
    if isinstance(obj, FunctionType):
        try:
            used = inspect.getclosurevars(obj)
        except ValueError:  # a variable that the function uses has no value yet
            return []
        return [(f"{name} in {path}", value) for name, value in {**used[0], **used[1]}.items()]
    if isinstance(obj, functools.partial):
        return [(path, obj.func), (path, obj.args), (path, obj.keywords)]
    if isinstance(obj, MethodType):
        return [(f"the object of {path}", obj.__self__), (path, obj.__func__)]
    attributes = getattr(obj, "__dict__", {}).items()
    return [*((f"{path}.{name}", value) for name, value in attributes), *_methods(type(obj))]


def _methods(cls: type) -> list[tuple[str, object]]:
    """Return the functions of a class that is pickled by value."""
    if not _goes_by_value(cls.__module__):
        return []
    functions = ((name, getattr(value, "__func__", value)) for name, value in vars(cls).items())
    return [
        (f"{cls.__name__}.{name}()", function)
        for name, function in functions
        if isinstance(function, FunctionType)
    ]


def _reason(obj: object, pickler: Callable[..., Pickler]) -> str:
    """Return why an object cannot be pickled; an empty string if it can."""
    try:
        dump(obj, pickler)
    except PICKLING_ERRORS as error:
        return str(error) or type(error).__name__
    return ""
