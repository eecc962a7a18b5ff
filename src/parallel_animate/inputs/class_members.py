"""What of a class was written by the user, and what the standard library has added to it."""

import dataclasses
import enum
from pathlib import Path
from types import (
    CellType,
    CodeType,
)

from parallel_animate.inputs.function_source import function_node
from parallel_animate.inputs.source_modules import (
    is_local,
)

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
        return function_node(code) is not None and not is_of_library(code)
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
    return "none" if default is dataclasses.MISSING else [default]


def is_of_library(code: CodeType) -> bool:
    """Return whether code is in a file of the standard library or of an installed package."""
    return Path(code.co_filename).is_file() and not is_local(code.co_filename)
