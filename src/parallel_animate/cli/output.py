"""Print the output of subcommands; the exit statuses that they return."""

import argparse
import json
import sys
from typing import Any

DONE, FAILED, USAGE = 0, 1, 2


def print_message(message: str) -> None:
    """Print errors and other messages, which are no results, to standard error."""
    sys.stderr.write(message.rstrip() + "\n")


def write_json(content: object) -> None:
    """Print a result as JSON, for programs."""
    json.dump(content, sys.stdout, indent=1)
    sys.stdout.write("\n")


def add_command(commands: Any, name: str, text: str, example: str) -> argparse.ArgumentParser:
    """Add a subcommand whose help ends with an example."""
    command: argparse.ArgumentParser = commands.add_parser(
        name,
        help=text,
        description=text[0].upper() + text[1:] + ".",
        epilog=f"example:\n  {example}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    return command
