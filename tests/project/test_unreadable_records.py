"""Records that only save time count as missing, whatever lies in their place."""

import os
from pathlib import Path

import pytest

from parallel_animate.inputs.file_states import Digests
from parallel_animate.project.finished_movie import _read_record

DEEP = "[" * 100_000


@pytest.mark.parametrize("kind", ["a named pipe", "deep JSON", "a folder"])
def test_a_record_that_is_none_counts_as_missing(tmp_path: Path, kind: str) -> None:
    for name in ("movie.json", "digests.json"):
        place = tmp_path / name
        if kind == "a named pipe":
            os.mkfifo(place)
        elif kind == "a folder":
            place.mkdir()
        else:
            place.write_text(DEEP)
    assert _read_record(tmp_path) is None
    data = tmp_path / "data.txt"
    data.write_text("1")
    assert Digests(tmp_path / "digests.json").of(data) == Digests().of(data)
