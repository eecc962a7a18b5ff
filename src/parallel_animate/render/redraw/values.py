"""Write down everything that an artist's draw depends on, as plain values."""

from collections.abc import Callable, Hashable, Iterable
from typing import Any

import numpy as np
from matplotlib.cbook import CallbackRegistry
from matplotlib.transforms import Affine2D, Bbox

from parallel_animate.render.redraw.state import DERIVED
from parallel_animate.render.redraw.walk import (
    ATOMS,
    MAX_BYTES,
    MAX_OBJECTS,
    REFERENCES,
    SHOWING,
    TICK_PARTS,
    TRANSFORM_CACHES,
    Opaque,
    Walk,
    geometry,
    is_hidden,
    is_known_function,
    visitor_of,
)

# A line's data before its first draw, and what says that they are still to be used. The other
# references do not affect an artist's look.
DATA = {"_xorig": "_invalidx", "_yorig": "_invalidy"}
SKIPPED = REFERENCES | DERIVED
# Values that are written as they are: none equals a value of another type, which numbers may.
PLAIN = {type(None), bool, str}
NUMBERS = (float, int, complex, np.number)


class Same:
    """An object that equals only itself, kept alive so that no other gets its ``id``."""

    def __init__(self, found: Any) -> None:
        self._found = found

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Same) and self._found is other._found

    def __hash__(self) -> int:
        return id(self._found)


def values_of(roots: Iterable[Any], known: "Values | None" = None) -> "Values":
    """Return all values that can be reached from some objects, none if some cannot be known."""
    values = Values(known)
    try:
        for root in roots:
            values.add(root)
    except (Opaque, RecursionError):
        values.is_whole = False
    return values


class Key:
    """Values that are compared as a whole; their hash is computed once."""

    def __init__(self, found: list[Any]) -> None:
        self._found = tuple(found)
        self._hash: int | None = None

    def __eq__(self, other: object) -> bool:
        return self is other or (isinstance(other, Key) and self._found == other._found)

    def __hash__(self) -> int:
        if self._hash is None:
            self._hash = hash(self._found)
        return self._hash


class Values:
    """All values that can be reached from some objects, in a fixed order."""

    def __init__(self, known: "Values | None" = None) -> None:
        self.found: list[Any] = []
        self.is_whole = True
        self._places: dict[int, int] = {}
        self._n_bytes = 0
        if known is not None:
            self.found.append(known.key())
            self.is_whole = known.is_whole
            self._places.update(known._places)

    def key(self) -> Hashable | None:
        """Return the values as a whole, or None if some cannot be known."""
        if not self.is_whole:
            return None
        key = Key(self.found)
        try:
            hash(key)
        except TypeError:
            return None
        return key

    def add(self, value: Any) -> None:
        """Add an object's values; of an object that was added before, only its place."""
        kind = type(value)
        if kind in PLAIN:
            self.found.append(value)
            return
        visitor = visitor_of(kind)
        if visitor is Walk.skip:
            self.found.append(atom(value))
            return
        place = self._places.setdefault(id(value), len(self._places))
        self.found += (kind, place)
        if place < len(self._places) - 1:
            return
        if place > MAX_OBJECTS:
            raise Opaque
        _writers.get(visitor, Values.opaque)(self, value)

    def opaque(self, value: Any) -> None:
        """Give up: nothing is known about this type."""
        raise Opaque

    def sequence(self, value: Any) -> None:
        """Add the items of a list or tuple."""
        self.found.append(len(value))
        for item in value:
            self.add(item)

    def mapping(self, value: Any) -> None:
        """Add the names and values of a dict."""
        self.found.append(len(value))
        for name, item in value.items():
            self.found.append(atom(name))
            self.add(item)

    def attributes(self, value: Any) -> None:
        """Add an object's attributes."""
        content = vars(value)
        for name, item in content.items():
            if name in SKIPPED and not content.get(DATA.get(name, "")):
                continue
            self.found.append(name)
            # Most values of artists are of these types, and a call takes longer than this.
            if type(item) in PLAIN:
                self.found.append(item)
            else:
                self.add(item)

    def tick(self, value: Any) -> None:
        """Add a tick's parts; of hidden parts, only what may show them."""
        for name, item in vars(value).items():
            if name in SKIPPED:
                continue
            self.found.append(name)
            if name in TICK_PARTS and is_hidden(item):
                self.found += [atom(vars(item).get(shows)) for shows in SHOWING]
            else:
                self.add(item)

    def transform(self, value: Any) -> None:
        """Add a matrix, a box's points, or the parts of another transform."""
        content = vars(value)
        if isinstance(value, Affine2D | Bbox):
            self.array(content["_mtx" if isinstance(value, Affine2D) else "_points"])
            return
        for name, item in content.items():
            if name not in TRANSFORM_CACHES:
                self.found.append(name)
                self.add(item)

    def array(self, value: Any) -> None:
        """Add an array's bytes."""
        self._n_bytes += value.nbytes
        if value.dtype.hasobject or self._n_bytes > MAX_BYTES:
            raise Opaque
        self.found += (value.dtype.str, value.shape, value.tobytes())

    def masked_array(self, value: Any) -> None:
        """Add an array's bytes and its mask."""
        self.array(np.ma.getdata(value))
        self.array(np.ma.getmaskarray(value))

    def method(self, value: Any) -> None:
        """Add a method's function and object."""
        self.function(value.__func__)
        self.add(value.__self__)

    def builtin(self, value: Any) -> None:
        """Add a builtin method's name and object."""
        self.found.append(value.__qualname__)
        self.add(value.__self__)

    def function(self, value: Any) -> None:
        """Add a known function; another one may do anything."""
        if not is_known_function(value):
            raise Opaque
        self.found.append(Same(value))

    def partial(self, value: Any) -> None:
        """Add the parts of a functools.partial."""
        for part in (value.func, value.args, value.keywords):
            self.add(part)

    def other_axes(self, value: Any) -> None:
        """Add the place and limits of an Axes that an artist refers to."""
        for part in geometry(value):
            self.add(part)


_writers: dict[Callable[[Walk, Any], None], Callable[[Values, Any], None]] = {
    Walk.sequence: Values.sequence,
    Walk.frozen_sequence: Values.sequence,
    Walk.mapping: Values.mapping,
    Walk.attributes: Values.attributes,
    Walk.path: Values.attributes,
    Walk.axis: Values.attributes,
    Walk.ticker: Values.attributes,
    Walk.tick: Values.tick,
    Walk.transform: Values.transform,
    Walk.array: Values.array,
    Walk.masked_array: Values.masked_array,
    Walk.method: Values.method,
    Walk.builtin: Values.builtin,
    Walk.function: Values.function,
    Walk.partial: Values.partial,
    Walk.other_axes: Values.other_axes,
}


def atom(value: Any) -> Hashable:
    """Return a value that cannot change as its type and itself, or an object's identity."""
    if isinstance(value, NUMBERS):
        # -0.0 equals 0.0, but their labels differ.
        return (type(value), value if value else repr(value))
    if isinstance(value, CallbackRegistry):
        return bool(value.callbacks)
    if isinstance(value, ATOMS):
        return (type(value), value)
    return Same(value)
