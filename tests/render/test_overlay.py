"""Titles and labels: what each frame shows, with the same promises as all other artists."""

import hashlib
from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.animation import FuncAnimation
from matplotlib.figure import Figure
from PIL import Image

from parallel_animate import Animator, FrameError, Overlay, SettingsError, save_animation

N_FRAMES = 30
SHAPE = (120, 200)
PICTURE, COVER = np.array([0, 102, 204]), np.array([255, 204, 0])


class Titled(Animator):
    """A blue picture with a line that moves, below titles and labels on yellow."""

    def __init__(self, **options: Any) -> None:
        self.options = options

    def setup(self) -> Figure:
        figure = Figure(figsize=(2, 1.2), dpi=100, facecolor="#0066CC")
        axes = figure.add_axes((0.4, 0.4, 0.2, 0.2))
        (self.line,) = axes.plot(np.arange(5.0))
        self.overlay = Overlay(figure, N_FRAMES, color="#FFCC00", **self.options)
        return figure

    def update(self, frame_idx: int, params: Any) -> None:
        self.line.set_ydata(np.arange(5.0) % (1 + frame_idx % 4))
        self.overlay.show(frame_idx, params)


WHOLE = {
    "title": "Waves",
    "subtitle": "in May",
    "title_frames": 5,
    "fade_in": 4,
    "fade_out": 10,
    "progress_bar": True,
    "logo": np.full((10, 20, 3), (255, 0, 255), np.uint8),
}


def test_each_frame_has_the_titles_and_labels_of_its_number() -> None:
    def pixels(frame: int, label: str = "", **options: Any) -> np.ndarray:
        return np.asarray(Titled(**{**WHOLE, **options}).preview(frame, label)).astype(int)

    empty = (40, 20)
    for card in (pixels(0), pixels(4, "label")):
        assert (card[empty] == COVER).all()
        # Two lines of text, and nothing of the picture.
        rows = (np.abs(card - COVER).sum(axis=2) > 200).any(axis=1)
        assert np.count_nonzero(np.diff(rows.astype(int)) == 1) == 2
        assert card[:, :, 2].max() <= COVER[0]
        assert not (card == PICTURE).all(axis=2).any()
    for frame, share in {5: 1, 6: 0.75, 8: 0.25, 9: 0, 19: 0, 20: 0.1, 24: 0.5, 29: 1}.items():
        expected = share * COVER + (1 - share) * PICTURE
        assert np.abs(pixels(frame)[empty] - expected).max() <= 2, frame

    plain = pixels(14)
    bar = plain[-1]
    assert bar.shape == (SHAPE[1], 3)
    assert np.count_nonzero((bar == bar[0]).all(axis=1)) == pytest.approx(SHAPE[1] / 2, abs=1)
    logo = (plain == (255, 0, 255)).all(axis=2)
    assert np.count_nonzero(logo) == pytest.approx((0.12 * 200) ** 2 / 2, rel=0.2)
    assert logo[:20, 160:].sum() == logo.sum()
    lower_left = pixels(14, "day 3") != pixels(14)
    assert lower_left[90:, :80].any()
    assert not lower_left[:80].any()
    upper_right = pixels(14, "day 3", label_place="upper right", logo=None) != pixels(14, logo=None)
    assert upper_right[:30, 120:].any()
    assert not upper_right[40:].any()


def test_drawing_less_gives_the_same_movie(tmp_path: Path, caplog: Any) -> None:
    labels = [f"day {frame // 2}" for frame in range(N_FRAMES)]
    movies = [tmp_path / f"{redraw}.mp4" for redraw in ("auto", "full")]
    for movie in movies:
        Titled(**WHOLE).make_video(
            *(movie, labels, 30), num_workers=1, redraw=movie.stem, video_mode="cpu"
        )
    assert movies[0].read_bytes() == movies[1].read_bytes()
    # Nothing was drawn in order or for a second time.
    assert "WARNING" not in caplog.text


@pytest.mark.slow
def test_workers_and_a_resumed_render_give_the_same_movie(tmp_path: Path) -> None:
    labels = list(range(N_FRAMES))
    logo = tmp_path / "logo.png"
    Image.fromarray(WHOLE["logo"]).save(logo)
    digests = set()
    for n_workers in (1, 2):
        work = tmp_path / f"work{n_workers}"
        for _ in range(2):
            movie = Titled(**{**WHOLE, "logo": logo}).make_video(
                *(tmp_path / "movie.mp4", labels, 30),
                num_workers=n_workers,
                work_dir=work,
                chunk_size=7,
                video_mode="cpu",
            )
            digests.add(hashlib.sha256(movie.path.read_bytes()).hexdigest())
            segments = sorted(work.rglob("*.mp4"))
            assert len(segments) == 5
            segments[2].unlink()
    assert len(digests) == 1


@pytest.mark.slow
def test_the_function_of_an_animation_may_show_an_overlay(tmp_path: Path) -> None:
    figure, axes = plt.subplots(figsize=(2, 1.2))
    (line,) = axes.plot(np.arange(5.0))
    overlay = Overlay(figure, N_FRAMES, title="Waves", title_frames=4, fade_out=5)

    def draw(frame: int) -> None:
        line.set_ydata(np.arange(5.0) % (1 + frame % 4))
        overlay.show(frame, frame)

    animation = FuncAnimation(figure, draw, frames=N_FRAMES)
    movies = [save_animation(animation, tmp_path / f"{n}.mp4", 30, num_workers=n) for n in (1, 2)]
    plt.close(figure)
    one, two = (movie.path.read_bytes() for movie in movies)
    assert one == two
    assert np.asarray(movies[0].frame(-1)).min() >= 250


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"title": "Waves"}, "title_frames must be the number of frames"),
        ({"fade_in": 20, "fade_out": 11}, "take 31 frames, and the movie has 30"),
        ({"fade_in": 0.5}, "fade_in must be an integer, found 0.5"),
        ({"label_place": "top"}, "label_place must be one of upper left"),
        ({"logo": "missing.png"}, "missing.png' cannot be read as a picture"),
        ({"logo": np.zeros((2, 2))}, r"found the shape \(2, 2\) of float64"),
        ({"logo_width": 1.5}, "logo_width must be 1 or less, found 1.5"),
        ({"text_color": "#12"}, "text_color must be a colour, found '#12'"),
        ({"progress_bar": "yes"}, "progress_bar must be True or False"),
        ({"fontsize": 0}, "fontsize must be a positive number"),
    ],
)
def test_bad_options_are_refused(options: dict[str, Any], sentence: str) -> None:
    with pytest.raises(SettingsError, match=sentence):
        Overlay(Figure(), N_FRAMES, **options)


def test_frames_beyond_the_end_and_other_objects_are_refused() -> None:
    with pytest.raises(
        FrameError, match="made for 30 frames, numbered from 0 to 29; found frame 30"
    ):
        Overlay(Figure(), N_FRAMES).show(30)
    with pytest.raises(SettingsError, match="needs the figure, found"):
        Overlay(Figure().subplots(), N_FRAMES)
