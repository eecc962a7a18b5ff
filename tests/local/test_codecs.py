"""The codecs that can be chosen (docs/how-to/formats.md), decoded by PyAV."""

import struct
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from matplotlib.animation import FFMpegWriter, FuncAnimation
from matplotlib.figure import Figure
from shapes import Shapes, drawn_by_matplotlib, read_rgba, read_starts

from parallel_animate import (
    EncoderUnavailableError,
    SegmentError,
    SettingsError,
    save_animation,
)
from parallel_animate.encode.encoders import find_ffmpeg
from parallel_animate.encode.ffmpeg import build_of, candidates
from parallel_animate.encode.mp4 import read_sample_tables
from parallel_animate.encode.packets import read_packets

FPS = Fraction(30_000, 1001)
PARAMS = [number / 4 for number in range(11)]
# What decoders call the codec and its pixels -> the largest mean error of pixels in areas of one
# colour, in levels of 255. None: every pixel is exact.
FOUND = {
    "hevc": ("hevc", "yuv420p", 1),
    "hevc-10bit": ("hevc", "yuv420p10le", 1),
    "av1": ("av1", "yuv420p", 1),
    "av1-10bit": ("av1", "yuv420p10le", 1),
    "vp9": ("vp9", "yuv420p", 1.5),
    "h264-rgb": ("h264", "gbrp", None),
    "ffv1": ("ffv1", "bgr0", None),
    "prores": ("prores", "yuv444p12le", 0.1),
    "png": ("png", "rgb24", None),
}
NAMES = {"hevc": b"hvc1", "vp9": b"vp09"}
QUICK = (("h264-rgb", "mp4"),)
PAIRS = [
    *(("hevc", "mp4"), ("hevc-10bit", "mov"), ("av1", "webm"), ("av1-10bit", "webm")),
    *(("vp9", "mp4"), ("h264-rgb", "mp4"), ("ffv1", "mkv"), ("prores", "mov"), ("png", "mov")),
]
CASES = [
    pytest.param(*pair, id="-".join(pair), marks=() if pair in QUICK else pytest.mark.slow)
    for pair in PAIRS
]


def render(path: Path, codec: str, **options: object) -> Path:
    given = {"num_workers": 1, "chunk_size": 4, "disable_progress_bar": True}
    Shapes().make_video(path, PARAMS, FPS, codec=codec, **{**given, **options})
    return path


def expected() -> np.ndarray:
    drawn = drawn_by_matplotlib(PARAMS, transparent=False)
    alpha = drawn[..., 3:] / 255
    return np.rint(drawn[..., :3] * alpha + 255 * (1 - alpha))


def flat_areas(frames: np.ndarray) -> np.ndarray:
    flat = np.ones(frames.shape[:3], bool)
    for row, column in np.ndindex(9, 9):
        moved = np.roll(frames, (row - 4, column - 4), axis=(1, 2))
        flat &= (moved == frames).all(axis=3)
    return flat


def from_bt709(frame: av.VideoFrame) -> np.ndarray:
    """Return the RGB levels of a frame in Y'CbCr, computed from ITU-R BT.709 without swscale."""
    bits = 8 if frame.format.name.endswith("p") else int(frame.format.name[-4:-2])
    planes = []
    for component, plane in zip(frame.format.components, frame.planes, strict=True):
        rows = np.frombuffer(plane, np.uint8 if bits == 8 else "<u2").reshape(plane.height, -1)
        wide = rows[:, : component.width] / 2 ** (bits - 8)
        repeats = (frame.height // component.height, frame.width // component.width)
        planes.append(np.kron(wide, np.ones(repeats)))
    y, u, v = (planes[0] - 16) / 219, (planes[1] - 128) / 224, (planes[2] - 128) / 224
    red, blue = y + 1.5748 * v, y + 1.8556 * u
    green = (y - 0.2126 * red - 0.0722 * blue) / 0.7152
    return 255 * np.stack([red, green, blue], axis=2)


def read_levels(path: Path) -> np.ndarray:
    with av.open(str(path)) as container:
        frames = list(container.decode(video=0))
    if frames[0].format.is_rgb:
        return read_rgba(path)[..., :3].astype(float)
    for frame in frames:
        tags = (frame.colorspace, frame.color_primaries, frame.color_trc, frame.color_range)
        assert tags == (1, 1, 1, 1), "BT.709, limited range"
    return np.array([from_bt709(frame) for frame in frames])


def check_key_frames(path: Path) -> None:
    """Assert that a decoder which begins at any sync sample shows the frames of the movie."""
    with av.open(str(path)) as container:
        packets = [packet for packet in container.demux(video=0) if packet.size]
        context = container.streams.video[0].codec_context
        copies = [(bytes(packet), packet.is_keyframe) for packet in packets]
        begins = [number for number, packet in enumerate(packets) if packet.is_keyframe]
        whole = decode(context, copies)
        assert {0, 4, 8} <= set(begins), "every chunk"
        for number in begins:
            assert np.array_equal(decode(context, copies[number:])[0], whole[number])


def decode(like: av.VideoCodecContext, packets: list[tuple[bytes, bool]]) -> list[np.ndarray]:
    decoder = av.CodecContext.create(like.name, "r")
    decoder.extradata, decoder.width, decoder.height = like.extradata, like.width, like.height
    frames = []
    for data, is_key in packets:
        packet = av.Packet(data)
        packet.is_keyframe = is_key
        frames += decoder.decode(packet)
    return [frame.to_ndarray(format="rgb24") for frame in [*frames, *decoder.decode(None)]]


@pytest.mark.parametrize(("codec", "suffix"), CASES)
def test_every_codec_keeps_what_the_page_promises(tmp_path: Path, codec: str, suffix: str) -> None:
    movie = render(tmp_path / f"movie.{suffix}", codec, work_dir=tmp_path / "work")
    name, pixels, most = FOUND[codec]
    with av.open(str(movie)) as container:
        stream = container.streams.video[0]
        assert (stream.codec.canonical_name, stream.codec_context.pix_fmt) == (name, pixels)
        assert stream.average_rate == FPS
    wanted = [number / FPS for number in range(len(PARAMS) + 1)]
    if suffix in ("mkv", "webm"):
        wanted = [Fraction(int(1000 * time + Fraction(1, 2)), 1000) for time in wanted]
        assert read_starts(movie)[:-1] == wanted[:-1]
    else:
        assert read_starts(movie) == wanted
    error = np.abs(read_levels(movie) - expected())
    if most is None:
        assert error.max() == 0
    else:
        assert error[flat_areas(expected())].mean() < most
        assert error.mean() < 4
    check_key_frames(movie)
    segments = sorted(tmp_path.glob("work/segments/*.mp4"))
    assert len(segments) == 3
    for segment in segments:
        found, listed = read_sample_tables(segment), read_packets(segment, find_ffmpeg())
        # ffmpeg does not keep the extradata of VP9.
        if codec != "vp9":
            assert found.extradata == listed.extradata
        assert (found.sizes, found.syncs, found.pts) == (listed.sizes, listed.syncs, listed.pts)
    if suffix == "mp4" and name in NAMES:
        assert NAMES[name] in movie.read_bytes()


@pytest.mark.slow
@pytest.mark.parametrize("codec", ["hevc", "av1", "vp9"])
def test_a_frame_that_is_wrongly_marked_as_a_sync_sample_is_found(
    tmp_path: Path, codec: str
) -> None:
    render(tmp_path / "movie.mkv", codec, work_dir=tmp_path / "work")
    segment = min(tmp_path.glob("work/segments/*.mp4"))
    content = segment.read_bytes()
    assert list(read_sample_tables(segment).syncs) == [1, 0, 0, 0]
    place = content.index(b"stss") + 8
    assert content[place : place + 8] == struct.pack(">II", 1, 1)
    marked = tmp_path / "marked.mp4"
    marked.write_bytes(content[:place] + struct.pack(">II", 1, 2) + content[place + 8 :])
    with pytest.raises(SegmentError, match="frame 1 is marked as a sync sample"):
        read_sample_tables(marked)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("codec", "suffix", "other"), [("hevc", "mp4", "mkv"), ("av1", "webm", "mp4")]
)
def test_two_workers_write_the_same_bytes_and_other_files_share_the_segments(
    tmp_path: Path, codec: str, suffix: str, other: str
) -> None:
    one = render(tmp_path / f"one.{suffix}", codec, work_dir=tmp_path / "work")
    two = render(tmp_path / f"two.{suffix}", codec, num_workers=2)
    assert one.read_bytes() == two.read_bytes()
    before = {path.name: path.stat().st_ino for path in tmp_path.glob("work/segments/*.mp4")}
    joined = render(tmp_path / f"other.{other}", codec, work_dir=tmp_path / "work")
    after = {path.name: path.stat().st_ino for path in tmp_path.glob("work/segments/*.mp4")}
    assert before == after
    assert np.array_equal(read_rgba(joined), read_rgba(one))
    check_key_frames(joined)


@pytest.mark.slow
def test_png_keeps_transparency_and_a_codec_without_it_is_put_on_white(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    work = {"transparent": True, "work_dir": tmp_path / "work"}
    png = render(tmp_path / "movie.mov", "png", **work)
    assert np.array_equal(read_rgba(png), drawn_by_matplotlib(PARAMS, transparent=True))
    usual = render(tmp_path / "usual.mov", "prores", **work)
    plain = tmp_path / "plain.mov"
    Shapes().make_video(plain, PARAMS, FPS, num_workers=1, chunk_size=4, **work)
    assert usual.read_bytes() == plain.read_bytes() != png.read_bytes()
    assert not caplog.records
    hevc = render(tmp_path / "hevc.mov", "hevc", **work)
    assert (read_rgba(hevc)[..., 3] == 255).all()
    assert "A .mov with HEVC has no transparency" in caplog.text


@pytest.mark.slow
def test_the_usual_codec_by_name_makes_the_usual_file(tmp_path: Path) -> None:
    movies = []
    for name, options in (("a", {}), ("b", {"codec": "libx264"})):
        movies.append(tmp_path / f"{name}.mp4")
        Shapes().make_video(
            *(movies[-1], PARAMS[:4], FPS), num_workers=1, work_dir=tmp_path / "work", **options
        )
    assert len({movie.read_bytes() for movie in movies}) == 1
    assert len(list(tmp_path.glob("work/segments/*.mp4"))) == 1


@pytest.mark.parametrize(
    ("name", "codec", "options", "message"),
    [
        ("a.mp4", "hecv", {}, r"one of h264, hevc, .*found 'hecv'\. Did you mean 'hevc'\?"),
        ("a.mp4", 3, {}, "codec must be one of"),
        ("a.webm", "hevc", {}, r"does not fit a \.webm\. It can hold av1, av1-10bit, vp9\. For"),
        ("a.mp4", "prores", {}, r"For ProRes 4444, write a file that ends in \.mov"),
        ("a.gif", "libx265", {}, "It has only one codec, so leave codec out"),
        ("a.mp4", "hevc", {"video_mode": "gpu"}, r"\.mp4 with HEVC has another codec; use 'auto'"),
        ("a.mkv", "ffv1", {"video_quality": 3}, "leave it out"),
        ("a.mp4", "av1", {"video_preset": "slow"}, r"for the codecs h264, hevc, .*leave it out"),
        ("a.mp4", "hevc", {"video_preset": "p4"}, "video_preset for HEVC must be one of ultrafast"),
        ("a.mp4", "hevc", {"video_extra_ffmpeg_params": ["-bf", "2"]}, "only -metadata"),
        ("a.mp4", "hevc", {"video_backend": "pvio"}, "use 'ffmpeg'"),
    ],
)
def test_a_codec_that_does_not_fit_is_an_error_that_names_what_fits(
    tmp_path: Path, name: str, codec: str, options: dict[str, object], message: str
) -> None:
    with pytest.raises(SettingsError, match=message):
        render(tmp_path / name, codec, **options)
    assert list(tmp_path.iterdir()) == []


def test_a_frame_that_is_too_large_for_a_codec_is_an_error(tmp_path: Path) -> None:
    class Large(Shapes):
        def setup(self) -> Figure:
            figure = super().setup()
            figure.set_size_inches(81.94, 0.16)
            return figure

    with pytest.raises(SettingsError, match=r"8194x16 pixels, .*\.mp4 with HEVC .* 8192x8192"):
        Large().make_video(tmp_path / "a.mp4", PARAMS, FPS, num_workers=1, codec="hevc")
    assert list(tmp_path.iterdir()) == []


@pytest.fixture
def only_ffmpeg(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Make the only ffmpeg one that lacks the encoders whose names fit a pattern of the shell."""
    real = candidates()[0]

    def set_program(pattern: str) -> None:
        program = tmp_path / "bin/ffmpeg"
        program.parent.mkdir()
        lacks = "echo Unknown encoder >&2; exit 1"
        program.write_text(f'#!/bin/sh\ncase "$*" in {pattern}) {lacks};; esac\nexec {real} "$@"\n')
        program.chmod(0o755)
        monkeypatch.setattr("parallel_animate.encode.ffmpeg._bundled_programs", lambda: ())
        monkeypatch.setenv("IMAGEIO_FFMPEG_EXE", str(program))
        monkeypatch.setenv("PATH", "")
        build_of.cache_clear()

    return set_program


@pytest.mark.slow
def test_an_encoder_that_is_missing_is_an_error_that_lists_what_works(
    tmp_path: Path, only_ffmpeg: Callable[[str], None]
) -> None:
    # An ffmpeg whose libx265 was built for 8 bits, and that has no AV1.
    only_ffmpeg("*yuv420p10le*|*libaom*")
    with pytest.raises(EncoderUnavailableError) as caught:
        render(tmp_path / "a.mp4", "hevc-10bit")
    said = str(caught.value)
    assert "No ffmpeg here can write a .mp4 with HEVC with 10 bits." in said
    assert "Codecs for a .mp4 that work here: h264, hevc, vp9, h264-rgb. Choose one" in said
    assert "Unknown encoder" in said
    render(tmp_path / "a.mp4", "hevc")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("theirs", "codec"),
    [
        ({"codec": "libx265"}, "hevc"),
        ({"codec": "libvpx-vp9"}, "vp9"),
        ({"extra_args": ["-vcodec", "libaom-av1"]}, "av1"),
        ({"writer": FFMpegWriter(fps=30, codec="hevc")}, "hevc"),
        ({"writer": FFMpegWriter(fps=30, codec="hevc"), "codec": "h264"}, "h264"),
    ],
)
def test_matplotlibs_names_of_codecs_are_understood(
    tmp_path: Path, theirs: dict[str, object], codec: str
) -> None:
    figure = Figure(figsize=(2, 1))
    (line,) = figure.add_subplot().plot([0, 1])
    animation = FuncAnimation(figure, lambda i: line.set_ydata([0, i]), frames=3)
    movie = save_animation(animation, tmp_path / "a.mp4", num_workers=1, **theirs)
    with av.open(str(movie.path)) as container:
        assert container.streams.video[0].codec.canonical_name == codec
