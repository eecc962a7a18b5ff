"""Draw in this process and leave no trace: backend, pyplot's figures, rcParams, random numbers.

Never imports pyplot; where the user has, its figures and its backend are put back as they were.
"""

import contextlib
import io
import logging
import random
import sys
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from types import ModuleType
from typing import Any, Self

import matplotlib as mpl
import numpy as np

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
        As their modules return them.
    """

    python: Any
    numpy: Any

    @classmethod
    def capture(cls) -> Self:
        """Return the states of this process."""
        return cls(random.getstate(), np.random.get_state())  # noqa: NPY002

    def restore(self) -> None:
        """Go on from these states."""
        random.setstate(self.python)
        np.random.set_state(self.numpy)  # noqa: NPY002


@contextlib.contextmanager
def isolated_drawing() -> Iterator[None]:
    """Run setup() and update() so that this process is afterwards as it was before.

    Within, pyplot makes figures of the Agg backend, so that no window opens whatever the user's
    backend is; rcParams, the states of ``random`` and ``numpy.random``, the backend and pyplot's
    list of figures are put back at the end.
    """
    random_state = RandomState.capture()
    figures_before = pyplot_figures()
    with mpl.rc_context(), _agg_backend():
        _copy_lists_of_rc()
        try:
            yield
        finally:
            close_figures(keep=figures_before)
            random_state.restore()


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """Keep back what update() prints, warns of and logs: it does so when the frame is rendered."""
    before = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    try:
        with contextlib.redirect_stdout(io.StringIO()), warnings.catch_warnings(action="ignore"):
            yield
    finally:
        logging.disable(before)


def _copy_lists_of_rc() -> None:
    # rc_context puts the same lists back, with what was done to them in place.
    params: Any = mpl.rcParams
    for key, value in list(dict.items(params)):
        if isinstance(value, list):
            params._set(key, list(value))


def pyplot_figures() -> frozenset[int]:
    """Return the numbers of the figures that pyplot keeps."""
    pyplot = sys.modules.get(PYPLOT)
    return frozenset(pyplot.get_fignums()) if pyplot else frozenset()


def close_figures(keep: frozenset[int]) -> None:
    """Close pyplot's figures but those with the given numbers."""
    pyplot = sys.modules.get(PYPLOT)
    for number in pyplot_figures() - keep:
        assert pyplot is not None
        pyplot.close(number)


@contextlib.contextmanager
def _agg_backend() -> Iterator[None]:
    # matplotlib.use() would resolve an automatic backend and could not restore it. pyplot loads the
    # backend that rcParams names when it has none, so it is enough to take away the one it has.
    params: Any = mpl.rcParams
    defaults: Any = mpl.rcParamsDefault
    before = params._get("backend"), defaults._get("backend")
    pyplot_before = _take_backend(sys.modules.get(PYPLOT))
    params._set("backend", "agg")
    try:
        yield
    finally:
        params._set("backend", before[0])
        defaults._set("backend", before[1])
        pyplot = sys.modules.get(PYPLOT)
        if pyplot is not None:
            pyplot._backend_mod = pyplot_before  # type: ignore[attr-defined]


def _take_backend(pyplot: ModuleType | None) -> object:
    if pyplot is None:
        return None
    backend = pyplot._backend_mod
    pyplot._backend_mod = None  # type: ignore[attr-defined]
    return backend
