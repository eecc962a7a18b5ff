"""The player of movies in a page, an exported file or a notebook: one definition for all.

Frame slider and buttons, keys, frame number and params. Imports little: the workflow imports
`data_address` in its main process.
"""

import base64
import html
import json
import os
import string
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from urllib.parse import quote

from parallel_animate.formats import format_of, shown_file

TEMPLATE = Path(__file__).with_name("player.html")
# A notebook stores what it embeds, and is written as a whole at every change.
MAX_EMBEDDED = 4_000_000
MISSING = "The movie cannot be loaded here. Open its file in another program."


@dataclass(frozen=True)
class Video:
    """A movie in a player.

    Parameters
    ----------
    name : str
        Its name for people.
    addresses : sequence of str
        Where the browser finds the movie: the first one that it can load is played.
    media_type : str
        The MIME type.
    fps : Fraction
        Frames per second.
    size : tuple of (int, int)
        Width and height in pixels.
    times : sequence of float
        Seconds at which each frame begins, and at which the last one ends; empty if frame i begins
        at i / fps.
    caption : str
        A line above the picture; may be empty.
    poster : str
        Address of a picture that is shown until the movie is loaded; may be empty.
    version : str
        Added to the address of a file that may be replaced; may be empty.
    """

    name: str
    addresses: Sequence[str]
    media_type: str
    fps: Fraction
    size: tuple[int, int]
    times: Sequence[float] = ()
    caption: str = ""
    poster: str = ""
    version: str = ""

    @property
    def element(self) -> str:
        """The HTML element of the video and its caption."""
        values = {
            "aria-label": self.name,
            "style": f"aspect-ratio: {self.size[0]} / {self.size[1]}",
            "data-fps": float(self.fps),
            "data-times": json.dumps(list(self.times)) if self.times else "",
            "data-version": self.version,
            "poster": self.poster,
        }
        sources = ""
        if len(self.addresses) == 1:
            # Only here does JupyterLab look for the address of a file.
            values["src"] = self.addresses[0]
        else:
            sources = "".join(
                f'<source src="{html.escape(address)}" type="{self.media_type}">'
                for address in self.addresses
            )
        words = " ".join(f'{key}="{html.escape(str(v))}"' for key, v in values.items() if v != "")
        video = f'<video {words} controls loop muted playsinline preload="auto">{sources}</video>'
        caption = f"<figcaption>{html.escape(self.caption)}</figcaption>" if self.caption else ""
        return f"<figure>{caption}{video}</figure>"


def data_address(data: bytes, kind: str) -> str:
    """Return an address that contains the data; kind is their MIME type."""
    return f"data:{kind};base64,{base64.b64encode(data).decode()}"


def player_html(
    videos: Sequence[Video],
    params: Sequence[str],
    facts: str,
    *,
    more: str = "",
    missing: str = MISSING,
    has_focus: bool = False,
) -> str:
    """Return HTML that plays movies side by side, under the same controls.

    Parameters
    ----------
    videos : sequence of Video
        The movies. The slider counts the frames of the first one, and the others show their frames
        of the same time.
    params : sequence of str
        A text for each frame of the first movie; may be empty.
    facts : str
        A line about the movies.
    more : str
        HTML below the controls. An element with ``data-frame`` jumps to that frame when it is
        clicked, and a link with ``download`` gets the address that was loaded.
    missing : str
        The text that is shown if a movie cannot be loaded.
    has_focus : bool
        True: the keys work before anything is clicked.
    """
    return string.Template(TEMPLATE.read_text(encoding="utf-8")).substitute(
        label=html.escape(f"Player of {' and '.join(video.name for video in videos)}"),
        videos="".join(video.element for video in videos),
        width=sum(video.size[0] for video in videos),
        params=html.escape(json.dumps(list(params))),
        facts=html.escape(facts),
        more=more,
        missing=html.escape(missing),
        focus="autofocus" if has_focus else "",
    )


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
    # Only a link needs a version: the file's time.
    version = "" if is_small else str(status.st_mtime_ns)
    video = Video(path.name, [source], kind.media_type, fps, size, version=version)
    return player_html([video], params, facts)


def _link(path: Path) -> str:
    """Return a file's address relative to the notebook, or to the working folder."""
    # jupyter_server sets it to the notebook's path.
    notebook = Path(os.environ.get("JPY_SESSION_NAME", ""))
    folder = notebook.parent if notebook.is_absolute() and notebook.is_file() else Path.cwd()
    return quote(os.path.relpath(path, folder))
