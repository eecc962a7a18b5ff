"""An animator with colours, text and transparency, and readers of every kind of movie.

Not a test file: tests and their scripts import it. The readers share no code with the package.
"""

import io
import os
import time
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
from matplotlib.figure import Figure
from PIL import Image, ImageSequence

from parallel_animate import Animator

PICTURES = (".gif", ".webp", ".apng")


class Shapes(Animator):
    """A moving line, a patch that is half transparent, and the number of the frame."""

    def setup(self) -> Figure:
        figure = Figure(figsize=(2, 1.2), dpi=100, facecolor="lightyellow")
        self.axes = figure.add_axes((0.15, 0.2, 0.8, 0.7))
        self.axes.set(xlim=(0, 1), ylim=(-1, 1))
        self.axes.axhspan(-0.9, -0.3, color="tab:green")
        self.axes.axhspan(0.4, 0.9, color="tab:red", alpha=0.5)
        (self.line,) = self.axes.plot([], [], lw=4)
        self.text = self.axes.set_title("", size=7)
        return figure

    def update(self, frame_idx: int, params: Any) -> None:
        x = np.linspace(0, 1, 50)
        self.line.set_data(x, 0.7 * np.sin(6 * x + params))
        self.text.set_text(f"frame {frame_idx}")


class SlowShapes(Shapes):
    """Takes its time, so that a render can be killed."""

    def update(self, frame_idx: int, params: Any) -> None:
        time.sleep(float(os.environ.get("SECONDS_PER_FRAME", "0")))
        super().update(frame_idx, params)


def drawn_by_matplotlib(params: list[float], transparent: bool) -> np.ndarray:
    """Return the frames of Shapes as matplotlib's savefig draws them, (n, height, width, 4)."""
    frames = []
    for number, param in enumerate(params):
        shapes = Shapes()
        figure = shapes.setup()
        shapes.update(number, param)
        file = io.BytesIO()
        figure.savefig(file, format="png", dpi=100, transparent=transparent)
        frames.append(np.asarray(Image.open(file).convert("RGBA")))
    return np.array(frames)


def read_rgba(path: Path) -> np.ndarray:
    """Decode all frames with Pillow or PyAV, (n, height, width, 4) uint8."""
    if path.suffix in PICTURES:
        with Image.open(path) as image:
            frames = [frame.convert("RGBA") for frame in ImageSequence.Iterator(image)]
        return np.array([np.asarray(frame) for frame in frames])
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        if stream.metadata.get("alpha_mode") == "1":
            # ffmpeg's own decoder of VP9 drops alpha.
            decoder = av.CodecContext.create("libvpx-vp9", "r")
            decoded = [
                frame for packet in container.demux(stream) for frame in decoder.decode(packet)
            ]
        else:
            decoded = list(container.decode(stream))
    # By several threads, swscale converts eight pixels beside the seam to chance values.
    return np.array([frame.reformat(format="rgba", threads=1).to_ndarray() for frame in decoded])


def read_starts(path: Path) -> list[Fraction]:
    """Return the time at which each frame begins, and the end of the last one, in seconds."""
    if path.suffix in PICTURES:
        starts = [Fraction(0)]
        with Image.open(path) as image:
            for frame in ImageSequence.Iterator(image):
                frame.load()
                milliseconds = Fraction(frame.info["duration"]).limit_denominator(1001)
                starts.append(starts[-1] + milliseconds / 1000)
        return starts
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        base = stream.time_base
        starts = sorted(p.pts * base for p in container.demux(stream) if p.size)
        end = (
            Fraction(container.duration, av.time_base)
            if stream.duration is None
            else (stream.duration * base)
        )
    return [*starts, end]
