"""Convert frames to yuv420p before they are sent to ffmpeg, and only where pixels have changed.

A frame of an animation mostly differs from the one before in a few pixels. ffmpeg would read and
convert all of them. So this process compares the two frames, converts the blocks of 2x2 pixels that
differ, and sends 1.5 bytes per pixel instead of 4. The bytes of a segment are the same either way:
the arithmetic is that of the scale filter (swscale) with the flags of `colour_filter`, bit for
bit; `conversion_test` finds out whether an ffmpeg program has it.
"""

import contextlib
from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray

# ITU-R BT.709, item 3.2: the parts of red, green and blue in luma. Item 4.6: in 8 bits, luma has
# 219 levels above 16, and colour differences have 224 levels around 128.
_LUMA = (0.2126, 0.7152, 0.0722)
_BITS = 15
_ONE = 1 << _BITS


def _weights(row: tuple[float, ...], levels: int) -> tuple[int, ...]:
    """Return the integer weights of red, green and blue."""
    return tuple(round(weight * levels / 255 * _ONE) for weight in row)


def _difference(colour: int) -> tuple[float, ...]:
    """Return the weights of a colour minus luma, which then reaches from -0.5 to 0.5."""
    scale = 2 * (1 - _LUMA[colour])
    return tuple((float(i == colour) - part) / scale for i, part in enumerate(_LUMA))


_Y_WEIGHTS = _weights(_LUMA, 219)
_CHROMA_WEIGHTS = (_weights(_difference(2), 224), _weights(_difference(0), 224))
# swscale first rounds a sample to 6 bits after the point: `_Y_OFFSET` and `_CHROMA_OFFSET` are 16
# and 128, and half of the last bit. Luma is rounded once more, which is one shift with half a level
# added; chroma is the mean of 2x2 rounded samples.
_SAMPLE_SHIFT = _BITS - 6
_HALF_BIT = 1 << (_SAMPLE_SHIFT - 1)
_Y_OFFSET = (16 << _BITS) + _HALF_BIT + (_ONE >> 1)
_CHROMA_OFFSET = (128 << _BITS) + _HALF_BIT
# The sum of four samples with 6 bits after the point.
_SUM_SHIFT = 8
_HALF_SUM = 1 << (_SUM_SHIFT - 1)
# Two pixels of a row, RGBA in memory, and one of them as a number. The byte order is explicit.
_PAIR = np.dtype("<u8")
_PIXEL = np.dtype("<i4")
# The arrays of this many blocks stay in a processor's cache.
_BLOCKS_AT_ONCE = 8192
# If more of the blocks change, ffmpeg converts them with less work (measured: half of 640x480).
_MOST_CHANGED = 0.5
# How much a frame counts in the running mean; and what is left of the mean for each segment that
# ffmpeg has converted, so that after about seven segments the change is measured again.
_NEWEST = 1 / 8
_FORGOTTEN = 0.9
# Where a side has two pixels, swscale takes other weights for chroma (ffmpeg 5 to 9).
_SMALLEST_SIDE = 16


class YuvFrames:
    """Holds one frame in yuv420p, and converts of the next one what differs.

    Parameters
    ----------
    size : tuple of (int, int)
        Width and height in pixels, even.
    """

    def __init__(self, size: tuple[int, int]) -> None:
        width, height = size
        self.size = size
        self._pairs = np.zeros((height, width // 2), _PAIR)
        self._is_empty = True
        self._bytes = np.empty(width * height * 3 // 2, np.uint8)
        self._luma = self._bytes[: width * height].view(np.uint16)
        self._chroma = self._bytes[width * height :].reshape(2, -1)
        #: Mean share of the blocks that have changed in the last frames.
        self.change = 0.0

    def convert(self, frame: NDArray[np.uint8]) -> memoryview:
        """Return the bytes of a frame in yuv420p, which are valid until the next call.

        Parameters
        ----------
        frame : ndarray
            RGBA pixels, (height, width, 4) uint8; alpha is ignored.
        """
        height = self.size[1]
        pairs = np.ascontiguousarray(frame).reshape(height, -1).view(_PAIR)
        differ = pairs != self._pairs
        blocks = differ[::2] | differ[1::2]
        if self._is_empty:
            blocks[:] = True
        changed = np.flatnonzero(blocks)
        if not self._is_empty:
            self.change += _NEWEST * (changed.size / blocks.size - self.change)
        self._is_empty = False
        for start in range(0, changed.size, _BLOCKS_AT_ONCE):
            self._convert_blocks(pairs, changed[start : start + _BLOCKS_AT_ONCE])
        return self._bytes.data

    def _convert_blocks(self, pairs: NDArray[np.uint64], blocks: NDArray[np.intp]) -> None:
        """Convert the blocks with these numbers, which count along the rows of blocks."""
        row = pairs.shape[1]
        upper = blocks + blocks // row * row
        both = np.stack((upper, upper + row))
        found = pairs.reshape(-1)[both]
        self._pairs.reshape(-1)[both] = found
        pixels = found.view(_PIXEL)
        colours = (pixels & 255, pixels >> 8 & 255, pixels >> 16 & 255)
        luma = _weighted(colours, _Y_WEIGHTS, _Y_OFFSET) >> _BITS
        self._luma[both] = luma.astype(np.uint8).view(np.uint16)
        for plane, weights in zip(self._chroma, _CHROMA_WEIGHTS, strict=True):
            samples = _weighted(colours, weights, _CHROMA_OFFSET) >> _SAMPLE_SHIFT
            columns = samples[0] + samples[1]
            plane[blocks] = (columns[::2] + columns[1::2] + _HALF_SUM) >> _SUM_SHIFT


def _weighted(
    colours: tuple[NDArray[np.int32], ...], weights: tuple[int, ...], offset: int
) -> NDArray[np.int32]:
    """Return a weighted sum of red, green and blue, plus an offset."""
    total = colours[0] * weights[0]
    total += colours[1] * weights[1]
    total += colours[2] * weights[2]
    total += offset
    return total


# The frame that this process has converted last. It outlives a segment, since the first frame of
# the next one hardly differs, and a movie that is written to several files converts once. A thread
# that uses it takes it out, so that no two threads share it, and none finds it half converted.
_last: list[YuvFrames] = []


def _take(size: tuple[int, int]) -> YuvFrames:
    """Return the frame that was converted last, if there is one of this size."""
    try:
        frames = _last.pop()
    except IndexError:
        return YuvFrames(size)
    return frames if frames.size == size else YuvFrames(size)


@contextlib.contextmanager
def frames_let_go() -> Iterator[None]:
    """Keep no frame after this block: it has the size of a canvas, 45 MB for 3840x2160 pixels."""
    try:
        yield
    finally:
        _last.clear()


def is_less_work_here(size: tuple[int, int]) -> bool:
    """Return whether this process should convert a segment's frames: few of their pixels change.

    Parameters
    ----------
    size : tuple of (int, int)
        Width and height of the frames in pixels, even.
    """
    if min(size) < _SMALLEST_SIDE:
        return False
    frames = _take(size)
    is_less = frames.change <= _MOST_CHANGED
    if not is_less:
        frames.change *= _FORGOTTEN
    _last[:] = [frames]
    return is_less


def send_converted(frame: NDArray[np.uint8], send: Callable[[memoryview], None]) -> None:
    """Call a function with the bytes of a frame in yuv420p.

    Parameters
    ----------
    frame : ndarray
        RGBA pixels, (height, width, 4) uint8, both even; alpha is ignored.
    send : callable
        Uses the bytes at once; they change with the next frame.
    """
    height, width = frame.shape[:2]
    frames = _take((width, height))
    send(frames.convert(frame))
    _last[:] = [frames]
