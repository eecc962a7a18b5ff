"""Number the frames of an iterable and group them into chunks, streaming.

Knows nothing of figures or files of a movie; frames that come early wait in a temporary database.
"""

import logging
import math
from collections.abc import Iterable, Iterator, Sized
from dataclasses import dataclass
from typing import Any

from parallel_animate.errors import FrameError
from parallel_animate.inputs.pickling import dump_params, load

logger = logging.getLogger(__name__)

# A movie of n frames is cut into about this many chunks: enough to keep a workstation busy to the
# end. It depends on the frames alone, so that every machine cuts a movie the same way.
CHUNKS_PER_MOVIE = 32
# Below 25 frames a chunk's own IDR frame and setup() show; 250 is x264's longest GOP.
MIN_CHUNK_SIZE = 25
MAX_CHUNK_SIZE = 250
CHUNK_SIZE_OF_A_STREAM = 50


@dataclass(frozen=True)
class IndexedFrameParams:
    """Params of one frame together with its id.

    Parameters
    ----------
    frame_id : int
        Id of the frame, >= 0. It overrides the position in the iterable; frames play in ascending
        order of their ids.
    params : Any
        What ``Animator.update`` gets for this frame.
    """

    frame_id: int
    params: Any


@dataclass(frozen=True)
class LazyParams:
    """Params that have a length and items and cannot be iterated; an item is read when it is used.

    Parameters
    ----------
    items : object
        The user's, with ``__len__`` and ``__getitem__``.
    """

    items: Any

    def __len__(self) -> int:
        return len(self.items)

    def __iter__(self) -> Iterator[Any]:
        return (self.items[position] for position in range(len(self.items)))


@dataclass(frozen=True)
class Frame:
    """One frame: its id and what ``update`` gets for it, as it was when it came.

    Parameters
    ----------
    id : int
        Its id.
    data : bytes
        Pickled params; empty where they cannot be pickled.
    live : Any
        The params themselves, only where they cannot be pickled.
    source : LazyParams, optional
        Where the params are read from, instead of both.
    """

    id: int
    data: bytes
    live: Any = None
    source: LazyParams | None = None

    @classmethod
    def of(cls, frame_id: int, params: Any, must_pickle: bool = True) -> "Frame":
        """Freeze a frame: what the caller or update() does to the params later has no effect.

        Raises
        ------
        FrameError
            If the params cannot be pickled, and must be.
        """
        try:
            return cls(frame_id, dump_params(frame_id, params))
        except FrameError:
            if must_pickle:
                raise
            return cls(frame_id, b"", params)

    @property
    def params(self) -> Any:
        """The params: a fresh copy at every access, or read anew."""
        if self.source is not None:
            return self.source.items[self.id]
        return load(self.data) if self.data else self.live


@dataclass(frozen=True)
class Chunk:
    """Consecutive frames of a movie that are rendered together.

    Parameters
    ----------
    frames : tuple of Frame
        At least one frame, in ascending order of their ids.
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
    """Return the frames per chunk: ceil(n/32) held between 25 and 250, or 50 if n is unknown."""
    if n_frames is None:
        return CHUNK_SIZE_OF_A_STREAM
    return min(max(math.ceil(n_frames / CHUNKS_PER_MOVIE), MIN_CHUNK_SIZE), MAX_CHUNK_SIZE)


def as_iterable(param_by_frame: object) -> Iterable[Any] | None:
    """Return params as an iterable, or None where they are none."""
    if isinstance(param_by_frame, Iterable):
        return param_by_frame
    if isinstance(param_by_frame, Sized) and hasattr(param_by_frame, "__getitem__"):
        return LazyParams(param_by_frame)
    return None


def count_frames(param_by_frame: Iterable[Any], n_frames: int | None, every: int = 1) -> int | None:
    """Return how many frames will come, or None where only the iteration can tell."""
    length = len(param_by_frame) if isinstance(param_by_frame, Sized) else None
    known = [count for count in (n_frames, length) if count is not None]
    return math.ceil(min(known) / every) if known else None
