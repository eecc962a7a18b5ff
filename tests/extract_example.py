"""Print the first Python example of a Markdown file; also imported by the test of the README."""

import re
import sys
from pathlib import Path


def python_blocks(path: Path) -> list[str]:
    return blocks(path, "python")


def blocks(path: Path, language: str) -> list[str]:
    fenced = rf"^```{language}\n(.*?)^```"
    return re.findall(fenced, path.read_text(), flags=re.MULTILINE | re.DOTALL)


if __name__ == "__main__":
    sys.stdout.write(python_blocks(Path(sys.argv[1]))[0])
