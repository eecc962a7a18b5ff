"""The parallel-video-io backend keeps the same contract, or is an error with the reason."""

import threading
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from movies import Numbers, read_frames, read_numbers, read_times

from parallel_animate import SettingsError
from parallel_animate.encode.pvio import PvioEncoder

COUNT = 11


def render(output: Path, **options: Any) -> Path:
    options = {"fps": 30, "num_workers": 1, "chunk_size": 4, "video_mode": "cpu", **options}
    Numbers((1.6, 0.8)).make_video(output, range(COUNT), video_backend="pvio", **options)
    return output


@pytest.mark.parametrize("fps", [30, "30000/1001", Fraction(7123, 1000), 12.5])
def test_frames_times_and_joins_are_exact(tmp_path: Path, fps: Any) -> None:
    movie = render(tmp_path / "movie.mp4", fps=fps)
    assert read_numbers(movie) == [(i, i) for i in range(COUNT)]
    times, average_rate, duration = read_times(movie)
    assert times == [i / Fraction(fps) for i in range(COUNT)]
    assert average_rate == Fraction(fps)
    assert duration == COUNT / Fraction(fps)


def test_the_bytes_do_not_depend_on_the_number_of_workers(tmp_path: Path) -> None:
    one = render(tmp_path / "one.mp4")
    two = render(tmp_path / "two.mp4", num_workers=2)
    assert one.read_bytes() == two.read_bytes()


def test_its_programs_start_in_the_main_thread(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    finish, threads = PvioEncoder.finish, []

    def finished(encoder: PvioEncoder) -> None:
        threads.append(threading.current_thread())
        finish(encoder)

    monkeypatch.setattr(PvioEncoder, "finish", finished)
    assert read_numbers(render(tmp_path / "movie.mp4")) == [(i, i) for i in range(COUNT)]
    assert threads == [threading.main_thread()] * 3


def test_the_pixels_are_those_of_the_ffmpeg_backend(tmp_path: Path) -> None:
    ours = tmp_path / "ours.mp4"
    Numbers((1.6, 0.8)).make_video(ours, range(COUNT), 30, num_workers=1, video_mode="cpu")
    pvio = render(tmp_path / "pvio.mp4", chunk_size=25)
    for a, b in zip(read_frames(ours), read_frames(pvio), strict=True):
        assert np.abs(a.astype(int) - b).max() <= 1


def test_a_size_that_would_be_rescaled_is_refused(tmp_path: Path) -> None:
    message = r"frame of 100x60 pixels: .* figure of 112x64 pixels"
    with pytest.raises(SettingsError, match=message):
        Numbers((1, 0.6)).make_video(
            tmp_path / "a.mp4", range(3), 30, num_workers=1, video_backend="pvio"
        )
    assert list(tmp_path.iterdir()) == []


def test_no_raw_frame_stays_on_disk(tmp_path: Path, own_tempdir: Path) -> None:
    render(tmp_path / "movie.mp4")
    assert list(own_tempdir.iterdir()) == []


def test_without_the_package_the_error_shows_how_to_install_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(SettingsError, match="--no-deps parallel-video-io"):
        render(tmp_path / "movie.mp4")
