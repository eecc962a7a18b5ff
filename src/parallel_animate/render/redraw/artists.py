"""Facts about a single artist: where it paints, what kind it is, which others it may change."""

from collections.abc import Container, Iterable, Iterator, Sequence
from typing import Any

from matplotlib import ticker
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.cm import ScalarMappable
from matplotlib.collections import Collection
from matplotlib.figure import FigureBase
from matplotlib.image import AxesImage, BboxImage, FigureImage
from matplotlib.legend import Legend
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.quiver import Barbs, Quiver, QuiverKey
from matplotlib.text import Annotation, Text

from parallel_animate.render.redraw.layers import Item
from parallel_animate.render.redraw.order import family
from parallel_animate.render.redraw.walk import is_artist_known

# Locators that do not read the limits of the data.
OF_LIMITS = {
    ticker.AutoLocator, ticker.MaxNLocator, ticker.MultipleLocator, ticker.FixedLocator,
    ticker.NullLocator, ticker.AutoMinorLocator, ticker.LinearLocator,
}  # fmt: skip
# Attributes that are no children: of texts and annotations, and of a quiver's key.
OTHER_PARTS = ("_bbox_patch", "arrow_patch", "text", "vector")
# All classes that draw an image; matplotlib's base class of them is private.
IMAGES = AxesImage | BboxImage | FigureImage


def moves_others(item: Item) -> bool:
    """Return whether a change of this artist may move other artists."""
    artist, axes = item.artist, item.axes
    if isinstance(artist, Legend):
        return not is_legend_in_best_place(artist)
    if type(artist) in (Text, Annotation):
        return axes is not None and is_title(item) and len(family(axes)) > 1
    # Titles and labels that keep clear of ticks and spines are found apart.
    return not isinstance(artist, Axis | Line2D | Patch | Collection | QuiverKey | IMAGES)


def keeps_to_itself(artist: Any) -> bool:
    """Return whether no other artist of an Axes moves when this one is added or removed.

    A legend in the best place does; such legends are found apart.
    """
    return is_artist_known(artist) and isinstance(
        artist, Line2D | Patch | Collection | Text | IMAGES
    )


def is_legend_of(item: Item, axes: Container[Any]) -> bool:
    """Return whether an item is a legend of one of these Axes: others refer to it, if at all."""
    return item.axes is not None and item.axes in axes and isinstance(item.artist, Legend)


def may_change_others(item: Item) -> bool:
    """Return whether drawing this artist may change others, as the code of a user's class may."""
    artist = item.artist
    return item.opaque or isinstance(artist, Axes | FigureBase) or not is_artist_known(artist)


def referring(items: Sequence[Item], changed: set[Item]) -> set[Item]:
    """Return the artists that refer to changed ones, such as a note on a legend.

    The draw of the changed one may move it, after the one that refers to it was compared.
    """
    found: set[Item] = set()
    new = changed
    while new:
        ids = {key for item in new for key in ids_of_parts(item.artist)}
        new = {
            item
            for item in items
            if item.watch and item not in changed and item not in found
            if not item.watch.ids.isdisjoint(ids)
        }
        found |= new
    return found


def ids_of_parts(artist: Any) -> Iterator[int]:
    """Yield the ids of an artist and of its parts, to which others may refer.

    Axes of different sizes may share a locator or a formatter, which keeps what the last one asked.
    """
    yield id(artist)
    if isinstance(artist, Axis):
        shared = (artist.major, artist.minor, artist.label, artist.offsetText)
        yield from map(id, shared)
        for part in (artist.major, artist.minor):
            yield from map(id, (part.locator, part.formatter))
        # Not all ticks that its methods return exist already.
        for ticks in ("majorTicks", "minorTicks"):
            for tick in vars(artist).get(ticks, ()):
                yield from ids_of_parts(tick)
        return
    parts = [*artist.get_children(), *(vars(artist).get(name) for name in OTHER_PARTS)]
    for part in parts:
        if part is not None:
            yield from ids_of_parts(part)


def answer_of(axis: Any) -> list[Any]:
    """Return the ticks that an axis shows now, and the text of its offset."""
    return [*map(id, axis._update_ticks()), axis.major.formatter.get_offset()]


def reads_data_limits(artist: Any) -> bool:
    """Return whether an artist's draw reads the limits of its Axes' data.

    Arrows do, and an axis whose locator may do so, such as an IndexLocator.
    """
    return isinstance(artist, Quiver | Barbs) or (
        isinstance(artist, Axis) and not has_locators_of_limits(artist)
    )


def has_locators_of_limits(axis: Any) -> bool:
    """Return whether an axis' ticks depend on the limits shown, not on those of the data."""
    return {type(part.locator) for part in (axis.major, axis.minor)} <= OF_LIMITS


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


def has_animated(axes: Any) -> bool:
    """Return whether an Axes holds artists that are not drawn because other code does so."""
    return axes is not None and any(child.get_animated() for child in axes.get_children())
