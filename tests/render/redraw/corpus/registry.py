"""The class of a case, the decorator that collects cases, and helpers for several of them."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from hashlib import sha256
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from parallel_animate import Animator

Update = Callable[[int, Any], Any]
Build = Callable[[], tuple[Figure, Update]]

# Every schedule repeats a value, changes late, and comes back to an earlier value.
STEPS = (0, 1, 2, 2, 3, 5, 5, 1, 0, 4)
LATE = (0, 0, 0, 0, 0, 0, 0, 1, 1, 0)
TOGGLE = (0, 1, 1, 0, 0, 0, 1, 0, 1, 1)
SCROLL = (0, 1, 2, 3, 4, 4, 5, 6, 7, 3)
STILL = (0,) * 8

HELD_OUT_MODULUS = 3
# Themes of cases that failed once and were fixed: holding them out would teach nothing.
FOUND_THEMES = ("cleared_axes", "draw_time", "moving_limits", "places", "polar_parts")


@dataclass(frozen=True)
class Case:
    """A small animation.

    Parameters
    ----------
    name : str
        "theme/what happens", unique.
    make : callable
        Returns a fresh Animator.
    params : tuple
        The params for ``update``, one item per frame; frame ids count from 0.
    theme : str
        The module it is from.
    static : bool
        All frames look the same.
    """

    name: str
    make: Callable[[], Animator]
    params: tuple[Any, ...]
    theme: str
    static: bool = False

    @property
    def n_frames(self) -> int:
        return len(self.params)


class FunctionAnimator(Animator):
    """An animator of a function that returns a new figure and its update()."""

    def __init__(self, build: Build) -> None:
        self.build = build

    def setup(self) -> Figure:
        figure, self.update_figure = self.build()
        return figure

    def update(self, frame_idx: int, params: Any) -> Any:
        return self.update_figure(frame_idx, params)


CASES: dict[str, Case] = {}


def case(
    params: tuple[Any, ...] = STEPS, *, static: bool = False
) -> Callable[[Build | type[Animator]], Build | type[Animator]]:
    """Register a function that returns (figure, update), or an Animator subclass."""

    def register(build: Build | type[Animator]) -> Build | type[Animator]:
        theme = build.__module__.rpartition(".")[2].rstrip("_")
        name = f"{theme}/{build.__name__}"
        assert name not in CASES, name
        make = build if isinstance(build, type) else partial(FunctionAnimator, build)
        CASES[name] = Case(name, make, tuple(params), theme, static)
        return build

    return register


def is_held_out(name: str) -> bool:
    """Return whether a case is held out until the end; the digest of its name decides."""
    if name.partition("/")[0] in FOUND_THEMES:
        return False
    return int(sha256(name.encode()).hexdigest(), 16) % HELD_OUT_MODULUS == 0


def blank(width: float = 300, height: float = 220, dpi: float = 100, **kwargs: Any) -> Figure:
    """Return an empty figure of a size in pixels."""
    return Figure(figsize=(width / dpi, height / dpi), dpi=dpi, **kwargs)


def one_axes(
    width: float = 300, height: float = 220, dpi: float = 100, **kwargs: Any
) -> tuple[Figure, Axes]:
    """Return a figure of a size in pixels, and its axes, with room for labels."""
    figure = blank(width, height, dpi)
    figure.subplots_adjust(left=0.17, right=0.95, bottom=0.2, top=0.84)
    return figure, figure.subplots(subplot_kw=kwargs)


def wave(step: float, n: int = 60, cycles: float = 2) -> np.ndarray:
    """Return (n,) float: a sine moved by a step."""
    return np.sin(np.linspace(0, 2 * np.pi * cycles, n) + 0.7 * step)


def hills(step: float, n: int = 16) -> np.ndarray:
    """Return (n, n) float: bumps that move with a step."""
    y, x = np.mgrid[0 : 3 : n * 1j, 0 : 3 : n * 1j]
    return np.sin(2 * x + 0.5 * step) * np.cos(2 * y - 0.3 * step)
