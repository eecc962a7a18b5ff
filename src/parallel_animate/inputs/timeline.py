"""Which params each frame shows, in seconds: holds, speeds, and smooth starts and stops.

This module knows nothing of figures or files.
"""

import math
from abc import ABC, abstractmethod
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import groupby
from typing import Any

import numpy as np

from parallel_animate.errors import FrameError, SettingsError
from parallel_animate.inputs.frames import (
    HeldFrame,
    IndexedFrameParams,
    LazyParams,
    TimedParams,
    as_iterable,
)
from parallel_animate.validation import check_choice, check_positive, in_words

Ease = str | Callable[[float], float]

EASES: dict[str, Callable[[float], float]] = {
    "linear": lambda share: share,
    "in": lambda share: share**2,
    "out": lambda share: 1 - (1 - share) ** 2,
    "in-out": lambda share: share**2 * (3 - 2 * share),
}
# Shares of the time are floats. One this much below an item is meant to reach it.
TOLERANCE = 1e-9


class Timeline(TimedParams):
    """The params of a movie's frames, planned in seconds: an object for ``param_by_frame``.

    Its methods add a part and return a new timeline. The frame rate is that of the movie::

        Timeline().hold(days[0], 1).play(days, per_second=10).hold(days[-1], 2)

    If several frames in a row show one item of a part, ``update`` is called for the first of them
    only, with its frame id: the others repeat its picture. They count as frames like all others.
    """

    def __init__(self) -> None:
        self._parts: tuple[_Part, ...] = ()

    def hold(self, params: Any, seconds: float) -> "Timeline":
        """Show one picture for a while.

        Parameters
        ----------
        params : Any
            The params that ``update`` gets.
        seconds : float
            How long.
        """
        return self._with(_Hold(params, Fraction(check_positive("seconds", seconds))))

    def play(
        self,
        items: Iterable[Any],
        *,
        per_second: float | tuple[float, float] | None = None,
        seconds: float | None = None,
        ease: Ease = "linear",
    ) -> "Timeline":
        """Show items one after another; without other arguments, each in one frame.

        The first and the last item are shown. If there are more items than frames, others are left
        out.

        Parameters
        ----------
        items : iterable
            Params. Those of a list, an array, or an object with only a length and items are read
            when their frames are needed.
        per_second : float or pair of float, optional
            Items in a second of the movie. A pair is the speed at the beginning and the one at the
            end; it changes evenly.
        seconds : float, optional
            How long all items take together; instead of ``per_second``.
        ease : {"linear", "in", "out", "in-out"} or callable
            The course of the speed: even (default), with a smooth start, a smooth stop, or both. A
            function gets the share of the time, 0 to 1, and returns the share of the items.
        """
        listed = _listed(items)
        if per_second is not None and seconds is not None:
            raise SettingsError("Give per_second or seconds to Timeline.play(), not both.")
        course = _course(ease)
        if isinstance(per_second, tuple | list):
            if ease != "linear" or len(per_second) != 2:
                raise SettingsError(
                    "per_second must be one speed, or a pair of speeds without ease; found "
                    f"{in_words(per_second)} and ease={in_words(ease)}."
                )
            first, last = (check_positive("per_second", speed) for speed in per_second)
            length: Fraction | None = 2 * len(listed) / (Fraction(first) + Fraction(last))
            course = _ramp(first, last)
        elif per_second is not None:
            length = len(listed) / Fraction(check_positive("per_second", per_second))
        else:
            length = None if seconds is None else Fraction(check_positive("seconds", seconds))
        return self._with(_Play(listed, length, course))

    def play_at(
        self, items: Iterable[Any], times: Iterable[Any], *, speed: Any, ease: Ease = "linear"
    ) -> "Timeline":
        """Show items at their own times, which need not be even.

        A frame shows the last item whose time has come. The last frame shows the last item.

        Parameters
        ----------
        items : iterable
            Params.
        times : iterable
            The time of each item, in ascending order: numbers, or dates.
        speed : number or time difference
            How much of the data's time passes in a second of the movie, such as
            ``np.timedelta64(6, "h")``.
        ease : {"linear", "in", "out", "in-out"} or callable
            As for `play`.
        """
        listed = _listed(items)
        return self._with(_PlayAt(listed, _offsets(times, speed, len(listed)), _course(ease)))

    def sweep(self, start: Any, stop: Any, seconds: float, *, ease: Ease = "in-out") -> "Timeline":
        """Move params evenly from one number, or array, to another: a camera, an angle, a limit.

        Parameters
        ----------
        start, stop : number or array
            The params of the first and of the last frame.
        seconds : float
            How long.
        ease : {"linear", "in", "out", "in-out"} or callable
            As for `play`; "in-out" (default) starts and stops smoothly.
        """
        length = Fraction(check_positive("seconds", seconds))
        return self._with(_Sweep(start, stop, length, _course(ease)))

    def frames(self, fps: Fraction | int) -> "TimelineFrames":
        """Return the params of the frames at a frame rate; the movie does this by itself."""
        if not self._parts:
            raise SettingsError("The timeline has no parts; add some with play() or hold().")
        return TimelineFrames(self._parts, Fraction(fps))

    def _with(self, part: "_Part") -> "Timeline":
        longer = type(self)()
        longer._parts = (*self._parts, part)
        return longer


class TimelineFrames:
    """The params of the frames of a `Timeline`, one by one.

    Parameters
    ----------
    parts : sequence
        The parts of the timeline.
    fps : Fraction
        Frames per second.
    """

    def __init__(self, parts: Sequence["_Part"], fps: Fraction) -> None:
        self._parts = parts
        # The sum is rounded, not each part, so that the parts do not drift.
        self._ends: list[int] = []
        exact = Fraction(0)
        for part in parts:
            exact += part.n_frames(fps)
            before = self._ends[-1] if self._ends else 0
            self._ends.append(max(round(exact), before + 1))
        self._fps = fps

    def __len__(self) -> int:
        return self._ends[-1]

    def __iter__(self) -> Iterator[Any]:
        start = 0
        for part, end in zip(self._parts, self._ends, strict=True):
            n_frames = end - start
            for position, run in groupby(part.positions(n_frames, self._fps)):
                n_held = sum(1 for _ in run)
                params = part.params(position, n_frames)
                if isinstance(params, IndexedFrameParams):
                    raise SettingsError(
                        "A timeline numbers its frames itself; give it params without "
                        "IndexedFrameParams."
                    )
                if n_held == 1:
                    yield params
                else:
                    held = HeldFrame(start, params)
                    yield from (held for _ in range(n_held))
                start += n_held


class _Part(ABC):
    """A part of a timeline."""

    @abstractmethod
    def n_frames(self, fps: Fraction) -> Fraction:
        """Return the number of frames, not rounded."""

    @abstractmethod
    def positions(self, n_frames: int, fps: Fraction) -> Iterable[int]:
        """Return, for each of the frames, the position of what it shows."""

    @abstractmethod
    def params(self, position: int, n_frames: int) -> Any:
        """Return the params of a position."""


@dataclass(frozen=True)
class _Hold(_Part):
    held: Any
    seconds: Fraction

    def n_frames(self, fps: Fraction) -> Fraction:
        return self.seconds * fps

    def positions(self, n_frames: int, fps: Fraction) -> Iterable[int]:
        return (0 for _ in range(n_frames))

    def params(self, position: int, n_frames: int) -> Any:
        return self.held


@dataclass(frozen=True)
class _Play(_Part):
    items: Any
    seconds: Fraction | None
    course: Callable[[float], float]

    def n_frames(self, fps: Fraction) -> Fraction:
        return Fraction(len(self.items)) if self.seconds is None else self.seconds * fps

    def positions(self, n_frames: int, fps: Fraction) -> Iterable[int]:
        n_items, last = len(self.items), max(n_frames - 1, 1)
        for frame in range(n_frames):
            place = math.floor(_share(self.course, frame / last) * n_items + TOLERANCE)
            yield min(place, n_items - 1)

    def params(self, position: int, n_frames: int) -> Any:
        return self.items[position]


@dataclass(frozen=True)
class _PlayAt(_Part):
    items: Any
    # In seconds of the movie.
    offsets: Sequence[float]
    course: Callable[[float], float]

    def n_frames(self, fps: Fraction) -> Fraction:
        return Fraction(self.offsets[-1]) * fps + 1

    def positions(self, n_frames: int, fps: Fraction) -> Iterable[int]:
        last = max(n_frames - 1, 1)
        for frame in range(n_frames):
            time = _share(self.course, frame / last) * self.offsets[-1]
            yield bisect_right(self.offsets, time + TOLERANCE) - 1

    def params(self, position: int, n_frames: int) -> Any:
        return self.items[position]


@dataclass(frozen=True)
class _Sweep(_Part):
    start: Any
    stop: Any
    seconds: Fraction
    course: Callable[[float], float]

    def n_frames(self, fps: Fraction) -> Fraction:
        return self.seconds * fps

    def positions(self, n_frames: int, fps: Fraction) -> Iterable[int]:
        return range(n_frames)

    def params(self, position: int, n_frames: int) -> Any:
        share = float(self.course(position / max(n_frames - 1, 1)))
        return self.start * (1 - share) + self.stop * share


def _listed(items: Iterable[Any]) -> Any:
    listed: Any = as_iterable(items, Fraction(1))
    if listed is None or isinstance(items, TimedParams):
        raise SettingsError(
            f"The items of a timeline must be an iterable of params, found {in_words(items)}."
        )
    # Others, such as a pandas.Series, may count their items by something else than the position.
    if isinstance(listed, LazyParams):
        listed = listed.items
    elif not isinstance(listed, Sequence | np.ndarray):
        listed = list(listed)
    if not len(listed):
        raise FrameError("A part of the timeline has no items.")
    return listed


def _course(ease: Ease) -> Callable[[float], float]:
    if callable(ease):
        return ease
    check_choice("ease", ease, tuple(EASES))
    return EASES[ease]


def _ramp(first: float, last: float) -> Callable[[float], float]:
    """Return the share of the items for a speed that changes evenly."""
    return lambda share: (2 * first * share + (last - first) * share**2) / (first + last)


def _share(course: Callable[[float], float], share: float) -> float:
    result = float(course(share))
    if not -TOLERANCE <= result <= 1 + TOLERANCE:
        raise SettingsError(
            f"ease must return 0 to 1 where items are played; at {share:.3g} it returned "
            f"{result:.3g}."
        )
    return result


def _offsets(times: Iterable[Any], speed: Any, n_items: int) -> list[float]:
    """Return when each item is shown, in seconds of the movie."""
    listed = np.asarray(times if isinstance(times, np.ndarray) else list(times))
    if listed.shape != (n_items,):
        raise SettingsError(
            f"play_at() needs one time for each item; found {n_items} items, and times of the "
            f"shape {listed.shape}."
        )
    try:
        with np.errstate(all="ignore"):
            offsets = ((listed - listed[0]) / speed).astype(float)
    except Exception as error:
        raise SettingsError(
            "speed must be the time of the data that passes in a second of the movie: a number for "
            "numbers, a time difference such as np.timedelta64(6, 'h') for dates. Found "
            f"{in_words(speed)} for times such as {in_words(listed[0])}."
        ) from error
    if not (np.isfinite(offsets).all() and (np.diff(offsets) >= 0).all()):
        raise SettingsError(
            "The times of play_at() must be in ascending order, and speed must be positive."
        )
    return [float(offset) for offset in offsets]
