"""The user's figure on our own canvas: call setup() and update(), and return pixels."""

import traceback
from collections.abc import Callable
from pickle import PicklingError
from typing import Any

import numpy as np
from matplotlib.artist import Artist
from matplotlib.figure import Figure
from numpy.typing import NDArray

from parallel_animate.errors import RenderError, SetupError, describe_error
from parallel_animate.inputs.animator import AnimatorBase
from parallel_animate.inputs.frames import Chunk, Frame
from parallel_animate.render.canvas import FrameCanvas, OpaqueCanvas, TransparentCanvas
from parallel_animate.render.isolation import (
    close_figures,
    pyplot_figures,
    quiet,
    seed_random,
)
from parallel_animate.render.layout import is_same_layout, layout_engine, layout_of
from parallel_animate.render.redraw import (
    RedrawMismatchError,
    canvas_class,
    check,
    count_artists,
    frames_to_check,
)
from parallel_animate.render.tracebacks import called_part
from parallel_animate.settings import VideoSettings

# What ends the user's code. A KeyboardInterrupt is no error in it, but a generator's end would end
# this process without a word.
USER_ERRORS = (Exception, SystemExit, GeneratorExit)
# A layout that still moves after this many draws does not settle.
MAX_SETTLING_DRAWS = 10


class Scene:
    """The user's figure on our own canvas, for the frames of one chunk.

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
        self._canvas: FrameCanvas | None = None
        self._uses_layout = uses_layout
        # A figure that is made for every frame is first drawn in every frame.
        self._first = first if settings.reuse_figure_object else None
        self._to_check = frames_to_check(len(chunk.frames), chunk.start) if checks else {}
        self._n_drawn = 0
        persists = replays and settings.reuse_figure_object
        self._canvas_class = canvas_class(settings.redraw, persists)
        if settings.keeps_alpha:
            self._canvas_class = TransparentCanvas
        self._draws_less = not settings.keeps_alpha and self._canvas_class is not OpaqueCanvas

    def draw(self, frame: Frame) -> NDArray[np.uint8]:
        """Return the pixels of a frame, (height, width, 4) uint8, valid until the next call.

        Raises
        ------
        SetupError, RenderError
            If setup() or update() fails.
        RedrawMismatchError
            If the frame was drawn in part, and looks different when drawn in full.
        """
        canvas, changed = self._update(frame)
        if self._draws_less:
            return self._draw_less(canvas, frame, artists_in(changed))
        try:
            return canvas.draw()
        except USER_ERRORS as error:
            raise self._failure(f"frame {frame.id}", error, frame.id) from error

    def update(self, frame: Frame) -> None:
        """Bring the figure into a frame's state without drawing it; raises as `draw`."""
        self._update(frame)

    def _update(self, frame: Frame) -> tuple[FrameCanvas, Any]:
        """Return the canvas, and the result of update()."""
        if self._canvas is None or not self._settings.reuse_figure_object:
            close_figures(keep=self._others)
            self._canvas = self._set_up()
            if self._first is not None and self._first.id != frame.id:
                self._settle(self._canvas, self._first)
        return self._canvas, self._call_update(frame)

    def _call_update(self, frame: Frame) -> Any:
        seed_random(frame.id)
        try:
            return self._animator.update(frame.id, frame.params)
        except USER_ERRORS as error:
            raise self._failure(f"frame {frame.id}", error, frame.id) from error

    def _settle(self, canvas: FrameCanvas, first: Frame) -> None:
        """Draw the movie's first frame until its layout does not move any more."""
        # Its output appears when the frame itself is rendered.
        with quiet():
            self._call_update(first)
            before = layout_of(canvas.figure)
            for _ in range(MAX_SETTLING_DRAWS):
                try:
                    canvas.draw()
                except USER_ERRORS as error:
                    raise self._failure(f"frame {first.id}", error, first.id) from error
                after = layout_of(canvas.figure)
                if is_same_layout(before, after):
                    break
                before = after

    def _draw_less(
        self, canvas: FrameCanvas, frame: Frame, hints: list[Artist]
    ) -> NDArray[np.uint8]:
        name = type(self._animator).__name__
        try:
            pixels = canvas.draw(hints)
        except Exception as error:
            self._draw_plainly(canvas, frame)
            raise RedrawMismatchError(
                f"{name}: frame {frame.id} could only be drawn in full ({error!r})"
            ) from error
        if self._n_drawn in self._to_check:
            try:
                check(canvas.canvas, plainly=self._to_check[self._n_drawn])
            except RedrawMismatchError as error:
                raise RedrawMismatchError(f"{name}: in frame {frame.id}, {error}") from error
        self._n_drawn += 1
        return pixels

    def _draw_plainly(self, canvas: FrameCanvas, frame: Frame) -> None:
        """Draw in full, so that an error in the user's artists is raised as RenderError."""
        try:
            FrameCanvas(canvas.figure).draw()
        except Exception as error:
            raise self._failure(f"frame {frame.id}", error, frame.id) from error

    def size(self) -> tuple[int, int]:
        """Return width and height of the frames in pixels, without drawing one."""
        if self._canvas is None:
            self._canvas = self._set_up()
        try:
            return self._canvas.size()
        except ValueError as error:
            raise self._failure("setup()", error) from error

    @property
    def figure(self) -> Figure:
        """The figure; setup() must have been called."""
        assert self._canvas is not None, "draw a frame first"
        return self._canvas.figure

    def n_artists(self) -> int:
        """Return the number of artists in the figure; an axis counts as one artist."""
        return 0 if self._canvas is None else count_artists(self._canvas.figure)

    def layout_engine(self) -> str:
        """Return the name of the layout engine that moves the Axes; empty if there is none."""
        engine = None if self._canvas is None else layout_engine(self._canvas.figure)
        return "" if engine is None else type(engine).__name__

    def _set_up(self) -> FrameCanvas:
        seed_random(self._chunk.start)
        try:
            figure = self._animator.setup()
        except USER_ERRORS as error:
            raise self._failure("setup()", error) from error
        if not isinstance(figure, Figure):
            raise SetupError(
                f"{type(self._animator).__name__}.setup() must return a matplotlib Figure, found "
                f"{figure!r}; end it with 'return fig'."
            )
        if not self._uses_layout:
            figure.set_layout_engine("none")
        settings = self._settings
        return FrameCanvas(
            *(figure, settings.dpi, settings.scale, self._canvas_class, settings.transparent)
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


def artists_in(changed: Any, seen: frozenset[int] = frozenset()) -> list[Artist]:
    """Return the artists in the result of update(), which may be nested; ignore other objects."""
    if isinstance(changed, Artist):
        return [changed]
    if isinstance(changed, list | tuple | set) and id(changed) not in seen:
        # A list may hold itself.
        outer = seen | {id(changed)}
        return [artist for item in changed for artist in artists_in(item, outer)]
    return []
