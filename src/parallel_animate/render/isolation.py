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
from typing import Any, Self

import matplotlib as mpl
import numpy as np

from parallel_animate.inputs.matplotlib_private import read_param, write_param

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
    for key in list(mpl.rcParams):
        value = read_param(mpl.rcParams, key)
        if isinstance(value, list):
            write_param(mpl.rcParams, key, list(value))


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
    params = (mpl.rcParams, mpl.rcParamsDefault)
    before = [read_param(each, "backend") for each in params]
    pyplot_before = _put_backend(None)
    write_param(mpl.rcParams, "backend", "agg")
    try:
        yield
    finally:
        for each, backend in zip(params, before, strict=True):
            write_param(each, "backend", backend)
        _put_backend(pyplot_before)


def _put_backend(backend: object) -> object:
    """Give pyplot a backend, and return the one that it had.

    A pyplot that keeps it elsewhere than in 3.10 and 3.11 keeps it: its figures may then open
    windows, but they are drawn on a canvas of ours.
    """
    pyplot: Any = sys.modules.get(PYPLOT)
    before = getattr(pyplot, "_backend_mod", None)
    if hasattr(pyplot, "_backend_mod"):
        pyplot._backend_mod = backend
    return before
