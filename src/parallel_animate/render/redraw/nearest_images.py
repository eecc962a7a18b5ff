"""Draw images of few pixels quickly: find their colours before they are enlarged, not after.

matplotlib enlarges the data of an image, and then finds the colour of every pixel on the screen.
Where each of these shows one pixel of the data (``interpolation="nearest"``, and by default an
image enlarged three times or more), its colour is that pixel's. So here the same code of matplotlib
runs on the data as they are, and the colours are enlarged.
"""

import contextlib
import threading
from collections import OrderedDict
from collections.abc import Hashable, Iterator
from typing import Any

import matplotlib.image as matplotlib_image
import numpy as np
from matplotlib.colorizer import Colorizer
from matplotlib.colors import LinearSegmentedColormap, ListedColormap, Normalize
from matplotlib.image import AxesImage
from numpy.typing import NDArray

from parallel_animate.render.redraw.replacement import Replacement

_ImageBase: Any = next(cls for cls in AxesImage.__mro__ if "_make_image" in vars(cls))
_make_image: Any = _ImageBase._make_image
_resample: Any = matplotlib_image._resample  # type: ignore[attr-defined]

# What an image's colours come from. A norm of another class may look at all pixels at once.
_COLOURING: tuple[Any, ...] = (
    (_ImageBase, "to_rgba", _ImageBase.to_rgba),
    (Colorizer, "to_rgba", Colorizer.to_rgba),
    (Normalize, "__call__", Normalize.__call__),
    (Normalize, "process_value", Normalize.process_value),
)
COLORMAPS = (LinearSegmentedColormap, ListedColormap)
# Images whose places are kept; one on a whole screen of 1920x1080 pixels takes 16 MB.
MAX_IMAGES = 8

Places = NDArray[np.intp]
NO_PLACES: Places = np.empty((0, 0), np.intp)


class _NotCopiedError(Exception):
    """The pixels on the screen are not those of the data, which are partly transparent, say."""


class _PlacesOfImages:
    """Which pixel of the data each pixel on the screen shows, by what decides that.

    They are found when an image is drawn the second time: to find them takes as long as to draw a
    few images.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        # None: drawn once. Empty: the pixels on the screen are no single pixels of the data.
        self._found: OrderedDict[Hashable, Places | None] = OrderedDict()

    def of(self, key: Hashable, sample: Any, data: NDArray[Any]) -> Places | None:
        """Return the places, as indices into the pixels of the data; None if there are none.

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
            if key not in self._found:
                self._found[key] = None
                while len(self._found) > MAX_IMAGES:
                    self._found.popitem(last=False)
                return None
            self._found.move_to_end(key)
            places = self._found[key]
            if places is None:
                places = self._found[key] = _find_places(sample, data)
        return places if places.size else None

    def forget(self, key: Hashable) -> None:
        """Return no places any more."""
        with self._lock:
            self._found[key] = NO_PLACES


def _find_places(sample: Any, data: NDArray[Any]) -> Places:
    """Return which pixel of the data each pixel on the screen shows; empty if one shows others."""
    shape = data.shape[:2]
    # Outside of the data, matplotlib leaves 0.
    numbers = sample(np.arange(1.0, shape[0] * shape[1] + 1).reshape(shape))
    places: Places = numbers.astype(np.intp) - 1
    covers = sample(np.ones(shape, np.float32), resample=True)
    full = _full(data.dtype)
    random = (full * np.random.default_rng(0).random(data.shape)).astype(data.dtype)
    if data.ndim == 3:
        random[..., 3] = full
    is_exact = (
        (places + 1 == numbers).all()
        and (places >= 0).all()
        and (covers == 1).all()
        and np.array_equal(random.reshape(-1, *data.shape[2:])[places], sample(random))
    )
    return places if is_exact else NO_PLACES


def _full(dtype: np.dtype[Any]) -> int:
    """Return the largest value of a colour and of its alpha."""
    return 255 if dtype == np.uint8 else 1


def _is_copied(data: NDArray[Any]) -> bool:
    """Return whether matplotlib enlarges these pixels by copying them.

    Agg blends pixels, which changes colours that are partly transparent or out of range.
    """
    if data.ndim == 2:
        return True
    full = _full(data.dtype)
    return bool((data[..., 3] == full).all() and ((data >= 0) & (data <= full)).all())


_places = _PlacesOfImages()


class _Sampling(threading.local):
    """The image that this thread makes now, and its places."""

    image: Any = None
    key: Hashable = None
    is_chosen = False
    places: Places | None = None

    def reset(self) -> None:
        """Forget the image."""
        self.image = self.key = self.places = None
        self.is_chosen = False

    def choose(self, data: Any, out_shape: tuple[int, int], transform: Any) -> None:
        """Choose whether the image is enlarged at the end; called for its first array."""
        self.is_chosen = True
        image = self.image
        height, width = data.shape[:2]
        if not transform.is_affine or height * width > out_shape[0] * out_shape[1]:
            return
        if data.ndim == 2 and not _has_known_colours(image):
            return
        self.key = (
            *(out_shape, data.shape, data.dtype, transform.get_matrix().tobytes()),
            *(image.origin, image.get_interpolation(), image.get_resample()),
            *(image.get_filternorm(), image.get_filterrad()),
        )

        def sample(array: NDArray[Any], **options: Any) -> Any:
            return _resample(image, array, out_shape, transform, **options)

        self.places = _places.of(self.key, sample, data)


_sampling = _Sampling()


def _has_known_colours(image: Any) -> bool:
    """Return whether the colour of each pixel depends on that pixel's value alone."""
    norm, alpha = image.norm, image.get_alpha()
    return (
        type(norm) is Normalize
        and norm.vmin is not None
        and norm.vmax is not None
        and "process_value" not in vars(norm)
        and type(image.cmap) in COLORMAPS
        and type(image.colorizer) is Colorizer
        and (alpha is None or np.ndim(alpha) == 0)
    )


def make_image(image: Any, A: Any, *args: Any, **options: Any) -> Any:
    """Replace ``_ImageBase._make_image``."""
    if (
        type(image) is not AxesImage
        or _sampling.image is not None
        or not vars(image).keys().isdisjoint(("to_rgba", "get_alpha", "_get_scalar_alpha"))
        or any(getattr(owner, name) is not method for owner, name, method in _COLOURING)
    ):
        return _make_image(image, A, *args, **options)
    _sampling.image = image
    try:
        made, *rest = _make_image(image, A, *args, **options)
        places = _sampling.places
    except _NotCopiedError:
        _places.forget(_sampling.key)
        _sampling.reset()
        return _make_image(image, A, *args, **options)
    finally:
        _sampling.reset()
    if places is None:
        return (made, *rest)
    colours = np.ascontiguousarray(made).view(np.uint32).reshape(-1)
    return (colours[places].view(np.uint8).reshape(*places.shape, 4), *rest)


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
        if not _sampling.is_chosen:
            _sampling.choose(data, out_shape, transform)
        if _sampling.places is not None:
            if not _is_copied(data):
                raise _NotCopiedError
            # As matplotlib does: an array of its own, without a mask.
            return np.array(data)
    return _resample(image_obj, data, out_shape, transform, resample=resample, alpha=alpha)


_making = Replacement(_ImageBase, "_make_image", make_image)
_resampling = Replacement(matplotlib_image, "_resample", resample)


@contextlib.contextmanager
def images_made_quickly() -> Iterator[None]:
    """Find the colours of images before they are enlarged, where that gives the same pixels."""
    with _making(), _resampling():
        yield
