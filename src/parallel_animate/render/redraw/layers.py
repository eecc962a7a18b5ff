"""Divide a figure into a background that stays and a foreground that is painted again.

An unchanged artist may be painted before a changing one, although it belongs above it, if the two
touch no common pixel. Take the ticks of an image that changes: the tick marks touch its edge and
are painted after it, the labels can be painted before. Everything that can be painted first makes
the *background*, which is kept as a raster. The rest, the *foreground*, is painted on top of it in
painter's order. Pieces of it that touch each other form a *group*. A group without changes keeps
its pixels.
"""

import math
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Any

import numpy as np
from numpy.typing import NDArray

from parallel_animate.render.redraw.raster import NOWHERE, Box, Call, Recording
from parallel_animate.render.redraw.state import Watch

# First number of frames for which an artist that keeps changing is redrawn without a look.
SHORT_REST = 4

# One copy of a region up to this many times as large is faster than several copies.
LITTLE = 1.5


class Item:
    """A leaf artist and what is known about it.

    Attributes
    ----------
    artist
        The artist, which is drawn as a whole.
    axes
        The Axes whose limits it depends on, or None.
    watch
        Its state after its last draw; None if that is unknown or takes too long to find.
    opaque
        Its state cannot be known.
    answer
        The ticks that an axis gave for its last draw; None if its state shows them.
    recording
        The calls of its last draw.
    settled
        Its last draw did not change its state, so another one would draw the same.
    changes
        It has changed since the figure was first drawn.
    box
        The largest region it may touch, as far as is known.
    heat
        Number of frames in a row in which it changed.
    rest, pause
        Number of frames in which it is redrawn without a look: still left now, and next time.
    rested
        It has just been redrawn without a look for the last time.
    is_new
        It is drawn for the first time, in a figure that others were drawn in before.
    key
        What its next draw depends on, if other artists may look the same.
    """

    def __init__(self, artist: Any, axes: Any) -> None:
        self.artist = artist
        self.axes = axes
        self.watch: Watch | None = None
        self.opaque = False
        self.answer: Any = None
        self.recording: Recording | None = None
        self.settled = False
        self.changes = False
        self.box = NOWHERE
        self.heat = 0
        self.rest = 0
        self.pause = SHORT_REST
        self.rested = False
        self.is_new = False
        self.key: Hashable | None = None

    def recall(self, recording: Recording) -> None:
        """Take the recording of another artist, which looked the same."""
        self.recording = recording
        self.box = self.box.union(recording.box)
        self.settled, self.changes, self.watch, self.key = True, False, None, None
        self.heat = self.rest = 0
        self.rested = False

    @property
    def calls(self) -> tuple[Call, ...]:
        """The calls of its last draw."""
        return () if self.recording is None else self.recording.calls

    def can_be_replayed(self) -> bool:
        """Return whether a draw would now do what its recording does."""
        return self.settled and self.recording is not None


@dataclass(frozen=True, eq=False)
class Piece:
    """An item, or some of its calls, in the foreground.

    Attributes
    ----------
    item : Item
        The item it belongs to.
    calls : tuple of Call or None
        None: whatever the item draws.
    box : Box
        The largest region it may touch.
    place : int
        The item's place in painter's order.
    """

    item: Item
    calls: tuple[Call, ...] | None
    box: Box
    place: int


class Layers:
    """The background and foreground of a figure.

    Parameters
    ----------
    items : sequence of Item
        In painter's order, with their boxes.

    Attributes
    ----------
    background : list of (Item, tuple of int)
        Each item with the places of those of its calls that are in the background.
    groups : list of list of Piece
        The foreground.
    regions : list of list of Box
        For each group, the regions to restore from the background before it is painted again.
    """

    def __init__(self, items: Sequence[Item]) -> None:
        self.background: list[tuple[Item, tuple[int, ...]]] = []
        foreground: list[Piece] = []
        for place, item in enumerate(items):
            if item.changes or not item.can_be_replayed():
                foreground.append(Piece(item, None, item.box, place))
                continue
            below = [piece.box for piece in foreground if piece.box.meets(item.box)]
            calls = item.calls
            above = calls_above(calls, below)
            if behind := tuple(n for n in range(len(calls)) if n not in above):
                self.background.append((item, behind))
            if above:
                kept = tuple(calls[n] for n in above)
                box = reduce(Box.union, (call.box for call in kept))
                foreground.append(Piece(item, kept, box, place))
        self.groups = groups(foreground)
        boxes = [[piece.box for piece in group] for group in self.groups]
        self.regions = [
            regions(own, [box for others in boxes if others is not own for box in others])
            for own in boxes
        ]


def calls_above(calls: Sequence[Call], boxes: Sequence[Box]) -> list[int]:
    """Return the places of calls that touch one of the boxes, directly or through earlier calls."""
    touched, above = list(boxes), []
    if boxes:
        for place, call in enumerate(calls):
            if any(call.box.meets(box) for box in touched):
                above.append(place)
                touched.append(call.box)
    return above


def groups(pieces: Sequence[Piece]) -> list[list[Piece]]:
    """Divide pieces into groups that share no pixels."""
    boxes = np.array([piece.box for piece in pieces], float).reshape(-1, 4)
    x0, y0, x1, y1 = boxes.T
    label = np.arange(len(pieces))
    for place, box in enumerate(boxes):
        # The same test as Box.meets, with all pieces before this one.
        before = slice(0, place)
        meets = (x0[before] <= box[2]) & (x1[before] >= box[0])
        meets &= (y0[before] <= box[3]) & (y1[before] >= box[1])
        if meets.any():
            joined = np.zeros(len(pieces), bool)
            joined[label[before][meets]] = True
            label[before][joined[label[before]]] = place
    found: dict[int, list[Piece]] = {}
    for group, piece in zip(label.tolist(), pieces, strict=True):
        found.setdefault(group, []).append(piece)
    return list(found.values())


def regions(boxes: Sequence[Box], others: Sequence[Box]) -> list[Box]:
    """Return as few boxes as possible that hold all given ones, little else and no others."""
    whole = reduce(Box.union, boxes)
    is_little_more = whole.area() <= LITTLE * max(box.area() for box in boxes)
    if is_little_more and not any(whole.meets(box) for box in others):
        return [whole]
    return list(boxes)


def copy_region(source: NDArray[np.uint8], target: NDArray[np.uint8], box: Box) -> None:
    """Copy the pixels of a box from one (height, width, 4) uint8 raster to another.

    Pixels that are only partly in the box are copied too; boxes that do not meet share no pixel.
    """
    height, width = source.shape[:2]
    # Rows count downwards; an infinite end means the end of the canvas.
    left, right = math.floor(_held(box.x0, width)), math.ceil(_held(box.x1, width))
    top, bottom = (
        math.floor(_held(height - box.y1, height)),
        math.ceil(_held(height - box.y0, height)),
    )
    target[top:bottom, left:right] = source[top:bottom, left:right]


def _held(value: float, limit: int) -> float:
    return min(max(value, 0), limit)
