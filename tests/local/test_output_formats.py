"""What each kind of file promises (docs/how-to/formats.md), read by Pillow and PyAV."""

import os
import re
import signal
import subprocess
import sys
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from matplotlib.figure import Figure
from PIL import Image
from project import wait_until
from shapes import PICTURES, Shapes, drawn_by_matplotlib, read_rgba, read_starts

from parallel_animate import Movie, SegmentError, SettingsError
from parallel_animate.encode import convert
from parallel_animate.encode.convert import check_times
from parallel_animate.encode.encoders import find_ffmpeg
from parallel_animate.settings import video_settings

FPS = Fraction(30_000, 1001)
PARAMS = [number / 4 for number in range(11)]
H264 = (".mp4", ".m4v", ".mov", ".mkv")
ALL = (*H264, ".webm", *PICTURES)
WITH_ALPHA = (".mov", ".webm", *PICTURES)
# The unit of time in the file; the others have exact times.
UNITS = {".mkv": 1000, ".webm": 1000, ".gif": 100, ".webp": 1000}
# The kinds that are quick to make, for the tests that are not slow.
QUICK = (".gif",)
quickly = [pytest.param(kind, marks=() if kind in QUICK else pytest.mark.slow) for kind in ALL]


def render(path: Path, **options: object) -> Path:
    given = {"num_workers": 1, "chunk_size": 4, "video_mode": "cpu", "disable_progress_bar": True}
    movie = Shapes().make_video(path, PARAMS, FPS, **{**given, **options})
    assert (movie.n_frames, movie.size) == (len(PARAMS), (200, 120))
    return path


@pytest.fixture(scope="module")
def opaque(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("opaque")
    return {kind: render(folder / f"movie{kind}") for kind in ALL}


@pytest.fixture(scope="module")
def transparent(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("transparent")
    return {kind: render(folder / f"movie{kind}", transparent=True) for kind in WITH_ALPHA}


def over_white(frames: np.ndarray) -> np.ndarray:
    alpha = frames[..., 3:] / 255
    colours = np.rint(frames[..., :3] * alpha + 255 * (1 - alpha))
    return np.concatenate([colours, np.full_like(alpha, 255)], axis=3)


def flat_areas(frames: np.ndarray) -> np.ndarray:
    """Return where all pixels in a square of 9 pixels have the same colour."""
    flat = np.ones(frames.shape[:3], bool)
    for shift in np.ndindex(9, 9):
        moved = np.roll(frames, (shift[0] - 4, shift[1] - 4), axis=(1, 2))
        flat &= (moved == frames).all(axis=3)
    return flat


@pytest.mark.parametrize("kind", ALL)
def test_every_frame_is_there_with_its_colours(opaque: dict[str, Path], kind: str) -> None:
    expected = over_white(drawn_by_matplotlib(PARAMS, transparent=False)).astype(int)
    found = read_rgba(opaque[kind]).astype(int)
    assert found.shape == expected.shape
    error = np.abs(found - expected)
    if kind in (".webp", ".apng"):
        assert error.max() == 0, "lossless"
    elif kind == ".gif":
        assert error.mean() < 0.1
        assert error[flat_areas(expected)].max() == 0
    else:
        assert error[flat_areas(expected)].mean() < 2
        assert error.mean() < 4


@pytest.mark.parametrize("kind", ALL)
def test_every_frame_is_shown_at_its_time(opaque: dict[str, Path], kind: str) -> None:
    found = read_starts(opaque[kind])
    expected = [number / FPS for number in range(len(PARAMS) + 1)]
    if kind in UNITS:
        unit = UNITS[kind]
        # Rounded, not added up; only the end of a WebP may be off by more.
        rounded = [Fraction(int(time * unit + Fraction(1, 2)), unit) for time in expected]
        assert found[:-1] == rounded[:-1]
        assert abs(found[-1] - expected[-1]) <= Fraction(2 if kind == ".webp" else 1, unit)
    elif kind == ".apng":
        # Pillow returns durations as floats.
        assert [float(x) for x in found] == pytest.approx([float(x) for x in expected])
    else:
        assert found == expected


@pytest.mark.parametrize("kind", WITH_ALPHA)
def test_transparency_is_kept(transparent: dict[str, Path], kind: str) -> None:
    expected = drawn_by_matplotlib(PARAMS, transparent=True).astype(int)
    assert {0, 255} < set(np.unique(expected[..., 3])), "and some values between"
    found = read_rgba(transparent[kind]).astype(int)
    assert found.shape == expected.shape
    error = np.abs(found - expected)
    opaque_pixels, alpha = expected[..., 3] == 255, error[..., 3]
    flat = flat_areas(expected) & opaque_pixels
    if kind == ".gif":
        assert np.array_equal(found[..., 3] == 255, expected[..., 3] > 127), "one bit"
    else:
        assert alpha.mean() < {".mov": 0.5, ".webm": 1}.get(kind, 1e-9)
    if kind == ".mov":
        assert alpha.max() <= 1
        assert error[opaque_pixels].max() <= 3
    assert error[flat].mean() < {".mov": 0.5, ".webm": 2}.get(kind, 1e-9)
    assert error[opaque_pixels].mean() < {".mov": 0.5, ".webm": 4, ".gif": 0.1}.get(kind, 1e-9)
    assert len(read_starts(transparent[kind])) == len(PARAMS) + 1


@pytest.mark.parametrize(
    "kind", [".mp4", *(pytest.param(k, marks=pytest.mark.slow) for k in (".m4v", ".mkv"))]
)
def test_without_transparency_frames_are_put_on_white_and_it_is_said_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, kind: str
) -> None:
    movie = render(tmp_path / f"movie{kind}", transparent=True)
    said = [record.message for record in caplog.records if "transparency" in record.message]
    assert said == [f"A {kind} has no transparency: frames are composited over white."]
    expected = over_white(drawn_by_matplotlib(PARAMS, transparent=True)).astype(int)
    error = np.abs(read_rgba(movie).astype(int) - expected)
    assert error[flat_areas(expected)].mean() < 2
    assert error.mean() < 4


@pytest.mark.parametrize("kind", quickly)
def test_two_workers_write_the_same_bytes(
    tmp_path: Path, opaque: dict[str, Path], kind: str
) -> None:
    movie = render(tmp_path / f"movie{kind}", num_workers=2)
    assert movie.read_bytes() == opaque[kind].read_bytes()


@pytest.mark.slow
@pytest.mark.parametrize("kind", WITH_ALPHA)
def test_two_workers_write_the_same_transparent_bytes(
    tmp_path: Path, transparent: dict[str, Path], kind: str
) -> None:
    movie = render(tmp_path / f"movie{kind}", num_workers=2, transparent=True)
    assert movie.read_bytes() == transparent[kind].read_bytes()


@pytest.mark.slow
@pytest.mark.parametrize("kind", quickly)
def test_a_killed_render_goes_on_and_ends_in_the_same_bytes(
    tmp_path: Path, opaque: dict[str, Path], kind: str
) -> None:
    script = (
        "import sys; from shapes import SlowShapes; from test_output_formats import PARAMS, FPS\n"
        "SlowShapes().make_video(sys.argv[1], PARAMS, FPS, num_workers=1, chunk_size=4, "
        "work_dir=sys.argv[2], video_mode='cpu')"
    )
    movie, work = tmp_path / f"movie{kind}", tmp_path / "work"
    command = [sys.executable, "-c", script, str(movie), str(work)]
    folders = (Path(__file__).parent, Path(__file__).parents[1] / "helpers")
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(map(str, folders))}
    killed = subprocess.Popen(command, env={**environment, "SECONDS_PER_FRAME": "0.2"})
    try:
        wait_until(lambda: len(list(work.glob("segments/*.mp4"))) == 2)
    finally:
        killed.send_signal(signal.SIGKILL)
        killed.wait()
    assert not movie.exists()
    before = {path: path.stat().st_mtime_ns for path in work.glob("segments/*.mp4")}
    subprocess.run(command, env=environment, check=True)
    after = {path: path.stat().st_mtime_ns for path in work.glob("segments/*.mp4")}
    assert len(after) == 3
    assert before.items() <= after.items(), "these were not rendered again"
    assert movie.read_bytes() == opaque[kind].read_bytes()


def test_files_of_one_codec_share_their_segments(tmp_path: Path) -> None:
    work = tmp_path / "work"
    segments = []
    for kind in (".mp4", ".mkv", ".gif", ".apng"):
        render(tmp_path / f"movie{kind}", work_dir=work)
        segments.append({path: path.stat().st_mtime_ns for path in work.glob("segments/*.mp4")})
    assert segments[0] == segments[1]
    assert len(segments[2]) == 2 * len(segments[0])
    assert segments[2] == segments[3]


class Held(Shapes):
    """Shapes whose frames look the same if their params are the same."""

    def update(self, frame_idx: int, params: Any) -> None:
        super().update(0, params)


def test_a_webp_shows_equal_frames_as_one_and_as_long(tmp_path: Path) -> None:
    movie = Held().make_video(
        tmp_path / "still.webp",
        [0.5] * 4 + [1.5] * 2,
        10,
        num_workers=1,
        disable_progress_bar=True,
    )
    assert movie.n_frames == 6
    starts = read_starts(movie.path)
    assert len(starts) - 1 < 6
    assert Fraction(4, 10) in starts
    assert starts[-1] == Fraction(6, 10)
    assert movie.frame(0) == movie.frame(3) != movie.frame(4)


@pytest.mark.parametrize(
    ("kind", "n_frames"),
    [
        (".webp", 3),
        *(pytest.param(kind, 1, marks=pytest.mark.slow) for kind in PICTURES),
    ],
)
def test_a_movie_of_one_picture_is_written_and_shown(
    tmp_path: Path, kind: str, n_frames: int
) -> None:
    path = tmp_path / f"one{kind}"
    movie = Held().make_video(path, [0.5] * n_frames, 10, num_workers=1, disable_progress_bar=True)
    with Image.open(path) as image:
        assert image.size == movie.size
        found = np.asarray(image.convert("RGB"))
    shown = np.asarray(movie.frame(n_frames - 1).convert("RGB"))
    assert (shown == found).all()
    assert len(np.unique(shown)) > 1


@pytest.mark.parametrize("kind", ALL)
def test_movie_frame_returns_the_frame_that_was_asked_for(
    opaque: dict[str, Path], kind: str
) -> None:
    movie = Movie(opaque[kind], len(PARAMS), FPS, (200, 120))
    decoded = read_rgba(opaque[kind])[..., :3].astype(int)
    for number in (0, 5, 10):
        shown = np.asarray(movie.frame(number))[..., :3].astype(int)
        assert np.abs(decoded - shown).mean(axis=(1, 2, 3)).argmin() == number


@pytest.mark.parametrize("kind", [*PICTURES, ".webm", ".mkv"])
def test_a_file_that_is_not_whole_is_found(
    tmp_path: Path, opaque: dict[str, Path], kind: str
) -> None:
    settings = video_settings(fps=FPS, video_mode="cpu", output=kind[1:])
    ffmpeg = find_ffmpeg()
    check_times(opaque[kind], opaque[kind], len(PARAMS), settings, ffmpeg)
    with pytest.raises(SegmentError):
        check_times(opaque[kind], opaque[kind], len(PARAMS) + 1, settings, ffmpeg)
    other = video_settings(fps=24, video_mode="cpu", output=kind[1:])
    with pytest.raises(SegmentError):
        check_times(opaque[kind], opaque[kind], len(PARAMS), other, ffmpeg)
    cut = tmp_path / f"cut{kind}"
    cut.write_bytes(opaque[kind].read_bytes()[:-2000])
    with pytest.raises(SegmentError):
        check_times(cut, cut, len(PARAMS), settings, ffmpeg)


@pytest.mark.parametrize(
    ("name", "size", "message"),
    [
        ("a.webp", (16_384, 16), "16384x16 pixels, and a .webp can have at most 16383x16383"),
        (
            "a.gif",
            (16, 8194),
            "16x8194 pixels, and a .gif with transparency .* 16384x8192",
        ),
    ],
)
def test_frames_that_are_too_large_are_an_error(
    tmp_path: Path, name: str, size: tuple[int, int], message: str
) -> None:
    class Large(Shapes):
        def setup(self) -> Figure:
            figure = super().setup()
            figure.set_size_inches(size[0] / 100, size[1] / 100)
            return figure

    with pytest.raises(SettingsError, match=message):
        Large().make_video(
            tmp_path / name, [0], 10, num_workers=1, transparent="transparency" in message
        )
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("kind", "transparent"), [(".mkv", False), (".webm", False), (".webm", True), (".mov", True)]
)
def test_title_and_comment_are_in_the_file(tmp_path: Path, kind: str, transparent: bool) -> None:
    words = ["-metadata", "title=Ten: waves", "-metadata", "comment=by hand"]
    movie = render(tmp_path / f"a{kind}", transparent=transparent, video_extra_ffmpeg_params=words)
    with av.open(str(movie)) as container:
        found = {key.lower(): value for key, value in container.metadata.items()}
    assert (found["title"], found["comment"]) == ("Ten: waves", "by hand")


def test_a_large_gif_is_announced_with_its_size(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    params = [number / 4 for number in range(100)]
    movie = tmp_path / "movie.gif"
    Shapes().make_video(movie, params, 10, num_workers=1, disable_progress_bar=True)
    assert "MB" not in caplog.text, "it is small"
    monkeypatch.setattr(convert, "LARGE_GIF", 50_000)
    Shapes().make_video(movie, params, 10, num_workers=1, disable_progress_bar=True)
    (said,) = [record.message for record in caplog.records if "MB" in record.message]
    expected = float(re.search(r"movie\.gif will have about (\S+) MB, for 100 frames", said)[1])
    assert expected * 1e6 == pytest.approx(movie.stat().st_size, rel=0.3)


def test_an_unknown_suffix_is_an_error_with_a_hint(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"'wave\.wemb'\. Did you mean '\.webm'\?"):
        render(tmp_path / "wave.wemb")
    with pytest.raises(SettingsError, match=r"must end in \.mp4, .*found 'wave'\.$"):
        render(tmp_path / "wave")


@pytest.mark.parametrize(
    ("name", "options", "message"),
    [
        ("a.gif", {"video_mode": "gpu"}, "use 'auto' or 'cpu'"),
        ("a.webp", {"video_quality": 10}, "leave it out"),
        ("a.webm", {"video_preset": "slow"}, "leave it out"),
        ("a.gif", {"video_extra_ffmpeg_params": ["-tune", "animation"]}, "only -metadata"),
        ("a.apng", {"video_backend": "pvio"}, "use 'ffmpeg'"),
        ("a.mov", {"transparent": True, "video_preset": "slow"}, "with transparency"),
        ("a.mp4", {"transparent": "yes"}, "transparent must be True or False"),
    ],
)
def test_settings_that_a_kind_of_file_has_not_are_refused(
    tmp_path: Path, name: str, options: dict[str, object], message: str
) -> None:
    with pytest.raises(SettingsError, match=message):
        render(tmp_path / name, **options)


@pytest.mark.parametrize(
    ("kind", "fps", "message"),
    [
        (".gif", 60, "at most 50 frames per second"),
        (".gif", "1/700", "cannot hold the duration"),
        (".webm", 1001, "at most 1000"),
        (".apng", Fraction(100_001, 1000), "cannot hold the duration"),
    ],
)
def test_rates_that_a_kind_of_file_cannot_hold_are_refused(
    tmp_path: Path, kind: str, fps: object, message: str
) -> None:
    with pytest.raises(SettingsError, match=message):
        Shapes().make_video(tmp_path / f"a{kind}", PARAMS, fps)
