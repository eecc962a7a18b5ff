"""Write the first part of a page or one of its sections, and keep the others; not a test file."""

import re
from pathlib import Path


def write_section(page: Path, heading: str, text: str) -> None:
    """Replace the section under a heading of the second level, or append it."""
    before = page.read_text() if page.exists() else ""
    section = f"## {heading}\n\n{text.rstrip()}\n"
    found = re.search(
        rf"^## {re.escape(heading)}\n.*?(?=^## |\Z)", before, re.DOTALL | re.MULTILINE
    )
    if found is None:
        page.write_text(f"{before.rstrip()}\n\n{section}")
    else:
        rest = before[found.end() :]
        page.write_text(before[: found.start()] + section + (f"\n{rest}" if rest else ""))


def write_page(page: Path, text: str) -> None:
    """Replace the part of a page before its sections."""
    before = page.read_text() if page.exists() else ""
    sections = re.search(r"^## .*", before, re.DOTALL | re.MULTILINE)
    page.write_text(text.rstrip() + "\n" + (f"\n{sections[0]}" if sections else ""))
