"""The page about kinds of files has a row for each, with its transparency."""

import re
from pathlib import Path

from parallel_animate.formats import FORMATS

PAGE = Path(__file__).parents[2] / "docs/how-to/formats.md"


def test_the_table_of_promises_has_every_kind_of_file() -> None:
    table = PAGE.read_text().partition("## What each kind promises")[2].partition("\n\n- ")[0]
    rows = re.findall(r"^\| `\.(\w+)` \|.*\| ([^|]+) \| ([^|]+) \|$", table, re.MULTILINE)
    assert [name for name, _, _ in rows] == list(FORMATS)
    for name, time, transparency in rows:
        assert (transparency == "over white") is not FORMATS[name].has_alpha
        assert (time == "exact") is (FORMATS[name].time_base is None)
