"""An animator with code of many kinds: its digest is the same in every Python; not a test file."""

import dataclasses
import enum
import functools
import math
from collections import namedtuple
from typing import Any, NamedTuple

import numpy as np

from parallel_animate import Animator

FACTOR = 2.5
TABLE = {"a": (1, 2.0), "b": np.arange(6).reshape(2, 3)}
Pair = namedtuple("Pair", "x y")


class Point(NamedTuple):
    x: int = 0
    y: float = 1.0


class Kind(enum.Enum):
    LINE = 1
    DOTS = "dots"


@dataclasses.dataclass(frozen=True, order=True)
class Style:
    colour: str = "red"
    widths: list[float] = dataclasses.field(default_factory=list, compare=False)


@functools.cache
def load(n: int) -> Any:
    return np.zeros(n)


def decorated(function):
    @functools.wraps(function)
    def wrapper(*args, **kwargs):
        """Doc."""
        return function(*args, **kwargs)

    return wrapper


@decorated
def curve(x, *, k=1):
    inner = lambda t: t * k  # noqa: E731
    try:
        values = [inner(v) for v in x if v > 0]
    except* ValueError as group:
        values = [len(group.exceptions)]
    else:
        values += [FACTOR]
    match values:
        case [first, *_]:
            text = f"{first:>{k}.3f} and {values!r}"
        case _:
            text = f"none{k=}"
    with open("/dev/null") as file, open("/dev/null"):
        file.read()
    return {f"{text}{i}": sum(v**2 for v in values) for i in range(2)}


class Wave(Animator):
    styles = (Style(), Style("blue", [1.0]))
    kind = Kind.DOTS

    def __init__(self, n):
        self.n = n
        self.key = lambda v: (v.x, TABLE["a"])
        self.points = [Point(1), Pair(2, 3)]
        self.rule = functools.partial(math.pow, 2)

    def setup(self):
        load(self.n)

    async def never(self):
        async with self as x:
            yield x

    @property
    def size(self):
        return self.n if self.n else -1

    @staticmethod
    def static(a, /, b: int = 2, *c, d=None, **e) -> "Wave":
        global FACTOR
        return a @ b if (n := len(c)) else n

    def update(self, frame_idx, params):
        curve([frame_idx], k=3)
