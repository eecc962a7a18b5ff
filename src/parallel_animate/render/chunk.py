"""Render a chunk: setup() once, update() and draw per frame, pixels into a segment.

The heart of both drivers. It knows nothing of processes, plans or where a chunk came from.
"""

import copy
import dataclasses
import logging
import traceback
from abc import abstractmethod
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.artist import Artist
from matplotlib.figure import Figure
from numpy.typing import NDArray

from parallel_animate.encode.encoders import Encoder
from parallel_animate.encode.segment import Segment, SegmentWriter
from parallel_animate.errors import RenderError, SetupError
from parallel_animate.inputs.animator import Animator
from parallel_animate.inputs.frames import Chunk, Frame
from parallel_animate.inputs.pickling import dump, load
from parallel_animate.render.canvas import FrameCanvas, OpaqueCanvas
from parallel_animate.render.isolation import (
    close_figures,
    isolated_drawing,
    pyplot_figures,
    seed_random,
)
from parallel_animate.render.redraw.canvas import CachingCanvas, ReplayCanvas
from parallel_animate.render.redraw.order import count_artists
from parallel_animate.render.redraw.proof import is_proven
from parallel_animate.render.redraw.selfcheck import RedrawMismatchError, check, frames_to_check
from parallel_animate.settings import VideoSettings

logger = logging.getLogger(__name__)


class CheckedAnimator(Animator):
    """An animator that looks at what became of a chunk before its segment counts."""

    @abstractmethod
    def check_chunk(
        self, chunk: Chunk, last_pixels: NDArray[np.uint8], settings: VideoSettings
    ) -> None:
        """Raise an error of this package if the frames of a chunk are not what they must be.

        Parameters
        ----------
        chunk : Chunk
            Its frames; all of them have been drawn.
        last_pixels : ndarray
            The last one, as `Scene.draw` returned it.
        settings : VideoSettings
            Of the movie.
        """


def render_chunk(
    start: Callable[[], Animator],
    chunk: Chunk,
    settings: VideoSettings,
    encoder: Encoder,
    path: Path,
    *,
    extradata: str | None = None,
    on_frame: Callable[[int], None] = lambda frame_id: None,
    on_pixels: "OnPixels | None" = None,
) -> Segment:
    """Render the frames of a chunk into a segment.

    Some frames are drawn in part and in whole. Should the pixels differ, the chunk is rendered anew
    with every frame drawn whole, and a warning says which frame it was.

    Parameters
    ----------
    start : callable
        Returns the user's animator as it is before setup().
    chunk : Chunk
        Its frames.
    settings : VideoSettings
        Of the movie.
    encoder : Encoder
        Of the movie.
    path : Path
        The segment; it is there, whole and verified, if and only if this returns.
    extradata : str, optional
        The extradata that all segments of the movie have.
    on_frame : callable
        Called with the id of each frame that was drawn and sent to the encoder, once per frame.
    on_pixels : callable, optional
        Called with the `Scene`, the frame and its pixels, each time that a frame was drawn.

    Raises
    ------
    SetupError
        If setup() returns no Figure.
    RenderError
        If setup() or update() raises, or the size of the figure changes.
    FFmpegError, SegmentError
        If encoding fails.
    """
    told: set[int] = set()

    def tell(frame_id: int) -> None:
        if frame_id not in told:
            told.add(frame_id)
            on_frame(frame_id)

    target = (encoder, path, extradata, tell, on_pixels)
    try:
        return _render(start(), chunk, settings, *target)
    except RedrawMismatchError as error:
        mismatch = error
    segment = _render(start(), chunk, dataclasses.replace(settings, redraw="full"), *target)
    logger.warning(
        "%s. So the frames %d to %d were rendered anew, each drawn in full: the movie is right. "
        "Please report it; redraw='full' avoids the attempt.",
        *(mismatch, chunk.start, chunk.stop - 1),
    )
    return segment


def _render(
    animator: Animator,
    chunk: Chunk,
    settings: VideoSettings,
    encoder: Encoder,
    path: Path,
    extradata: str | None,
    on_frame: Callable[[int], None],
    on_pixels: "OnPixels | None",
) -> Segment:
    with isolated_drawing(), SegmentWriter(path, encoder, settings, extradata) as writer:
        scene = Scene(animator, chunk, settings, checks=True)
        for frame in chunk.frames:
            pixels = scene.draw(frame)
            check_size(writer.size, pixels, frame, chunk)
            writer.write(pixels)
            on_frame(frame.id)
            if on_pixels is not None:
                on_pixels(scene, frame, pixels)
        if isinstance(animator, CheckedAnimator):
            animator.check_chunk(chunk, pixels, settings)
        return writer.finish()


class Scene:
    """A figure of the user's on a canvas of ours, for the frames of one chunk.

    Parameters
    ----------
    animator : Animator
        The user's.
    chunk : Chunk
        Names the frames in errors; its first frame id seeds setup().
    settings : VideoSettings
        dpi, and whether the figure is reused.
    uses_layout : bool
        False switches the figure's layout engine off.
    checks : bool
        Draw some frames in part and in full, and compare.
    replays : bool
        False draws every artist in every frame, where a frame cannot be drawn anew should the check
        find fault.
    """

    def __init__(
        self,
        animator: Animator,
        chunk: Chunk,
        settings: VideoSettings,
        uses_layout: bool = True,
        checks: bool = False,
        replays: bool = True,
    ) -> None:
        self._animator = animator
        self._chunk = chunk
        self._settings = settings
        self._others = pyplot_figures()
        self._canvas: FrameCanvas | None = None
        self._uses_layout = uses_layout
        self._replays = replays and settings.reuse_figure_object
        self._to_check = frames_to_check(len(chunk.frames), chunk.start) if checks else {}
        self._n_drawn = 0
        self._draws_less = settings.redraw == "auto" and is_proven()

    def draw(self, frame: Frame) -> NDArray[np.uint8]:
        """Return the pixels of a frame, (height, width, 4) uint8, valid until the next call.

        Raises
        ------
        SetupError, RenderError
            If setup() or update() fails.
        RedrawMismatchError
            If the frame was drawn in part, and looks different drawn whole.
        """
        if self._canvas is None or not self._settings.reuse_figure_object:
            close_figures(keep=self._others)
            self._canvas = self._set_up()
        seed_random(frame.id)
        try:
            changed: Any = self._animator.update(frame.id, frame.params)
            if not self._draws_less:
                return self._canvas.draw()
        except (Exception, SystemExit) as error:
            raise self._failure(f"frame {frame.id}", error, frame.id) from error
        return self._draw_less(self._canvas, frame, artists_in(changed))

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
        """Let an error of the user's come out as one."""
        try:
            FrameCanvas(canvas.figure).draw()
        except Exception as error:
            raise self._failure(f"frame {frame.id}", error, frame.id) from error

    def size(self) -> tuple[int, int]:
        """Return width and height of the frames in pixels, without drawing one."""
        if self._canvas is None:
            self._canvas = self._set_up()
        return self._canvas.size()

    def n_artists(self) -> int:
        """Return the number of artists in the figure; of an axis, none but itself."""
        return 0 if self._canvas is None else count_artists(self._canvas.figure)

    def has_layout_engine(self) -> bool:
        """Tell whether something moves the Axes when the figure is drawn."""
        return self._canvas is not None and self._canvas.figure.get_layout_engine() is not None

    def _set_up(self) -> FrameCanvas:
        seed_random(self._chunk.start)
        try:
            figure = self._animator.setup()
        except (Exception, SystemExit) as error:
            raise self._failure("setup()", error) from error
        if not isinstance(figure, Figure):
            raise SetupError(
                f"{type(self._animator).__name__}.setup() must return a matplotlib Figure, found "
                f"{figure!r}; end it with 'return fig'."
            )
        if not self._uses_layout:
            figure.set_layout_engine("none")
        settings = self._settings
        return FrameCanvas(figure, settings.dpi, settings.scale, self._canvas_class())

    def _canvas_class(self) -> type[OpaqueCanvas]:
        if not self._draws_less:
            return OpaqueCanvas
        return ReplayCanvas if self._replays else CachingCanvas

    def _failure(self, what: str, error: BaseException, frame_id: int | None = None) -> RenderError:
        chunk = (self._chunk.start, self._chunk.stop)
        return RenderError(
            f"{type(self._animator).__name__}: {what} failed (chunk of frames {chunk[0]} to "
            f"{chunk[1] - 1}): {type(error).__name__}: {error}",
            frame_idx=frame_id,
            chunk=chunk,
            traceback="".join(traceback.format_exception(without_our_call(error))),
        )


OnPixels = Callable[[Scene, Frame, NDArray[np.uint8]], None]


def without_our_call(error: BaseException) -> BaseException:
    """Return an error whose traceback begins in the user's code, where it goes that far."""
    called = error.__traceback__.tb_next if error.__traceback__ else None
    return error.with_traceback(called) if called else error


def artists_in(changed: Any) -> list[Artist]:
    """Return the artists in what update() returned, which may be nested, or nothing of use."""
    if isinstance(changed, Artist):
        return [changed]
    if isinstance(changed, list | tuple | set):
        return [artist for item in changed for artist in artists_in(item)]
    return []


def check_size(
    size: tuple[int, int] | None, pixels: NDArray[np.uint8], frame: Frame, chunk: Chunk
) -> None:
    """Raise RenderError unless a frame has the size of those before; None before the first."""
    height, width = pixels.shape[:2]
    if size is not None and size != (width, height):
        raise RenderError(
            f"The figure has another size in frame {frame.id}: {width}x{height} pixels, and "
            f"{size[0]}x{size[1]} in the frames before. All frames of a movie have one size; do "
            "not change the figure's size or dpi in update().",
            frame_idx=frame.id,
            chunk=(chunk.start, chunk.stop),
        )


def fresh_copy(animator: Animator) -> Animator:
    """Return a copy of an animator as it was loaded, so that no chunk sees another's traces."""
    try:
        return copy.deepcopy(animator)
    except TypeError:
        # A module or the like among the attributes: pickle knows what to do with those.
        copied: Animator = load(dump(animator))
        return copied


def loose_copy(animator: Animator) -> Animator:
    """Return a copy of an animator that shares with it what cannot be copied."""
    copied = copy.copy(animator)
    attributes = _copied(vars(animator), animator, copied)
    vars(copied).clear()
    vars(copied).update(attributes)
    return copied


class AttributeState:
    """The attributes of an animator as they were, so that each chunk starts from the same.

    Parameters
    ----------
    animator : Animator
        The user's; it stays the same object.
    """

    def __init__(self, animator: Animator) -> None:
        self._animator = animator
        self._attributes = _copied(vars(animator), animator)

    def restore(self) -> None:
        """Give the animator the attributes back."""
        attributes = vars(self._animator)
        attributes.clear()
        attributes.update(_copied(self._attributes, self._animator))


def _copied(
    attributes: Mapping[str, Any], owner: Animator, new_owner: Animator | None = None
) -> dict[str, Any]:
    """Copy attributes; what refers to their owner refers to the new one, if there is one.

    What they share stays shared.
    """
    memo: dict[int, Any] = {id(owner): new_owner or owner}
    copies = {}
    for name, value in attributes.items():
        try:
            copies[name] = copy.deepcopy(value, memo)
        except Exception:  # noqa: BLE001 - whatever an object of the user's raises
            logger.debug("Attribute %s cannot be copied; it is shared by all chunks", name)
            copies[name] = value
    return copies
