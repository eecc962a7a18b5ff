"""Video frames that are read out of order: each one comes with its number."""

import importlib.util
from tempfile import NamedTemporaryFile
from typing import Any

import imageio_ffmpeg
import numpy as np
from matplotlib.cbook import get_sample_data
from matplotlib.figure import Figure
from matplotlib.image import imread

from parallel_animate import Animator, IndexedFrameParams

ORDER = [*range(0, 120, 2), *range(1, 120, 2)]  # in which the frames are read
WIDTH, HEIGHT = 512, 352


def record(video: str) -> None:
    """Write a video: a camera moves down a photograph that ships with matplotlib."""
    photo = imread(get_sample_data("grace_hopper.jpg", asfileobj=False))
    writer = imageio_ffmpeg.write_frames(video, (WIDTH, HEIGHT))
    writer.send(None)
    for top in range(0, 2 * len(ORDER), 2):
        writer.send(photo[top : top + HEIGHT])
    writer.close()


def read(video: str) -> Any:
    """Read the video with parallel-video-io if it is installed, else with imageio-ffmpeg."""
    if importlib.util.find_spec("pvio"):
        return importlib.import_module("pvio").read_frames_from_video(video, ORDER)[0]
    _, *frames = imageio_ffmpeg.read_frames(video)
    return [np.frombuffer(frames[i], np.uint8).reshape(HEIGHT, WIDTH, 3) for i in ORDER]


def frames() -> Any:
    with NamedTemporaryFile(suffix=".mp4") as video:
        record(video.name)
        return map(IndexedFrameParams, ORDER, read(video.name))


class Shuffled(Animator):
    def setup(self) -> Figure:
        figure = Figure(figsize=(6.4, 5.5), dpi=100)
        axes = figure.add_axes((0, 0.2, 1, 0.8), xticks=[], yticks=[])
        self.image = axes.imshow(np.zeros((HEIGHT, WIDTH, 3), np.uint8), aspect="auto")
        order = figure.add_axes((0.1, 0.09, 0.87, 0.09), xlabel="plays as frame", ylabel="read as")
        order.plot(ORDER, range(len(ORDER)), ".", color="0.8", markersize=2)
        (self.point,) = order.plot([], [], "o", color="#D55E00", clip_on=False)
        return figure

    def update(self, frame_idx: int, params: Any) -> None:
        self.image.set_data(params)
        self.point.set_data([frame_idx], [ORDER.index(frame_idx)])


if __name__ == "__main__":
    Shuffled().make_video("shuffled.mp4", frames(), fps=25)
