"""Draw without changing this process: its backend, pyplot figures, rcParams, random numbers.

This module never imports pyplot. If the user has, its figures and its backend are restored.
"""

import contextlib
import random
import sys
from collections import OrderedDict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Self

import matplotlib as mpl
import numpy as np
import numpy.random  # now: late, a user's random.py would break it

from parallel_animate.inputs.matplotlib_changes import shared_paths_kept
from parallel_animate.inputs.matplotlib_private import figure_registry, read_param, write_param

PYPLOT = "matplotlib.pyplot"
# numpy.random.seed takes 32 bits.
SEED_LIMIT = 2**32


def seed_random(frame_id: int) -> None:
    """Seed ``random`` and ``numpy.random`` from a frame id."""
    random.seed(frame_id)
    np.random.seed(frame_id % SEED_LIMIT)  # noqa: NPY002 - the generator that users call


@dataclass(frozen=True)
class RandomState:
    """The states of ``random`` and ``numpy.random``.

    Parameters
    ----------
    python, numpy : object
        The states, from ``random.getstate`` and ``numpy.random.get_state``.
    """

    python: Any
    numpy: Any

    @classmethod
    def capture(cls) -> Self:
        """Return the states of this process."""
        return cls(random.getstate(), np.random.get_state())  # noqa: NPY002

    def restore(self) -> None:
        """Set this process back to these states."""
        random.setstate(self.python)
        np.random.set_state(self.numpy)  # noqa: NPY002


@contextlib.contextmanager
def isolated_drawing() -> Iterator[None]:
    """Run setup() and update() in a ``with`` block, and restore this process afterwards.

    Within the block, pyplot uses the Agg backend, so no window opens, whatever the user's backend
    is. At the end rcParams, the states of ``random`` and ``numpy.random``, the backend, pyplot's
    list of figures and the paths that artists share are restored.
    """
    random_state = RandomState.capture()
    figures_before = pyplot_figures()
    with mpl.rc_context(), _agg_backend(), shared_paths_kept():
        _copy_lists_of_rc()
        try:
            yield
        finally:
            close_figures(keep=figures_before)
            random_state.restore()


def _copy_lists_of_rc() -> None:
    # rc_context restores the same list objects, so changes made in place would stay.
    for key in list(mpl.rcParams):
        value = read_param(mpl.rcParams, key)
        if isinstance(value, list):
            write_param(mpl.rcParams, key, list(value))


def pyplot_figures() -> frozenset[int]:
    """Return the numbers of pyplot's open figures."""
    pyplot = sys.modules.get(PYPLOT)
    return frozenset(pyplot.get_fignums()) if pyplot else frozenset()


def close_figures(keep: frozenset[int]) -> None:
    """Close pyplot's figures, except those with the given numbers."""
    pyplot = sys.modules.get(PYPLOT)
    for number in pyplot_figures() - keep:
        assert pyplot is not None
        pyplot.close(number)


@contextlib.contextmanager
def pyplot_of(managers: Mapping[Any, Any]) -> Iterator[None]:
    """Make these the only figure managers in pyplot within the block."""
    registry = figure_registry()
    before, registry.figs = registry.figs, OrderedDict(managers)
    try:
        yield
    finally:
        registry.figs = before


@contextlib.contextmanager
def _agg_backend() -> Iterator[None]:
    # matplotlib.use() would resolve an automatic backend and could not restore it. A pyplot without
    # a backend loads the one in rcParams, so it is enough to remove the one it has.
    params = (mpl.rcParams, mpl.rcParamsDefault)
    before = [read_param(each, "backend") for each in params]
    pyplot_before = _set_backend(None)
    write_param(mpl.rcParams, "backend", "agg")
    try:
        yield
    finally:
        for each, backend in zip(params, before, strict=True):
            write_param(each, "backend", backend)
        _set_backend(pyplot_before)


def _set_backend(backend: object) -> object:
    """Set pyplot's backend, and return the previous one.

    If pyplot stores its backend elsewhere than in 3.10 and 3.11, it stays: figures may then open
    windows, but they are still drawn on our own canvas.
    """
    pyplot: Any = sys.modules.get(PYPLOT)
    before = getattr(pyplot, "_backend_mod", None)
    if hasattr(pyplot, "_backend_mod"):
        pyplot._backend_mod = backend
    return before
