"""Axes that rounding moves: it matters only where an edge lies on the border between two pixels."""

import numpy as np
import pytest
from matplotlib.figure import Figure

from parallel_animate.render.rounding import flickers, places_of, why_layout_shows


def figure_with_edge_at(left: float) -> Figure:
    """Return a figure of 200x200 pixels; no other edge than the left one is near a border."""
    figure = Figure(figsize=(2, 2), dpi=100)
    axes = figure.add_axes((left / 200, 0.2011, 0.5012, 0.5013))
    axes.set(xticks=[], yticks=[])
    figure.canvas.draw()
    return figure


@pytest.mark.parametrize(("left", "shows"), [(40.5, True), (40.25, False)])
def test_rounding_shows_on_the_border_of_two_pixels_only(left: float, shows: bool) -> None:
    figure = figure_with_edge_at(left)
    in_order = places_of(figure) + 1e-13
    reason = why_layout_shows(5, in_order, figure)
    assert ("Axes in frame 5 depend on the frames before by rounding" in reason) is shows


def test_equal_places_are_drawn_again_only_if_rounding_has_moved_them_before() -> None:
    figure = figure_with_edge_at(40.5)
    assert why_layout_shows(5, places_of(figure), figure) == ""
    assert why_layout_shows(5, places_of(figure), figure, has_flickered=True)


def test_axes_that_really_moved_depend_on_the_frames_before() -> None:
    figure = figure_with_edge_at(40.25)
    assert "in other places" in why_layout_shows(5, places_of(figure) + 0.01, figure)
    assert "in other places" in why_layout_shows(5, np.zeros((2, 4)), figure)


def test_only_small_moves_are_rounding() -> None:
    places = np.array([[40.5, 40, 100, 100]])
    assert flickers(places, places + 1e-13)
    assert not flickers(places, places)
    assert not flickers(places, places + 1e-3)
    assert not flickers(places, np.zeros((2, 4)))
