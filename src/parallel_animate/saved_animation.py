"""Animators for an animation of matplotlib's: one that starts from a copy, one that goes on.

And the trial that tells which of them is right.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from parallel_animate.animation_frames import FrameSource
from parallel_animate.animation_pickle import dump_frame
from parallel_animate.animator import Animator
from parallel_animate.digest import Identified
from parallel_animate.errors import FrameOrderError, RenderError
from parallel_animate.frames import Chunk, Frame
from parallel_animate.playback import Player
from parallel_animate.preflight import compare_frames
from parallel_animate.render import CheckedAnimator, Scene
from parallel_animate.settings import VideoSettings

# Frames that are drawn one after another, and then alone, where only their start is at hand.
TRIAL_FRAMES = 3


class SavedAnimation(CheckedAnimator, Identified):
    """Starts every chunk from a fresh copy of an animation, and checks that this is right.

    Parameters
    ----------
    data : bytes
        What `dump_animation` has returned.
    identity : str
        A digest of the animation, which its pickle bytes are not.
    """

    def __init__(self, data: bytes, identity: str = "") -> None:
        self._data = data
        self.identity = identity
        self._player: Player | None = None

    def __getstate__(self) -> dict[str, Any]:
        return {**vars(self), "_player": None}

    def setup(self) -> Figure:
        """Copy the animation and draw what comes before its first frame."""
        self._player = Player.of_copy(self._data)
        self._player.start()
        return self._player.figure

    def update(self, frame_idx: int, params: Any) -> None:
        """Bring the copy's figure into the state of a frame; params are its pickled data."""
        assert self._player is not None, "setup() comes first"
        self._player.draw_pickled(params)

    def check_chunk(
        self, chunk: Chunk, last_pixels: NDArray[np.uint8], settings: VideoSettings
    ) -> None:
        """Draw the last frame alone; FrameOrderError if it then looks different.

        What any frame of the chunk has left behind in the figure shows there.
        """
        if len(chunk.frames) > 1:
            fault = _why_not_alone(
                SavedAnimation(self._data),
                chunk.frames[-1],
                chunk.frames[-2].id,
                last_pixels,
                settings,
            )
            if fault:
                raise FrameOrderError(fault)


class SavedAnimationInOrder(Animator):
    """Draws an animation's frames one after another, from the first to the last.

    Parameters
    ----------
    player : Player
        Of a copy or of the user's own animation; the first setup() starts it.
    is_pickled : bool
        True if params are the pickled data of a frame.
    """

    def __init__(self, player: Player, is_pickled: bool) -> None:
        self._player = player
        self._draw_frame = player.draw_pickled if is_pickled else player.draw_frame
        self._is_started = False

    def setup(self) -> Figure:
        """Draw what comes before the first frame, once; later chunks go on with the figure."""
        if not self._is_started:
            self._player.start()
            self._is_started = True
        return self._player.figure

    def update(self, frame_idx: int, params: Any) -> None:
        """Bring the figure into the state of a frame."""
        self._draw_frame(params)


def _why_not_alone(
    animator: SavedAnimation,
    frame: Frame,
    previous: int,
    pixels: NDArray[np.uint8],
    settings: VideoSettings,
    uses_layout: bool = True,
) -> str:
    """Return why a frame that was drawn after others must not be drawn alone; empty if it may."""
    try:
        alone = Scene(animator, Chunk((frame,)), settings, uses_layout).draw(frame)
    except RenderError as error:
        return f"frame {frame.id} can be drawn after frame {previous}, but not alone: {error}"
    return str(compare_frames(frame.id, previous, pixels, alone) or "")


@dataclass(frozen=True)
class _TrialFrame:
    """A frame of the trial.

    Parameters
    ----------
    id : int
        Its id.
    in_order : Any
        Its data for the scene in which frames follow each other; pickled unless the scene's own
        copy makes them.
    alone : bytes
        Its pickled data, to be drawn alone; empty if it is not.
    """

    id: int
    in_order: Any
    alone: bytes


def why_in_order(
    data: bytes, source: FrameSource, n_frames: int | None, settings: VideoSettings
) -> str:
    """Return why the frames of an animation must be drawn in order; empty if nothing says so.

    The first frames are drawn one after another, as matplotlib would, and each alone; so are, where
    the data of all frames are at hand, a pair in the middle and the last.

    Parameters
    ----------
    data : bytes
        What `dump_animation` has returned, without frames.
    source : FrameSource
        Of the animation.
    n_frames : int or None
        Frames of the movie, where it is limited to them.
    settings : VideoSettings
        Of the movie.

    Raises
    ------
    FrameError
        If the data of a frame cannot be sent to another process.
    RenderError
        If the animation's function fails.
    """
    fault = _first_fault(data, source, n_frames, settings, uses_layout=True)
    if not fault:
        return ""
    engine = Player.of_copy(data).figure.get_layout_engine()
    if engine is not None and not _first_fault(data, source, n_frames, settings, uses_layout=False):
        return (
            f"its layout engine ({type(engine).__name__}) moves the axes from frame to frame, each "
            f"time from where they are ({fault}). Call fig.draw_without_rendering() and "
            "fig.set_layout_engine('none') once the figure is complete to fix the layout"
        )
    return explain_order(fault)


def explain_order(fault: str) -> str:
    """Return what a frame that must not be drawn alone says of its animation, and what helps."""
    return (
        f"its frames depend on those before: {fault}. To have it rendered in parallel, let the "
        "function set all that changes from its argument alone: whole data up to the frame instead "
        "of an append, no counters, random numbers from np.random.default_rng(frame)"
    )


def _first_fault(
    data: bytes,
    source: FrameSource,
    n_frames: int | None,
    settings: VideoSettings,
    uses_layout: bool,
) -> str:
    player = Player.of_copy(source.own_code or data)
    scene = Scene(
        SavedAnimationInOrder(player, is_pickled=not source.own_code),
        Chunk((Frame(0, b""),)),
        settings,
        uses_layout,
    )
    scene.size()
    previous = 0
    for frame in _trial_frames(player, source, n_frames):
        try:
            pixels = scene.draw(Frame(frame.id, b"", frame.in_order)).copy()
        except RenderError as error:
            if frame.id <= previous + 1:
                raise
            return f"frame {frame.id} cannot be drawn after frame {previous}: {error}"
        if frame.alone:
            fault = _why_not_alone(
                SavedAnimation(data),
                Frame.of(frame.id, frame.alone),
                previous,
                pixels,
                settings,
                uses_layout,
            )
            if fault and frame.id == 0:
                return "what makes the frames also changes what the function reads"
            if fault:
                return fault
        previous = frame.id
    return ""


def _trial_frames(
    player: Player, source: FrameSource, n_frames: int | None
) -> Iterator[_TrialFrame]:
    n_start = min(n_frames or TRIAL_FRAMES, TRIAL_FRAMES)
    if source.own_code:
        # Frames that the user's code makes may change what the function reads; in a copy of both
        # they do so between the frames, as in matplotlib.
        for position, own, sent in zip(
            range(n_start), player.frames(), source.read(), strict=False
        ):
            yield _TrialFrame(position, own, dump_frame(sent))
        return
    if not len(source.values):
        for position, item in zip(range(n_start), source.read(), strict=False):
            content = dump_frame(item)
            yield _TrialFrame(position, content, content if position else b"")
        return
    total = min(len(source.values), n_frames or len(source.values))
    tried = {1, total // 2, total - 1} - {0}
    for position in sorted({0, *tried, *(position - 1 for position in tried)} & set(range(total))):
        content = dump_frame(source.values[position])
        yield _TrialFrame(position, content, content if position in tried else b"")
