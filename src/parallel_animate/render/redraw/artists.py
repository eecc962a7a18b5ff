"""Facts about a single artist: where it paints, what kind it is, which others it may change."""

from collections.abc import Iterable, Sequence
from typing import Any

from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.cm import ScalarMappable
from matplotlib.collections import Collection
from matplotlib.figure import FigureBase
from matplotlib.image import AxesImage, BboxImage, FigureImage
from matplotlib.legend import Legend
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.spines import Spine

from parallel_animate.render.redraw.layers import Item
from parallel_animate.render.redraw.walk import is_artist_known

# All classes that draw an image; matplotlib's base class of them is private.
IMAGES = AxesImage | BboxImage | FigureImage


def may_change_others(item: Item) -> bool:
    """Return whether drawing this artist may change others, as the code of a user's class may.

    matplotlib's artists change only themselves; an Axes that is drawn as a whole may move those
    that share its limits.
    """
    artist = item.artist
    return item.opaque or isinstance(artist, Axes | FigureBase) or not is_artist_known(artist)


def places_titles(item: Item) -> bool:
    """Return whether the titles of its Axes and their relatives keep clear of this artist."""
    return isinstance(item.artist, Axis | Spine | Axes) or is_title(item)


def dependents(items: Sequence[Item], changed: Iterable[Item], aligned: set[Any]) -> set[Item]:
    """Return the artists that depend on changed or removed ones without a reference to them.

    Parameters
    ----------
    items : sequence of Item
        All artists of the figure.
    changed : iterable of Item
        Those that have changed or are no longer drawn.
    aligned : set of Axes
        The Axes whose labels are lined up with each other.
    """
    changed = list(changed)
    touched = {id(item.axes) for item in changed}
    with_ticks = {item.axes for item in changed if isinstance(item.artist, Axis | Spine)}
    # Labels keep clear of ticks and spines, also those of Axes they are aligned with.
    if with_ticks & aligned:
        with_ticks |= aligned
    return {
        item
        for item in items
        # The best place for a legend depends on everything in the Axes.
        if (is_legend_in_best_place(item.artist) and id(item.axes) in touched)
        or (isinstance(item.artist, Axis) and item.axes in with_ticks)
    }


def referring(items: Sequence[Item], changed: set[Item]) -> set[Item]:
    """Return the artists that refer to changed ones, such as a note beside a legend."""
    found: set[Item] = set()
    new = changed
    while new:
        ids = {id(item.artist) for item in new}
        new = {
            item
            for item in items
            if item.watch and item not in changed and item not in found
            if not item.watch.ids.isdisjoint(ids)
        }
        found |= new
    return found


def answer_of(axis: Any) -> list[Any]:
    """Return the ticks that an axis shows now, and the text of its offset."""
    return [*map(id, axis._update_ticks()), axis.major.formatter.get_offset()]


def scales_at_draw(artist: Any) -> bool:
    """Return whether drawing an artist sets the limits of its norm, which others may share."""
    if not isinstance(artist, ScalarMappable) or artist.get_array() is None:
        return False
    return not artist.norm.scaled()


def stays_in_its_clip_box(artist: Any) -> bool:
    """Return whether an artist draws only in its clip box and can be drawn again without a trace.

    A table does neither: it ignores its clip box, and each draw may resize its texts.
    """
    is_plain = isinstance(artist, Line2D | Patch | Collection | IMAGES)
    return is_plain and artist.clipbox is not None and is_artist_known(artist)


def refers_to(item: Item, ids: Iterable[int]) -> bool:
    """Return whether an item is, or contains, one of the objects with these ids."""
    return any(key == id(item.artist) or (item.watch and key in item.watch.ids) for key in ids)


def is_title(item: Item) -> bool:
    """Return whether an item is one of its Axes' titles."""
    axes = item.axes
    return item.artist in (axes.title, axes._left_title, axes._right_title)


def is_legend_in_best_place(artist: Any) -> bool:
    """Return whether an artist is a legend with ``loc="best"``."""
    return isinstance(artist, Legend) and artist._loc_real == 0  # type: ignore[attr-defined]
