"""Tell whether the frames of an animation of matplotlib's can be drawn alone.

The first frames are drawn one after another, as matplotlib would, and each alone; so are, where the
data of all frames are at hand, a pair in the middle and the last.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from parallel_animate.errors import RenderError
from parallel_animate.funcanimation.animators import (
    SavedAnimation,
    SavedAnimationInOrder,
    why_not_alone,
)
from parallel_animate.funcanimation.frame_source import FrameSource
from parallel_animate.funcanimation.pickled import dump_frame
from parallel_animate.funcanimation.playback import Player, layout_engine
from parallel_animate.inputs.frames import Chunk, Frame
from parallel_animate.render.scene import Scene
from parallel_animate.settings import VideoSettings

# Frames that are drawn one after another, and then alone, where only their start is at hand.
TRIAL_FRAMES = 3


@dataclass(frozen=True)
class Finding:
    """What a trial found.

    Parameters
    ----------
    why_in_order : str
        Why the frames must be drawn in order; empty if nothing says so.
    layout : ndarray or None
        Where a layout engine leaves the axes, as `Player.layout` has it.
    """

    why_in_order: str
    layout: NDArray[np.float64] | None = None


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


def try_copies(
    data: bytes, source: FrameSource, n_frames: int | None, settings: VideoSettings
) -> Finding:
    """Draw some frames in order and alone.

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
    player = Player.of_copy(source.own_code or data)
    fault = _first_fault(player, data, source, n_frames, settings)
    if not fault:
        return Finding("", player.layout())
    player = Player.of_copy(source.own_code or data)
    other = _first_fault(player, data, source, n_frames, settings, uses_layout=False)
    return Finding(explain_order(data, fault, is_of_layout=not other))


def explain_order(data: bytes, fault: str, is_of_layout: bool = True) -> str:
    """Return what a frame that must not be drawn alone says of its animation, and what helps.

    Parameters
    ----------
    data : bytes
        The pickled animation.
    fault : str
        The frame.
    is_of_layout : bool
        False if it has nothing to do with a layout engine.
    """
    engine = layout_engine(Player.of_copy(data).figure)
    if engine is not None and is_of_layout:
        return (
            f"its frames depend on those before: {fault}. Its layout engine, "
            f"{type(engine).__name__}, moves the axes from where they are. If the layout can stay "
            "as it is, call fig.draw_without_rendering() and fig.set_layout_engine('none') before "
            "the animation is made, to have it rendered in parallel"
        )
    return (
        f"its frames depend on those before: {fault}. To have it rendered in parallel, let the "
        "function set all that changes from its argument alone: whole data up to the frame instead "
        "of an append, no counters, random numbers from np.random.default_rng(frame)"
    )


def _first_fault(
    player: Player,
    data: bytes,
    source: FrameSource,
    n_frames: int | None,
    settings: VideoSettings,
    uses_layout: bool = True,
) -> str:
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
            fault = why_not_alone(
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
