"""Find out whether an ffmpeg program converts colours as `yuv_frames` does, bit for bit."""

import functools
import hashlib
import logging

from parallel_animate.encode.ffmpeg import colour_filter, run
from parallel_animate.errors import FFmpegError
from parallel_animate.subprocesses import ANSWER_SECONDS

logger = logging.getLogger(__name__)

YUV420P = "yuv420p"
# A width that is no multiple of a vector register's.
SIZE = (202, 122)


def conversion_command(ffmpeg: str) -> list[str]:
    """Return the command that converts a picture of noise and prints a digest of the result."""
    noise = "r='mod(7*X+29*Y,256)':g='mod(X*X+3*Y,256)':b='mod(X*Y+5*X,256)'"
    return [
        *(ffmpeg, "-hide_banner", "-nostdin", "-v", "error", "-xerror", "-f", "lavfi"),
        *("-i", f"nullsrc=size={SIZE[0]}x{SIZE[1]},format=gbrp,geq={noise}", "-frames:v", "1"),
        *("-vf", f"format=rgb0,{colour_filter(YUV420P)}", "-f", "md5", "-"),
    ]


@functools.cache
def converts_alike(ffmpeg: str) -> bool:
    """Return whether an ffmpeg program converts to the same bytes as `yuv_frames`."""
    try:
        answer = run(conversion_command(ffmpeg), ANSWER_SECONDS).stdout
    except FFmpegError as error:
        logger.debug("ffmpeg converts all frames, since it cannot be compared: %s", error)
        return False
    return answer.strip() == f"MD5={_digest_here()}"


def _digest_here() -> str:
    """Return the digest of the same picture as this package converts it."""
    # Commands that only read a plan import this module, and need no NumPy.
    import numpy as np

    from parallel_animate.encode.yuv_frames import YuvFrames

    x, y = np.meshgrid(*map(np.arange, SIZE))
    noise = np.stack([7 * x + 29 * y, x * x + 3 * y, x * y + 5 * x, 0 * x], axis=-1)
    picture = YuvFrames(SIZE).convert((noise % 256).astype(np.uint8))
    return hashlib.md5(picture, usedforsecurity=False).hexdigest()
