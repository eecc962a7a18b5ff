"""make_video returns the movie: its facts, exact frames, and a player for notebooks."""

import base64
import json
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from html.parser import HTMLParser
from pathlib import Path
from typing import Any, NamedTuple

import matplotlib.pyplot as plt
import numpy as np
import pytest
from command_line import animate
from matplotlib.animation import ArtistAnimation, FuncAnimation
from movies import Numbers, decode_numbers, read_frames

from parallel_animate import FrameError, IndexedFrameParams, Movie, SegmentError, save_animation
from parallel_animate.local import param_texts, player
from parallel_animate.local.param_texts import ParamTexts, describe

CPU: dict[str, Any] = {"video_mode": "cpu", "num_workers": 1}


@pytest.fixture(scope="module")
def movie(tmp_path_factory: pytest.TempPathFactory) -> Movie:
    """Return a movie of three chunks."""
    path = tmp_path_factory.mktemp("movie") / "a.mp4"
    return Numbers().make_video(path, range(100, 111), "30000/1001", chunk_size=4, **CPU)


class Elements(HTMLParser):
    """The elements of an HTML text, with their attributes, and the text between them."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: dict[str, dict[str, str | None]] = {}
        self.text = ""
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.setdefault(tag, dict(attrs))

    def handle_data(self, data: str) -> None:
        self.text += data

    @property
    def params(self) -> Any:
        return json.loads(self.found["div"]["data-params"] or "")


def test_the_facts_of_a_movie(movie: Movie) -> None:
    assert movie.path.name == "a.mp4"
    assert movie.path.is_absolute()
    assert (movie.n_frames, movie.fps, movie.size) == (11, Fraction(30000, 1001), (160, 80))
    assert movie.duration == pytest.approx(11 * 1001 / 30000)
    assert movie.params == tuple(map(str, range(100, 111)))


def test_it_is_a_line_of_text_with_a_short_path(
    movie: Movie, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    facts = r"  11 frames, 0\.4 s, 160x80, \d+ kB"
    monkeypatch.chdir(movie.path.parent)
    assert re.fullmatch(f"a.mp4{facts}", str(movie))
    assert repr(movie) == f"<Movie {movie}>"
    monkeypatch.chdir(tmp_path)
    assert re.fullmatch(f"{movie.path}{facts}", str(movie))


def test_it_is_a_path_for_other_functions(movie: Movie, tmp_path: Path) -> None:
    shutil.copy(movie, tmp_path / "copy.mp4")
    assert (tmp_path / "copy.mp4").read_bytes() == movie.path.read_bytes()


def test_the_command_prints_the_movie(tmp_path: Path) -> None:
    (tmp_path / "wave.py").write_text("from movies import Numbers\nframes = range(3)\n")
    result = animate(
        *("render", "wave.py:Numbers", "--params", "wave.py:frames", "--fps", "10"),
        *("-o", "out/a.mp4", "-j", "1", "--mode", "cpu"),
        folder=tmp_path,
    )
    assert re.fullmatch(r"out/a\.mp4  3 frames, 0\.3 s, 160x80, \d+ kB\n", result.stdout)


@pytest.mark.parametrize(
    ("fps", "extra", "quality"),
    [
        ("30000/1001", [], 20),
        ("24", ["-bf", "3"], 20),
        ("1/3", ["-bf", "2", "-pix_fmt", "yuv444p"], 0),
        ("1000", ["-g", "3"], 30),
    ],
)
def test_every_frame_has_the_pixels_that_another_decoder_reads(
    tmp_path: Path, fps: str, extra: list[str], quality: int
) -> None:
    movie = Numbers().make_video(
        *(tmp_path / "a.mp4", range(50, 61), fps),
        **{**CPU, "chunk_size": 4, "video_quality": quality, "video_extra_ffmpeg_params": extra},
    )
    frames = list(read_frames(movie.path))
    for number, wanted in enumerate(frames):
        pixels = np.asarray(movie.frame(number))
        assert pixels.dtype == np.uint8
        assert decode_numbers(pixels) == (number, 50 + number)
        # Both round; libswscale and its caller in PyAV do so in other places.
        assert np.abs(pixels.astype(int) - wanted).max() <= 2


def test_colours_are_those_that_were_drawn(tmp_path: Path) -> None:
    class Red(Numbers):
        def update(self, frame_idx: int, params: Any) -> None:
            self.image.figure.axes[0].add_patch(plt.Rectangle((-9, -9), 99, 99, color=params))

    movie = Red().make_video(tmp_path / "a.mp4", ["#d01020", "#10a0f0"], 5, **CPU)
    for number, wanted in enumerate([(0xD0, 0x10, 0x20), (0x10, 0xA0, 0xF0)]):
        found = np.asarray(movie.frame(number))[40, 80].astype(int)
        assert np.abs(found - wanted).max() <= 4


def test_frames_are_counted_as_in_a_list(movie: Movie) -> None:
    assert decode_numbers(np.asarray(movie.frame(-1)))[0] == 10
    assert decode_numbers(np.asarray(movie.frame(-11)))[0] == 0
    assert movie.frame(np.int64(7)).size == movie.size
    for number in (11, -12):
        with pytest.raises(IndexError, match=rf"11 frames, numbered from 0 to 10; found {number}"):
            movie.frame(number)
    with pytest.raises(TypeError):
        movie.frame(1.5)  # type: ignore[arg-type]


def test_a_movie_that_is_gone_says_so(tmp_path: Path) -> None:
    first = Numbers().make_video(tmp_path / "a.mp4", range(5), 10, **CPU)
    Numbers().make_video(tmp_path / "a.mp4", range(2), 10, **CPU)
    with pytest.raises(SegmentError, match="no frame 4: it was replaced after this movie of 5"):
        first.frame(4)
    first.path.unlink()
    with pytest.raises(SegmentError, match="no such file"):
        first.frame(0)
    assert "the file is missing" in str(first)
    assert "cannot be read: No such file" in first._repr_html_()


def func_animation() -> FuncAnimation:
    figure, axes = plt.subplots(figsize=(1, 1))
    (line,) = axes.plot([0, 1])
    frames = ("low", "high", "higher")
    return FuncAnimation(figure, lambda frame: line.set_label(frame), frames=frames)


def artist_animation() -> ArtistAnimation:
    figure, axes = plt.subplots(figsize=(1, 1))
    return ArtistAnimation(figure, [axes.plot([0, level]) for level in range(3)])


@pytest.mark.parametrize("options", [{}, {"num_workers": 1}], ids=["copies", "in order"])
def test_a_saved_animation_is_returned_with_its_frames(
    tmp_path: Path, options: dict[str, Any]
) -> None:
    options = {"num_workers": 2, "video_mode": "cpu", **options}
    movie = save_animation(func_animation(), tmp_path / "a.mp4", 10, **options)
    assert (movie.n_frames, movie.size) == (3, (100, 100))
    assert movie.params == ("'low'", "'high'", "'higher'")
    plt.close("all")


def test_a_saved_animation_of_artists_is_returned(tmp_path: Path) -> None:
    movie = save_animation(artist_animation(), tmp_path / "a.mp4", 10, **CPU)
    assert movie.params == ("0", "1", "2")
    plt.close("all")


def test_the_player_embeds_a_small_movie(movie: Movie) -> None:
    page = Elements(movie._repr_html_())
    source = page.found["video"]["src"] or ""
    assert (
        base64.b64decode(source.removeprefix("data:video/mp4;base64,")) == movie.path.read_bytes()
    )
    assert page.params == [str(number) for number in range(100, 111)]
    assert "11 frames" in page.text
    assert "://" not in movie._repr_html_()


def test_the_player_links_a_large_movie_by_its_version(
    movie: Movie, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(player, "MAX_EMBEDDED", movie.path.stat().st_size - 1)
    monkeypatch.chdir(movie.path.parent)
    monkeypatch.delenv("JPY_SESSION_NAME", raising=False)
    video = Elements(movie._repr_html_()).found["video"]
    assert video["src"] == "a.mp4"
    assert video["data-version"] == str(movie.path.stat().st_mtime_ns)
    # The working folder may be another one than the notebook's.
    notebook = movie.path.parent / "notes/a.ipynb"
    notebook.parent.mkdir()
    notebook.touch()
    monkeypatch.setenv("JPY_SESSION_NAME", str(notebook))
    assert Elements(movie._repr_html_()).found["video"]["src"] == "../a.mp4"


def test_names_and_params_are_text_in_the_player(tmp_path: Path) -> None:
    params = ['"><script>alert(1)</script>', "'&amp;"]
    path = tmp_path / 'a"><b>&.mp4'
    shown = Movie(path, 2, Fraction(10), (10, 10), tuple(map(describe, params)))
    path.write_bytes(b"")
    page = Elements(shown._repr_html_())
    assert page.params == [repr(text) for text in params]
    assert "b" not in page.found
    assert 'a"><b>&.mp4' in page.text


@dataclass(slots=True)
class Slots:
    x: float


class Point(NamedTuple):
    x: float


@dataclass
class Place:
    name: str
    height: float


@pytest.mark.parametrize(
    ("params", "text"),
    [
        (3, "3"),
        (True, "True"),
        (None, "None"),
        (1 / 3, "0.333333"),
        (np.float32(0.5), "0.5"),
        (np.int64(7), "7"),
        (np.longdouble(1), "longdouble"),
        (np.zeros((3, 4)), "array 3x4 float64"),
        (np.array(2.5), "2.5"),
        (np.datetime64("2020-01-02T03:00"), "2020-01-02T03:00"),
        (np.sin, "ufunc"),
        (datetime(2020, 1, 2, 3), "2020-01-02 03:00:00"),
        (Fraction(1, 3), "1/3"),
        ([10**5000], "[int]"),
        ((1, [2.0, "x"]), "(1, [2, 'x'])"),
        ({"a": 1, 2: None}, "(a=1, 2=None)"),
        (list(range(20)), "[0, 1, 2, 3, 4, 5, 6, 7, …]"),
        (Place("hill", 12.5), "Place(name='hill', height=12.5)"),
        (Point(1), "Point(x=1)"),
        (Slots(1), "Slots"),
        (object(), "object"),
        ([[[[1]]]], "[[list]]"),
        ("x" * 500, "'" + "x" * 118 + "…"),
    ],
)
def test_params_become_short_texts(params: Any, text: str) -> None:
    assert describe(params) == text


def test_texts_run_no_code_of_the_users_classes() -> None:
    def fail(*_: object) -> Any:
        raise AssertionError

    names = ("__repr__", "__str__", "__format__", "__len__", "__iter__", "__getattribute__")
    for base in (object, float, list, dict, tuple, np.ndarray):
        loud = type("Loud", (base,), dict.fromkeys(names, fail))
        assert describe(loud.__new__(loud, *((2,) if base is np.ndarray else ()))) == "Loud"


def test_params_are_read_once_and_one_by_one(in_tmp: Path) -> None:
    read = []

    def params() -> Iterator[int]:
        for number in range(3):
            read.append(number)
            yield number

    texts = ParamTexts()
    watched = texts.watch(params())
    assert read == []
    assert next(watched) == 0
    assert read == [0]
    assert Numbers().make_video("a.mp4", params(), 10, **CPU).params == ("0", "1", "2")
    assert read == [0, 0, 1, 2]


def test_texts_follow_the_order_of_the_ids_and_name_them(in_tmp: Path) -> None:
    params = [IndexedFrameParams(number, number + 50) for number in (7, 2, 4)]
    movie = Numbers().make_video("a.mp4", params, 10, **CPU)
    assert movie.params == ("id 2: 52", "id 4: 54", "id 7: 57")
    params = [IndexedFrameParams(number, number + 50) for number in (1, 0)]
    assert Numbers().make_video("a.mp4", params, 10, **CPU).params == ("50", "51")


def test_an_id_that_cannot_be_used_is_refused_with_its_place(in_tmp: Path) -> None:
    params = [IndexedFrameParams([3], 1)]  # type: ignore[arg-type]
    with pytest.raises(FrameError, match=r"frame_id of item 0 must be an integer, found \[3\]"):
        Numbers().make_video("a.mp4", params, 10, **CPU)


def test_texts_that_are_too_long_together_are_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = ParamTexts()
    for room, wanted in ((6, ("1", "2", "3", "4", "5")), (5, ())):
        monkeypatch.setattr(param_texts, "MAX_TOTAL", room)
        assert list(texts.watch(range(1, 6))) == [1, 2, 3, 4, 5]
        assert texts.in_order() == wanted
