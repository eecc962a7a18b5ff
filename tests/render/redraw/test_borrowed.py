"""Figures of matplotlib's own tests, changed at random, look as they do when drawn in full.

`borrowed/campaign.py` compares all of them; this is a sample.
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
    """Some tests of a module, which reads and writes in the working folder."""
    sources = sources_in(PATHS[request.param])
    return random.Random(1).sample(sources, N_SOURCES)


def compare_all(sources: list[Source]) -> Comparison:
    total = Comparison()
    for source in sources:
        total.add(compare(source, seed=0))
    return total


@pytest.mark.parametrize("sample", MODULES, indirect=True)
def test_figures_that_nobody_chose_are_drawn_in_full(sample: list[Source]) -> None:
    result = compare_all(sample)
    assert result.different == []
    # Few tests leave no figure, and few figures can never be replayed.
    assert result.figures >= 2
    assert result.replayed > 3 * result.figures


@pytest.mark.parametrize("sample", ["test_legend"], indirect=True)
def test_a_change_that_is_overlooked_is_found(
    sample: list[Source], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Watch, "unchanged", lambda self: True)
    assert compare_all(sample).different
