"""Segments that are finished while the next ones are drawn."""

import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import psutil
import pytest
from movies import Numbers, read_numbers

from parallel_animate import FFmpegError, RenderError
from parallel_animate.encode.encoders import choose_encoder
from parallel_animate.encode.finisher import Finisher
from parallel_animate.encode.mp4 import read_sample_tables
from parallel_animate.encode.segments import SegmentTarget, SegmentWriters
from parallel_animate.settings import video_settings

Leftovers = Callable[[], list[str]]

SETTINGS = video_settings(fps=25, video_mode="cpu")


def target(path: Path, program: str = "") -> SegmentTarget:
    """Return a segment; the program stands before its ffmpeg, and reads all frames."""
    encoder = choose_encoder(SETTINGS)
    if program:
        script = path.with_suffix(".sh")
        script.write_text(f"#!/bin/sh\n{program.format(ffmpeg=encoder.ffmpeg)}\n")
        script.chmod(0o755)
        encoder = replace(encoder, ffmpeg=str(script))
    return SegmentTarget(path, SETTINGS, encoder)


def write(finisher: Finisher, segment: SegmentTarget, n_frames: int = 30) -> None:
    with finisher.finishing(SegmentWriters([segment])) as writers:
        for number in range(n_frames):
            writers.write(np.full((100, 200, 4), number, np.uint8))


def left_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if path.suffix not in (".sh", ""))


def test_segments_are_finished_in_their_order(tmp_path: Path) -> None:
    with Finisher() as finisher:
        for number in range(3):
            write(finisher, target(tmp_path / f"{number}.mp4"), n_frames=5 + number)
        segments = finisher.drain()
    assert [segment.path.name for segment in segments] == ["0.mp4", "1.mp4", "2.mp4"]
    assert left_in(tmp_path) == ["0.mp4", "1.mp4", "2.mp4"]
    for number, segment in enumerate(segments):
        assert segment.n_frames == len(read_sample_tables(segment.path).sizes) == 5 + number


def test_frames_are_written_while_a_slow_encoder_ends(tmp_path: Path) -> None:
    # It ends only after the first frame of the next segment was written.
    wait = f"until [ -e {tmp_path}/written ]; do sleep 0.05; done"
    slow = target(tmp_path / "slow.mp4", f'{{ffmpeg}} "$@" && {wait}')
    with Finisher() as finisher:
        write(finisher, slow)
        with finisher.finishing(SegmentWriters([target(tmp_path / "next.mp4")])) as writers:
            writers.write(np.zeros((100, 200, 4), np.uint8))
            assert not slow.path.exists()
            (tmp_path / "written").touch()
        finisher.drain()
    assert left_in(tmp_path) == ["next.mp4", "slow.mp4"]


def test_an_encoder_that_fails_at_its_end_ends_the_next_segment(tmp_path: Path) -> None:
    broken = target(tmp_path / "broken.mp4", "cat > /dev/null; echo no disk >&2; exit 3")

    def write_two() -> None:
        with Finisher() as finisher:
            write(finisher, broken)
            write(finisher, target(tmp_path / "next.mp4"))

    with pytest.raises(FFmpegError, match="no disk"):
        write_two()
    assert left_in(tmp_path) == []


def test_a_signal_kills_an_encoder_that_does_not_end(tmp_path: Path) -> None:
    hangs = target(tmp_path / "hangs.mp4", "cat > /dev/null; exec sleep 600")
    others = psutil.Process().children()
    programs: list[psutil.Process] = []

    def write_and_fail() -> None:
        with Finisher() as finisher:
            write(finisher, hangs)
            programs.extend(set(psutil.Process().children()) - set(others))
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_and_fail()
    (program,) = programs
    assert not program.is_running()
    assert left_in(tmp_path) == []
    assert not [thread for thread in threading.enumerate() if "finisher" in thread.name]


class Failing(Numbers):
    def __init__(self, frame_id: int) -> None:
        super().__init__()
        self.frame_id = frame_id

    def update(self, frame_idx: int, params: int) -> None:
        super().update(frame_idx, params)
        if frame_idx == self.frame_id:
            raise ZeroDivisionError("no such frame")


@pytest.mark.parametrize("frame_id", [5, 10, 12])
def test_an_error_leaves_every_chunk_whose_frames_were_all_drawn(
    tmp_path: Path, no_leftovers: Leftovers, frame_id: int
) -> None:
    with pytest.raises(RenderError, match=f"frame {frame_id} failed"):
        Failing(frame_id).make_video(
            tmp_path / "a.mp4", range(20), 25, num_workers=1, chunk_size=5, work_dir=tmp_path / "w"
        )
    assert list(tmp_path.rglob("*.tmp")) == []
    segments = sorted(tmp_path.rglob("*.mp4"), key=lambda path: int(path.name.partition("-")[0]))
    assert len(segments) == frame_id // 5
    for first, segment in zip(range(0, 20, 5), segments, strict=False):
        assert read_numbers(segment) == [(i, i) for i in range(first, first + 5)]
    assert no_leftovers() == []
