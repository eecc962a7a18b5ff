"""Digests of values: equal for equal values, in any process, under any PYTHONHASHSEED.

Pickle bytes and joblib.hash differ for equal tuples and frozensets; these do not. Functions and
classes of the user's own code count by what they do, those of installed packages by name.
"""

import dis
import functools
import hashlib
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
    MethodType,
    ModuleType,
    WrapperDescriptorType,
)
from typing import Any

import numpy as np

from parallel_animate.sources import collect_sources, is_local, module_file

logger = logging.getLogger(__name__)

DIGEST_SIZE = 16
# As part of a file name: 64 bits keep a million chunks apart.
NAME_LENGTH = 16
# Attributes of a class that say where it was written, not what it does.
_NOT_BEHAVIOUR = frozenset(
    {
        *("__doc__", "__module__", "__dict__", "__weakref__", "__qualname__"),
        *("__firstlineno__", "__static_attributes__", "__parameters__", "__orig_bases__"),
        *("__annotations__", "__annotate__", "__annotations_cache__", "__annotate_func__"),
        *("__abstractmethods__", "_abc_impl"),
    }
)


def digest_of(value: object) -> str:
    """Return a digest of a value as 16 hexadecimal digits.

    Numbers, text, bytes, arrays, dicts (in their order), sets, sequences and any object that can be
    pickled, by value.
    """
    return _Digester().digest(value).hex()[:NAME_LENGTH]


class _Digester:
    """One computation: a tree of digests over the parts of a value."""

    def __init__(self) -> None:
        # Objects stay alive while their ids are keys here.
        self._finished: dict[int, tuple[object, bytes]] = {}
        self._open: dict[int, int] = {}

    def digest(self, value: object) -> bytes:
        if value is None or isinstance(value, (bool, int, float, str)):
            return self._describe(value)
        if (known := self._finished.get(id(value))) is not None:
            return known[1]
        if (depth := self._open.get(id(value))) is not None:
            return _hash("cycle", str(len(self._open) - depth).encode())
        self._open[id(value)] = len(self._open)
        result = self._describe(value)
        del self._open[id(value)]
        self._finished[id(value)] = (value, result)
        return result

    def _describe(self, value: object) -> bytes:
        describe = _DESCRIBERS.get(type(value))
        if describe is not None:
            return describe(self, value)
        if isinstance(value, type):
            return self._class(value)
        if isinstance(value, np.ndarray):
            return self._array(value)
        if isinstance(value, np.generic):
            return _hash("numpy", value.dtype.str.encode(), value.tobytes())
        if isinstance(value, functools._lru_cache_wrapper):
            return self.parts("cached", [value.__wrapped__])
        return self._object(value)

    def parts(self, kind: str, values: Iterable[object]) -> bytes:
        return _hash(kind, *[self.digest(value) for value in values])

    def _unordered(self, value: Any) -> bytes:
        return _hash(type(value).__name__, *sorted(self.digest(item) for item in value))

    def _mapping(self, value: Any) -> bytes:
        # In their order: it can decide in which order things are drawn.
        return self.parts("dict", [part for pair in value.items() for part in pair])

    def _array(self, value: "np.ndarray[Any, Any]") -> bytes:
        mask = self.digest(np.ma.getmaskarray(value)) if np.ma.isMaskedArray(value) else b""
        data = np.ma.getdata(value)
        shape = repr(data.shape).encode()
        if data.dtype.hasobject:
            return _hash("array", shape, mask, *[self.digest(item) for item in data.flat])
        layout = repr(data.dtype.descr if data.dtype.names else data.dtype.str).encode()
        return _hash("array", layout, shape, mask, np.ascontiguousarray(data).data.cast("B"))

    def _class(self, cls: type) -> bytes:
        name = f"{cls.__module__}.{cls.__qualname__}"
        if not _is_own_code(cls.__module__):
            return _hash("class", name.encode())
        members = [
            (key, member)
            for key, member in sorted(vars(cls).items())
            if key not in _NOT_BEHAVIOUR
            and not isinstance(member, (type(object.__subclasshook__), CellType))
            and type(member).__name__ not in ("member_descriptor", "getset_descriptor")
        ]
        # __main__ in a script is __mp_main__ or a plain module elsewhere: the name is its own.
        return self.parts("own class", [cls.__qualname__, cls.__bases__, members])

    def _function(self, function: FunctionType) -> bytes:
        if not _is_own_code(function.__module__):
            name = f"{function.__module__}.{function.__qualname__}"
            return _hash("function", name.encode())
        closure = [_cell_contents(cell) for cell in function.__closure__ or ()]
        return self.parts(
            "own function",
            [
                function.__code__,
                function.__defaults__,
                function.__kwdefaults__,
                closure,
                _globals_used(function.__code__, function.__globals__),
            ],
        )

    def _code(self, code: CodeType) -> bytes:
        # Instructions with what they refer to: comments, lines and docstrings leave no trace.
        instructions = [
            (step.opname, step.argval) for step in dis.get_instructions(code, adaptive=False)
        ]
        signature = (code.co_argcount, code.co_posonlyargcount, code.co_kwonlyargcount)
        return self.parts("code", [signature, code.co_flags & 0x0F, code.co_varnames, instructions])

    def _module(self, module: ModuleType) -> bytes:
        path = module_file(module)
        if path is None or module.__name__ == "__main__":
            return _hash("module", module.__name__.encode())
        sources = collect_sources(module.__name__, path, sys.path)
        return self.parts("sources", [(source.name, source.digest()) for source in sources])

    def _named(self, value: Any) -> bytes:
        owner = getattr(value, "__self__", None)
        name = f"{getattr(value, '__module__', '')}.{value.__qualname__}".encode()
        bound = b"" if owner is None or isinstance(owner, ModuleType) else self.digest(owner)
        return _hash("builtin", name, bound)

    def _object(self, value: Any) -> bytes:
        if isinstance(value, (staticmethod, classmethod)):
            return self.parts(type(value).__name__, [value.__func__])
        if isinstance(value, property):
            return self.parts("property", [value.fget, value.fset, value.fdel])
        if isinstance(value, functools.cached_property):
            return self.parts("cached property", [value.func])
        try:
            reduced = value.__reduce_ex__(4)
        except (TypeError, NotImplementedError, AttributeError) as error:
            # A lock, a logger's handler, an open file: it has no value that could be compared.
            logger.debug("%s counts by its type alone: %s", type(value).__name__, error)
            return _hash("opaque", f"{type(value).__module__}.{type(value).__qualname__}".encode())
        if isinstance(reduced, str):
            return _hash("global", f"{type(value).__module__}.{reduced}".encode())
        build, arguments, state, items, pairs = (*reduced, None, None, None)[:5]
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


def _globals_used(code: CodeType, namespace: dict[str, Any]) -> list[tuple[str, object]]:
    names = sorted(name for name in _names_in(code) if name in namespace)
    return [(name, namespace[name]) for name in names]


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
