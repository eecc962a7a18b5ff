"""A chunk of an ArtistAnimation gets its own artists alone, and has the same pixels."""

import itertools
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.animation import ArtistAnimation
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter
from playing import drawn_frames, saved_frames

from parallel_animate import save_animation
from parallel_animate.funcanimation import movie
from parallel_animate.funcanimation.parts import Parts, divide
from parallel_animate.funcanimation.pickled import dump_animation
from parallel_animate.funcanimation.playback import Player
from parallel_animate.render.isolation import RandomState, pyplot_of

N_FRAMES, SIZE = 13, 5
X = np.linspace(0, 6, 4000)


@pytest.fixture(autouse=True)
def own_figures() -> Iterator[None]:
    yield
    plt.close("all")


def in_parts(animation: ArtistAnimation) -> Parts | None:
    animation._draw_was_started = True
    state = RandomState.capture()
    with pyplot_of({}):
        data = dump_animation(animation, random_state=state)
        return divide(animation, data, N_FRAMES, SIZE, state)


def axes_of(count: int = 1, **options: Any) -> Any:
    return plt.subplots(1, count, figsize=(2 * count, 2), dpi=60, **options)


def lines() -> ArtistAnimation:
    """Limits that no draw has found yet, an artist of all frames, and one of two chunks."""
    fig, ax = axes_of()
    marker = ax.plot(3, 0.5, "ks")[0]
    twice = ax.text(1, 1, "twice")
    frames: list[list[Any]] = [[*ax.plot(X, k * np.sin(X + k / 4)), marker] for k in range(13)]
    for frame in (frames[2], frames[11]):
        frame += [twice, ax.title]
    ax.set_title("only then")
    return ArtistAnimation(fig, frames, interval=50)


def images() -> ArtistAnimation:
    """A colorbar holds the last image; the others come and go."""
    fig, ax = axes_of()
    image: Any = None
    frames = []
    for k in range(N_FRAMES):
        image = ax.imshow(
            np.sin(X[::99] + k / 3)[None] * X[::99, None], vmin=-3, vmax=3, aspect="auto"
        )
        frames.append([image])
    fig.colorbar(image)
    return ArtistAnimation(fig, frames, interval=50, blit=True)


def bars_and_surfaces() -> ArtistAnimation:
    """Bars are listed in a container, too; and 3-D artists are sorted by depth."""
    fig = plt.figure(figsize=(4, 2), dpi=60)
    left, right = fig.add_subplot(121), fig.add_subplot(122, projection="3d")
    x, y = np.meshgrid(X[::200], X[::200])
    frames = [
        [*left.bar(range(4), np.arange(1, 5) + k), right.plot_surface(x, y, x * k - y)]
        for k in range(N_FRAMES)
    ]
    return ArtistAnimation(fig, frames, interval=50)


@pytest.mark.parametrize(
    "build", [lines, images, pytest.param(bars_and_surfaces, marks=pytest.mark.slow)]
)
def test_a_part_has_the_pixels_of_the_whole_without_the_artists_of_other_frames(
    build: Callable[[], ArtistAnimation],
) -> None:
    animation = build()
    parts = in_parts(animation)
    assert parts is not None
    assert len(parts.pickled) == 3
    whole = len(animation._fig.axes[0]._children)  # type: ignore[attr-defined]
    with pyplot_of({}):
        figures = [Player.of_copy(part).figure for part in parts.pickled]
    # Its own frames, the first one, and what others hold.
    assert all(len(figure.axes[0]._children) <= whole * 7 / 13 + 2 for figure in figures)
    expected = saved_frames(build())
    drawn, why_in_order = drawn_frames(build(), SIZE)
    assert why_in_order == ""
    assert np.array_equal(drawn, expected)
    assert not np.array_equal(expected[0], expected[-1])


def with_best_legend() -> ArtistAnimation:
    animation = lines()
    animation._fig.axes[0].legend(["a"], loc="best")  # type: ignore[attr-defined]
    return animation


def with_foreign_code() -> ArtistAnimation:
    animation = lines()
    axes = animation._fig.axes[0]  # type: ignore[attr-defined]
    axes.xaxis.set_major_formatter(FuncFormatter(lambda x, position: str(len(axes.lines))))
    return animation


def with_references() -> ArtistAnimation:
    """Each line has the next frame's line as its clip path's patch, so to say."""
    animation = lines()
    frames = animation._framedata  # type: ignore[attr-defined]
    for frame, after in itertools.pairwise(frames):
        frame[0].set_gid(after[0])
    return animation


@pytest.mark.parametrize("build", [with_best_legend, with_foreign_code, with_references])
def test_an_animation_stays_whole_if_other_artists_may_matter(
    build: Callable[[], ArtistAnimation],
) -> None:
    assert in_parts(lines()) is not None
    assert in_parts(build()) is None


def test_an_animation_stays_whole_if_matplotlib_runs_other_code(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    draw = Axes.draw
    monkeypatch.setattr(Axes, "draw", lambda self, *given: draw(self, *given))
    assert in_parts(lines()) is None


@pytest.mark.slow
def test_parts_change_neither_the_movie_nor_its_segments(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def made(name: str) -> dict[str, bytes]:
        # The number of a figure counts as part of the animation.
        plt.close("all")
        options: Any = {"num_workers": 2, "chunk_size": SIZE, "video_mode": "cpu"}
        save_animation(lines(), tmp_path / name / "movie.mp4", work_dir=tmp_path / name, **options)
        return {path.name: path.read_bytes() for path in (tmp_path / name).rglob("*.mp4")}

    (tmp_path / "parts").mkdir()
    (tmp_path / "whole").mkdir()
    assert in_parts(lines()) is not None
    in_them = made("parts")
    monkeypatch.setattr(movie, "divide", lambda *given: None)
    assert in_them == made("whole")
    assert len(in_them) == 4
