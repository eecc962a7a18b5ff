"""Bring a figure into the state of one frame after another, as matplotlib's ``save()`` does.

It calls the animation's own methods, so that subclasses draw the same as in matplotlib. This module
knows nothing of chunks or files.
"""

import contextlib
from collections.abc import Iterator
from typing import Any, Self

import matplotlib as mpl
import numpy as np
from matplotlib.animation import Animation, ArtistAnimation
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_rgba
from matplotlib.figure import Figure
from numpy.typing import NDArray

from parallel_animate.funcanimation.copied_classes import CopiedClasses
from parallel_animate.funcanimation.pickled import load_animation, load_frame
from parallel_animate.inputs.matplotlib_private import figure_registry
from parallel_animate.render.canvas import background_patches
from parallel_animate.render.isolation import RandomState
from parallel_animate.render.layout import layout_engine, layout_of


class Player:
    """Plays an animation from its start.

    Parameters
    ----------
    animation : Animation
        The user's animation or a copy; its figure is changed.
    random_state : RandomState, optional
        Start of ``random`` and ``numpy.random``; None: their present state.
    classes : CopiedClasses, optional
        The classes of a copy; its figure is then pyplot's current one for every frame.
    """

    def __init__(
        self,
        animation: Animation,
        random_state: RandomState | None = None,
        classes: CopiedClasses | None = None,
    ) -> None:
        known: Any = animation
        self._animation = known
        self._is_of_artists = isinstance(animation, ArtistAnimation)
        self._random = random_state or RandomState.capture()
        self.figure: Figure = known._fig
        self._size = tuple(self.figure.get_size_inches())
        self._classes = classes
        self._manager = self.figure.canvas.manager if classes is not None else None

    @classmethod
    def of_copy(cls, data: bytes) -> Self:
        """Return a player with a fresh copy of an animation that `dump_animation` pickled."""
        return cls(*load_animation(data))

    def start(self) -> None:
        """Draw the state before the first frame: ``init_func``, or the function's first frame."""
        _set_saved_colours(self.figure)
        with self._as_in_save():
            self._animation._init_draw()

    def frames(self) -> Iterator[Any]:
        """Yield the data of the frames, reading each only when it is needed.

        The data of an ArtistAnimation are numbers, because its artists belong to the figure.
        """
        if self._is_of_artists:
            yield from range(len(list(self._animation._framedata)))
            return
        with self._as_in_save():
            remaining = iter(self._animation.new_saved_frame_seq())
        while True:
            with self._as_in_save():
                try:
                    data = next(remaining)
                except StopIteration:
                    return
            yield data

    def draw_frame(self, data: Any) -> None:
        """Bring the figure into the state of a frame."""
        if self._is_of_artists:
            data = list(self._animation._framedata)[data]
        with self._as_in_save(), self._without_last_draw():
            self._animation._draw_next_frame(data, blit=False)
            if layout_engine(self.figure) is not None:
                # save() runs the layout twice for each frame, which matters if one round does not
                # settle.
                self.figure.draw_without_rendering()
            if tuple(self.figure.get_size_inches()) != self._size:
                # As save() does, because all frames of a movie have the same size.
                self.figure.set_size_inches(*self._size)

    def draw_pickled(self, content: bytes) -> None:
        """Bring the figure into the state of a frame from the data that `dump_frame` pickled."""
        self.draw_frame(load_frame(content, self._classes))

    def layout(self) -> NDArray[np.float64] | None:
        """Return the places of the axes, (n, 4) in pixels; None without a layout engine."""
        return layout_of(self.figure)

    def first_frame(self) -> tuple[Any, ...]:
        """Return the frame that a FuncAnimation without ``init_func`` starts with.

        As in matplotlib, this uses up one frame of an iterator that can be read only once.
        """
        # Only a FuncAnimation has an init_func.
        if vars(self._animation).get("_init_func", self) is not None:
            return ()
        with self._as_in_save():
            return tuple(_head(self._animation.new_frame_seq()))

    @contextlib.contextmanager
    def _as_in_save(self) -> Iterator[None]:
        canvas: Any = self.figure.canvas
        # Then animated artists are drawn, and a draw event does not start the animation.
        canvas._is_saving = True
        if self._manager is not None:
            # plt.title() and similar functions then use this figure.
            figure_registry().set_active(self._manager)
        self._random.restore()
        try:
            yield
        finally:
            self._random = RandomState.capture()

    @contextlib.contextmanager
    def _without_last_draw(self) -> Iterator[None]:
        """Leave out the draw after a frame's function: the frame itself is drawn right after it.

        What the function asks for itself is drawn at once, as in save(): it may read from the
        figure what only a draw settles.
        """
        canvas: Any = self.figure.canvas
        own, post_draw = vars(self._animation), self._animation._post_draw

        def without_draw(*arguments: Any, **options: Any) -> None:
            with canvas._idle_draw_cntx():
                post_draw(*arguments, **options)

        before = own.get("_post_draw")
        own["_post_draw"] = without_draw
        try:
            yield
        finally:
            del own["_post_draw"]
            if before is not None:
                own["_post_draw"] = before


@contextlib.contextmanager
def borrowed_figure(animation: Animation) -> Iterator[float]:
    """Draw on an animation's own figure, and restore its canvas, dpi and colours afterwards.

    Yields
    ------
    float
        The figure's dots per inch in a file, without the pixel ratio of a screen.
    """
    figure: Any = animation._fig  # type: ignore[attr-defined]
    canvas, dpi = figure.canvas, figure.dpi
    original_dpi = getattr(figure, "_original_dpi", dpi)
    colours = [
        (patch, patch.get_facecolor(), patch.get_edgecolor())
        for patch in background_patches(figure)
    ]
    FigureCanvasAgg(figure)
    try:
        yield original_dpi
    finally:
        figure.set_canvas(canvas)
        figure._set_dpi(dpi, forward=False)
        figure._original_dpi = original_dpi
        for patch, face, edge in colours:
            patch.set_facecolor(face)
            patch.set_edgecolor(edge)


def _head(items: Any) -> Iterator[Any]:
    for item in items:
        yield item
        return


def _set_saved_colours(figure: Figure) -> None:
    """Give the figure the colours that it has in files, but opaque as in a movie."""
    patch: Any = figure.patch
    face: Any = mpl.rcParams["savefig.facecolor"]
    edge: Any = mpl.rcParams["savefig.edgecolor"]
    red, green, blue, alpha = to_rgba(patch.get_facecolor() if face == "auto" else face)
    patch.set_facecolor([level * alpha + 1 - alpha for level in (red, green, blue)])
    if edge != "auto":
        patch.set_edgecolor(edge)
