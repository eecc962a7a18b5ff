"""Show several movies at once, in a grid at one clock: decode them, and encode the grid."""

import logging
import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import accumulate
from pathlib import Path

from parallel_animate.atomic_files import temporary_folder
from parallel_animate.encode.concat import SegmentFile, concat_segments
from parallel_animate.encode.encoders import Encoder, codec_arguments
from parallel_animate.encode.ffmpeg import colour_filter, run, timing_arguments
from parallel_animate.encode.movie_facts import MovieFacts
from parallel_animate.encode.seal import add_seal
from parallel_animate.errors import SettingsError
from parallel_animate.frame_rate import format_fps
from parallel_animate.settings import VideoSettings

logger = logging.getLogger(__name__)

# The native decoder of VP9 does not read alpha.
ALPHA_DECODERS = {"vp9": "libvpx-vp9", "vp8": "libvpx"}
ON_WHITE = (
    "split[back][front];[back]drawbox=color=white:thickness=fill:replace=1[white];"
    "[white][front]overlay=format=auto"
)


@dataclass(frozen=True)
class GridLayout:
    """Where the movies of a grid are: rows from the top, filled from the left.

    A column is as wide as its widest movie, a row as high as its highest one. All sizes are even.

    Parameters
    ----------
    widths, heights : tuple of int
        The widths of the columns and the heights of the rows, in pixels.
    """

    widths: tuple[int, ...]
    heights: tuple[int, ...]

    @classmethod
    def of(cls, sizes: Sequence[tuple[int, int]], columns: int) -> "GridLayout":
        """Return the layout for movies of some sizes (width, height)."""
        rows = math.ceil(len(sizes) / columns)
        widths = (max(width for width, _ in sizes[column::columns]) for column in range(columns))
        of_rows = (sizes[row * columns : (row + 1) * columns] for row in range(rows))
        return cls(
            tuple(_even(width) for width in widths),
            tuple(_even(max(height for _, height in row)) for row in of_rows),
        )

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of the grid."""
        return sum(self.widths), sum(self.heights)

    def cell(self, number: int) -> tuple[int, int]:
        """Return width and height of a movie's cell."""
        row, column = divmod(number, len(self.widths))
        return self.widths[column], self.heights[row]

    def place(self, number: int) -> tuple[int, int]:
        """Return the left and the upper end of a movie's cell."""
        row, column = divmod(number, len(self.widths))
        lefts = list(accumulate(self.widths, initial=0))
        tops = list(accumulate(self.heights, initial=0))
        return lefts[column], tops[row]


def _even(number: int) -> int:
    return number + number % 2


def default_columns(n_movies: int) -> int:
    """Return the columns of a grid that is about as wide as high, or wider."""
    return math.ceil(math.sqrt(n_movies))


def write_grid(
    movies: Sequence[MovieFacts],
    layout: GridLayout,
    output: Path,
    settings: VideoSettings,
    encoder: Encoder,
) -> int:
    """Write a movie that shows movies at once, and return its number of frames.

    Parameters
    ----------
    movies : sequence of MovieFacts
        The movies, row by row.
    layout : GridLayout
        Their places.
    output : Path
        The file; its folder must exist.
    settings : VideoSettings
        Its settings.
    encoder : Encoder
        Its encoder.

    Raises
    ------
    SettingsError
        If the grid is too large for the kind of file.
    FFmpegError, SegmentError
        If encoding fails; the file under the output's name is then unchanged.
    """
    width, height = layout.size
    most = settings.output.largest_side
    if max(layout.size) > most:
        raise SettingsError(
            f"The grid has {width}x{height} pixels, and a {settings.output.suffix} can have at "
            f"most {most}x{most}; use another number of columns, or smaller movies."
        )
    n_frames = max(math.ceil(movie.seconds * settings.fps) for movie in movies)
    logger.info("%s: %d frames of %dx%d pixels are encoded.", *(output, n_frames, width, height))
    with temporary_folder() as folder:
        segment = folder / "grid.mp4"
        run(_grid_command(movies, layout, n_frames, settings, encoder, segment))
        add_seal(segment, segment.stem)
        concat_segments([SegmentFile(segment, n_frames)], output, settings, encoder.ffmpeg)
    return n_frames


def _grid_command(
    movies: Sequence[MovieFacts],
    layout: GridLayout,
    n_frames: int,
    settings: VideoSettings,
    encoder: Encoder,
    segment: Path,
) -> list[str]:
    inputs: list[str] = []
    for movie in movies:
        if movie.alpha_is_apart and movie.codec in ALPHA_DECODERS:
            inputs += ["-c:v", ALPHA_DECODERS[movie.codec]]
        inputs += ["-i", str(movie.path)]
    cells = [
        f"[{i}:v:0]{_cell_filter(movie, layout.cell(i), settings)}[cell{i}]"
        for i, movie in enumerate(movies)
    ]
    places = "|".join("{}_{}".format(*layout.place(i)) for i in range(len(movies)))
    names = "".join(f"[cell{i}]" for i in range(len(movies)))
    stack = f"{names}xstack=inputs={len(movies)}:layout={places}:fill=white"
    graph = ";".join([*cells, f"{stack},{colour_filter(settings.pixel_format)}[grid]"])
    return [
        *(encoder.ffmpeg, "-hide_banner", "-nostdin", "-y", "-v", "error", "-xerror"),
        *inputs,
        *("-filter_complex", graph, "-map", "[grid]", "-an", "-frames:v", str(n_frames)),
        *codec_arguments(encoder.name, encoder.preset, settings),
        *timing_arguments(settings.grid),
        *("-f", "mp4", str(segment)),
    ]


def _cell_filter(movie: MovieFacts, cell: tuple[int, int], settings: VideoSettings) -> str:
    """Return the filters that bring a movie to the grid's clock and colours, and to its cell."""
    filters = []
    if movie.fps is not None:
        # Times may be rounded.
        duration: Fraction = 1 / movie.fps
        filters.append(f"settb={duration.numerator}/{duration.denominator},setpts=N")
    # A frame is shown from the first time of the grid's at or after its own.
    filters.append(f"fps=fps={format_fps(settings.fps)}:round=up")
    if movie.has_alpha:
        filters.append(ON_WHITE)
    filters.append(colour_filter(settings.pixel_format))
    own = movie.packets.size
    if cell != own:
        # Even, so that colours stay beside their pixels.
        left, top = ((cell[side] - own[side]) // 4 * 2 for side in (0, 1))
        filters.append(f"pad={cell[0]}:{cell[1]}:{left}:{top}:white")
    filters.append("tpad=stop_mode=clone:stop=-1")
    return ",".join(filters)
