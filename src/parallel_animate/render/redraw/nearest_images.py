"""Draw images of few pixels quickly: find their colours before they are enlarged, not after.

matplotlib enlarges the data of an image, and then finds the colour of every pixel on the screen.
Where each of these shows one pixel of the data (``interpolation="nearest"``, and by default an
image enlarged three times or more), its colour is that pixel's. So here the same code of matplotlib
runs on the data as they are, and the colours are enlarged.
"""

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Any

import matplotlib.image as matplotlib_image
import numpy as np
from matplotlib.colorizer import Colorizer
from matplotlib.colors import LinearSegmentedColormap, ListedColormap, Normalize
from matplotlib.image import AxesImage
from numpy.typing import NDArray

from parallel_animate.render.redraw.replacement import Replacement, has_own_methods

_ImageBase: Any = next(cls for cls in AxesImage.__mro__ if "_make_image" in vars(cls))
_make_image: Any = _ImageBase._make_image
_resample: Any = matplotlib_image._resample  # type: ignore[attr-defined]

COLORMAPS = (LinearSegmentedColormap, ListedColormap)
# What an image's colours come from, which the user's code may replace.
_COLOURING: list[tuple[Any, str, Any]] = [
    (owner, name, getattr(owner, name))
    for owner, names in (
        (AxesImage, ("to_rgba", "get_alpha", "_get_scalar_alpha")),
        (Colorizer, ("to_rgba",)),
        (Normalize, ("__call__", "process_value")),
        *((colormap, ("__call__",)) for colormap in COLORMAPS),
    )
    for name in names
]
# Images whose places are kept, each some kilobytes.
MAX_IMAGES = 64
# To find the places takes as long as to draw one or two images.
FIRST_SIGHTS = 2
# After this many that were found in vain, as while limits zoom in, images must be seen more often.
MANY_IN_VAIN = 4
MANY_SIGHTS = 32
USEFUL_DRAWS = 3

Numbers = NDArray[np.intp]
Sample = Callable[..., Any]


@dataclass(frozen=True)
class Places:
    """Which row and column of the data each row and column on the screen shows."""

    rows: Numbers
    columns: Numbers

    def enlarge(self, pixels: NDArray[Any]) -> NDArray[Any]:
        """Return an enlarged array, (rows, columns, ...)."""
        return pixels.take(self.columns, axis=1).take(self.rows, axis=0)


@dataclass
class _Seen:
    """An image that was drawn: how often, and its places, if they were looked for."""

    n_draws: int = 0
    places: Places | None = None
    is_found: bool = False


class _PlacesOfImages:
    """The places of the images that were drawn last, by all that these depend on."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._seen: OrderedDict[Hashable, _Seen] = OrderedDict()
        self._n_in_vain = 0

    def __len__(self) -> int:
        return len(self._seen)

    def of(self, key: Hashable, sample: Sample, data: NDArray[Any]) -> Places | None:
        """Return the places; None if there are none, or if they are not known yet.

        Parameters
        ----------
        key : hashable
            All that the places depend on.
        sample : callable
            Enlarges an array as matplotlib does.
        data : ndarray
            The data, (rows, columns) or (rows, columns, 4); see matplotlib's ``_resample``.
        """
        with self._lock:
            seen = self._seen.setdefault(key, _Seen())
            self._seen.move_to_end(key)
            if len(self._seen) > MAX_IMAGES:
                self._seen.popitem(last=False)
            seen.n_draws += 1
            needed = FIRST_SIGHTS if self._n_in_vain < MANY_IN_VAIN else MANY_SIGHTS
            if not seen.is_found and seen.n_draws >= needed:
                seen.is_found, seen.n_draws = True, 0
                seen.places = _find_places(sample, data)
                self._n_in_vain += 1
            elif seen.is_found and seen.n_draws == USEFUL_DRAWS:
                self._n_in_vain -= 1
            return seen.places


def _find_places(sample: Sample, data: NDArray[Any]) -> Places | None:
    """Return the places; None if a pixel on the screen is no pixel of the data, or one is missing.

    What is not on the screen gets no colours from matplotlib, which may warn of the data.
    """
    height, width = data.shape[:2]
    # Outside of the data, matplotlib leaves 0.
    numbers = sample(np.arange(1.0, height * width + 1).reshape(height, width)) - 1
    covers = sample(np.ones((height, width), np.float32), resample=True)
    if not (numbers >= 0).all() or not (covers == 1).all():
        return None
    rows, columns = (numbers[:, 0] // width).astype(np.intp), (numbers[0] % width).astype(np.intp)
    full = _full(data.dtype)
    random = (full * np.random.default_rng(0).random(data.shape)).astype(data.dtype)
    if data.ndim == 3:
        random[..., 3] = full
    places = Places(rows, columns)
    is_exact = (
        np.array_equal(rows[:, np.newaxis] * width + columns, numbers)
        and len(np.unique(rows)) == height
        and len(np.unique(columns)) == width
        and np.array_equal(places.enlarge(random), sample(random))
    )
    return places if is_exact else None


def _full(dtype: np.dtype[Any]) -> int:
    """Return the largest value of a colour and of its alpha."""
    return 255 if dtype == np.uint8 else 1


def _is_copied(data: Any) -> bool:
    """Return whether matplotlib enlarges these pixels by copying them.

    Agg blends pixels, which changes colours that are partly transparent or out of range.
    """
    if data.ndim == 2:
        return True
    # Also what is masked.
    values, full = np.asarray(data), _full(data.dtype)
    return bool(values[..., 3].min() == full and values.min() >= 0 and values.max() <= full)


class _NotCopiedError(Exception):
    """The pixels on the screen are not those of the data."""


_places = _PlacesOfImages()


class _Sampling(threading.local):
    """The image that this thread makes now, and its places."""

    image: Any = None
    is_chosen = False
    places: Places | None = None

    def choose(self, data: Any, out_shape: tuple[int, int], transform: Any) -> None:
        """Choose whether the image is enlarged at the end; called for its first array."""
        image = self.image
        height, width = data.shape[:2]
        if not transform.is_affine or height > out_shape[0] or width > out_shape[1]:
            return
        if data.ndim == 2 and not _has_known_colours(image):
            return
        key = (
            *(out_shape, data.shape, data.dtype, transform.get_matrix().tobytes()),
            *(image.origin, image.get_interpolation(), image.get_resample()),
            *(image.get_filternorm(), image.get_filterrad()),
        )

        def sample(array: NDArray[Any], **options: Any) -> Any:
            return _resample(image, array, out_shape, transform, **options)

        places = _places.of(key, sample, data)
        if places is not None and _is_copied(data):
            self.places = places

    def reset(self) -> None:
        """Forget the image."""
        self.image = self.places = None
        self.is_chosen = False


_sampling = _Sampling()


def _has_known_colours(image: Any) -> bool:
    """Return whether the colour of each pixel depends on that pixel's value alone.

    A norm of another class may look at all pixels at once.
    """
    norm, alpha = image.norm, image.get_alpha()
    return (
        type(norm) is Normalize
        and norm.vmin is not None
        and norm.vmax is not None
        and type(image.cmap) in COLORMAPS
        and type(image.colorizer) is Colorizer
        and not any(map(has_own_methods, (norm, image.cmap, image.colorizer)))
        and (alpha is None or np.ndim(alpha) == 0)
    )


def make_image(image: Any, A: Any, *args: Any, **options: Any) -> Any:
    """Replace ``_ImageBase._make_image``."""
    if (
        type(image) is not AxesImage
        or _sampling.image is not None
        or has_own_methods(image)
        or any(getattr(owner, name) is not method for owner, name, method in _COLOURING)
    ):
        return _make_image(image, A, *args, **options)
    _sampling.image = image
    try:
        # Not for a whole draw: one that ends in another thread must not end this.
        with _resampling():
            made, *rest = _make_image(image, A, *args, **options)
        places = _sampling.places
    except _NotCopiedError:
        _sampling.reset()
        # Only matplotlib's code has run: its first array was one of two dimensions.
        return _make_image(image, A, *args, **options)
    finally:
        _sampling.reset()
    if places is None:
        return (made, *rest)
    colours = np.ascontiguousarray(made).view(np.uint32)
    return (places.enlarge(colours).view(np.uint8), *rest)


def resample(
    image_obj: Any,
    data: Any,
    out_shape: tuple[int, int],
    transform: Any,
    *,
    resample: Any = None,
    alpha: float = 1,
) -> Any:
    """Replace ``matplotlib.image._resample``."""
    if image_obj is _sampling.image:
        # matplotlib 3.10.0 applies alpha here.
        if not _sampling.is_chosen and alpha == 1:
            _sampling.choose(data, out_shape, transform)
        elif _sampling.places is not None and not (_is_copied(data) and alpha == 1):
            raise _NotCopiedError
        _sampling.is_chosen = True
        if _sampling.places is not None:
            # As matplotlib does: an array of its own, without a mask.
            return np.array(data)
    return _resample(image_obj, data, out_shape, transform, resample=resample, alpha=alpha)


images_made_quickly = Replacement(_ImageBase, "_make_image", make_image)
_resampling = Replacement(matplotlib_image, "_resample", resample)
