"""Copies of objects with copies of the user's classes, in the process that has the originals."""

from collections.abc import Callable
from contextvars import ContextVar
from typing import Any
from weakref import WeakKeyDictionary

from parallel_animate.inputs.pickling import Pickler, load


class World:
    """The user's classes of one copy.

    cloudpickle rebuilds a class of the user's as the very class that this process knows by its id,
    and fills it anew: the methods of the original would then refer to the globals of the copy.
    """

    def __init__(self) -> None:
        self.classes: dict[str, type] = {}
        self.filled: set[str] = set()


_world: ContextVar[World] = ContextVar("world")
# The id of the class that a copy's class was made from.
_class_ids: WeakKeyDictionary[type, str] = WeakKeyDictionary()


def _make_class(make: Callable[..., type], arguments: tuple[Any, ...], class_id: str) -> type:
    world = _world.get()
    if class_id not in world.classes:
        # The last two are cloudpickle's own id and an extra.
        world.classes[class_id] = make(*arguments, None, None)
        _class_ids[world.classes[class_id]] = class_id
    return world.classes[class_id]


def _fill_class(cls: type, content: tuple[Callable[[type, Any], object], Any]) -> None:
    world, class_id = _world.get(), _class_ids[cls]
    if class_id not in world.filled:
        world.filled.add(class_id)
        fill, state = content
        fill(cls, state)


class CopyPickler(Pickler):
    """Pickles classes of the user's so that each copy has its own."""

    def reducer_override(self, obj: Any) -> Any:
        """Return how an object is rebuilt, as pickle asks for it."""
        reduced = super().reducer_override(obj)
        if not isinstance(obj, type) or not isinstance(reduced, tuple) or len(reduced) < 6:
            return reduced
        make, arguments, state, _, _, fill = reduced
        class_id = _class_ids.get(obj, arguments[-2])
        arguments = (make, arguments[:-2], class_id)
        return _make_class, arguments, (fill, state), None, None, _fill_class


def load_into(world: World, data: bytes) -> Any:
    """Return what a `CopyPickler` has pickled, with the classes of a copy."""
    token = _world.set(world)
    try:
        return load(data)
    finally:
        _world.reset(token)
