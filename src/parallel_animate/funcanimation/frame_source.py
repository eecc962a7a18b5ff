"""The frames of an animation of matplotlib's, as often as they are needed, never held whole.

What an animation is given as ``frames`` may be a number, a sequence, a function or an iterator that
can be read only once; `frame_source` makes the same of all of them.
"""

import itertools
import os
import pickle
import tempfile
import weakref
from collections.abc import Callable, Iterator, Sequence, Sized
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.animation import Animation, ArtistAnimation, FuncAnimation

from parallel_animate.errors import AnimatorLoadError, FrameError
from parallel_animate.funcanimation.pickled import dump_animation, dump_frame, load_frame
from parallel_animate.funcanimation.playback import Player
from parallel_animate.render.isolation import RandomState


@dataclass(frozen=True)
class FrameSource:
    """Where the data of an animation's frames come from.

    Parameters
    ----------
    read : callable
        Returns an iterator over the data of all frames, from the first on.
    first : tuple
        What the function is called with before the first frame; empty if it is not.
    total : int or None
        How many there are; None where only reading them can tell.
    own_code : bytes
        A pickled animation with its frames, where code of the user's makes them; else empty.
    is_read_here : bool
        True if reading runs code of the user's that could not be copied.
    values : sequence
        The data, where all are at hand.
    """

    read: Callable[[], Iterator[Any]]
    first: tuple[Any, ...] = ()
    total: int | None = None
    own_code: bytes = b""
    is_read_here: bool = False
    values: Sequence[Any] = ()


def frame_source(animation: Animation, random_state: RandomState) -> FrameSource:
    """Return the source of an animation's frames.

    Parameters
    ----------
    animation : Animation
        The user's; it can be shown and saved afterwards as before.
    random_state : RandomState
        Where random numbers start that make frames.

    Raises
    ------
    AnimatorLoadError
        If the animation is of a class that makes its own frames, and cannot be copied.
    """
    if isinstance(animation, ArtistAnimation):
        n_frames = len(list(animation._framedata))  # type: ignore[attr-defined]
        return FrameSource(range(n_frames).__iter__, total=n_frames, values=range(n_frames))
    if not isinstance(animation, FuncAnimation):
        return _from_copy(dump_animation(animation, has_frames=True, random_state=random_state))
    known: Any = animation
    given, limit = _given_frames(known), known._save_count
    if given is itertools.count:
        return _from_values(None if limit is None else range(limit), known._init_func)
    if callable(given):
        return _from_function(animation, random_state)
    if isinstance(given, Sized):
        return _from_values(given, known._init_func)
    if not hasattr(given, "__iter__"):
        return _from_values(range(given), known._init_func)
    return _from_iterator(known, given)


def is_endless(animation: Animation) -> bool:
    """Tell whether an animation counts on and on: ``frames=None`` without ``save_count``."""
    state = vars(animation)
    return state.get("_iter_gen") is itertools.count and state.get("_save_count") is None


def _given_frames(animation: Any) -> Any:
    """Return what FuncAnimation was given as frames; None came in as itertools.count."""
    make = animation._iter_gen
    if getattr(make, "__module__", None) not in (FuncAnimation.__module__, __name__):
        return make
    # A function of no arguments, matplotlib's or `_from_iterator`'s: the frames are its default, or
    # what it encloses.
    return make.__defaults__[0] if make.__defaults__ else make.__closure__[0].cell_contents


def _from_values(values: Any, init_func: object) -> FrameSource:
    if values is None:
        return FrameSource(itertools.count, (0,) if init_func is None else ())
    is_random_access = isinstance(values, (list, tuple, range, np.ndarray))
    return FrameSource(
        lambda: iter(values),
        () if init_func is not None else tuple(itertools.islice(values, 1)),
        len(values),
        values=values if is_random_access else (),
    )


def _from_function(animation: FuncAnimation, random_state: RandomState) -> FrameSource:
    known: Any = animation
    try:
        return _from_copy(dump_animation(animation, has_frames=True, random_state=random_state))
    except AnimatorLoadError:
        return _from_tape(FrameTape(known.new_frame_seq()), known, start=0)


def _from_copy(data: bytes) -> FrameSource:
    def read() -> Iterator[Any]:
        player = Player.of_copy(data)
        player.first_frame()
        return player.frames()

    return FrameSource(read, Player.of_copy(data).first_frame(), own_code=data)


def _from_iterator(animation: Any, given: Any) -> FrameSource:
    if animation._repeat:
        # matplotlib would keep all frames in memory, so that they can be read again.
        animation._tee_from = tape = _on_tape(animation._tee_from)
        return _from_tape(tape, animation, start=0)
    tape = _on_tape(given)
    remaining = iter(tape)

    def read_once(frames: FrameTape = tape) -> Iterator[Any]:
        return remaining

    if tape is not given:
        animation._iter_gen = read_once
    # What is drawn before the first frame is taken away from the frames.
    return _from_tape(tape, animation, start=1 if animation._init_func is None else 0)


def _on_tape(frames: Any) -> "FrameTape":
    return frames if isinstance(frames, FrameTape) else FrameTape(iter(frames))


def _from_tape(tape: "FrameTape", animation: Any, start: int) -> FrameSource:
    limit = animation._save_count
    stop = None if limit is None else start + limit
    return FrameSource(
        lambda: itertools.islice(tape, start, stop),
        () if animation._init_func is not None else tuple(itertools.islice(tape, 1)),
        is_read_here=True,
    )


class FrameTape:
    """What an iterator gives, on disk, so that it can be read again from the start.

    Parameters
    ----------
    source : iterator
        It is read only as far as somebody reads the tape.
    """

    def __init__(self, source: Iterator[Any]) -> None:
        self._source = source
        # Without a name in any folder: it goes with this object, whatever happens.
        self._file = tempfile.TemporaryFile()  # noqa: SIM115 - closed by the line below
        weakref.finalize(self, self._file.close)
        # A place in the file, or the data themselves where they cannot be pickled.
        self._entries: list[int | tuple[Any]] = []

    def __iter__(self) -> Iterator[Any]:
        for position in itertools.count():
            if position == len(self._entries):
                try:
                    data = next(self._source)
                except StopIteration:
                    return
                self._entries.append(self._record(data))
            entry = self._entries[position]
            if isinstance(entry, tuple):
                yield entry[0]
            else:
                self._file.seek(entry)
                yield load_frame(pickle.load(self._file))

    def _record(self, data: Any) -> int | tuple[Any]:
        try:
            content = dump_frame(data)
        except FrameError:
            return (data,)
        place = self._file.seek(0, os.SEEK_END)
        pickle.dump(content, self._file)
        return place
