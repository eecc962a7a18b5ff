"""Every call stays within its box, and boxes that meet are painted in order."""

import random
from typing import Any

import numpy as np
import pytest
from corpus import CASES, DEVELOPMENT
from matplotlib.axis import Axis
from matplotlib.figure import Figure

from parallel_animate.inputs.frames import Chunk, Frame
from parallel_animate.render.isolation import isolated_drawing
from parallel_animate.render.redraw.canvas import ReplayCanvas
from parallel_animate.render.redraw.layers import (
    Item,
    Piece,
    calls_above,
    copy_region,
    groups,
    regions,
)
from parallel_animate.render.redraw.outlook import Outlook
from parallel_animate.render.redraw.raster import EVERYWHERE, NOWHERE, AggRaster, Box, Call, Raster
from parallel_animate.render.scene import Scene
from parallel_animate.settings import video_settings

# A colour that no artist here draws in.
GROUND = (123, 45, 67, 255)
QUICK = (
    "lines/markers_of_all_kinds",
    "legends_and_colorbars/legend_best_goes_out_of_the_way",
    "in_place_edits/offsets_of_a_scatter",
    "collections/barbs_uvc",
)


def calls_outside_their_box(calls: Any, size: tuple[int, int], dpi: float) -> list[Any]:
    """Draw calls one by one on an empty raster; return those that left their box."""
    width, height = size
    alone: Any = Raster(width, height, dpi)
    pixels = np.asarray(alone)
    outside = []
    for call in calls:
        pixels[...] = GROUND
        getattr(AggRaster, call.method)(alone, *call.arguments, **call.options)
        rows, columns = np.nonzero((pixels != GROUND).any(axis=-1))
        if not len(rows):
            continue
        touched = Box(
            columns.min(), height - rows.max() - 1, columns.max() + 1, height - rows.min()
        )
        if not call.box.holds(touched):
            outside.append((call.method, call.box, touched))
    return outside


def assert_boxes_hold(name: str) -> int:
    case = CASES[name]
    chunk = Chunk(tuple(Frame.of(i, value) for i, value in enumerate(case.params)))
    with isolated_drawing():
        scene = Scene(case.make(), chunk, video_settings(fps=30))
        for frame in chunk.frames[:3]:
            scene.draw(frame)
        canvas: Any = scene.source._canvas.canvas
        if not isinstance(canvas, ReplayCanvas) or canvas._replay is None:
            return 0
        replay = canvas._replay
        height, width = replay._painter._pixels.shape[:2]
        calls = [c for i in replay._items if i.recording is not None for c in i.recording.calls]
        outside = calls_outside_their_box(calls, (width, height), canvas.renderer.dpi)
    assert outside == []
    return len(calls)


@pytest.mark.parametrize("name", QUICK)
def test_a_call_touches_no_pixel_outside_its_box(name: str) -> None:
    assert assert_boxes_hold(name) > 10


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_no_call_of_the_corpus_touches_a_pixel_outside_its_box(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(Outlook, "is_hopeless", lambda self: False)
    assert sum(assert_boxes_hold(name) for name in DEVELOPMENT) > 10_000


def joined_with(piece: Piece, pieces: list[Piece]) -> list[Piece]:
    """Return all pieces that a piece touches, directly or through others, in painter's order."""
    found, todo = [piece], [piece]
    while todo:
        here = todo.pop()
        more = [p for p in pieces if p not in found and p.box.meets(here.box)]
        found += more
        todo += more
    return sorted(found, key=lambda p: p.place)


@pytest.mark.parametrize("size", [3, 20, 60])
def test_groups_are_the_pieces_that_touch(size: int) -> None:
    rng = random.Random(size)
    for _ in range(100):
        corners = [(rng.randint(0, 200), rng.randint(0, 200)) for _ in range(rng.randint(0, 30))]
        boxes = [Box(x, y, x + rng.randint(0, size), y + rng.randint(0, size)) for x, y in corners]
        boxes += [NOWHERE] * rng.randint(0, 2)
        pieces = [Piece(Item(None, None), None, box, place) for place, box in enumerate(boxes)]
        found = groups(pieces)
        assert sorted(piece.place for group in found for piece in group) == [*range(len(pieces))]
        for group in found:
            assert group == joined_with(group[0], pieces)


def test_restoring_a_group_leaves_the_pixels_of_the_others() -> None:
    """Two boxes form an L with another group in its corner; random figures found this case."""
    ell = [Box(0, 0, 100, 10.5), Box(0, 0, 10.5, 60)]
    corner = Box(50, 11, 60, 20)
    assert regions(ell, []) == ell
    assert regions([Box(0, 0, 100, 50), Box(0, 0, 10, 60)], []) == [Box(0, 0, 100, 60)]
    assert regions([Box(0, 0, 100, 50), Box(0, 0, 10, 60)], [Box(50, 51, 60, 59)]) != [
        Box(0, 0, 100, 60)
    ]
    source, target = np.zeros((80, 120, 4), np.uint8), np.full((80, 120, 4), 9, np.uint8)
    for box in ell:
        copy_region(source, target, box)
    restored = target[::-1, :, 0] == 0
    # Pixels partly in a box are restored; pixels of a box beside it are not.
    assert restored[[10, 59], [99, 10]].all()
    assert not restored[[11, 60], [99, 0]].any()
    assert not restored[corner.y0 : corner.y1, corner.x0 : corner.x1].any()


def test_a_box_without_ends_is_the_whole_canvas() -> None:
    source, target = np.zeros((8, 12, 4), np.uint8), np.full((8, 12, 4), 9, np.uint8)
    copy_region(source, target, EVERYWHERE)
    assert not target.any()


def call_at(*ends: float) -> Call:
    return Call("draw_path", (), {}, Box(*ends))


def test_a_call_above_another_of_its_artist_stays_above_it() -> None:
    changing = Box(0, 0, 10, 10)
    calls = [call_at(20, 0, 30, 10), call_at(5, 5, 15, 6), call_at(15, 0, 20, 10)]
    # The first call touches neither the box nor the others, so it may go into the background.
    assert calls_above(calls, [changing]) == [1, 2]
    assert calls_above(calls, []) == []
    assert calls_above(calls[:1], [changing]) == []


def test_labels_beside_a_changing_image_stay_in_the_background() -> None:
    figure = Figure(figsize=(4, 3), dpi=100)
    axes = figure.subplots()
    axes.tick_params(pad=12)
    image = axes.imshow(np.zeros((4, 4)), vmin=0, vmax=9)
    canvas = ReplayCanvas(figure)
    for value in range(4):
        image.set_data(np.full((4, 4), value))
        canvas.draw_frame()
    layers = canvas._replay._painter.layers
    (group,) = [group for group in layers.groups if image in [p.item.artist for p in group]]
    axis_pieces = [piece for piece in group if isinstance(piece.item.artist, Axis)]
    # The ticks end at the image's edge; their labels stand clear of it.
    assert {call.method for p in axis_pieces for call in p.calls or ()} == {"draw_markers"}
    behind = {type(item.artist).__name__ for item, places in layers.background if places}
    assert {"XAxis", "YAxis"} <= behind
