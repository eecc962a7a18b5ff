"""The page about kinds of files has a row for each, and for each codec, with what it can hold."""

import re
from pathlib import Path

from parallel_animate.formats import CODECS, FORMATS

PAGE = Path(__file__).parents[2] / "docs/how-to/formats.md"


def test_the_table_of_promises_has_every_kind_of_file() -> None:
    table = PAGE.read_text().partition("## What each kind promises")[2].partition("\n\n- ")[0]
    rows = re.findall(r"^\| `\.(\w+)` \|.*\| ([^|]+) \| ([^|]+) \|$", table, re.MULTILINE)
    assert [name for name, _, _ in rows] == list(FORMATS)
    for name, time, transparency in rows:
        assert (transparency == "over white") is not FORMATS[name].has_alpha
        is_timed = not FORMATS[name].is_numbered
        assert (time == "exact") is (is_timed and FORMATS[name].time_base is None)
        assert time.startswith("none") is not is_timed


def test_the_table_of_codecs_is_what_the_package_accepts() -> None:
    table = PAGE.read_text().partition("## Other codecs")[2].partition("\n\n- ")[0]
    rows = [line.strip("|").split("|") for line in table.splitlines() if line.startswith("| `")]
    assert [row[0].strip(" `") for row in rows] == list(CODECS)
    for row, codec in zip(rows, CODECS.values(), strict=True):
        _, files, pixels, lossless, quality, preset, side = (cell.strip() for cell in row)
        assert files == " ".join(f"`{FORMATS[name].suffix}`" for name in codec.outputs)
        assert pixels == codec.pixel_format
        assert lossless == ("yes" if codec.pixel_format in ("rgb24", "bgr0") else "no")
        assert quality == ("yes" if codec.has_quality else "no")
        assert preset == ("yes" if codec.has_preset else "no")
        assert side == str(codec.largest_side)
