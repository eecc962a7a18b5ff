"""Tell whether the frames of an animation of matplotlib's can be drawn without those before.

Before a render the first frames are drawn one after another, as matplotlib would, and each alone;
what later frames need is found at the end of their chunks, by `animators.SavedAnimation`.
"""

import bisect
import contextlib
import itertools
from collections.abc import Iterator, Sequence
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
from parallel_animate.render.isolation import quiet
from parallel_animate.render.scene import Scene
from parallel_animate.settings import VideoSettings

# Frames that are drawn in order and alone before the render.
N_FIRST_FRAMES = 3


@dataclass(frozen=True)
class FirstFrames:
    """What the first frames of an animation have shown.

    Parameters
    ----------
    why_in_order : str
        Why all frames must be drawn in order; empty if nothing says so.
    layout : ndarray or None
        Where a layout engine leaves the axes, as `Player.layout` has it.
    """

    why_in_order: str
    layout: NDArray[np.float64] | None = None


def draw_first_frames(
    data: bytes, source: FrameSource, n_frames: int | None, settings: VideoSettings
) -> FirstFrames:
    """Draw the first frames in order and alone.

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
    n_first = min(n_frames or N_FIRST_FRAMES, N_FIRST_FRAMES)
    player = Player.of_copy(source.own_code or data)
    fault = _first_fault(player, data, source, n_first, settings)
    if not fault:
        return FirstFrames("", player.layout())
    player = Player.of_copy(source.own_code or data)
    with quiet():
        other = _first_fault(player, data, source, n_first, settings, uses_layout=False)
    return FirstFrames(explain_order(data, fault, is_of_layout=not other))


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
    n_first: int,
    settings: VideoSettings,
    uses_layout: bool = True,
) -> str:
    in_order = SavedAnimationInOrder(player, is_pickled=not source.own_code)
    scene = Scene(in_order, Chunk((Frame(0, b""),)), settings, uses_layout)
    # Without an init_func it is the first frame that is drawn at the start.
    with quiet() if source.first else contextlib.nullcontext():
        scene.size()
    for number, (item, content) in enumerate(_first_items(player, source, n_first)):
        with quiet():
            pixels = scene.draw(Frame(number, b"", item)).copy()
        # The first frame is drawn alone in any case, unless something else draws it in order.
        if number or source.own_code:
            frame = Frame.of(number, content)
            previous = max(number - 1, 0)
            animator = SavedAnimation(data)
            fault = why_not_alone(animator, frame, previous, pixels, settings, uses_layout)
            if fault and not number:
                return "what makes the frames also changes what the function reads"
            if fault:
                return fault
    return ""


def _first_items(player: Player, source: FrameSource, n_first: int) -> Iterator[tuple[Any, bytes]]:
    """Yield the data of frames as the player draws them, and pickled.

    Frames that the user's code makes may change what the function reads; in a copy of both they do
    so between the frames, as in matplotlib.
    """
    contents = map(dump_frame, itertools.islice(source.read(), n_first))
    if source.own_code:
        yield from zip(itertools.islice(player.frames(), n_first), contents, strict=False)
    else:
        yield from ((content, content) for content in contents)


def explain_failure(
    data: bytes, values: Sequence[Any], error: RenderError, settings: VideoSettings
) -> str:
    """Return the first frame that fails alone, but not after the one before.

    Parameters
    ----------
    data : bytes
        The pickled animation.
    values : sequence
        The data of all frames.
    error : RenderError
        What a chunk has failed with.
    settings : VideoSettings
        Of the movie.

    Raises
    ------
    RenderError
        If there is none such: that of the first frame that fails, or the one given.
    """

    def draw(*frame_ids: int) -> None:
        frames = [Frame.of(frame_id, dump_frame(values[frame_id])) for frame_id in frame_ids]
        scene = Scene(SavedAnimation(data), Chunk(tuple(frames)), settings)
        for frame in frames:
            with quiet():
                scene.draw(frame)

    def failure(frame_id: int) -> RenderError | None:
        try:
            draw(frame_id)
        except RenderError as alone:
            return alone
        return None

    if not error.frame_idx or not len(values):
        raise error
    # The first frames were drawn alone without an error.
    first = bisect.bisect_left(
        range(error.frame_idx), True, lo=1, key=lambda frame_id: failure(frame_id) is not None
    )
    alone = failure(first)
    if alone is None:
        raise error
    draw(first - 1, first)
    return f"frame {first} can be drawn after frame {first - 1}, but not alone: {alone}"
