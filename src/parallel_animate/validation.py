"""Checks of single values; each error message names the values allowed."""

import difflib
import math
import os
import re
import sys
from collections.abc import Iterable, Sequence
from numbers import Real
from operator import index
from pathlib import Path

from parallel_animate.errors import SettingsError

# Longer values are cut in error messages.
LONGEST_VALUE = 100


def check_choice(name: str, value: object, choices: Sequence[str]) -> None:
    """Raise SettingsError unless the value is one of the choices."""
    if not isinstance(value, str) or value not in choices:
        raise SettingsError(
            f"{name} must be one of {', '.join(choices)}; found {in_words(value)}."
            + did_you_mean(in_words(value), choices)
        )


def did_you_mean(word: object, choices: Iterable[str]) -> str:
    """Return a hint at the choice that is most like a word, or an empty string."""
    known = list(choices)
    # Letters in another order are the likeliest slip.
    same_letters = [choice for choice in known if sorted(choice) == sorted(str(word))]
    nearest = same_letters or difflib.get_close_matches(str(word), known, n=1)
    return f" Did you mean {nearest[0]!r}?" if nearest else ""


def check_positive(name: str, value: object) -> float:
    """Return a positive, finite number as a float, or raise SettingsError."""
    number = float(value) if isinstance(value, Real) and _is_representable(value) else math.nan
    if isinstance(value, bool) or not 0 < number < math.inf:
        raise SettingsError(f"{name} must be a positive number, found {in_words(value)}.")
    return number


def check_count(name: str, value: object, minimum: int = 1, maximum: int = sys.maxsize) -> int:
    """Return an option that counts things as an int, or raise SettingsError."""
    try:
        number = index(value)  # type: ignore[arg-type]
    except Exception as error:
        raise SettingsError(f"{name} must be an integer, found {in_words(value)}.") from error
    if isinstance(value, bool) or number < minimum:
        raise SettingsError(f"{name} must be {minimum} or more, found {in_words(value)}.")
    if number > maximum:
        raise SettingsError(f"{name} must be {maximum} or less, found {in_words(value)}.")
    return number


def check_flag(name: str, value: object) -> bool:
    """Return an option that is on or off as a bool, or raise SettingsError."""
    # 0 and 1 count, too; a numpy.bool has another class.
    is_flag = type(value).__name__ in ("bool", "bool_")
    if not is_flag and not (isinstance(value, int) and value in (0, 1)):
        raise SettingsError(f"{name} must be True or False, found {in_words(value)}.")
    return bool(value)


def check_path(name: str, value: object) -> Path:
    """Return the path of a file or folder, absolute, or raise SettingsError."""
    try:
        text = os.fsdecode(value)  # type: ignore[arg-type]
    except Exception as error:
        raise SettingsError(f"{name} must be a path, found {in_words(value)}.") from error
    if not text:
        raise SettingsError(f"{name} must be a path, found an empty one.")
    if "\0" in text:
        raise SettingsError(f"{name} holds a null character: {in_words(text)}.")
    if re.match("[A-Za-z][A-Za-z0-9+.-]+://", text):
        raise SettingsError(f"{name} must be a path on this machine, found {in_words(text)}.")
    return Path(text).absolute()


def in_words(value: object) -> str:
    """Return a value as an error message shows it: in one line, and not too long."""
    try:
        text = repr(value)
    except Exception:  # noqa: BLE001 - whatever a user's object raises
        text = f"a {type(value).__name__}"
    text = " ".join(text.split())
    return text if len(text) <= LONGEST_VALUE else f"{text[:LONGEST_VALUE]}..."


def _is_representable(value: Real) -> bool:
    try:
        float(value)
    except OverflowError:
        return False
    return True
