"""The player of a movie in a page or a notebook: slider, arrow keys, frame number and params.

Imports little: the workflow imports `data_address` in its main process.
"""

import base64
import html
import json
import os
import string
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from urllib.parse import quote

from parallel_animate.formats import format_of, shown_file

TEMPLATE = Path(__file__).with_name("player.html")
# A notebook stores what it embeds, and is written as a whole at every change.
MAX_EMBEDDED = 4_000_000


def data_address(data: bytes, kind: str) -> str:
    """Return an address that contains the data; kind is their MIME type."""
    return f"data:{kind};base64,{base64.b64encode(data).decode()}"


def make_player(
    path: Path, fps: Fraction, size: tuple[int, int], params: Sequence[str], facts: str
) -> str:
    """Return HTML that plays a movie: embedded if it is small, otherwise as a link to its file.

    Browsers play a GIF, WebP or APNG as a picture, without controls.

    Parameters
    ----------
    path : Path
        The movie.
    fps : Fraction
        Frames per second.
    size : tuple of (int, int)
        Width and height in pixels.
    params : sequence of str
        A text for each frame; may be empty.
    facts : str
        A line about the movie.
    """
    kind, path = format_of(path), shown_file(path)
    try:
        status = path.stat()
        is_small = status.st_size <= MAX_EMBEDDED
        source = data_address(path.read_bytes(), kind.media_type) if is_small else _link(path)
    except OSError as error:
        return f"<p>{html.escape(f'{path} cannot be read: {error.strerror}.')}</p>"
    if kind.is_picture:
        texts = f'alt="{html.escape(path.name)}" title="{html.escape(facts)}"'
        return f'<img {texts} width="{size[0]}" style="max-width: 100%" src="{source}">'
    return string.Template(TEMPLATE.read_text(encoding="utf-8")).substitute(
        source=source,
        # Only a link needs a version: the file's time.
        version="" if is_small else status.st_mtime_ns,
        fps=float(fps),
        width=size[0],
        height=size[1],
        params=html.escape(json.dumps(list(params))),
        facts=html.escape(facts),
    )


def _link(path: Path) -> str:
    """Return a file's address relative to the notebook, or to the working folder."""
    # jupyter_server sets it to the notebook's path.
    notebook = Path(os.environ.get("JPY_SESSION_NAME", ""))
    folder = notebook.parent if notebook.is_absolute() and notebook.is_file() else Path.cwd()
    return quote(os.path.relpath(path, folder))
