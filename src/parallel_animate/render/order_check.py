"""Find out whether update() depends on the frame before: frames drawn after another and alone.

Chunks are drawn by several processes, each from setup() on, so such a movie would be wrong.
"""

import contextlib
import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from parallel_animate.inputs.animator import AnimatorBase
from parallel_animate.inputs.frames import Chunk, Frame
from parallel_animate.render.animator_copy import fresh_copy
from parallel_animate.render.isolation import isolated_drawing, quiet
from parallel_animate.render.scene import Scene
from parallel_animate.settings import VideoSettings

logger = logging.getLogger(__name__)


class OrderTrial:
    """Whether a chunk's second frame depends on the first, for movies that are rendered anyway.

    It looks on while the chunk is rendered, and draws only one frame more: the second one alone.

    Parameters
    ----------
    animator : AnimatorBase
        The user's, as before setup(); a copy of it is drawn.
    chunk : Chunk
        The chunk that will be rendered.
    settings : VideoSettings
        Of the movie.
    """

    def __init__(self, animator: AnimatorBase, chunk: Chunk, settings: VideoSettings) -> None:
        # None: it cannot be tried.
        self._animator: AnimatorBase | None = None
        self._chunk = chunk
        self._settings = settings
        self._pixels: NDArray[np.uint8] | None = None
        self._n_artists: dict[int, int] = {}
        self._has_layout = False
        with self._giving_up():
            self._animator = fresh_copy(animator)

    def look(self, scene: Scene, frame: Frame, pixels: NDArray[np.uint8]) -> None:
        """Remember what becomes of the first two frames of the chunk.

        Parameters
        ----------
        scene : Scene
            Has just drawn the frame.
        frame : Frame
            Of the chunk.
        pixels : ndarray
            (height, width, 4) uint8.
        """
        if frame.id not in [first.id for first in self._chunk.frames[:2]]:
            return
        with self._giving_up():
            self._n_artists[frame.id] = scene.n_artists()
            self._has_layout = scene.has_layout_engine()
            self._pixels = pixels.copy()

    def conclude(self) -> None:
        """Warn if the second frame looks different when it is drawn alone.

        Nothing is raised: what fails here has failed where the frames were rendered, which says it.
        """
        if len(self._chunk.frames) < 2 or self._pixels is None or self._animator is None:
            return
        faults: list[OrderFault] = []
        growth = [0]
        with self._giving_up(), quiet():
            faults, growth = self._compare(self._animator, self._pixels)
        _warn_of_growth(growth)
        for fault in faults:
            logger.warning(
                "update() depends on the frame before: %s. Frames are drawn in chunks by several "
                "processes, so the movie is wrong where a chunk begins, unless every update() sets "
                "all that changes.",
                fault,
            )

    @contextlib.contextmanager
    def _giving_up(self) -> Iterator[None]:
        """Let no error out: what fails here fails where the frames are rendered, or is no fault."""
        try:
            yield
        except Exception as error:  # noqa: BLE001 - whatever an object of the user's raises
            logger.debug("Whether frames depend on each other cannot be tried: %r", error)
            self._animator = None

    def _compare(
        self, animator: AnimatorBase, after: NDArray[np.uint8]
    ) -> tuple[list["OrderFault"], list[int]]:
        before, frame = self._chunk.frames[:2]
        if self._has_layout:
            # Layout engines settle over several draws, which is no fault of update().
            return _draw_pairs(animator, [(before, frame)], self._settings)
        with isolated_drawing():
            scene = Scene(animator, self._chunk, self._settings, replays=False)
            fault = compare_frames(frame.id, before.id, after, scene.draw(frame))
        growth = self._n_artists[frame.id] - self._n_artists[before.id]
        return [fault] if fault else [], [growth]


@dataclass(frozen=True)
class OrderFault:
    """A frame that looks different when the one before it was drawn first.

    Parameters
    ----------
    frame_idx : int
        Its id.
    previous : int
        Id of the frame before.
    n_pixels : int
        Pixels that differ.
    max_levels : int
        Largest difference in levels, 1 to 255.
    """

    frame_idx: int
    previous: int
    n_pixels: int
    max_levels: int

    def __str__(self) -> str:
        return (
            f"frame {self.frame_idx} drawn after frame {self.previous} differs from frame "
            f"{self.frame_idx} drawn alone in {self.n_pixels} pixels, by up to {self.max_levels} "
            "levels"
        )


def check_order(
    animator: AnimatorBase, pairs: Sequence[tuple[Frame, Frame]], settings: VideoSettings
) -> list[OrderFault]:
    """Draw frames after the one before and alone, and return the differences.

    Layout engines are switched off for it: they settle over several draws, which is no fault of
    update(). A growing number of artists is told in a warning, since it slows every draw.

    Parameters
    ----------
    animator : AnimatorBase
        The user's; copies of it are drawn.
    pairs : sequence of (Frame, Frame)
        Frames, each with the one before it in front.
    settings : VideoSettings
        Of the movie.

    Raises
    ------
    SetupError, RenderError
        If setup() or update() fails.
    """
    if not pairs:
        return []
    faults, growth = _draw_pairs(animator, pairs, settings)
    _warn_of_growth(growth)
    return faults


def _draw_pairs(
    animator: AnimatorBase, pairs: Sequence[tuple[Frame, Frame]], settings: VideoSettings
) -> tuple[list[OrderFault], list[int]]:
    """Return the differences, and by how many artists each second frame lets the figure grow."""
    # One seed for every setup(): random figures differ between chunks by design.
    chunk = Chunk((pairs[0][0],))
    faults = []
    with isolated_drawing():
        sequence = Scene(fresh_copy(animator), chunk, settings, uses_layout=False)
        growth = []
        for before, frame in pairs:
            sequence.draw(before)
            n_artists = sequence.n_artists()
            after = sequence.draw(frame).copy()
            growth.append(sequence.n_artists() - n_artists)
            alone = Scene(fresh_copy(animator), chunk, settings, uses_layout=False).draw(frame)
            if fault := compare_frames(frame.id, before.id, after, alone):
                faults.append(fault)
    return faults, growth


def _warn_of_growth(growth: Sequence[int]) -> None:
    if min(growth) > 0:
        logger.warning(
            "Every frame adds artists to the figure (%s in the frames tried): drawing gets slower "
            "from frame to frame. Change the artists that are there instead of adding new ones.",
            ", ".join(map(str, growth)),
        )


def compare_frames(
    frame_idx: int, previous: int, after: NDArray[np.uint8], alone: NDArray[np.uint8]
) -> OrderFault | None:
    """Compare a frame that was drawn after another one with the same frame drawn alone.

    Parameters
    ----------
    frame_idx, previous : int
        Ids of the frame and of the one before it.
    after, alone : ndarray
        (height, width, 4) uint8.

    Returns
    -------
    OrderFault or None
        None if they are equal.
    """
    if after.shape != alone.shape:
        return OrderFault(frame_idx, previous, alone.shape[0] * alone.shape[1], 255)
    if np.array_equal(after, alone):
        return None
    difference = np.abs(after.astype(np.int16) - alone)
    n_pixels = int(difference.any(axis=-1).sum())
    return OrderFault(frame_idx, previous, n_pixels, int(difference.max()))
