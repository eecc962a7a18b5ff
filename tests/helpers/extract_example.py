"""Print the first Python example of a Markdown file; also imported by the tests of the docs."""

import re
import sys
from pathlib import Path

FENCED = re.compile(
    r'^```(?P<language>\w+)(?: title="(?P<title>[^"]*)")?\n(?P<text>.*?)^```',
    flags=re.MULTILINE | re.DOTALL,
)


def python_blocks(path: Path) -> list[str]:
    return blocks(path, "python")


def blocks(path: Path, language: str) -> list[str]:
    return [text for found, _, text in titled_blocks(path) if found == language]


def titled_blocks(path: Path) -> list[tuple[str, str, str]]:
    """Return language, title (may be empty) and text of every block."""
    return [(m["language"], m["title"] or "", m["text"]) for m in FENCED.finditer(path.read_text())]


if __name__ == "__main__":
    sys.stdout.write(python_blocks(Path(sys.argv[1]))[0])
