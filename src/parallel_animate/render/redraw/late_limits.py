"""Limits that matplotlib finds when it draws their Axes, after what it draws before them.

After ``plot``, an Axes has new limits only when it is drawn. Replay finds the limits of all Axes
first. The pixels are the same if nothing else in the figure reads the limits that an Axes had
before: what asks an Axes for its limits makes it find them, but its transforms do not, and an
artist of another Axes may use them.
"""

from collections.abc import Iterator
from functools import cache
from typing import Any

import matplotlib as mpl
from matplotlib import collections, image, lines, patches, spines, text
from matplotlib.axes import Axes
from matplotlib.axis import Axis, XTick, YTick
from matplotlib.colorbar import Colorbar

from parallel_animate.render.redraw.order import aligned_axes, all_artists, family, is_flat
from parallel_animate.render.redraw.walk import KNOWN, Opaque, Walk, geometry

# Classes whose objects hold the transforms and artists that their draw uses in attributes, not in
# containers.
PLAIN = {
    lines.Line2D, text.Text, spines.Spine, XTick, YTick, image.AxesImage,
    patches.Rectangle, patches.Polygon, patches.PathPatch, patches.Circle, patches.Ellipse,
    patches.Wedge, collections.PathCollection, collections.PolyCollection,
    collections.FillBetweenPolyCollection, collections.LineCollection, collections.QuadMesh,
}  # fmt: skip
# Scales without a user's function.
SCALES = {"linear", "log", "symlog", "logit", "asinh"}


def may_be_found_first(figure: Any) -> bool:
    """Return whether a draw shows the same if all Axes find their limits before anything is drawn.

    Parameters
    ----------
    figure : Figure
        A figure before it is drawn.
    """
    axes = [*figure.axes, *(child for ax in figure.axes for child in ax.child_axes)]
    late = [ax for ax in axes if any(ax._stale_viewlims.values())]
    if not late or _is_drawn_first(axes, figure):
        return True
    if not _is_drawn_in_turn(figure):
        return False
    changed = {other for ax in late for other in _sharing(ax)}
    if any(not changed.isdisjoint(family(ax)) for ax in axes if len(family(ax)) > 1):
        return False
    if any(ax.callbacks.callbacks.get(f"{name}lim_changed") for ax in changed for name in "xy"):
        return False
    # What depends on the limits of the Axes that are drawn after the one at hand.
    later: set[int] = set()
    for ax in reversed(figure._localaxes):
        if not _reads_nothing_of(later, ax):
            return False
        if ax in changed:
            later.update(_what_depends_on(ax))
    others = [child for child in figure.get_children() if not isinstance(child, Axes)]
    return all(_reads_nothing_of(later, child) for child in others)


def _is_drawn_first(axes: list[Any], figure: Any) -> bool:
    """Return whether there is one Axes, and nothing but the background is drawn before it."""
    return len(axes) == 1 and all(
        child in (axes[0], figure.patch) or child.get_zorder() > axes[0].get_zorder()
        for child in figure.get_children()
    )


def _is_drawn_in_turn(figure: Any) -> bool:
    """Return whether the figure only has plain Axes, drawn one after another as they are listed."""
    zorders = [ax.zorder for ax in figure._localaxes]
    return (
        figure.get_layout_engine() is None
        and not figure.subfigs
        and not aligned_axes(figure)
        and zorders == sorted(zorders)
        # With round numbers the limits depend on locators, which draws may change.
        and mpl.rcParams["axes.autolimit_mode"] == "data"
        and all(map(_is_plain_axes, figure._localaxes))
    )


def _is_plain_axes(axes: Any) -> bool:
    """Return whether nothing but the artists of an Axes is drawn in it, where it is."""
    locator = axes.get_axes_locator()
    of_colorbar = locator is None or (
        type(locator).__module__ == Colorbar.__module__
        and {type(value) for value in vars(locator).values()} <= {Colorbar, type(None)}
    )
    is_shown = axes.get_visible() and not axes.get_animated()
    return is_flat(axes) and is_shown and not axes.child_axes and of_colorbar


def _sharing(axes: Any) -> set[Any]:
    """Return an Axes and those that it shares limits with."""
    groups = axes.get_shared_x_axes(), axes.get_shared_y_axes()
    return {axes, *(other for group in groups for other in group.get_siblings(axes))}


def _what_depends_on(axes: Any) -> Iterator[int]:
    """Yield the ids of an Axes' artists, and of all transforms that depend on its limits.

    A transform knows its parents: those that are made of it, and must know when it changes.
    """
    yield from map(id, all_artists(axes))
    todo, seen = [axes._viewLim], set()
    while todo:
        node = todo.pop()
        if node is not None and id(node) not in seen:
            seen.add(id(node))
            todo += [parent() for parent in node._parents.values()]
    yield from seen


def _reads_nothing_of(later: set[int], root: Any) -> bool:
    """Return whether the draws of an artist, and of all in it, provably read none of the objects.

    Parameters
    ----------
    later : set of int
        The ``id`` of each object.
    root : Artist
        An Axes or an artist of the figure.
    """
    return not later or all(_reads_none(artist, later) for artist in all_artists(root))


def _reads_none(artist: Any, later: set[int]) -> bool:
    kind: Any = type(artist)
    if not methods(kind).isdisjoint(vars(artist)):
        return False
    if kind in PLAIN and not artist.get_path_effects():
        return later.isdisjoint(map(id, vars(artist).values()))
    if isinstance(artist, Axis):
        return _has_known_ticks(artist)
    if isinstance(artist, Axes):
        return later.isdisjoint(map(id, geometry(artist)))
    try:
        return later.isdisjoint(Walk([artist], frozenset()).seen)
    except Opaque:
        return False


@cache
def methods(kind: Any) -> frozenset[str]:
    """Return the names of a class's methods, which a single object may override."""
    return frozenset(name for name in dir(kind) if callable(getattr(kind, name)))


def _has_known_ticks(axis: Any) -> bool:
    """Return whether only matplotlib's own code places and labels the ticks of an axis."""
    converter = axis.get_converter()
    if axis.get_scale() not in SCALES:
        return False
    if converter is not None and not type(converter).__module__.startswith(KNOWN):
        return False
    # The walk of an axis leaves out what it does not know of these.
    parts = [(which.locator, which.formatter) for which in (axis.major, axis.minor)]
    try:
        Walk(parts, frozenset())
    except Opaque:
        return False
    return True
