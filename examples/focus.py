"""A stack of images, coloured by NumPy alone: a slice of a head comes into focus.

The slice is `s1045.ima.gz`, which ships with matplotlib. Your own stack may be a TIFF file of a
microscope that `tifffile.memmap` opens.
"""

import gzip
from functools import cache
from typing import Any

import numpy as np
from matplotlib import cbook, colormaps
from numpy.typing import NDArray

from parallel_animate import PixelAnimator

SIZE, N_IMAGES = 256, 90


@cache
def stack() -> NDArray[np.float32]:
    """The images, (number, height, width): a head seen through a lens that is turned."""
    path = cbook.get_sample_data("s1045.ima.gz", asfileobj=False)
    with gzip.open(path) as file:
        head = np.frombuffer(file.read(), np.uint16).reshape(SIZE, SIZE)
    frequencies = np.fft.fftfreq(SIZE)
    radius = np.hypot(frequencies, frequencies[:, None])
    blurs = 12 * np.abs(np.linspace(1, -0.25, N_IMAGES))[:, None, None]
    spectra = np.fft.fft2(head.astype(float)) * np.exp(-2 * (np.pi * blurs * radius) ** 2)
    return np.fft.ifft2(spectra).real.astype(np.float32)


@cache
def colours() -> tuple[float, float, NDArray[np.uint8]]:
    """The limits, the same for all images, and 256 colours."""
    low, high = np.percentile(stack(), [1, 99.8])
    return low, high, colormaps["inferno"](np.arange(256), bytes=True)[:, :3]


class Focus(PixelAnimator):
    def update(self, frame_idx: int, params: int) -> Any:
        low, high, table = colours()
        share = np.clip((stack()[params] - low) / (high - low), 0, 1)
        return table[np.rint(255 * share).astype(np.uint8)].repeat(2, axis=0).repeat(2, axis=1)


def frames() -> range:
    return range(N_IMAGES)


if __name__ == "__main__":
    Focus().make_video("focus.mp4", frames(), fps=20)
