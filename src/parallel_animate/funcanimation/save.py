"""``save_animation``: check the arguments; `funcanimation.movie` renders."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from os import PathLike
from typing import Any

import matplotlib as mpl
from matplotlib.animation import Animation
from matplotlib.cbook import CallbackRegistry

from parallel_animate.encode.pvio import check_pvio
from parallel_animate.encode.supplement_files import check_files
from parallel_animate.errors import AnimatorLoadError, SettingsError
from parallel_animate.formats import FORMATS, output_name
from parallel_animate.frame_rate import MAX_DENOMINATOR_OF_A_FLOAT
from parallel_animate.funcanimation.frame_source import is_endless
from parallel_animate.funcanimation.matplotlib_arguments import (
    refuse_positions,
    translate_arguments,
)
from parallel_animate.funcanimation.movie import MovieRequest, render_animation
from parallel_animate.inputs.matplotlib_private import (
    SAVE_ANIMATION,
    missing_names,
    versions_to_install,
)
from parallel_animate.inputs.targets import refuse_while_loading
from parallel_animate.local.cores import worker_count
from parallel_animate.local.movie import Movie
from parallel_animate.local.outputs import output_files
from parallel_animate.render.tracebacks import short_traceback
from parallel_animate.settings import RenderOptions
from parallel_animate.subprocesses import open_standard_streams
from parallel_animate.validation import check_positive, in_words


@short_traceback
def save_animation(
    animation: Animation,
    output_file: str | PathLike[str],
    fps: int | float | str | Fraction | None = None,
    *others: object,
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
    transparent: bool = False,
    title: str | None = None,
    author: str | None = None,
    comment: str | None = None,
    chapters: Sequence[tuple[int, str]] | None = None,
    captions: str | PathLike[str] | None = None,
    audio: str | PathLike[str] | None = None,
    poster: str | PathLike[str] | None = None,
    poster_frame: int = 0,
    codec: str | None = None,
    also: str | PathLike[str] | Sequence[str | PathLike[str]] | None = None,
    **of_matplotlib: Any,
) -> Movie:
    """Render a matplotlib FuncAnimation or ArtistAnimation into a movie.

    Every frame has the same pixels as with ``animation.save()``. The figure on the screen, its
    function and the state of random numbers do not change. Worker processes draw chunks of frames,
    each from a fresh copy of the figure together with the function.

    Some frames are tested first, and the last frame of every chunk is drawn a second time, alone.
    If a frame depends on the frames before, a warning explains why, and the whole movie is drawn in
    order in this process. An animation that cannot be copied is also drawn in order, on its own
    figure, which then shows the last frame as after ``animation.save()``.

    Parameters
    ----------
    animation : Animation
        A FuncAnimation, an ArtistAnimation, or an object of a class derived from these or from
        TimedAnimation.
    output_file : str or Path
        The movie; its suffix decides what it is. See `Animator.make_video`.
    fps : int, Fraction, str or float, optional
        Frames per second; None (default) means 1000 / the animation's interval, exactly.
    dpi : float, optional
        Dots per inch; None (default) means ``rcParams["savefig.dpi"]``, which is the figure's dpi
        unless a style sets another.
    n_frames : int, optional
        Render only this many frames; required if the frames have no end.
    num_workers : int
        As in `Animator.make_video`; 1 draws the frames in order in this process. With a negative
        number, such as -1 (default), so do short movies, which are finished before workers have
        started.
    disable_progress_bar, plotting_log_interval, saving_log_interval, savefig_params : optional
        As in `Animator.make_video`.
    video_mode, video_quality, video_preset, video_extra_ffmpeg_params : optional
        As in `Animator.make_video`.
    chunk_size : int, optional
        As in `Animator.make_video`, but by default 9 to 25 frames make two segments.
    preload_factor, redraw, video_backend, transparent, codec : optional
        As in `Animator.make_video`.
    title, author, comment, chapters, captions, audio, poster, poster_frame : optional
        As in `Animator.make_video`. Frames are numbered from 0.
    also : str, Path or sequence of these, optional
        More files of the same frames, as in `Animator.make_video`.
    work_dir : str or Path, optional
        As in `Animator.make_video`: keeps the chunks, so that the same call renders only missing or
        changed ones. Frames that are drawn in order are drawn again every time.
    **of_matplotlib : optional
        Arguments of ``animation.save()``: ``writer``, ``extra_args``, ``metadata`` and
        ``savefig_kwargs`` are accepted if they describe a file of this kind.

    Returns
    -------
    Movie
        The movie, which a notebook plays.

    Raises
    ------
    SettingsError
        If an argument cannot be used, or the frames have no end and ``n_frames`` is not given.
    AnimatorLoadError
        If animations of this matplotlib version cannot be read.
    NoFramesError
        If there are no frames.
    FrameError
        If frames come from an iterator, and reading it changes data that the function reads.
    RenderError
        If the animation's functions fail, or a worker process dies.
    FFmpegError, SegmentError, OSError
        As `Animator.make_video`.
    """
    refuse_while_loading()
    open_standard_streams()
    if not isinstance(animation, Animation):
        raise SettingsError(
            "animation must be a FuncAnimation or ArtistAnimation, found "
            f"{in_words(animation)}; for an Animator, use its make_video()."
        )
    _check_names(animation)
    # As in save(). Otherwise matplotlib warns that the animation was never shown.
    animation._draw_was_started = True  # type: ignore[attr-defined]
    refuse_positions(fps, others)
    _check_end(animation, n_frames)
    ours = {
        "fps": fps,
        "savefig_params": savefig_params,
        "video_mode": video_mode,
        "video_quality": video_quality,
        "video_preset": video_preset,
        "video_extra_ffmpeg_params": video_extra_ffmpeg_params,
        "redraw": redraw,
        "video_backend": video_backend,
        "codec": codec,
    }
    name = output_name(output_file)
    options = translate_arguments(of_matplotlib, FORMATS[name])
    options |= {name: value for name, value in ours.items() if value is not None}
    if "fps" not in options:
        options["fps"] = _rate(animation)
    options["savefig_params"] = _savefig_params(dpi, options.get("savefig_params"))
    given = RenderOptions(
        **options,
        n_frames=n_frames,
        num_workers=num_workers,
        disable_progress_bar=disable_progress_bar,
        plotting_log_interval=plotting_log_interval,
        saving_log_interval=saving_log_interval,
        preload_factor=preload_factor,
        chunk_size=chunk_size,
        work_dir=work_dir,
        output=name,
        transparent=transparent,
        title=title,
        author=author,
        comment=comment,
        chapters=chapters,
        captions=captions,
        audio=audio,
        poster=poster,
        poster_frame=poster_frame,
        also=also,
    )
    outputs = output_files(output_file, given := _checked(given))
    for output in outputs:
        check_files(output.supplements, output.settings.output)
    request = MovieRequest(outputs[0].path, given, worker_count(num_workers))
    return render_animation(animation, request)


def _check_end(animation: Animation, n_frames: int | None) -> None:
    if n_frames is None and is_endless(animation):
        raise SettingsError(
            "The animation has no end (frames=None). Set the number of frames with n_frames, or "
            "with frames or save_count of the FuncAnimation."
        )


def _checked(given: RenderOptions) -> RenderOptions:
    """Return the options as this package uses them, and check what they need."""
    # A warning has already named the other keys.
    settings = given.settings
    given = replace(
        given,
        fps=settings.fps,
        savefig_params={"dpi": settings.dpi},
        transparent=settings.transparent,
    )
    if given.settings.backend == "pvio":
        check_pvio(given.settings)
    return given


def _check_names(animation: Animation) -> None:
    """Raise AnimatorLoadError if matplotlib lacks names that reading animations needs."""
    figure: Any = vars(animation).get("_fig")
    objects = [animation, figure, getattr(figure, "canvas", None), CallbackRegistry()]
    if missing := missing_names(SAVE_ANIMATION, objects):
        raise AnimatorLoadError(
            f"Animations of matplotlib {mpl.__version__} cannot be read: it lacks "
            f"{', '.join(missing)}. pip install '{versions_to_install()}', upgrade "
            "parallel-animate, or use the animation's own save()."
        )


def _rate(animation: Animation) -> Fraction:
    interval = vars(animation).get("_interval")
    try:
        exact = 1000 / Fraction(str(interval))
    except (ValueError, ZeroDivisionError) as error:
        raise SettingsError(
            f"The animation's interval is {interval!r}, which gives no frame rate; pass fps."
        ) from error
    # An interval of 1000 / 30 is a rounded float.
    meant = exact.limit_denominator(MAX_DENOMINATOR_OF_A_FLOAT)
    return meant if math.isclose(meant, exact, rel_tol=1e-12) else exact


def _savefig_params(dpi: Any, given: Any) -> Any:
    if given is not None and not isinstance(given, Mapping):
        # The check of all options reports it.
        return given
    params = dict(given or {})
    if dpi is None:
        dpi = params.get("dpi", mpl.rcParams["savefig.dpi"])
    elif dpi != "figure":
        check_positive("dpi", dpi)
    return {**params, "dpi": dpi}
