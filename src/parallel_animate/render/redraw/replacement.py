"""Replace a method of matplotlib for a while, in several threads; find what others replace."""

import contextlib
import threading
from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any


class Replacement:
    """A method of a class, and another one that takes its place in blocks.

    Parameters
    ----------
    owner : type or module
        The class that defines the method, or the module of a function.
    name : str
        The method's name.
    method : callable
        The other method.
    """

    def __init__(self, owner: type | ModuleType, name: str, method: Callable[..., Any]) -> None:
        self._owner = owner
        self._name = name
        self._method = method
        self._real = vars(owner)[name]
        self._lock = threading.Lock()
        self._n_blocks = 0

    @contextlib.contextmanager
    def __call__(self) -> Iterator[None]:
        """Use the other method in this block, in all threads, unless the user's code has its own.

        No lock is held in the block, since the user's code may run in it and wait for a thread.
        """
        with self._lock:
            self._n_blocks += 1
            self._exchange(self._real, self._method)
        try:
            yield
        finally:
            with self._lock:
                self._n_blocks -= 1
                if not self._n_blocks:
                    self._exchange(self._method, self._real)

    def _exchange(self, present: Any, new: Any) -> None:
        if vars(self._owner).get(self._name) is present:
            setattr(self._owner, self._name, new)


def has_own_methods(thing: Any) -> bool:
    """Return whether an object has methods of its own in place of those of its class."""
    return any(callable(getattr(type(thing), name, None)) for name in vars(thing))
