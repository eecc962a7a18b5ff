"""The sample tables are read as ffmpeg lists them, and every damaged file is found."""

from pathlib import Path
from typing import Any

import pytest
from imageio_ffmpeg import get_ffmpeg_exe
from matplotlib.figure import Figure

from parallel_animate import Animator
from parallel_animate.encode.mp4 import read_sample_tables
from parallel_animate.encode.packets import read_packets
from parallel_animate.errors import SegmentError


class Dot(Animator):
    def setup(self) -> Figure:
        figure = Figure(figsize=(2, 1), dpi=50)
        (self.dot,) = figure.add_subplot().plot([0], [0], "o")
        return figure

    def update(self, frame_idx: int, params: float) -> None:
        self.dot.set_xdata([params])


def make(path: Path, n_frames: int, fps: Any, *extra: str, **options: Any) -> Path:
    params = [0.1 * i for i in range(n_frames)]
    Dot().make_video(
        *(path, params, fps), num_workers=1, video_extra_ffmpeg_params=extra or None, **options
    )
    return path


@pytest.mark.parametrize(
    ("n_frames", "fps", "extra", "options"),
    [
        (40, 30, (), {}),
        (1, 25, (), {}),
        (31, "30000/1001", ("-bf", "2"), {}),
        (31, 24, ("-bf", "1"), {"video_quality": 40}),
        pytest.param(
            *(300, 60, ("-g", "12", "-pix_fmt", "yuv444p"), {"chunk_size": 7}),
            marks=pytest.mark.slow,
        ),
        (12, 0.5, (), {"video_quality": 0}),
    ],
)
def test_the_packets_are_those_that_ffmpeg_lists(
    n_frames: int, fps: Any, extra: tuple[str, ...], options: dict[str, Any], tmp_path: Path
) -> None:
    movie = make(tmp_path / "m.mp4", n_frames, fps, *extra, **options, work_dir=tmp_path / "w")
    segments = sorted((tmp_path / "w" / "segments").glob("*.mp4"))
    assert segments
    for path in [movie, *segments]:
        assert read_sample_tables(path) == read_packets(path, get_ffmpeg_exe())
    assert len(read_sample_tables(movie)) == n_frames


def test_a_file_cut_off_anywhere_is_damaged(tmp_path: Path) -> None:
    content = make(tmp_path / "m.mp4", 5, 30).read_bytes()
    cut = tmp_path / "cut.mp4"
    for length in range(0, len(content), 7):
        cut.write_bytes(content[:length])
        with pytest.raises(SegmentError, match=r"cut\.mp4 is not a complete video file"):
            read_sample_tables(cut)


def test_a_missing_file_and_another_kind_of_file_are_named(tmp_path: Path) -> None:
    with pytest.raises(SegmentError, match="no such file"):
        read_sample_tables(tmp_path / "nothing.mp4")
    text = tmp_path / "text.mp4"
    text.write_text("This is not a movie, whatever its name says." * 9)
    with pytest.raises(SegmentError, match="is not a complete video file"):
        read_sample_tables(text)


@pytest.mark.parametrize("value", [0, 255])
def test_every_damaged_field_is_the_error_of_a_damaged_file(tmp_path: Path, value: int) -> None:
    """Each four bytes of the index are damaged in turn: a time scale of 0, a table too long."""
    content = make(tmp_path / "m.mp4", 20, 30).read_bytes()
    damaged = tmp_path / "d.mp4"
    refused = set()
    for place in range(content.index(b"moov") - 4, len(content) - 4):
        damaged.write_bytes(content[:place] + bytes([value] * 4) + content[place + 4 :])
        try:
            read_sample_tables(damaged)
        except SegmentError:
            refused.add(place)
    # The fields that are needed to read anything and, for 0, the time scale (mdhd).
    for box in (b"moov", b"trak", b"mdia", b"stbl", b"stsd", b"stsz", b"stts", b"avcC"):
        assert content.index(box) in refused, box
    assert value or content.index(b"mdhd") + 16 in refused
