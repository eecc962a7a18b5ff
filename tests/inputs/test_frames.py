"""Frames are numbered, sorted and grouped without keeping them in memory."""

import itertools
import math
import random
from itertools import pairwise

import pytest

from parallel_animate import FrameError, IndexedFrameParams
from parallel_animate.inputs.frame_stream import group_chunks, number_frames, sort_frames
from parallel_animate.inputs.frames import Frame, count_frames, default_chunk_size
from parallel_animate.pipeline.chunk_size import auto_chunk_size


def test_frames_are_numbered_by_position_or_id() -> None:
    items = ["a", IndexedFrameParams(7, "b"), "c"]
    assert [(f.id, f.params) for f in number_frames(items)] == [(0, "a"), (7, "b"), (2, "c")]


@pytest.mark.parametrize("count", [0, 1, 9, 200])
def test_frames_in_any_order_are_sorted(count: int) -> None:
    frames = [Frame.of(i, {"value": i}) for i in range(count)]
    shuffled = frames.copy()
    random.Random(count).shuffle(shuffled)
    assert list(sort_frames(shuffled)) == frames


def test_frames_in_order_are_passed_on_at_once() -> None:
    endless = sort_frames(Frame.of(i, None) for i in itertools.count())
    assert [frame.id for frame in itertools.islice(endless, 5)] == [0, 1, 2, 3, 4]
    endless.close()


def test_swapped_frames_are_passed_on_as_soon_as_possible() -> None:
    swapped = (Frame.of(i ^ 1, i) for i in itertools.count())
    frames = sort_frames(swapped)
    assert [frame.id for frame in itertools.islice(frames, 100)] == list(range(100))
    frames.close()


@pytest.mark.parametrize("ids", [[0, 0], [3, 3], [1, 0, 1], [0, 1, 2, 1]])
def test_a_repeated_id_is_an_error(ids: list[int]) -> None:
    with pytest.raises(FrameError, match="is used twice"):
        list(sort_frames(Frame.of(i, None) for i in ids))


@pytest.mark.parametrize("count", [0, 1, 4, 5, 6, 16])
def test_chunks_contain_every_frame_once(count: int) -> None:
    frames = [Frame.of(i, None) for i in range(count)]
    chunks = list(group_chunks(frames, 5))
    assert [frame for chunk in chunks for frame in chunk.frames] == frames
    assert all(len(chunk.frames) == 5 for chunk in chunks[:-1])
    assert all(chunk.start < chunk.stop for chunk in chunks)


@pytest.mark.parametrize(
    ("n_frames", "size"),
    [
        *[(None, 50), (1, 25), (25, 25), (26, 13), (40, 20), (60, 30), (80, 20), (120, 30)],
        *[(199, 25), (200, 25), (201, 32), (300, 40), (400, 50), (401, 64), (512, 64)],
        *[(513, 40), (640, 40), (800, 50), (1000, 64), (1024, 64), (1025, 40), (1280, 40)],
        *[(1281, 50), (3200, 100), (8000, 250), (10**6, 250)],
    ],
)
def test_the_default_chunk_size_depends_only_on_the_frames(n_frames: int | None, size: int) -> None:
    assert default_chunk_size(n_frames) == size


@pytest.mark.parametrize("n_frames", range(26, 200))
def test_the_chunks_of_short_movies_can_be_shared_by_two_workers(n_frames: int) -> None:
    size = default_chunk_size(n_frames)
    n_chunks = math.ceil(n_frames / size)
    assert n_chunks % 2 == 0
    assert 13 <= size <= 38
    assert n_frames - (n_chunks - 1) * size >= 2 / 3 * size


def test_longer_movies_have_few_chunks_and_keep_their_size_while_they_grow() -> None:
    sizes = [default_chunk_size(n_frames) for n_frames in range(200, 8001)]
    for n_frames, size in enumerate(sizes, 200):
        n_chunks = math.ceil(n_frames / size)
        most = 8 if n_frames <= 512 else 16 if n_frames <= 1024 else 32
        assert 0.75 * most < n_chunks <= most
    changes = [n for n, (size, longer) in enumerate(pairwise(sizes), 200) if size != longer]
    assert all(later >= 1.24 * earlier for earlier, later in pairwise(changes))


def test_counts_are_known_without_iterating() -> None:
    assert count_frames(range(10), None) == 10
    assert count_frames(range(10), 3) == 3
    assert count_frames(range(2), 3) == 2
    assert count_frames(iter(range(10)), 3) == 3
    assert count_frames(iter(range(10)), None) is None


@pytest.mark.parametrize(
    ("n_frames", "seconds", "size"),
    [
        (100_000, 0.02, 1000),  # jobs of 20 s
        (1_000_000, 0.001, 20_000),
        (240, 0.1, 75),  # at least 4 chunks, though 20 s would be longer
        (10_000, 20.0, 30),  # at most 10 minutes
        (100, 500.0, 5),
        (None, 0.1, 200),
    ],
)
def test_jobs_have_a_sensible_length(n_frames: int | None, seconds: float, size: int) -> None:
    assert auto_chunk_size(n_frames, seconds) == size


@pytest.mark.parametrize(
    ("n_frames", "seconds", "size"),
    [
        (1_000_000, 0.1, 3000),  # 5 minutes a chunk
        (1_000_000, 1.0, 500),
        (1_000_000, 10.0, 60),  # the longest: 10 minutes
        (2000, 0.1, 500),  # 4 chunks all the same
        (None, 0.1, 3000),
    ],
)
def test_on_a_cluster_a_chunk_aims_at_minutes(
    n_frames: int | None, seconds: float, size: int
) -> None:
    assert auto_chunk_size(n_frames, seconds, job_seconds=300) == size
