"""Frames and their params, and chunks of frames.

This module knows nothing of figures or of a movie's files.
"""

import logging
import math
from collections.abc import Iterable, Iterator, Sized
from dataclasses import dataclass
from typing import Any

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


def default_chunk_size(n_frames: int | None) -> int:
    """Return the frames per chunk: ceil(n/32), at least 25 and at most 250; 50 if n is unknown."""
    if n_frames is None:
        return CHUNK_SIZE_OF_A_STREAM
    return min(max(math.ceil(n_frames / CHUNKS_PER_MOVIE), MIN_CHUNK_SIZE), MAX_CHUNK_SIZE)


def as_iterable(param_by_frame: object) -> Iterable[Any] | None:
    """Return params as an iterable, or None if they have no items to iterate over."""
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
