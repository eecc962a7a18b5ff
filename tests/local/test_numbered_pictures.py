"""A folder of numbered pictures as the output (docs/how-to/formats.md), read by Pillow."""

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from command_line import animate
from matplotlib.animation import FuncAnimation
from matplotlib.figure import Figure
from PIL import Image
from project import wait_until
from shapes import Shapes, drawn_by_matplotlib

from parallel_animate import (
    Animator,
    FFmpegError,
    Movie,
    SegmentError,
    SettingsError,
    save_animation,
)
from parallel_animate.encode.convert import check_times
from parallel_animate.encode.encoders import find_ffmpeg
from parallel_animate.encode.ffmpeg import build_of, candidates
from parallel_animate.settings import video_settings

PARAMS = [number / 4 for number in range(5)]
LISTS = {"frames.json", ".frames.json"}


def render(path: Path, params: list[float] = PARAMS, **options: object) -> Movie:
    given = {"num_workers": 1, "chunk_size": 2, "disable_progress_bar": True, **options}
    return Shapes().make_video(path, params, 30, **given)


def content(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def read(folder: Path) -> np.ndarray:
    pictures = sorted(folder.glob("*.png"))
    return np.array([np.asarray(Image.open(path).convert("RGBA")) for path in pictures])


def test_pictures_are_exact_and_a_shorter_render_leaves_no_others(tmp_path: Path) -> None:
    folder = tmp_path / "some%20d" / "frames"
    options: dict[str, Any] = {"transparent": True, "work_dir": tmp_path / "work"}
    movie = render(folder / "%03d.png", **options)
    drawn = drawn_by_matplotlib(PARAMS, transparent=True)
    assert np.array_equal(read(folder), drawn)
    assert {0, 255} < set(np.unique(drawn[..., 3])), "and some values between"
    assert set(content(folder)) == LISTS | {f"{number:03d}.png" for number in range(5)}
    assert (movie.path, movie.n_frames, movie.size) == (folder / "%03d.png", 5, (200, 120))
    assert np.array_equal(np.asarray(movie.frame(-1)), drawn[4])
    assert str(movie).startswith(f"{folder}  5 frames, 0.2 s, 200x120, ")
    assert movie._repr_html_().startswith('<img alt="000.png"')
    # Chunks that are there already are not rendered again, and more pictures do not remain.
    segments = {path: path.stat().st_ino for path in tmp_path.glob("work/segments/*.mp4")}
    before = content(folder)
    render(folder / "%03d.png", PARAMS[:4], **options)
    assert segments == {path: path.stat().st_ino for path in tmp_path.glob("work/segments/*.mp4")}
    after = content(folder)
    assert set(before) - set(after) == {"004.png"}
    assert all(after[name] == before[name] for name in after.keys() - LISTS)
    assert list(folder.parent.iterdir()) == [folder]


@pytest.mark.slow
def test_a_set_that_is_not_whole_is_found(tmp_path: Path) -> None:
    path = render(tmp_path / "frames/%d.png", PARAMS[:2]).path
    settings, ffmpeg = video_settings(fps=30, output="png"), find_ffmpeg()
    check_times(path, path, 2, settings, ffmpeg)
    with pytest.raises(SegmentError, match="number of pictures must be 3, found 2"):
        check_times(path, path, 3, settings, ffmpeg)
    last = path.with_name("1.png")
    last.write_bytes(last.read_bytes()[:-5])
    with pytest.raises(SegmentError, match=r"1\.png is not a complete picture"):
        check_times(path, path, 2, settings, ffmpeg)


class Never(Animator):
    """Fails if it is drawn."""

    def setup(self) -> Figure:
        raise AssertionError("a frame would have been drawn")

    def update(self, frame_idx: int, params: Any) -> None:
        raise NotImplementedError


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("wave.png", r"write the place of the number once, as in 'frames/%06d\.png'; found 'wave"),
        ("frames/%s.png", "the place of the number once"),
        ("frames/%d-%d.png", "the place of the number once"),
        ("mine/%06d.png", r"mine holds other files \(000000\.png, notes\.txt\)\. Move them"),
        ("file/%06d.png", "is a file, not a folder"),
        ("%06d.png", r"pictures need a folder of their own, such as frames/%06d\.png"),
        ("frames/../../%06d.png", "pictures need a folder of their own"),
    ],
)
def test_a_folder_that_holds_anything_else_is_refused_before_a_frame_is_drawn(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, message: str
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine").mkdir()
    for mine in ("mine/notes.txt", "mine/000000.png", "file"):
        (tmp_path / mine).write_text("mine")
    with pytest.raises(SettingsError, match=message):
        Never().make_video(name, PARAMS, 30, num_workers=1)
    assert (tmp_path / "mine/000000.png").read_text() == "mine"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file", "mine"]


@pytest.mark.slow
def test_two_workers_and_a_killed_render_write_the_same_bytes(tmp_path: Path) -> None:
    whole = content(render(tmp_path / "one/%06d.png").path.parent)
    assert whole == content(render(tmp_path / "two/%06d.png", num_workers=2).path.parent)
    # The folder may be a link, which stays.
    (tmp_path / "disk").mkdir()
    (tmp_path / "frames").symlink_to(tmp_path / "disk")
    script = (
        "import sys; from shapes import SlowShapes; from test_numbered_pictures import PARAMS\n"
        "SlowShapes().make_video(sys.argv[1], PARAMS, 30, num_workers=1, chunk_size=2, "
        "work_dir=sys.argv[2])"
    )
    work = tmp_path / "work"
    command = [sys.executable, "-c", script, str(tmp_path / "frames/%06d.png"), str(work)]
    folders = (Path(__file__).parent, Path(__file__).parents[1] / "helpers")
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(map(str, folders))}
    killed = subprocess.Popen(command, env={**environment, "SECONDS_PER_FRAME": "0.3"})
    try:
        wait_until(lambda: len(list(work.glob("segments/*.mp4"))) == 1)
    finally:
        killed.send_signal(signal.SIGKILL)
        killed.wait()
    assert not content(tmp_path / "frames")
    before = {path: path.stat().st_mtime_ns for path in work.glob("segments/*.mp4")}
    subprocess.run(command, env=environment, check=True)
    after = {path: path.stat().st_mtime_ns for path in work.glob("segments/*.mp4")}
    assert before.items() <= after.items(), "these were not rendered again"
    assert content(tmp_path / "disk") == whole
    assert (tmp_path / "frames").is_symlink()


@pytest.mark.slow
def test_a_failed_render_leaves_the_older_pictures_as_they_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    render(tmp_path / "out/frames/%06d.png", PARAMS[:3])
    before = content(tmp_path / "out/frames")
    program = tmp_path / "ffmpeg"
    # It fails when the pictures are written.
    program.write_text(
        f'#!/bin/sh\n{candidates()[0]} "$@" || exit\n'
        'case "$*" in *image2*) echo No luck >&2; exit 1;; esac\n'
    )
    program.chmod(0o755)
    monkeypatch.setattr("parallel_animate.encode.ffmpeg._bundled_programs", lambda: ())
    monkeypatch.setenv("IMAGEIO_FFMPEG_EXE", str(program))
    build_of.cache_clear()
    with pytest.raises(FFmpegError, match="No luck"):
        render(tmp_path / "out/frames/%06d.png")
    assert content(tmp_path / "out/frames") == before
    assert list((tmp_path / "out").iterdir()) == [tmp_path / "out/frames"]


@pytest.mark.slow
def test_save_animation_and_the_command_render_write_pictures(tmp_path: Path) -> None:
    figure = Figure(figsize=(2, 1))
    (line,) = figure.add_subplot().plot([0, 1])
    animation = FuncAnimation(figure, lambda i: line.set_ydata([0, i]), frames=3)
    folder = tmp_path / "saved"
    save_animation(animation, folder / "%02d.png", num_workers=1, codec="png")
    assert set(content(folder)) == LISTS | {"00.png", "01.png", "02.png"}
    assert len(np.unique(read(folder), axis=0)) == 3
    (tmp_path / "wave.py").write_text("from shapes import Shapes\nframes = [0.0, 0.5]\n")
    wave = ("wave.py:Shapes", "--params", "wave.py:frames", "--fps", "30", "-j", "1")
    result = animate(
        *("render", *wave, "-o", "frames/%06d.png", "--transparent"),
        folder=tmp_path,
    )
    assert result.returncode == 0, result.stderr
    assert result.stdout.startswith("frames  2 frames, ")
    assert np.array_equal(read(tmp_path / "frames"), drawn_by_matplotlib([0.0, 0.5], True))
