"""Ticks that are clipped at once are clipped as by matplotlib."""

from collections.abc import Callable
from typing import Any

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.figure import Figure
from matplotlib.patches import Circle, Rectangle
from matplotlib.path import Path
from matplotlib.transforms import Affine2D

from parallel_animate.render.redraw import artists_made_quickly, tick_clips

Change = Callable[[Figure, Any], None]


def clear(figure: Figure, axes: Any) -> None:
    axes.clear()


def clear_twice_and_draw(figure: Figure, axes: Any) -> None:
    axes.clear()
    axes.plot([0, 1], [5, 6])
    figure.draw_without_rendering()
    axes.clear()


def spines_without_places(figure: Figure, axes: Any) -> None:
    axes.minorticks_on()
    figure.draw_without_rendering()
    assert axes.xaxis.majorTicks
    for spine in axes.spines.values():
        spine._clear()
    del axes.xaxis.minorTicks
    axes.xaxis.set_clip_path(Rectangle((0.2, 0.2), 0.5, 0.5, transform=axes.transAxes))


def a_circle(figure: Figure, axes: Any) -> None:
    axes.yaxis.set_clip_path(Circle((0.5, 0.5), 0.4, transform=axes.transAxes))


def a_path(figure: Figure, axes: Any) -> None:
    axes.yaxis.set_clip_path(Path.unit_circle(), Affine2D().scale(30))


def no_path(figure: Figure, axes: Any) -> None:
    axes.yaxis.set_clip_path(None)


def ticks_of_the_user(figure: Figure, axes: Any) -> None:
    axes.grid(True, which="both")
    axes.minorticks_on()
    axes.get_xticklines()[0].set_clip_path(None)
    axes.spines.left.set_position(("data", 0.3))
    axes.clear()
    axes.set_xticks([0, 0.5, 1], minor=True)


def one_that_shares(figure: Figure, axes: Any) -> None:
    figure.add_subplot(211, sharex=axes).clear()


def a_figure(figure: Figure, axes: Any) -> None:
    figure.clear()
    figure.add_subplot().plot([0, 1])


CHANGES: list[Change] = [
    *(clear, clear_twice_and_draw, spines_without_places, a_circle, a_path, no_path),
    *(ticks_of_the_user, one_that_shares, a_figure),
]


def clips(figure: Figure) -> list[Any]:
    """Return the class of each artist of a drawn figure, and how it is clipped."""
    figure.draw_without_rendering()
    found = []
    for artist in figure.findobj():
        box, path = artist.get_clip_box(), artist.get_clip_path()
        points = None
        if path is not None:
            placed, affine = path.get_transformed_path_and_affine()
            points = affine.transform_path(placed).vertices.tolist()
        found.append(
            (
                type(artist).__name__,
                artist.stale,
                None if box is None else np.asarray(box.get_points()).tolist(),
                points,
            )
        )
    return found


# A polar Axes has other spines.
OF_POLAR = [each for each in CHANGES if each not in (spines_without_places, ticks_of_the_user)]


@pytest.mark.parametrize(
    ("change", "projection"),
    [*((each, "rectilinear") for each in CHANGES), *((each, "polar") for each in OF_POLAR)],
)
def test_artists_are_clipped_as_by_matplotlib(change: Change, projection: str) -> None:
    made = []
    for is_quick in (False, True):
        figure = Figure(figsize=(3, 2), dpi=50)
        axes: Any = figure.add_subplot(projection=projection)
        axes.plot([0, 1], [2, 3])
        figure.draw_without_rendering()
        if is_quick:
            with artists_made_quickly():
                assert mpl.axis.Axis.set_clip_path is tick_clips.set_clip_path
                change(figure, axes)
        else:
            change(figure, axes)
        made.append(clips(figure))
    assert made[0] == made[1]
    assert len(made[0]) > 30
    assert mpl.axis.Axis.set_clip_path is tick_clips._of_axis


def test_clear_makes_four_ticks(monkeypatch: pytest.MonkeyPatch) -> None:
    axes: Any = Figure().add_subplot()
    made = []
    real = mpl.axis.Axis._get_tick

    def counting(axis: Any, major: bool) -> Any:
        made.append(axis)
        return real(axis, major)

    for _ in range(3):
        with artists_made_quickly(), monkeypatch.context() as patches:
            patches.setattr(mpl.axis.Axis, "_get_tick", counting)
            made.clear()
            axes.clear()
    assert made.count(axes.xaxis) == made.count(axes.yaxis) == 2
