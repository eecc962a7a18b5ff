"""The ids of a movie's frames, for what names frames by them: chapters and a poster."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any

from parallel_animate.inputs.frames import IndexedFrameParams


def planned_ids(params: Iterable[Any], total: int | None) -> Sequence[int] | None:
    """Return the ids that frames will have, ascending; None if nobody knows how many there are.

    Parameters
    ----------
    params : iterable
        The params. Those in a list are looked at; others should be no `IndexedFrameParams`.
    total : int or None
        Number of frames, if it is known.
    """
    if total is None:
        return None
    if isinstance(params, (list, tuple)) and any(_has_id(item) for item in params):
        return sorted(map(_id_of, range(total), islice(params, total)))
    return range(total)


class FrameIds:
    """The ids of the frames that were read; until then, and without a watch, their positions."""

    def __init__(self) -> None:
        self._ids: list[int] = []

    def watch(self, items: Iterable[Any]) -> Iterator[Any]:
        """Yield items and note the ids of their frames; forget earlier ones."""
        self._ids = []
        for position, item in enumerate(items):
            self._ids.append(_id_of(position, item))
            yield item

    def in_order(self, n_frames: int) -> Sequence[int]:
        """Return the ids of all frames, ascending."""
        return sorted(self._ids) or range(n_frames)


def _has_id(item: Any) -> bool:
    # An id that is no integer is refused when the frames are numbered.
    return isinstance(item, IndexedFrameParams) and isinstance(item.frame_id, int)


def _id_of(position: int, item: Any) -> int:
    return item.frame_id if _has_id(item) else position
