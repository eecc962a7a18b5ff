"""Compute once what one draw of matplotlib's computes again and again.

Drawing an Axes asks each axis for its ticks 4.5 times and each tick label for its layout as often:
for the title's place, for the label's place, for the draw itself. `remembered` answers from memory
where nothing that the answer depends on has changed. It replaces two methods of matplotlib for the
time of a draw, and there is no other way in: they are called from within matplotlib's own methods.
"""

import contextlib
import threading
from collections.abc import Iterator
from typing import Any

import numpy as np
from matplotlib.axis import Axis
from matplotlib.text import Annotation, Text

from parallel_animate.render.redraw.text import RasterRenderer, text_cache

_layout: Any = Text._get_layout  # type: ignore[attr-defined]
_update_ticks: Any = Axis._update_ticks  # type: ignore[attr-defined]
_patching = threading.RLock()


class Memo:
    """What is remembered within one draw: ticks; text layouts are kept from draw to draw."""

    def __init__(self) -> None:
        self._ticks: dict[Axis, tuple[Any, list[Any]]] = {}
        # A formatter that two axes share holds the state of whichever asked last.
        self._last_asker: dict[int, Axis] = {}

    @staticmethod
    def layout(text: Any, renderer: Any) -> Any:
        """Stand in for ``Text._get_layout``: it depends on the text, not on where it stands."""
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
        """Stand in for ``Axis._update_ticks``, which also moves and labels the ticks."""
        actors = (
            axis.major.locator,
            axis.major.formatter,
            axis.minor.locator,
            axis.minor.formatter,
        )
        if not all(map(is_matplotlibs, (axis, *actors))):
            found: list[Any] = _update_ticks(axis)
            return found
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
        # Asked for more ticks than there were, the axis has made them.
        key = (*key[:-2], len(axis.majorTicks), len(axis.minorTicks))
        self._ticks[axis] = (key, list(found))
        return found


def is_matplotlib_whole() -> bool:
    """Tell whether the methods that are replaced for a draw are matplotlib's own."""
    return (Text._get_layout, Axis._update_ticks) == (_layout, _update_ticks)  # type: ignore[attr-defined]


def is_matplotlibs(actor: Any) -> bool:
    """Tell whether an axis or what places its ticks is of matplotlib's making all through."""
    if not type(actor).__module__.startswith(("matplotlib.", "mpl_toolkits.")):
        return False
    function = getattr(actor, "func", None)
    module = getattr(function, "__module__", None) or ""
    return function is None or module.startswith("matplotlib.")


@contextlib.contextmanager
def remembered(figure: Any) -> Iterator[None]:
    """Draw a figure with a memory; afterwards matplotlib is as it was.

    Other figures that are drawn meanwhile, in another thread, are drawn without it.
    """

    def layout(text: Any, renderer: Any) -> Any:
        if text.get_figure(root=True) is figure:
            return memo.layout(text, renderer)
        return _layout(text, renderer)

    def update_ticks(axis: Any) -> Any:
        if axis.get_figure(root=True) is figure:
            return memo.ticks(axis)
        return _update_ticks(axis)

    text_cache.refresh()
    if not is_matplotlib_whole():
        # Somebody else has replaced them, or this is a draw within a draw.
        yield
        return
    memo = Memo()
    with _patching:
        Text._get_layout = layout  # type: ignore[attr-defined]
        Axis._update_ticks = update_ticks  # type: ignore[attr-defined]
        try:
            yield
        finally:
            Text._get_layout = _layout  # type: ignore[attr-defined]
            Axis._update_ticks = _update_ticks  # type: ignore[attr-defined]
