"""The page about errors quotes messages that the package really has."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import parallel_animate

PAGE = Path(__file__).parents[2] / "docs/troubleshooting.md"
PACKAGE = Path(parallel_animate.__file__).parent
# What stands between two texts of the code, for a field in one of them, and for a gap on the page.
BORDER, FIELD, GAP = "\1", "\0", "…"


def messages() -> str:
    """Return all texts in the package's code."""
    found = (text for file in PACKAGE.rglob("*.py") for text in texts(ast.parse(file.read_text())))
    return BORDER.join(found)


def texts(tree: ast.AST) -> Iterator[str]:
    """Yield the texts in some code, of which `"a" + f(b) + f"{c}"` is one."""
    for node in ast.iter_child_nodes(tree):
        text = text_of(node)
        if text.strip(FIELD):
            yield text
        else:
            yield from texts(node)


def text_of(node: ast.AST) -> str:
    match node:
        case ast.Constant(value=str(text)):
            return re.sub(r"%[sdr]", FIELD, text)
        case ast.JoinedStr(values=parts):
            return "".join(map(text_of, parts))
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            return text_of(left) + text_of(right)
    return FIELD


def quoted() -> list[str]:
    return re.findall(r"^#### `(.+)`$", PAGE.read_text(), re.MULTILINE)


def test_every_message_on_the_page_is_in_the_code() -> None:
    code, headings = messages(), quoted()
    assert len(headings) > 40
    for heading in headings:
        pattern = f"[^{BORDER}]*".join(re.escape(part) for part in heading.split(GAP) if part)
        assert re.search(pattern, code), heading


def test_no_message_is_only_a_gap() -> None:
    for heading in quoted():
        fixed = heading.replace(GAP, "").strip(" :().,")
        assert len(fixed) >= 7, f"{heading} says too little to be found"
