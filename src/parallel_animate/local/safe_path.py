"""Import our modules from where they are installed, not from the folder of a project.

Python and Snakemake search the folder of a script, of a Snakefile, or the present folder first.
There, a file may have the name of a module of the standard library, for which every library that
imports this module then gets the file. This module imports only what is loaded in any case.
"""

import contextlib
import os
import signal
import sys
import threading
from collections.abc import Iterator

VARIABLE = "PYTHONSAFEPATH"
# Any text keeps Python from searching the present folder; this one shows that it is not the user's.
SAFE_PATH = {VARIABLE: "parallel-animate"}

_changing = threading.RLock()


@contextlib.contextmanager
def installed_first() -> Iterator[None]:
    """Search the folders of projects last, for imports in the block."""
    with _changing:
        before = list(sys.path)
        sys.path.sort(key=is_of_project)
        try:
            yield
        finally:
            sys.path[:] = before


@contextlib.contextmanager
def isolated_start() -> Iterator[None]:
    """Let processes that loky starts in the block import themselves from where they are installed.

    loky hands on sys.path, and its helper process inherits the environment. The helper also
    inherits that SIGHUP is blocked: it must outlive this process.
    """
    with installed_first():
        is_ours = VARIABLE not in os.environ
        if is_ours:
            os.environ.update(SAFE_PATH)
        blocked = signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGHUP])
        try:
            yield
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, blocked)
            if is_ours:
                del os.environ[VARIABLE]


def is_of_project(entry: str) -> bool:
    """Return whether a folder on sys.path belongs neither to Python nor to an installation."""
    if entry in os.environ.get("PYTHONPATH", "").split(os.pathsep):
        # The user has named it for all programs. An empty entry is the present folder.
        return not entry
    prefixes = {sys.prefix, sys.base_prefix, sys.exec_prefix, sys.base_exec_prefix}
    is_installed = any(f"{entry}{os.sep}".startswith(f"{prefix}{os.sep}") for prefix in prefixes)
    is_package_folder = os.path.basename(entry) in ("site-packages", "dist-packages")
    # An editable installation of this package.
    is_ours = os.path.isdir(os.path.join(entry, __name__.partition(".")[0]))
    return not (is_installed or is_package_folder or is_ours)


def undo_isolated_start() -> None:
    """Keep our settings from programs that the user's code starts in this process."""
    signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGHUP])
    if os.environ.get(VARIABLE) == SAFE_PATH[VARIABLE]:
        del os.environ[VARIABLE]
