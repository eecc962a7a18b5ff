"""Frames that are converted before they are sent to ffmpeg: the bytes are those of ffmpeg."""

import contextlib
import itertools
import subprocess
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from movies import Numbers
from numpy.typing import NDArray

from parallel_animate.encode import yuv_frames
from parallel_animate.encode.conversion_test import converts_alike
from parallel_animate.encode.encoders import Encoder, choose_encoder
from parallel_animate.encode.ffmpeg import candidates, colour_filter
from parallel_animate.encode.segment import SegmentWriter
from parallel_animate.encode.yuv_frames import (
    YuvFrames,
    frames_let_go,
    is_less_work_here,
    send_converted,
)
from parallel_animate.settings import VideoSettings, video_settings

Pixels = NDArray[np.uint8]
FFMPEG = candidates()[0]


@pytest.fixture(autouse=True)
def nothing_converted(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Begin with no frame from another test."""
    monkeypatch.setattr(yuv_frames, "_last", [])
    converts_alike.cache_clear()
    yield
    converts_alike.cache_clear()


def by_ffmpeg(frames: Sequence[Pixels]) -> list[bytes]:
    """Return the frames as ffmpeg converts them."""
    height, width = frames[0].shape[:2]
    command = [FFMPEG, "-v", "error", "-f", "rawvideo", "-pix_fmt", "rgb0"]
    command += ["-s", f"{width}x{height}", "-i", "-", "-vf", colour_filter("yuv420p")]
    raw = b"".join(frame.tobytes() for frame in frames)
    answer = subprocess.run(
        [*command, "-f", "rawvideo", "-"], input=raw, capture_output=True, check=True
    ).stdout
    size = width * height * 3 // 2
    assert len(answer) == size * len(frames)
    return [answer[start : start + size] for start in range(0, len(answer), size)]


def here(frames: Sequence[Pixels]) -> list[bytes]:
    """Return the frames as this package converts them."""
    height, width = frames[0].shape[:2]
    converted = YuvFrames((width, height))
    return [bytes(converted.convert(frame)) for frame in frames]


def noise(size: tuple[int, int], seed: int = 0) -> Pixels:
    width, height = size
    rng = np.random.default_rng(seed)
    return rng.integers(0, 256, (height, width, 4), dtype=np.uint8)


def changing(size: tuple[int, int]) -> Iterator[Pixels]:
    """Yield frames of which each differs from the one before in other pixels."""
    width, height = size
    rng = np.random.default_rng(1)
    frame = noise(size)
    yield frame
    yield frame.copy()  # nothing changes
    for share in (0.001, 0.01, 0.2, 0.9, 1):
        frame = frame.copy()
        chosen = rng.random((height, width)) < share
        frame[chosen] = rng.integers(0, 256, (int(chosen.sum()), 4))
        yield frame
    for row, column in ((0, 0), (0, width - 1), (height - 1, 0), (height - 1, width - 1)):
        frame = frame.copy()
        frame[row, column, :3] ^= 255  # one pixel, in another corner of its block
        yield frame


@pytest.mark.parametrize("size", [(16, 16), (18, 34), (202, 122), (642, 480)])
def test_each_byte_is_that_of_ffmpeg(size: tuple[int, int]) -> None:
    frames = list(changing(size))
    assert here(frames) == by_ffmpeg(frames)


def test_extreme_colours_are_those_of_ffmpeg() -> None:
    # 17 levels of each colour, and all greys: as whole blocks, and each beside the next one.
    levels = [*range(0, 255, 16), 255]
    colours = np.array([*itertools.product(levels, repeat=3)] + [(g, g, g) for g in range(256)])
    colours = np.column_stack([colours, np.full(len(colours), 255)]).astype(np.uint8)
    colours = colours[: len(colours) // 2 * 2]
    blocks = np.repeat(np.repeat(colours[None], 2, axis=0), 2, axis=1)
    mixed = np.stack([colours, colours[::-1]])
    for frame in (blocks, mixed):
        tall = np.concatenate([frame] * 8)
        assert here([tall]) == by_ffmpeg([tall])


def test_white_and_black_are_exact() -> None:
    # ITU-R BT.709: 235 and 16, and no colour.
    for level, luma in ((255, 235), (0, 16)):
        frame = np.full((4, 4, 4), level, np.uint8)
        assert here([frame]) == [bytes([luma] * 16 + [128] * 8)]


def test_a_part_of_a_larger_array_is_converted() -> None:
    whole = noise((70, 50))
    part = whole[4:44, 2:62]
    assert not part.flags.c_contiguous
    assert here([part]) == by_ffmpeg([np.ascontiguousarray(part)])


def encoded(
    path: Path, encoder: Encoder, settings: VideoSettings, frames: Sequence[Pixels]
) -> tuple[bytes, list[str]]:
    """Return the bytes of a segment, and the arguments of the ffmpeg that wrote it."""
    with SegmentWriter(path, encoder, settings) as writer:
        for frame in frames:
            writer.write(frame)
        command = writer._process.command  # type: ignore[union-attr]
        return writer.finish().path.read_bytes(), list(command)


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"video_extra_ffmpeg_params": ["-bf", "2"]},
        {"video_quality": 0},
        {"codec": "hevc"},
        {"codec": "av1"},
        {"codec": "vp9"},
    ],
    ids=str,
)
def test_a_segment_has_the_same_bytes_either_way(tmp_path: Path, options: dict[str, Any]) -> None:
    settings = video_settings(fps=30, video_mode="cpu", **options)
    encoder = choose_encoder(settings)
    assert encoder.converts_alike
    frames = list(changing((202, 122)))
    ours, command = encoded(tmp_path / "a.mp4", encoder, settings, frames)
    assert "rgb0" not in command
    assert not any("scale=" in word for word in command)
    encoder = replace(encoder, converts_alike=False)
    theirs, command = encoded(tmp_path / "a.mp4", encoder, settings, frames)
    assert "rgb0" in command
    assert any("scale=" in word for word in command)
    assert ours == theirs


def test_a_side_of_two_pixels_is_left_to_ffmpeg(tmp_path: Path) -> None:
    # swscale takes other weights there.
    settings = video_settings(fps=30, video_mode="cpu")
    for size in ((2, 34), (34, 2)):
        command = encoded(tmp_path / "a.mp4", choose_encoder(settings), settings, [noise(size)])[1]
        assert "rgb0" in command
    converted, wanted = here([noise((2, 34))]), by_ffmpeg([noise((2, 34))])
    assert converted != wanted


@pytest.mark.slow
def test_each_byte_is_that_of_ffmpeg_in_every_width() -> None:
    sides = range(16, 140, 2)
    sizes = [*((side, 18) for side in sides), *((18, side) for side in sides)]
    sizes += [(1000, 600), (1918, 1082), (2400, 1800), (4096, 2304), (7680, 4320), (16384, 64)]
    for size in sizes:
        frames = [noise(size)]
        assert here(frames) == by_ffmpeg(frames), size


@pytest.mark.parametrize("options", [{"video_extra_ffmpeg_params": ["-pix_fmt", "yuv444p"]}])
def test_other_pixel_formats_are_left_to_ffmpeg(options: dict[str, Any]) -> None:
    assert not choose_encoder(video_settings(fps=30, video_mode="cpu", **options)).converts_alike


def test_frames_that_change_all_over_are_left_to_ffmpeg_for_a_while(tmp_path: Path) -> None:
    settings = video_settings(fps=30, video_mode="cpu")
    encoder = choose_encoder(settings)
    size = (202, 122)

    def is_converted(frames: Sequence[Pixels]) -> bool:
        return "rgb0" not in encoded(tmp_path / "s.mp4", encoder, settings, frames)[1]

    calm = [noise(size)] * 12
    wild = [noise(size, seed) for seed in range(12)]
    assert is_converted(calm)
    assert is_converted(wild)
    assert not is_converted(calm)  # nobody has seen yet that they are calm
    assert any(is_converted(calm) for _ in range(8))
    assert is_converted(calm)


def test_an_ffmpeg_that_converts_otherwise_converts_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # As swscale does without one of the flags: other colours in few pixels.
    program = tmp_path / "ffmpeg"
    program.write_text(
        f'#!/bin/bash\nwords=("$@")\nexec {FFMPEG} "${{words[@]/+full_chroma_inp/}}"\n'
    )
    program.chmod(0o755)
    monkeypatch.setenv("IMAGEIO_FFMPEG_EXE", str(program))
    assert converts_alike(FFMPEG)
    settings = video_settings(fps=30, video_mode="cpu")
    encoder = choose_encoder(settings)
    assert encoder.ffmpeg == str(program)
    assert not encoder.converts_alike


def test_an_ffmpeg_that_cannot_make_the_test_picture_converts_all(tmp_path: Path) -> None:
    program = tmp_path / "ffmpeg"
    program.write_text(
        f'#!/bin/sh\ncase "$*" in *geq*) echo "No such filter: geq" >&2; exit 8;; esac\n'
        f'exec {FFMPEG} "$@"\n'
    )
    program.chmod(0o755)
    assert not converts_alike(str(program))


def read_late(data: memoryview) -> bytes:
    """Read a frame after other threads had a turn, as a full pipe does."""
    time.sleep(0.0005)
    return bytes(data)


def test_threads_do_not_share_a_frame() -> None:
    size = (202, 122)
    wrong: list[int] = []

    def convert(number: int) -> None:
        frames = [noise(size, seed) for seed in (number, number + 100)]
        expected = here(frames)
        sent: list[bytes] = []
        for _ in range(40):
            for frame in frames:
                send_converted(frame, lambda data: sent.append(read_late(data)))
        if sent != expected * 40:
            wrong.append(number)

    threads = [threading.Thread(target=convert, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_an_interrupt_leaves_no_frame_that_is_half_converted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    size = (64, 48)
    frames = [noise(size, seed) for seed in range(3)]
    sent: list[bytes] = []

    def send(data: memoryview) -> None:
        sent.append(bytes(data))

    send_converted(frames[0], send)
    with monkeypatch.context() as interrupted:
        interrupted.setattr(yuv_frames, "_weighted", _raise_interrupt)
        with pytest.raises(KeyboardInterrupt):
            send_converted(frames[1], send)
    send_converted(frames[1], send)
    send_converted(frames[2], send)
    assert sent == here(frames)


def _raise_interrupt(*_: object) -> None:
    raise KeyboardInterrupt


def test_another_size_begins_with_a_whole_frame() -> None:
    sent: list[bytes] = []
    frames = [noise((64, 48)), noise((48, 64)), noise((64, 48), 1)]
    for frame in frames:
        assert is_less_work_here((frame.shape[1], frame.shape[0]))
        send_converted(frame, lambda data: sent.append(bytes(data)))
    assert sent == [data for frame in frames for data in here([frame])]


def test_a_movie_leaves_no_frame_behind(tmp_path: Path) -> None:
    kept: list[int] = []

    class Watching(Numbers):
        def update(self, frame_idx: int, params: Any) -> None:
            super().update(frame_idx, params)
            kept.append(len(yuv_frames._last))

    Watching().make_video(tmp_path / "a.mp4", range(6), 30, num_workers=1, chunk_size=3)
    assert kept[0] == 0
    assert set(kept[1:]) == {1}
    assert yuv_frames._last == []


def test_a_movie_that_fails_leaves_no_frame_behind() -> None:
    with contextlib.suppress(KeyboardInterrupt), frames_let_go():
        send_converted(noise((64, 32), 0), lambda data: None)
        assert yuv_frames._last
        raise KeyboardInterrupt
    assert yuv_frames._last == []


def test_the_first_frame_says_nothing_of_what_changes() -> None:
    frames = YuvFrames((64, 32))
    before = frames.change
    frames.convert(noise((64, 32), 0))
    assert frames.change == before
    frames.convert(noise((64, 32), 1))
    assert frames.change > before
