"""The frames of an iterable, numbered and in order, as a stream.

Frames that come too early wait in a temporary database on disk.
"""

import logging
import sqlite3
from collections.abc import Callable, Generator, Iterable, Iterator, Sized
from dataclasses import replace
from itertools import chain, islice
from operator import index
from typing import Any, Self

from parallel_animate.errors import FrameError
from parallel_animate.inputs.frames import (
    Chunk,
    Frame,
    HeldFrame,
    IndexedFrameParams,
    LazyParams,
    first_pictures,
)
from parallel_animate.inputs.pickling import dump_params

logger = logging.getLogger(__name__)

MAX_FRAME_ID = 2**62


def ordered_frames(
    param_by_frame: Iterable[Any], n_frames: int | None = None, every: int = 1
) -> Iterator[Frame]:
    """Yield every Nth frame of an iterable, in ascending order of ids.

    Lazy params are not read for this.

    Parameters
    ----------
    param_by_frame : iterable
        Params, or `IndexedFrameParams`.
    n_frames : int, optional
        Use only this many items.
    every : int
        Yield one frame in this many; 1 (default) yields all.

    Raises
    ------
    FrameError
        As `number_frames` and `sort_frames`.
    """
    if (lazy := read_in_jobs(param_by_frame)) is not None:
        stop = min(len(lazy), n_frames or len(lazy))
        return (Frame(number, b"", source=lazy) for number in range(0, stop, every))
    return islice(sort_frames(number_frames(param_by_frame, n_frames)), 0, None, every)


def read_in_jobs(param_by_frame: Iterable[Any]) -> LazyParams | None:
    """Return the params if each job can read its own, or None.

    They must be lazy, and their first item must not be `IndexedFrameParams`: the frame ids are then
    the positions of the items.
    """
    if not isinstance(param_by_frame, LazyParams) or not len(param_by_frame):
        return None
    return None if isinstance(param_by_frame.items[0], IndexedFrameParams) else param_by_frame


def number_frames(
    param_by_frame: Iterable[Any], n_frames: int | None = None, must_pickle: bool = True
) -> Iterator[Frame]:
    """Yield the frames of an iterable with their ids, in the order of its items.

    Parameters
    ----------
    param_by_frame : iterable
        Params, or `IndexedFrameParams`; consumed lazily.
    n_frames : int, optional
        Use only this many items. Fewer items log a warning.
    must_pickle : bool
        False keeps params that cannot be pickled as they are, for use in this process only.

    Raises
    ------
    FrameError
        If an id is negative or not an integer, or params cannot be pickled.
    """
    count = 0
    held: tuple[HeldFrame, Frame] | None = None
    for position, item in enumerate(islice(param_by_frame, n_frames)):
        count += 1
        if isinstance(item, HeldFrame):
            if held is None or held[0] is not item:
                held = item, Frame.of(position, item, must_pickle)
            # The same bytes, so that a chunk file holds them once.
            yield replace(held[1], id=position)
            continue
        if isinstance(item, IndexedFrameParams):
            frame_id = _checked_id(item.frame_id, position)
            yield Frame.of(frame_id, item.params, must_pickle)
        else:
            yield Frame.of(position, item, must_pickle)
    if n_frames is not None and count < n_frames:
        logger.warning("n_frames is %d, but param_by_frame has only %d items.", n_frames, count)


def _checked_id(frame_id: object, position: int) -> int:
    try:
        number = index(frame_id)  # type: ignore[arg-type]
    except TypeError as error:
        raise FrameError(
            f"frame_id of item {position} must be an integer, found {frame_id!r}."
        ) from error
    if not 0 <= number < MAX_FRAME_ID:
        raise FrameError(f"frame_id of item {position} must be 0 or more, found {number}.")
    return number


class FrameSpool:
    """Frames that came too early, in a temporary database on disk."""

    def __init__(self) -> None:
        # With an empty name SQLite uses a temporary file that no folder lists. It disappears with
        # this process, whatever happens, so it needs no journal and no fsync.
        self._database = sqlite3.connect("", isolation_level=None)
        self._database.execute("PRAGMA journal_mode = OFF")
        self._database.execute("PRAGMA synchronous = OFF")
        self._database.execute("CREATE TABLE frames (id INTEGER PRIMARY KEY, params BLOB)")
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._database.close()

    def add(self, frame: Frame) -> None:
        """Store a frame; a second one with the same id raises FrameError."""
        if not frame.data:
            dump_params(frame.id, frame.live)  # raises, and names the part to blame
        try:
            self._database.execute("INSERT INTO frames VALUES (?, ?)", (frame.id, frame.data))
        except sqlite3.IntegrityError as error:
            raise _repeated(frame.id) from error
        self._count += 1

    def pop(self, frame_id: int) -> Frame | None:
        """Remove and return a frame, or return None if it is not stored."""
        if not self._count:
            return None
        row = self._database.execute(
            "DELETE FROM frames WHERE id = ? RETURNING params", (frame_id,)
        ).fetchone()
        if row is None:
            return None
        self._count -= 1
        return Frame(frame_id, row[0])

    def in_order(self) -> Iterator[Frame]:
        """Yield the frames in ascending order of ids."""
        for frame_id, data in self._database.execute("SELECT * FROM frames ORDER BY id"):
            yield Frame(frame_id, data)


def _repeated(frame_id: int) -> FrameError:
    return FrameError(f"Frame id {frame_id} is used twice; give every frame its own id.")


def sort_frames(frames: Iterable[Frame]) -> Generator[Frame, None, None]:
    """Yield frames in ascending order of ids, each as soon as it is certain to be next.

    Ids that count up from 0 without a gap pass straight through. A frame that comes early waits on
    disk. Frames still waiting when the iterable ends follow in order, with one warning about the
    missing ids.

    Raises
    ------
    FrameError
        If an id is used twice.
    """
    with FrameSpool() as spool:
        next_id = 0
        for frame in frames:
            if frame.id > next_id:
                spool.add(frame)
                continue
            if frame.id < next_id:
                raise _repeated(frame.id)
            waiting: Frame | None = frame
            while waiting is not None:
                yield waiting
                next_id += 1
                waiting = spool.pop(next_id)
        if len(spool):
            yield from _with_gaps(spool, next_id)


def _with_gaps(spool: FrameSpool, next_id: int) -> Iterator[Frame]:
    n_frames = next_id + len(spool)
    last_id = next_id
    for frame in spool.in_order():
        last_id = frame.id
        yield frame
    logger.warning(
        "%d of the frame ids 0 to %d are missing; the other %d frames play one after another.",
        last_id + 1 - n_frames,
        last_id,
        n_frames,
    )


class FrameTape:
    """The frames of a movie, in ascending order of ids, which can be read again from the first.

    Params with a length are read again from the user's object. Those of an iterator can be read
    only once, so the caller says where it has kept them.

    Parameters
    ----------
    param_by_frame, n_frames, must_pickle : iterable, int, bool
        As for `number_frames`.
    """

    def __init__(
        self, param_by_frame: Iterable[Any], n_frames: int | None, must_pickle: bool
    ) -> None:
        self._arguments = (param_by_frame, n_frames, must_pickle)
        self._is_read_once = not isinstance(param_by_frame, Sized)
        # Functions that read the frames of an iterator again; None if they will not be needed.
        self._kept: list[Callable[[], Iterable[Frame]]] | None = [] if self._is_read_once else None
        self._source = self._read()
        self._frames: Iterator[Frame] = self._source

    def __iter__(self) -> Iterator[Frame]:
        return self

    def __next__(self) -> Frame:
        return next(self._frames)

    @property
    def can_rewind(self) -> bool:
        """Whether the frames so far can be read again."""
        return not self._is_read_once or self._kept is not None

    @property
    def needs_keeping(self) -> bool:
        """Whether frames can be read again only if `keep` is told where they are."""
        return self._kept is not None

    def peek(self, count: int) -> list[Frame]:
        """Return the next frames, which stay on the tape; fewer if it ends."""
        following = list(islice(self._frames, count))
        self._frames = chain(following, self._frames)
        return following

    def peek_pictures(self, count: int) -> list[Frame]:
        """Return the first of the next frames for each of some pictures; all stay on the tape."""
        following, pictures = first_pictures(self._frames, count)
        self._frames = chain(following, self._frames)
        return pictures

    def next_frame(self) -> Frame | None:
        """Return the next frame, which stays on the tape; None if there is none."""
        following = self.peek(1)
        return following[0] if following else None

    def keep(self, read: Callable[[], Iterable[Frame]]) -> None:
        """Remember a function that reads the frames of the last chunk again."""
        if self._kept is not None:
            self._kept.append(read)

    def forget(self) -> None:
        """Keep no more frames of an iterator: they will not be read again."""
        self._kept = None

    def rewind(self) -> None:
        """Go back to the first frame."""
        if self._is_read_once:
            assert self._kept is not None, "frames that were forgotten cannot be read again"
            kept, self._kept = self._kept, []
            self._frames = chain(chain.from_iterable(read() for read in kept), self._frames)
        else:
            self.close()
            self._source = self._read()
            self._frames = self._source

    def close(self) -> None:
        """Close the iterator that reads the params."""
        self._source.close()

    def _read(self) -> Generator[Frame, None, None]:
        return sort_frames(number_frames(*self._arguments))


def group_chunks(frames: Iterable[Frame], chunk_size: int) -> Iterator[Chunk]:
    """Yield chunks of chunk_size frames; the last one may be shorter.

    Parameters
    ----------
    frames : iterable of Frame
        Frames in ascending order of ids.
    chunk_size : int
        Frames per chunk, >= 1.
    """
    remaining = iter(frames)
    while members := tuple(islice(remaining, chunk_size)):
        yield Chunk(members)
