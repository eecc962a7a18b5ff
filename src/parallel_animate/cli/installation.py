"""Check that the installed files of this package are its own.

parallel-matplotlib-animation has the same import name. Installed later, it overwrites a file of
this package; removed later, it deletes that file.
"""

import csv
import logging
import sys
from pathlib import Path

from parallel_animate.render.warn_once import warn_once
from parallel_animate.version import __version__

logger = logging.getLogger(__name__)

OURS = "parallel-animate"
OTHER = "parallel-matplotlib-animation"
PACKAGE = Path(__file__).resolve().parent.parent
ADVICE = (
    f"pip uninstall {OTHER}, and then, in the source folder of {OURS}, "
    "pip install --force-reinstall --no-deps ."
)


def why_not_whole() -> str:
    """Return why `import parallel_animate` does not import this package, or an empty string."""
    package = sys.modules[__name__.partition(".")[0]]
    if getattr(package, "__version__", "") == __version__:
        return ""
    how = "overwritten" if (PACKAGE / "__init__.py").exists() else "deleted"
    return f"{PACKAGE / '__init__.py'} was {how}, probably by {OTHER}, which has the same name"


def lost_files() -> list[str]:
    """Return the files that were installed and have gone."""
    import importlib.metadata

    try:
        installed = importlib.metadata.distribution(OURS)
    except importlib.metadata.PackageNotFoundError:
        return []
    # Its `files` leaves out those that have gone, from Python 3.12 on.
    rows = csv.reader((installed.read_text("RECORD") or "").splitlines())
    names = [row[0] for row in rows if row and row[0].endswith(".py")]
    return [name for name in names if not Path(str(installed.locate_file(name))).exists()]


def has_other() -> bool:
    """Return whether the package with the same import name is installed."""
    # Here and above: this import takes longer than that of the whole package.
    import importlib.metadata

    try:
        importlib.metadata.version(OTHER)
    except importlib.metadata.PackageNotFoundError:
        return False
    return True


def warn_of_other() -> None:
    """Log a warning, once, if the package with the same import name is installed."""
    if has_other():
        warn_once(
            logger,
            "same_import_name",
            "%s is installed, too, and shares a file with %s; removing it would delete that file. "
            "To repair both: %s",
            *(OTHER, OURS, ADVICE),
        )
