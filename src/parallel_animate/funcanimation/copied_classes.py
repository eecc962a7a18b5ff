"""Copy objects with the user's classes, in the process that holds the original classes."""

import pickle
from collections.abc import Callable
from functools import partial
from typing import Any

from cloudpickle import cloudpickle

from parallel_animate.inputs.pickling import load


class CopiedClasses:
    """The user's classes in one copy; objects that are loaded later belong to the same copy.

    cloudpickle (cloudpickle.py, 3.1) looks up a class by its id. If this process has the class,
    cloudpickle fills it again instead of making a copy. The methods of the original class would
    then refer to the globals of the copy.
    """

    def __init__(self) -> None:
        self._classes: dict[str, type] = {}
        self._filled: set[type] = set()

    def load(self, data: bytes) -> Any:
        """Return the object that was pickled."""
        return load(data, partial(_Unpickler, self))

    def make(self, make: Callable[..., type], *arguments: Any) -> type:
        """Return the class that cloudpickle would make; the last arguments: its id and extra."""
        *described, class_id, extra = arguments
        if class_id not in self._classes:
            made = self._classes[class_id] = make(*described, None, extra)
            # If it is pickled again, other copies recognise it as the same class.
            cloudpickle._DYNAMIC_CLASS_TRACKER_BY_CLASS[made] = class_id
        return self._classes[class_id]

    def fill(self, cls: type, content: Any) -> type:
        """Give a class its attributes, once."""
        if cls not in self._filled:
            self._filled.add(cls)
            cloudpickle._class_setstate(cls, content)
        return cls


class _Unpickler(pickle.Unpickler):
    def __init__(self, classes: CopiedClasses, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._classes = classes

    def find_class(self, module: str, name: str) -> Any:
        found = super().find_class(module, name)
        if module != cloudpickle.__name__:
            return found
        if name in ("_make_skeleton_class", "_make_skeleton_enum"):
            return partial(self._classes.make, found)
        return self._classes.fill if name == "_class_setstate" else found
