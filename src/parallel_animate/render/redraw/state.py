"""Detect changes of anything that affects how an artist looks.

matplotlib's ``stale`` flag misses data edited in place, attributes set without a setter, arrays of
meshes and more. A `Watch` keeps everything that a walk from an artist reaches, to compare it later.
"""

import logging
import types
from collections import deque
from collections.abc import Iterable
from typing import Any

import numpy as np
from matplotlib.cbook import CallbackRegistry
from matplotlib.transforms import Affine2D, Bbox

from parallel_animate.render.redraw.walk import (
    ATOMS,
    TRANSFORM_CACHES,
    Opaque,
    Walk,
    visitor_of,
)

logger = logging.getLogger(__name__)

# Attributes derived from others; they may change although nothing else has.
DERIVED = frozenset(
    {"_stale", "_transformed_path", "_renderer", "ind_offset", "_imcache", "stale_callback"}
)


class Watch:
    """A snapshot of everything that the look of some objects depends on.

    Parameters
    ----------
    roots : iterable
        Artists, transforms, containers.
    known : set of int, optional
        The ``id`` of objects that another watch covers.

    Raises
    ------
    Opaque
        If the state cannot be known, or is too large to compare at every frame.
    """

    def __init__(self, roots: Iterable[Any], known: frozenset[int] = frozenset()) -> None:
        self._roots = list(roots)
        self._known = known
        self._walk()

    def _walk(self) -> None:
        walk = Walk(self._roots, self._known)
        self.ids = frozenset(walk.seen)
        self.asks = walk.asks
        self._keep_alive = walk.objects
        self._containers = walk.containers
        self._contents = [copied(container) for container in walk.containers]
        self._attributes = walk.attribute_names
        self._values = [content.get(name) for content, name in self._attributes]
        self._arrays = walk.arrays
        self._bytes = [array.tobytes() for array in walk.arrays]

    def unchanged(self) -> bool:
        """Return whether nothing has changed; replacing an object by an equal one is no change."""
        if [array.tobytes() for array in self._arrays] != self._bytes:
            return False
        values = [content.get(name) for content, name in self._attributes]
        try:
            if self._containers == self._contents and values == self._values:
                return True
        except Exception:
            logger.debug("Compared one by one", exc_info=True)
        if not same(values, self._values):
            return False
        if not all(map(same_content, self._containers, self._contents)):
            return False
        # Some objects were replaced by equal ones; watch the new ones.
        try:
            self._walk()
        except Opaque:
            return False
        return True


def copied(container: Any) -> Any:
    """Return a shallow copy of a dict, list, set or deque."""
    return container.copy()


def same_content(now: Any, before: Any) -> bool:
    """Return whether a container equals its earlier content, without derived attributes."""
    if isinstance(now, dict) and isinstance(before, dict):
        if now.keys() != before.keys():
            return False
        return all(
            value is before[name]
            or name in DERIVED
            or same(value, before[name])
            or is_set_again(name, now, before)
            for name, value in now.items()
        )
    return same(now, before)


def is_set_again(name: str, now: dict[str, Any], before: dict[str, Any]) -> bool:
    """Return whether a line's data were only set again, to an equal copy.

    Each draw does that to the places of ticks.
    """
    source = {"_invalidx": "_xorig", "_invalidy": "_yorig"}.get(name)
    return source is not None and now[source] is not before[source]


def same(now: Any, before: Any, assumed: set[tuple[int, int]] | None = None) -> bool:
    """Return whether two values are deeply equal; unknown types must be the same object.

    Each draw makes some objects again, such as the patch at an arrow's end or the formatter of
    dates, so objects of known classes are compared by their attributes. A watch also holds the
    content of the earlier object, so a change made to that one is seen, too.

    Parameters
    ----------
    now, before : object
        The values.
    assumed : set of (int, int), optional
        The ``id`` of pairs that are being compared: objects may refer to each other.
    """
    if now is before:
        return True
    if type(now) is not type(before):
        return False
    if isinstance(now, np.ndarray):
        return same_array(now, before)
    if isinstance(now, set | frozenset):
        return bool(now == before)
    if isinstance(now, CallbackRegistry):
        return not now.callbacks and not before.callbacks
    if isinstance(now, ATOMS):
        return bool(now == before or (now != now and before != before))
    assumed = set() if assumed is None else assumed
    if (id(now), id(before)) in assumed:
        return True
    assumed.add((id(now), id(before)))
    if isinstance(now, dict):
        return same_items(now, before, assumed)
    if isinstance(now, list | tuple | deque):
        return len(now) == len(before) and all(
            same(a, b, assumed) for a, b in zip(now, before, strict=True)
        )
    if isinstance(now, types.MethodType | types.BuiltinMethodType):
        return bool(now == before) or same_method(now, before, assumed)
    return same_attributes(now, before, assumed)


def same_items(
    now: dict[str, Any],
    before: dict[str, Any],
    assumed: set[tuple[int, int]],
    derived: frozenset[str] = frozenset(),
) -> bool:
    """Return whether two dicts are deeply equal, but for the derived names."""
    return now.keys() == before.keys() and all(
        name in derived or same(value, before[name], assumed) for name, value in now.items()
    )


def same_method(now: Any, before: Any, assumed: set[tuple[int, int]]) -> bool:
    """Return whether two bound methods do the same: one function, of equal objects."""
    if not isinstance(now, types.MethodType) or now.__func__ is not before.__func__:
        return False
    return same(now.__self__, before.__self__, assumed)


def same_array(now: Any, before: Any) -> bool:
    """Return whether two arrays of the same class are equal, bit by bit, with their masks."""
    if isinstance(now, np.ma.MaskedArray):
        return same_array(np.ma.getdata(now), np.ma.getdata(before)) and same_array(
            np.ma.getmaskarray(now), np.ma.getmaskarray(before)
        )
    return (
        now.dtype == before.dtype
        and not now.dtype.hasobject
        and now.shape == before.shape
        and now.tobytes() == before.tobytes()
    )


def same_attributes(now: Any, before: Any, assumed: set[tuple[int, int]]) -> bool:
    """Return whether two objects of a known class have equal attributes."""
    if isinstance(now, Affine2D | Bbox):
        # As the walk does: the rest is derived.
        name = "_mtx" if isinstance(now, Affine2D) else "_points"
        return same_array(vars(now)[name], vars(before)[name])
    visitor = visitor_of(type(now))
    if visitor not in (Walk.attributes, Walk.path, Walk.transform):
        return False
    derived = TRANSFORM_CACHES if visitor is Walk.transform else DERIVED
    return same_items(vars(now), vars(before), assumed, derived)
