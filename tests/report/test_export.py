"""One player in page, comparison and exported file shows the frames that are asked for."""

import base64
import io
import shutil
import time
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from browser import CHROMIUM, Tab, opened
from command_line import animate
from movies import BITS, Numbers, decode_numbers, to_bits
from PIL import Image
from project import MOVIE, Project, job_counts

from parallel_animate.errors import SegmentError, SettingsError
from parallel_animate.report import export
from parallel_animate.report.export import check_export, export_movie
from parallel_animate.report.movie_files import read_movie_file

# The boxes of the videos in the window, once they show the frames that were asked for.
BOXES = """(async () => {
  const videos = [...document.querySelectorAll("video")];
  if (!videos.length || videos.some(video => video.readyState < 2 || video.seeking)) return null;
  if (videos.some(video => video.controls)) return null;
  document.querySelector(".videos").scrollIntoView();
  await new Promise(done => setTimeout(done, 300));
  if (videos.some(video => video.seeking)) return null;
  return videos.map(video => video.getBoundingClientRect())
    .map(box => [box.left, box.top, box.right, box.bottom]);
})()"""
TEXTS = """[".params", "output"].map(name => document.querySelector(name).textContent)"""


def shown(tab: Tab, folder: Path) -> list[tuple[int, int]]:
    """Return the frame id and the params that each video on the screen shows."""
    boxes = tab.wait_for(BOXES)
    tab.screenshot(folder / "screen.png")
    with Image.open(folder / "screen.png") as screen:
        pixels = np.asarray(screen.convert("RGB"))
    crops = [[round(edge) for edge in box] for box in boxes]
    return [decode_numbers(pixels[top:bottom, x0:x1]) for x0, top, x1, bottom in crops]


def shows(tab: Tab, folder: Path, expected: list[tuple[int, int]], *keys: str) -> None:
    """Press keys, and wait until the screen shows what it should; it is painted late if busy."""
    for key in keys:
        tab.press(key)
    deadline = time.monotonic() + 20
    while (found := shown(tab, folder)) != expected and time.monotonic() < deadline:
        pass
    assert found == expected


@pytest.mark.slow
@pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed")
def test_page_comparison_index_and_export_show_the_frames_that_are_asked_for(
    tmp_path: Path,
) -> None:
    old = {**MOVIE, "kwargs": {"offset": 100}, "every": 2}
    project = Project(tmp_path, wave=MOVIE, old=old)
    counts = job_counts(project.snakemake("pages", "--cores", "2"))
    assert (counts["make_page"], counts["make_index"]) == (2, 1)
    compare_pages(tmp_path)
    result = animate("page", "wave", "--compare", "results/old.mp4", folder=tmp_path)
    assert result.returncode == 0, result.stderr
    result = animate("export", "wave", "-o", "wave.html", folder=tmp_path)
    assert result.returncode == 0, result.stderr
    alone = tmp_path / "alone"
    alone.mkdir()
    shutil.move(tmp_path / "wave.html", alone)
    profile = tmp_path / "profile"

    # The page, without a server.
    page = (tmp_path / "results/wave/index.html").as_uri()
    with opened(page, profile) as tab:
        shows(tab, tmp_path, [(0, 0)])
        tab.click('[data-frame="7"]')
        shows(tab, tmp_path, [(7, 14)])
        assert tab.wait_for(TEXTS) == ["params: 14", "frame 7 of 11, 0.28 s"]
        assert tab.wait_for("document.querySelector('[aria-current=true]').dataset.frame") == "7"
        # A button keeps the focus, and the keys still work there.
        tab.click('[data-step="1"]')
        shows(tab, tmp_path, [(8, 16)])
        shows(tab, tmp_path, [(6, 12)], "ArrowLeft", "ArrowLeft")
        shows(tab, tmp_path, [(10, 20)], "End")
        shows(tab, tmp_path, [(0, 0)], "Home")
        value = "document.querySelector('input').getAttribute('aria-valuetext')"
        assert tab.wait_for(value) == "frame 0 of 11, 0.00 s"
        unnamed = """[...document.querySelectorAll("button, input, video, a")].filter(
            part => !(part.getAttribute("aria-label") || part.innerText)).length + 1"""
        assert tab.wait_for(unnamed) == 1
        address = tab.wait_for("document.querySelector('a[download]').href")
        assert address == (tmp_path / "results/wave.mp4").as_uri()

    # Two versions under one slider: the frames of the same time, at another rate.
    with opened((tmp_path / "results/wave/compare.html").as_uri(), profile) as tab:
        shows(tab, tmp_path, [(0, 0), (0, 100)])
        tab.click('[data-frame="7"]')
        shows(tab, tmp_path, [(7, 14), (6, 112)])
        shows(tab, tmp_path, [(8, 16), (8, 116)], "ArrowRight")
        shows(tab, tmp_path, [(10, 20), (10, 120)], "End")

    # One file, without the project; the keys work before anything is clicked.
    with opened((alone / "wave.html").as_uri(), profile) as tab:
        shows(tab, tmp_path, [(0, 0)])
        shows(tab, tmp_path, [(3, 6)], "ArrowRight", "ArrowRight", "ArrowRight")
        assert tab.wait_for(TEXTS)[0] == "params: 6"
        tab.press(" ")
        tab.wait_for("!document.querySelector('video').paused")
        tab.press(" ")
        ((frame, _),) = shown(tab, tmp_path)
        assert tab.wait_for(TEXTS)[1].startswith(f"frame {frame} of 11, ")

    # Frames at uneven times, of another program.
    record(tmp_path / "uneven.mp4", "libx264", [0, 40, 400, 440, 450])
    export_movie(tmp_path / "uneven.mp4", alone / "uneven.html")
    with opened((alone / "uneven.html").as_uri(), profile) as tab:
        shows(tab, tmp_path, [(0, 0)])
        for number in range(1, 5):
            shows(tab, tmp_path, [(number, number)], "ArrowRight")
        assert tab.wait_for(TEXTS)[1] == "frame 4 of 5, 0.45 s"

    with opened((tmp_path / "results/index.html").as_uri(), profile) as tab:
        names = "[...document.querySelectorAll('.movies a h2')].map(name => name.innerText)"
        assert tab.wait_for(names) == ["old", "wave"]
        loaded = "[...document.images].every(image => image.naturalWidth >= 160)"
        assert tab.wait_for(loaded)
        tab.click(".movies li:last-child a")
        shows(tab, tmp_path, [(0, 0)])


def compare_pages(folder: Path) -> None:
    """Bad input of --compare is one sentence, and no page is written."""
    (folder / "text.mp4").write_text("no movie")
    (folder / "picture.gif").write_bytes(picture("GIF"))
    for word, status, message in (
        ("text.mp4", 1, "error: text.mp4 cannot be read as a movie: "),
        ("picture.gif", 2, "error: --compare: picture.gif is a picture"),
        ("waev", 2, "error: The config has no movie 'waev'. Did you mean 'wave'?"),
    ):
        result = animate("page", "wave", "--compare", word, folder=folder)
        assert (result.returncode, result.stderr.startswith(message)) == (status, True)
        assert len(result.stderr.splitlines()) == 1
    assert not (folder / "results/wave/compare.html").exists()


def picture(kind: str) -> bytes:
    frames = [Image.new("RGB", (40, 30), colour) for colour in ("red", "blue")]
    with io.BytesIO() as buffer:
        frames[0].save(buffer, kind, save_all=True, append_images=frames[1:], duration=100)
        return buffer.getvalue()


def record(path: Path, codec: str, times: list[int]) -> None:
    """Write a video with frames at some times in milliseconds, which show their numbers."""
    base = Fraction(1, 1000)
    with av.open(str(path), "w") as container:
        stream: Any = container.add_stream(codec, rate=25)
        stream.width, stream.height, stream.pix_fmt = 8 * BITS, 48, "yuv420p"
        stream.codec_context.time_base = base
        for number, pts in enumerate(times):
            stripes = np.repeat(255 * np.array(to_bits(number), np.uint8), 8)
            pixels = np.ascontiguousarray(np.broadcast_to(stripes[:, None], (48, 8 * BITS, 3)))
            frame: Any = av.VideoFrame.from_ndarray(pixels, "rgb24")
            frame.pts, frame.time_base = pts, base
            container.mux(stream.encode(frame))
        container.mux(stream.encode())


def test_an_exported_file_contains_the_movie_and_has_the_same_bytes_anywhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    movie = tmp_path / "a & b.mp4"
    Numbers().make_video(movie, range(5), Fraction(24000, 1001), num_workers=1, video_mode="cpu")
    assert export_movie(movie, tmp_path / "one.html") == ""
    text = (tmp_path / "one.html").read_text()
    data = text.partition('src="data:video/mp4;base64,')[2].partition('"')[0]
    assert base64.b64decode(data) == movie.read_bytes()
    assert "5 frames of 160x80 pixels, 24000/1001 per second, 0.2 s" in text
    assert "<title>a &amp; b</title>" in text
    # Nothing is loaded from elsewhere.
    assert "http" not in text.replace(data, "")
    (tmp_path / "x").mkdir()
    shutil.copy(movie, tmp_path / "x")
    monkeypatch.chdir(tmp_path / "x")
    export_movie(Path("a & b.mp4"), Path("two.html"))
    assert Path("two.html").read_text() == text
    monkeypatch.setattr(export, "LARGE_FILE", 1000)
    warning = export_movie(movie, tmp_path / "one.html")
    assert warning.startswith(f"{tmp_path}/one.html has ")
    assert "base64 adds a third" in warning


def test_movies_that_browsers_do_not_play_are_refused_before_anything_is_written(
    tmp_path: Path,
) -> None:
    record(tmp_path / "a.mkv", "libx264", [0, 40, 80])
    record(tmp_path / "a.mov", "mpeg4", [0, 40, 80])
    (tmp_path / "a.gif").write_bytes(b"no picture")
    (tmp_path / "a.mp4").write_bytes(b"no movie")
    (tmp_path / "a.txt").write_text("no movie")
    output = tmp_path / "a.html"
    for name, kind, message in (
        ("a.mkv", SettingsError, "not all browsers play .mkv"),
        ("a.mov", SettingsError, "not all browsers play mpeg4 video"),
        ("a.txt", SettingsError, "its name does not end in"),
        ("a.webm", SettingsError, "There is no file"),
        ("a.gif", SegmentError, "cannot be read as a movie"),
        ("a.mp4", SegmentError, "cannot be read as a movie"),
    ):
        with pytest.raises(kind, match=message) as caught:
            export_movie(tmp_path / name, output)
        assert len(str(caught.value).splitlines()) == 1
    assert not output.exists()
    for path in ("a.txt", ".", "missing/a.html"):
        with pytest.raises(SettingsError, match="--output"):
            check_export(tmp_path / path)
    (tmp_path / "b.webp").write_bytes(picture("WEBP"))
    export_movie(tmp_path / "b.webp", output)
    assert '<img alt="b.webp" src="data:image/webp' in output.read_text()
    assert "2 frames of 40x30 pixels, 10 per second" in output.read_text()


def test_the_times_of_a_movie_with_uneven_frames_are_kept(tmp_path: Path) -> None:
    record(tmp_path / "even.webm", "libvpx-vp9", [0, 33, 67, 100, 133, 167])
    even = read_movie_file(tmp_path / "even.webm")
    assert (even.fps, even.times, even.n_frames, even.codec) == (30, (), 6, "vp9")
    record(tmp_path / "uneven.mp4", "libx264", [0, 40, 400, 440])
    uneven = read_movie_file(tmp_path / "uneven.mp4")
    assert uneven.times[:4] == pytest.approx((0, 0.04, 0.4, 0.44))
    assert uneven.times[4] > 0.44
