"""A join is exact, or an error that names the file and keeps the older movie."""

import shutil
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from movies import read_frames, read_times

from parallel_animate import SegmentError
from parallel_animate.encode.concat import SegmentFile, concat_segments, format_concat_list
from parallel_animate.encode.encoders import Encoder, choose_encoder
from parallel_animate.encode.seal import check_seal
from parallel_animate.encode.segment import SegmentWriter
from parallel_animate.frame_rate import TimeGrid
from parallel_animate.settings import VideoSettings, video_settings

COUNTS = (3, 1, 4)


@pytest.fixture(scope="module")
def encoder() -> Encoder:
    return choose_encoder(video_settings(fps=30, video_mode="cpu"))


def write_segment(
    path: Path, encoder: Encoder, n_frames: int, size: tuple[int, int] = (64, 48), **options: Any
) -> SegmentFile:
    settings = video_settings(**{"fps": 30, "video_mode": "cpu", **options})
    shade = np.random.default_rng(len(path.name) * n_frames)
    with SegmentWriter(path, encoder, settings) as writer:
        for _ in range(n_frames):
            writer.write(shade.integers(0, 255, (size[1], size[0], 4), np.uint8))
        writer.finish()
    return SegmentFile(path, n_frames)


@pytest.fixture
def segments(tmp_path: Path, encoder: Encoder) -> list[SegmentFile]:
    return [
        write_segment(tmp_path / f"segment {i} 'quoted'.mp4", encoder, count)
        for i, count in enumerate(COUNTS)
    ]


def settings_at(fps: object) -> VideoSettings:
    return video_settings(fps=fps, video_mode="cpu")


def test_decoded_frames_are_those_of_the_segments(
    tmp_path: Path, encoder: Encoder, segments: list[SegmentFile]
) -> None:
    movie = tmp_path / "movie.mp4"
    concat_segments(segments, movie, settings_at(30), encoder.ffmpeg)
    expected = [frame for segment in segments for frame in read_frames(segment.path)]
    found = list(read_frames(movie))
    assert len(found) == sum(COUNTS)
    assert all(np.array_equal(a, b) for a, b in zip(found, expected, strict=True))
    assert read_times(movie)[0] == [Fraction(i, 30) for i in range(sum(COUNTS))]
    head = movie.read_bytes()
    assert head.index(b"moov") < head.index(b"mdat"), "playable before it is loaded"


FAULTS = [
    "missing",
    "empty",
    "garbage",
    "truncated early",
    "truncated late",
    "one short",
    "one long",
    "preset",
    "size",
    "fps",
    "swapped",
    "one bit",
]


@pytest.mark.parametrize("fault", FAULTS)
def test_every_fault_names_the_file_and_keeps_the_older_movie(
    tmp_path: Path, encoder: Encoder, segments: list[SegmentFile], fault: str
) -> None:
    bad = segments[1].path
    data = bad.read_bytes()
    bad.unlink()
    if fault == "empty":
        bad.touch()
    elif fault == "garbage":
        bad.write_bytes(b"\0" * len(data))
    elif fault == "truncated early":
        bad.write_bytes(data[: len(data) // 3])
    elif fault == "truncated late":
        bad.write_bytes(data[:-1])
    elif fault == "one short":
        segments[1] = SegmentFile(bad, 2)
        write_segment(bad, encoder, 1)
    elif fault == "one long":
        write_segment(bad, encoder, 2)
    elif fault == "preset":
        slow = Encoder(encoder.name, encoder.ffmpeg, encoder.build, "slow")
        write_segment(bad, slow, 1)
    elif fault == "size":
        write_segment(bad, encoder, 1, size=(66, 48))
    elif fault == "fps":
        write_segment(bad, encoder, 1, fps=25)
    elif fault == "swapped":
        twin = tmp_path / "twin.mp4"
        write_segment(twin, encoder, 1)
        twin.rename(bad)
    elif fault == "one bit":
        flipped = bytearray(data)
        flipped[len(data) // 2] ^= 1
        bad.write_bytes(flipped)
    movie = tmp_path / "movie.mp4"
    movie.write_bytes(b"older")
    before = set(tmp_path.iterdir())
    with pytest.raises(SegmentError, match="segment 1") as caught:
        concat_segments(segments, movie, settings_at(30), encoder.ffmpeg)
    assert caught.value.path == str(bad)
    assert caught.value.expected
    assert caught.value.found
    assert movie.read_bytes() == b"older"
    assert set(tmp_path.iterdir()) == before


def test_a_segment_truncated_at_any_byte_is_found(
    tmp_path: Path, encoder: Encoder, segments: list[SegmentFile]
) -> None:
    path = segments[0].path
    data = path.read_bytes()
    for length in range(0, len(data), 97):
        path.write_bytes(data[:length])
        with pytest.raises(SegmentError, match="segment 0"):
            check_seal(path)
    path.write_bytes(data)
    check_seal(path)


def test_extradata_different_from_the_plans_is_an_error(
    tmp_path: Path, encoder: Encoder, segments: list[SegmentFile]
) -> None:
    with pytest.raises(SegmentError, match="extradata"):
        concat_segments(
            segments, tmp_path / "m.mp4", settings_at(30), encoder.ffmpeg, extradata="1, 0x2"
        )


def test_durations_of_the_list_never_drift() -> None:
    fps = Fraction(30000, 1001)
    segments = [SegmentFile(Path(f"/s/{i}.mp4"), 1 + i % 4) for i in range(2000)]
    text = format_concat_list(segments, TimeGrid(fps))
    durations = [Fraction(line[9:]) for line in text.splitlines() if line.startswith("duration")]
    total = sum(segment.n_frames for segment in segments)
    assert abs(sum(durations) - total / fps) < Fraction(1, 10**6)


@pytest.mark.slow
@pytest.mark.parametrize("fps", ["30000/1001", 60, 7])
def test_many_tiny_segments_are_exact(tmp_path: Path, encoder: Encoder, fps: Any) -> None:
    """With these counts, durations would drift if they were rounded one by one."""
    folders = [tmp_path / str(n) for n in range(75)]
    templates = tmp_path / "templates"
    templates.mkdir()
    for n in (1, 2, 3, 4):
        write_segment(templates / f"{n}.mp4", encoder, n, fps=fps)
    segments = []
    for folder in folders:
        shutil.copytree(templates, folder)
        segments += [SegmentFile(folder / f"{n}.mp4", n) for n in (2, 3, 4, 1)]
    concat_segments(segments, tmp_path / "movie.mp4", settings_at(fps), encoder.ffmpeg)
    count = sum(segment.n_frames for segment in segments)
    assert read_times(tmp_path / "movie.mp4")[0] == [i / Fraction(fps) for i in range(count)]
