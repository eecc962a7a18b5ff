"""Animators for tests, and a reader of movies that shares no code with the package.

Not a test file: tests, workers and scripts of tests import it.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import av
import numpy as np
from matplotlib.figure import Figure

from parallel_animate import Animator

BITS = 20


class Numbers(Animator):
    """Paints its frame id, and the params, as black and white stripes that survive encoding."""

    def __init__(self, figsize: tuple[float, float] = (1.6, 0.8), dpi: float = 100) -> None:
        self.figsize = figsize
        self.dpi = dpi

    def setup(self) -> Figure:
        figure = Figure(figsize=self.figsize, dpi=self.dpi)
        axes = figure.add_axes((0, 0, 1, 1))
        axes.set_axis_off()
        self.image = axes.imshow(
            np.zeros((2, BITS)), cmap="gray", vmin=0, vmax=1, aspect="auto", interpolation="nearest"
        )
        return figure

    def update(self, frame_idx: int, params: Any) -> None:
        self.image.set_data([to_bits(frame_idx), to_bits(int(params))])


def to_bits(number: int) -> list[int]:
    return [number >> bit & 1 for bit in range(BITS)]


def read_numbers(path: Path) -> list[tuple[int, int]]:
    """Decode the frame id and the params of every frame of a movie of Numbers."""
    return [decode_numbers(frame) for frame in read_frames(path)]


def decode_numbers(frame: np.ndarray) -> tuple[int, int]:
    """Return the frame id and the params shown in a frame of Numbers."""
    height, width = frame.shape[:2]
    columns = ((np.arange(BITS) + 0.5) * width / BITS).astype(int)
    ids, params = (frame[int(height * y), columns, 1] > 127 for y in (0.25, 0.75))
    return tuple(int(sum(int(bit) << n for n, bit in enumerate(bits))) for bits in (ids, params))


def read_frames(path: Path) -> Iterator[np.ndarray]:
    """Yield the frames of a movie as (height, width, 3) uint8 RGB, converted as they are tagged."""
    with av.open(str(path)) as container:
        for frame in container.decode(video=0):
            yield frame.to_ndarray(format="rgb24")


def read_times(path: Path) -> tuple[list[Any], Any, Any]:
    """Return every packet's presentation time in seconds as a Fraction, average rate, duration."""
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        base = stream.time_base
        times = sorted(packet.pts * base for packet in container.demux(stream) if packet.size)
        return times, stream.average_rate, stream.duration * base


class Recorder(Animator):
    """Draws text and random numbers: the bytes show any effect of order or seeds."""

    def setup(self) -> Figure:
        figure = Figure(figsize=(3, 2), layout="constrained")
        self.axes = figure.subplots()
        (self.line,) = self.axes.plot(np.random.rand(20))
        return figure

    def update(self, frame_idx: int, params: Any) -> None:
        self.line.set_ydata(np.random.rand(20))
        self.axes.set_title(f"frame {frame_idx}: {params}")
        self.axes.set_ylabel("y" * (frame_idx % 7))
