"""Write raw frames to a segment: a verified MP4 file, or no file at all.

A segment is written under a temporary name in its own folder, verified, and synced to disk. Only
then does it get its name. This module knows nothing of figures.
"""

import hashlib
import logging
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray

from parallel_animate.atomic_files import publish, set_aside, temporary_path
from parallel_animate.encode.convert import stack_alpha
from parallel_animate.encode.encoders import Encoder, codec_arguments
from parallel_animate.encode.ffmpeg import EncoderProcess, encode_command
from parallel_animate.encode.mp4 import read_sample_tables
from parallel_animate.encode.packets import Packets, check_packets, wrong
from parallel_animate.encode.pvio import PvioEncoder
from parallel_animate.encode.seal import add_seal, check_seal, segment_fault
from parallel_animate.encode.yuv_frames import is_less_work_here, send_converted
from parallel_animate.errors import SettingsError
from parallel_animate.formats import CODECS, LARGEST_SIDE, LOSSLESS, MP4
from parallel_animate.settings import VideoSettings

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Segment:
    """A finished segment.

    Parameters
    ----------
    path : Path
        The MP4 file.
    n_frames : int
        Number of frames.
    extradata : str
        Length and checksum of the extradata.
    size : tuple of (int, int)
        Width and height in pixels.
    packets : Packets
        The packets found in it after writing.
    first_pixels : str
        The `pixel_digest` of its first frame.
    """

    path: Path
    n_frames: int
    extradata: str
    size: tuple[int, int]
    packets: Packets
    first_pixels: str = ""


def pixel_digest(frame: NDArray[np.uint8]) -> str:
    """Return a digest of a frame's pixels and size."""
    content = hashlib.blake2b(repr(frame.shape).encode(), digest_size=16)
    content.update(np.ascontiguousarray(frame).data.cast("B"))
    return content.hexdigest()


def has_segment(path: Path) -> bool:
    """Return whether a segment exists and is intact; a damaged one is set aside."""
    if fault := segment_fault(path, check_seal):
        set_aside({path: f"{fault}; it is rendered again"})
        return False
    return os.path.lexists(path)


class SegmentWriter:
    """Encode frames into a segment.

    Use it in a ``with`` block. Leaving the block removes the temporary file and ends ffmpeg;
    without `finish` there is no segment.

    Parameters
    ----------
    path : Path
        The segment; its folder must exist.
    encoder : Encoder
        The movie's encoder.
    settings : VideoSettings
        Rate, quality and extra parameters.
    extradata : str, optional
        The extradata of the movie's other segments; None if it is not known yet.
    size : tuple of (int, int), optional
        Width and height of the movie's other frames; None if they are not known yet.
    """

    def __init__(
        self,
        path: Path,
        encoder: Encoder,
        settings: VideoSettings,
        extradata: str | None = None,
        size: tuple[int, int] | None = None,
    ) -> None:
        self._path = path
        self._encoder = encoder
        self._settings = settings
        self._extradata = extradata
        self._temporary = temporary_path(path)
        self._process: EncoderProcess | PvioEncoder | None = None
        self._size = size
        self._first_pixels = ""
        self._n_frames = 0
        self._converts = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._process is not None:
            self._process.__exit__()
        self._temporary.unlink(missing_ok=True)

    @property
    def size(self) -> tuple[int, int] | None:
        """Width and height that all frames must have; None if they are not known yet."""
        return self._size

    @property
    def _encoded_size(self) -> tuple[int, int]:
        """Width and height of what is encoded: with alpha, a second picture is below each frame."""
        assert self._size is not None
        width, height = self._size
        return (width, 2 * height) if self._settings.keeps_alpha else self._size

    def write(self, frame: NDArray[np.uint8]) -> None:
        """Append a frame, (height, width, 4) uint8; all frames must have the same even size."""
        if self._process is None:
            self._size = (frame.shape[1], frame.shape[0])
            self._first_pixels = pixel_digest(frame)
            self._process = self._start(self._encoded_size)
        if self._settings.keeps_alpha:
            frame = stack_alpha(frame)
        if self._converts:
            send_converted(frame, self._process.write)
        else:
            self._process.write(np.ascontiguousarray(frame).data.cast("B"))
        self._n_frames += 1

    def _start(self, size: tuple[int, int]) -> EncoderProcess | PvioEncoder:
        encoder = self._encoder
        self._check_size()
        if self._settings.backend == "pvio":
            return PvioEncoder(self._temporary, size, encoder, self._settings)
        self._converts = encoder.converts_alike and is_less_work_here(size)
        command = encode_command(
            encoder.ffmpeg,
            codec_arguments(encoder.name, encoder.preset, self._settings),
            size,
            self._settings.grid,
            ["-f", self._muxer, str(self._temporary)],
            self._settings.pixel_format,
            self._converts,
        )
        return EncoderProcess(command)

    @property
    def _muxer(self) -> str:
        codec = self._settings.codec
        return MP4.muxer if codec == LOSSLESS else CODECS[codec].muxer

    def _check_size(self) -> None:
        """Raise SettingsError if a movie of this kind cannot have frames of this size."""
        assert self._size is not None
        most_side, has_alpha = self._settings.largest_side, self._settings.keeps_alpha
        # With alpha, two pictures are encoded as one.
        most = (most_side, min(most_side, LARGEST_SIDE // (1 + has_alpha)))
        if self._size[0] > most[0] or self._size[1] > most[1]:
            kind = self._settings.kind
            raise SettingsError(
                f"The figure has {self._size[0]}x{self._size[1]} pixels, and a {kind} can have at "
                f"most {most[0]}x{most[1]}; change the figure's size or dpi."
            )

    def finish(self) -> Segment:
        """Close the segment, verify it and give it its name.

        Raises
        ------
        FFmpegError
            If ffmpeg failed.
        SegmentError
            If the file does not hold every frame at its exact time, or its extradata differs from
            that of the other segments.
        """
        assert self._process is not None, "a segment has at least one frame"
        self._process.finish()
        segment = self._verified()
        add_seal(self._temporary, self._path.stem)
        publish(self._temporary, self._path)
        return segment

    def _verified(self) -> Segment:
        assert self._size is not None
        packets = read_sample_tables(self._temporary)
        check_packets(self._path, packets, self._n_frames, self._settings.grid)
        if packets.size != self._encoded_size:
            raise wrong(self._path, "frame size", self._encoded_size, packets.size)
        if self._extradata is not None and packets.extradata != self._extradata:
            raise wrong(
                self._path,
                "extradata (the plan was made with another ffmpeg build or GPU)",
                self._extradata,
                packets.extradata,
            )
        return Segment(
            self._path,
            self._n_frames,
            packets.extradata,
            self._size,
            packets,
            self._first_pixels,
        )
