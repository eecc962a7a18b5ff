"""Import matplotlib faster, in a process that only draws.

Importing matplotlib spends a quarter of its time on the property tables in its docstrings and on
Python's garbage collector. The collector also searches everything that was imported, several times,
when the process ends. Nobody reads a docstring in a worker or a job, and imported modules are not
garbage.
"""

import contextlib
import gc
import sys
from collections.abc import Iterator


@contextlib.contextmanager
def quick_imports() -> Iterator[None]:
    """Leave the property tables out of docstrings that are made within the block.

    ``matplotlib.artist.kwdoc`` makes the tables when a subclass of Artist is defined. The garbage
    collector ignores all objects that exist at the end of the block from then on. Do not use this
    in the user's own process, where somebody may call help().
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
        # At the end of the process Python empties a frozen namespace only if something holds its
        # module. Otherwise it would never close a file, say, that the main script has in a cycle.
        kept: list[object] = [sys.modules["__main__"]]
        kept.append(kept)
        gc.freeze()
        if collects:
            gc.enable()
