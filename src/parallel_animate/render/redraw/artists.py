"""What drawing less asks of a single artist: where it paints, whom it moves, what it is."""

from collections.abc import Iterable
from typing import Any

from matplotlib.cm import ScalarMappable
from matplotlib.collections import Collection
from matplotlib.image import AxesImage, BboxImage, FigureImage
from matplotlib.legend import Legend
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.spines import Spine
from matplotlib.text import Text

from parallel_animate.render.redraw.layers import Item
from parallel_animate.render.redraw.order import family
from parallel_animate.render.redraw.walk import is_artist_known

# All that draw one; matplotlib has a name for them together, which is private.
IMAGES = AxesImage | BboxImage | FigureImage


def moves_others(item: Item) -> bool:
    """Tell whether other artists may find another place when this one changes."""
    artist, axes = item.artist, item.axes
    if isinstance(artist, Legend):
        return not is_legend_in_best_place(artist)
    if isinstance(artist, Text):
        is_alone = axes is None or not (is_title(item) and len(family(axes)) > 1)
        return type(artist) is not Text or artist.get_bbox_patch() is not None or not is_alone
    return isinstance(artist, Spine) or not isinstance(artist, Line2D | Patch | Collection | IMAGES)


def scales_at_draw(artist: Any) -> bool:
    """Tell whether drawing an artist sets the limits of its norm, which others may share."""
    if not isinstance(artist, ScalarMappable) or artist.get_array() is None:
        return False
    return not artist.norm.scaled()


def stays_in_its_clip_box(artist: Any) -> bool:
    """Tell whether an artist draws within its clip box alone, and another draw leaves no trace.

    A table, which has a clip box, is not clipped, and each draw may change the sizes of its texts.
    """
    is_plain = isinstance(artist, Line2D | Patch | Collection | IMAGES)
    return is_plain and artist.clipbox is not None and is_artist_known(artist)


def refers_to(item: Item, ids: Iterable[int]) -> bool:
    """Tell whether an item is, or consists of, one of the objects with these ids."""
    return any(key == id(item.artist) or (item.watch and key in item.watch.ids) for key in ids)


def is_title(item: Item) -> bool:
    """Tell whether an item is one of its Axes' titles."""
    axes = item.axes
    return item.artist in (axes.title, axes._left_title, axes._right_title)


def is_legend_in_best_place(artist: Any) -> bool:
    """Tell whether an artist is a legend that looks for its place itself."""
    return isinstance(artist, Legend) and artist._loc_real == 0  # type: ignore[attr-defined]
