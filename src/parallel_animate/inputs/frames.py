"""Frames and their params, and chunks of frames.

This module knows nothing of figures or of a movie's files.
"""

import logging
import math
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Sized
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import Any, NamedTuple

from parallel_animate.errors import FrameError
from parallel_animate.inputs.pickling import dump_params, load

logger = logging.getLogger(__name__)

# A movie is cut into about this many chunks: enough to keep a workstation busy to the end. The
# number of cores does not matter, so every machine cuts a movie the same way.
CHUNKS_PER_MOVIE = 32
# Below 25 frames the cost of a chunk's IDR frame and setup() shows; 250 is x264's longest GOP.
MIN_CHUNK_SIZE = 25
MAX_CHUNK_SIZE = 250
CHUNK_SIZE_OF_A_STREAM = 50
# Below that many frames a movie has few chunks, and the size of the last one shows in the time.
EVEN_BELOW = 200
# Sizes of chunks of longer movies, a quarter more each: the preferred numbers R10 of ISO 3.
# A movie that gets a little longer keeps the size, and with it the chunks that it has.
CHUNK_SIZES = (25, 32, 40, 50, 64, 80, 100, 128, 160, 200, 250)
# Up to 64 frames in each of 8 or 16 chunks: the start of a chunk, that is setup(), the first draws
# and an encoder, takes as long as 20 frames in which little changes. Numbers of workers that are
# powers of two end together.
FEW_CHUNKS = (8, 16)
LARGE_CHUNK = 64


@dataclass(frozen=True)
class IndexedFrameParams:
    """One frame's params together with its id.

    Parameters
    ----------
    frame_id : int
        The frame's id, >= 0, used instead of its position in the iterable. Frames play in ascending
        order of ids.
    params : Any
        The params that ``Animator.update`` gets for this frame.
    """

    frame_id: int
    params: Any


@dataclass(frozen=True)
class HeldFrame:
    """The params of one of several frames in a row that show the same picture.

    The picture is drawn once, and again only where a chunk begins.

    Parameters
    ----------
    frame_idx : int
        Id of the first of these frames, which ``update()`` gets for all of them.
    params : Any
        The params that ``update()`` gets.
    """

    frame_idx: int
    params: Any


class TimedParams(ABC):
    """Params that depend on the movie's frame rate."""

    @abstractmethod
    def frames(self, fps: Fraction) -> Iterable[Any]:
        """Return the params of the frames at a frame rate."""


@dataclass(frozen=True)
class LazyParams:
    """Params with a length and items that are not iterable; an item is read when it is used.

    Parameters
    ----------
    items : object
        The user's object, with ``__len__`` and ``__getitem__``.
    """

    items: Any

    def __len__(self) -> int:
        return len(self.items)

    def __iter__(self) -> Iterator[Any]:
        return (self.items[position] for position in range(len(self.items)))


@dataclass(frozen=True)
class Frame:
    """One frame: its id and its params, as they were when the iterable returned them.

    Parameters
    ----------
    id : int
        The frame's id.
    data : bytes
        Pickled params; empty if they cannot be pickled.
    live : Any
        The params themselves, only if they cannot be pickled.
    source : LazyParams, optional
        The object that the params are read from; used instead of ``data`` and ``live``.
    """

    id: int
    data: bytes
    live: Any = None
    source: LazyParams | None = None

    @classmethod
    def of(cls, frame_id: int, params: Any, must_pickle: bool = True) -> "Frame":
        """Return a frame with a copy of its params, so later changes to them have no effect.

        Raises
        ------
        FrameError
            If the params cannot be pickled but must be.
        """
        try:
            return cls(frame_id, dump_params(frame_id, params))
        except FrameError:
            if must_pickle:
                raise
            return cls(frame_id, b"", params)

    @property
    def params(self) -> Any:
        """The params, copied or read again at every access."""
        if self.source is not None:
            return self.source.items[self.id]
        return load(self.data) if self.data else self.live


class Shown(NamedTuple):
    """What a frame shows.

    Parameters
    ----------
    frame_idx, params : int, Any
        What ``update()`` gets.
    is_held : bool
        True if the frames beside it that have the same ``frame_idx`` show the same picture.
    """

    frame_idx: int
    params: Any
    is_held: bool


def what_it_shows(frame: Frame) -> Shown:
    """Return what a frame shows; its params are copied or read."""
    params = frame.params
    if isinstance(params, HeldFrame):
        return Shown(params.frame_idx, params.params, True)
    return Shown(frame.id, params, False)


def is_same_picture(one: Frame, other: Frame) -> bool:
    """Return whether two frames show one picture, since it is held; lazy params are not read."""
    if one.source is not None or other.source is not None:
        return False
    shown, others = what_it_shows(one), what_it_shows(other)
    return shown.is_held and others.is_held and shown.frame_idx == others.frame_idx


def first_pictures(frames: Iterator[Frame], count: int) -> tuple[list[Frame], list[Frame]]:
    """Read frames until they show some pictures.

    Parameters
    ----------
    frames : iterator of Frame
        Frames in the order in which they play.
    count : int
        Number of pictures; there are fewer if the frames end before.

    Returns
    -------
    tuple of (list of Frame, list of Frame)
        All frames that were read, and the first one of each picture.
    """
    read: list[Frame] = []
    pictures: list[Frame] = []
    while len(pictures) < count and (frame := next(frames, None)) is not None:
        if not read or not is_same_picture(read[-1], frame):
            pictures.append(frame)
        read.append(frame)
    return read, pictures


def first_change(frames: Iterable[Frame]) -> tuple[Frame, Frame] | None:
    """Return the first two neighbours that show two pictures; None if there are none."""
    pairs = ((one, other) for one, other in pairwise(frames) if not is_same_picture(one, other))
    return next(pairs, None)


@dataclass(frozen=True)
class Chunk:
    """Consecutive frames of a movie that are rendered together.

    Parameters
    ----------
    frames : tuple of Frame
        At least one frame, in ascending order of ids.
    """

    frames: tuple[Frame, ...]

    @property
    def start(self) -> int:
        """The first frame id."""
        return self.frames[0].id

    @property
    def stop(self) -> int:
        """One more than the last frame id."""
        return self.frames[-1].id + 1


def least_chunk_size(n_frames: int | None) -> int:
    """Return the frames per chunk: ceil(n/32), at least 25 and at most 250; 50 if n is unknown."""
    if n_frames is None:
        return CHUNK_SIZE_OF_A_STREAM
    return min(max(math.ceil(n_frames / CHUNKS_PER_MOVIE), MIN_CHUNK_SIZE), MAX_CHUNK_SIZE)


def default_chunk_size(n_frames: int | None) -> int:
    """Return the frames per chunk of a movie that one machine renders.

    26 to 199 frames are cut into an even number of chunks of about 25 frames, all of about the same
    size. A last chunk of a few frames would leave one of two workers idle: of 40 frames, one would
    draw 25 and the other one 15. More frames have one of `CHUNK_SIZES`: the smallest that gives at
    most 8 chunks, or 16 if these have more than 64 frames, or 32.
    """
    size = least_chunk_size(n_frames)
    if n_frames is None or n_frames <= size:
        return size
    if n_frames < EVEN_BELOW:
        n_pairs = max(round(n_frames / (2 * size)), 1)
        return math.ceil(n_frames / (2 * n_pairs))
    few = (count for count in FEW_CHUNKS if n_frames <= count * LARGE_CHUNK)
    n_chunks = next(few, CHUNKS_PER_MOVIE)
    return next((size for size in CHUNK_SIZES if n_frames <= n_chunks * size), MAX_CHUNK_SIZE)


def as_iterable(param_by_frame: object, fps: Fraction) -> Iterable[Any] | None:
    """Return params as an iterable, or None if they have no items to iterate over.

    Parameters
    ----------
    param_by_frame : object
        The params.
    fps : Fraction
        The movie's frame rate, for a `Timeline`.
    """
    if isinstance(param_by_frame, TimedParams):
        return param_by_frame.frames(fps)
    if isinstance(param_by_frame, Iterable):
        return param_by_frame
    if isinstance(param_by_frame, Sized) and hasattr(param_by_frame, "__getitem__"):
        return LazyParams(param_by_frame)
    return None


def count_frames(param_by_frame: Iterable[Any], n_frames: int | None, every: int = 1) -> int | None:
    """Return the number of frames, or None if it is unknown before the iteration ends."""
    length = len(param_by_frame) if isinstance(param_by_frame, Sized) else None
    known = [count for count in (n_frames, length) if count is not None]
    return math.ceil(min(known) / every) if known else None
