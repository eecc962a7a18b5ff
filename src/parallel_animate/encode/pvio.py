"""Write a segment through parallel-video-io, for those who want that encoder path.

Its interface wants all frames at once: they are spooled to a file, which is mapped into memory and
removed after. Its own extra parameters make the segment meet our contract.
"""

import contextlib
import importlib.util
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Self

import numpy as np

from parallel_animate.encode.encoders import NVENC, Encoder, codec_arguments
from parallel_animate.encode.ffmpeg import colour_filter, timing_arguments
from parallel_animate.errors import FFmpegError, SettingsError
from parallel_animate.settings import VideoSettings

# imageio's ffmpeg plugin scales frames up to multiples of this, and pvio has no way to say no.
MACRO_BLOCK = 16
CHANNELS = 4


def check_pvio(settings: VideoSettings) -> None:
    """Raise SettingsError unless parallel-video-io is installed and can do what is wanted."""
    if importlib.util.find_spec("pvio") is None:
        raise SettingsError(
            "video_backend='pvio' needs parallel-video-io: pip install 'parallel-animate[pvio]', "
            "or, without torch, pip install --no-deps parallel-video-io imageio."
        )
    if settings.extra.pixel_format != "yuv420p":
        raise SettingsError(
            f"video_backend='pvio' always writes yuv420p, and {settings.extra.pixel_format} is "
            "wanted; use video_backend='ffmpeg'."
        )


def check_multiple(size: tuple[int, int]) -> None:
    """Raise SettingsError for a frame size that parallel-video-io would change."""
    width, height = size
    if width % MACRO_BLOCK or height % MACRO_BLOCK:
        nearest = [-(-pixels // MACRO_BLOCK) * MACRO_BLOCK for pixels in size]
        raise SettingsError(
            f"video_backend='pvio' would rescale the frame of {width}x{height} pixels to "
            f"{nearest[0]}x{nearest[1]}, which blurs it: parallel-video-io writes multiples of "
            f"{MACRO_BLOCK} only. Use video_backend='ffmpeg', or a figure of that size."
        )


def pvio_parameters(encoder: Encoder, settings: VideoSettings) -> list[str]:
    """Return the extra parameters that make pvio's segments meet the contract."""
    rate = f"{settings.fps.numerator}/{settings.fps.denominator}"
    tick = f"{settings.fps.denominator}/{settings.fps.numerator}"
    # pvio may be told the rate as a rounded decimal: the filter numbers the frames anew. The last
    # -vf counts, and the last of every other option.
    video_filter = f"{colour_filter('yuv420p')},settb={tick},setpts=N,fps={rate}"
    return [
        *("-vf", video_filter, *codec_arguments(encoder.name, encoder.preset, settings)),
        *(*timing_arguments(settings.grid), "-f", "mp4"),
    ]


class PvioEncoder:
    """Collects frames and hands them to ``pvio.write_frames_to_video``; used as `EncoderProcess`.

    Parameters
    ----------
    path : Path
        The file to write.
    size : tuple of (int, int)
        Width and height of the frames in pixels.
    encoder : Encoder
        Its program is the one that pvio is made to use.
    settings : VideoSettings
        Of the movie.
    """

    def __init__(
        self, path: Path, size: tuple[int, int], encoder: Encoder, settings: VideoSettings
    ) -> None:
        check_multiple(size)
        self._path = path
        # imageio goes by the suffix of the name.
        self._named = path.with_name(f"{path.name}.mp4")
        self._shape = (size[1], size[0], CHANNELS)
        self._encoder = encoder
        self._settings = settings
        self._spool = tempfile.TemporaryFile(prefix="parallel-animate-")  # noqa: SIM115
        self._n_frames = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._spool.close()
        self._named.unlink(missing_ok=True)

    def write(self, frame: memoryview) -> None:
        """Append the bytes of one frame, RGB and a fourth byte."""
        self._spool.write(frame)
        self._n_frames += 1

    def finish(self) -> None:
        """Encode all frames.

        Raises
        ------
        FFmpegError
            If parallel-video-io fails.
        """
        import pvio

        self._spool.flush()
        frames: Any = np.memmap(
            self._spool, dtype=np.uint8, mode="r", shape=(self._n_frames, *self._shape)
        )
        try:
            with _ffmpeg_program(self._encoder.ffmpeg):
                pvio.write_frames_to_video(
                    str(self._named),
                    frames,
                    float(self._settings.fps),
                    mode="gpu" if self._encoder.name == NVENC else "cpu",
                    quality=self._settings.quality,
                    preset=self._encoder.preset,
                    extra_ffmpeg_params=pvio_parameters(self._encoder, self._settings),
                    quiet=True,
                )
        except (OSError, ValueError, RuntimeError) as error:
            raise FFmpegError(f"parallel-video-io failed: {error}", stderr=str(error)) from error
        os.replace(self._named, self._path)


@contextlib.contextmanager
def _ffmpeg_program(ffmpeg: str) -> Iterator[None]:
    before = os.environ.get("IMAGEIO_FFMPEG_EXE")
    os.environ["IMAGEIO_FFMPEG_EXE"] = ffmpeg
    try:
        yield
    finally:
        if before is None:
            del os.environ["IMAGEIO_FFMPEG_EXE"]
        else:
            os.environ["IMAGEIO_FFMPEG_EXE"] = before
