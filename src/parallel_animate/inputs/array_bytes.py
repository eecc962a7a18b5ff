"""The bytes of an array in blocks, so that reading them needs no copy of the whole array."""

from collections.abc import Iterator
from typing import Any

import numpy as np

BLOCK_BYTES = 2**20


class ArrayBytes:
    """The bytes that ``array.tobytes()`` returns; iterating yields them in blocks.

    Parameters
    ----------
    array : ndarray
        The array.
    """

    def __init__(self, array: "np.ndarray[Any, Any]") -> None:
        self._array = array

    def __len__(self) -> int:
        return self._array.nbytes

    def __iter__(self) -> Iterator[bytes]:
        if not self._array.nbytes:
            return
        # reshape(-1) would copy an array that is not contiguous.
        rows = self._array.reshape(-1) if self._array.flags.c_contiguous else self._array
        n_rows = max(1, BLOCK_BYTES * len(rows) // self._array.nbytes)
        for start in range(0, len(rows), n_rows):
            # Copies, since dates have no buffer.
            yield rows[start : start + n_rows].tobytes()
