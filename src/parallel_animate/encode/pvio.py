"""Write a segment through parallel-video-io, for users who prefer it.

parallel-video-io takes all frames of a video at once: they are written to a temporary file, which
is mapped into memory and then removed. Extra ffmpeg parameters make its segments joinable.
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

# imageio's ffmpeg plugin scales frames up to multiples of this; pvio cannot turn this off.
MACRO_BLOCK = 16
CHANNELS = 4


def check_pvio(settings: VideoSettings) -> None:
    """Raise SettingsError unless parallel-video-io is installed and supports the settings."""
    if importlib.util.find_spec("pvio") is None:
        raise SettingsError(
            "video_backend='pvio' needs parallel-video-io. Run pip install "
            "'parallel-animate[pvio]', or, without torch, "
            "pip install --no-deps parallel-video-io imageio."
        )
    if settings.extra.pixel_format != "yuv420p":
        raise SettingsError(
            "video_backend='pvio' always writes yuv420p, but -pix_fmt is "
            f"{settings.extra.pixel_format}; use video_backend='ffmpeg'."
        )


def check_multiple(size: tuple[int, int]) -> None:
    """Raise SettingsError for a frame size that parallel-video-io would change."""
    width, height = size
    if width % MACRO_BLOCK or height % MACRO_BLOCK:
        nearest = [-(-pixels // MACRO_BLOCK) * MACRO_BLOCK for pixels in size]
        raise SettingsError(
            f"video_backend='pvio' would rescale and blur the frame of {width}x{height} pixels: "
            f"parallel-video-io writes only multiples of {MACRO_BLOCK}. Use "
            f"video_backend='ffmpeg', or a figure of {nearest[0]}x{nearest[1]} pixels."
        )


def pvio_parameters(encoder: Encoder, settings: VideoSettings) -> list[str]:
    """Return the extra parameters that make pvio's segments joinable, with exact times."""
    rate = f"{settings.fps.numerator}/{settings.fps.denominator}"
    tick = f"{settings.fps.denominator}/{settings.fps.numerator}"
    # pvio gets the rate as a rounded decimal, so the filter numbers the frames again. ffmpeg uses
    # the last -vf, and the last of every other option.
    video_filter = f"{colour_filter('yuv420p')},settb={tick},setpts=N,fps={rate}"
    return [
        *("-vf", video_filter, *codec_arguments(encoder.name, encoder.preset, settings)),
        *(*timing_arguments(settings.grid), "-f", "mp4"),
    ]


class PvioEncoder:
    """Collect frames for ``pvio.write_frames_to_video``; has the methods of `EncoderProcess`.

    Parameters
    ----------
    path : Path
        The file to write.
    size : tuple of (int, int)
        Width and height of the frames in pixels.
    encoder : Encoder
        The movie's encoder; pvio uses its ffmpeg program.
    settings : VideoSettings
        The movie's settings.
    """

    def __init__(
        self, path: Path, size: tuple[int, int], encoder: Encoder, settings: VideoSettings
    ) -> None:
        check_multiple(size)
        self._path = path
        # imageio chooses its plugin by the suffix.
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
        """Append the bytes of one frame: per pixel RGB and an unused fourth byte."""
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
