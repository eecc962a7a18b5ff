"""Check a config against its schema, with messages for people."""

import re
import sys
from collections.abc import Mapping
from typing import Any

from parallel_animate.errors import SettingsError
from parallel_animate.pipeline.schema import (
    JOB_SCHEMA,
    MOVIE_NAME_PATTERN,
    MOVIE_SCHEMA,
    REQUIRED_MOVIE_KEYS,
)
from parallel_animate.validation import did_you_mean, in_words

_ARTICLES = {
    "array": "a list",
    "boolean": "true or false",
    "integer": "an integer",
    "number": "a number",
    "object": "a mapping of keys to values",
    "string": "text",
}


def check_other_keys(config: Mapping[Any, Any]) -> None:
    """Raise SettingsError if a key beside the movies or a job's value cannot be used.

    Keys that are not known are left alone, since a workflow may have its own. Only those that look
    like a misspelt key are refused.
    """
    for key, value in config.items():
        if key in JOB_SCHEMA:
            check_value(str(key), value, JOB_SCHEMA[key])
        elif key != "movies" and (hint := did_you_mean(key, ["movies", *JOB_SCHEMA])):
            raise SettingsError(f"The config has an unknown key {key!r}.{hint}")


def check_movie(name: object, movie: object) -> None:
    """Raise SettingsError unless a movie's name, keys and values fit the schema."""
    if not isinstance(name, str) or not re.fullmatch(MOVIE_NAME_PATTERN, name.replace("\n", " ")):
        raise SettingsError(
            f"{name!r} cannot be a movie's name: it becomes a file name, so use letters, digits, "
            "'_', '-' and '.'."
        )
    if re.search(r"(.+)\1{19}", name):
        # snakemake/dag.py refuses a wildcard that repeats: it looks like a rule without an end.
        raise SettingsError(f"{name!r} cannot be a movie's name: a part of it comes 20 times.")
    if not isinstance(movie, Mapping):
        raise SettingsError(
            f"movie {name!r} must be a mapping of keys to values, found {in_words(movie)}."
        )
    for key in movie:
        if key not in MOVIE_SCHEMA:
            raise SettingsError(
                f"movie {name!r}: unknown key {key!r}."
                + (did_you_mean(key, MOVIE_SCHEMA) or f" Known keys: {', '.join(MOVIE_SCHEMA)}.")
            )
    for key in REQUIRED_MOVIE_KEYS:
        if key not in movie:
            raise SettingsError(f"movie {name!r}: the key {key!r} is missing.")
    for key, value in movie.items():
        check_value(f"movie {name!r}: {key}", value, MOVIE_SCHEMA[key])
        if key in ("animator", "params", "inputs", "captions", "audio") and "\0" in "".join(value):
            raise SettingsError(f"movie {name!r}: {key} holds a null character: {value!r}.")


def check_value(where: str, value: object, schema: Mapping[str, Any]) -> None:
    """Raise SettingsError unless a value fits a schema; the message begins with ``where``."""
    # Here: Snakemake brings it, and only commands that read a config pay for the import.
    from jsonschema import Draft202012Validator

    if isinstance(value, (int, float)) and not -sys.maxsize <= value <= sys.maxsize:
        raise SettingsError(f"{where} must be {describe_schema(schema)}; found {in_words(value)}.")
    errors = list(Draft202012Validator(dict(schema)).iter_errors(value))
    if errors:
        inside = "".join(f"[{part!r}]" for part in errors[0].absolute_path)
        wanted = describe_schema(errors[0].schema if inside else schema)
        hint = did_you_mean(errors[0].instance, errors[0].schema.get("enum", ()))
        raise SettingsError(
            f"{where}{inside} must be {wanted}; found {in_words(errors[0].instance)}.{hint}"
        )


def describe_schema(schema: Mapping[str, Any]) -> str:
    """Return in words what a value must be."""
    if "anyOf" in schema:
        return ", or ".join(map(describe_schema, schema["anyOf"]))
    if "const" in schema:
        return repr(schema["const"])
    if "enum" in schema:
        return f"one of {', '.join(schema['enum'])}"
    words = _ARTICLES[schema["type"]]
    if "prefixItems" in schema:
        words += f": {', '.join(map(describe_schema, schema['prefixItems']))}"
    elif schema["type"] == "array" and "prefixItems" in schema["items"]:
        words += " of pairs such as [120, Storm]"
    elif schema["type"] == "array":
        words += f" of {schema['items']['type']}s"
    if "minimum" in schema and "maximum" in schema:
        words += f" from {schema['minimum']} to {schema['maximum']}"
    elif "minimum" in schema:
        words += f" of {schema['minimum']} or more"
    if "exclusiveMinimum" in schema:
        words += f" above {schema['exclusiveMinimum']}"
    if "exclusiveMinimum" in schema and "maximum" in schema:
        words += f" and up to {schema['maximum']}"
    if ":" in schema.get("pattern", ""):
        words += " such as file.py:Name"
    elif "pattern" in schema:
        words += " such as '30000/1001'"
    return words
