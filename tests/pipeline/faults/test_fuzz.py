"""A few hundred damages to work/; thousands: ``python tests/pipeline/faults/fuzz.py``."""

import concurrent.futures
import multiprocessing
from pathlib import Path

import pytest
from faults.damage import DAMAGES, FOLDER_DAMAGES
from faults.fuzz import fuzz
from faults.pages import write_page, write_section


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_the_same_command_heals_whatever_was_damaged(tmp_path: Path) -> None:
    # In a fresh process: names of segments depend on what the planning process has loaded, and the
    # rounds plan in forks of theirs.
    spawned = multiprocessing.get_context("spawn")
    with concurrent.futures.ProcessPoolExecutor(1, mp_context=spawned) as processes:
        results = processes.submit(fuzz, rounds=150, seed=1, run_every=30, folder=tmp_path).result()
    assert results.problems == []
    assert results.kinds.keys() == DAMAGES.keys() | FOLDER_DAMAGES.keys(), (
        "every kind, at least once"
    )
    assert sum(out.damages for out in results.kinds.values()) > 200
    assert results.runs == 5


def test_a_section_of_a_page_replaces_only_itself(tmp_path: Path) -> None:
    page = tmp_path / "faults.md"
    page.write_text("# Faults\n\nfirst\n")
    write_section(page, "One", "a\n")
    write_section(page, "Two", "b\n")
    write_section(page, "One", "c\n")
    write_page(page, "# Faults\n\nsecond\n")
    assert page.read_text() == "# Faults\n\nsecond\n\n## One\n\nc\n\n## Two\n\nb\n"
