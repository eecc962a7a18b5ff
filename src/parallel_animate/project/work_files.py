"""Read a file of a work folder, and find out whether it is what it should be.

A file proves its content and its name: its checksum covers both. So a file that was damaged, or
exchanged with another one, is never used. This module imports little, because the Snakefile reads
plans at every start.
"""

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar

from parallel_animate.atomic_files import form_fault, read_fault

T = TypeVar("T")

# The first line of every file with a pickle; raise the number when the form of the objects changes.
MAGIC = b"parallel-animate file 3\n"
CHECKSUM_SIZE = 32
CHECKSUM_KEY = "checksum"
# What reading JSON and building an object from it raise if the content is something else.
WRONG_CONTENT = (ValueError, LookupError, TypeError, AttributeError, RecursionError)


@dataclass(frozen=True)
class Found(Generic[T]):
    """What was found in a file's place.

    Parameters
    ----------
    content : object or None
        The content; None if the file is missing or damaged.
    fault : str
        What is wrong with the file; empty if it is intact or missing.
    """

    content: T | None
    fault: str = ""


def examine(path: Path, parse: Callable[[bytes], T]) -> Found[T]:
    """Read a file of a work folder.

    Parameters
    ----------
    path : Path
        The file.
    parse : callable
        Returns the content for the file's bytes. A ValueError says what is wrong with them, and so
        does any error of `WRONG_CONTENT`.
    """
    try:
        if fault := form_fault(path):
            return Found(None, fault)
        return Found(parse(path.read_bytes()))
    except FileNotFoundError:
        return Found(None)
    except OSError as error:
        return Found(None, read_fault(error))
    except WRONG_CONTENT as error:
        return Found(None, f"is damaged ({error or type(error).__name__})")


def _checksum(path: Path, data: bytes) -> bytes:
    """Return the checksum of a file's content and name."""
    return hashlib.sha256(path.name.encode(errors="surrogateescape") + b"\n" + data).digest()


def sealed_pickle(path: Path, pickled: bytes) -> bytes:
    """Return the content of a file with a pickle, with a checksum of its content and name."""
    return MAGIC + _checksum(path, pickled) + pickled


def examine_stored(path: Path) -> Found[bytes]:
    """Read the pickle in a file that was written with `sealed_pickle`."""

    def parse(data: bytes) -> bytes:
        start = len(MAGIC) + CHECKSUM_SIZE
        if not data.startswith(MAGIC):
            raise ValueError("no file of this version of parallel-animate")
        if _checksum(path, data[start:]) != data[len(MAGIC) : start]:
            raise ValueError("its content is not what was written under this name")
        return data[start:]

    return examine(path, parse)


def sealed_json(path: Path, content: dict[str, Any], indent: int | None = 1) -> str:
    """Return the text of a JSON file, with a checksum of its content and name."""
    return (
        json.dumps({CHECKSUM_KEY: _json_checksum(path, content), **content}, indent=indent) + "\n"
    )


def parse_sealed_json(path: Path, data: bytes) -> dict[str, Any]:
    """Return the content of a JSON file that was written with `sealed_json`.

    Raises
    ------
    ValueError, LookupError, TypeError, AttributeError, RecursionError
        If it is not what was written under this name.
    """
    content: dict[str, Any] = json.loads(data)
    known = content.pop(CHECKSUM_KEY)
    if known != _json_checksum(path, content):
        raise ValueError("its content is not what was written under this name")
    return content


def _json_checksum(path: Path, content: dict[str, Any]) -> str:
    # Sorted, and with lists instead of tuples, as reading the text again gives it.
    return _checksum(path, json.dumps(content, sort_keys=True).encode()).hex()
