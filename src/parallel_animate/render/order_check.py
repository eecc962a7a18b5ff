"""Find out whether update() depends on the frame before: draw frames alone and after another.

Chunks are drawn apart, each from a fresh setup(), so such a movie must be drawn in order, as one
chunk. It is different with what matplotlib settles when a figure is first drawn, such as the scale
of a quiver: chunks then draw the movie's first frame first, and all of them settle alike.
"""

import contextlib
import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import matplotlib as mpl
import numpy as np
from numpy.typing import NDArray

from parallel_animate.errors import FrameOrderError, RenderError
from parallel_animate.inputs.animator import AnimatorBase
from parallel_animate.inputs.frames import Chunk, Frame
from parallel_animate.inputs.matplotlib_private import read_param, write_param
from parallel_animate.render.animator_copy import fresh_copy
from parallel_animate.render.isolation import isolated_drawing, pyplot_of
from parallel_animate.render.quiet import quiet
from parallel_animate.render.scene import Scene
from parallel_animate.settings import VideoSettings

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class OrderVerdict:
    """The result of drawing frames alone and after another.

    Parameters
    ----------
    faults : tuple of str
        A description of each frame that looks different when it is drawn alone.
    settles : bool
        True if they look the same as soon as both ways begin with the movie's first frame.
    engine : str
        Name of the layout engine that makes the difference; empty if it is something else.
    """

    faults: tuple[str, ...] = ()
    settles: bool = False
    engine: str = ""

    @property
    def is_independent(self) -> bool:
        """Whether chunks of the movie can be drawn apart from each other."""
        return self.settles or not self.faults


class OrderTrial:
    """Check a chunk while it is rendered: draw some of its frames also alone.

    Parameters
    ----------
    animator : AnimatorBase
        The user's animator, as before setup(); copies of it are drawn.
    chunk : Chunk
        The chunk that will be rendered.
    settings : VideoSettings
        The movie's settings.
    tried : sequence of Frame
        The frames to draw alone. One that is not in the chunk is the frame after it, which is also
        drawn after the chunk's last frame.
    first : Frame
        The movie's first frame.
    is_settled : bool
        True if the chunk is drawn after the movie's first frame.
    """

    def __init__(
        self,
        animator: AnimatorBase,
        chunk: Chunk,
        settings: VideoSettings,
        tried: Sequence[Frame],
        first: Frame,
        is_settled: bool = False,
    ) -> None:
        # None if the check cannot be made.
        self._animator: AnimatorBase | None = None
        self._chunk = chunk
        self._settings = settings
        self._tried = {frame.id: frame for frame in tried}
        self._first = first
        self._is_settled = is_settled
        self._n_artists: int | None = None
        # A setup() may change rcParams; it must find them as the chunk's setup() found them.
        self._rc_params = {key: read_param(mpl.rcParams, key) for key in mpl.rcParams}
        with self._giving_up():
            self._animator = fresh_copy(animator)

    def watch(self, scene: Scene, frame: Frame, pixels: NDArray[np.uint8]) -> None:
        """Check a frame if it is to be tried; call it after each frame, with its pixels.

        Raises
        ------
        FrameOrderError
            If the frame looks different when it is drawn alone. Other errors are not raised: user
            code that fails here also fails in rendering, which reports it.
        """
        position = [each.id for each in self._chunk.frames].index(frame.id)
        with self._giving_up():
            if frame.id in self._tried:
                # No chunk begins here, so it does not matter if the layout would be another one.
                self._check(self._chunk.frames[position - 1], frame, pixels, of_layout=False)
            if position < 2:
                self._watch_growth(scene.source.n_artists(), is_second=position == 1)
            if position == len(self._chunk.frames) - 1:
                for following in self._tried.values():
                    if following.id > frame.id:
                        self._check_following(scene, frame, following)

    def _watch_growth(self, n_artists: int, is_second: bool) -> None:
        if is_second and self._chunk.frames[1].id in self._tried and self._n_artists is not None:
            _warn_of_growth([n_artists - self._n_artists])
        self._n_artists = n_artists

    def _check_following(self, scene: Scene, last: Frame, following: Frame) -> None:
        if self._animator is not None:
            # Its output appears when the frame is rendered with its own chunk.
            with quiet():
                pixels = scene.draw(following).copy()
            self._check(last, following, pixels, places=scene.source.places())

    def _check(
        self,
        previous: Frame,
        frame: Frame,
        pixels: NDArray[np.uint8],
        of_layout: bool = True,
        places: NDArray[np.float64] | None = None,
    ) -> None:
        if self._animator is None:
            return
        start = self._first if self._is_settled else None
        with _apart(), quiet():
            self._restore_rc_params()
            fault = why_not_alone(
                fresh_copy(self._animator),
                frame,
                previous.id,
                pixels,
                self._settings,
                seed=self._chunk,
                first=start,
                places=places,
            )
            if not fault:
                return
            pairs = [(previous, frame)]
            verdict = _explain(
                self._animator, pairs, self._first, self._settings, [fault], self._is_settled
            )
        if verdict.engine and not of_layout:
            return
        raise FrameOrderError(fault, settles=verdict.settles, engine=verdict.engine)

    def _restore_rc_params(self) -> None:
        for key, value in self._rc_params.items():
            if key != "backend":
                write_param(mpl.rcParams, key, value)

    @contextlib.contextmanager
    def _giving_up(self) -> Iterator[None]:
        """Stop the check at an error: rendering raises it too, or it does not matter."""
        try:
            yield
        except FrameOrderError:
            raise
        except Exception as error:  # noqa: BLE001 - whatever a user's object raises
            logger.debug("Cannot check whether frames depend on each other: %r", error)
            self._animator = None


def check_order(
    animator: AnimatorBase,
    pairs: Sequence[tuple[Frame, Frame]],
    first: Frame,
    settings: VideoSettings,
) -> OrderVerdict:
    """Draw frames alone and after the frame before, and compare them.

    A growing number of artists logs a warning, since it slows every draw.

    Parameters
    ----------
    animator : AnimatorBase
        The user's animator; copies of it are drawn.
    pairs : sequence of (Frame, Frame)
        Pairs of the frame before and the frame to check.
    first : Frame
        The movie's first frame.
    settings : VideoSettings
        The movie's settings.

    Raises
    ------
    SetupError, RenderError
        If setup() or update() fails.
    """
    if not pairs:
        return OrderVerdict()
    verdict = OrderVerdict()
    with quiet():
        faults, growth = _draw_pairs(animator, pairs, settings)
        if faults:
            verdict = _explain(animator, pairs, first, settings, faults)
    if verdict.is_independent:
        _warn_of_growth(growth)
    return verdict


def _explain(
    animator: AnimatorBase,
    pairs: Sequence[tuple[Frame, Frame]],
    first: Frame,
    settings: VideoSettings,
    faults: Sequence[str],
    is_settled: bool = False,
) -> OrderVerdict:
    """Find out what makes the difference."""
    engine = ""
    try:
        if not is_settled and not _draw_pairs(animator, pairs, settings, first)[0]:
            return OrderVerdict(tuple(faults), settles=True)
        engine = _layout_engine(animator, pairs[0][0], settings)
        if engine and _draw_pairs(animator, pairs, settings, first, uses_layout=False)[0]:
            engine = ""
    except RenderError as error:
        # Not even the frame before can be drawn without all frames before it.
        logger.debug("%s", error)
    return OrderVerdict(tuple(faults), engine=engine)


def _layout_engine(animator: AnimatorBase, frame: Frame, settings: VideoSettings) -> str:
    with _apart():
        scene = Scene(fresh_copy(animator), Chunk((frame,)), settings)
        scene.set_up()
        return scene.source.layout_engine()


def _draw_pairs(
    animator: AnimatorBase,
    pairs: Sequence[tuple[Frame, Frame]],
    settings: VideoSettings,
    first: Frame | None = None,
    uses_layout: bool = True,
) -> tuple[list[str], list[int]]:
    """Return the differences, and the number of artists that each second frame adds."""
    # One seed for every setup(): random figures differ between chunks by design.
    seed = Chunk((pairs[0][0],))
    pictures, growth, faults = [], [], []
    with _apart():
        scene = Scene(fresh_copy(animator), seed, settings, uses_layout, first=first)
        for before, frame in pairs:
            scene.draw(before)
            n_artists = scene.source.n_artists()
            pictures.append(scene.draw(frame).copy())
            growth.append(scene.source.n_artists() - n_artists)
    for (before, frame), pixels in zip(pairs, pictures, strict=True):
        fault = why_not_alone(
            fresh_copy(animator),
            frame,
            before.id,
            pixels,
            settings,
            seed=seed,
            uses_layout=uses_layout,
            first=first,
        )
        if fault:
            faults.append(fault)
    return faults, growth


@contextlib.contextmanager
def _apart() -> Iterator[None]:
    """Draw without other figures: an update() may use pyplot's current figure, or one by number."""
    with pyplot_of({}), isolated_drawing():
        yield


def _warn_of_growth(growth: Sequence[int]) -> None:
    """Warn if every frame adds artists to the figure."""
    if min(growth) > 0:
        logger.warning(
            "Every frame adds artists to the figure (%s in the frames tried), so drawing gets "
            "slower with every frame. Change existing artists instead of adding new ones.",
            ", ".join(map(str, growth)),
        )


def why_not_alone(
    animator: AnimatorBase,
    frame: Frame,
    previous: int,
    pixels: NDArray[np.uint8],
    settings: VideoSettings,
    *,
    seed: Chunk | None = None,
    uses_layout: bool = True,
    first: Frame | None = None,
    places: NDArray[np.float64] | None = None,
    has_flickered: bool = False,
) -> str:
    """Return why a frame must not be drawn alone; empty if it may.

    Parameters
    ----------
    animator : AnimatorBase
        An animator as before setup(), which is drawn.
    frame : Frame
        The frame to draw alone.
    previous : int
        Id of the frame before.
    pixels : ndarray
        The frame's pixels when it is drawn after the frame before, (height, width, 4) uint8.
    settings : VideoSettings
        The movie's settings.
    seed : Chunk, optional
        The chunk that seeds setup(); None means the frame itself.
    uses_layout, first : bool, Frame
        As for `Scene`.
    places : ndarray, optional
        The places of the Axes when the frame is drawn after the frame before (`places_of`).
    has_flickered : bool
        As for `why_layout_shows`.

    Raises
    ------
    SetupError, RenderError
        If setup() fails.
    """
    try:
        with _apart(), quiet():
            chunk = seed or Chunk((frame,))
            scene = Scene(animator, chunk, settings, uses_layout, replays=False, first=first)
            fault = compare_frames(frame.id, previous, pixels, scene.draw(frame))
            if not fault and places is not None:
                fault = scene.source.why_layout_shows(frame.id, places, has_flickered)
    except RenderError as error:
        if error.frame_idx is None:
            raise
        return f"frame {frame.id} can be drawn after frame {previous}, but not alone: {error}"
    return fault


def compare_frames(
    frame_idx: int, previous: int, after: NDArray[np.uint8], alone: NDArray[np.uint8]
) -> str:
    """Describe the difference between a frame drawn after another one and the same frame alone.

    Parameters
    ----------
    frame_idx, previous : int
        Ids of the frame and of the one before it.
    after, alone : ndarray
        The frame's pixels in both cases, (height, width, 4) uint8.

    Returns
    -------
    str
        Empty if both are equal.
    """
    if np.array_equal(after, alone):
        return ""
    differs = (
        f"frame {frame_idx} drawn after frame {previous} differs from frame {frame_idx} drawn alone"
    )
    if after.shape != alone.shape:
        return f"{differs} in size"
    difference = np.abs(after.astype(np.int16) - alone)
    n_pixels = int(difference.any(axis=-1).sum())
    return f"{differs} in {n_pixels} pixels, by up to {difference.max()} levels"


def explain_dependence(fault: str, engine: str, function: str, place: str) -> str:
    """Explain why frames must be drawn in order, and how the user can change that.

    Parameters
    ----------
    fault : str
        Describes a frame that must not be drawn alone.
    engine : str
        Name of the layout engine that makes the difference; empty if it is something else.
    function : str
        The user's function that draws a frame, in words.
    place : str
        Where the user can settle the layout.
    """
    if engine:
        return (
            f"{fault}. The layout engine, {engine}, moves the Axes. To have it rendered in "
            "parallel, if the layout can stay as it is, call fig.draw_without_rendering() and "
            f"fig.set_layout_engine('none') {place}"
        )
    return (
        f"{fault}. To have it rendered in parallel, let {function} set everything that changes "
        "from its arguments alone: set all data up to the frame instead of appending, use no "
        "counters, and take random numbers from np.random.default_rng(frame)"
    )
