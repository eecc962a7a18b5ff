"""Finish segments beside the drawing of the next ones.

An encoder holds back some frames to look ahead. After the last frame of a segment, it encodes those
and closes its file, in which time a process that only waits would have drawn several frames.
"""

import contextlib
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Self

from parallel_animate.encode.segment import Segment
from parallel_animate.encode.segments import SegmentWriters


class Finisher:
    """Finishes the segments of one chunk at a time, in a thread.

    Use it in a ``with`` block. After an error in the block, segments whose frames were all written
    are still finished. ``^C`` and other signals kill the encoder.
    """

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="finisher")
        self._running: tuple[SegmentWriters, Future[tuple[Segment, ...]]] | None = None
        self._finished: list[Segment] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if self._running is not None:
            writers, future = self._running
            if kind is not None and not issubclass(kind, Exception):
                # The programs end, so the thread gets an error.
                writers.__exit__()
            # The error that is raised has come first.
            future.exception()
            writers.__exit__()
        self._thread.shutdown()

    @contextlib.contextmanager
    def finishing(self, writers: SegmentWriters) -> Iterator[SegmentWriters]:
        """Write segments within the block; after it, the thread finishes them, if it can.

        Raises
        ------
        FFmpegError, SegmentError
            If the segments before could not be finished; see `SegmentWriter.finish`.
        """
        with contextlib.ExitStack() as until_handed_over:
            until_handed_over.enter_context(writers)
            yield writers
            self._wait()
            if not writers.only_wait_at_the_end:
                self._finished += writers.finish()
                return
            until_handed_over.pop_all()
            self._running = (writers, self._thread.submit(writers.finish))

    def drain(self) -> Sequence[Segment]:
        """Wait for all segments and return them in their order; raises as `finishing`."""
        self._wait()
        return self._finished

    def _wait(self) -> None:
        if self._running is None:
            return
        writers, future = self._running
        self._finished += future.result()
        self._running = None
        writers.__exit__()
