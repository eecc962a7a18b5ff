"""save_animation draws matplotlib's frames, in parallel or in order, and leaves no trace."""

import importlib
import itertools
import logging
import random
import subprocess
import sys
import threading
import warnings
from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import animations
import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.animation import Animation, FFMpegWriter, FuncAnimation, PillowWriter
from movies import read_frames, read_times
from playing import drawn_frames, saved_frames
from shapes import read_rgba, read_starts

from parallel_animate import FrameError, NoFramesError, RenderError, SettingsError, save_animation

Build = Callable[[], Animation]
QUICK = {"sine_wave", "wind", "text_timer", "read_once", "rain", "simulation"}


@pytest.fixture(autouse=True)
def own_figures() -> Iterator[None]:
    with mpl.rc_context():
        yield
    plt.close("all")


def cases(builders: list[Build]) -> list[Any]:
    return [
        pytest.param(
            build, id=build.__name__, marks=[] if build.__name__ in QUICK else pytest.mark.slow
        )
        for build in builders
    ]


def assert_same(drawn: list[np.ndarray], expected: list[np.ndarray]) -> None:
    assert len(drawn) == len(expected) > 1
    for number, (ours, theirs) in enumerate(zip(drawn, expected, strict=True)):
        assert np.array_equal(ours, theirs), f"frame {number}"
    assert not np.array_equal(expected[0], expected[-1]), "an animation that moves"


def save(animation: Animation, movie: Path, **options: Any) -> list[np.ndarray]:
    options = {"num_workers": 2, "video_mode": "cpu", "chunk_size": 5, **options}
    save_animation(animation, movie, disable_progress_bar=True, **options)
    return list(read_frames(movie))


def is_near(decoded: list[np.ndarray], expected: list[np.ndarray]) -> bool:
    """Return whether a decoded movie shows these frames, up to the losses of H.264."""
    assert len(decoded) == len(expected)
    height, width = expected[0].shape[:2]
    pairs = zip(decoded, expected, strict=True)
    return all(np.abs(a[:height, :width].astype(int) - b).mean() < 4 for a, b in pairs)


@pytest.mark.parametrize("build", cases(animations.PARALLEL))
def test_chunks_have_the_pixels_that_matplotlib_saves(build: Build) -> None:
    expected = saved_frames(build())
    drawn, why_in_order = drawn_frames(build(), chunk_size=5)
    assert why_in_order == ""
    assert_same(drawn, expected)


@pytest.mark.parametrize("build", cases(animations.IN_ORDER))
def test_dependence_on_earlier_frames_is_found_and_drawn_in_order(build: Build) -> None:
    expected = saved_frames(build())
    drawn, why_in_order = drawn_frames(build(), chunk_size=5)
    assert "depend on earlier frames" in why_in_order
    assert_same(drawn, expected)


@pytest.mark.slow
@pytest.mark.parametrize("layout", ["constrained", "tight", "compressed"])
def test_a_moving_layout_has_the_pixels_that_matplotlib_saves(layout: str) -> None:
    def build() -> Animation:
        fig, axs = plt.subplots(2, 2, figsize=(4, 3), layout=layout)
        image = axs[0, 0].imshow(np.arange(12).reshape(3, 4))
        fig.colorbar(image)

        def update(i: int) -> None:
            axs[0, 1].set_ylabel("label\n" * (i % 4))
            axs[1, 0].set_ylim(0, 10 ** (i % 5))
            image.set_clim(0, 10**i)

        return FuncAnimation(fig, update, frames=8)

    expected = saved_frames(build())
    drawn, _ = drawn_frames(build(), chunk_size=3)
    assert_same(drawn, expected)


@pytest.mark.parametrize(
    ("style", "dpi"),
    [
        ({"savefig.facecolor": "pink", "savefig.edgecolor": "red"}, None),
        ({"figure.facecolor": (0.1, 0.5, 0.2, 0.3)}, None),
        ({"savefig.dpi": 60}, None),
        ({"font.size": 7, "axes.grid": True}, 130),
    ],
)
def test_colours_and_dpi_are_those_of_a_saved_animation(
    style: dict[str, Any], dpi: float | None, tmp_path: Path
) -> None:
    mpl.rcParams.update(style)
    expected = saved_frames(animations.read_once(), dpi=dpi)
    decoded = save(animations.read_once(), tmp_path / "movie.mp4", num_workers=1, dpi=dpi)
    assert is_near(decoded, expected)
    drawn, _ = drawn_frames(animations.read_once(), 4, dpi or style.get("savefig.dpi"))
    assert_same(drawn, expected)


def test_an_animation_that_was_shown_before_starts_again() -> None:
    def shown() -> Animation:
        animation = animations.sine_wave()
        animation._fig.canvas.draw()
        for _ in range(4):
            animation._step()
        return animation

    drawn, _ = drawn_frames(shown(), chunk_size=5)
    assert_same(drawn, saved_frames(shown()))


def test_the_pixel_ratio_of_a_screen_has_no_effect() -> None:
    def on_a_screen(ratio: float) -> list[np.ndarray]:
        animation = animations.read_once()
        animation._fig.canvas._set_device_pixel_ratio(ratio)
        return drawn_frames(animation, chunk_size=5)[0]

    assert_same(on_a_screen(2), on_a_screen(1))


@pytest.mark.parametrize(
    "build",
    cases([animations.read_once, animations.scatter_with_colour_bar, animations.decay]),
)
def test_the_callers_objects_do_not_change(build: Build, tmp_path: Path) -> None:
    random.seed(1)
    np.random.seed(1)
    animation = build()
    figure, canvas = animation._fig, animation._fig.canvas

    def drawn() -> np.ndarray:
        canvas.draw()
        return np.array(canvas.buffer_rgba())

    def state() -> list[Any]:
        numbers = random.getstate(), np.random.get_state()[1].tolist()
        return [
            figure.canvas,
            figure.dpi,
            canvas.is_saving(),
            plt.get_fignums(),
            plt.gcf(),
            numbers,
        ]

    # The first draw starts the animation, which changes the figure.
    drawn()
    before, known, style = drawn(), state(), dict(mpl.rcParams)
    save(animation, tmp_path / "movie.mp4", num_workers=1)
    assert state() == known
    assert dict(mpl.rcParams) == style
    assert np.array_equal(drawn(), before)


def test_the_users_classes_are_not_replaced_by_copies(tmp_path: Path) -> None:
    class Drawer:
        def __init__(self, line: Any) -> None:
            self.line = line

        def draw(self, i: int) -> None:
            self.line.set_ydata([0, i])

    fig, ax = plt.subplots(figsize=(2, 1))
    drawer, method = Drawer(ax.plot([0, 1], [0, 9])[0]), Drawer.draw
    save(FuncAnimation(fig, drawer.draw, frames=4), tmp_path / "movie.mp4", num_workers=1)
    assert Drawer.draw is method
    assert list(drawer.line.get_ydata()) == [0, 9]


def test_frames_of_the_users_classes_are_known_to_the_function(tmp_path: Path) -> None:
    class Level:
        def __init__(self, height: float) -> None:
            self.height = height

    def build() -> Animation:
        fig, ax = plt.subplots(figsize=(2, 1))
        (line,) = ax.plot([0, 1], [0, 1])

        def update(level: Any) -> None:
            if isinstance(level, Level):
                line.set_ydata([0, level.height])

        return FuncAnimation(fig, update, frames=[Level(i / 7) for i in range(7)])

    drawn, why_in_order = drawn_frames(build(), chunk_size=3)
    assert why_in_order == ""
    assert_same(drawn, saved_frames(build()))


def line_animation(update: Callable[[Any, Any], Any], **options: Any) -> Animation:
    fig, ax = plt.subplots(figsize=(2.5, 1.5))
    (line,) = ax.plot([0, 1], [0, 1], lw=8)
    return FuncAnimation(fig, lambda i: update(line, i), **{"frames": 30, **options})


def test_one_worker_reads_a_frame_only_after_drawing_the_last_one(tmp_path: Path) -> None:
    log: list[str] = []
    lock = threading.Lock()

    def frames() -> Iterator[int]:
        for i in range(4):
            log.append(f"read {i}")
            yield i

    def update(line: Any, i: int) -> None:
        with lock:
            log.append(f"draw {i}")

    animation = line_animation(update, frames=frames, init_func=lambda: (), save_count=9)
    assert len(save(animation, tmp_path / "movie.mp4", num_workers=1)) == 4
    assert log == [f"{verb} {i}" for i in range(4) for verb in ("read", "draw")]


def test_an_animation_that_cannot_be_copied_is_drawn_on_its_own_figure(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    def build() -> Animation:
        lock = threading.Lock()

        def update(line: Any, i: int) -> None:
            with lock:
                line.set_ydata([0, i / 12])

        return line_animation(update, frames=12)

    animation = build()
    figure, canvas = animation._fig, animation._fig.canvas
    decoded = save(animation, tmp_path / "movie.mp4")
    assert "lock" in caplog.text
    assert "cannot be pickled" in caplog.text
    assert is_near(decoded, saved_frames(build()))
    assert figure.canvas is canvas
    assert not canvas.is_saving()


class Wrapper:
    """Forwards everything to another object, as many wrappers do, so it cannot be rebuilt."""

    def __init__(self, wrapped: Any) -> None:
        self.wrapped = wrapped

    def __getattr__(self, name: str) -> Any:
        return getattr(self.wrapped, name)


def test_an_object_that_cannot_be_rebuilt_counts_as_unpicklable(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    def build() -> Animation:
        bar = Wrapper([])

        def update(line: Any, i: int) -> None:
            bar.append(i)
            line.set_ydata([0, i / 12])

        return line_animation(update, frames=12)

    decoded = save(build(), tmp_path / "movie.mp4")
    assert "bar in update in the function (Wrapper) cannot be pickled" in caplog.text
    assert "RecursionError" in caplog.text
    assert is_near(decoded, saved_frames(build()))


def test_artists_in_the_frames_are_those_of_the_figure(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    def build() -> Animation:
        fig, ax = plt.subplots(figsize=(2, 1))
        bars = list(ax.bar(range(6), [1] * 6))
        return FuncAnimation(fig, lambda bar: bar.set_height(0.3), frames=bars)

    decoded = save(build(), tmp_path / "movie.mp4")
    assert "holds a Rectangle of the figure" in caplog.text
    assert is_near(decoded, saved_frames(build()))


@pytest.mark.parametrize("num_workers", [1, 2])
def test_an_iterator_that_changes_data_of_the_function_is_an_error(
    tmp_path: Path, num_workers: int
) -> None:
    state = [0.0]

    def steps() -> Iterator[int]:
        for i in range(12):
            state[0] = i / 12
            yield i

    def update(line: Any, i: int) -> None:
        line.set_ydata([0, state[0]])

    animation = line_animation(update, frames=steps(), save_count=50)
    with pytest.raises(FrameError, match="generator function itself"):
        save(animation, tmp_path / "movie.mp4", num_workers=num_workers)
    assert list(tmp_path.iterdir()) == []


def test_an_iterator_is_read_once_and_can_be_read_again(tmp_path: Path) -> None:
    count = itertools.count()
    for options in ({"repeat": True}, {"repeat": False}):
        animation = line_animation(
            lambda line, i: line.set_ydata([0, i / 11]),
            frames=(next(count) % 11 for _ in range(9)),
            save_count=20,
            **options,
        )
        start = next(count)
        first = drawn_frames(animation, chunk_size=4)[0]
        n_read = next(count) - start - 1
        assert n_read == 9
        assert_same(drawn_frames(animation, chunk_size=3)[0], first)


@pytest.mark.parametrize("num_workers", [1, 2])
def test_a_function_that_finds_its_figure_by_an_import_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, num_workers: int
) -> None:
    # Like an installed package, it is pickled by name, so a copy would change the user's figure.
    folder = tmp_path / "site-packages"
    folder.mkdir()
    (folder / "installed_plot.py").write_text(PLOT + "\n\ndef update(i):\n    raise_to(i / 9)\n")
    monkeypatch.syspath_prepend(str(folder))
    monkeypatch.delitem(sys.modules, "installed_plot", raising=False)
    plot = importlib.import_module("installed_plot")
    with pytest.raises(FrameError, match="through an imported module"):
        save(
            FuncAnimation(plot.figure, plot.update, frames=9),
            tmp_path / "movie.mp4",
            num_workers=num_workers,
        )
    assert not (tmp_path / "movie.mp4").exists()


@pytest.mark.parametrize(
    ("interval", "rate"),
    [
        (40, Fraction(25)),
        (33, Fraction(1000, 33)),
        (12.5, Fraction(80)),
        (1000 / 30, Fraction(30)),
        (1000 / 12, Fraction(12)),
        (1001 / 30, Fraction(30000, 1001)),
        (33.333, Fraction(1000000, 33333)),
    ],
)
def test_the_interval_sets_the_rate(tmp_path: Path, interval: float, rate: Fraction) -> None:
    animation = line_animation(lambda line, i: line.set_ydata([0, i]), frames=4, interval=interval)
    save(animation, tmp_path / "movie.mp4", num_workers=1)
    times, average_rate, _ = read_times(tmp_path / "movie.mp4")
    assert average_rate == rate
    assert times == [i / rate for i in range(4)]


def test_unusable_arguments_are_clear_errors(tmp_path: Path) -> None:
    movie = tmp_path / "movie.mp4"

    def update(line: Any, i: int) -> None:
        line.set_ydata([0, 1 / (3 - i)])

    with pytest.raises(SettingsError, match="must be a FuncAnimation"):
        save_animation("movie", movie)  # type: ignore[arg-type]
    endless = line_animation(update, frames=None, cache_frame_data=False)
    with pytest.raises(SettingsError, match="n_frames"):
        save(endless, movie)
    assert len(save(endless, movie, n_frames=3, num_workers=1)) == 3
    with pytest.raises(SettingsError, match="interval is 0"):
        save(line_animation(update, interval=0), movie)
    with pytest.raises(NoFramesError, match="no frames"):
        save(line_animation(update, frames=0), movie)
    with pytest.raises(RenderError, match=r"frame 3 failed.*ZeroDivisionError"):
        save(line_animation(update, frames=4), movie, num_workers=1)


@pytest.mark.parametrize("n_good", [17, 28])
def test_the_first_failing_frame_is_named_and_does_not_count_as_dependence(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, n_good: int
) -> None:
    heights = np.linspace(0, 1, n_good)
    animation = line_animation(lambda line, i: line.set_ydata([0, heights[i]]), frames=30)
    expected = rf"frame {n_good} failed.*IndexError: index {n_good} is out of"
    with pytest.raises(RenderError, match=expected) as caught:
        save(animation, tmp_path / "movie.mp4")
    assert not isinstance(caught.value.__context__, RenderError), "one error, not two"
    assert caplog.text == ""


def test_a_quiver_is_saved_in_parallel_with_the_scale_of_its_first_frame(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    decoded = save(animations.wind(), tmp_path / "movie.mp4", chunk_size=4)
    assert is_near(decoded, saved_frames(animations.wind()))
    assert caplog.text == ""


def test_frames_that_fail_without_earlier_ones_are_drawn_in_order(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    def build() -> Animation:
        later: list[Any] = []

        def update(line: Any, i: int) -> None:
            line.set_ydata([0, i / 20])
            if i == 8:
                later.extend(line.axes.plot([0, 1], [1, 1], lw=5))
            if i > 8:
                later[0].set_ydata([1, 1 - i / 20])

        return line_animation(update, frames=20)

    decoded = save(build(), tmp_path / "movie.mp4")
    assert "frame 9 can be drawn after frame 8, but not alone" in caplog.text
    assert is_near(decoded, saved_frames(build()))


@pytest.mark.parametrize("init_func", [None, lambda: print("start")])
def test_output_and_warnings_of_the_function_appear_once(
    init_func: Callable[[], Any] | None, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    def update(line: Any, i: int) -> None:
        print(f"frame {i}")
        warnings.warn("steep", UserWarning, stacklevel=1)
        line.set_ydata([0, i / 20])

    animation = line_animation(update, frames=20, init_func=init_func)
    save(animation, tmp_path / "movie.mp4", chunk_size=7)
    printed = capfd.readouterr()
    expected = [f"frame {i}" for i in range(20)] + (["start"] if init_func else [])
    assert sorted(printed.out.split("\n")) == sorted([*expected, ""])
    assert printed.err.count("UserWarning: steep") == 1


def still() -> Animation:
    return line_animation(lambda line, i: line.set_ydata([0, i / 4]), frames=4)


@pytest.mark.parametrize(
    "theirs",
    [
        {"writer": "ffmpeg", "fps": 30, "codec": "h264", "bitrate": -1},
        {"writer": FFMpegWriter(fps=30, metadata={"title": "A wave"})},
        {"fps": 30, "extra_args": ["-vcodec", "libx264"], "metadata": {"title": "A wave"}},
        {"fps": 30, "savefig_kwargs": {"dpi": 50}, "progress_callback": None},
    ],
)
def test_equivalent_arguments_of_matplotlibs_save_are_accepted(
    theirs: dict[str, Any], tmp_path: Path
) -> None:
    decoded = save(still(), tmp_path / "movie.mp4", num_workers=1, **theirs)
    assert decoded[0].shape[1] == (126 if "savefig_kwargs" in theirs else 250)
    assert read_times(tmp_path / "movie.mp4")[1] == 30
    if "metadata" in theirs or isinstance(theirs.get("writer"), FFMpegWriter):
        assert b"A wave" in (tmp_path / "movie.mp4").read_bytes()


@pytest.mark.parametrize(
    ("name", "theirs"),
    [
        ("movie.gif", {"writer": PillowWriter(fps=20)}),
        ("movie.webp", {"writer": "pillow", "fps": 20, "savefig_kwargs": {"transparent": True}}),
        ("movie.webm", {"writer": "ffmpeg", "fps": 20, "codec": "libvpx-vp9"}),
    ],
)
def test_matplotlibs_arguments_for_other_files_are_accepted(
    name: str, theirs: dict[str, Any], tmp_path: Path
) -> None:
    movie = save_animation(
        still(), tmp_path / name, num_workers=1, disable_progress_bar=True, **theirs
    )
    frames = read_rgba(movie.path)
    assert frames.shape == (4, 150, 250, 4)
    assert read_starts(movie.path)[:2] == [0, Fraction(1, 20)]
    assert (frames[:, 0, 0, 3] == 0).all() == ("savefig_kwargs" in theirs)


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [
        ({"writer": "pillow"}, "Leave writer out"),
        ({"writer": PillowWriter(fps=30)}, "Leave writer out"),
        ({"writer": FFMpegWriter(bitrate=1800)}, "video_quality"),
        ({"bitrate": 1800}, "video_quality"),
        ({"codec": "mpeg4"}, "one of h264, hevc"),
        ({"extra_args": ["-vcodec", "prores_ks"]}, "does not fit a .mp4"),
        ({"extra_args": ["-crf", "18"]}, "video_quality"),
        ({"progress_callback": print}, "disable_progress_bar"),
        ({"extra_anim": []}, "one animation"),
    ],
)
def test_other_arguments_of_matplotlibs_save_are_errors_that_name_ours(
    theirs: dict[str, Any], ours: str, tmp_path: Path
) -> None:
    with pytest.raises(SettingsError, match=ours):
        save(still(), tmp_path / "movie.mp4", **theirs)


def test_matplotlibs_argument_order_and_unknown_arguments_are_clear_errors(
    tmp_path: Path,
) -> None:
    movie = tmp_path / "movie.mp4"
    for positions in (("ffmpeg", 30), ("ffmpeg",), (PillowWriter(fps=30),), (30, 100)):
        with pytest.raises(SettingsError, match="fps=30, dpi=100 by name"):
            save_animation(still(), movie, *positions)
    with pytest.raises(TypeError, match="unexpected keyword argument 'num_worker'"):
        save_animation(still(), movie, num_worker=3)


@pytest.mark.slow
def test_state_hidden_in_the_first_frames_is_found_at_the_end_of_a_chunk(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    def build() -> Animation:
        def update(line: Any, i: int) -> None:
            if i == 17:
                line.set_color("red")
            line.set_ydata([0, i / 40])

        return line_animation(update, frames=40)

    decoded = save(build(), tmp_path / "movie.mp4", chunk_size=10)
    assert "frame 19 drawn after frame 18" in caplog.text
    assert is_near(decoded, saved_frames(build()))


@pytest.mark.slow
@pytest.mark.parametrize(
    "build", [animations.pendulum, animations.fahrenheit, animations.images, animations.bar_race]
)
def test_workers_render_matplotlibs_frames_with_the_bytes_of_one_process(
    tmp_path: Path, build: Build, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    decoded = save(build(), tmp_path / "two.mp4")
    assert caplog.text == ""
    assert is_near(decoded, saved_frames(build()))
    save(build(), tmp_path / "one.mp4", num_workers=1)
    assert (tmp_path / "two.mp4").read_bytes() == (tmp_path / "one.mp4").read_bytes()


@pytest.mark.slow
@pytest.mark.parametrize("build", [animations.decay, animations.unchained, animations.simulation])
def test_an_animation_that_continues_from_its_frames_is_right_and_logs_why(
    tmp_path: Path, build: Build, caplog: pytest.LogCaptureFixture
) -> None:
    decoded = save(build(), tmp_path / "movie.mp4")
    assert "rendered in one process: its frames depend on earlier frames" in caplog.text
    assert is_near(decoded, saved_frames(build()))


SCRIPT = """
import sys
import matplotlib.pyplot as plt
from matplotlib.animation import FuncAnimation
from parallel_animate import save_animation
import plot

def update(i):
    global level
    level = i / 20
    plot.raise_to(level)
    plt.title(f"frame {i}")

animation = FuncAnimation(plot.figure, update, frames=20, interval=50)
save_animation(animation, "movie.mp4", num_workers=2, chunk_size=5, work_dir="work")
assert list(plot.line.get_ydata()) == [0, 1]
"""
PLOT = """
import matplotlib.pyplot as plt
figure, axes = plt.subplots(figsize=(2, 1.5))
(line,) = axes.plot([0, 1], [0, 1])

def raise_to(level):
    line.set_ydata([0, level])
"""


@pytest.mark.slow
def test_a_script_with_a_module_beside_it_resumes_in_another_process(in_tmp: Path) -> None:
    Path("script.py").write_text(SCRIPT)
    Path("plot.py").write_text(PLOT)
    subprocess.run([sys.executable, "script.py"], check=True, timeout=120)
    segments = {path: path.stat().st_mtime_ns for path in Path("work/segments").iterdir()}
    assert len(segments) == 4
    decoded = list(read_frames(Path("movie.mp4")))
    assert all(not np.array_equal(a, b) for a, b in itertools.pairwise(decoded))
    subprocess.run([sys.executable, "script.py"], check=True, timeout=120)
    assert segments == {path: path.stat().st_mtime_ns for path in Path("work/segments").iterdir()}
    Path("plot.py").write_text(PLOT.replace("[0, level]", "[level, level]"))
    subprocess.run([sys.executable, "script.py"], check=True, timeout=120)
    assert len(list(Path("work/segments").iterdir())) == 8


def tight_panels(columns: int, size: tuple[float, float]) -> Animation:
    """Axes that tight_layout() places in every frame; rounding moves them from frame to frame."""
    figure, panels = plt.subplots(1, columns, figsize=size, squeeze=False)

    def update(i: int) -> None:
        for axes in panels.flat:
            axes.clear()
            axes.plot(np.sin(np.linspace(0, 10, 30) + i / 10))
            axes.set(ylabel="amplitude", title=f"frame {i}")
        plt.tight_layout()

    return FuncAnimation(figure, update, frames=9)


@pytest.mark.slow
@pytest.mark.parametrize(("columns", "size"), [(1, (4, 2)), (2, (8, 4)), (2, (10, 6))])
def test_a_layout_made_by_the_function_has_the_pixels_that_matplotlib_saves(
    columns: int, size: tuple[float, float]
) -> None:
    expected = saved_frames(tight_panels(columns, size))
    drawn, _ = drawn_frames(tight_panels(columns, size), chunk_size=3)
    assert_same(drawn, expected)


def test_a_function_that_changes_the_size_has_the_pixels_that_matplotlib_saves() -> None:
    def build() -> Animation:
        figure, axes = plt.subplots(figsize=(3, 2))

        def update(i: int) -> None:
            figure.set_size_inches(3 + i / 10, 2 - i / 10)
            axes.set_title(f"frame {i}")

        return FuncAnimation(figure, update, frames=6)

    expected = saved_frames(build())
    drawn, why_in_order = drawn_frames(build(), chunk_size=2)
    assert why_in_order == ""
    assert_same(drawn, expected)


def test_polar_bars_have_round_edges_in_workers(tmp_path: Path) -> None:
    figure, axes = plt.subplots(figsize=(2, 2), subplot_kw={"projection": "polar"})
    bars = axes.bar([0, 2, 4], [1, 2, 3], width=1.5)

    def update(i: int) -> None:
        for number, bar in enumerate(bars):
            bar.set_height(1 + (i + number) % 3)

    movies = []
    for workers in (1, 2):
        movies.append(tmp_path / f"{workers}.mp4")
        save_animation(
            FuncAnimation(figure, update, frames=6),
            movies[-1],
            num_workers=workers,
            chunk_size=3,
            video_quality=0,
        )
    one, other = (list(read_frames(movie)) for movie in movies)
    assert_same(other, one)


def test_a_function_that_starts_processes_is_drawn_on_its_own_figure(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(STARTS_PROCESSES)
    result = subprocess.run(
        [sys.executable, str(script)],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    assert "The function starts processes (multiprocessing)" in result.stderr
    assert len(list(read_frames(tmp_path / "a.mp4"))) == 3


STARTS_PROCESSES = """
import multiprocessing
import matplotlib.pyplot as plt
from matplotlib.animation import FuncAnimation
from parallel_animate import save_animation

figure, axes = plt.subplots(figsize=(2, 1))
(line,) = axes.plot([0, 1], [0, 1])

def square(number):
    return number ** 2

def update(i):
    with multiprocessing.Pool(1) as pool:
        line.set_ydata(pool.map(square, [i, i + 1]))

save_animation(FuncAnimation(figure, update, frames=3), "a.mp4", num_workers=2)
"""
