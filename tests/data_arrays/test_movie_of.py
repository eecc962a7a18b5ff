"""A movie of an xarray DataArray: the right picture for each step, and one step read at a time."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from movies import read_frames

from parallel_animate import FrameError, SettingsError, Timeline, movie_of
from parallel_animate.data_arrays.pictures import is_even, time_in_words
from parallel_animate.inputs.pickling import dump, load

xarray: Any = pytest.importorskip("xarray", reason="the extra 'xarray' is not installed")
pytest.importorskip("xarray.backends")

N_STEPS = 12


def field(n_steps: int = N_STEPS) -> Any:
    """Return a field that is brightest in another cell in each step."""
    values = np.zeros((n_steps, 6, 8))
    for step in range(n_steps):
        values[step, step % 6, step % 8] = 100
    return xarray.DataArray(
        values,
        dims=("time", "lat", "lon"),
        coords={
            "time": np.datetime64("2026-01-01") + np.arange(n_steps),
            "lat": ("lat", np.linspace(50, 0, 6), {"units": "degrees north"}),
            "lon": np.linspace(0, 70, 8),
        },
        name="sst",
        attrs={"long_name": "sea surface temperature", "units": "°C"},
    )


def brightest(movie: Any, frame: Any) -> tuple[int, int]:
    """Return the row, from the top, and the column of the bright cell of a field's picture."""
    movie.animator.setup()
    left, bottom, right, top = movie.animator._axes.bbox.extents
    image = np.asarray(frame)[..., :3].astype(int)
    inside = image[round(len(image) - top) : round(len(image) - bottom), round(left) : round(right)]
    # Viridis ends in yellow.
    yellow = (inside[..., 0] > 200) & (inside[..., 1] > 200) & (inside[..., 2] < 100)
    rows, columns = np.nonzero(yellow)
    return int(rows.mean() / (top - bottom) * 6), int(columns.mean() / (right - left) * 8)


class Lazy(xarray.backends.BackendArray):  # type: ignore[misc]
    """Data of a file that is never read as a whole; it notes what is read, in every process."""

    def __init__(self, log: str, n_steps: int = 40) -> None:
        self.log = log
        self.shape = (n_steps, 6, 8)
        self.dtype = np.dtype(float)

    def __getitem__(self, key: Any) -> Any:
        return xarray.core.indexing.explicit_indexing_adapter(
            key, self.shape, xarray.core.indexing.IndexingSupport.BASIC, self._read
        )

    def _read(self, key: Any) -> Any:
        with open(self.log, "a") as file:
            file.write(f"{os.getpid()} {key[0]}\n")
        numbers = np.arange(self.shape[0])[key[0]]
        values = np.zeros((*np.shape(numbers), 6, 8)) + np.asarray(numbers)[..., None, None]
        return values[(..., *key[1:])]


def lazy(log: Path) -> Any:
    log.write_text("")
    data = xarray.core.indexing.LazilyIndexedArray(Lazy(str(log)))
    return xarray.DataArray(xarray.Variable(("time", "y", "x"), data), name="depth")


def reads(log: Path) -> list[tuple[int, str]]:
    pairs = (line.split(" ", 1) for line in log.read_text().splitlines())
    return [(int(process), key) for process, key in pairs]


def test_each_frame_shows_its_step(in_tmp: Path) -> None:
    movie = movie_of(field())
    assert movie.make_video("sst.mp4", fps=20, num_workers=1).n_frames == N_STEPS
    places = [brightest(movie, frame) for frame in read_frames(in_tmp / "sst.mp4")]
    assert places == [(step % 6, step % 8) for step in range(N_STEPS)]


@pytest.mark.parametrize("kind", ["imshow", "pcolormesh"])
@pytest.mark.parametrize("flip", [True, False])
def test_rows_and_columns_are_where_their_coordinates_say(kind: str, flip: bool) -> None:
    data = field().transpose("lon", "time", "lat")
    if flip:
        data = data.isel(lat=slice(None, None, -1), lon=slice(None, None, -1))
    movie = movie_of(data, kind=kind, x="lon", y="lat")
    assert [brightest(movie, movie.preview(step)) for step in (0, 5, 9)] == [(0, 0), (5, 5), (3, 1)]


def test_uneven_and_two_dimensional_coordinates_are_drawn_as_a_mesh() -> None:
    data = field()
    data["lat"] = [50, 45, 40, 20, 10, 0]
    # The fourth row reaches from 30 to 15 of -5 to 52.5 degrees.
    movie = movie_of(data)
    assert brightest(movie, movie.preview(3)) == (int((52.5 - 22.5) / 57.5 * 6), 3)
    with pytest.raises(SettingsError, match="'lat' are not even, so kind='imshow'"):
        movie_of(data, kind="imshow").animator.setup()
    plain = field()
    data = plain.drop_vars(["lat", "lon"])
    lon, lat = np.meshgrid(plain.lon.values, plain.lat.values)
    data = data.assign_coords(longitude=(("lat", "lon"), lon), latitude=(("lat", "lon"), lat))
    movie = movie_of(data, x="longitude", y="latitude")
    assert brightest(movie, movie.preview(5)) == (5, 5)


@pytest.mark.slow
def test_one_and_two_workers_write_the_same_bytes(in_tmp: Path) -> None:
    for workers in (1, 2):
        movie_of(field()).make_video(f"{workers}.mp4", 20, num_workers=workers, chunk_size=5)
    assert (in_tmp / "1.mp4").read_bytes() == (in_tmp / "2.mp4").read_bytes()


@pytest.mark.slow
def test_lazy_data_is_read_one_step_at_a_time_in_the_worker(in_tmp: Path) -> None:
    data = lazy(in_tmp / "log.txt")
    movie = movie_of(data, limits=(0, 40))
    assert reads(in_tmp / "log.txt") == [], "nothing is read before a frame is drawn"
    movie.make_video("depth.mp4", 20, num_workers=2, chunk_size=10)
    found = reads(in_tmp / "log.txt")
    assert all(key.isdigit() for _, key in found), "a single step"
    assert {int(key) for _, key in found} == set(range(40))
    in_workers = [int(key) for process, key in found if process != os.getpid()]
    assert set(in_workers) == set(range(40))
    # The first step of a setup(), and what is drawn alone to check the order, come on top.
    assert len(found) < 40 + 30
    assert not isinstance(data.variable._data, np.ndarray), "it stays lazy"


def test_the_limits_come_from_a_few_steps_and_stay(in_tmp: Path) -> None:
    data = lazy(in_tmp / "log.txt")
    low, high = movie_of(data, percentiles=(0, 100)).animator._limits
    assert (low, high) == (0, 39)
    assert len(reads(in_tmp / "log.txt")) == 16
    values = np.linspace(0, 1, 10_000).reshape(1, 100, 100)
    spread = xarray.DataArray(values, dims=("time", "y", "x"))
    assert movie_of(spread, percentiles=(10, 90)).animator._limits == pytest.approx((0.1, 0.9))
    assert movie_of(spread, limits=(-1, 5)).animator._limits == (-1, 5)
    even = xarray.DataArray(np.full((2, 3, 3), 7), dims=("time", "y", "x"))
    assert movie_of(even).animator._limits == (6.5, 7.5)


def test_gaps_are_white_and_do_not_count_for_the_limits() -> None:
    data = field()
    data[:, :, 4:] = np.nan
    movie = movie_of(data, limits=(0, 100))
    image = np.asarray(movie.preview(0))
    height, width = image.shape[:2]
    assert (image[height // 2, int(width * 0.6)] == 255).all()
    assert movie_of(data, percentiles=(0, 100)).animator._limits == (0, 100)


@pytest.mark.parametrize(
    ("time", "words"),
    [
        ("2026-01-31", "2026-01-31"),
        ("2026-01-31T06:30", "2026-01-31 06:30"),
        ("2026-01-31T06:30:05", "2026-01-31 06:30:05"),
        ("2026-01-31T06:30:05.250", "2026-01-31 06:30:05.250"),
        ("NaT", "no time"),
    ],
)
def test_a_time_is_as_short_as_it_can_be(time: str, words: str) -> None:
    assert time_in_words(np.datetime64(time, "ns")) == words


def title(movie: Any, step: int) -> str:
    movie.animator.setup()
    movie.animator.update(step, step)
    return str(movie.animator._axes.get_title())


def test_the_title_is_the_coordinate_or_what_a_function_says() -> None:
    assert title(movie_of(field()), 3) == "2026-01-04"
    assert title(movie_of(field(), title=lambda step: f"max {float(step.max()):.0f}"), 3) == (
        "max 100"
    )
    depths = (
        field()
        .rename(time="depth")
        .assign_coords(depth=("depth", np.arange(N_STEPS) / 2, {"units": "m"}))
    )
    assert title(movie_of(depths, dim="depth"), 3) == "depth = 1.5 m"
    assert title(movie_of(field().drop_vars("time")), 3) == ""


def paint(figure: Any, step: Any) -> None:
    figure.set_facecolor(str(float(step.max()) / 39))


def test_a_function_draws_anything(in_tmp: Path) -> None:
    data = lazy(in_tmp / "log.txt")
    movie = movie_of(data.isel(x=0), draw=paint, figsize=(2, 1))
    movie.make_video("levels.mp4", 20, num_workers=1)
    levels = [frame[50, 100, 0] for frame in read_frames(in_tmp / "levels.mp4")]
    np.testing.assert_allclose(levels, np.arange(40) / 39 * 255, atol=2)


@pytest.mark.slow
def test_a_timeline_chooses_the_steps(in_tmp: Path) -> None:
    movie = movie_of(field())
    steps = Timeline().hold(5, 0.2).play(movie.steps[::-1]).hold(2, 0.2)
    movie.make_video("back.mp4", 10, steps=steps, num_workers=1)
    places = [brightest(movie, frame) for frame in read_frames(in_tmp / "back.mp4")]
    order = [5, 5, *range(11, -1, -1), 2, 2]
    assert places == [(step % 6, step % 8) for step in order]


@pytest.mark.slow
def test_segments_are_used_again_until_the_data_changes(in_tmp: Path) -> None:
    code = (
        "import sys; sys.path.insert(0, {path!r}); import test_movie_of as t\n"
        "data = t.field()\n{change}\n"
        "t.movie_of(data, limits=(0, 9)).make_video('a.mp4', 20, num_workers=1, chunk_size=4,"
        " work_dir='work')\n"
    )

    def render(change: str = "") -> set[str]:
        text = code.format(path=str(Path(__file__).parent), change=change)
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
        subprocess.run([sys.executable, "-c", text], check=True, env=environment, timeout=120)
        return {
            f"{path.name} {path.stat().st_mtime_ns}" for path in Path("work/segments").iterdir()
        }

    first = render()
    assert len(first) == 3
    assert render() == first
    assert len(render("data[11, 0, 0] = 3")) == 6


def test_the_digest_of_lazy_data_reads_each_step_once_and_keeps_none(in_tmp: Path) -> None:
    data = lazy(in_tmp / "log.txt")
    steps = [movie_of(part, limits=(0, 1)).animator._steps for part in (data, data, data[:39])]
    assert steps[0].identity == steps[1].identity != steps[2].identity
    found = [int(key) for _, key in reads(in_tmp / "log.txt")]
    assert found == [*range(40), *range(40), *range(39)]
    assert not isinstance(data.variable._data, np.ndarray), "it stays lazy"


def test_lazy_data_travels_without_being_read(in_tmp: Path) -> None:
    data = lazy(in_tmp / "log.txt")
    copied = load(dump(movie_of(data, limits=(0, 1)).animator))
    assert reads(in_tmp / "log.txt") == []
    assert copied._steps[7].values.max() == 7


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda: movie_of(np.zeros((3, 4, 4))), SettingsError, "needs an xarray.DataArray, found"),
        (lambda: movie_of(field().to_dataset()), SettingsError, "one variable.*it has 'sst'"),
        (lambda: movie_of(field(), dim="tim"), SettingsError, "Did you mean 'time'"),
        (lambda: movie_of(field()[:0]), FrameError, "has no steps"),
        (lambda: movie_of(field()[:, 0]), SettingsError, r"has the dimensions 'lon' \(8\), and"),
        (lambda: movie_of(field().expand_dims(level=2)), SettingsError, "isel.level=0"),
        (lambda: movie_of(field(), limits=(3, 3)), SettingsError, "limits must be in ascending"),
        (lambda: movie_of(field(), limits=3), SettingsError, "limits must be two numbers, found 3"),
        (lambda: movie_of(field(), percentiles=(0, 101)), SettingsError, "from 0 to 100"),
        (lambda: movie_of(field(), kind="mesh"), SettingsError, "kind must be one of"),
        (lambda: movie_of(field() * np.nan), SettingsError, "have no finite values"),
        (lambda: movie_of(field()).preview(12), SettingsError, "step must be 11 or less"),
    ],
)
def test_what_cannot_be_drawn_is_a_clear_error(make: Any, error: Any, message: str) -> None:
    with pytest.raises(error, match=message):
        make()


def test_a_wrong_coordinate_is_a_clear_error() -> None:
    with pytest.raises(Exception, match=r"no coordinate 'lonn'.*Did you mean 'lon'"):
        movie_of(field(), x="lonn").preview(0)


def test_even_coordinates_are_numbers_at_equal_distances() -> None:
    assert is_even(np.array([1.0, 0.5, 0.0]))
    assert is_even(np.array([3]))
    assert not is_even(np.array([0, 1, 3]))
    assert not is_even(np.array([1, 1, 1]))
    assert not is_even(np.array(["a", "b"]))
    assert not is_even(np.datetime64("2026-01-01") + np.arange(3))


def test_the_package_never_imports_xarray() -> None:
    code = (
        "import sys, numpy as np\nfrom parallel_animate import SettingsError, movie_of\n"
        "try:\n    movie_of(np.zeros((2, 2, 2)))\nexcept SettingsError:\n    pass\n"
        "assert 'xarray' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=120)
