"""Parts of all HTML files: head and style, for light and dark screens; tables and facts."""

import html
import json
import string
from collections.abc import Mapping
from fractions import Fraction
from pathlib import Path
from typing import Any

from parallel_animate.frame_rate import format_fps
from parallel_animate.report.status_text import format_seconds

MINUTE = 60
TEMPLATE = Path(__file__).with_name("document.html")


def document(title: str, body: str, style: str = "") -> str:
    """Return an HTML file.

    Parameters
    ----------
    title : str
        Its title, as plain text.
    body : str
        HTML of its body.
    style : str
        CSS in addition to that of all files.
    """
    template = string.Template(TEMPLATE.read_text(encoding="utf-8"))
    return template.substitute(title=html.escape(title), body=body, style=style)


def facts_line(n_frames: int, size: tuple[object, object], fps: Fraction, n_bytes: int) -> str:
    """Return a line about a movie: frames, size in pixels, rate, duration, size of the file."""
    return (
        f"{n_frames} frames of {size[0]}x{size[1]} pixels, {format_fps(fps)} per second, "
        f"{_duration(float(n_frames / fps))}, {format_bytes(n_bytes)}"
    )


def _duration(seconds: float) -> str:
    return f"{seconds:.1f} s" if seconds < MINUTE else format_seconds(seconds)


def format_bytes(n_bytes: int) -> str:
    """Return the size of a file, such as 3.1 MB."""
    return f"{n_bytes / 1e6:.1f} MB" if n_bytes >= 1e5 else f"{n_bytes / 1e3:.0f} kB"


def rows(values: Mapping[str, Any]) -> str:
    """Return the rows of a table of names and values."""
    texts = {key: v if isinstance(v, str) else json.dumps(v) for key, v in values.items()}
    return "\n".join(
        f'<tr><th scope="row">{html.escape(key)}</th><td>{html.escape(text)}</td></tr>'
        for key, text in texts.items()
    )
