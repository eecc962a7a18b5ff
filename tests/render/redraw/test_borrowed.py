"""Figures from matplotlib's own tests, changed at random, have the pixels of a full redraw.

`borrowed/campaign.py` compares all of them; this file compares a sample.
"""

import random
from pathlib import Path

import pytest
from borrowed.compare import Comparison, compare
from borrowed.figures import Source, module_paths, sources_in

from parallel_animate.render.redraw.state import Watch

PATHS = module_paths()
MODULES = ("test_arrow_patches", "test_artist", "test_axes", "test_axes3d", "test_colorbar")
MODULES += ("test_collections", "test_image", "test_legend", "test_offsetbox", "test_text")
N_SOURCES = 6

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not PATHS, reason="this matplotlib was installed without its tests"),
]


@pytest.fixture
def sample(in_tmp: Path, request: pytest.FixtureRequest) -> list[Source]:
    """Some tests of a matplotlib module, which read and write in the working folder."""
    sources = sources_in(PATHS[request.param])
    return random.Random(1).sample(sources, N_SOURCES)


def compare_all(sources: list[Source]) -> Comparison:
    total = Comparison()
    for source in sources:
        total.add(compare(source, seed=0))
    return total


@pytest.mark.parametrize("sample", MODULES, indirect=True)
def test_figures_of_matplotlibs_tests_have_the_right_pixels(
    sample: list[Source],
) -> None:
    result = compare_all(sample)
    assert result.different == []
    # Most tests leave a figure, and most figures can be replayed.
    assert result.figures >= 2
    assert result.replayed > 3 * result.figures


@pytest.mark.parametrize("sample", ["test_legend"], indirect=True)
def test_the_comparison_finds_a_missed_change(
    sample: list[Source], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Watch, "unchanged", lambda self: True)
    assert compare_all(sample).different
