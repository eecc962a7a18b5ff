"""The params of frames as short texts, noted while the frames are read.

They call no method of the params, and a text costs microseconds.
"""

import contextlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import is_dataclass
from operator import index
from typing import Any

from parallel_animate.inputs.frames import HeldFrame, IndexedFrameParams

MAX_CHARACTERS = 120
MAX_ITEMS = 8
# Of all texts of a movie, which a notebook stores together with the player.
MAX_TOTAL = 500_000
MAX_BITS_OF_AN_INT = 400
_BRACKETS: dict[type, str] = {tuple: "()", list: "[]", set: "{}", frozenset: "{}"}
# Modules whose objects have a short text.
_PRINTABLE = {"datetime", "decimal", "fractions", "pandas._libs.tslibs.timestamps"}


class ParamTexts:
    """The texts of a movie's params, frame by frame; none at all if they are too long together."""

    def __init__(self) -> None:
        self._texts: dict[int, str] = {}
        self._room = MAX_TOTAL

    def watch(self, items: Iterable[Any]) -> Iterator[Any]:
        """Yield items, which may be `IndexedFrameParams`, and note each; forget earlier ones."""
        self._texts, self._room = {}, MAX_TOTAL
        for position, item in enumerate(items):
            if self._room > 0:
                self._note(position, item)
            yield item

    def _note(self, position: int, item: Any) -> None:
        is_indexed = isinstance(item, IndexedFrameParams)
        try:
            frame_id = index(item.frame_id) if is_indexed else position
        except TypeError:
            return  # the frame is refused when it is numbered
        params = item.params if isinstance(item, IndexedFrameParams | HeldFrame) else item
        self._texts[frame_id] = text = describe(params)
        self._room -= len(text)
        if self._room <= 0:
            self._texts.clear()

    def in_order(self) -> tuple[str, ...]:
        """Return a text for each frame, in the order in which the frames play."""
        in_order = sorted(self._texts.items())
        if all(position == frame_id for position, (frame_id, _) in enumerate(in_order)):
            return tuple(text for _, text in in_order)
        return tuple(f"id {frame_id}: {text}" for frame_id, text in in_order)


def describe(params: Any) -> str:
    """Return a frame's params as a short text."""
    text = _describe(params, 0)
    return text if len(text) <= MAX_CHARACTERS else f"{text[: MAX_CHARACTERS - 1]}…"


def _describe(value: Any, depth: int) -> str:
    kind = type(value)
    if kind.__module__ == "numpy":
        return _describe_numpy(value, depth)
    if kind in (float, complex):
        return f"{value:.6g}"
    if kind is int and value.bit_length() > MAX_BITS_OF_AN_INT:
        return "int"
    if kind in (int, bool, type(None)) or kind.__module__ in _PRINTABLE:
        return str(value)
    if kind in (str, bytes):
        return repr(value[:MAX_CHARACTERS])
    if kind in _BRACKETS and depth < 2:
        brackets = _BRACKETS[kind]
        listed = _listed(value, lambda item: _describe(item, depth + 1))
        return f"{brackets[0]}{listed}{brackets[1]}"
    if kind is dict and depth < 2:
        return _pairs(value, depth)
    if depth < 2 and (fields := _fields(value)):
        return kind.__name__ + _pairs(fields, depth)
    return kind.__name__


def _fields(value: Any) -> dict[str, Any]:
    """Return the fields of a dataclass or a named tuple; empty for other objects."""
    kind = type(value)
    if is_dataclass(kind):
        with contextlib.suppress(AttributeError):  # it has slots
            return dict(object.__getattribute__(value, "__dict__"))
    names = getattr(kind, "_fields", None)
    if issubclass(kind, tuple) and isinstance(names, tuple):
        return dict(zip(names, tuple.__iter__(value), strict=False))
    return {}


def _describe_numpy(value: Any, depth: int) -> str:
    shape: tuple[int, ...] = getattr(value, "shape", ())
    if shape:
        return f"array {'x'.join(map(str, shape))} {value.dtype}"
    kind = type(value)
    if kind.__name__ in ("datetime64", "timedelta64"):
        return str(value)
    item = value.item() if hasattr(value, "item") else value
    # Some numbers, such as longdouble, are no Python object.
    return kind.__name__ if type(item) is kind else _describe(item, depth)


def _pairs(values: dict[Any, Any], depth: int) -> str:
    def describe_pair(pair: tuple[Any, Any]) -> str:
        key = pair[0] if type(pair[0]) is str else _describe(pair[0], depth + 1)
        return f"{key}={_describe(pair[1], depth + 1)}"

    return f"({_listed(values.items(), describe_pair)})"


def _listed(values: Iterable[Any], describe_one: Callable[[Any], str]) -> str:
    parts: list[str] = []
    for value in values:
        if len(parts) == MAX_ITEMS:
            return ", ".join([*parts, "…"])
        parts.append(describe_one(value))
    return ", ".join(parts)
