"""Pickle an ArtistAnimation in parts, each with the artists of a chunk's frames alone.

An ArtistAnimation holds the artists of all its frames, and shows those of one frame at a time. A
chunk needs only its own ones: to load the others takes longer than to draw.
"""

import functools
import io
import pickle
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import BuiltinMethodType
from typing import Any

import matplotlib as mpl
from matplotlib.animation import Animation, ArtistAnimation
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.legend import Legend
from matplotlib.transforms import TransformNode

from parallel_animate.funcanimation.pickled import (
    AnimationPickler,
    dump_with,
    has_matplotlibs_code_only,
    is_known,
    load_animation,
    module_of,
)
from parallel_animate.inputs.matplotlib_private import is_followed
from parallel_animate.render.isolation import RandomState

# A part of fewer frames is hardly smaller than the whole.
MIN_FRAMES = 4
# If most artists are in several parts, the parts are together this many times as large.
MAX_GROWTH = 2


class _IndivisibleError(Exception):
    """A part of the animation may depend on the artists of other frames."""


@dataclass(frozen=True)
class Parts:
    """An animation, pickled in parts.

    Parameters
    ----------
    size : int
        Number of frames in a part, but the last one.
    pickled : tuple of bytes
        For each part an animation with the artists of these frames and of the first frame.
    """

    size: int
    pickled: tuple[bytes, ...]

    def of(self, frame_ids: Sequence[int]) -> bytes:
        """Return the part with these frames: frames of one chunk, and the movie's first frame."""
        return self.pickled[max(frame_ids) // self.size]


class _PartPickler(AnimationPickler):
    """Leaves artists out of the lists of their Axes.

    Nothing else in the pickle may refer to them. An Axes reads its list of artists to draw those
    that are visible, which they are not; to find its limits, which must be known therefore; and to
    find the best place for a legend. Its list of containers, such as bars, is for new legends.
    Other code is refused, because it may read more.

    A transform knows those that build on it, also if nothing else does any more; those of the
    artists are left out, too.

    Parameters
    ----------
    file, with_sources
        As for `Pickler`.
    left_out : mapping of int to object
        The artists and their transforms, by their ids.
    lists : mapping of int to list
        By the ids of the Axes' lists of artists and containers: the lists without these artists.
    frames : sequence
        The frames of the animation, without these artists.
    held : set of int, optional
        Gets the ids of those that something else refers to. None: such a reference is an error.

    Raises
    ------
    _IndivisibleError
        If something may depend on what is left out.
    """

    def __init__(
        self,
        file: io.BytesIO,
        with_sources: bool,
        left_out: Mapping[int, object],
        lists: Mapping[int, list[Any]],
        frames: Sequence[Any],
        held: set[int] | None = None,
    ) -> None:
        super().__init__(file, with_sources)
        self._left_out = left_out
        self._lists = lists
        self._frames = frames
        self._held = held

    def animation_state(self, animation: Animation) -> dict[str, Any]:
        return {**super().animation_state(animation), "_framedata": self._frames}

    def reducer_override(self, obj: Any) -> Any:
        if id(obj) in self._left_out:
            if self._held is None:
                raise _IndivisibleError
            self._held.add(id(obj))
        if not is_known(module_of(obj)) or (isinstance(obj, Legend) and obj._loc_real == 0):  # type: ignore[attr-defined]
            raise _IndivisibleError
        if isinstance(obj, TransformNode):
            return self._reduce_transform(obj)
        if isinstance(obj, Axes):
            return self._reduce_axes(obj)
        if isinstance(obj, BuiltinMethodType) and id(obj.__self__) in self._lists:
            # How an artist removes itself from the list.
            return getattr, (self._lists[id(obj.__self__)], obj.__name__)
        return super().reducer_override(obj)

    def _reduce_transform(self, transform: Any) -> Any:
        make, arguments, state, *rest = transform.__reduce_ex__(pickle.HIGHEST_PROTOCOL)
        parents = state["_parents"].items()
        kept = {key: parent for key, parent in parents if id(parent) not in self._left_out}
        return make, arguments, {**state, "_parents": kept}, *rest

    def _reduce_axes(self, axes: Any) -> Any:
        if any(axes._stale_viewlims.values()):
            raise _IndivisibleError
        make, arguments, state, *rest = axes.__reduce_ex__(pickle.HIGHEST_PROTOCOL)
        names = ("_children", "containers")
        kept: dict[str, Any] = {n: self._lists.get(id(state[n]), state[n]) for n in names}
        # It only decides what is reported below the mouse.
        kept["_mouseover_set"] = type(state["_mouseover_set"])()
        return make, arguments, {**state, **kept}, *rest


def _lists(axes: Any, left_out: Mapping[int, object]) -> dict[int, list[Any]]:
    """Return the lists of an Axes without the artists that are left out, by the lists' ids."""
    artists, containers = axes._children, axes.containers
    return {
        id(artists): [artist for artist in artists if id(artist) not in left_out],
        id(containers): [
            container
            for container in containers
            if not any(id(artist) in left_out for artist in container.get_children())
        ],
    }


def transforms_of(artist: Artist) -> dict[int, TransformNode]:
    """Return the transforms that an artist refers to, and those that these refer to, by ids."""
    found: dict[int, TransformNode] = {}
    objects: list[object] = [artist]
    while objects:
        parts = vars(objects.pop()).values()
        new = {id(p): p for p in parts if isinstance(p, TransformNode) and id(p) not in found}
        found |= new
        objects += new.values()
    return found


def divide(
    animation: Animation, data: bytes, n_frames: int | None, size: int, random_state: RandomState
) -> Parts | None:
    """Return an animation in parts, or None if it must stay whole.

    An animation in parts runs no code but that of `KNOWN` packages.

    Parameters
    ----------
    animation : Animation
        The user's animation, which is not changed.
    data : bytes
        The same animation as a whole, from `dump_animation`.
    n_frames : int or None
        Number of frames in the movie, if it is known.
    size : int
        Number of frames in a part.
    random_state : RandomState
        Start of the copies' random numbers.
    """
    whole: Any = animation
    if (
        type(animation) is not ArtistAnimation
        or not isinstance(whole._framedata, list | tuple)
        or not all(isinstance(frame, list | tuple) for frame in whole._framedata)
        or n_frames is None
        or size < MIN_FRAMES
        or n_frames <= size
        or not is_followed()
        # Other code in matplotlib's own classes may read more of an Axes.
        or not has_matplotlibs_code_only()
    ):
        return None
    try:
        known = _with_limits(whole, data)
        return _divided(known, n_frames, size, random_state, MAX_GROWTH * len(data))
    except _IndivisibleError:
        return None


def _with_limits(animation: Any, data: bytes) -> Any:
    """Return the animation, or a copy whose Axes know their limits."""
    if not any(any(axes._stale_viewlims.values()) for axes in animation._fig.axes):
        return animation
    if mpl.rcParams["axes.autolimit_mode"] != "data":
        # Limits depend on the ticks that have room.
        raise _IndivisibleError
    copy: Any = load_animation(data)[0]
    for axes in copy._fig.axes:
        _ = axes.viewLim
    return copy


def _divided(
    animation: Any, n_frames: int, size: int, random_state: RandomState, most: int
) -> Parts | None:
    frames = animation._framedata
    all_axes = animation._fig.axes
    movable = {id(artist) for axes in all_axes for artist in axes._children}
    shown = {id(artist): artist for frame in frames for artist in frame if id(artist) in movable}
    transforms = {key: transforms_of(artist) for key, artist in shown.items()}

    def dump(own: Iterable[Any], held: set[int], finds: bool) -> bytes:
        kept = held | {id(artist) for frame in own for artist in frame}
        left_out: dict[int, object] = {k: part for k, part in shown.items() if k not in kept}
        kept = kept.union(*(transforms[key] for key in kept & shown.keys()))
        for key in list(left_out):
            left_out |= {k: part for k, part in transforms[key].items() if k not in kept}
        pickler = functools.partial(
            _PartPickler,
            left_out=left_out,
            lists={key: part for axes in all_axes for key, part in _lists(axes, left_out).items()},
            # Artists that stay are invisible before their frame, so that their frames stay, too.
            frames=[[artist for artist in frame if id(artist) not in left_out] for frame in frames],
            held=held if finds else None,
        )
        return dump_with(pickler, animation, (), random_state, with_sources=False)

    held: set[int] = set()
    dump((), held, finds=True)
    if not shown.keys() - held:
        return None
    parts: list[bytes] = []
    for start in range(0, n_frames, size):
        parts.append(dump([frames[0], *frames[start : start + size]], held, finds=False))
        if sum(map(len, parts)) > most:
            return None
    return Parts(size, tuple(parts))
