"""Frames of a movie as pictures, decoded from its segments."""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import numpy as np
from PIL import Image

from parallel_animate.atomic_files import temporary_folder
from parallel_animate.encode.ffmpeg import run, still_command
from parallel_animate.encode.stills import start_before
from parallel_animate.local.player import data_address
from parallel_animate.subprocesses import ANSWER_SECONDS

# Number of pictures of a movie, and their width in pixels.
N_STILLS = 12
STILL_WIDTH = 400
# A page has the pictures at this width, as JPEG data.
SMALL_WIDTH = 300
POSTER_WIDTH = 1280
QUALITY = 80


@dataclass(frozen=True)
class Still:
    """A frame as a picture.

    Parameters
    ----------
    frame : int
        Its position in the movie, from 0.
    seconds : float
        When it is shown.
    image : Image
        The picture, in RGB.
    """

    frame: int
    seconds: float
    image: Image.Image

    @property
    def text(self) -> str:
        """Its number and its time, for people."""
        return f"frame {self.frame}, {self.seconds:.2f} s"

    @property
    def address(self) -> str:
        """The address of the picture, small, for a page."""
        image = self.image.copy()
        image.thumbnail((SMALL_WIDTH, SMALL_WIDTH))
        return data_address(jpeg(image), "image/jpeg")


@dataclass(frozen=True)
class Segments:
    """A movie's segments.

    Parameters
    ----------
    parts : sequence of (Path, int)
        Every segment and the number of its frames, in playing order.
    fps : Fraction
        Frames per second.
    has_alpha : bool
        True if the segments hold alpha below the colours.
    ffmpeg : str
        The ffmpeg program.
    """

    parts: Sequence[tuple[Path, int]]
    fps: Fraction
    has_alpha: bool
    ffmpeg: str

    @property
    def n_frames(self) -> int:
        """Number of frames in the movie."""
        return sum(count for _, count in self.parts)

    def stills(self) -> list[Still]:
        """Return evenly spaced frames, the first and the last among them.

        Raises
        ------
        FFmpegError
            If a segment cannot be decoded.
        """
        n_frames = self.n_frames
        places = np.linspace(0, n_frames - 1, min(N_STILLS, n_frames)).round().astype(int)
        return [self._still(int(place), STILL_WIDTH) for place in places]

    def poster(self) -> Still:
        """Return the frame in the middle, which shows more than the first one often does.

        Raises
        ------
        FFmpegError
            If the segment cannot be decoded.
        """
        return self._still(self.n_frames // 2, POSTER_WIDTH)

    def _still(self, frame: int, width: int) -> Still:
        path, position = self._place(frame)
        start = start_before(position, self.fps)
        with temporary_folder() as folder:
            picture = folder / "still.png"
            run(still_command(self.ffmpeg, path, start, width, picture), ANSWER_SECONDS)
            with Image.open(picture) as image:
                still = image.convert("RGB")
        return Still(frame, float(frame / self.fps), on_white(still) if self.has_alpha else still)

    def _place(self, frame: int) -> tuple[Path, int]:
        """Return the segment that holds a frame, and the frame's position in it."""
        for path, count in self.parts:
            if frame < count:
                return path, frame
            frame -= count
        raise IndexError(f"The movie has {self.n_frames} frames.")


def on_white(still: Image.Image) -> Image.Image:
    """Return a picture with alpha below its colours on white."""
    size = (still.width, still.height // 2)
    colours = still.crop((0, 0, *size))
    alpha = still.crop((0, size[1], still.width, 2 * size[1])).convert("L")
    return Image.composite(colours, Image.new("RGB", size, "white"), alpha)


def jpeg(image: Image.Image) -> bytes:
    """Return a picture as JPEG data."""
    with io.BytesIO() as buffer:
        image.save(buffer, "JPEG", quality=QUALITY)
        return buffer.getvalue()
