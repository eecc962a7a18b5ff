"""The limits of rectangles that are found quickly are those of matplotlib, to the last bit."""

import random
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Circle, FancyBboxPatch, Rectangle, Wedge
from matplotlib.path import Path
from matplotlib.transforms import Affine2D

from parallel_animate.render.redraw import bar_limits
from parallel_animate.render.redraw.bar_limits import limits_found_quickly

REAL = vars(bar_limits._AxesBase)["_update_patch_limits"]
SCALES = ("linear", "log", "symlog", "logit")


def number(rng: random.Random) -> float:
    special = (0.0, -0.0, 1e-300, 1e300, np.inf, -np.inf, np.nan)
    return rng.choice(special) if rng.random() < 0.1 else rng.uniform(-3, 3)


def rectangle(rng: random.Random, axes: Any) -> Rectangle:
    options: dict[str, Any] = {}
    if rng.random() < 0.3:
        options["angle"] = rng.uniform(-180, 180)
        options["rotation_point"] = rng.choice(["xy", "center", (0.5, 0.1)])
    if rng.random() < 0.3:
        places = (axes.get_xaxis_transform(), axes.get_yaxis_transform(), axes.transAxes)
        moved = Affine2D().rotate(rng.uniform(0, 3)) + axes.transData
        options["transform"] = rng.choice([*places, moved])
    corner = (number(rng), number(rng))
    return Rectangle(corner, number(rng), number(rng), **options)


def random_limits(seed: int) -> list[bytes]:
    """Return what the limits of an Axes are after each of some random rectangles."""
    rng = random.Random(seed)
    figure = Figure()
    axes: Any = figure.add_subplot(projection=rng.choice([None, None, "polar"]))
    if axes.name == "rectilinear":
        axes.set(xscale=rng.choice(SCALES), yscale=rng.choice(SCALES))
    found = []
    with np.errstate(all="ignore"):
        for _ in range(8):
            axes.add_patch(rectangle(rng, axes))
            limits = axes.dataLim
            found += [limits.get_points().tobytes(), limits.minpos.tobytes()]
        axes.bar(range(3), [rng.random() for _ in range(3)], log=rng.random() < 0.2)
        axes.hist([rng.random() for _ in range(9)], orientation="horizontal")
        found.append(axes.dataLim.get_points().tobytes())
    return found


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("seeds", [range(60), pytest.param(range(60, 600), marks=pytest.mark.slow)])
def test_limits_are_bitwise_those_of_matplotlib(seeds: range) -> None:
    n_quick = 0
    real = bar_limits._SearchedPath.iter_bezier

    def counted(self: Any, **options: Any) -> Iterator[Any]:
        nonlocal n_quick
        n_quick += 1
        return real(self, **options)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(bar_limits._SearchedPath, "iter_bezier", counted)
        for seed in seeds:
            with limits_found_quickly():
                quick = random_limits(seed)
            assert quick == random_limits(seed), seed
    assert n_quick > 15 * len(seeds)


def limits_with(axes: Any, patch: Any) -> bytes:
    axes.add_patch(patch)
    content: bytes = axes.dataLim.get_points().tobytes()
    return content


class Slanted(Rectangle):
    def get_path(self) -> Path:
        return Path([(0, 0), (1, 0), (2, 1), (1, 1), (0, 0)], closed=True)


def of_another_path() -> Rectangle:
    patch = Rectangle((0, 0), 2, 3)
    patch.get_path = lambda: Path([(0, 0), (7, 0), (7, 7), (0, 0)])  # type: ignore[method-assign]
    return patch


@pytest.mark.parametrize(
    "make",
    [
        lambda: Slanted((0, 0), 2, 3),
        of_another_path,
        lambda: Circle((1, 2), 3),
        lambda: Wedge((1, 2), 3, 20, 250),
        lambda: FancyBboxPatch((1, 2), 3, 4),
    ],
)
def test_other_patches_have_the_limits_of_matplotlib(make: Any) -> None:
    expected = limits_with(Figure().add_subplot(), make())
    with limits_found_quickly():
        assert limits_with(Figure().add_subplot(), make()) == expected


def test_a_path_that_other_code_gives_all_rectangles_counts(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    double = Path([(0, 0), (2, 0), (2, 2), (0, 2), (0, 0)], closed=True)
    with limits_found_quickly():
        before = limits_with(Figure().add_subplot(), Rectangle((0, 0), 2, 3))
        monkeypatch.setattr(Rectangle, "get_path", lambda self: double)
        after = limits_with(Figure().add_subplot(), Rectangle((0, 0), 2, 3))
    assert before != after == limits_with(Figure().add_subplot(), Rectangle((0, 0), 2, 3))


def test_nothing_is_left_behind() -> None:
    patch = Rectangle((0, 0), 2, 3)
    with limits_found_quickly():
        axes = Figure().add_subplot()
        axes.add_patch(patch)
    assert "get_path" not in vars(patch)
    assert type(patch.get_path()) is Path
    assert vars(bar_limits._AxesBase)["_update_patch_limits"] is REAL
    assert "_update_patch_limits" not in vars(Axes)


def test_a_path_that_fails_is_given_back(monkeypatch: pytest.MonkeyPatch) -> None:
    patch = Rectangle((0, 0), 2, 3)

    def fail(*_: object, **__: object) -> None:
        raise ValueError("no limits")

    axes = Figure().add_subplot()
    monkeypatch.setattr(axes, "update_datalim", fail)
    with limits_found_quickly(), pytest.raises(ValueError, match="no limits"):
        axes.add_patch(patch)
    assert "get_path" not in vars(patch)
