"""Digests of values: equal for equal values, in any process, under any PYTHONHASHSEED.

Pickle bytes and joblib.hash differ for equal tuples and frozensets; these digests do not. The
user's functions and classes count by their syntax tree and the values they use, so neither the
version of Python nor the name of their module matters. Those of installed packages count by name.
"""

import copyreg
import dataclasses
import dis
import enum
import functools
import hashlib
import importlib
import importlib.util
import logging
import struct
import sys
import threading
from collections.abc import Callable, Iterable
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

from parallel_animate.inputs.class_members import fields_of, is_of_library, is_written_by_user
from parallel_animate.inputs.function_source import function_node
from parallel_animate.inputs.import_effects import (
    effects_of_loaded,
    names_in_functions,
    sources_of_loaded,
)
from parallel_animate.inputs.source_modules import (
    SourceModule,
    canonical_tree,
    collect_sources,
    is_local,
    module_file,
)

logger = logging.getLogger(__name__)

DIGEST_SIZE = 16
# As part of a file name: 64 bits keep a million chunks apart.
NAME_LENGTH = 16


# Functions that find what a name stands for, whatever the code says.
_LOOK_UP_BY_NAME = frozenset(
    {"eval", "exec", "globals", "vars", "__import__", "import_module", "__dict__"}
)
_TOLD_BY_SOURCE = (ModuleType, FunctionType, functools._lru_cache_wrapper)
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
    return _Digester().digest(value).hex()[:NAME_LENGTH]


@dataclasses.dataclass(frozen=True)
class ObjectDigest:
    """A digest of an object and of the effects of importing its code.

    Parameters
    ----------
    digest : str
        16 hexadecimal digits.
    is_complete : bool
        False if a part of the object, such as an open file, could count only by its type.
    caches : tuple
        The functions under ``functools.cache`` that the object's code uses.
    """

    digest: str
    is_complete: bool
    caches: tuple[Any, ...]


def digest_object(value: object) -> ObjectDigest:
    """Return the digest of an object whose code draws: an animator.

    In addition to `digest_of`, it covers the statements in the user's modules that act on import
    (`parallel_animate.inputs.import_effects`).
    """
    digester = _Digester()
    own = digester.digest(value)
    effects = {effect for name in digester.modules for effect in effects_of_loaded(name)}
    whole = digester.parts("whole", [own, digester.values_of_modules(), sorted(effects)])
    return ObjectDigest(whole.hex()[:NAME_LENGTH], digester.is_complete, tuple(digester.caches))


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
        # The depth of the outermost open object that the current one refers back to.
        self._lowest = sys.maxsize

    def digest(self, value: object) -> bytes:
        if value is None or isinstance(value, (bool, int, float, str)):
            return self._describe(value)
        if (known := self._finished.get(id(value))) is not None:
            return known[1]
        if (ancestor := self._open.get(id(value))) is not None:
            self._lowest = min(self._lowest, ancestor)
            return _hash("cycle", str(len(self._open) - ancestor).encode())
        depth = self._open[id(value)] = len(self._open)
        lowest_before, self._lowest = self._lowest, depth
        result = self._describe(value)
        del self._open[id(value)]
        # A part that refers back to an open object would have another digest elsewhere.
        if self._lowest >= depth:
            self._finished[id(value)] = (value, result)
        self._lowest = min(self._lowest, lowest_before)
        return result

    def _describe(self, value: object) -> bytes:
        describe = _DESCRIBERS.get(type(value))
        if describe is not None:
            return describe(self, value)
        if isinstance(value, type):
            return self._class(value)
        if isinstance(value, enum.Enum):
            return self.parts("enum", [type(value).__qualname__, value.name, value.value])
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
        # tobytes(), not the buffer: datetimes have none, and empty arrays cannot be cast.
        return _hash("array", layout, shape, mask, own, data.tobytes())

    def _class(self, cls: type) -> bytes:
        name = f"{cls.__module__}.{cls.__qualname__}"
        if not _is_own_code(cls.__module__):
            return _hash("class", name.encode())
        self.modules.add(cls.__module__)
        members = [pair for pair in sorted(vars(cls).items()) if is_written_by_user(cls, *pair)]
        members += fields_of(cls)
        # A script's __main__ has another name elsewhere, so only the qualified name counts.
        return self.parts("own class", [cls.__qualname__, cls.__bases__, members])

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
        module = function.__module__
        self.names |= _names_of_all_kinds(function.__code__)
        by_name = sorted(_names_of_all_kinds(function.__code__) & _LOOK_UP_BY_NAME)
        return self.parts(
            "own function",
            [
                # What is looked up by a computed name may be anywhere in the module.
                [sources_of_loaded(module)] if by_name else [],
                function.__code__,
                function.__defaults__,
                function.__kwdefaults__,
                closure,
                {key: item for key, item in vars(function).items() if key != "__wrapped__"},
                _globals_used(function.__code__, function.__globals__),
                [self._imported(name) for name in sorted(_imports_in(function.__code__))],
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
        """Digest a local module: its code, its submodules' code, and plain values set on it."""
        name = module.__name__
        if name == "__main__":
            return _hash("module", name.encode())
        family = [name, *(n for n in sys.modules if n.startswith(f"{name}."))]
        parts = []
        for member in sorted(family):
            loaded = sys.modules.get(member)
            path = module_file(loaded) if loaded is not None else None
            if loaded is None or path is None:
                continue
            sources = collect_sources(member, path, sys.path)
            parts.append([(source.name, source.digest()) for source in sources])
            self._record_modules(sources)
            parts.append([pair for pair in sorted(vars(loaded).items()) if _is_plain(pair[1])])
        return self.parts("sources", parts) if parts else _hash("module", name.encode())

    def _record_modules(self, sources: Iterable[SourceModule]) -> None:
        for source in sources:
            module = sys.modules.get(source.name)
            if module is None or module in self.whole_modules:
                continue
            self.whole_modules.append(module)
            self.names |= names_in_functions(source.text)
            self.caches += [
                value
                for value in vars(module).values()
                if isinstance(value, functools._lru_cache_wrapper)
            ]

    def values_of_modules(self) -> bytes:
        """Digest the values in modules that code reaches through the module: ``helper.DATA``.

        Only those whose names the code uses: others, a time of import say, may differ each time.
        """
        return self.parts(
            "values",
            [
                [name, value]
                for module in sorted(self.whole_modules, key=lambda module: module.__name__)
                for name, value in sorted(vars(module).items())
                if name in self.names and not isinstance(value, (type, *_TOLD_BY_SOURCE))
            ],
        )

    def _imported(self, name: str) -> bytes:
        try:
            return self._module(importlib.import_module(name))
        except ImportError:
            return _hash("no module", name.encode())

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
        except (TypeError, NotImplementedError, AttributeError) as error:
            # A lock, a logger's handler or an open file has no value to compare.
            logger.debug("%s counts by its type alone: %s", type(value).__name__, error)
            self.is_complete = False
            return _hash("opaque", f"{type(value).__module__}.{type(value).__qualname__}".encode())
        if isinstance(reduced, str):
            return _hash("global", f"{type(value).__module__}.{reduced}".encode())
        build, arguments, state, items, pairs = (*reduced, None, None, None)[:5]
        if isinstance(state, dict):
            # Without an object's listeners, and matplotlib's links to related artists.
            state = {key: part for key, part in state.items() if key not in _NOT_STATE}
        return self.parts("object", [build, arguments, state, list(items or ()), list(pairs or ())])


def _hash(kind: str, *parts: bytes | memoryview) -> bytes:
    result = hashlib.blake2b(digest_size=DIGEST_SIZE)
    for part in (kind.encode(), *parts):
        result.update(struct.pack("<Q", len(part)))
        result.update(part)
    return result.digest()


def _float_bytes(value: float) -> bytes:
    return struct.pack("<d", value) if value == value else b"nan"


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


def _is_plain(value: object) -> bool:
    return isinstance(value, (bool, int, float, complex, str, bytes)) or (
        isinstance(value, tuple) and all(map(_is_plain, value))
    )


def _imports_in(code: CodeType) -> set[str]:
    """Return the local modules that code imports when it runs."""
    found = {
        str(step.argval)
        for step in dis.get_instructions(code)
        if step.opname == "IMPORT_NAME" and step.argval and _is_own_module(str(step.argval))
    }
    inner = [constant for constant in code.co_consts if isinstance(constant, CodeType)]
    return found.union(*map(_imports_in, inner))


def _is_own_module(name: str) -> bool:
    try:
        spec = importlib.util.find_spec(name)
    except (ImportError, ValueError):
        return False
    return spec is not None and is_local(spec.origin)


def _globals_used(code: CodeType, namespace: dict[str, Any]) -> list[tuple[str, object]]:
    names = sorted(name for name in _names_in(code) if name in namespace)
    return [(name, namespace[name]) for name in names]


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
    int: lambda _, value: _hash("int", str(value).encode()),
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
    logging.Logger: lambda _, value: _hash("logger", value.name.encode()),
    type(threading.Lock()): lambda _, value: _hash("lock"),
    type(Ellipsis): lambda _, value: _hash("ellipsis"),
    type(NotImplemented): lambda _, value: _hash("not implemented"),
}
