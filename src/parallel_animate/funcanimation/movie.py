"""Render a matplotlib animation, in parallel if that gives the right frames.

Each chunk starts from a fresh copy of figure and function. If a frame depends on the frames before,
or no copy can be made, the frames are drawn one after another in this process.
"""

import functools
import itertools
import logging
import math
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib.animation import Animation, ArtistAnimation

from parallel_animate.encode.encoders import commands_to_choose
from parallel_animate.errors import (
    AnimatorLoadError,
    FrameError,
    FrameOrderError,
    NoFramesError,
    RenderError,
    WorkerFrameError,
)
from parallel_animate.funcanimation.animators import SavedAnimation, SavedAnimationInOrder
from parallel_animate.funcanimation.frame_source import FrameSource, frame_source
from parallel_animate.funcanimation.order import (
    N_FIRST_FRAMES,
    FirstFrames,
    draw_first_frames,
    explain_failure,
    explain_order,
)
from parallel_animate.funcanimation.parts import Parts, divide
from parallel_animate.funcanimation.pickled import (
    check_copy,
    describe_animation,
    dump_animation,
    dump_artists,
    dump_frame,
    fingerprint,
    load_checked,
)
from parallel_animate.funcanimation.playback import Player, borrowed_figure
from parallel_animate.inputs.animator import AnimatorBase
from parallel_animate.inputs.frames import Chunk, Frame, default_chunk_size
from parallel_animate.inputs.shared_buffers import shared_buffers
from parallel_animate.inputs.value_digest import digest_of
from parallel_animate.local.early_imports import modules_in
from parallel_animate.local.fork_server import current_fork_server, fork_server
from parallel_animate.local.make_video import make_video
from parallel_animate.local.movie import Movie
from parallel_animate.local.param_texts import ParamTexts
from parallel_animate.local.termination import cleanup_on_signals
from parallel_animate.render.isolation import RandomState, isolated_drawing, pyplot_of
from parallel_animate.render.redraw import RedrawMismatchError
from parallel_animate.render.scene import Scene, is_of_copied_function
from parallel_animate.render.warn_once import each_warning_once
from parallel_animate.settings import RenderOptions, VideoSettings
from parallel_animate.subprocesses import started_early

logger = logging.getLogger(__name__)

# N workers are ready this much later than this process, and then take an Nth of its time. Most
# figures take less than the time of a frame that is drawn whole: four animations of 1.8 to 2.2 s
# by that measure took 1.1 to 1.8 s here, and 1.4 to 2.2 s in two workers.
SHORT_SECONDS = 1.2
# The first frame also makes the ticks: in 38 animations it took 0.9 to 3.3 times as long.
FIRST_FRAME_FACTOR = 2.5
# Fewer are drawn by one worker: each draws its first frames in full, and some of them twice.
FEW_FRAMES = 8


@dataclass(frozen=True)
class MovieRequest:
    """A request for a movie.

    Parameters
    ----------
    output : Path
        File of the movie; its folder exists.
    options : RenderOptions
        Options for `make_video`.
    n_workers : int
        Number of processes that draw.
    texts : ParamTexts
        Texts about the frames' data, noted while these are read.
    """

    output: Path
    options: RenderOptions
    n_workers: int
    texts: ParamTexts = field(default_factory=ParamTexts)

    @property
    def settings(self) -> VideoSettings:
        """The settings that are the same for all frames."""
        return self.options.settings

    @property
    def is_in_order(self) -> bool:
        """Whether the frames are drawn in order in this process in any case."""
        return self.n_workers == 1 and self.options.work_dir is None

    def prepare_workers(self, data: bytes) -> None:
        """Let the process start that workers are forked from, while this one does other things.

        It imports what they need to load an animation from its pickle.
        """
        server = current_fork_server()
        if server is not None and self.n_workers > 1 and server.start():
            server.import_early(modules_in(data))

    def dismiss_workers(self) -> None:
        """End the process that `prepare_workers` has started."""
        server = current_fork_server()
        if server is not None:
            server.close()

    def count(self, total: int | None) -> int | None:
        """Return the number of frames in the movie, from the total number in the animation."""
        n_frames = self.options.n_frames
        return total if n_frames is None else min(n_frames, total or n_frames)

    def chunk_size(self, total: int | None) -> int:
        """Return the number of frames in a chunk, from the total number in the animation.

        A movie with the frames of one chunk has two, for two workers: the first frames show
        whether they can be drawn alone, and whether it takes long enough to need workers.
        """
        if self.options.chunk_size:
            return self.options.chunk_size
        count = self.count(total)
        size = default_chunk_size(count)
        if count is not None and FEW_FRAMES < count <= size:
            return math.ceil(count / 2)
        return size

    def is_short(self, total: int | None, frame_seconds: float) -> bool:
        """Return whether the movie is drawn sooner than workers would be ready for it.

        Only if the user leaves the number of workers to us, and keeps nothing in a folder.
        """
        count = self.count(total)
        is_free = self.options.num_workers < 0 and self.options.work_dir is None
        if not is_free or count is None:
            return False
        return count * frame_seconds * (self.n_workers - 1) < SHORT_SECONDS * self.n_workers

    def with_dpi(self, dpi: float) -> "MovieRequest":
        """Return the request with these dots per inch, unless it has others already."""
        if self.settings.dpi is not None:
            return self
        return replace(self, options=replace(self.options, savefig_params={"dpi": dpi}))

    def write(
        self, animator: AnimatorBase, frames: Iterable[Any], total: int | None, **changes: Any
    ) -> Movie:
        """Render the movie; total is the animation's number of frames, if it is known."""
        count = self.count(total)
        options = replace(
            self.options, **{"chunk_size": self.chunk_size(total), "n_frames": count, **changes}
        )
        return make_video(animator, self.output, frames, options, self.texts)


@each_warning_once()
def render_animation(animation: Animation, request: MovieRequest) -> Movie:
    """Render an animation, and leave it unchanged if it can be copied.

    Parameters
    ----------
    animation : Animation
        The user's animation.
    request : MovieRequest
        The movie to make.

    Raises
    ------
    NoFramesError, FrameError, RenderError, FFmpegError, SegmentError
        As in `save_animation`.
    """
    try:
        with (
            # A signal that ends this process ends what it has started, too.
            cleanup_on_signals(),
            # So that plt.figure(1) is a copy and no figure of the user.
            pyplot_of({}),
            isolated_drawing(),
            _shared_buffers(request),
            fork_server(),
            # The encoder is tried while the first frames are drawn.
            started_early(commands_to_choose(request.settings)),
        ):
            return _render_copies(animation, request)
    except AnimatorLoadError as error:
        reason = str(error)
    return _render_original(animation, request, reason)


def _shared_buffers(request: MovieRequest) -> AbstractContextManager[object]:
    """Return a context in which all copies share their large arrays, on the disk of the work."""
    work_dir = request.options.work_dir
    if work_dir is None:
        return shared_buffers(Path(tempfile.gettempdir()))
    folder = Path(work_dir).absolute()
    folder.mkdir(parents=True, exist_ok=True)
    return shared_buffers(folder)


def _take_copy(
    animation: Animation, random_state: RandomState
) -> tuple[FrameSource, bytes, str | None, Player | None]:
    """Return an animation's frames, its pickle, its fingerprint, and perhaps a copy's player."""
    if type(animation) is ArtistAnimation:
        source = frame_source(animation, random_state)
        data, is_of_known = dump_artists(animation, random_state)
        player = Player(*load_checked(animation, data))
        # Known artists run no code that could change the user's animation.
        return source, data, None if is_of_known else fingerprint(animation), player
    # Before the fingerprint, because copying may fill caches in the user's objects.
    check_copy(animation)
    before = fingerprint(animation)
    source = frame_source(animation, random_state)
    data = dump_animation(animation, source.first, random_state=random_state, with_sources=True)
    return source, data, before, None


def _render_copies(animation: Animation, request: MovieRequest) -> Movie:
    """Render copies of an animation, in parallel if that is right."""
    random_state = RandomState.capture()
    source, data, before, player = _take_copy(animation, random_state)

    @functools.cache
    def copied() -> bytes | Parts:
        n_frames, size = request.count(source.total), request.chunk_size(source.total)
        return divide(animation, data, n_frames, size, random_state) or data

    if not list(itertools.islice(source.read(), 1)):
        raise NoFramesError("The animation has no frames, or they have already been read.")
    work_dir = request.options.work_dir
    if not request.is_in_order:
        first = _draw_first_frames(data, copied, source, request, player)
        player = None
        _check_untouched(animation, before, source)
        reason = first.why_in_order
        is_short = not reason and request.is_short(source.total, first.frame_seconds)
        if reason or is_short:
            request.dismiss_workers()
        if not reason and not is_short:
            identity = "" if work_dir is None else _identity(data, source)
            animator = SavedAnimation(copied(), identity, first.layout, first.settles)
            result = _render_in_parallel(animator, animation, before, source, request)
            if isinstance(result, Movie):
                return result
            reason = fault = str(result)
            if isinstance(result, RenderError):
                fault = explain_failure(
                    data, source.values, result, request.settings, first.settles
                )
            if not isinstance(result, WorkerFrameError):
                reason = explain_order(data, fault)
        if is_short:
            logger.info("The frames are drawn in this process before workers would be ready.")
        else:
            logger.warning(
                "The animation is rendered in one process%s: %s.",
                "" if work_dir is None else ", and nothing is kept in work_dir",
                reason,
            )
    try:
        return _render_copy_in_order(data, animation, before, source, request, player)
    except RedrawMismatchError as error:
        mismatch = error
    in_full = replace(request, options=replace(request.options, redraw="full"))
    movie = _render_copy_in_order(data, animation, before, source, in_full)
    logger.warning(
        "%s. All frames were rendered again, each drawn in full, so the movie is correct. Please "
        "report this; redraw='full' avoids it.",
        mismatch,
    )
    return movie


def _render_copy_in_order(
    data: bytes,
    animation: Animation,
    before: str | None,
    source: FrameSource,
    request: MovieRequest,
    player: Player | None = None,
) -> Movie:
    """Render a fresh copy of the animation in order, from its first frame."""
    player = player or Player.of_copy(source.own_code or data)
    texts = request.texts
    frames = texts.watch(player.frames()) if source.own_code else _pickled_frames(source, texts)
    limited = itertools.islice(frames, request.options.n_frames)
    # Otherwise the first frames were read, and the animation checked, before.
    is_first_read = request.is_in_order
    frames = _while_untouched(limited, animation, before, source, is_first_read)
    animator = SavedAnimationInOrder(player, not source.own_code, can_start_again=True)
    return _render_in_order(animator, frames, request, source.total)


def _while_untouched(
    frames: Iterator[Any],
    animation: Animation,
    before: str | None,
    source: FrameSource,
    is_checked_early: bool = True,
) -> Iterator[Any]:
    """Yield frames; raise FrameError if reading them changes the user's animation."""
    for count, data in enumerate(frames):
        if is_checked_early and count == N_FIRST_FRAMES:
            _check_untouched(animation, before, source)
        yield data
    _check_untouched(animation, before, source)


def _draw_first_frames(
    data: bytes,
    copied: Callable[[], bytes | Parts],
    source: FrameSource,
    request: MovieRequest,
    player: Player | None,
) -> FirstFrames:
    @functools.cache
    def prepare_workers() -> None:
        request.prepare_workers(data)

    def on_first_frame(seconds: float) -> None:
        if not request.is_short(source.total, seconds / FIRST_FRAME_FACTOR):
            prepare_workers()

    def is_short(frame_seconds: float) -> bool:
        if request.is_short(source.total, frame_seconds):
            return True
        prepare_workers()
        return False

    try:
        return draw_first_frames(
            *(data, copied, source, request.options.n_frames, request.settings),
            is_short=is_short,
            on_first_frame=on_first_frame,
            player=player,
        )
    except FrameError as error:
        if source.own_code:
            return FirstFrames(str(error))
        raise AnimatorLoadError(str(error)) from error
    except RenderError as error:
        if not is_of_copied_function(error):
            raise
        raise AnimatorLoadError(
            "The function starts processes (multiprocessing), which cannot import functions of a "
            "copy. Use threads or joblib instead to have the animation rendered in parallel."
        ) from error


def _check_untouched(animation: Animation, before: str | None, source: FrameSource) -> None:
    """Raise FrameError if drawing copies, or reading frames, has changed the user's animation.

    Nothing can have changed it if there is no fingerprint from before.
    """
    if before is None:
        return
    after = fingerprint(animation)
    # The fingerprint is taken twice: if it changes every time, it shows nothing.
    if after == before or after != fingerprint(animation):
        return
    if source.is_read_here:
        raise FrameError(
            "Reading the frames changes data that the animation's function reads, so frames and "
            "function cannot be separated. Pass the generator function itself to FuncAnimation "
            "(frames=generate, not frames=generate()), or let it yield all that the function needs."
        )
    raise FrameError(
        "The function reaches its figure through an imported module, so figure and function cannot "
        "be copied together. Pass the artists to the function (functools.partial or fargs), or use "
        "animation.save()."
    )


def _render_in_parallel(
    animator: SavedAnimation,
    animation: Animation,
    before: str | None,
    source: FrameSource,
    request: MovieRequest,
) -> Movie | FrameOrderError | RenderError | WorkerFrameError:
    """Render chunks of an animation; return the error if it must be rendered in one process."""
    pickled = _pickled_frames(source, request.texts)
    frames: Iterator[bytes] = itertools.islice(pickled, request.options.n_frames)
    changes = {}
    if source.is_read_here:
        frames = _while_untouched(frames, animation, before, source)
        # With a limit, make_video would stop before the check at the end.
        changes = {"n_frames": None}
    try:
        return request.write(animator, frames, source.total, **changes)
    except (FrameOrderError, RenderError, WorkerFrameError) as error:
        return error


def _pickled_frames(source: FrameSource, texts: ParamTexts) -> Iterator[bytes]:
    """Yield the pickled data of the frames."""
    for item in texts.watch(source.read()):
        try:
            yield dump_frame(item)
        except FrameError as error:
            raise (FrameOrderError if source.own_code else AnimatorLoadError)(str(error)) from error


def _identity(data: bytes, source: FrameSource) -> str:
    colours = [mpl.rcParams["savefig.facecolor"], mpl.rcParams["savefig.edgecolor"]]
    return digest_of([describe_animation(data), source.first, colours])


def _render_original(animation: Animation, request: MovieRequest, reason: str) -> Movie:
    logger.warning(
        "The animation is rendered in one process, on its own figure, which then shows the last "
        "frame: %s",
        reason,
    )
    with isolated_drawing(), borrowed_figure(animation) as dpi:
        player = Player(animation)
        frames = itertools.islice(request.texts.watch(player.frames()), request.options.n_frames)
        animator = SavedAnimationInOrder(player, is_pickled=False)
        return _render_in_order(animator, frames, request.with_dpi(dpi), None)


def _render_in_order(
    animator: SavedAnimationInOrder,
    frames: Iterator[Any],
    request: MovieRequest,
    total: int | None,
) -> Movie:
    """Start an animation, and then read and draw its frames one by one."""
    Scene(animator, Chunk((Frame(0, b""),)), request.settings).set_up()
    try:
        return request.write(animator, frames, total, num_workers=1, work_dir=None)
    except NoFramesError as error:
        raise NoFramesError("The animation has no frames.") from error
