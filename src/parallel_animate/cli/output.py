"""What subcommands print, and their exit status."""

import argparse
import json
import sys
from typing import Any

DONE, FAILED, USAGE = 0, 1, 2


def say(message: str) -> None:
    """Write to stderr: what is not a result."""
    sys.stderr.write(message.rstrip() + "\n")


def write_json(content: object) -> None:
    """Write a result for programs."""
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
