"""An error of the user's code as data, from where it is raised to where people read it.

Light: the Snakefile reads failures in its main process.
"""

import json
import logging
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from parallel_animate.atomic_files import replace_text

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Failure:
    """Why a chunk was not rendered, or a movie not planned.

    Parameters
    ----------
    message : str
        What failed, in a sentence.
    traceback : str
        The traceback of the user's exception; empty where there is none.
    frame_idx : int or None
        Id of the frame that failed, where a single one did.
    chunk : tuple of (int, int) or None
        The half-open range of frame ids of the chunk.
    """

    message: str
    traceback: str = ""
    frame_idx: int | None = None
    chunk: tuple[int, int] | None = None

    @classmethod
    def of(cls, error: BaseException) -> "Failure":
        """Return the failure that an error of this package describes."""
        return cls(
            str(error),
            getattr(error, "traceback", ""),
            getattr(error, "frame_idx", None),
            getattr(error, "chunk", None),
        )

    @property
    def reason(self) -> str:
        """The first line of the message."""
        return self.message.partition("\n")[0]

    def text(self) -> str:
        """Return what people read: the traceback, and below it the message."""
        return f"{self.traceback.rstrip()}\n{self.message}".strip()


def write_failure(path: Path, failure: Failure) -> None:
    """Record a failure; its folder is made."""
    path.parent.mkdir(parents=True, exist_ok=True)
    replace_text(path, json.dumps(asdict(failure), indent=1) + "\n")


def read_failure(path: Path) -> Failure | None:
    """Return the failure that is recorded in a file; None if there is none that can be read."""
    try:
        content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        chunk = content.pop("chunk", None)
        return Failure(**content, chunk=None if chunk is None else (int(chunk[0]), int(chunk[1])))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, TypeError, AttributeError, LookupError) as error:
        logger.warning("The record of a failure, %s, cannot be read: %s", path, error)
        return None
