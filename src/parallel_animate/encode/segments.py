"""Write the same frames to the segments of several files: they are drawn once for all of them."""

import contextlib
import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray

from parallel_animate.encode.encoders import Encoder
from parallel_animate.encode.segment import Segment, SegmentWriter
from parallel_animate.errors import AnimateError
from parallel_animate.settings import VideoSettings

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class SegmentTarget:
    """A segment to write, and how it is encoded.

    Parameters
    ----------
    path : Path
        The segment; its folder must exist.
    settings : VideoSettings
        The settings of its movie.
    encoder : Encoder
        The encoder of its movie.
    extradata : str, optional
        The extradata of its movie's segments; None if it is not known yet.
    is_optional : bool
        True if it is only written along with others: if that fails, a warning is logged, and the
        others are finished.
    """

    path: Path
    settings: VideoSettings
    encoder: Encoder
    extradata: str | None = None
    is_optional: bool = False


class SegmentWriters:
    """Encode frames into one or more segments; each of them is complete or missing.

    Use it in a ``with`` block, as `SegmentWriter`.

    Parameters
    ----------
    targets : sequence of SegmentTarget
        The segments, at least one.
    size : tuple of (int, int), optional
        As for `SegmentWriter`.
    """

    def __init__(
        self, targets: Sequence[SegmentTarget], size: tuple[int, int] | None = None
    ) -> None:
        self._writers = {
            target: SegmentWriter(
                target.path, target.encoder, target.settings, target.extradata, size
            )
            for target in targets
        }
        self._first = self._writers[targets[0]]
        self._stack = contextlib.ExitStack()

    def __enter__(self) -> Self:
        for writer in self._writers.values():
            self._stack.enter_context(writer)
        return self

    def __exit__(self, *error: object) -> None:
        self._stack.close()

    @property
    def size(self) -> tuple[int, int] | None:
        """Width and height that all frames must have; None if they are not known yet."""
        return self._first.size

    @property
    def only_wait_at_the_end(self) -> bool:
        """Whether `finish` waits for programs, which a thread may do as well.

        parallel-video-io starts its program at the end, by a fork that runs Python in the child. In
        a process with threads that may never end (subprocess.Popen, preexec_fn).
        """
        return all(target.settings.backend == "ffmpeg" for target in self._writers)

    def write(self, frame: NDArray[np.uint8]) -> None:
        """Append a frame to all segments, as `SegmentWriter.write`."""
        for target, writer in list(self._writers.items()):
            with self._dropped_if_optional(target):
                writer.write(frame)

    def finish(self) -> tuple[Segment, ...]:
        """Close, verify and name the segments; raises as `SegmentWriter.finish`.

        The first one gets its name last: if this process is killed before, all are written again.
        """
        finished: dict[SegmentTarget, Segment] = {}
        for target, writer in reversed(list(self._writers.items())):
            with self._dropped_if_optional(target):
                finished[target] = writer.finish()
        return tuple(reversed(finished.values()))

    @contextlib.contextmanager
    def _dropped_if_optional(self, target: SegmentTarget) -> Iterator[None]:
        try:
            yield
        except (AnimateError, OSError) as error:
            if not target.is_optional:
                raise
            writer = self._writers.pop(target)
            writer.__exit__()
            logger.warning(
                "%s could not be encoded while its frames were drawn for another file: %s. The "
                "join or the next run renders it.",
                *(target.path, error),
            )
