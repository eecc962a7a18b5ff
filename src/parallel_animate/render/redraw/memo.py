"""Compute once what one draw by matplotlib computes many times.

Drawing an Axes asks each axis for its ticks 4.5 times on average, and each tick label for its
layout as often: to place the title, to place the label, and to draw. `remembered` returns the
earlier answer if nothing it depends on has changed, and lets `ticks` make new ticks. It replaces
four methods of matplotlib during a draw. No other way exists: matplotlib's own methods call them.
"""

import contextlib
import threading
from collections.abc import Iterator
from typing import Any

import numpy as np
from matplotlib.axis import Axis
from matplotlib.text import Annotation, Text

from parallel_animate.render.redraw import ticks
from parallel_animate.render.redraw.bbox_unions import unions_found_quickly
from parallel_animate.render.redraw.nearest_images import images_made_quickly
from parallel_animate.render.redraw.replacement import has_own_methods
from parallel_animate.render.redraw.text import RasterRenderer, text_cache
from parallel_animate.render.redraw.tick_clips import clipping

_layout: Any = Text._get_layout  # type: ignore[attr-defined]
_update_ticks: Any = Axis._update_ticks  # type: ignore[attr-defined]
TICK_MAKERS = (ticks.get_major_ticks, ticks.get_minor_ticks)
_patching = threading.RLock()


class Memo:
    """The ticks of one draw, and text layouts, which are kept from draw to draw."""

    def __init__(self) -> None:
        self._ticks: dict[Axis, tuple[Any, list[Any]]] = {}
        # A formatter that two axes share has the state of the axis that asked last.
        self._last_asker: dict[int, Axis] = {}
        self._are_known: dict[Any, bool] = {}

    @staticmethod
    def layout(text: Any, renderer: Any) -> Any:
        """Replace ``Text._get_layout``: a layout depends on the text, not on its position."""
        if (
            type(text) not in (Text, Annotation)
            or text._wrap
            or not isinstance(renderer, RasterRenderer)
        ):
            return _layout(text, renderer)
        figure = text.get_figure(root=True)
        key = (
            text._text,
            hash(text._fontproperties),
            text.get_rotation(),
            text._rotation_mode,
            text._horizontalalignment,
            text._verticalalignment,
            text._multialignment,
            text._linespacing,
            text._usetex,
            text._parse_math,
            figure.dpi,
            renderer.dpi,
        )
        found = text_cache.layouts.get(key)
        if found is None:
            found = text_cache.layouts[key] = _layout(text, renderer)
        box, lines, corner = found
        return box.frozen(), list(lines), corner

    def ticks(self, axis: Any) -> list[Any]:
        """Replace ``Axis._update_ticks``, which also moves and labels the ticks."""
        actors = (
            axis.major.locator,
            axis.major.formatter,
            axis.minor.locator,
            axis.minor.formatter,
        )
        if not (is_matplotlibs(axis) and all(map(self._is_known, actors))):
            found: list[Any] = _update_ticks(axis)
            return found
        if axis.major.locator.axis not in (None, axis):
            # Axes that share limits may have margins of their own: who asks first autoscales.
            axis.major.locator.axis.get_view_interval()
        key = (
            np.asarray(axis.get_view_interval()).tobytes(),
            axis.axes.bbox.get_points().tobytes(),
            axis.get_figure(root=True).dpi,
            tuple(map(id, actors)),
            len(axis.majorTicks),
            len(axis.minorTicks),
        )
        kept = self._ticks.get(axis)
        own = all(self._last_asker.get(id(actor)) is axis for actor in actors)
        if kept is not None and kept[0] == key and own:
            return list(kept[1])
        found = _update_ticks(axis)
        for actor in actors:
            self._last_asker[id(actor)] = axis
        # The axis may have made more ticks.
        key = (*key[:-2], len(axis.majorTicks), len(axis.minorTicks))
        self._ticks[axis] = (key, list(found))
        return found

    def _is_known(self, actor: Any) -> bool:
        """Return whether a locator or formatter runs only matplotlib's code."""
        if actor not in self._are_known:
            self._are_known[actor] = is_matplotlibs(actor) and not has_own_methods(actor)
        return self._are_known[actor]


def is_matplotlib_whole() -> bool:
    """Return whether the methods to replace are still matplotlib's own."""
    present = (Text._get_layout, Axis._update_ticks)  # type: ignore[attr-defined]
    makers = (Axis.get_major_ticks, Axis.get_minor_ticks)
    return present == (_layout, _update_ticks) and makers == TICK_MAKERS


def is_matplotlibs(actor: Any) -> bool:
    """Return whether an axis, locator or formatter runs only matplotlib's code."""
    if not type(actor).__module__.startswith(("matplotlib.", "mpl_toolkits.")):
        return False
    function = getattr(actor, "func", None)
    module = getattr(function, "__module__", None) or ""
    return function is None or module.startswith("matplotlib.")


@contextlib.contextmanager
def remembered(figure: Any) -> Iterator[None]:
    """Keep answers while a figure is drawn, then restore matplotlib's methods.

    Figures that another thread draws at the same time do not use them.
    """

    def layout(text: Any, renderer: Any) -> Any:
        if text.get_figure(root=True) is figure:
            return memo.layout(text, renderer)
        return _layout(text, renderer)

    def update_ticks(axis: Any) -> Any:
        if axis.get_figure(root=True) is figure:
            return memo.ticks(axis)
        return _update_ticks(axis)

    def major_ticks(axis: Any, numticks: int | None = None) -> Any:
        if axis.get_figure(root=True) is figure:
            return ticks.major_ticks(axis, numticks)
        return ticks.get_major_ticks(axis, numticks)

    def minor_ticks(axis: Any, numticks: int | None = None) -> Any:
        if axis.get_figure(root=True) is figure:
            return ticks.minor_ticks(axis, numticks)
        return ticks.get_minor_ticks(axis, numticks)

    text_cache.refresh()
    if not is_matplotlib_whole():
        # Other code has replaced them, or this is a draw within a draw.
        yield
        return
    memo = Memo()
    with _patching:
        Text._get_layout = layout  # type: ignore[attr-defined]
        Axis._update_ticks = update_ticks  # type: ignore[attr-defined]
        Axis.get_major_ticks = major_ticks  # type: ignore[method-assign,assignment]
        Axis.get_minor_ticks = minor_ticks  # type: ignore[method-assign,assignment]
        try:
            with ticks.copying(), clipping(), images_made_quickly(), unions_found_quickly():
                yield
        finally:
            Axis.get_major_ticks, Axis.get_minor_ticks = TICK_MAKERS  # type: ignore[method-assign]
            Text._get_layout = _layout  # type: ignore[attr-defined]
            Axis._update_ticks = _update_ticks  # type: ignore[attr-defined]
