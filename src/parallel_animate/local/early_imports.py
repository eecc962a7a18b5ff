"""Find in a pickle what workers will import to load it, so that one process does it for all.

To import pandas or scipy takes a worker as long as many frames.
"""

import re
import sys

# Those that start no thread when they are imported, after which no worker could be forked, and that
# use no GPU, which a fork cannot share.
PACKAGES = (
    *("astropy", "cartopy", "geopandas", "networkx", "pandas"),
    *("scipy", "seaborn", "shapely", "xarray"),
)


def modules_in(data: bytes) -> list[str]:
    """Return the names of imported modules of `PACKAGES` that a pickle has among its strings.

    Parameters
    ----------
    data : bytes
        The pickle, of protocol 4 or 5.
    """
    # A short string is its code, its length, and its characters (SHORT_BINUNICODE in pickletools).
    names = "|".join(PACKAGES).encode()
    found = re.finditer(rb"\x8c(.)((?:" + names + rb")(?:\.\w+)*)", data, re.DOTALL)
    texts = {match[2].decode() for match in found if match[1][0] == len(match[2])}
    return sorted(texts & sys.modules.keys())
