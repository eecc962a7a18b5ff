"""The command ``parallel-animate``: each subcommand parses, calls one function, reports errors.

Exit status: 0 done, 1 failed, 2 wrong usage. Imports are local, so that a subcommand loads only the
modules that it needs.
"""

import argparse
import contextlib
import io
import logging
import signal
import sys
from collections.abc import Callable, Sequence

from parallel_animate.cli.commands import add_people_commands
from parallel_animate.cli.completion import answer_shell
from parallel_animate.cli.installation import ADVICE, why_not_whole
from parallel_animate.cli.output import DONE, FAILED, USAGE, print_message
from parallel_animate.cli.workflow_commands import add_workflow_commands
from parallel_animate.errors import AnimateError, SettingsError
from parallel_animate.local.safe_path import undo_isolated_start
from parallel_animate.local.termination import Terminated, raise_on_signals
from parallel_animate.pipeline.launch import draw_as_jobs_do
from parallel_animate.subprocesses import open_standard_streams
from parallel_animate.version import __version__

# The exit status of a command that a signal ended, as shells have it: this and its number.
END_BY_SIGNAL = 128

logger = logging.getLogger(__name__)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a subcommand and return the exit status."""
    open_standard_streams()
    undo_isolated_start()
    if isinstance(sys.stdout, io.TextIOWrapper):
        # A file name may hold bytes that are no text; they are printed as they are.
        sys.stdout.reconfigure(errors="surrogateescape")
    if fault := why_not_whole():
        print_message(f"error: {fault}. To repair it: {ADVICE}")
        return FAILED
    own, passed_on = _split(sys.argv[1:] if arguments is None else list(arguments))
    parser = make_parser()
    answer_shell(parser)
    if not own and not passed_on:
        parser.print_help()
        return DONE
    options = parser.parse_args(own, argparse.Namespace(passed_on=passed_on))
    if arguments is None and getattr(options, "draws", False):
        draw_as_jobs_do()
    if passed_on and not getattr(options, "passes_on", False):
        parser.error(f"only 'run' takes options after --; found {' '.join(passed_on)}")
    logging.basicConfig(
        level=logging.DEBUG if options.verbose else logging.INFO,
        format="%(asctime)s %(levelname)s %(message)s",
        datefmt="%H:%M:%S",
    )
    # matplotlib's own messages (fonts, category units) only clutter a log.
    logging.getLogger("matplotlib").setLevel(logging.WARNING)
    received: list[int] = []
    raise_on_signals(received)
    try:
        status = _run(options)
    except Terminated:
        # The terminal may be closed.
        with contextlib.suppress(OSError):
            print_message(
                f"ended by {signal.Signals(received[0]).name} (cancelled, out of time, or the "
                "terminal was closed); unfinished files were removed."
            )
    return END_BY_SIGNAL + received[0] if received else status


def _run(options: argparse.Namespace) -> int:
    """Run a subcommand, print its errors, and return the exit status."""
    run: Callable[[argparse.Namespace], int] = options.run
    try:
        return run(options)
    except SettingsError as error:
        print_message(f"error: {error}")
        return USAGE
    except (AnimateError, OSError) as error:
        if trace := getattr(error, "traceback", ""):
            print_message(trace)
        print_message(f"error: {error}")
        return FAILED
    except KeyboardInterrupt:
        print_message("interrupted; unfinished files were removed.")
        return END_BY_SIGNAL + signal.SIGINT


def _split(arguments: list[str]) -> tuple[list[str], list[str]]:
    """Split off the words after "--": options of the program that a subcommand starts."""
    end = arguments.index("--") if "--" in arguments else len(arguments)
    return arguments[:end], arguments[end + 1 :]


def make_parser() -> argparse.ArgumentParser:
    """Return the parser of all subcommands."""
    parser = argparse.ArgumentParser(
        prog="parallel-animate",
        description="Render matplotlib animations in parallel, without losing a frame.",
        add_help=False,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    # Before the options in the help.
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    add_people_commands(commands)
    n_of_people = len(commands.choices)
    add_workflow_commands(commands)
    of_workflow = ", ".join(list(commands.choices)[n_of_people:])
    parser.epilog = (
        f"the workflow's own: {of_workflow}\n\n"
        "example:\n  parallel-animate init pond && cd pond && parallel-animate run\n\n"
        "Help on a command: parallel-animate COMMAND --help\n"
        "Exit status: 0 done, 1 failed, 2 wrong usage, 130 interrupted"
    )
    options = parser.add_argument_group("options")
    options.add_argument("-h", "--help", action="help", help="show this help message and exit")
    options.add_argument("--version", action="version", version=f"%(prog)s {__version__}")
    options.add_argument("-v", "--verbose", action="store_true", help="log every command")
    return parser
