"""Animators for a matplotlib animation: one draws from fresh copies, the other one in order.

`order` finds out which of them is right.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from parallel_animate.errors import FrameOrderError
from parallel_animate.funcanimation.parts import Parts
from parallel_animate.funcanimation.playback import Player
from parallel_animate.inputs.animator import PartialAnimatorBase
from parallel_animate.inputs.frames import Chunk, Frame
from parallel_animate.inputs.value_digest import Identified
from parallel_animate.render.chunk import CheckedAnimator, SequentialAnimator
from parallel_animate.render.layout import is_same_layout
from parallel_animate.render.order_check import why_not_alone
from parallel_animate.render.quiet import quiet
from parallel_animate.render.rounding import flickers, places_of
from parallel_animate.settings import VideoSettings


class SavedAnimation(CheckedAnimator, PartialAnimatorBase, Identified):
    """Starts every chunk from a fresh copy of an animation, and checks that this is right.

    Parameters
    ----------
    data : bytes or Parts
        The animation, pickled by `dump_animation`, or in parts.
    identity : str
        A digest of the animation; unlike its pickle bytes, it is reproducible.
    layout : ndarray, optional
        Where a layout engine must leave the axes in every frame, as returned by `Player.layout`.
    starts_settled : bool
        True draws the first frame of the animation at the start of every chunk.
    """

    def __init__(
        self,
        data: bytes | Parts,
        identity: str = "",
        layout: NDArray[np.float64] | None = None,
        starts_settled: bool = False,
    ) -> None:
        self.starts_settled = starts_settled
        self._data = data
        self._chosen = b""
        self.identity = identity
        self._layout = layout
        self._player: Player | None = None
        self._last: int | None = None
        self._moved: int | None = None
        self._places: NDArray[np.float64] | None = None
        self._has_flickered = False

    def __getstate__(self) -> dict[str, Any]:
        # An animator is sent to another process, or copied, as before setup().
        left = dict.fromkeys(("_player", "_last", "_moved", "_places"))
        return {**vars(self), **left, "_has_flickered": False, "_chosen": b""}

    def expect(self, frame_ids: Sequence[int]) -> None:
        """Choose the part of the animation that has these frames."""
        self._chosen = self._data.of(frame_ids) if isinstance(self._data, Parts) else self._data

    def setup(self) -> Figure:
        """Copy the animation and draw the state before its first frame."""
        self._player = Player.of_copy(self._chosen)
        # Its output was already printed when the first frames were drawn before the render.
        with quiet():
            self._player.start()
        self._last = self._places = None
        return self._player.figure

    def update(self, frame_idx: int, params: Any) -> None:
        """Bring the copy's figure into the state of a frame; params are its pickled data."""
        assert self._player is not None, "setup() comes first"
        self._look_at_layout()
        self._player.draw_pickled(params)
        self._last = frame_idx

    def check_chunk(
        self,
        chunk: Chunk,
        last_pixels: NDArray[np.uint8],
        settings: VideoSettings,
        first: Frame | None = None,
    ) -> None:
        """Draw the last frame alone; raise FrameOrderError if it looks different then.

        The last frame shows changes that any frame of the chunk has left in the figure. The effect
        of a layout engine may show in the first frames only, so the axes must not move at all.
        """
        self._look_at_layout()
        if self._moved is not None:
            raise FrameOrderError(f"the axes are not where they were in frame {self._moved}")
        if len(chunk.frames) > 1:
            fault = why_not_alone(
                SavedAnimation(self._data),
                chunk.frames[-1],
                chunk.frames[-2].id,
                last_pixels,
                settings,
                first=first,
                places=self._places,
                has_flickered=self._has_flickered,
            )
            if fault:
                raise FrameOrderError(fault, settles=first is None)

    def _look_at_layout(self) -> None:
        """Record the first frame in which the layout engine has moved the axes."""
        if self._player is None or self._last is None:
            return
        places = places_of(self._player.figure)
        if self._places is not None and flickers(self._places, places):
            self._has_flickered = True
        self._places = places
        if self._layout is None or self._moved is not None:
            return
        if not is_same_layout(self._player.layout(), self._layout):
            self._moved = self._last


class SavedAnimationInOrder(SequentialAnimator):
    """Draws an animation's frames one after another, from the first to the last.

    Parameters
    ----------
    player : Player
        Plays a copy or the user's own animation; the first setup() starts it.
    is_pickled : bool
        True if params are the pickled data of a frame.
    can_start_again : bool
        True if another copy can be played from the beginning.
    """

    def __init__(self, player: Player, is_pickled: bool, can_start_again: bool = False) -> None:
        self._player = player
        self.can_start_again = can_start_again
        self._draw_frame = player.draw_pickled if is_pickled else player.draw_frame
        self._is_started = False

    def setup(self) -> Figure:
        """Draw the state before the first frame, once; later chunks go on with the figure."""
        if not self._is_started:
            self._player.start()
            self._is_started = True
        return self._player.figure

    def update(self, frame_idx: int, params: Any) -> None:
        """Bring the figure into the state of a frame."""
        self._draw_frame(params)
