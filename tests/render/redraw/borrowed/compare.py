"""Draw every frame of a borrowed figure in both ways, and report where they differ."""

import contextlib
import io
import random
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any
from unittest import mock

import numpy as np
from numpy.typing import NDArray

from borrowed.changes import N_FRAMES, ChangedFigure
from borrowed.figures import Source, figures_of
from parallel_animate.inputs.frames import Chunk, Frame
from parallel_animate.render.isolation import isolated_drawing
from parallel_animate.render.redraw.outlook import Outlook
from parallel_animate.render.redraw.replay import Replay
from parallel_animate.render.redraw.selfcheck import RedrawMismatchError
from parallel_animate.render.scene import Scene
from parallel_animate.settings import VideoSettings, video_settings

FULL = video_settings(fps=30, redraw="full")
AUTO = video_settings(fps=30, redraw="auto")


@dataclass
class Comparison:
    """The results of comparing some figures.

    Parameters
    ----------
    figures : int
        Figures whose frames were all compared.
    replayed : int
        Frames of these figures that were drawn by replay.
    left_out : int
        Figures that cannot be drawn, or look different each time.
    different : list of str
        Figures with a frame that differs: which frame, and in how many pixels.
    """

    figures: int = 0
    replayed: int = 0
    left_out: int = 0
    different: list[str] = field(default_factory=list)

    def add(self, other: "Comparison") -> None:
        """Add the counts of another comparison."""
        self.figures += other.figures
        self.replayed += other.replayed
        self.left_out += other.left_out
        self.different += other.different


def compare(source: Source, seed: int) -> Comparison:
    """Compare every frame of the figures that a test leaves; the seed decides their changes."""
    result = Comparison()
    # Some figures print when they are built, some when they are drawn.
    with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
        warnings.simplefilter("ignore")
        with isolated_drawing():
            n_figures = len(figures_of(source))
        # Each test gets different changes, which do not depend on the other tests compared.
        own = random.Random(int(sha256(f"{source.name} {seed}".encode()).hexdigest(), 16))
        own_seed = own.randrange(2**32)
        for which in range(n_figures):
            result.add(compare_one(ChangedFigure(source, which, own_seed), seed))
    return result


def compare_one(animator: ChangedFigure, seed: int) -> Comparison:
    """Compare every frame of one figure."""
    try:
        full, again = frames_of(animator, FULL), frames_of(animator, FULL)
    except Exception:
        return Comparison(left_out=1)
    if differing(full, again):
        return Comparison(left_out=1)
    figure = f"{animator.source.name}, figure {animator.which}, seed {seed}"
    with replay_always() as replayed:
        try:
            wrong = differing(full, frames_of(animator, AUTO))
        except RedrawMismatchError as error:
            return Comparison(figures=1, different=[f"{figure}: {error}"])
    different = [f"{figure}: pixels by frame {wrong}"] if wrong else []
    return Comparison(figures=1, replayed=len(replayed), different=different)


@contextlib.contextmanager
def replay_always() -> Iterator[list[Replay]]:
    """Replay even where it saves no time, to compare more; list what is replayed."""
    replayed: list[Replay] = []
    draw = Replay.draw

    def counting(replay: Replay, hints: Any = ()) -> None:
        draw(replay, hints)
        replayed.append(replay)

    with (
        mock.patch.object(Replay, "is_worth_it", True),
        mock.patch.object(Outlook, "is_hopeless", return_value=False),
        mock.patch.object(Replay, "draw", counting),
    ):
        yield replayed


def frames_of(animator: ChangedFigure, settings: VideoSettings) -> list[NDArray[np.uint8]]:
    """Draw all frames, without the self-check, which would hide the errors looked for here."""
    chunk = Chunk(tuple(Frame.of(i, i) for i in range(N_FRAMES)))
    with isolated_drawing():
        scene = Scene(animator, chunk, settings, checks=False)
        return [scene.draw(frame).copy() for frame in chunk.frames]


def differing(a: list[NDArray[np.uint8]], b: list[NDArray[np.uint8]]) -> dict[int, int]:
    """Return frame -> number of pixels that differ; all pixels if the sizes differ."""
    found = {}
    for i, (one, other) in enumerate(zip(a, b, strict=True)):
        same_size = one.shape == other.shape
        n = int((one != other).any(axis=2).sum()) if same_size else one.shape[0] * one.shape[1]
        if n:
            found[i] = n
    return found
