"""Record an error in the user's code in a file, so that it can be shown later.

This module imports little: the Snakefile reads failures in its main process.
"""

import logging
from dataclasses import asdict, dataclass
from pathlib import Path

from parallel_animate.atomic_files import make_folder, replace_text
from parallel_animate.project.work_files import Found, examine, parse_sealed_json, sealed_json

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Failure:
    """The reason why a chunk was not rendered, or a movie was not planned.

    Parameters
    ----------
    message : str
        A sentence that describes the failure.
    traceback : str
        The user's exception with its traceback, as text; empty if there is none.
    frame_idx : int or None
        Id of the frame that failed; None if no single frame did.
    chunk : tuple of (int, int) or None
        The chunk's half-open range of frame ids.
    """

    message: str
    traceback: str = ""
    frame_idx: int | None = None
    chunk: tuple[int, int] | None = None

    @classmethod
    def of(cls, error: BaseException) -> "Failure":
        """Return an error of this package as a failure."""
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
        """Return the text to show: the traceback, then the message."""
        return f"{self.traceback.rstrip()}\n{self.message}".strip()


def write_failure(path: Path, failure: Failure) -> None:
    """Write a failure to a file; a missing folder is created."""
    make_folder(path.parent)
    replace_text(path, sealed_json(path, asdict(failure)))


def read_failure(path: Path) -> Failure | None:
    """Return the failure recorded in a file; None if the file is missing or cannot be read."""
    found = examine_failure(path)
    if found.fault:
        logger.warning("The failure record %s %s.", path, found.fault)
    return found.content


def examine_failure(path: Path) -> Found[Failure]:
    """Read the failure recorded in a file."""

    def parse(data: bytes) -> Failure:
        content = parse_sealed_json(path, data)
        chunk = content.pop("chunk")
        return Failure(**content, chunk=None if chunk is None else (chunk[0], chunk[1]))

    return examine(path, parse)
