"""The corpus keeps its README's promises: many cases and an honest split.

Where its cases are drawn (test_redraw), each is also checked: its frames are the same each time,
and change unless it is static.
"""

import hashlib
from pathlib import Path

from corpus import CASES, DEVELOPMENT, HELD_OUT
from corpus.registry import FOUND_THEMES

FEWEST_CASES = 150


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
