"""Find out whether frames of a matplotlib animation can be drawn without the frames before.

Before a render, the first frames are drawn one after another, as matplotlib does, and also alone.
Later frames are checked at the end of their chunks, by `animators.SavedAnimation`.
"""

import bisect
import contextlib
import itertools
import math
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from parallel_animate.errors import RenderError
from parallel_animate.funcanimation.animators import SavedAnimation, SavedAnimationInOrder
from parallel_animate.funcanimation.frame_source import FrameSource
from parallel_animate.funcanimation.parts import Parts
from parallel_animate.funcanimation.pickled import dump_frame
from parallel_animate.funcanimation.playback import Player
from parallel_animate.inputs.frames import Chunk, Frame
from parallel_animate.render.layout import layout_engine
from parallel_animate.render.order_check import explain_dependence, why_not_alone
from parallel_animate.render.quiet import quiet
from parallel_animate.render.scene import Scene
from parallel_animate.settings import VideoSettings

# Number of frames that are drawn in order and alone before the render.
N_FIRST_FRAMES = 3


@dataclass(frozen=True)
class FirstFrames:
    """The result of drawing the first frames of an animation.

    Parameters
    ----------
    why_in_order : str
        Why all frames must be drawn in order; empty if no reason was found.
    layout : ndarray or None
        Where a layout engine leaves the axes, as returned by `Player.layout`.
    settles : bool
        True if every chunk must begin with the first frame, because matplotlib settles something
        when a figure is first drawn.
    frame_seconds : float
        CPU seconds of the function and of drawing the slowest frame, without the very first one;
        infinite if that is unknown.
    """

    why_in_order: str
    layout: NDArray[np.float64] | None = None
    settles: bool = False
    frame_seconds: float = math.inf


def draw_first_frames(
    data: bytes,
    copied: Callable[[], bytes | Parts],
    source: FrameSource,
    n_frames: int | None,
    settings: VideoSettings,
    is_short: Callable[[float], bool],
    on_first_frame: Callable[[float], None] = lambda seconds: None,
    player: Player | None = None,
) -> FirstFrames:
    """Draw the first frames in order and alone.

    Parameters
    ----------
    data : bytes
        The animation without its frames, pickled by `dump_animation`.
    copied : callable
        Returns the same for `SavedAnimation`, which draws frames alone.
    source : FrameSource
        The animation's frames.
    n_frames : int or None
        Number of frames in the movie, if it is limited.
    settings : VideoSettings
        The movie's settings.
    is_short : callable
        Returns whether a movie whose frames take a number of seconds is drawn in order in any case.
        Only two of its frames are drawn here, and none of them alone.
    on_first_frame : callable
        Called with the seconds that the first frame took, usually more than any other.
    player : Player, optional
        The player of a fresh copy; None: one is made.

    Raises
    ------
    FrameError
        If the data of a frame cannot be sent to another process.
    RenderError
        If the animation's function fails.
    """
    n_first = min(n_frames or N_FIRST_FRAMES, N_FIRST_FRAMES)
    player = player or Player.of_copy(source.own_code or data)
    seconds: list[float] = []
    fault = _first_fault(
        *(player, copied, source, n_first, settings),
        seconds=seconds,
        is_short=is_short,
        on_first_frame=on_first_frame,
    )
    if not fault:
        frame_seconds = max(seconds[1:], default=math.inf)
        return FirstFrames("", player.layout(), frame_seconds=frame_seconds)
    with quiet():
        player = Player.of_copy(source.own_code or data)
        fault = _first_fault(player, copied, source, n_first, settings, settles=True)
        if not fault:
            return FirstFrames("", player.layout(), settles=True)
        player = Player.of_copy(source.own_code or data)
        other = _first_fault(player, copied, source, n_first, settings, uses_layout=False)
    return FirstFrames(explain_order(data, fault, is_of_layout=not other))


def explain_order(data: bytes, fault: str, is_of_layout: bool = True) -> str:
    """Explain why an animation must be drawn in order, and how the user can change that.

    Parameters
    ----------
    data : bytes
        The pickled animation.
    fault : str
        Describes the frame that must not be drawn alone.
    is_of_layout : bool
        False if a layout engine is not the reason.
    """
    engine = layout_engine(Player.of_copy(data).figure) if is_of_layout else None
    reason = explain_dependence(
        fault,
        "" if engine is None else type(engine).__name__,
        "the function",
        "before you make the animation",
    )
    return f"its frames depend on earlier frames: {reason}"


def _first_fault(
    player: Player,
    copied: Callable[[], bytes | Parts],
    source: FrameSource,
    n_first: int,
    settings: VideoSettings,
    uses_layout: bool = True,
    settles: bool = False,
    seconds: list[float] | None = None,
    is_short: Callable[[float], bool] = lambda frame_seconds: False,
    on_first_frame: Callable[[float], None] = lambda seconds: None,
) -> str:
    """Return why a frame must not be drawn alone, or an empty string; add the seconds of each."""
    first = None
    in_order = SavedAnimationInOrder(player, is_pickled=not source.own_code)
    # Drawn as a movie that is rendered in order, so that the seconds are those of its frames.
    scene = Scene(in_order, Chunk((Frame(0, b""),)), settings, uses_layout, replays=False)
    # Without an init_func, starting the animation draws the first frame.
    with quiet() if source.first else contextlib.nullcontext():
        scene.set_up()
    for number, (item, content) in enumerate(_first_items(player, source, n_first)):
        start = time.thread_time()
        with quiet():
            pixels = scene.draw(Frame(number, b"", item)).copy()
        if seconds is not None:
            seconds.append(time.thread_time() - start)
            if not number:
                on_first_frame(seconds[0])
            elif is_short(max(seconds[1:])):
                return ""
        # In order, the first frame is drawn alone anyway, unless the user's code makes the frames.
        frame = Frame.of(number, content)
        if settles and not number:
            first = frame
        if number or source.own_code:
            fault = why_not_alone(
                SavedAnimation(copied()),
                frame,
                max(number - 1, 0),
                pixels,
                settings,
                uses_layout=uses_layout,
                first=first,
                places=scene.source.places(),
            )
            if fault and not number:
                return "the code that makes the frames also changes data that the function reads"
            if fault:
                return fault
    return ""


def _first_items(player: Player, source: FrameSource, n_first: int) -> Iterator[tuple[Any, bytes]]:
    """Yield the data of each frame in the player's form and pickled.

    If the user's code makes the frames, it may change data that the function reads. In a copy of
    both, this happens between the frames, as in matplotlib.
    """
    contents = map(dump_frame, itertools.islice(source.read(), n_first))
    if source.own_code:
        yield from zip(itertools.islice(player.frames(), n_first), contents, strict=False)
    else:
        yield from ((content, content) for content in contents)


def explain_failure(
    data: bytes, values: Sequence[Any], error: RenderError, settings: VideoSettings, settles: bool
) -> str:
    """Describe the first frame that fails alone, but not after the frame before.

    Parameters
    ----------
    data : bytes
        The pickled animation.
    values : sequence
        The data of all frames.
    error : RenderError
        The error of a chunk.
    settings : VideoSettings
        The movie's settings.
    settles : bool
        True if every chunk begins with the first frame.

    Raises
    ------
    RenderError
        If no such frame exists: the error of the first frame that fails, or the given error.
    """

    def failure(*frame_ids: int) -> RenderError | None:
        ids = dict.fromkeys([0, *frame_ids] if settles else frame_ids)
        frames = [Frame.of(frame_id, dump_frame(values[frame_id])) for frame_id in ids]
        scene = Scene(SavedAnimation(data), Chunk(tuple(frames)), settings)
        try:
            for frame in frames:
                with quiet():
                    scene.draw(frame)
        except RenderError as alone:
            return alone
        return None

    if not error.frame_idx or not len(values):
        raise error
    # The first frames have already been drawn alone without an error.
    first = bisect.bisect_left(
        range(error.frame_idx), True, lo=1, key=lambda frame_id: failure(frame_id) is not None
    )
    alone = failure(first)
    if alone is None:
        raise error
    if failure(first - 1, first) is not None:
        raise alone
    return f"frame {first} can be drawn after frame {first - 1}, but not alone: {alone}"
