"""``save_animation``: an animation of matplotlib's, rendered in parallel where that is right.

Each chunk starts from a fresh copy of figure and function. Where a frame depends on those before,
or no copy can be made, the frames are drawn one after another in this process.
"""

import itertools
import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from os import PathLike
from typing import Any

import matplotlib as mpl
from matplotlib.animation import Animation

from parallel_animate.animation_frames import FrameSource, frame_source, is_endless
from parallel_animate.animation_pickle import (
    describe_animation,
    dump_animation,
    dump_frame,
    fingerprint,
    pyplot_of,
)
from parallel_animate.animation_trial import Finding, explain_order, try_copies
from parallel_animate.digest import digest_of
from parallel_animate.errors import (
    AnimatorLoadError,
    FrameError,
    FrameOrderError,
    NoFramesError,
    SettingsError,
)
from parallel_animate.figures import RandomState, isolated_drawing
from parallel_animate.frames import check_count
from parallel_animate.in_order import MovieRequest, borrowed_figure, render_in_order
from parallel_animate.loading import refuse_while_loading
from parallel_animate.playback import Player
from parallel_animate.pool import worker_count
from parallel_animate.pvio_backend import check_pvio
from parallel_animate.saved_animation import SavedAnimation
from parallel_animate.settings import video_settings
from parallel_animate.video import make_video, prepare_output

logger = logging.getLogger(__name__)


class _CannotCopyError(Exception):
    """An animation, or the data of a frame, that has no copy; the message says why."""


def save_animation(
    animation: Animation,
    output_file: str | PathLike[str],
    fps: int | float | str | Fraction | None = None,
    *,
    dpi: float | None = None,
    n_frames: int | None = None,
    num_workers: int = -1,
    disable_progress_bar: bool | None = None,
    plotting_log_interval: int | None = None,
    saving_log_interval: int | None = None,
    savefig_params: Mapping[str, Any] | None = None,
    video_mode: str = "auto",
    video_quality: int | None = None,
    video_preset: str | None = None,
    video_extra_ffmpeg_params: Sequence[str] | None = None,
    preload_factor: int = 8,
    chunk_size: int | None = None,
    work_dir: str | PathLike[str] | None = None,
    redraw: str = "auto",
    video_backend: str = "ffmpeg",
) -> None:
    """Render a FuncAnimation or ArtistAnimation of matplotlib's into an H.264 MP4 file.

    Every frame has the pixels that ``animation.save()`` draws; the figure on the screen, its
    function and the state of random numbers stay as they are. Chunks of frames are drawn in worker
    processes, each from a fresh copy of the figure together with the function. Some frames are
    tried first, and at the end of every chunk its last frame is drawn once more alone: where a
    frame depends on those before, a warning says so and why, and the whole movie is drawn in order
    in this process. So is an animation that cannot be copied, on its own figure, which shows the
    last frame afterwards as it does after ``animation.save()``.

    Parameters
    ----------
    animation : Animation
        A FuncAnimation, an ArtistAnimation, or of a class derived from these or TimedAnimation.
    output_file : str or Path
        The movie; see `Animator.make_video`.
    fps : int, Fraction, str or float, optional
        Frames per second; None (default) means 1000 / the animation's interval, exactly.
    dpi : float, optional
        Dots per inch; None (default) means ``rcParams["savefig.dpi"]``, which is the figure's own
        unless a style says otherwise.
    n_frames : int, optional
        Render only that many frames; needed where the frames have no end.
    num_workers : int
        As in `Animator.make_video`; 1 draws the frames in order in this process.
    disable_progress_bar, plotting_log_interval, saving_log_interval, savefig_params : optional
        As in `Animator.make_video`.
    video_mode, video_quality, video_preset, video_extra_ffmpeg_params : optional
        As in `Animator.make_video`.
    preload_factor, chunk_size, redraw, video_backend : optional
        As in `Animator.make_video`.
    work_dir : str or Path, optional
        As in `Animator.make_video`: keeps the chunks, so that the same call renders only what is
        missing or has changed. Frames that are drawn in order are drawn anew every time.

    Raises
    ------
    SettingsError
        If an argument cannot be used, or the frames have no end and ``n_frames`` is not given.
    NoFramesError
        If there are no frames.
    FrameError
        If frames come from an iterator whose reading changes what the function reads.
    RenderError
        If the animation's functions fail, or a worker process dies.
    FFmpegError, SegmentError, OSError
        As `Animator.make_video`.
    """
    refuse_while_loading()
    if not isinstance(animation, Animation):
        raise SettingsError(
            f"animation must be a FuncAnimation or ArtistAnimation, found {animation!r}; for an "
            "Animator there is its make_video()."
        )
    # As save() does: else matplotlib warns that nobody has seen the animation.
    animation._draw_was_started = True  # type: ignore[attr-defined]
    for name, count in {"n_frames": n_frames, "chunk_size": chunk_size}.items():
        if count is not None:
            check_count(name, count)
    if n_frames is None and is_endless(animation):
        raise SettingsError(
            "The animation has no end (frames=None): say how many frames with n_frames, or with "
            "frames or save_count of the FuncAnimation."
        )
    options: dict[str, Any] = {
        "savefig_params": _savefig_params(dpi, savefig_params),
        "video_mode": video_mode,
        "video_quality": video_quality,
        "video_preset": video_preset,
        "video_extra_ffmpeg_params": video_extra_ffmpeg_params,
        "redraw": redraw,
        "video_backend": video_backend,
    }
    settings = video_settings(fps=_rate(animation) if fps is None else fps, **options)
    if settings.backend == "pvio":
        check_pvio(settings)
    request = MovieRequest(
        prepare_output(output_file),
        settings,
        n_frames,
        chunk_size,
        disable_progress_bar,
        plotting_log_interval,
        saving_log_interval,
    )
    is_alone = worker_count(num_workers) == 1 and work_dir is None
    options |= {
        "num_workers": num_workers,
        "disable_progress_bar": disable_progress_bar,
        "plotting_log_interval": plotting_log_interval,
        "saving_log_interval": saving_log_interval,
        "preload_factor": preload_factor,
        "work_dir": work_dir,
    }
    try:
        # So that plt.figure(1) means a copy, and none of the user's figures.
        with pyplot_of({}), isolated_drawing():
            _render_copies(animation, request, None if is_alone else options)
    except _CannotCopyError as error:
        _render_original(animation, request, str(error))


def _rate(animation: Animation) -> Fraction:
    interval = vars(animation).get("_interval")
    try:
        return 1000 / Fraction(str(interval))
    except (ValueError, ZeroDivisionError) as error:
        raise SettingsError(
            f"The animation's interval is {interval!r}, which gives no frame rate; pass fps."
        ) from error


def _savefig_params(dpi: float | None, given: Mapping[str, Any] | None) -> dict[str, Any]:
    params = dict(given or {})
    if dpi is None:
        dpi = params.get("dpi", mpl.rcParams["savefig.dpi"])
    return {**params, "dpi": dpi}


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
        data = dump_animation(animation, source.first, random_state=random_state)
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
    if source.own_code:
        render_in_order(player, player.frames(), request, source.total)
    else:
        render_in_order(player, _sent(source), request, source.total, is_pickled=True)


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

    def frames() -> Iterator[bytes]:
        yield from itertools.islice(_sent(source), request.n_frames)
        if source.is_read_here:
            _check_untouched(animation, before, source)

    try:
        make_video(
            animator,
            request.output,
            frames(),
            request.settings.fps,
            # make_video would not read on to the check at the end.
            n_frames=None if source.is_read_here else request.count(source.total),
            chunk_size=request.frames_per_chunk(source.total),
            **options,
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
