"""Completion of commands, options and movies in bash, zsh and fish, with argcomplete.

The shell starts this command with a variable that argcomplete reads, at every press of the key.
"""

import argparse
import os
import sys
from pathlib import Path
from typing import Any

from parallel_animate.cli.output import DONE, add_command
from parallel_animate.cli.project_folder import folder_above
from parallel_animate.errors import AnimateError
from parallel_animate.formats import is_other_file

# argcomplete sets it.
VARIABLE = "_ARGCOMPLETE"
SHELLS = ("bash", "zsh", "fish")


def answer_shell(parser: argparse.ArgumentParser) -> None:
    """Print what may come next, and end this process, if a shell asks for it."""
    if VARIABLE in os.environ:
        import argcomplete

        argcomplete.autocomplete(parser)


def complete_movies(**_: object) -> list[str]:
    """Return the movies of the config, and the config files here."""
    from parallel_animate.pipeline.config import read_movies
    from parallel_animate.pipeline.launch import CONFIG_NAMES, find_config

    here = [name for name in CONFIG_NAMES if Path(name).is_file()]
    try:
        config = find_config(folder_above(Path.cwd()) or Path(), None)
        names = [name for name in read_movies(str(config)) if not is_other_file(name)]
        return [*names, *here]
    except AnimateError:
        return here


def add_completion(commands: Any) -> None:
    """Add the subcommand that prints a shell's script."""
    command = add_command(
        commands,
        "completion",
        "print a script that completes commands and movies in a shell",
        'eval "$(parallel-animate completion bash)"    # in ~/.bashrc; zsh: in ~/.zshrc\n'
        "  parallel-animate completion fish > ~/.config/fish/completions/parallel-animate.fish",
    )
    command.add_argument("shell", choices=SHELLS, help=f"{', '.join(SHELLS[:-1])} or {SHELLS[-1]}")
    command.set_defaults(run=_completion)


def _completion(options: argparse.Namespace) -> int:
    from argcomplete.shell_integration import shellcode

    sys.stdout.write(shellcode(["parallel-animate"], shell=options.shell))
    return DONE
