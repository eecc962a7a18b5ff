"""Open a file or a page in the program that the desktop has for it."""

import os
import sys
import webbrowser
from pathlib import Path

# Without one of these, Linux has no screen. A browser in the terminal would not show a movie.
SCREENS = ("DISPLAY", "WAYLAND_DISPLAY")


def open_file(path: Path) -> str:
    """Open a file; return why that is not possible, or an empty string."""
    return _open(str(path), path.absolute().as_uri())


def open_page(address: str) -> str:
    """Open the page at an address; return why that is not possible, or an empty string."""
    return _open("The page", address)


def _open(name: str, address: str) -> str:
    if sys.platform == "linux" and not any(os.environ.get(screen) for screen in SCREENS):
        return f"{name} is not opened, because there is no screen here."
    if not webbrowser.open(address):
        return f"{name} is not opened, because no program for it was found."
    return ""
