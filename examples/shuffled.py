"""Video frames that come in another order than they play: each says which frame it is.

Readers with several processes return frames as they are ready. Here the even frames are read first,
then the odd ones, and all find their place. The video is a camera's way over `grace_hopper.jpg`, a
photograph of the US Navy that ships with matplotlib. It is read by parallel-video-io where that is
installed, and else by imageio-ffmpeg.
"""

from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import imageio_ffmpeg
import numpy as np
from matplotlib import cbook
from matplotlib.figure import Figure
from PIL import Image

from parallel_animate import Animator, IndexedFrameParams

N_FRAMES, WIDTH, HEIGHT = 120, 320, 240


def record(video: Path) -> None:
    """Write the video: parts of the photograph along a path."""
    photo = Image.open(cbook.get_sample_data("grace_hopper.jpg", asfileobj=False))
    writer = imageio_ffmpeg.write_frames(str(video), (WIDTH, HEIGHT), fps=25)
    writer.send(None)
    for turn in 2 * np.pi * np.arange(N_FRAMES) / N_FRAMES:
        x, y = 95 + 95 * np.sin(turn), 180 + 170 * np.sin(2 * turn)
        writer.send(np.asarray(photo.crop((x, y, x + WIDTH, y + HEIGHT))).tobytes())
    writer.close()


def read(video: Path) -> Any:
    """Return the frames of the video, (height, width, 3) uint8 each."""
    if find_spec("pvio"):
        from pvio import read_frames_from_video

        return read_frames_from_video(video)[0]
    _, *frames = imageio_ffmpeg.read_frames(str(video))
    return [np.frombuffer(frame, np.uint8).reshape(HEIGHT, WIDTH, 3) for frame in frames]


def frames() -> Iterator[IndexedFrameParams]:
    """Each frame: its id, and as params when it came and its picture."""
    with TemporaryDirectory() as folder:
        record(Path(folder, "video.mp4"))
        images = read(Path(folder, "video.mp4"))
    for came, number in enumerate([*range(0, N_FRAMES, 2), *range(1, N_FRAMES, 2)]):
        yield IndexedFrameParams(number, (came, images[number]))


class Shuffled(Animator):
    def setup(self) -> Figure:
        figure = Figure(figsize=(6.4, 6.2), dpi=100)
        axes = figure.add_axes((0, 1.4 / 6.2, 1, 4.8 / 6.2))
        axes.set_axis_off()
        self.image = axes.imshow(np.zeros((HEIGHT, WIDTH, 3), np.uint8), aspect="auto")
        order = figure.add_axes((0.1, 0.09, 0.87, 0.11), xlim=(0, N_FRAMES), ylim=(0, N_FRAMES))
        order.set(xlabel="plays as frame", ylabel="came as", yticks=(0, N_FRAMES))
        (self.point,) = order.plot([], [], "o", color="#D55E00")
        return figure

    def update(self, frame_idx: int, params: Any) -> None:
        came, image = params
        self.image.set_data(image)
        self.point.set_data([frame_idx], [came])


if __name__ == "__main__":
    Shuffled().make_video("shuffled.mp4", frames(), fps=25, n_frames=N_FRAMES)
