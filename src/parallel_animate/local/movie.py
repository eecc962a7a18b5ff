"""A finished movie: its properties, its frames as pictures, and its player in a notebook."""

import operator
import os
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

from parallel_animate.encode.encoders import find_ffmpeg
from parallel_animate.encode.numbered import movie_size
from parallel_animate.encode.packets import no_video
from parallel_animate.encode.stills import read_frame
from parallel_animate.errors import SegmentError
from parallel_animate.formats import format_of, picture_path, place_of
from parallel_animate.local.player import make_player

if TYPE_CHECKING:
    from PIL.Image import Image


@dataclass(frozen=True, repr=False)
class Movie:
    """A movie that was rendered. A notebook shows it as a player with a frame slider.

    A GIF, WebP or APNG is shown as it is, since browsers take these for pictures. Of numbered
    pictures, the first one is shown.

    It may be passed wherever a path is expected, such as ``shutil.copy(movie, "copy.mp4")``.

    Attributes
    ----------
    path : Path
        The file, as an absolute path. For numbered pictures, their path with the place of the
        number.
    n_frames : int
        Number of frames.
    fps : Fraction
        Frames per second, exactly.
    size : tuple of (int, int)
        Width and height in pixels.
    params : tuple of str
        A short text about the params of each frame, which the player shows; empty if all texts
        together are too long.
    also : tuple of Movie
        The other files of the same frames, in the order of the argument ``also``.
    """

    path: Path
    n_frames: int
    fps: Fraction
    size: tuple[int, int]
    params: tuple[str, ...] = field(default=(), compare=False)
    also: tuple["Movie", ...] = field(default=(), compare=False)

    @property
    def duration(self) -> float:
        """The duration in seconds."""
        return float(self.n_frames / self.fps)

    def frame(self, number: int) -> "Image":
        """Return a frame of the movie as it was encoded.

        Parameters
        ----------
        number : int
            Number of the frame, from 0; a negative number counts from the end.

        Returns
        -------
        PIL.Image.Image
            RGB, in the movie's size; RGBA in an animated picture with transparency.
            ``np.asarray`` makes it an array (height, width, 3 or 4) of uint8.

        Raises
        ------
        IndexError
            If the movie has no such frame.
        SegmentError
            If the file is missing or was replaced by another one.
        FFmpegError
            If ffmpeg fails.
        """
        position = self._position(number)
        kind = format_of(self.path)
        file = picture_path(self.path, position) if kind.is_numbered else self.path
        if not file.is_file():
            raise no_video(file, "no such file")
        if kind.is_numbered:
            return _copy_of(file)
        if kind.is_picture:
            return self._picture(position)
        image = read_frame(find_ffmpeg(), self.path, position, self.fps)
        if image is None:
            raise self._replaced(position)
        return image

    def _picture(self, position: int) -> "Image":
        """Return a frame of an animated picture."""
        from PIL import Image

        middle = float((position + Fraction(1, 2)) / self.fps * 1000)
        with Image.open(self.path) as image:
            shown_until, number = 0.0, 0
            # In a WebP, a frame may be shown for several equal ones, or for all.
            while shown_until < middle and getattr(image, "is_animated", False):
                try:
                    image.seek(number)
                except EOFError as error:
                    raise self._replaced(position) from error
                image.load()
                shown_until += image.info["duration"]
                number += 1
            return image.convert("RGBA" if image.has_transparency_data else "RGB")

    def _replaced(self, position: int) -> SegmentError:
        return SegmentError(
            f"{self.path} has no frame {position}: it was replaced after this movie of "
            f"{self.n_frames} frames had been rendered.",
            path=str(self.path),
            expected=f"{self.n_frames} frames",
            found="fewer",
        )

    def _position(self, number: int) -> int:
        position = operator.index(number)
        if not -self.n_frames <= position < self.n_frames:
            raise IndexError(
                f"The movie has {self.n_frames} frames, numbered from 0 to {self.n_frames - 1}; "
                f"found {number}."
            )
        return position % self.n_frames

    def __str__(self) -> str:
        place = place_of(self.path)
        path = os.path.relpath(place)
        shown = place if path.startswith(os.pardir) else path
        width, height = self.size
        facts = f"{self.n_frames} frames, {self.duration:.1f} s, {width}x{height}"
        return f"{shown}  {facts}, {self._bytes()}"

    def _bytes(self) -> str:
        try:
            n_bytes = movie_size(self.path)
        except OSError:
            return "the file is missing"
        return f"{n_bytes / 1e6:.1f} MB" if n_bytes >= 1e5 else f"{n_bytes / 1e3:.0f} kB"

    def __repr__(self) -> str:
        return f"<Movie {self}>"

    def __fspath__(self) -> str:
        return str(self.path)

    def _repr_html_(self) -> str:
        return make_player(self.path, self.fps, self.size, self.params, str(self))


def _copy_of(picture: Path) -> "Image":
    from PIL import Image

    with Image.open(picture) as image:
        return image.copy()
