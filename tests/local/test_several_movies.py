"""Several movies in one: the join keeps every packet, and the grid shows all at one clock."""

import functools
import itertools
import math
import shutil
from array import array
from collections.abc import Iterable
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from movies import read_frames, read_times

from parallel_animate import PixelAnimator, SegmentError, SettingsError, join_movies, movie_grid
from parallel_animate.cli.main import main
from parallel_animate.encode.encoders import Encoder, choose_encoder
from parallel_animate.encode.movie_facts import frame_rate_of
from parallel_animate.encode.packets import Packets
from parallel_animate.encode.segment import SegmentWriter
from parallel_animate.settings import video_settings

WHITE = 235


@functools.cache
def encoder_of(output: str) -> Encoder:
    return choose_encoder(video_settings(fps=30, video_mode="cpu", output=output))


def write_movie(
    path: Path, n_frames: int, fps: object, size: tuple[int, int], **options: Any
) -> None:
    """Write a movie of smooth noise; its seed is the path's name."""
    settings = video_settings(fps=fps, video_mode="cpu", **options)
    noise = np.random.default_rng(list(path.name.encode()))
    with SegmentWriter(path, encoder_of(settings.output.name), settings) as writer:
        for _ in range(n_frames):
            blocks = noise.integers(0, 255, (size[1] // 8, size[0] // 8, 4), np.uint8)
            writer.write(np.kron(blocks, np.ones((8, 8, 1), np.uint8)))
        writer.finish()


@pytest.fixture(scope="module")
def movies(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("movies")
    write_movie(folder / "a.mp4", 7, "30000/1001", (64, 48))
    write_movie(folder / "it's b.mp4", 4, "30000/1001", (64, 48))
    write_movie(folder / "slow.mp4", 5, "15000/1001", (32, 24))
    with_b = ["-bf", "2"]
    write_movie(folder / "bf.mp4", 9, 30, (64, 48), video_extra_ffmpeg_params=with_b)
    write_movie(folder / "bf2.mp4", 8, 30, (64, 48), video_extra_ffmpeg_params=with_b)
    return folder


def packets_of(path: Path) -> list[tuple[bytes, bool, Fraction]]:
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        assert stream.time_base is not None
        return [
            (bytes(packet), packet.is_keyframe, packet.pts * stream.time_base)
            for packet in container.demux(stream)
            if packet.pts is not None
        ]


def planes_of(path: Path) -> list[np.ndarray]:
    """Return the Y, U and V planes of every frame, as they are encoded."""
    with av.open(str(path)) as container:
        return [frame.to_ndarray() for frame in container.decode(video=0)]


@pytest.mark.parametrize("names", [["a.mp4", "it's b.mp4", "a.mp4"], ["bf.mp4", "bf2.mp4"]])
def test_a_join_holds_the_packets_of_the_movies_byte_for_byte(
    movies: Path, tmp_path: Path, names: list[str]
) -> None:
    parts = [movies / name for name in names]
    movie = join_movies(parts, tmp_path / "joined.mp4")
    expected, start = [], Fraction(0)
    for part in parts:
        packets = packets_of(part)
        expected += [(data, is_key, start + time) for data, is_key, time in packets]
        start += len(packets) / movie.fps
    assert packets_of(movie.path) == expected
    assert movie.n_frames == len(expected)
    assert movie.size == (64, 48)
    decoded = planes_of(movie.path)
    assert np.array_equal(decoded, [plane for part in parts for plane in planes_of(part)])


def test_movies_with_other_settings_are_not_joined(movies: Path, tmp_path: Path) -> None:
    output = tmp_path / "joined.mp4"
    output.write_bytes(b"older")
    both = "frame size: 64x48 and 32x24; frames per second: 30000/1001 and 15000/1001"
    with pytest.raises(SegmentError, match=both) as caught:
        join_movies([movies / "a.mp4", movies / "slow.mp4"], output)
    assert caught.value.path == str(movies / "slow.mp4")
    write_movie(tmp_path / "plain.mp4", 3, 30, (64, 48))
    with pytest.raises(SegmentError, match=r"differ: extradata .*: \d+, 0x\w+ and \d+, 0x\w+\."):
        join_movies([movies / "bf.mp4", tmp_path / "plain.mp4"], output)
    write_movie(tmp_path / "vp9.mp4", 3, 30, (64, 48), output="webm")
    with pytest.raises(SegmentError, match=r"codec: h264 and vp9"):
        join_movies([tmp_path / "plain.mp4", tmp_path / "vp9.mp4"], output)
    with pytest.raises(SettingsError, match=r"A \.webm cannot hold .* codec is h264"):
        join_movies([movies / "a.mp4", movies / "a.mp4"], tmp_path / "joined.webm")
    assert output.read_bytes() == b"older"
    assert {path.suffix for path in tmp_path.iterdir()} == {".mp4"}


def test_a_grid_shows_all_movies_at_one_clock_with_their_own_pixels(
    movies: Path, tmp_path: Path
) -> None:
    parts = [movies / name for name in ("a.mp4", "slow.mp4", "it's b.mp4")]
    movie = movie_grid(parts, tmp_path / "grid.mp4", video_mode="cpu", video_quality=0)
    # The slow movie lasts longest, and is as narrow as its column.
    assert (movie.n_frames, movie.size, movie.fps) == (10, (96, 96), Fraction(30000, 1001))
    times, rate, duration = read_times(movie.path)
    assert times == [i / movie.fps for i in range(10)]
    assert (rate, duration) == (movie.fps, 10 / movie.fps)
    a, slow, b = (planes_of(part) for part in parts)
    for number, found in enumerate(planes_of(movie.path)):
        luma = found[:96]
        assert np.array_equal(luma[:48, :64], a[min(number, 6)][:48])
        assert np.array_equal(luma[12:36, 64:], slow[number // 2][:24])
        assert np.array_equal(luma[48:, :64], b[min(number, 3)][:48])
        assert (luma[:12, 64:] == WHITE).all()
        assert (luma[36:, 64:] == WHITE).all()


@pytest.mark.parametrize(
    ("words", "status", "sentence"),
    [
        (["grid", "a.mp4", "no.mp4", "-o", "out.mp4"], 2, "no.mp4' is missing"),
        (["join", "a.mp4", ".", "-o", "out.mp4"], 2, "is a folder"),
        (["join", "a.mp4", "-o", "out.mp4"], 2, "must be two or more files, found 1"),
        (["join", "a.mp4", "a.mp4", "-o", "a.mp4"], 2, "is one of the movies"),
        (["grid", "a.mp4", "a.mp4", "-o", "out.avi"], 2, "output_file must end in .mp4"),
        (["join", "a.mp4", "a.mp4", "-o", "out.gif"], 2, "A .gif cannot hold"),
        (["grid", "a.mp4", "a.mp4", "-o", "out.mp4", "--columns", "3"], 2, "columns must be 2"),
        (["grid", "a.mp4", "a.mp4", "-o", "out.mp4", "--quality", "52"], 2, "0 to 51"),
        (["join", "a.mp4", "text.mp4", "-o", "out.mp4"], 1, "text.mp4 is not a complete video"),
        (["grid", "a.mp4", "cut.mp4", "-o", "out.mp4"], 1, "cut.mp4 is not a complete video"),
        (["join", "a.mp4", "a.mp4", "-o", "/proc/out.mp4"], 1, "cannot be written"),
    ],
)
def test_bad_input_is_one_sentence(
    movies: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    words: list[str],
    status: int,
    sentence: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    shutil.copy(movies / "a.mp4", "a.mp4")
    content = Path("a.mp4").read_bytes()
    Path("text.mp4").write_text("no movie")
    Path("cut.mp4").write_bytes(content[: len(content) // 2])
    assert main(words) == status
    errors = capsys.readouterr().err
    assert sentence in errors
    assert len(errors.splitlines()) == 1
    assert {path.name for path in tmp_path.iterdir()} == {"a.mp4", "text.mp4", "cut.mp4"}
    assert Path("a.mp4").read_bytes() == content


def test_the_rate_is_found_from_rounded_times() -> None:
    rates = [24, 25, 30, 60, Fraction(30000, 1001), Fraction(1, 2), Fraction(22, 3)]
    for rate, unit in itertools.product(map(Fraction, rates), (1000, 100, 30000)):
        pts = [math.floor(i / rate * unit + Fraction(1, 2)) for i in range(400)]
        durations = [pts[1]] * len(pts)
        values = (array("q", pts), array("q", durations), array("q", pts), array("b"))
        assert frame_rate_of(Packets(Fraction(1, unit), "", (2, 2), *values)) == rate
    uneven = (array("q", [0, 10, 30, 31]), array("q", [10, 20, 1, 1]), array("q"), array("b"))
    assert frame_rate_of(Packets(Fraction(1, 100), "", (2, 2), *uneven)) is None


class Colours(PixelAnimator):
    """Paints stripes; the lower half is half transparent, and a corner changes."""

    SHADES = ((255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 255), (200, 120, 40))

    def update(self, frame_idx: int, params: Any) -> np.ndarray:
        pixels = np.full((60, 100, 4), 255, np.uint8)
        pixels[..., :3] = np.repeat(self.SHADES, 20, axis=0)
        pixels[30:, :, 3] = 128
        pixels[:10, :10, :3] = 60 * frame_idx
        return pixels


@pytest.mark.slow
def test_the_colours_of_every_kind_of_movie_are_right_in_a_grid(tmp_path: Path) -> None:
    opaque = ["mp4", "mkv", "webm", "gif", "apng"]
    transparent = ["webm", "mov", "apng"]
    parts = []
    for suffix, has_alpha in [*((s, False) for s in opaque), *((s, True) for s in transparent)]:
        part = tmp_path / f"{has_alpha}.{suffix}"
        Colours().make_video(part, range(3), 30, num_workers=1, transparent=has_alpha)
        parts.append(part)
    shades = np.array(Colours.SHADES, float)
    on_white = shades * 128 / 255 + 255 * 127 / 255
    for output in ("grid.mp4", "grid.webm", "grid.apng"):
        movie = movie_grid(parts, tmp_path / output, columns=1)
        assert (movie.n_frames, movie.fps, movie.size) == (3, 30, (100, 480))
        found = np.asarray(movie.frame(0).convert("RGB"), float)
        for number in range(len(parts)):
            upper, lower = (found[60 * number + y, 10::20] for y in (15, 45))
            assert np.abs(upper - shades).max() <= 16, (output, parts[number])
            assert np.abs(lower - on_white).max() <= 16, (output, parts[number])


def record(path: Path, rate: int, ticks: Iterable[int]) -> None:
    """Write a movie of frames as grey as their time in hundredths of a second, with sound."""
    with av.open(str(path), "w") as container:
        video = container.add_stream("libx264", rate=rate, options={"bf": "0"})
        video.width, video.height, video.pix_fmt = 64, 48, "yuv420p"
        video.codec_context.time_base = Fraction(1, rate)
        sound = container.add_stream("aac", rate=8000, layout="mono")
        for tick in ticks:
            grey = np.full((48, 64, 3), tick * 100 // rate, np.uint8)
            frame = av.VideoFrame.from_ndarray(grey, "rgb24")
            frame.pts, frame.time_base = tick, Fraction(1, rate)
            container.mux(video.encode(frame))
        silence = av.AudioFrame.from_ndarray(np.zeros((1, 1024), np.float32), "fltp", "mono")
        silence.rate = 8000
        container.mux([*sound.encode(silence), *sound.encode(), *video.encode()])


@pytest.mark.slow
def test_movies_of_other_programs_may_be_uneven_and_have_sound(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    even, uneven = tmp_path / "even.mp4", tmp_path / "uneven.mp4"
    record(even, 25, range(25))
    record(uneven, 100, [0, 7, 50, 51, 90])
    joined = join_movies([even, even], tmp_path / "joined.mp4")
    assert caplog.text.count("even.mp4 also holds audio, which the new movie leaves out") == 1
    assert read_times(joined.path)[0] == [Fraction(i, 25) for i in range(50)]
    with av.open(str(joined.path)) as container:
        assert [stream.type for stream in container.streams] == ["video"]
    with pytest.raises(SegmentError, match=r"uneven.mp4 cannot be joined .* equally long"):
        join_movies([uneven, uneven], tmp_path / "no.mp4")
    with pytest.raises(SettingsError, match="give fps"):
        movie_grid([uneven, uneven], tmp_path / "no.mp4")
    grid = movie_grid([even, uneven], tmp_path / "grid.mp4", fps=50, video_quality=0)
    assert grid.fps == 50
    levels = [frame[24, [32, 96], 0].astype(int) for frame in read_frames(grid.path)]
    for number, (left, right) in enumerate(levels):
        hundredths = min(2 * number, 96)
        assert abs(left - hundredths // 4 * 4) <= 3
        shown = max(tick for tick in (0, 7, 50, 51, 90) if tick <= hundredths)
        assert abs(right - shown) <= 3
    assert not (tmp_path / "no.mp4").exists()
