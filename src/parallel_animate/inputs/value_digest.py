"""Digests of values: equal for equal values, in any process, under any PYTHONHASHSEED.

Pickle bytes and joblib.hash differ for equal tuples and frozensets; these digests do not. The
user's functions and classes count by their syntax tree and the values they use, so neither the
version of Python nor the name of their module matters. Those of installed packages count by name.
"""

import contextlib
import copyreg
import dataclasses
import dis
import enum
import functools
import hashlib
import logging
import struct
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from types import (
    BuiltinFunctionType,
    CellType,
    CodeType,
    FunctionType,
    MappingProxyType,
    MethodType,
    ModuleType,
    WrapperDescriptorType,
)
from typing import Any

import numpy as np

from parallel_animate.atomic_files import file_digest
from parallel_animate.errors import AnimatorLoadError
from parallel_animate.inputs.array_bytes import ArrayBytes
from parallel_animate.inputs.class_members import fields_of, is_of_library, is_written_by_user
from parallel_animate.inputs.function_source import function_node
from parallel_animate.inputs.module_code import code_of_modules
from parallel_animate.inputs.source_modules import canonical_tree, is_local, module_file

logger = logging.getLogger(__name__)

DIGEST_SIZE = 16
# As part of a file name: 64 bits keep a million chunks apart.
NAME_LENGTH = 16
# About 12 Python frames are in use for each object within another one.
RECURSION_LIMIT = 20_000

# An artist's listeners, and matplotlib's links to related artists.
_NOT_STATE = frozenset({"_parents", "callbacks", "_callbacks", "stale_callback"})


class Identified:
    """An object of this package that knows the digest of the value it represents.

    Attributes
    ----------
    identity : str
        Equal for equal values. Useful, for example, if the object holds only the value's pickle
        bytes, which can differ for equal values.
    """

    identity: str = ""


def digest_of(value: object) -> str:
    """Return a digest of a value as 16 hexadecimal digits.

    Numbers, text, bytes, arrays, dicts (in their order), sets, sequences and any picklable object
    count by value.
    """
    digester = _Digester()
    with _deep_recursion():
        own = digester.digest(value)
        # Functions among the values may use others through a module.
        whole = digester.parts("with modules", [own, digester.values_of_modules()])
    return (whole if digester.whole_modules else own).hex()[:NAME_LENGTH]


@dataclasses.dataclass(frozen=True)
class ObjectDigest:
    """A digest of an object and of its code.

    Parameters
    ----------
    digest : str
        16 hexadecimal digits.
    is_complete : bool
        False if a part of the object, such as an open file, could count only by its type.
    caches : tuple
        The functions under ``functools.cache`` that the object's code uses.
    sources : tuple of str
        The files whose code counts.
    """

    digest: str
    is_complete: bool
    caches: tuple[Any, ...]
    sources: tuple[str, ...] = ()


def digest_object(value: object) -> ObjectDigest:
    """Return the digest of an object whose code draws: an animator.

    In addition to `digest_of`, it covers the code of the local modules
    (`parallel_animate.inputs.module_code`).
    """
    holder = value[0] if isinstance(value, list) else value
    cls = holder if isinstance(holder, type) else type(holder)
    digester = _Digester()
    with _deep_recursion():
        own = digester.digest(value)
        code = code_of_modules(cls.__module__, digester.modules) if digester.modules else None
        if code is None:
            whole = own
        else:
            digester.record_modules(code.modules)
            digester.names |= code.names
            digester.is_complete &= code.is_loaded
            whole = digester.parts("whole", [own, digester.values_of_modules(), code.digests])
    return ObjectDigest(
        whole.hex()[:NAME_LENGTH],
        digester.is_complete,
        tuple(digester.caches),
        code.sources if code else (),
    )


@contextlib.contextmanager
def _deep_recursion() -> Iterator[None]:
    """Allow values that nest deeply, such as a linked list; deeper ones are an error in words."""
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(max(before, RECURSION_LIMIT))
    try:
        yield
    except RecursionError as error:
        raise AnimatorLoadError(
            "The animator or its params nest too deeply to compare them with those of an earlier "
            "render. Keep such data in arrays or lists, or leave out work_dir."
        ) from error
    finally:
        sys.setrecursionlimit(before)


class _Digester:
    """One computation of a digest, as a tree over the parts of a value."""

    def __init__(self) -> None:
        # The user's modules whose code was found so far.
        self.modules: set[str] = set()
        self.is_complete = True
        self.caches: list[Any] = []
        # Modules that code uses as a whole, and all names that it uses.
        self.whole_modules: list[ModuleType] = []
        self.names: set[str] = set()
        # Objects stay alive while their ids are keys here.
        self._finished: dict[int, tuple[object, bytes]] = {}
        self._open: dict[int, int] = {}
        # Parts of cycles that are still open, with the depth that they refer back to; and their
        # ids in the order in which they were found.
        self._within: dict[int, tuple[object, bytes, int]] = {}
        self._within_order: list[int] = []
        # The depth of the outermost open object that the current one refers back to.
        self._lowest = sys.maxsize

    def digest(self, value: object) -> bytes:
        if value is None or isinstance(value, (bool, int, float, str)):
            return self._describe(value)
        if (known := self._finished.get(id(value))) is not None:
            return known[1]
        if (part := self._within.get(id(value))) is not None:
            self._lowest = min(self._lowest, part[2])
            return part[1]
        if (ancestor := self._open.get(id(value))) is not None:
            self._lowest = min(self._lowest, ancestor)
            return _hash("cycle", str(len(self._open) - ancestor).encode())
        depth = self._open[id(value)] = len(self._open)
        n_within = len(self._within_order)
        lowest_before, self._lowest = self._lowest, depth
        result = self._describe(value)
        del self._open[id(value)]
        # A part that refers back to an open object would have another digest elsewhere.
        if self._lowest >= depth:
            self._finished[id(value)] = (value, result)
            # What belongs to a cycle through this object is known within it only.
            for part_id in self._within_order[n_within:]:
                del self._within[part_id]
            del self._within_order[n_within:]
        else:
            self._within[id(value)] = (value, result, self._lowest)
            self._within_order.append(id(value))
        self._lowest = min(self._lowest, lowest_before)
        return result

    def _describe(self, value: object) -> bytes:
        describe = _DESCRIBERS.get(type(value))
        if describe is not None:
            return describe(self, value)
        if isinstance(value, type):
            return self._class(value)
        if isinstance(value, enum.Enum):
            return self.parts("enum", [type(value), value.name, value.value])
        if isinstance(value, np.ndarray):
            return self._array(value)
        if isinstance(value, np.generic):
            return _hash("numpy", value.dtype.str.encode(), value.tobytes())
        if isinstance(value, functools._lru_cache_wrapper):
            self.caches.append(value)
            return self.parts("cached", [value.__wrapped__])
        return self._object(value)

    def parts(self, kind: str, values: Iterable[object]) -> bytes:
        return _hash(kind, *[self.digest(value) for value in values])

    def _unordered(self, value: Any) -> bytes:
        return _hash(type(value).__name__, *sorted(self.digest(item) for item in value))

    def _mapping(self, value: Any) -> bytes:
        # The order counts, since it can decide the order of drawing.
        return self.parts("dict", [part for pair in value.items() for part in pair])

    def _array(self, value: "np.ndarray[Any, Any]") -> bytes:
        mask = self.digest(np.ma.getmaskarray(value)) if np.ma.isMaskedArray(value) else b""
        data = np.ma.getdata(value)
        shape = repr(data.shape).encode()
        if data.dtype.hasobject:
            return _hash("array", shape, mask, *[self.digest(item) for item in data.flat])
        layout = repr(data.dtype.descr if data.dtype.names else data.dtype.str).encode()
        own = b""
        if type(value) not in (np.ndarray, np.ma.MaskedArray, np.memmap):
            own = self.digest([type(value), getattr(value, "__dict__", None)])
        return _hash("array", layout, shape, mask, own, ArrayBytes(data))

    def _class(self, cls: type) -> bytes:
        name = f"{cls.__module__}.{cls.__qualname__}"
        if not _is_own_code(cls.__module__):
            return _hash("class", name.encode())
        self.modules.add(cls.__module__)
        members = [pair for pair in sorted(vars(cls).items()) if is_written_by_user(cls, *pair)]
        members += fields_of(cls)
        kind = type(cls) if _is_own_code(type(cls).__module__) else type
        # A script's __main__ has another name elsewhere, so only the qualified name counts.
        return self.parts("own class", [cls.__qualname__, kind, cls.__bases__, members])

    def _function(self, function: FunctionType) -> bytes:
        if not _is_own_code(function.__module__):
            name = f"{function.__module__}.{function.__qualname__}"
            return _hash("function", name.encode())
        self.modules.add(function.__module__)
        closure = [_cell_contents(cell) for cell in function.__closure__ or ()]
        if is_of_library(function.__code__):
            # A library's wrapper around the user's function, which is in the closure.
            code = function.__code__
            return self.parts("wrapper", [code.co_qualname, function.__defaults__, closure])
        self.names |= _names_of_all_kinds(function.__code__)
        return self.parts(
            "own function",
            [
                function.__code__,
                function.__defaults__,
                function.__kwdefaults__,
                closure,
                {key: item for key, item in vars(function).items() if key != "__wrapped__"},
                _globals_used(function.__code__, function.__globals__),
            ],
        )

    def _code(self, code: CodeType) -> bytes:
        if (node := function_node(code)) is not None:
            return _hash("source", canonical_tree(node).encode())
        # Without proven source, the instructions count, with the values they refer to. Comments,
        # line numbers and docstrings do not matter; the version of Python does.
        instructions = [
            (step.opname, step.argval) for step in dis.get_instructions(code, adaptive=False)
        ]
        signature = (code.co_argcount, code.co_posonlyargcount, code.co_kwonlyargcount)
        # No instruction shows which ones a try block covers.
        exceptions = getattr(code, "co_exceptiontable", b"")
        flags = code.co_flags & 0x0F
        return self.parts("code", [signature, flags, code.co_varnames, instructions, exceptions])

    def _module(self, module: ModuleType) -> bytes:
        """Digest a module by its name; what code uses of a local one counts by value and source."""
        if module_file(module) is not None and module.__name__ != "__main__":
            family = [n for n in sys.modules.copy() if n.startswith(f"{module.__name__}.")]
            self.modules |= {module.__name__, *family}
            self.record_modules([module, *(sys.modules[name] for name in family)])
        return _hash("module", module.__name__.encode())

    def record_modules(self, modules: Iterable[ModuleType]) -> None:
        """Record modules whose values code may use through the module: ``helper.DATA``."""
        for module in modules:
            if module in self.whole_modules or module_file(module) is None:
                continue
            self.whole_modules.append(module)
            cached = functools._lru_cache_wrapper
            self.caches += [part for part in vars(module).values() if isinstance(part, cached)]

    def values_of_modules(self) -> bytes:
        """Digest the values in recorded modules whose names code uses.

        Other values, a time of import say, may differ each time. Values may refer to more modules
        and more names, so this goes on until none is new.
        """
        found: dict[tuple[str, str], bytes] = {}
        while new := [
            (module.__name__, name)
            for module in self.whole_modules
            for name in sorted(self.names & vars(module).keys())
            if (module.__name__, name) not in found and not _is_name_of_module(name)
        ]:
            for key in sorted(new):
                found[key] = self.digest(vars(sys.modules[key[0]])[key[1]])
        # The names of modules do not count: a script has another name elsewhere.
        pairs = [(key[1].encode(), found[key]) for key in sorted(found)]
        return _hash("values", *(part for pair in pairs for part in pair))

    def _named(self, value: Any) -> bytes:
        owner = getattr(value, "__self__", None)
        name = f"{getattr(value, '__module__', '')}.{value.__qualname__}".encode()
        bound = b"" if owner is None or isinstance(owner, ModuleType) else self.digest(owner)
        return _hash("builtin", name, bound)

    def _object(self, value: Any) -> bytes:
        if isinstance(value, Identified):
            return self.parts("identified", [type(value), value.identity])
        if isinstance(value, (staticmethod, classmethod)):
            return self.parts(type(value).__name__, [value.__func__])
        if isinstance(value, property):
            return self.parts("property", [value.fget, value.fset, value.fdel])
        if isinstance(value, functools.cached_property):
            return self.parts("cached property", [value.func])
        try:
            reduce = copyreg.dispatch_table.get(type(value))
            reduced = reduce(value) if reduce else value.__reduce_ex__(4)
        except Exception as error:  # noqa: BLE001 - whatever a value raises
            # A lock, a logger's handler or an open file has no value to compare.
            logger.debug("%s counts by its type alone: %s", type(value).__name__, error)
            return self._opaque(value)
        if isinstance(reduced, str):
            return _hash("global", f"{type(value).__module__}.{reduced}".encode())
        build, arguments, state, items, pairs = (*reduced, None, None, None)[:5]
        if isinstance(state, dict) and _is_of_matplotlib(type(value)):
            state = {key: part for key, part in state.items() if key not in _NOT_STATE}
        return self.parts("object", [build, arguments, state, list(items or ()), list(pairs or ())])

    def _opaque(self, value: Any) -> bytes:
        kind = f"{type(value).__module__}.{type(value).__qualname__}".encode()
        # An open file, of Python, h5py or the like, is told by its content.
        for attribute in ("filename", "name"):
            path = getattr(value, attribute, None)
            if isinstance(path, str) and Path(path).is_file():
                return _hash("open file", kind, path.encode(), file_digest(Path(path)).encode())
        self.is_complete = False
        return _hash("opaque", kind)


def _hash(kind: str, *parts: bytes | memoryview | ArrayBytes) -> bytes:
    result = hashlib.blake2b(digest_size=DIGEST_SIZE)
    for part in (kind.encode(), *parts):
        result.update(struct.pack("<Q", len(part)))
        for block in part if isinstance(part, ArrayBytes) else (part,):
            result.update(block)
    return result.digest()


def _float_bytes(value: float) -> bytes:
    return struct.pack("<d", value) if value == value else b"nan"


def _is_of_matplotlib(cls: type) -> bool:
    packages = {base.__module__.partition(".")[0] for base in cls.__mro__}
    return not packages.isdisjoint({"matplotlib", "mpl_toolkits"})


def _is_own_code(module_name: str | None) -> bool:
    if module_name in (None, "__main__", "__mp_main__"):
        return True
    module = sys.modules.get(str(module_name))
    return module is None or is_local(getattr(module, "__file__", None))


def _cell_contents(cell: CellType) -> object:
    try:
        return cell.cell_contents
    except ValueError:
        return "empty cell"


def _globals_used(code: CodeType, namespace: dict[str, Any]) -> list[tuple[str, object]]:
    names = sorted(name for name in _names_in(code) if name in namespace)
    return [(name, namespace[name]) for name in names if not _is_name_of_module(name)]


def _is_name_of_module(name: str) -> bool:
    """Return whether a global tells where a module is: it differs in a script, or when it moves."""
    return name in ("__name__", "__file__", "__cached__", "__spec__", "__loader__", "__package__")


def _names_of_all_kinds(code: CodeType) -> set[str]:
    inner = [constant for constant in code.co_consts if isinstance(constant, CodeType)]
    return set(code.co_names).union(*map(_names_of_all_kinds, inner))


def _names_in(code: CodeType) -> set[str]:
    inner = [constant for constant in code.co_consts if isinstance(constant, CodeType)]
    loads = {
        str(step.argval)
        for step in dis.get_instructions(code)
        if step.opname in ("LOAD_GLOBAL", "LOAD_NAME")
    }
    return loads.union(*map(_names_in, inner))


_DESCRIBERS: dict[type, Callable[[_Digester, Any], bytes]] = {
    type(None): lambda _, value: _hash("none"),
    bool: lambda _, value: _hash("bool", str(value).encode()),
    int: lambda _, value: _hash("int", hex(value).encode()),
    float: lambda _, value: _hash("float", _float_bytes(value)),
    complex: lambda _, value: _hash("complex", _float_bytes(value.real), _float_bytes(value.imag)),
    str: lambda _, value: _hash("str", value.encode("utf-8", "surrogatepass")),
    bytes: lambda _, value: _hash("bytes", value),
    bytearray: lambda _, value: _hash("bytearray", value),
    memoryview: lambda _, value: _hash("memoryview", value.tobytes()),
    tuple: lambda digester, value: digester.parts("tuple", value),
    list: lambda digester, value: digester.parts("list", value),
    set: _Digester._unordered,
    frozenset: _Digester._unordered,
    dict: _Digester._mapping,
    MappingProxyType: lambda digester, value: digester._mapping(value),
    type({}.keys()): lambda digester, value: digester.parts("keys", value),
    type({}.values()): lambda digester, value: digester.parts("values", value),
    type({}.items()): lambda digester, value: digester.parts("items", value),
    range: lambda digester, value: digester.parts("range", [value.start, value.stop, value.step]),
    slice: lambda digester, value: digester.parts("slice", [value.start, value.stop, value.step]),
    CodeType: _Digester._code,
    FunctionType: _Digester._function,
    MethodType: lambda digester, value: digester.parts("method", [value.__func__, value.__self__]),
    BuiltinFunctionType: _Digester._named,
    WrapperDescriptorType: _Digester._named,
    ModuleType: _Digester._module,
    # Its name is often __name__, which differs between a script and a module.
    logging.Logger: lambda _, value: _hash("logger"),
    type(threading.Lock()): lambda _, value: _hash("lock"),
    type(Ellipsis): lambda _, value: _hash("ellipsis"),
    type(NotImplemented): lambda _, value: _hash("not implemented"),
}
