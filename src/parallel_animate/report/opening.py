"""Open a file in the program that the desktop has for it."""

import os
import sys
import webbrowser
from pathlib import Path

# Without one of these, Linux has no screen. A browser in the terminal would not show a movie.
SCREENS = ("DISPLAY", "WAYLAND_DISPLAY")


def open_file(path: Path) -> str:
    """Open a file; return why that is not possible, or an empty string."""
    if sys.platform == "linux" and not any(os.environ.get(name) for name in SCREENS):
        return f"{path} is not opened, because there is no screen here."
    if not webbrowser.open(path.absolute().as_uri()):
        return f"{path} is not opened, because no program for it was found."
    return ""
