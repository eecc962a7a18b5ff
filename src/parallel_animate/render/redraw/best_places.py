"""Ask a legend with ``loc="best"`` for its place, instead of drawing it to see where it goes."""

from typing import Any
from weakref import WeakKeyDictionary

from matplotlib.legend import Legend
from matplotlib.transforms import Bbox

from parallel_animate.render.redraw.artists import is_legend_in_best_place
from parallel_animate.render.redraw.layers import Item
from parallel_animate.render.redraw.state import Watch


class BestPlaces:
    """The sizes of legends, with which they find their best place.

    A legend looks the same while it stays where it is: the best place depends on the other artists
    of its Axes, and its size does not.
    """

    def __init__(self) -> None:
        # With the watch of the state that the size belongs to.
        self._sizes: WeakKeyDictionary[Item, tuple[Watch, Bbox]] = WeakKeyDictionary()

    def is_kept(self, item: Item, renderer: Any) -> bool:
        """Return whether a draw would now do what the last draw of a legend did.

        Call this when it is the legend's turn to be drawn, since earlier draws may change it, and
        move artists that it keeps clear of.
        """
        legend = item.artist
        watch = item.watch
        if type(legend) is not Legend or not is_legend_in_best_place(legend):
            return False
        if watch is None or not item.can_be_replayed() or not watch.unchanged():
            return False
        box: Any = legend._legend_box  # type: ignore[attr-defined]
        known, size = self._sizes.get(item, (None, None))
        if known is not watch or size is None:
            size = box.get_bbox(renderer)
            self._sizes[item] = watch, size
        # As in Legend.draw, to the last bit.
        place = size.translated(*box.get_offset(size, renderer)).bounds[:2]
        frame = legend.legendPatch
        return bool(place == (frame.get_x(), frame.get_y()))
