"""Import matplotlib faster, in a process that only draws.

A third of the time of importing matplotlib goes into the tables of properties in its docstrings
and into Python's garbage collector. Nobody reads a docstring in a worker or a job.
"""

import contextlib
import gc
from collections.abc import Iterator


@contextlib.contextmanager
def quick_imports() -> Iterator[None]:
    """Leave the tables of properties out of docstrings that are made within the block.

    Never in the user's own process: there somebody may ask for help. ``matplotlib.artist.kwdoc``
    makes the tables, for each subclass of Artist when it is defined.
    """
    collects = gc.isenabled()
    gc.disable()
    try:
        from matplotlib import artist as artists

        kwdoc = artists.kwdoc
        artists.kwdoc = lambda artist: ""
        try:
            yield
        finally:
            artists.kwdoc = kwdoc
    finally:
        if collects:
            gc.enable()
