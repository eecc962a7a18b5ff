"""Change random artists of a borrowed figure from frame to frame, as users do."""

import contextlib
import random
from collections.abc import Callable
from typing import Any

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.axis import Axis, Tick
from matplotlib.collections import Collection
from matplotlib.figure import Figure
from matplotlib.image import AxesImage
from matplotlib.legend import Legend
from matplotlib.lines import Line2D
from matplotlib.patches import FancyArrowPatch, Patch, Polygon, Rectangle
from matplotlib.text import Annotation, Text

from borrowed.figures import Source, figures_of
from parallel_animate import Animator

N_FRAMES = 8
DPI = 50
Change = Callable[[Any, int], object]


def moved(values: Any, share: float) -> np.ndarray:
    """Return (...) float: values moved by a share of the largest one."""
    array = np.array(values, dtype=float)
    finite = np.abs(array[np.isfinite(array)])
    return array + share * (finite.max() if finite.size else 1)


def first_point_in_place(line: Line2D, i: int) -> None:
    """Lift a line's first point without any setter."""
    data: Any = line.get_ydata(orig=False)
    data[0] += 0.1 * i


CHANGES: dict[type[Artist], tuple[Change, ...]] = {
    Artist: (
        lambda artist, i: artist.set_alpha([None, 0.5, 1, 0.2][i % 4]),
        lambda artist, i: artist.set_visible(i % 2 == 1),
        lambda artist, i: artist.set_zorder([0, 5, 2.5, -1][i % 4]),
        lambda artist, i: artist.remove() if i == 5 else None,
    ),
    Line2D: (
        lambda line, i: line.set_ydata(moved(line.get_ydata(orig=False), 0.05 * (i % 3 - 1))),
        lambda line, i: line.set_xdata(moved(line.get_xdata(orig=False), 0.01)),
        lambda line, i: line.set_color(f"C{i}"),
        lambda line, i: line.set_linewidth(1 + i % 4),
        lambda line, i: line.set_linestyle(["-", "--", ":"][i % 3]),
        lambda line, i: line.set_marker("os^"[i % 3]),
        first_point_in_place,
    ),
    Text: (
        lambda text, i: text.set_text(["a", "longer $x^2$", "gyp\ntwo", ""][i % 4]),
        lambda text, i: text.set_position(np.asarray(text.get_position(), float) * 1.02),
        lambda text, i: text.set_rotation(17 * i),
        lambda text, i: text.set_fontsize(8 + i),
        lambda text, i: text.set_bbox({"fc": f"C{i}", "alpha": 0.5}),
    ),
    Annotation: (lambda note, i: setattr(note, "xy", tuple(np.asarray(note.xy, float) * 1.03)),),
    Patch: (
        lambda patch, i: patch.set_facecolor(f"C{i}"),
        lambda patch, i: patch.set_linewidth(i % 5),
        lambda patch, i: patch.set_hatch(["/", None, "xx"][i % 3]),
    ),
    Rectangle: (
        lambda box, i: box.set_x(box.get_x() + 0.05 * abs(box.get_width())),
        lambda box, i: box.set_height(box.get_height() * 1.1),
    ),
    Polygon: (lambda polygon, i: polygon.set_xy(moved(polygon.get_xy(), 0.02)),),
    FancyArrowPatch: (lambda arrow, i: arrow.set_mutation_scale(5 + 3 * i),),
    Collection: (
        lambda several, i: several.set_facecolor([f"C{i}", f"C{i + 1}"]),
        lambda several, i: several.set_linewidth([i % 3, 1]),
        lambda several, i: several.set_array(np.asarray(several.get_array()) * 0.9),
        lambda several, i: several.set_offsets(moved(several.get_offsets(), 0.01)),
        lambda several, i: several.set_clim(-i, i + 1),
    ),
    AxesImage: (
        lambda image, i: image.set_data(np.roll(np.asarray(image.get_array()), 1, 0)),
        lambda image, i: image.set_clim(-i, i + 2),
        lambda image, i: image.set_cmap(["viridis", "gray", "jet"][i % 3]),
        lambda image, i: image.set_interpolation(["nearest", "bilinear"][i % 2]),
    ),
    Axes: (
        lambda axes, i: axes.set_title(f"t {i} gy"),
        lambda axes, i: axes.set_xlabel("x" * i),
        lambda axes, i: axes.grid(i % 2 == 0),
        lambda axes, i: axes.set_xlim(*(np.asarray(axes.get_xlim()) * 1.05)),
        lambda axes, i: axes.set_ylim(*(np.asarray(axes.get_ylim()) * 1.05)),
        lambda axes, i: axes.set_position([0.1 + 0.02 * i, 0.2, 0.6, 0.5]),
        lambda axes, i: axes.set_aspect(["auto", "equal"][i % 2]),
        lambda axes, i: axes.plot([0, i], [i, 1]),
        lambda axes, i: axes.lines[-1].remove(),
        lambda axes, i: axes.set_facecolor(f"C{i}"),
        lambda axes, i: axes.axis(["off", "on"][i % 2]),
    ),
    Axis: (
        lambda axis, i: axis.set_label_text("l" * (i + 1)),
        lambda axis, i: axis.set_tick_params(labelsize=6 + i, length=2 * i),
        lambda axis, i: axis.set_ticks(np.linspace(*axis.get_view_interval(), 2 + i % 4)),
        lambda axis, i: axis.set_inverted(i % 2 == 1),
    ),
    Legend: (
        lambda legend, i: legend.set_title("T" * (i % 4)),
        lambda legend, i: legend.set_loc(["upper left", "best", "center"][i % 3]),
        lambda legend, i: legend.set_frame_on(i % 2 == 0),
    ),
}


class ChangedFigure(Animator):
    """A borrowed figure; some of its artists change every few frames, two others once.

    Parameters
    ----------
    source : Source
        The test that builds it.
    which : int
        Which of the figures that the test leaves.
    seed : int
        Decides which artists change, and how.
    """

    def __init__(self, source: Source, which: int, seed: int) -> None:
        self.source = source
        self.which = which
        self.seed = seed

    def setup(self) -> Figure:
        figure = figures_of(self.source)[self.which]
        figure.set_dpi(DPI)
        self.random = random.Random(self.seed)
        # Ticks are many, and users rarely change one by one.
        ticks = {id(part) for tick in figure.findobj(Tick) for part in tick.findobj()}
        few = [artist for artist in figure.findobj() if id(artist) not in ticks]
        self.steady = [
            (*self.pick(few), self.random.choice([1, 1, 2, 3]))
            for _ in range(self.random.choice([1, 1, 2, 3]))
        ]
        self.once = {
            self.random.randrange(2, N_FRAMES): self.pick(figure.findobj()) for _ in range(2)
        }
        return figure

    def pick(self, artists: list[Artist]) -> tuple[Artist, Change]:
        """Return an artist and a change that its class allows."""
        artist = self.random.choice(artists)
        kinds = [changes for kind, changes in CHANGES.items() if isinstance(artist, kind)]
        return artist, self.random.choice([change for changes in kinds for change in changes])

    def update(self, frame_idx: int, params: Any) -> None:
        # Not every change fits every artist; one that raises may already have changed a part.
        for artist, change, every in self.steady:
            if frame_idx % every == 0:
                with contextlib.suppress(Exception):
                    change(artist, frame_idx)
        if frame_idx in self.once:
            artist, change = self.once[frame_idx]
            with contextlib.suppress(Exception):
                change(artist, frame_idx)
