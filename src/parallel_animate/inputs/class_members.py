"""What of a class was written by the user, and what the standard library has added to it."""

import dataclasses
import enum
from pathlib import Path
from types import CellType, CodeType

from parallel_animate.inputs.source_modules import is_local

# Attributes of a class that show where it was written, not what it does.
_NOT_BEHAVIOUR = frozenset(
    {
        *("__doc__", "__module__", "__dict__", "__weakref__", "__qualname__"),
        *("__firstlineno__", "__static_attributes__", "__parameters__", "__orig_bases__"),
        *("__annotations__", "__annotate__", "__annotations_cache__", "__annotate_func__"),
        *("__abstractmethods__", "_abc_impl", "__match_args__"),
        *("__dataclass_fields__", "__dataclass_params__"),
    }
)
# What dataclasses, enum and namedtuple make for a class.
_GENERATED = frozenset(
    {
        *("__init__", "__repr__", "__eq__", "__hash__", "__lt__", "__le__", "__gt__", "__ge__"),
        *("__setattr__", "__delattr__", "__getstate__", "__setstate__", "__replace__"),
        *("__new__", "__getnewargs__", "_make", "_replace", "_asdict"),
        *("__reduce_ex__", "__format__", "__str__", "__or__", "__and__", "__xor__", "__invert__"),
        *("__ror__", "__rand__", "__rxor__", "_generate_next_value_", "_missing_"),
    }
)


def is_written_by_user(cls: type, name: str, member: object) -> bool:
    """Return whether the user wrote a member of a class.

    The standard library adds members to data classes, named tuples and enums. These follow from the
    fields, and differ between versions of Python.
    """
    if name in _NOT_BEHAVIOUR or isinstance(member, (type(object.__subclasshook__), CellType)):
        return False
    if type(member).__name__ in ("member_descriptor", "getset_descriptor", "_tuplegetter"):
        return False
    code = getattr(getattr(member, "__func__", member), "__code__", None)
    if not (dataclasses.is_dataclass(cls) or issubclass(cls, (enum.Enum, *_named_tuple(cls)))):
        return True
    if code is not None:
        is_made = code.co_filename == "<string>" or is_of_library(code)
        return not (is_made and name in _GENERATED)
    return not (issubclass(cls, enum.Enum) and (name.startswith("_") or name in cls.__members__))


def _named_tuple(cls: type) -> tuple[type, ...]:
    return (tuple,) if hasattr(cls, "_fields") else ()


def fields_of(cls: type) -> list[tuple[str, object]]:
    """Return names and defaults of a data class's fields, or names and values of an enum."""
    if issubclass(cls, enum.Enum):
        return [(name, member.value) for name, member in cls.__members__.items()]
    if not dataclasses.is_dataclass(cls):
        return []
    return [
        (f"field {field.name}", [_given(field.default), _given(field.default_factory)])
        for field in dataclasses.fields(cls)
    ]


def _given(default: object) -> object:
    # Not by identity: a class that was rebuilt from pickle may hold a copy of MISSING.
    return "none" if type(default).__name__ == "_MISSING_TYPE" else [default]


def is_of_library(code: CodeType) -> bool:
    """Return whether code is in a file of the standard library or of an installed package."""
    return Path(code.co_filename).is_file() and not is_local(code.co_filename)
