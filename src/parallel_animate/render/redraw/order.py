"""The order in which a figure's artists are painted.

This module does what `matplotlib.figure.Figure.draw` and `matplotlib.axes.Axes.draw` do before they
draw (limits, aspect, places of titles), by the same methods in the same order. It returns the
artists instead of drawing them, down to the *leaves*: those that are drawn as a whole.
"""

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.figure import Figure, SubFigure

# Methods that decide what is drawn and in which order; a single object may override them.
DRAWING_METHODS = frozenset(
    {
        "draw",
        "get_children",
        "get_visible",
        "get_animated",
        "get_zorder",
        "apply_aspect",
        "get_axes_locator",
        "_unstale_viewLim",
        "_update_title_position",
        "_get_draw_artists",
    }
)


class Leaf(NamedTuple):
    """An artist that is drawn as a whole, and the Axes whose limits it depends on, if any."""

    artist: Any
    axes: Any


def leaves(figure: Any) -> list[Leaf]:
    """Return the artists of a figure that are drawn as a whole, in painter's order."""
    return list(_leaves_of_figure(figure))


def _leaves_of_figure(figure: Any) -> Iterator[Leaf]:
    if not figure.get_visible():
        return
    yield Leaf(figure.patch, None)
    children = figure.get_children()
    children.remove(figure.patch)
    # As Figure._get_draw_artists.
    children = sorted(
        (child for child in children if not child.get_animated()),
        key=lambda child: child.get_zorder(),
    )
    for child in children:
        if not is_flat(child):
            yield Leaf(child, child if isinstance(child, Axes) else None)
        elif isinstance(child, Axes):
            yield from _leaves_of_axes(child)
        else:
            yield from _leaves_of_figure(child)


def is_flat(artist: Any) -> bool:
    """Return whether an artist is a figure or Axes whose children can be drawn one by one.

    A subclass may draw in its own way, and so may an object with an overridden method.
    """
    return (
        type(artist) in (Axes, Figure, SubFigure)
        and getattr(artist, "_rasterization_zorder", None) is None
        and artist.get_agg_filter() is None
        and DRAWING_METHODS.isdisjoint(vars(artist))
    )


def _leaves_of_axes(axes: Any) -> Iterator[Leaf]:
    if not axes.get_visible():
        return
    # As Axes.draw.
    children = axes.get_children()
    children.remove(axes.patch)
    framed = axes.axison and axes._frameon
    if not framed:
        for spine in axes.spines.values():
            children.remove(spine)
    if not axes.axison:
        for axis in axes._axis_map.values():
            children.remove(axis)
    if not axes.get_figure(root=True).canvas.is_saving():
        children = [child for child in children if not child.get_animated()]
    children = sorted(children, key=lambda child: child.zorder)
    if framed:
        children.insert(0, axes.patch)
    for child in children:
        yield Leaf(child, axes)


def all_artists(root: Any) -> Iterator[Any]:
    """Yield an artist and everything in it.

    ``findobj`` runs the user's locators and formatters to find the ticks. This function only
    yields the ticks that an axis already has.
    """
    todo = [root]
    while todo:
        artist = todo.pop()
        yield artist
        if isinstance(artist, Axis):
            # Parts missing in vars() have not been made yet.
            own = vars(artist)
            todo += [own[name] for name in ("label", "offsetText") if name in own]
            todo += [*own.get("majorTicks", ()), *own.get("minorTicks", ())]
        else:
            todo += artist.get_children()


def count_artists(root: Any) -> int:
    """Return the number of artists in a figure, without the parts of its ticks.

    The number of ticks follows from the limits, so it goes up and down.
    """
    count, todo = 0, [root]
    while todo:
        artist = todo.pop()
        count += 1
        if not isinstance(artist, Axis):
            todo += artist.get_children()
    return count


def flat_axes(figure: Any) -> list[Any]:
    """Return a figure's visible Axes, subfigures included, that `leaves` takes apart."""
    found = []
    for axes in figure._localaxes:
        if is_flat(axes) and axes.get_visible():
            found.append(axes)
    for subfigure in figure.subfigs:
        if is_flat(subfigure) and subfigure.get_visible():
            found.extend(flat_axes(subfigure))
    return found


class Structure:
    """The artists a figure consists of, and a cheap test for changes of that.

    Parameters
    ----------
    figure : Figure
        The figure, with its subfigures.
    """

    def __init__(self, figure: Any) -> None:
        self._figure = figure
        self._figures = list(_figures(figure))
        self._axes = [axes for part in self._figures for axes in part._localaxes]
        self._of_figures = self._read_figures()
        self._of_axes = {axes: content_of(axes) for axes in self._axes}

    def unchanged(self) -> bool:
        """Return whether the figure has the same artists, drawn in the same order."""
        # Lists of artists compare by identity: artists define no equality.
        return self._of_figures == self._read_figures() and all(
            content == content_of(axes) for axes, content in self._of_axes.items()
        )

    def changed_axes(self, before: "Structure") -> set[Any] | None:
        """Return the Axes that have other artists than before; None if not only Axes have."""
        if self._of_figures != before._of_figures:
            return None
        return {axes for axes in self._axes if self._of_axes[axes] != before._of_axes[axes]}

    def changed_children(self, before: "Structure", changed: Iterable[Any]) -> dict[Any, list[Any]]:
        """Return the children that were added or removed, by Axes, where nothing else was.

        Parameters
        ----------
        before : Structure
            An earlier structure.
        changed : iterable of Axes
            Those that have other artists than then.
        """
        found = {}
        for axes in changed:
            (children, *now), (earlier, *then) = self._of_axes[axes], before._of_axes[axes]
            # The last are what orders the artists.
            if now[:-1] == then[:-1]:
                kept = set(map(id, earlier)) & set(map(id, children))
                found[axes] = [child for child in (*earlier, *children) if id(child) not in kept]
        return found

    def _read_figures(self) -> list[Any]:
        facts: list[Any] = [self._figure.canvas.is_saving()]
        for part in self._figures:
            lists = (
                part.artists, part._localaxes, part.lines, part.patches,
                part.texts, part.images, part.legends, part.subfigs,
            )  # fmt: skip
            facts.append((part.patch, part.get_visible(), is_flat(part), *map(list, lists)))
            facts += [(artist.zorder, artist._animated) for each in lists for artist in each]
            facts += [len(grouper._mapping) for grouper in part._align_label_groups.values()]
        return facts


def content_of(axes: Any) -> list[Any]:
    """Return the artists of an Axes, and what else decides which of them are drawn, and when."""
    titles = (axes.title, axes._left_title, axes._right_title)
    frame = (axes.patch, *axes.spines.values(), *axes._axis_map.values())
    children, inner = list(axes._children), list(axes.child_axes)
    legend = [axes.legend_] if axes.legend_ else []
    artists = (*children, *inner, *titles, *frame, *legend)
    return [
        *(children, inner, titles, frame, legend),
        *(axes.get_visible(), axes.axison, axes._frameon, is_flat(axes)),
        [(artist.zorder, artist._animated) for artist in artists],
    ]


def _figures(figure: Any) -> Iterator[Any]:
    yield figure
    for subfigure in figure.subfigs:
        yield from _figures(subfigure)


def settle_limits(axes: Any, renderer: Any) -> None:
    """Autoscale and fit the aspect, the first steps of Axes.draw."""
    axes._unstale_viewLim()
    locator = axes.get_axes_locator()
    axes.apply_aspect(locator(axes, renderer) if locator else None)


def family(axes: Any) -> set[Any]:
    """Return the Axes whose ticks and titles decide where an Axes' title stands, itself included.

    They are those that Axes._update_title_position reads.
    """
    groups = axes.get_figure(root=False)._align_label_groups
    aligned = groups["title"].get_siblings(axes) if "title" in groups else ()
    return {axes, *axes.child_axes, *axes._twinned_axes.get_siblings(axes), *aligned}


def aligned_axes(figure: Any) -> set[Any]:
    """Return the Axes whose labels ``fig.align_labels()`` lines up with those of others."""
    found: set[Any] = set()
    for part in _figures(figure):
        for grouper in part._align_label_groups.values():
            for group in grouper:
                found.update(group)
    return found
