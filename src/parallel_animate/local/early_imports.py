"""Find in a pickle what workers will import to load it, so that one process does it for all.

To import pandas or scipy takes a worker as long as many frames.
"""

import re
import sys

# Those that a process can import before a fork: they start no thread, open no file and use no GPU.
# Not cartopy and geopandas: pyproj opens an SQLite database, whose connection must not be carried
# across a fork (sqlite.org/howtocorrupt.html, 2.6).
PACKAGES = ("astropy", "networkx", "pandas", "scipy", "seaborn", "shapely", "xarray")


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
