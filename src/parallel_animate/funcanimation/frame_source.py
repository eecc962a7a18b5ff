"""The frames of a matplotlib animation, readable any number of times, never all in memory.

The argument ``frames`` of an animation may be a number, a sequence, a function, or an iterator that
can be read only once; `frame_source` treats them all alike.
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
from parallel_animate.inputs.shared_buffers import no_shared_buffers
from parallel_animate.render.isolation import RandomState


@dataclass(frozen=True)
class FrameSource:
    """The source of the data of an animation's frames.

    Parameters
    ----------
    read : callable
        Returns an iterator over the data of all frames, from the first on.
    first : tuple
        Argument of the function's call before the first frame; empty if there is no such call.
    total : int or None
        Number of frames; None if only reading them shows it.
    own_code : bytes
        The pickled animation with its frames, if the user's code makes them; otherwise empty.
    is_read_here : bool
        True if reading the frames runs user code that could not be copied.
    values : sequence
        The data of all frames, if they are in memory.
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
        The user's animation; it can be shown and saved afterwards as before.
    random_state : RandomState
        Start of the random numbers that make frames.

    Raises
    ------
    AnimatorLoadError
        If the animation's class makes its own frames, and the animation cannot be copied.
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
    """Return whether an animation never ends: ``frames=None`` without ``save_count``."""
    state = vars(animation)
    return state.get("_iter_gen") is itertools.count and state.get("_save_count") is None


def _given_frames(animation: Any) -> Any:
    """Return the argument ``frames`` of a FuncAnimation; itertools.count stands for None."""
    make = animation._iter_gen
    if getattr(make, "__module__", None) not in (FuncAnimation.__module__, __name__):
        return make
    # A function without arguments, from matplotlib or `_from_iterator`. Its default value or its
    # closure holds the frames.
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
        # matplotlib would keep all frames in memory to read them again.
        animation._tee_from = tape = _on_tape(animation._tee_from)
        return _from_tape(tape, animation, start=0)
    tape = _on_tape(given)
    remaining = iter(tape)

    def read_once(frames: FrameTape = tape) -> Iterator[Any]:
        return remaining

    if tape is not given:
        animation._iter_gen = read_once
    # Without an init_func, the state before the first frame uses up one frame.
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
    """A recording of an iterator's items on disk, which can be read again from the start.

    Parameters
    ----------
    source : iterator
        The iterator; it is read only as far as the tape is read.
    """

    def __init__(self, source: Iterator[Any]) -> None:
        self._source = source
        # The file has no name in any folder, so it always disappears together with this object.
        self._file = tempfile.TemporaryFile()  # noqa: SIM115 - closed by the line below
        weakref.finalize(self, self._file.close)
        # Each entry is a position in the file, or the data themselves if they cannot be pickled.
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
            # The user's animation keeps the tape when the movie is done.
            with no_shared_buffers():
                content = dump_frame(data)
        except FrameError:
            return (data,)
        place = self._file.seek(0, os.SEEK_END)
        pickle.dump(content, self._file)
        return place
