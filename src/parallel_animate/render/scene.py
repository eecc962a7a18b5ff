"""A chunk's frames, one after another: call setup() and update(), and return pixels."""

import contextlib
import functools
import traceback
from collections.abc import Callable
from pickle import PicklingError
from typing import Any

import numpy as np
from numpy.typing import NDArray

from parallel_animate.errors import RenderError, describe_error
from parallel_animate.inputs.animator import AnimatorBase, PartialAnimatorBase
from parallel_animate.inputs.frames import Chunk, Frame, Shown, what_it_shows
from parallel_animate.render.choose_source import choose_source
from parallel_animate.render.frame_source import FrameSource
from parallel_animate.render.isolation import (
    close_figures,
    pyplot_figures,
    seed_random,
)
from parallel_animate.render.quiet import quiet
from parallel_animate.render.redraw import RedrawMismatchError, frames_to_check
from parallel_animate.render.tracebacks import called_part
from parallel_animate.settings import VideoSettings

# What ends the user's code. A KeyboardInterrupt is no error in it, but a generator's end would end
# this process without a word.
USER_ERRORS = (Exception, SystemExit, GeneratorExit)


class Scene:
    """An animator at work on the frames of one chunk.

    Parameters
    ----------
    animator : AnimatorBase
        The user's animator.
    chunk : Chunk
        The chunk, whose frame range is shown in errors. Its first frame id seeds setup().
    settings : VideoSettings
        The movie's settings: dpi, redraw, and whether the figure is reused.
    uses_layout : bool
        False switches off the figure's layout engine.
    checks : bool
        True draws some frames both in part and in full, and compares them.
    replays : bool
        False draws every artist in every frame. Use it if a frame cannot be drawn again after a
        failed check.
    first : Frame, optional
        The movie's first frame, which is drawn right after setup() unless the chunk starts with it:
        matplotlib settles some things when a figure is first drawn, such as the scale of a quiver.
    """

    def __init__(
        self,
        animator: AnimatorBase,
        chunk: Chunk,
        settings: VideoSettings,
        uses_layout: bool = True,
        checks: bool = False,
        replays: bool = True,
        first: Frame | None = None,
    ) -> None:
        self._animator = animator
        self._chunk = chunk
        self._settings = settings
        self._others = pyplot_figures()
        self._source: FrameSource | None = None
        # What update() got for the picture that was drawn last, if it is held.
        self._held: int | None = None
        self._uses_layout = uses_layout
        # A figure that is made for every frame is first drawn in every frame.
        self._first = first if settings.reuse_figure_object else None
        self._checked = frames_to_check(len(chunk.frames), chunk.start) if checks else {}
        self._persists = replays and settings.reuse_figure_object

    @property
    def source(self) -> FrameSource:
        """The source of the frames; setup() must have been called."""
        assert self._source is not None, "draw a frame first, or call set_up()"
        return self._source

    def draw(self, frame: Frame) -> NDArray[np.uint8]:
        """Return the pixels of a frame, (height, width, 4) uint8, valid until the next call.

        Raises
        ------
        SetupError, RenderError
            If setup() or update() fails.
        RedrawMismatchError
            If the frame was drawn in part, and looks different when drawn in full.
        """
        if self._repeats(frame):
            held, draw = self._held, self.source.repeat
        else:
            held, result = self._update(frame)
            draw = functools.partial(self.source.draw, result)
        self._held = None
        try:
            pixels = draw()
        except RedrawMismatchError as error:
            name = type(self._animator).__name__
            raise RedrawMismatchError(f"{name}: in frame {frame.id}, {error}") from error
        except USER_ERRORS as error:
            raise self._failure(f"frame {frame.id}", error, frame.id) from error
        self._held = held
        return pixels

    def update(self, frame: Frame) -> None:
        """Bring the figure into a frame's state without drawing it; raises as `draw`."""
        self._update(frame)

    def _repeats(self, frame: Frame) -> bool:
        """Return whether a frame shows the picture that was drawn last."""
        if self._held is None:
            return False
        shown = self._read(frame)
        return shown.is_held and shown.frame_idx == self._held

    def _update(self, frame: Frame) -> tuple[int | None, Any]:
        """Return what update() got as the frame's id if it is held, and the result of update()."""
        self._held = None
        if self._source is None or not self._settings.reuse_figure_object:
            close_figures(keep=self._others)
            self._source = self._set_up()
            if self._first is not None and self._first.id != frame.id:
                self._settle(self._source, self._first)
        shown = self._read(frame)
        return shown.frame_idx if shown.is_held else None, self._call_update(frame, shown)

    def _read(self, frame: Frame) -> Shown:
        """Read a frame's params; random numbers are then seeded for its update()."""
        seed_random(frame.id)
        try:
            shown = what_it_shows(frame)
        except USER_ERRORS as error:
            raise self._failure(f"frame {frame.id}", error, frame.id) from error
        if shown.is_held:
            seed_random(shown.frame_idx)
        return shown

    def _call_update(self, frame: Frame, shown: Shown) -> Any:
        try:
            with self.source.while_updating():
                return self._animator.update(shown.frame_idx, shown.params)
        except USER_ERRORS as error:
            raise self._failure(f"frame {frame.id}", error, frame.id) from error

    def _settle(self, source: FrameSource, first: Frame) -> None:
        # Its output appears when the frame itself is rendered.
        with quiet():
            result = self._call_update(first, self._read(first))
            try:
                source.settle(result)
            except USER_ERRORS as error:
                raise self._failure(f"frame {first.id}", error, first.id) from error

    def set_up(self) -> None:
        """Call setup() now, if it was not called yet."""
        if self._source is None:
            self._source = self._set_up()

    def size(self, frame: Frame) -> tuple[int, int]:
        """Return width and height of the frames in pixels.

        The given frame is drawn only if the size is unknown without it.
        """
        self.set_up()
        try:
            size = self.source.size()
        except ValueError as error:
            raise self._failure("setup()", error) from error
        if size is None:
            height, width = self.draw(frame).shape[:2]
            return width, height
        return size

    def _set_up(self) -> FrameSource:
        seed_random(self._chunk.start)
        if isinstance(self._animator, PartialAnimatorBase):
            firsts = [] if self._first is None else [self._first]
            self._animator.expect([frame.id for frame in [*firsts, *self._chunk.frames]])
        # A figure that is made for every frame is made quickly from the second one on.
        before = self._source
        try:
            with contextlib.nullcontext() if before is None else before.while_updating():
                made = self._animator.setup()
        except USER_ERRORS as error:
            raise self._failure("setup()", error) from error
        return choose_source(
            self._animator,
            made,
            self._settings,
            uses_layout=self._uses_layout,
            persists=self._persists,
            checked=self._checked,
        )

    def _failure(self, what: str, error: BaseException, frame_id: int | None = None) -> RenderError:
        chunk = (self._chunk.start, self._chunk.stop)
        error.__traceback__ = called_part(error.__traceback__)
        failure = RenderError(
            f"{type(self._animator).__name__}: {what} failed (chunk of frames {chunk[0]} to "
            f"{chunk[1] - 1}): {describe_error(error)}{_hint(error)}",
            frame_idx=frame_id,
            chunk=chunk,
            traceback="".join(traceback.format_exception(error)),
        )
        # A debugger then stops at the user's line, and a traceback ends there.
        return failure.with_traceback(error.__traceback__)


def _hint(error: BaseException) -> str:
    """Explain an error that only copied functions raise."""
    if not is_of_copied_function(error):
        return ""
    return (
        ". Processes that update() starts cannot import functions of your script here. Use threads "
        "or joblib instead of multiprocessing, or num_workers=1."
    )


def is_of_copied_function(error: BaseException) -> bool:
    """Return whether multiprocessing could not find a function where its original is."""
    while not isinstance(error, PicklingError):
        if error.__cause__ is None:
            return False
        error = error.__cause__
    return any(words in str(error) for words in ("not the same object", "attribute lookup"))


OnPixels = Callable[[Scene, Frame, NDArray[np.uint8]], None]
