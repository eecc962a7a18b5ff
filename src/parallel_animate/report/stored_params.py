"""The params of a movie's frames as short texts, read from its chunk files.

No user code runs: an object of another class is shown by the name of the class and its attributes.
"""

import logging
import pickle
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, ClassVar

from parallel_animate.inputs.frames import HeldFrame, IndexedFrameParams
from parallel_animate.inputs.pickling import load
from parallel_animate.local.param_texts import ParamTexts
from parallel_animate.project.chunk_files import ChunkFile
from parallel_animate.project.work_files import examine_stored
from parallel_animate.project.work_folder import WorkFolder

logger = logging.getLogger(__name__)

# Of all chunk files. Larger ones hold arrays, which make no text.
MAX_BYTES = 50_000_000
# Top-level packages whose objects are rebuilt.
_KNOWN = frozenset(
    ("builtins", "collections", "copyreg", "datetime", "decimal", "fractions", "numpy", "pandas")
)


class _Unknown:
    """An object of a class that is not imported; like a dataclass, it is shown with its values."""

    __dataclass_fields__: ClassVar[dict[str, Any]] = {}

    def __new__(cls, *_: object, **__: object) -> "_Unknown":
        return super().__new__(cls)

    def __init__(self, *_: object, **__: object) -> None:
        pass


class _Unpickler(pickle.Unpickler):
    """Rebuilds plain values, and stands in for all other classes."""

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) == (HeldFrame.__module__, HeldFrame.__name__):
            return HeldFrame
        if module.partition(".")[0] in _KNOWN:
            return super().find_class(module, name)
        return type(name.rpartition(".")[2], (_Unknown,), {})


def stored_param_texts(work: Path, chunks: Sequence[str]) -> tuple[str, ...]:
    """Return a text about the params of each frame, in playing order.

    Parameters
    ----------
    work : Path
        The movie's work folder.
    chunks : sequence of str
        Names of the chunks.

    Returns
    -------
    tuple of str
        Empty if the chunk files do not hold the params, or are too large or too long, or if the
        params need code to be read.
    """
    folder = WorkFolder(work)
    try:
        if sum(folder.chunk(name).stat().st_size for name in chunks) > MAX_BYTES:
            return ()
        texts = ParamTexts()
        n_frames = sum(1 for _ in texts.watch(_stored_params(folder, chunks)))
    except (OSError, LookupError, pickle.UnpicklingError, *_ERRORS) as error:
        logger.debug("The page shows no params: %s", error)
        return ()
    in_order = texts.in_order()
    return in_order if len(in_order) == n_frames else ()


# What rebuilding an object of a stand-in class raises.
_ERRORS = (TypeError, AttributeError, ValueError, ImportError)


def _stored_params(folder: WorkFolder, chunks: Sequence[str]) -> Iterator[IndexedFrameParams]:
    for name in chunks:
        # Not fetch(), which sets a damaged file aside.
        found = examine_stored(folder.chunk(name))
        if found.content is None:
            raise LookupError(f"chunk file {name} {found.fault or 'is missing'}")
        content: ChunkFile = load(found.content)
        for frame_id, data in zip(content.frame_ids, content.params, strict=True):
            params = load(data, _Unpickler)
            yield IndexedFrameParams(
                frame_id, params.params if isinstance(params, HeldFrame) else params
            )
