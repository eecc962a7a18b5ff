"""Images whose colours are found before they are enlarged have the pixels of matplotlib."""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from matplotlib import image as matplotlib_image
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colorizer import Colorizer
from matplotlib.colors import ListedColormap, LogNorm, Normalize
from matplotlib.figure import Figure
from matplotlib.image import AxesImage

from parallel_animate.render.redraw import nearest_images
from parallel_animate.render.redraw.canvas import CachingCanvas
from parallel_animate.render.redraw.nearest_images import images_made_quickly

REAL = vars(nearest_images._ImageBase)["_make_image"], vars(matplotlib_image)["_resample"]
NEAREST = {"interpolation": "nearest"}


@pytest.fixture(autouse=True)
def no_places(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(nearest_images, "_places", nearest_images._PlacesOfImages())
    yield
    assert (nearest_images._ImageBase._make_image, matplotlib_image._resample) == REAL  # type: ignore[attr-defined]
    assert nearest_images._sampling.image is None


def data_of(kind: str, shape: tuple[int, int], seed: int) -> Any:
    rng = np.random.default_rng(seed)
    values = rng.random(shape)
    hides = rng.random(shape) < 0.2
    kinds: dict[str, Callable[[], Any]] = {
        "float64": lambda: values,
        "float32": lambda: values.astype(np.float32),
        "uint8": lambda: (255 * values).astype(np.uint8),
        "int64": lambda: (9 * values).astype(int) - 4,
        "large": lambda: (9 * values).astype(int) * 10**10,
        "bool": lambda: hides,
        "nan": lambda: np.where(hides, np.nan, values),
        "inf": lambda: np.where(hides, np.inf, values),
        "masked": lambda: np.ma.masked_array(values, hides),
        "rgb": lambda: rng.random((*shape, 3)),
        "rgb8": lambda: rng.integers(0, 256, (*shape, 3), np.uint8),
        "opaque8": lambda: np.dstack(
            [rng.integers(0, 256, (*shape, 3), np.uint8), np.full(shape, 255, np.uint8)]
        ),
        "rgba": lambda: rng.random((*shape, 4)).astype(np.float32),
        "rgba8": lambda: rng.integers(0, 256, (*shape, 4), np.uint8),
    }
    return kinds[kind]()


KINDS = (
    *("float64", "float32", "uint8", "int64", "large", "bool", "nan", "inf", "masked"),
    *("rgb", "rgb8", "opaque8", "rgba", "rgba8"),
)
OPTIONS: tuple[dict[str, Any], ...] = (
    {},
    NEAREST,
    {"interpolation": "none", "aspect": "auto"},
    {"interpolation": "bilinear"},
    {"interpolation": "hanning", "interpolation_stage": "rgba"},
    {**NEAREST, "interpolation_stage": "rgba"},
    {**NEAREST, "interpolation_stage": "data"},
    {"origin": "lower", "alpha": 0.4},
    {"extent": (-3, 7.3, 2, -1), "cmap": "tab10"},
    {"vmin": 0.2, "vmax": 0.5, "cmap": ListedColormap(["r", "g"]).with_extremes(bad="k", over="b")},
    {"norm": LogNorm(0.1, 1, clip=True), **NEAREST},
)


def made(figure: Figure, image: AxesImage) -> Any:
    """Return what matplotlib draws: the colours and their place."""
    renderer: Any = FigureCanvasAgg(figure).get_renderer()  # type: ignore[no-untyped-call]
    picture, *place, _ = image.make_image(renderer)  # type: ignore[no-untyped-call]
    return picture, place


def assert_same(figure: Figure, image: AxesImage, n_draws: int = 3) -> None:
    picture, place = made(figure, image)
    with images_made_quickly():
        for _ in range(n_draws):
            quick_picture, quick_place = made(figure, image)
            assert quick_place == place
            if picture is None:
                assert quick_picture is None
                continue
            assert quick_picture.dtype == picture.dtype
            np.testing.assert_array_equal(quick_picture, picture)


def is_quick() -> bool:
    """Return whether the last image was enlarged by its places."""
    found = list(nearest_images._places._seen.values())
    return bool(found) and found[-1].places is not None


def figure_of(data: Any, **options: Any) -> tuple[Figure, Any, AxesImage]:
    figure = Figure(figsize=(3.3, 2.41))
    axes: Any = figure.add_subplot()
    return figure, axes, axes.imshow(data, **options)


@pytest.mark.filterwarnings("ignore:(divide by zero|invalid value|Passing non)")
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "shape",
    [
        (10, 13),
        (1, 7),
        pytest.param((70, 90), marks=pytest.mark.slow),
        pytest.param((300, 400), marks=pytest.mark.slow),
    ],
)
def test_images_of_every_kind(kind: str, shape: tuple[int, int]) -> None:
    for number, options in enumerate(OPTIONS):
        data = data_of(kind, shape, number)
        if data.ndim == 3 and "norm" in options:
            continue
        figure, axes, image = figure_of(data, **options)
        assert_same(figure, image)
        axes.set(xlim=(shape[1] / 3, shape[1] + 2), ylim=(-1, shape[0] / 2))
        assert_same(figure, image)


@pytest.mark.parametrize("kind", ["float64", "float32", "uint8", "bool", "nan", "masked", "rgb8"])
@pytest.mark.parametrize("options", [{}, {**NEAREST, "alpha": 0.5}, {"origin": "lower"}])
def test_enlarged_images_are_made_quickly(
    kind: str, options: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    options = NEAREST if kind == "rgb8" else options
    figure, _, image = figure_of(data_of(kind, (20, 24), 0), **options)
    assert_same(figure, image)
    assert is_quick()
    picture, _ = made(figure, image)
    monkeypatch.setattr("matplotlib.image._image.resample", not_called)
    with images_made_quickly():
        np.testing.assert_array_equal(made(figure, image)[0], picture)


def not_called(*arguments: Any, **options: Any) -> Any:
    raise AssertionError("matplotlib enlarges the image")


def test_a_canvas_that_draws_less_makes_images_quickly(monkeypatch: pytest.MonkeyPatch) -> None:
    figure, _, _ = figure_of(data_of("float64", (20, 24), 0))
    canvas = CachingCanvas(figure)
    canvas.draw()
    canvas.draw()
    monkeypatch.setattr("matplotlib.image._image.resample", not_called)
    canvas.draw()


class Stretched(Normalize):
    """A norm that looks at all pixels."""

    def __call__(self, value: Any, clip: Any = None) -> Any:
        return super().__call__(value, clip) * (np.argsort(np.ravel(value))[0] + 1) % 1


@pytest.mark.parametrize(
    "options",
    [
        {"interpolation": "bilinear"},
        {"norm": Stretched(0, 1)},
        {"norm": LogNorm(0.1, 1)},
        {"alpha": np.linspace(0, 1, 480).reshape(20, 24)},
    ],
)
def test_other_images_are_left_to_matplotlib(options: Any) -> None:
    figure, _, image = figure_of(data_of("float64", (20, 24), 0), **options)
    assert_same(figure, image)
    assert not is_quick()


def flipped(method: Any) -> Any:
    """Return a method whose colours depend on where a pixel is."""

    def call(*arguments: Any, **options: Any) -> Any:
        return method(*arguments, **options)[::-1]

    return call


def test_an_image_of_another_class_is_left_alone() -> None:
    class Other(AxesImage):
        to_rgba = flipped(AxesImage.to_rgba)

    figure, axes, _ = figure_of(data_of("float64", (20, 24), 0))
    image = Other(axes, extent=(0, 24, 0, 20))
    image.set_data(data_of("float64", (20, 24), 0))
    axes.add_image(image)
    image.autoscale()
    assert_same(figure, image)
    assert not is_quick()


@pytest.mark.parametrize(
    ("part", "name"), [("", "to_rgba"), ("colorizer", "to_rgba"), ("norm", "process_value")]
)
def test_methods_of_one_object_are_left_alone(part: str, name: str) -> None:
    figure, _, image = figure_of(data_of("float64", (20, 24), 0))
    owner: Any = getattr(image, part) if part else image
    if name == "process_value":
        process = owner.process_value
        owner.process_value = lambda value: (process(value)[0] * 0 + np.ptp(value), False)
    else:
        setattr(owner, name, flipped(getattr(owner, name)))
    assert_same(figure, image)
    assert not is_quick()


@pytest.mark.parametrize(
    ("owner", "name"),
    [(AxesImage, "to_rgba"), (Colorizer, "to_rgba"), (ListedColormap, "__call__")],
)
def test_methods_that_are_replaced_for_all_objects_are_left_alone(
    owner: Any, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(owner, name, flipped(getattr(owner, name)))
    figure, _, image = figure_of(data_of("float64", (20, 24), 0), cmap="viridis")
    assert_same(figure, image)
    assert not is_quick()


def test_logarithmic_axes_are_left_to_matplotlib() -> None:
    figure, axes, image = figure_of(data_of("float64", (20, 24), 0))
    axes.set(xscale="log", xlim=(1, 30))
    assert_same(figure, image)
    assert not is_quick()


def test_a_norm_sees_the_pixels_once_in_a_draw() -> None:
    class Counting(Normalize):
        n_calls = 0

        def __call__(self, value: Any, clip: Any = None) -> Any:
            Counting.n_calls += 1
            return super().__call__(value, clip)

    figure, _, image = figure_of(
        data_of("masked", (20, 24), 0), norm=Counting(0, 1), interpolation_stage="rgba", **NEAREST
    )
    with images_made_quickly():
        for number in range(1, 5):
            made(figure, image)
            assert Counting.n_calls == number


@pytest.mark.parametrize("shown", [{"xlim": (5, 20)}, {"ylim": (5, 15)}])
def test_data_that_are_not_shown_give_no_warning(shown: Any) -> None:
    data = data_of("float32", (20, 24), 0)
    data[0, 0] = 3e38
    figure, axes, image = figure_of(data, vmin=-1, vmax=1e-3)
    axes.set(**shown)
    with np.errstate(all="raise"):
        assert_same(figure, image)
    assert not is_quick()


def test_hidden_pixels_of_any_colour() -> None:
    colours = data_of("rgba", (20, 24), 0)
    colours[..., 3] = 1
    colours[:9, 3:, 3] = -0.5
    figure, _, image = figure_of(np.ma.masked_less(colours, 0), **NEAREST)
    assert_same(figure, image)


def test_a_block_that_ends_in_another_thread_does_not_end_this_one() -> None:
    figure, _, image = figure_of(data_of("float64", (20, 24), 0))
    assert_same(figure, image)
    other = images_made_quickly()
    ends: list[Any] = []

    def sampled_between(*arguments: Any, **options: Any) -> Any:
        # Between the two arrays of an image, the other thread's draw ends.
        if ends:
            ends.pop().__exit__(None, None, None)
        return real(*arguments, **options)

    real = np.ones_like
    other.__enter__()
    ends.append(other)
    renderer: Any = FigureCanvasAgg(figure).get_renderer()  # type: ignore[no-untyped-call]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(np, "ones_like", sampled_between)
        picture, *_ = image.make_image(renderer)  # type: ignore[no-untyped-call]
    assert not ends
    np.testing.assert_array_equal(picture, made(figure, image)[0])


def test_places_that_change_in_every_frame_are_soon_not_looked_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    looked_for = []
    find = nearest_images._find_places

    def found(*arguments: Any) -> Any:
        looked_for.append(arguments)
        return find(*arguments)

    monkeypatch.setattr(nearest_images, "_find_places", found)
    figure, axes, image = figure_of(data_of("float64", (20, 24), 0))
    with images_made_quickly():
        for number in range(40):
            axes.set_xlim(-1 - number / 40, 26)
            made(figure, image)
            made(figure, image)
    assert 0 < len(looked_for) < 2 * nearest_images.MANY_IN_VAIN


def test_limits_that_the_enlarged_data_give_are_left_to_matplotlib() -> None:
    # Only a part is shown, and the norm has no limits yet.
    data = data_of("float64", (20, 24), 0)
    data[0, 0] = 50
    figure, axes, image = figure_of(data)
    axes.set(xlim=(5, 20), ylim=(5, 15))
    image.set_norm(Normalize())
    with images_made_quickly():
        for _ in range(3):
            image.norm.vmin = image.norm.vmax = None
            quick, _ = made(figure, image)
    image.norm.vmin = image.norm.vmax = None
    np.testing.assert_array_equal(quick, made(figure, image)[0])
    assert image.norm.vmax == data[data != 50].max() or image.norm.vmax < 50


def test_colours_become_transparent_and_opaque_again() -> None:
    data = data_of("rgb", (20, 24), 0)
    opaque, thin = np.dstack([data, np.ones((20, 24))]), np.dstack([data, data[..., 0]])
    figure, _, image = figure_of(opaque, **NEAREST)
    for shown in (opaque, opaque, thin, thin, opaque):
        image.set_data(shown)
        assert_same(figure, image, n_draws=2)


def test_an_error_in_a_draw_leaves_nothing_behind() -> None:
    class Failing(ListedColormap):
        def __call__(self, *args: Any, **options: Any) -> Any:
            raise OSError("no colours")

    figure, _, image = figure_of(data_of("float64", (20, 24), 0))
    known = image.get_cmap()
    image.set_cmap(Failing(["r"]))
    with images_made_quickly(), pytest.raises(OSError, match="no colours"):
        made(figure, image)
    image.set_cmap(known)
    assert_same(figure, image)
    assert is_quick()


def test_few_images_are_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(nearest_images, "MAX_IMAGES", 3)
    for number in range(7):
        figure, _, image = figure_of(data_of("float64", (10 + number, 12), 0))
        assert_same(figure, image)
    assert len(nearest_images._places) == 3
