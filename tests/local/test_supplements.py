"""Sound, captions, chapters, texts and a poster, read by PyAV."""

import wave
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import matplotlib.pyplot as plt
import numpy as np
import pytest
from command_line import animate
from matplotlib.animation import FuncAnimation
from matplotlib.figure import Figure
from PIL import Image
from shapes import Shapes

from parallel_animate import (
    Animator,
    IndexedFrameParams,
    Movie,
    SegmentError,
    SettingsError,
    save_animation,
)
from parallel_animate.encode import completion

FPS = Fraction(30_000, 1001)
PARAMS = [number / 4 for number in range(45)]
SECONDS = len(PARAMS) / FPS
SRT = """1
00:00:00,100 --> 00:00:00,700
Calm, <i>at first</i>

2
00:00:00,700 --> 00:00:01,500
Größer
"""
VTT = "WEBVTT\n\n00:00.100 --> 00:00.700\nCalm\n\n00:00.700 --> 00:01.500 line:0\nGrößer\n"
CHAPTERS = [(0, "Start; #1=\\ü"), (30, "Größer")]
CODECS = {".m4a": "aac", ".flac": "flac"}
# The codecs that each kind of file may get from m4a, flac and wav.
SOUND = {
    ".m4v": ("aac", "flac"),
    ".mov": ("aac",),
    ".mkv": ("aac", "flac", "opus"),
    ".webm": ("opus",),
}


class Drawn(Exception):
    """A frame would have been drawn."""


class Never(Animator):
    def setup(self) -> Figure:
        raise Drawn

    def update(self, frame_idx: int, params: Any) -> None:
        raise NotImplementedError


def write_sound(path: Path, seconds: float = 4) -> Path:
    tone = np.sin(np.arange(int(seconds * 48_000)) / 20)
    if path.suffix == ".wav":
        with wave.open(str(path), "wb") as file:
            file.setnchannels(1)
            file.setsampwidth(2)
            file.setframerate(48_000)
            file.writeframes((tone * 9000).astype("<i2").tobytes())
        return path
    with av.open(str(path), "w") as container:
        stream = container.add_stream(CODECS[path.suffix], rate=48_000, layout="mono")
        samples = (tone * 9000).astype(np.int16)[None]
        frame = av.AudioFrame.from_ndarray(samples, format="s16", layout="mono")
        frame.sample_rate = 48_000
        resampler = av.AudioResampler(
            stream.codec_context.format, "mono", 48_000, stream.codec_context.frame_size or 1024
        )
        for part in (*resampler.resample(frame), *resampler.resample(None), None):
            container.mux(stream.encode(part))
    return path


def write(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def render(path: Path, params: Any = PARAMS, **options: Any) -> Movie:
    given = {"num_workers": 1, "chunk_size": 20, "video_mode": "cpu", "disable_progress_bar": True}
    return Shapes().make_video(path, params, FPS, **given | options)


def video_packets(path: Path) -> list[tuple[Any, ...]]:
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        packets = [packet for packet in container.demux(stream) if packet.size]
        context = stream.codec_context
        return [
            (bytes(context.extradata or b""), context.width, context.height, stream.time_base),
            *((p.pts, p.dts, p.duration, p.is_keyframe, bytes(p)) for p in packets),
        ]


def audio_packets(path: Path) -> list[bytes]:
    with av.open(str(path)) as container:
        return [bytes(packet) for packet in container.demux(audio=0) if packet.size]


def audio_of(path: Path) -> tuple[str, float, float]:
    """Return the codec, the length in seconds as decoded, and how loud the second half is."""
    with av.open(str(path)) as container:
        stream = container.streams.audio[0]
        frames = [frame.to_ndarray().astype(float) for frame in container.decode(stream)]
        sound = np.concatenate([frame.mean(axis=0) for frame in frames])
        half = sound[len(sound) // 2 :]
        # The last packet of AAC holds more than its track shows.
        shown = stream.duration and float(stream.duration * stream.time_base)
        seconds = shown or len(sound) / stream.rate
        return stream.codec_context.name, seconds, float(np.abs(half).mean())


def captions_of(path: Path) -> list[tuple[float, float, str]]:
    """Return begin, end and text of each caption; MP4 has the length of a text in two bytes."""
    found = []
    with av.open(str(path)) as container:
        stream = container.streams.subtitles[0]
        for packet in container.demux(stream):
            text = bytes(packet)
            if stream.codec_context.name == "mov_text":
                text = text[2 : 2 + int.from_bytes(text[:2], "big")]
            if text and packet.pts is not None and packet.duration:
                start, end = (
                    float(time * packet.time_base)
                    for time in (packet.pts, packet.pts + packet.duration)
                )
                found.append((round(start, 3), round(end, 3), text.decode()))
    return found


def chapters_of(path: Path) -> list[tuple[float, float, str]]:
    with av.open(str(path)) as container:
        return [
            (
                float(chapter["start"] * chapter["time_base"]),
                float(chapter["end"] * chapter["time_base"]),
                chapter["metadata"]["title"],
            )
            for chapter in container.chapters()
        ]


def texts_of(path: Path) -> list[str | None]:
    with av.open(str(path)) as container:
        found = {key.lower(): text for key, text in container.metadata.items()}
        return [found.get(key) for key in ("title", "artist", "comment")]


def check_all(movie: Path, plain: Path, poster: Path, seconds: Fraction = SECONDS) -> None:
    """Check everything that the tests add, except the sound."""
    assert video_packets(movie) == video_packets(plain)
    assert texts_of(movie) == ["Wäve", "Ann", "two\nlines"]
    starts = [0, float(30 / FPS), float(seconds)]
    expected = [
        (pytest.approx(start, abs=1e-3), pytest.approx(end, abs=1e-3), name)
        for start, end, (_, name) in zip(starts, starts[1:], CHAPTERS, strict=False)
    ]
    assert chapters_of(movie) == expected
    captions = captions_of(movie)
    assert [caption[:2] for caption in captions] == [(0.1, 0.7), (0.7, 1.5)]
    assert [text[:4] for _, _, text in captions] == ["Calm", "Größ"]
    with Image.open(poster) as image:
        assert image.format == ("PNG" if poster.suffix == ".png" else "JPEG")
        wanted = np.asarray(Movie(movie, len(PARAMS), FPS, (200, 120)).frame(30)).astype(int)
        error = np.abs(np.asarray(image).astype(int) - wanted)
        assert error.max() == 0 if poster.suffix == ".png" else error.mean() < 2


def everything(folder: Path, poster: str = "poster.png") -> dict[str, Any]:
    return {
        "title": "Wäve",
        "author": "Ann",
        "comment": "two\nlines",
        "chapters": CHAPTERS,
        "captions": write(folder / "captions.srt", SRT),
        "poster": folder / poster,
        "poster_frame": 30,
    }


def inodes(folder: Path) -> dict[str, int]:
    return {path.name: path.stat().st_ino for path in folder.glob("segments/*.mp4")}


def test_all_is_in_the_file_and_no_frame_is_drawn_again(tmp_path: Path) -> None:
    sound = write_sound(tmp_path / "tone.m4a")
    plain = render(tmp_path / "plain.mp4", work_dir=tmp_path / "work")
    before = inodes(tmp_path / "work")
    given = everything(tmp_path, "posters/poster.jpg")
    movie = render(tmp_path / "wave.mp4", work_dir=tmp_path / "work", audio=sound, **given)
    assert inodes(tmp_path / "work") == before
    check_all(movie.path, plain.path, given["poster"])
    copied, source = audio_packets(movie.path), audio_packets(sound)
    assert copied == source[: len(copied)]
    codec, seconds, _ = audio_of(movie.path)
    assert codec == "aac"
    assert 0 <= SECONDS - seconds < 0.03, "it ends with the last packet that the movie has room for"
    with movie.path.open("rb") as file:
        start = file.read(4096)
    assert b"moov" in start, "it plays before it is loaded"
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(
        ["tone.m4a", "captions.srt", "plain.mp4", "wave.mp4", "work", "posters"]
    )


@pytest.mark.slow
@pytest.mark.parametrize(
    ("kind", "options"),
    [
        (".m4v", {"video_extra_ffmpeg_params": ["-bf", "2"]}),
        (".mov", {"transparent": True}),
        (".mkv", {"video_extra_ffmpeg_params": ["-bf", "2"]}),
        (".webm", {}),
        (".webm", {"transparent": True}),
    ],
)
def test_every_kind_of_file_holds_them(tmp_path: Path, kind: str, options: dict[str, Any]) -> None:
    options = {"work_dir": tmp_path / "work", **options}
    plain = render(tmp_path / f"plain{kind}", **options)
    given = everything(tmp_path)
    # Copied where the container holds it, and cut; encoded; with silence at the end.
    for name, seconds in (("tone.m4a", 4), ("tone.flac", 4), ("tone.wav", 0.5)):
        given["captions"] = write(tmp_path / "captions.vtt", VTT)
        audio = write_sound(tmp_path / name, seconds)
        movie = render(tmp_path / f"wave{kind}", audio=audio, **given, **options)
        check_all(movie.path, plain.path, given["poster"])
        found, heard, loudness = audio_of(movie.path)
        assert found in SOUND[kind]
        assert -0.01 < SECONDS - heard < 0.1
        assert (loudness < 1e-3) == (seconds < 1)
    render(tmp_path / f"again{kind}", audio=audio, **given, **options)
    assert (tmp_path / f"again{kind}").read_bytes() == movie.path.read_bytes()


def drop_a_packet(command: list[str]) -> list[str]:
    return [*command, "-frames:v", "3"]


def test_a_video_that_would_change_is_refused_and_the_older_movie_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = write(tmp_path / "wave.mp4", "the older one")
    mux: Callable[..., list[str]] = completion._mux_command
    monkeypatch.setattr(completion, "_mux_command", lambda *given: drop_a_packet(mux(*given)))
    with pytest.raises(SegmentError, match="packets of the video have changed while title"):
        render(old, params=PARAMS[:5], title="Wave")
    assert old.read_text() == "the older one"
    assert list(tmp_path.iterdir()) == [old]


WRONG = {
    "no file": ({"audio": "none.wav"}, "audio: the file .* does not exist"),
    "no sound": ({"audio": "words.txt"}, "audio .* has no audio that ffmpeg can read"),
    "silent video": ({"audio": "silent.mp4"}, "audio .* has no audio that ffmpeg can read"),
    "no captions file": ({"captions": "none.srt"}, "captions: the file .* does not exist"),
    "no captions": ({"captions": "words.srt"}, "captions .* are no srt: ffmpeg reads 0"),
    "no WebVTT": ({"captions": "words.vtt"}, "captions .* are no webvtt: the first line"),
    "a broken time": ({"captions": "broken.srt"}, "captions .* reads 1 captions, and 2 lines"),
    "no UTF-8": ({"captions": "latin.srt"}, "captions .* must be text in UTF-8"),
    "overlap": ({"captions": "overlap.srt"}, "caption 2 begins at 0.500 s, before the one before"),
    "too long": ({"captions": "long.srt"}, "end at 9.000 s, after the movie, which lasts 1.502 s"),
    "chapter": ({"chapters": [(0, "a"), (45, "b")]}, "chapters: the movie has no frame 45; its 45"),
    "first chapter": ({"chapters": [(3, "a")]}, "chapters: the first one must begin at .*, 0"),
    "descending": ({"chapters": [(9, "a"), (9, "b")]}, "chapters must be in ascending order"),
    "poster": ({"poster": "a.png", "poster_frame": 45}, "poster_frame: the movie has no frame 45"),
    "poster place": ({"poster": "words.txt/a.png"}, "poster .* cannot be written"),
}


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("files")
    for name in ("words.txt", "words.srt", "words.vtt"):
        write(folder / name, "no captions and no sound\n")
    write(folder / "broken.srt", SRT.replace("00:00:00,700 --> 00:00:01,500", "0:1 --> 0:2"))
    write(folder / "overlap.srt", SRT.replace("00:00:00,700 -->", "00:00:00,500 -->"))
    write(folder / "long.srt", SRT.replace("00:00:01,500", "00:00:09,000"))
    (folder / "latin.srt").write_bytes(SRT.encode("latin-1"))
    with av.open(str(folder / "silent.mp4"), "w") as container:
        stream = container.add_stream("libx264", rate=25)
        stream.width, stream.height, stream.pix_fmt = 64, 64, "yuv420p"
        frame = av.VideoFrame.from_ndarray(np.zeros((64, 64, 3), np.uint8), "rgb24")
        container.mux([*stream.encode(frame), *stream.encode()])
    return folder


@pytest.mark.parametrize("case", WRONG)
def test_what_cannot_be_added_is_refused_before_a_frame_is_drawn(
    files: Path, tmp_path: Path, case: str
) -> None:
    options, message = WRONG[case]
    given = {
        name: files / value if isinstance(value, str) else value for name, value in options.items()
    }
    with pytest.raises(SettingsError, match=message) as caught:
        Never().make_video(tmp_path / "wave.mp4", PARAMS, FPS, num_workers=1, **given)
    assert "\n" not in str(caught.value)
    assert list(tmp_path.iterdir()) == []


def test_pictures_and_iterators_are_refused_where_they_do_not_fit(tmp_path: Path) -> None:
    for kind in ("gif", "webp", "apng"):
        with pytest.raises(SettingsError, match=f"title cannot be added to a .{kind}"):
            Never().make_video(tmp_path / f"a.{kind}", PARAMS, 25, title="Wave")
    with pytest.raises(SettingsError, match="number of frames is known"):
        Never().make_video(tmp_path / "a.mp4", iter(PARAMS), 25, chapters=[(0, "Start")])


@pytest.mark.slow
def test_frames_are_named_by_their_ids_which_may_have_gaps(tmp_path: Path) -> None:
    params = [IndexedFrameParams(number, number / 4) for number in (40, 10, 20, 30)]
    given = {"chapters": [(10, "a"), (30, "b")], "poster": tmp_path / "a.png", "poster_frame": 40}
    movie = render(tmp_path / "a.mp4", params, **given)
    starts = [start * float(FPS) for start, _, _ in chapters_of(movie.path)]
    assert starts == pytest.approx([0, 2], abs=0.01)
    with Image.open(tmp_path / "a.png") as image:
        assert np.array_equal(np.asarray(image), np.asarray(movie.frame(3)))
    with pytest.raises(SettingsError, match="its 4 frames have the ids 10 to 40"):
        render(tmp_path / "b.mp4", params, chapters=[(10, "a"), (35, "b")])
    # The ids that an iterator gives are known only at its end.
    with pytest.raises(SettingsError, match="chapters: the movie has no frame 0"):
        render(tmp_path / "c.mp4", iter(params), n_frames=4, chapters=[(0, "a")])


@pytest.mark.slow
def test_save_animation_and_render_add_the_same(tmp_path: Path) -> None:
    sound = write_sound(tmp_path / "tone.wav")
    given = everything(tmp_path)
    figure, axes = plt.subplots(figsize=(2, 1.2))
    (line,) = axes.plot([0, 1])
    animation = FuncAnimation(
        figure, lambda number: line.set_ydata([0, number / 45]), frames=45, interval=1001 / 30
    )
    plain = save_animation(animation, tmp_path / "plain.mp4")
    movie = save_animation(animation, tmp_path / "wave.mp4", audio=sound, **given)
    check_all(movie.path, plain.path, given["poster"])
    of_matplotlib = {"title": "Wäve", "artist": "Ann", "comment": "two\nlines"}
    theirs = save_animation(animation, tmp_path / "theirs.mp4", metadata=of_matplotlib)
    assert texts_of(theirs.path) == texts_of(movie.path)
    plt.close(figure)
    write(
        tmp_path / "wave.py",
        "from shapes import Shapes\n\n\ndef params():\n    return [n / 4 for n in range(45)]\n",
    )
    command = ["render", "wave.py:Shapes", "--params", "wave.py:params", "--fps", "30000/1001"]
    command += ["--mode", "cpu", "-j", "1"]
    animate(*command, "-o", "plain.mp4", folder=tmp_path).check_returncode()
    said = animate(
        *(*command, "-o", "wave.mp4", "--title", "Wäve", "--author", "Ann"),
        *("--comment", "two\nlines", "--captions", "captions.srt", "--audio", "tone.wav"),
        *("--chapter", f"0={CHAPTERS[0][1]}", "--chapter", f"30={CHAPTERS[1][1]}"),
        *("--poster", "cli.png", "--poster-frame", "30"),
        folder=tmp_path,
    )
    assert said.returncode == 0, said.stderr
    check_all(tmp_path / "wave.mp4", tmp_path / "plain.mp4", tmp_path / "cli.png")
    assert -0.01 < SECONDS - audio_of(tmp_path / "wave.mp4")[1] < 0.03
