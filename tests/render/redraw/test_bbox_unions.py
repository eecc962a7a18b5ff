"""The box around several boxes that is found quickly is that of matplotlib."""

from typing import Any

import numpy as np
import pytest
from matplotlib.artist import Artist
from matplotlib.figure import Figure
from matplotlib.transforms import Affine2D, Bbox, BboxBase, LockableBbox, TransformedBbox

from parallel_animate.render.redraw import bbox_unions
from parallel_animate.render.redraw.bbox_unions import unions_found_quickly
from parallel_animate.render.redraw.canvas import CachingCanvas

REAL = vars(BboxBase)["union"]


def random_box(rng: np.random.Generator) -> BboxBase:
    points = rng.normal(size=(2, 2)) * 10.0 ** rng.integers(-3, 4)
    if rng.random() < 0.1:
        points[rng.integers(2), rng.integers(2)] = rng.choice([np.nan, np.inf, -np.inf])
    box: Any = Bbox(points)
    kind = rng.random()
    if kind < 0.2:
        return TransformedBbox(box, Affine2D().scale(2, -3).rotate(0.1))
    if kind < 0.3:
        return LockableBbox(box, x0=1.0)
    return Bbox.null() if kind < 0.4 else box  # type: ignore[no-any-return]


@pytest.mark.parametrize("seed", range(20))
def test_boxes_around_random_boxes(seed: int) -> None:
    rng = np.random.default_rng(seed)
    for _ in range(100):
        boxes = [random_box(rng) for _ in range(rng.integers(1, 9))]
        expected: Any = Bbox.union(boxes)
        with unions_found_quickly():
            found: Any = Bbox.union(boxes)
        assert type(found) is Bbox
        np.testing.assert_array_equal(found.get_points(), expected.get_points())
        assert found.minpos.tobytes() == expected.minpos.tobytes()
        assert found.mutated() == expected.mutated()
    assert vars(BboxBase)["union"] is REAL


def test_the_box_around_a_box_does_not_share_its_points(monkeypatch: pytest.MonkeyPatch) -> None:
    # matplotlib is not asked for it.
    monkeypatch.setattr(bbox_unions, "_union", None)
    box: Any = Bbox([[0, 0], [1, 1]])
    with unions_found_quickly():
        found: Any = Bbox.union([box])
    found.x1 = 7
    assert box.x1 == 1


def test_no_boxes() -> None:
    with unions_found_quickly(), pytest.raises(ValueError, match="empty"):
        Bbox.union([])


def test_a_canvas_that_draws_less_finds_boxes_quickly() -> None:
    used = []

    class Recorder(Artist):
        def draw(self, renderer: Any) -> None:
            used.append(vars(BboxBase)["union"])

    figure = Figure()
    figure.add_artist(Recorder())
    CachingCanvas(figure).draw()
    assert [method.__func__ for method in used] == [bbox_unions.union]
