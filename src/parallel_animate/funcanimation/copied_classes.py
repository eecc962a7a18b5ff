"""Copies of objects with copies of the user's classes, in the process that has the originals."""

import io
import pickle
from collections.abc import Callable
from functools import partial
from typing import Any

from cloudpickle import cloudpickle


class CopiedClasses:
    """The user's classes of one copy; what is loaded later belongs to the same copy.

    cloudpickle (cloudpickle.py, 3.1) rebuilds a class of the user's as the very class that this
    process knows by its id, and fills it anew: the methods of the original would then refer to the
    globals of the copy.
    """

    def __init__(self) -> None:
        self._classes: dict[str, type] = {}
        self._filled: set[type] = set()

    def load(self, data: bytes) -> Any:
        """Return what was pickled."""
        return _Unpickler(data, self).load()

    def make(self, make: Callable[..., type], *arguments: Any) -> type:
        """Return the class that cloudpickle would make; the last arguments are its id, an extra."""
        *described, class_id, extra = arguments
        if class_id not in self._classes:
            made = self._classes[class_id] = make(*described, None, extra)
            # Pickled again, it is the same class to other copies.
            cloudpickle._DYNAMIC_CLASS_TRACKER_BY_CLASS[made] = class_id
        return self._classes[class_id]

    def fill(self, cls: type, content: Any) -> type:
        """Give a class its attributes, once."""
        if cls not in self._filled:
            self._filled.add(cls)
            cloudpickle._class_setstate(cls, content)
        return cls


class _Unpickler(pickle.Unpickler):
    def __init__(self, data: bytes, classes: CopiedClasses) -> None:
        super().__init__(io.BytesIO(data))
        self._classes = classes

    def find_class(self, module: str, name: str) -> Any:
        found = super().find_class(module, name)
        if module != cloudpickle.__name__:
            return found
        if name in ("_make_skeleton_class", "_make_skeleton_enum"):
            return partial(self._classes.make, found)
        return self._classes.fill if name == "_class_setstate" else found
