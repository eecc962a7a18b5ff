"""The corpus keeps its README's promises: many cases, an honest split, deterministic frames."""

import hashlib
from pathlib import Path

import matplotlib as mpl
import numpy as np
import pytest
from corpus import CASES, DEVELOPMENT, HELD_OUT, Case
from corpus.registry import FOUND_THEMES
from numpy.typing import NDArray

from parallel_animate.inputs.frames import Chunk, Frame
from parallel_animate.render.isolation import isolated_drawing, pyplot_figures
from parallel_animate.render.scene import Scene
from parallel_animate.settings import video_settings

FEWEST_CASES = 150
SETTINGS = video_settings(fps=30, redraw="full")


def frames_of(case: Case) -> list[NDArray[np.uint8]]:
    chunk = Chunk(tuple(Frame.of(i, params) for i, params in enumerate(case.params)))
    with isolated_drawing():
        scene = Scene(case.make(), chunk, SETTINGS)
        return [scene.draw(frame).copy() for frame in chunk.frames]


def test_there_are_many_cases_of_8_to_12_frames() -> None:
    assert len(CASES) >= FEWEST_CASES
    for name, case in CASES.items():
        assert case.name == name
        assert name.startswith(f"{case.theme}/")
        assert 8 <= case.n_frames <= 12, name


def test_only_the_digest_of_a_name_decides_the_split() -> None:
    for name in CASES:
        if CASES[name].theme in FOUND_THEMES:
            assert name in DEVELOPMENT
            continue
        is_third = int.from_bytes(hashlib.sha256(name.encode()).digest(), "big") % 3 == 0
        assert (name in HELD_OUT, name in DEVELOPMENT) == (is_third, not is_third)


def test_about_a_third_of_the_cases_and_some_of_each_theme_are_held_out() -> None:
    n_not_found = sum(case.theme not in FOUND_THEMES for case in CASES.values())
    assert 0.25 < len(HELD_OUT) / n_not_found < 0.42
    themes = {case.theme for case in CASES.values()}
    assert {CASES[name].theme for name in HELD_OUT} == themes - set(FOUND_THEMES)
    assert {CASES[name].theme for name in DEVELOPMENT} == themes


def test_the_readme_lists_the_counts_of_each_theme(root: Path) -> None:
    text = (root / "tests/render/redraw/corpus" / "README.md").read_text()
    rows = [line.strip("| ").split(" | ") for line in text.splitlines() if line.startswith("| ")]
    listed = {row[0]: (int(row[-2]), int(row[-1])) for row in rows if row[-1].isdigit()}
    counts = {"**all**": (len(DEVELOPMENT), len(HELD_OUT))}
    for theme in {case.theme for case in CASES.values()}:
        parts = [
            sum(CASES[name].theme == theme for name in names) for names in (DEVELOPMENT, HELD_OUT)
        ]
        counts[theme] = (parts[0], parts[1])
    assert listed == counts


@pytest.mark.slow
@pytest.mark.parametrize("name", CASES)
def test_a_case_is_deterministic_and_changes_unless_it_is_static(name: str) -> None:
    case = CASES[name]
    params_before = dict(mpl.rcParams)
    once, again = frames_of(case), frames_of(case)
    assert all(np.array_equal(a, b) for a, b in zip(once, again, strict=True))
    assert len({frame.shape for frame in once}) == 1
    assert (len({frame.tobytes() for frame in once}) == 1) == case.static
    assert dict(mpl.rcParams) == params_before
    assert pyplot_figures() == frozenset()
