"""The steps of a DataArray: read one at a time, with limits for all of them.

xarray is not imported here: a user who has a DataArray has imported it.
"""

import functools
import sys
from collections.abc import Mapping
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from parallel_animate.errors import FrameError, SettingsError
from parallel_animate.inputs.value_digest import Identified, digest_of
from parallel_animate.validation import did_you_mean, in_words

# Limits are taken from at most this many steps, and this many values of each.
LIMIT_STEPS = 16
LIMIT_VALUES = 1_000_000


class Steps(Identified):
    """A DataArray along one of its dimensions; nothing is read before a step is.

    Parameters
    ----------
    data_array : xarray.DataArray
        The data.
    dim : str
        The dimension whose steps are the frames.
    """

    def __init__(self, data_array: Any, dim: str) -> None:
        self.data_array = data_array
        self.dim = dim

    def __len__(self) -> int:
        return int(self.data_array.sizes[self.dim])

    def __getitem__(self, number: int) -> Any:
        """Return a step in memory, a DataArray without the dimension."""
        return self.data_array.isel({self.dim: number}).load()

    def __deepcopy__(self, memo: dict[int, object]) -> Self:
        # Nothing changes it, and a copy would hold the data a second time.
        return self

    def __getstate__(self) -> dict[str, Any]:
        return {"data_array": self.data_array, "dim": self.dim}

    @functools.cached_property
    def identity(self) -> str:  # type: ignore[override]
        """A digest of the data, for the names of segments.

        Every step is read for it, one at a time; arrays of dask count by their names.
        """
        array = self.data_array
        described = [self.dim, array.name, array.dims, array.shape, str(array.dtype)]
        attributes = [str(array.attrs), *(str(array[name].attrs) for name in array.coords)]
        coordinates = {name: np.asarray(array[name].values) for name in array.coords}
        return digest_of([described, attributes, coordinates, self._identified_data()])

    def _identified_data(self) -> object:
        if self.data_array.chunks is not None:
            # dask names its arrays by how they are made.
            return ["dask", self.data_array.data.name]
        return [digest_of(self[number].values) for number in range(len(self))]

    def limits(self, percentiles: tuple[float, float]) -> tuple[float, float]:
        """Return percentiles of the values of some steps, from the first to the last."""
        numbers = np.unique(np.linspace(0, len(self) - 1, LIMIT_STEPS).round().astype(int))
        samples = [_sample(self[number].values) for number in map(int, numbers)]
        values = np.concatenate(samples)
        if not values.size:
            raise SettingsError(
                f"The {len(samples)} steps that were read have no finite values, so the limits of "
                "the colours are unknown; give them, as with limits=(0, 1)."
            )
        low, high = (float(value) for value in np.percentile(values, percentiles))
        return (low, high) if low < high else (low - 0.5, high + 0.5)


def _sample(values: NDArray[Any]) -> NDArray[np.float64]:
    flat = values.ravel()
    some = flat[:: max(flat.size // LIMIT_VALUES, 1)].astype(float)
    finite: NDArray[np.float64] = some[np.isfinite(some)]
    return finite


def checked_steps(data_array: Any, dim: str) -> Steps:
    """Return the steps of a DataArray, or raise an error that says what is wrong with it."""
    xarray = sys.modules.get("xarray")
    if xarray is None or not isinstance(data_array, xarray.DataArray | xarray.Dataset):
        raise SettingsError(f"movie_of() needs an xarray.DataArray, found {in_words(data_array)}.")
    if isinstance(data_array, xarray.Dataset):
        names = ", ".join(map(repr, map(str, data_array.data_vars)))
        raise SettingsError(
            "movie_of() needs one variable of the Dataset, such as dataset['NAME']; it has "
            f"{names}."
        )
    if dim not in data_array.dims:
        raise SettingsError(
            f"The DataArray has no dimension {in_words(dim)}; it has {_names(data_array.sizes)}."
            + did_you_mean(dim, map(str, data_array.dims))
        )
    if not data_array.sizes[dim]:
        raise FrameError(f"The dimension {dim!r} has no steps, so there is nothing to render.")
    return Steps(data_array, dim)


def _names(sizes: Mapping[Any, int]) -> str:
    return ", ".join(f"{name!r} ({size})" for name, size in sizes.items())


def check_plane(steps: Steps) -> None:
    """Raise SettingsError unless a step has two dimensions."""
    left = {name: size for name, size in steps.data_array.sizes.items() if name != steps.dim}
    if len(left) != 2:
        raise SettingsError(
            f"A step of the DataArray has the dimensions {_names(left) or 'of a single number'}, "
            "and a picture needs two. Choose one step of the others, as with "
            "data_array.isel(level=0), or draw it yourself, with draw=."
        )
