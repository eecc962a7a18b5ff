"""Import matplotlib faster, in a process that only draws.

A quarter of the time of importing matplotlib goes into the tables of properties in its docstrings
and into Python's garbage collector, which also looks through all that was imported, again and
again, when the process ends. Nobody reads a docstring in a worker or a job, and what was imported
is no garbage.
"""

import contextlib
import gc
import sys
from collections.abc import Iterator


@contextlib.contextmanager
def quick_imports() -> Iterator[None]:
    """Leave the tables of properties out of docstrings that are made within the block.

    ``matplotlib.artist.kwdoc`` makes the tables, for each subclass of Artist when it is defined.
    All objects that are there at the end of the block are kept from the garbage collector for good.
    Not for the user's own process: there somebody may ask for help.
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
        # A frozen namespace is emptied at the end of the process only while something holds its
        # module: else what the main script has in a cycle, a file say, is never closed.
        kept: list[object] = [sys.modules["__main__"]]
        kept.append(kept)
        gc.freeze()
        if collects:
            gc.enable()
