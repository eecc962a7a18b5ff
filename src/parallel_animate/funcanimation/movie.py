"""The movie of an animation of matplotlib's, in parallel where that is right.

Each chunk starts from a fresh copy of figure and function. Where a frame depends on those before,
or no copy can be made, the frames are drawn one after another in this process.
"""

import itertools
import logging
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import matplotlib as mpl
from matplotlib.animation import Animation

from parallel_animate.errors import AnimatorLoadError, FrameError, FrameOrderError, NoFramesError
from parallel_animate.funcanimation.animators import SavedAnimation
from parallel_animate.funcanimation.frame_source import FrameSource, frame_source
from parallel_animate.funcanimation.in_order import MovieRequest, borrowed_figure, render_in_order
from parallel_animate.funcanimation.pickled import (
    describe_animation,
    dump_animation,
    dump_frame,
    fingerprint,
    pyplot_of,
)
from parallel_animate.funcanimation.playback import Player
from parallel_animate.funcanimation.trial import TRIAL_FRAMES, Finding, explain_order, try_copies
from parallel_animate.inputs.value_digest import digest_of
from parallel_animate.local.make_video import make_video
from parallel_animate.render.isolation import RandomState, isolated_drawing
from parallel_animate.settings import RenderOptions

logger = logging.getLogger(__name__)


class _CannotCopyError(Exception):
    """An animation, or the data of a frame, that has no copy; the message says why."""


def render_animation(
    animation: Animation, request: MovieRequest, options: dict[str, Any] | None
) -> None:
    """Render an animation, and leave it as it is where it can be copied.

    Parameters
    ----------
    animation : Animation
        The user's.
    request : MovieRequest
        What is wanted.
    options : dict or None
        Further arguments of `make_video`; None draws the frames in order in this process.

    Raises
    ------
    NoFramesError, FrameError, RenderError, FFmpegError, SegmentError
        As `save_animation`.
    """
    try:
        # So that plt.figure(1) means a copy, and none of the user's figures.
        with pyplot_of({}), isolated_drawing():
            _render_copies(animation, request, options)
    except _CannotCopyError as error:
        _render_original(animation, request, str(error))


def _render_copies(
    animation: Animation, request: MovieRequest, options: dict[str, Any] | None
) -> None:
    """Render copies of an animation, in parallel with options for make_video, if that is right."""
    random_state = RandomState.capture()
    try:
        # The first look may fill caches of the user's objects.
        fingerprint(animation)
        before = fingerprint(animation)
        source = frame_source(animation, random_state)
        data = dump_animation(animation, source.first, random_state=random_state, with_sources=True)
    except AnimatorLoadError as error:
        raise _CannotCopyError(str(error)) from error
    if not list(itertools.islice(source.read(), 1)):
        raise NoFramesError("The animation has no frames, or they have been read already.")
    if options is not None:
        finding = _try_copies(data, source, request)
        _check_untouched(animation, before, source)
        reason = finding.why_in_order
        if not reason:
            identity = "" if options["work_dir"] is None else _identity(data, source)
            animator = SavedAnimation(data, identity, finding.layout)
            fault = _render_in_parallel(animator, animation, before, source, request, options)
            reason = fault and explain_order(data, fault)
        if not reason:
            return
        logger.warning(
            "The animation is rendered in one process%s: %s.",
            "" if options["work_dir"] is None else ", and nothing is kept in work_dir",
            reason,
        )
    player = Player.of_copy(source.own_code or data)
    frames = player.frames() if source.own_code else _sent(source)
    checked = _checked(itertools.islice(frames, request.n_frames), animation, before, source)
    render_in_order(player, checked, request, source.total, is_pickled=not source.own_code)


def _checked(
    frames: Iterator[Any], animation: Animation, before: str, source: FrameSource
) -> Iterator[Any]:
    """Yield frames; FrameError, early or at the end, if the user's animation changes by it."""
    for count, data in enumerate(frames):
        if count == TRIAL_FRAMES:
            _check_untouched(animation, before, source)
        yield data
    _check_untouched(animation, before, source)


def _try_copies(data: bytes, source: FrameSource, request: MovieRequest) -> Finding:
    try:
        return try_copies(data, source, request.n_frames, request.settings)
    except FrameError as error:
        if source.own_code:
            return Finding(str(error))
        raise _CannotCopyError(str(error)) from error


def _check_untouched(animation: Animation, before: str, source: FrameSource) -> None:
    """Raise FrameError if drawing copies, or reading frames, has changed the user's animation."""
    after = fingerprint(animation)
    # Twice, since what is new at every look says nothing.
    if after == before or after != fingerprint(animation):
        return
    if source.is_read_here:
        raise FrameError(
            "Reading the frames changes what the animation's function reads, so that neither can "
            "go without the other. Give FuncAnimation the generator function itself "
            "(frames=generate, not frames=generate()), or let it yield all that the function needs."
        )
    raise FrameError(
        "The animation's function changes its figure through a module that is imported by name, so "
        "that it cannot be copied with its figure. Pass the artists to it (functools.partial or "
        "fargs), or use animation.save()."
    )


def _render_in_parallel(
    animator: SavedAnimation,
    animation: Animation,
    before: str,
    source: FrameSource,
    request: MovieRequest,
    options: dict[str, Any],
) -> str:
    """Render chunks of an animation; return the frame that shows it wrong, or an empty string."""

    frames: Iterator[bytes] = itertools.islice(_sent(source), request.n_frames)
    if source.is_read_here:
        frames = _checked(frames, animation, before, source)
    try:
        make_video(
            animator,
            request.output,
            frames,
            RenderOptions(
                fps=request.settings.fps,
                # make_video would not read on to the check at the end.
                n_frames=None if source.is_read_here else request.count(source.total),
                chunk_size=request.frames_per_chunk(source.total),
                **options,
            ),
        )
    except FrameOrderError as error:
        return str(error)
    except AnimatorLoadError as error:
        raise _CannotCopyError(str(error)) from error
    return ""


def _sent(source: FrameSource) -> Iterator[bytes]:
    """Yield the pickled data of the frames."""
    for item in source.read():
        try:
            yield dump_frame(item)
        except FrameError as error:
            raise (FrameOrderError if source.own_code else _CannotCopyError)(str(error)) from error


def _identity(data: bytes, source: FrameSource) -> str:
    colours = [mpl.rcParams["savefig.facecolor"], mpl.rcParams["savefig.edgecolor"]]
    return digest_of([describe_animation(data), source.first, colours])


def _render_original(animation: Animation, request: MovieRequest, reason: str) -> None:
    logger.warning(
        "The animation is rendered in one process, on its own figure, which shows the last frame "
        "afterwards: %s",
        reason,
    )
    with isolated_drawing(), borrowed_figure(animation) as dpi:
        if request.settings.dpi is None:
            request = replace(request, settings=replace(request.settings, dpi=dpi))
        player = Player(animation)
        render_in_order(player, player.frames(), request)
