"""Checks of single values; each error message names the values allowed."""

import difflib
import math
from collections.abc import Iterable, Sequence
from numbers import Real
from operator import index

from parallel_animate.errors import SettingsError


def check_choice(name: str, value: object, choices: Sequence[str]) -> None:
    """Raise SettingsError unless the value is one of the choices."""
    if value not in choices:
        raise SettingsError(
            f"{name} must be one of {', '.join(choices)}; found {value!r}."
            + did_you_mean(value, choices)
        )


def did_you_mean(word: object, choices: Iterable[str]) -> str:
    """Return a hint at the choice that is most like a word, or an empty string."""
    nearest = difflib.get_close_matches(str(word), list(choices), n=1)
    return f" Did you mean {nearest[0]!r}?" if nearest else ""


def check_positive(name: str, value: object) -> float:
    """Return a positive, finite number as a float, or raise SettingsError."""
    if isinstance(value, bool) or not isinstance(value, Real) or not 0 < float(value) < math.inf:
        raise SettingsError(f"{name} must be a positive number, found {value!r}.")
    return float(value)


def check_count(name: str, value: object, minimum: int = 1) -> int:
    """Return an option that counts things as an int, or raise SettingsError."""
    try:
        number = index(value)  # type: ignore[arg-type]
    except TypeError as error:
        raise SettingsError(f"{name} must be an integer, found {value!r}.") from error
    if isinstance(value, bool) or number < minimum:
        raise SettingsError(f"{name} must be {minimum} or more, found {value!r}.")
    return number
