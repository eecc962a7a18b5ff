"""Embed a movie in the caption of a Snakemake report.

Imports little, because the workflow imports it in its main process.
"""

import html
from pathlib import Path

from parallel_animate.formats import format_of, shown_file
from parallel_animate.local.player import data_address

# Making a report needs 18 bytes of memory for each byte of a movie in a caption.
MAX_MOVIE = 50_000_000
# docutils, which reads the captions of a report, refuses lines of more than 10,000 characters.
LINE_LENGTH = 8000


def player(movie: Path) -> str:
    """Return an HTML element that contains and plays a movie, in lines that docutils accepts."""
    kind, movie = format_of(movie), shown_file(movie)
    size = movie.stat().st_size
    if size > MAX_MOVIE:
        return f"<p>{html.escape(str(movie))}: too large for a report, {size / 1e6:.0f} MB.</p>"
    address = data_address(movie.read_bytes(), kind.media_type)
    # Browsers ignore line ends in an address.
    lines = [address[at : at + LINE_LENGTH] for at in range(0, len(address), LINE_LENGTH)]
    start, end = '<video style="width: 100%" controls loop muted playsinline', '"></video>'
    if kind.is_picture:
        start, end = f'<img style="width: 100%" alt="{html.escape(movie.name)}"', '">'
    return "\n".join([start, 'src="' + lines[0], *lines[1:]]) + end


class Players(dict[str, str]):
    """Movie's path -> its player, made when it is looked up.

    Captions of a report can use the workflow's config and little else, so the config holds this.
    """

    def __missing__(self, movie: str) -> str:
        return player(Path(movie))
