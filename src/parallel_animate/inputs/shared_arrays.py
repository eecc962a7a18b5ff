"""Pickle and copy large numpy arrays without copying their bytes (see `shared_buffers`)."""

import contextlib
import pickle
import sys
import weakref
from dataclasses import dataclass
from typing import Any

from parallel_animate.inputs.shared_buffers import (
    MIN_BYTES,
    BufferFile,
    Mapping,
    Place,
    is_readable,
    read_buffers,
)

BLOCK_BYTES = 2**20


@dataclass(frozen=True)
class _Shared:
    """An array whose bytes were in a buffer file when it was pickled or loaded.

    Parameters
    ----------
    array : weakref
        The array.
    key : str
        The key of the file.
    place : Place
        Its place in the file.
    """

    array: "weakref.ref[Any]"
    key: str
    place: Place


# Id of each array whose bytes are in a file -> the array, as long as it lives.
_arrays: dict[int, _Shared] = {}


def reduce_array(obj: object) -> Any:
    """Return how to rebuild a large array, or None for other objects.

    numpy itself copies all but contiguous arrays of its own class into the pickle.
    """
    # Not imported here: without numpy there are no arrays, and importing this package stays cheap.
    np = sys.modules.get("numpy")
    if np is None or not isinstance(obj, np.ndarray) or obj.nbytes < MIN_BYTES:
        return None
    if type(obj) is np.ma.MaskedArray and not obj.dtype.hasobject:
        return _masked, (np.ma.getdata(obj), np.ma.getmaskarray(obj), obj.fill_value)
    if type(obj) is np.memmap:
        return _mapped, (np.asarray(obj),)
    if type(obj) is not np.ndarray or obj.dtype.hasobject:
        return None
    # What is not contiguous is copied first.
    whole = obj if obj.flags.forc else np.ascontiguousarray(obj)
    try:
        buffer = pickle.PickleBuffer(whole)
    except ValueError:
        # Dates have no buffer.
        return None
    return _array, (buffer, whole.dtype, whole.shape, "C" if whole.flags.c_contiguous else "F")


def _array(buffer: Any, dtype: Any, shape: tuple[int, ...], order: Any) -> Any:
    import numpy as np

    array = np.frombuffer(buffer, dtype).reshape(shape, order=order)
    if isinstance(buffer, memoryview) and isinstance(buffer.obj, Mapping):
        mapping = buffer.obj
        offset = array.ctypes.data - np.frombuffer(mapping, np.uint8).ctypes.data
        _remember(array, mapping.file.key, (mapping.start + offset, array.nbytes))
    return array


def remember_written(buffer: pickle.PickleBuffer, file: BufferFile, place: Place) -> None:
    """Remember where a file has the bytes of an array, so that copies of the array can share them.

    Parameters
    ----------
    buffer : PickleBuffer
        The buffer of the array.
    file, place : BufferFile, Place
        Where it was written.
    """
    np = sys.modules.get("numpy")
    with memoryview(buffer) as view:
        # Other libraries put other objects into buffers.
        if np is not None and type(view.obj) is np.ndarray:
            _remember(view.obj, file.key, place)


def _remember(array: Any, key: str, place: Place) -> None:
    number = id(array)
    reference = weakref.ref(array, lambda gone: _arrays.pop(number, None))
    _arrays[number] = _Shared(reference, key, place)


def _masked(data: Any, mask: Any, fill_value: Any) -> Any:
    import numpy as np

    return np.ma.MaskedArray(data, mask, fill_value=fill_value)


def _mapped(data: Any) -> Any:
    import numpy as np

    return data.view(np.memmap)


class SharingMemo(dict[int, Any]):
    """A memo for ``copy.deepcopy`` that maps shared arrays again instead of copying them."""

    def get(self, key: int, default: Any = None) -> Any:
        """Return the copy of the object with this id; an array that was changed has none."""
        shared = _arrays.get(key)
        array = shared.array() if shared is not None and is_readable(shared.key) else None
        if shared is not None and array is not None and key not in self:
            # One mapping for each array: if there are too many, the others are copied.
            with contextlib.suppress(OSError):
                again = _mapped_again(array, shared)
                if _is_equal(array, again):
                    self[key] = again
                    # A copy may be copied again.
                    _remember(again, shared.key, shared.place)
        return super().get(key, default)


def _mapped_again(array: Any, shared: _Shared) -> Any:
    import numpy as np

    (buffer,) = read_buffers(shared.key, [shared.place])
    order = "C" if array.flags.c_contiguous else "F"
    again: Any = np.frombuffer(buffer, array.dtype)
    return again.reshape(array.shape, order=order)


def _is_equal(array: Any, other: Any) -> bool:
    import numpy as np

    pairs = [part.reshape(-1, order="A").view(np.uint8) for part in (array, other)]
    blocks = range(0, array.nbytes, BLOCK_BYTES)
    return all(
        np.array_equal(*(part[start : start + BLOCK_BYTES] for part in pairs)) for start in blocks
    )
