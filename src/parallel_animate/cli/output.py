"""Print the output of subcommands; the exit statuses that they return."""

import argparse
import json
import sys
from collections.abc import Callable
from typing import Any

from parallel_animate.errors import SettingsError
from parallel_animate.validation import check_count, check_positive, in_words

DONE, FAILED, USAGE = 0, 1, 2


def print_message(message: str) -> None:
    """Print errors and other messages, which are no results, to standard error."""
    sys.stderr.write(message.rstrip() + "\n")


def write_json(content: object) -> None:
    """Print a result as JSON, for programs."""
    json.dump(content, sys.stdout, indent=1)
    sys.stdout.write("\n")


def count(minimum: int = 1) -> Callable[[str], int]:
    """Return a type for options that count things."""

    def read(text: str) -> int:
        try:
            return check_count("the value", int(text), minimum)
        except SettingsError as error:
            raise argparse.ArgumentTypeError(_of_value(error)) from error
        except ValueError as error:
            raise argparse.ArgumentTypeError(f"must be an integer, found {text!r}") from error

    return read


def positive(most: float) -> Callable[[str], float]:
    """Return a type for options that are a positive number, up to a largest one."""

    def read(text: str) -> float:
        try:
            number = check_positive("the value", float(text))
        except ValueError as error:
            raise argparse.ArgumentTypeError(
                f"must be a positive number, found {text!r}"
            ) from error
        if number > most:
            raise argparse.ArgumentTypeError(f"must be {most:g} or less, found {text!r}")
        return number

    return read


def chapter(text: str) -> tuple[int, str]:
    """Read an option that is a chapter: the id of its first frame, "=" and its name."""
    frame, mark, name = text.partition("=")
    if not mark:
        raise argparse.ArgumentTypeError(f"must be such as 120=Storm, found {text!r}")
    return count(0)(frame), name


def json_object(text: str) -> dict[str, Any]:
    """Read an option that is a JSON object."""
    try:
        content = json.loads(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"must be JSON, found {in_words(text)}") from error
    if not isinstance(content, dict):
        raise argparse.ArgumentTypeError(
            f"must be a JSON object such as '{{\"size\": 3}}', found {in_words(text)}"
        )
    return content


def _of_value(error: SettingsError) -> str:
    return str(error).removeprefix("the value ").removesuffix(".")


def add_command(
    commands: Any, name: str, text: str, example: str, is_listed: bool = True
) -> argparse.ArgumentParser:
    """Add a subcommand whose help ends with an example.

    The list of commands in the general help has those for people; `is_listed` is False for others.
    """
    command: argparse.ArgumentParser = commands.add_parser(
        name,
        **({"help": text} if is_listed else {}),
        description=text[0].upper() + text[1:] + ".",
        epilog=f"example:\n  {example}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    return command
