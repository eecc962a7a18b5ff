"""How a picture of a head comes out of an MRI scanner: line by line of its Fourier transform.

The data is `s1045.ima.gz`, which ships with matplotlib: a slice of 256 by 256 points.
"""

import gzip
from functools import cache

import numpy as np
from matplotlib import cbook
from matplotlib.figure import Figure
from numpy.typing import NDArray

from parallel_animate import Animator

SIZE = 256


@cache
def spectrum() -> NDArray[np.complex128]:
    """The scanner's measurement, with low frequencies in the middle."""
    path = cbook.get_sample_data("s1045.ima.gz", asfileobj=False)
    with gzip.open(path) as file:
        head = np.frombuffer(file.read(), np.uint16).reshape(SIZE, SIZE)
    return np.fft.fftshift(np.fft.fft2(head.astype(float)))


class Mri(Animator):
    def setup(self) -> Figure:
        figure = Figure(figsize=(8, 4.4), dpi=100, facecolor="black")
        left, right = figure.subplots(1, 2)
        figure.subplots_adjust(0.01, 0.02, 0.99, 0.88, wspace=0.02)
        for axes in (left, right):
            axes.set_axis_off()
        empty = np.zeros((SIZE, SIZE))
        self.measured = left.imshow(empty, cmap="magma", vmin=6, vmax=15)
        self.picture = right.imshow(empty, cmap="gray", vmin=0, vmax=1)
        self.title = left.set_title("", color="white")
        right.set_title("the picture of these", color="white")
        return figure

    def update(self, frame_idx: int, params: int) -> None:
        is_measured = np.abs(np.arange(SIZE) - SIZE / 2 + 0.5) < params
        lines = np.where(is_measured[:, np.newaxis], spectrum(), 0)
        picture = np.abs(np.fft.ifft2(np.fft.ifftshift(lines)))
        self.measured.set_data(np.log(np.abs(lines) + 1))
        self.picture.set_data(picture / np.percentile(picture, 99.5))
        self.title.set_text(f"{is_measured.sum()} of {SIZE} lines measured")


def frames() -> list[int]:
    """For each frame, the number of measured lines on either side of the middle."""
    return [1] * 5 + list(range(1, 41)) + list(range(42, 129, 2)) + [128] * 15


if __name__ == "__main__":
    Mri().make_video("mri.mp4", frames(), fps=15)
