"""Single frames of a movie as pictures."""

from fractions import Fraction
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from parallel_animate.encode.ffmpeg import frame_command, run

if TYPE_CHECKING:
    from PIL.Image import Image


def read_frame(ffmpeg: str, path: Path, position: int, fps: Fraction) -> "Image | None":
    """Return a frame of a video as RGB, in its size, or None if the video ends before.

    Parameters
    ----------
    ffmpeg : str
        The ffmpeg program.
    path : Path
        The video.
    position : int
        Number of the frame, from 0.
    fps : Fraction
        Frames per second.

    Raises
    ------
    FFmpegError
        If ffmpeg fails.
    """
    from PIL import Image

    with TemporaryDirectory(prefix="parallel-animate-") as folder:
        picture = Path(folder, "frame.png")
        run(frame_command(ffmpeg, path, start_before(position, fps), picture))
        if not picture.exists():
            return None
        with Image.open(picture) as image:
            return image.convert("RGB")


def start_before(position: int, fps: Fraction) -> float:
    """Return a time in seconds from which on the first frame is the one at a position.

    It is half a frame early, so that it does not matter how times are rounded.
    """
    return float(max((position - Fraction(1, 2)) / fps, Fraction(0)))
