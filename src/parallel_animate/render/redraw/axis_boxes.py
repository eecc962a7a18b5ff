"""The boxes of axes and spines that a layout engine asks for, kept while they look the same."""

import contextlib
from collections.abc import Callable, Collection, Hashable, Iterable, Iterator
from functools import partial
from typing import Any

from matplotlib.axes import Axes
from matplotlib.axis import XAxis, YAxis
from matplotlib.spines import Spine

from parallel_animate.render.redraw.layers import Item
from parallel_animate.render.redraw.places import Places
from parallel_animate.render.redraw.state import Watch

# The boxes of artists, by artist and place.
KnownBoxes = dict[Hashable, Any]

TICKERS = ("locator", "formatter")


class AxisBoxes:
    """The boxes of the axes and spines of each Axes, by its place and limits.

    A layout engine moves the Axes and measures again what is in them. An axis then makes all of its
    ticks, which takes longer than everything else in a layout. In a layout that has settled, the
    places of one frame are those of the frame before.
    """

    def __init__(self) -> None:
        # The watches show that all is as it was when the boxes were measured.
        self._kept: dict[Any, tuple[list[Watch], KnownBoxes]] = {}

    @contextlib.contextmanager
    def known(
        self, items: Iterable[Item], places: Places, aligned: Collection[Any]
    ) -> Iterator[None]:
        """Let axes and spines that have not changed give the boxes that are known.

        Parameters
        ----------
        items : iterable of Item
            All artists of the figure.
        places : Places
            What is known of the places of its Axes.
        aligned : collection of Axes
            Axes whose labels depend on axes of others.
        """
        kept, artists = {}, []
        for axes, parts in axes_with_parts(items):
            watches = unchanged_watches(axes, parts, places)
            if watches is not None and axes not in aligned:
                before, boxes = self._kept.get(axes, ([], {}))
                kept[axes] = watches, boxes if before == watches else {}
                artists += [(axes, item.artist, kept[axes][1]) for item in parts]
        self._kept = kept
        for axes, artist, boxes in artists:
            artist.get_tightbbox = partial(known_box, artist, artist.get_tightbbox, axes, boxes)
        try:
            yield
        finally:
            for _, artist, _ in artists:
                del artist.get_tightbbox


def axes_with_parts(items: Iterable[Item]) -> list[tuple[Any, list[Item]]]:
    """Return each Axes, unless it is of a special class, with its axes and spines."""
    found: dict[Any, list[Item]] = {}
    for item in items:
        if type(item.axes) is Axes and isinstance(item.artist, XAxis | YAxis | Spine):
            found.setdefault(item.axes, []).append(item)
    return list(found.items())


def unchanged_watches(axes: Any, parts: Iterable[Item], places: Places) -> list[Watch] | None:
    """Return the watches of an Axes' place and parts; None if not all are known and unchanged.

    Labels keep clear of the spines, and spines of the ticks, so all parts count for each. A locator
    that axes share decides by the size of one of them, which may be in another Axes.
    """
    watches = [places.watch_of(axes), *(item.watch for item in parts)]
    known = [watch for watch in watches if watch is not None and not watch.asks]
    is_whole = (
        all(is_usual(item.artist) for item in parts)
        and len(known) == len(watches)
        and all(watch.unchanged() for watch in known)
    )
    return known if is_whole else None


def is_usual(artist: Any) -> bool:
    """Return whether the box of an axis or a spine depends on its own Axes alone."""
    if type(artist) not in (XAxis, YAxis, Spine) or "get_tightbbox" in vars(artist):
        return False
    if isinstance(artist, Spine):
        return True
    tickers = (getattr(part, name) for part in (artist.major, artist.minor) for name in TICKERS)
    return all(getattr(ticker, "axis", None) in (None, artist) for ticker in tickers)


def known_box(
    artist: Any,
    measure: Callable[..., Any],
    axes: Any,
    boxes: KnownBoxes,
    renderer: Any = None,
    **options: Any,
) -> Any:
    """Return the box of an artist; measure it if it is not known for the place of its Axes."""
    # As the measure does first, this reads the limits, which may be due.
    place = axes.bbox.get_points().tobytes(), axes.viewLim.get_points().tobytes()
    key = artist, *place, *sorted(options.items())
    if key not in boxes:
        box = measure(renderer, **options)
        boxes[key] = None if box is None else box.frozen()
    box = boxes[key]
    return None if box is None else box.frozen()
