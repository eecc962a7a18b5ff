"""A seek shows the frame that was asked for, also where pictures change all over.

There x264 makes I-frames that are no IDR frames: a player must not begin to decode at them.
"""

from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from browser import CHROMIUM, SEEK_PAGE, posted
from matplotlib.figure import Figure
from movies import BITS, to_bits

from parallel_animate import Animator, SettingsError
from parallel_animate.encode.mp4 import read_sample_tables

FPS, COUNT = 25, 90


class Restless(Animator):
    """Paints its frame id as stripes above a picture that changes all over."""

    def __init__(self, kind: str) -> None:
        self.kind = kind

    def setup(self) -> Figure:
        figure = Figure(figsize=(3.2, 1.6), dpi=100)
        show = {"cmap": "gray", "vmin": 0, "vmax": 1, "aspect": "auto", "interpolation": "nearest"}
        upper, lower = figure.add_axes((0, 0.5, 1, 0.5)), figure.add_axes((0, 0, 1, 0.5))
        for axes in (upper, lower):
            axes.set_axis_off()
        self.stripes = upper.imshow(np.zeros((1, BITS)), **show)
        self.picture = lower.imshow(np.zeros((40, 160)), **show)
        return figure

    def update(self, frame_idx: int, params: Any) -> None:
        # Cuts: another picture every 7 frames. Flashes: a white one every 5 frames.
        seed = {"noise": frame_idx, "cuts": frame_idx // 7, "flashes": 0}[self.kind]
        picture = np.random.default_rng(seed).random((40, 160))
        if self.kind == "flashes" and frame_idx % 5 == 0:
            picture[:] = 1
        self.picture.set_data(picture)
        self.stripes.set_data([to_bits(frame_idx)])


def make(path: Path, kind: str, chunk_size: int, *extra: str) -> Path:
    Restless(kind).make_video(
        path,
        range(COUNT),
        FPS,
        num_workers=1,
        chunk_size=chunk_size,
        video_mode="cpu",
        video_extra_ffmpeg_params=extra,
    )
    return path


def frame_id(frame: np.ndarray) -> int:
    columns = ((np.arange(BITS) + 0.5) * frame.shape[1] / BITS).astype(int)
    bits = frame[frame.shape[0] // 4, columns, 1] > 127
    return int(sum(int(bit) << n for n, bit in enumerate(bits)))


def frame_after_seek(movie: Path, number: int) -> int:
    """Return the id of the frame that a decoder shows after a seek to the time of a frame."""
    with av.open(str(movie)) as container:
        stream = container.streams.video[0]
        assert stream.time_base is not None
        pts = round(number / FPS / stream.time_base)
        container.seek(pts, stream=stream, backward=True)
        for frame in container.decode(stream):
            assert frame.pts is not None
            if frame.pts >= pts:
                return frame_id(frame.to_ndarray(format="rgb24"))
    raise AssertionError(f"no frame {number}")


@pytest.mark.parametrize("kind", ["noise", "cuts", "flashes"])
@pytest.mark.parametrize(
    ("chunk_size", "extra"),
    [
        (25, ()),
        pytest.param(10, ("-bf", "2"), marks=pytest.mark.slow),
        pytest.param(40, ("-g", "30"), marks=pytest.mark.slow),
        (40, ("-x264-params", "min-keyint=1")),
    ],
)
def test_a_seek_to_every_frame_shows_that_frame(
    tmp_path: Path, kind: str, chunk_size: int, extra: tuple[str, ...]
) -> None:
    movie = make(tmp_path / "movie.mp4", kind, chunk_size, *extra)
    assert [frame_after_seek(movie, number) for number in range(COUNT)] == list(range(COUNT))


def test_the_sync_samples_of_a_movie_are_the_idr_frames_of_its_segments(tmp_path: Path) -> None:
    movie = make(tmp_path / "movie.mp4", "noise", 25)
    syncs = [number for number, is_sync in enumerate(read_sample_tables(movie).syncs) if is_sync]
    assert syncs == [0, 25, 50, 75]
    with av.open(str(movie)) as container:
        packets = [bytes(packet) for packet in container.demux(video=0) if packet.size]
    types = [nal_types(packet) for packet in packets]
    assert [number for number, found in enumerate(types) if 5 in found] == syncs


def nal_types(packet: bytes) -> list[int]:
    types, start = [], 0
    while start < len(packet):
        types.append(packet[start + 4] & 31)
        start += 4 + int.from_bytes(packet[start : start + 4], "big")
    return types


@pytest.mark.parametrize("extra", [("-intra-refresh", "1"), ("-x264-params", "intra-refresh=1")])
def test_options_without_idr_frames_are_refused(tmp_path: Path, extra: tuple[str, ...]) -> None:
    with pytest.raises(SettingsError, match="whole frames at which players can begin"):
        make(tmp_path / "movie.mp4", "noise", 25, *extra)


@pytest.mark.slow
@pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed")
@pytest.mark.parametrize(("kind", "chunk_size"), [("noise", 25), ("cuts", 40), ("flashes", 10)])
def test_chromium_shows_every_frame_that_it_seeks(
    tmp_path: Path, kind: str, chunk_size: int
) -> None:
    make(tmp_path / "movie.mp4", kind, chunk_size)
    # Backwards, so that every seek begins at a sync sample.
    sought = list(reversed(range(COUNT)))
    (tmp_path / "page.html").write_text(SEEK_PAGE % (sought, FPS, BITS))
    assert posted(tmp_path, "page.html", tmp_path / "profile")["seen"] == sought
