"""Find out whether update() depends on the frame before: draw frames alone and after another.

Several processes draw the chunks, each starting with setup(), so such a movie would be wrong.
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
    """Check whether a chunk's second frame depends on the first, while the chunk is rendered.

    The rendered frames are compared, so only one more frame is drawn: the second one alone.

    Parameters
    ----------
    animator : AnimatorBase
        The user's animator, as before setup(); a copy of it is drawn.
    chunk : Chunk
        The chunk that will be rendered.
    settings : VideoSettings
        The movie's settings.
    """

    def __init__(self, animator: AnimatorBase, chunk: Chunk, settings: VideoSettings) -> None:
        # None if the check cannot be made.
        self._animator: AnimatorBase | None = None
        self._chunk = chunk
        self._settings = settings
        self._pixels: NDArray[np.uint8] | None = None
        self._n_artists: dict[int, int] = {}
        self._has_layout = False
        with self._giving_up():
            self._animator = fresh_copy(animator)

    def watch(self, scene: Scene, frame: Frame, pixels: NDArray[np.uint8]) -> None:
        """Keep the results of the chunk's first two frames; call it after each frame.

        Parameters
        ----------
        scene : Scene
            The scene that has just drawn the frame.
        frame : Frame
            A frame of the chunk.
        pixels : ndarray
            The frame's pixels, (height, width, 4) uint8.
        """
        if frame.id not in [first.id for first in self._chunk.frames[:2]]:
            return
        with self._giving_up():
            self._n_artists[frame.id] = scene.n_artists()
            self._has_layout = scene.has_layout_engine()
            self._pixels = pixels.copy()

    def conclude(self) -> None:
        """Warn if the second frame looks different when it is drawn alone.

        This raises no errors: user code that fails here also fails in rendering, which reports it.
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
                "update() depends on the frame before: %s. Several processes draw the frames in "
                "chunks, so the movie is wrong where a chunk begins. Make every update() set "
                "everything that changes.",
                fault,
            )

    @contextlib.contextmanager
    def _giving_up(self) -> Iterator[None]:
        """Stop the check at an error: rendering raises it too, or it does not matter."""
        try:
            yield
        except Exception as error:  # noqa: BLE001 - whatever a user's object raises
            logger.debug("Cannot check whether frames depend on each other: %r", error)
            self._animator = None

    def _compare(
        self, animator: AnimatorBase, after: NDArray[np.uint8]
    ) -> tuple[list["OrderFault"], list[int]]:
        before, frame = self._chunk.frames[:2]
        if self._has_layout:
            # Layout engines settle over several draws, so their changes are not update()'s fault.
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
        The frame's id.
    previous : int
        Id of the frame before.
    n_pixels : int
        Number of pixels that differ.
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
    """Draw frames alone and after the frame before, and return the differences.

    Layout engines are switched off: they settle over several draws, so their changes are not
    update()'s fault. A growing number of artists logs a warning, since it slows every draw.

    Parameters
    ----------
    animator : AnimatorBase
        The user's animator; copies of it are drawn.
    pairs : sequence of (Frame, Frame)
        Pairs of the frame before and the frame to check.
    settings : VideoSettings
        The movie's settings.

    Raises
    ------
    SetupError, RenderError
        If setup() or update() fails.
    """
    if not pairs:
        return []
    with quiet():
        faults, growth = _draw_pairs(animator, pairs, settings)
    _warn_of_growth(growth)
    return faults


def _draw_pairs(
    animator: AnimatorBase, pairs: Sequence[tuple[Frame, Frame]], settings: VideoSettings
) -> tuple[list[OrderFault], list[int]]:
    """Return the differences, and the number of artists that each second frame adds."""
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
            "Every frame adds artists to the figure (%s in the frames tried), so drawing gets "
            "slower with every frame. Change existing artists instead of adding new ones.",
            ", ".join(map(str, growth)),
        )


def compare_frames(
    frame_idx: int, previous: int, after: NDArray[np.uint8], alone: NDArray[np.uint8]
) -> OrderFault | None:
    """Compare a frame drawn after another one with the same frame drawn alone.

    Parameters
    ----------
    frame_idx, previous : int
        Ids of the frame and of the one before it.
    after, alone : ndarray
        The frame's pixels in both cases, (height, width, 4) uint8.

    Returns
    -------
    OrderFault or None
        None if both are equal.
    """
    if after.shape != alone.shape:
        return OrderFault(frame_idx, previous, alone.shape[0] * alone.shape[1], 255)
    if np.array_equal(after, alone):
        return None
    difference = np.abs(after.astype(np.int16) - alone)
    n_pixels = int(difference.any(axis=-1).sum())
    return OrderFault(frame_idx, previous, n_pixels, int(difference.max()))
