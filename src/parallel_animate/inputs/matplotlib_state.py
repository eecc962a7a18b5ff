"""The state that a new process needs to draw as this one does.

rcParams, styles, registered colormaps, colour sequences and names, scales, projections, unit
converters, added fonts, changes to matplotlib's own modules, sys.path, the working folder and log
levels. A forked process would inherit it. This module knows nothing of frames.
"""

import hashlib
import importlib
import logging
import os
import sys
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import matplotlib as mpl
import matplotlib.colors
import matplotlib.dates
import matplotlib.font_manager
import matplotlib.projections
import matplotlib.scale
import matplotlib.units
import numpy as np
from matplotlib.colors import ListedColormap

from parallel_animate.inputs.matplotlib_changes import (
    Changes,
    apply_changes,
    capture_changes,
    pickled,
    user_additions,
)
from parallel_animate.inputs.neighbours import add_folders

logger = logging.getLogger(__name__)

# rcParams that do not change a pixel of a frame.
_NOT_DRAWN = (
    *("backend", "interactive", "keymap.", "webagg.", "tk.", "toolbar", "animation."),
    *("savefig.", "figure.max_open_warning", "docstring.", "macosx."),
)
# Imported by pyplot only.
_STYLE = "matplotlib.style"


@dataclass(frozen=True)
class Drawing:
    """The state of matplotlib that affects drawing, besides the user's code.

    Parameters
    ----------
    rc_params : mapping of str to Any
        All rcParams except the backend.
    colormaps, colour_sequences, scales, units : mapping
        Entries that the user registered.
    colour_names : mapping of str to Any
        Named colours that were added or changed.
    projections : tuple of type
        Registered Axes classes.
    fonts : tuple of str
        Files of the fonts that matplotlib knows.
    styles : mapping
        The styles that matplotlib itself does not have, each as a dict.
    changes : Changes
        What code may have changed in matplotlib itself.
    left_out : tuple of str
        What was registered and cannot be pickled, such as "scale cubic".
    """

    rc_params: Mapping[str, Any] = field(default_factory=dict)
    colormaps: Mapping[str, Any] = field(default_factory=dict)
    colour_sequences: Mapping[str, Any] = field(default_factory=dict)
    colour_names: Mapping[str, Any] = field(default_factory=dict)
    scales: Mapping[str, Any] = field(default_factory=dict)
    projections: tuple[type, ...] = ()
    units: Mapping[Any, Any] = field(default_factory=dict)
    fonts: tuple[str, ...] = ()
    styles: Mapping[str, Any] = field(default_factory=dict)
    changes: Changes = field(default_factory=Changes)
    left_out: tuple[str, ...] = ()


@dataclass(frozen=True)
class Environment:
    """The state that a new process needs to draw as this one does.

    Parameters
    ----------
    path : tuple of str
        ``sys.path``.
    folder : str or None
        The working folder; None keeps that of the new process.
    log_levels : mapping of str to int
        Level of each logger that has one; "" is the root logger.
    drawing : Drawing
        The state of matplotlib.
    """

    path: tuple[str, ...]
    folder: str | None
    log_levels: Mapping[str, int]
    drawing: Drawing


def capture_environment() -> Environment:
    """Return the environment of this process."""
    # An empty entry means the working folder, which another process may not share.
    folder = str(Path.cwd())
    path = tuple(entry or folder for entry in sys.path)
    return Environment(path, folder, _log_levels(), capture_drawing())


def capture_drawing() -> Drawing:
    """Return the state that affects how matplotlib draws in this process."""
    left_out: list[str] = []
    return Drawing(
        rc_params={key: value for key, value in mpl.rcParams.items() if key != "backend"},
        colormaps=_portable("colormap", _user_colormaps(), left_out),
        colour_sequences=_portable("colour sequence", _user_colour_sequences(), left_out),
        colour_names=_portable("colour", _user_colour_names(), left_out),
        scales=_portable("scale", _user_scales(), left_out),
        projections=tuple(_portable("projection", _user_projections(), left_out).values()),
        units=_portable("unit converter of", _user_units(), left_out),
        fonts=tuple(dict.fromkeys(e.fname for e in mpl.font_manager.fontManager.ttflist)),
        styles=_user_styles(),
        changes=capture_changes(),
        left_out=tuple(left_out),
    )


def _portable(what: str, entries: Mapping[Any, Any], left_out: list[str]) -> dict[Any, Any]:
    """Return the entries of a registry that can be sent to another process; note the others."""
    kept = {}
    for key, value in entries.items():
        # Packages register hundreds of these, and their colours are plain values.
        is_plain = type(value) is ListedColormap and type(key) is str
        if is_plain or pickled((key, value)):
            kept[key] = value
        else:
            left_out.append(f"{what} {key.__qualname__ if isinstance(key, type) else key}")
    return kept


def warn_of_what_is_left_out(environment: Environment) -> None:
    """Warn of what other processes lack, unless they import a package that registers it.

    MetPy registers its unit converters when it is imported, but pint when a script asks for it.
    """
    for what in environment.drawing.left_out:
        logger.warning(
            "Worker processes may lack the %s, which cannot be pickled: frames that need it fail "
            "or look different. Register it in setup(), or use num_workers=1.",
            what,
        )


def apply_environment(environment: Environment) -> None:
    """Make this process draw as the one in which the environment was captured.

    Call this after the user's modules were imported; objects that they register stay registered.
    """
    for name, level in environment.log_levels.items():
        logging.getLogger(name or None).setLevel(level)
    apply_drawing(environment.drawing)


def enter_folder(path: Sequence[str], folder: str | None) -> None:
    """Set the working folder and sys.path, so that the user's modules can be imported.

    Parameters
    ----------
    path : sequence of str
        The whole sys.path of the calling process; without a working folder, only the folders of the
        user's modules.
    folder : str or None
        The working folder of the calling process; None keeps that of this process.
    """
    if folder is None:
        add_folders(path)
        return
    os.chdir(folder)
    sys.path[:] = [*path, *(entry for entry in sys.path if entry not in path)]


def apply_drawing(drawing: Drawing) -> None:
    """Set matplotlib's state in this process."""
    # First: registering checks what it gets, perhaps with a function that the user has replaced.
    apply_changes(drawing.changes)
    for name, colormap in drawing.colormaps.items():
        if name in mpl.colormaps:
            mpl.colormaps.unregister(name)
        mpl.colormaps.register(colormap, name=name)
    for name, colours in drawing.colour_sequences.items():
        if name not in mpl.color_sequences:
            mpl.color_sequences.register(name, colours)
    matplotlib.colors.get_named_colors_mapping().update(drawing.colour_names)
    for scale in drawing.scales.values():
        matplotlib.scale.register_scale(scale)
    for projection in drawing.projections:
        matplotlib.projections.register_projection(projection)
    matplotlib.units.registry.update(drawing.units)
    _add_fonts(drawing.fonts)
    _add_styles(drawing.styles)
    rc_params: Any = drawing.rc_params
    mpl.rcParams.update(rc_params)


def describe_drawing(drawing: Drawing) -> list[object]:
    """Return the state of matplotlib that affects pixels, for a digest."""
    rc_params = {
        key: value
        for key, value in sorted(drawing.rc_params.items())
        if not key.startswith(_NOT_DRAWN)
    }
    return [
        rc_params,
        drawing.colormaps,
        drawing.colour_sequences,
        drawing.colour_names,
        drawing.scales,
        drawing.projections,
        drawing.units,
        font_digest(),
        # Most programs have none, and their segments keep the names they had before.
        *filter(None, [dict(drawing.styles), user_additions(), list(drawing.left_out)]),
    ]


def font_digest() -> str:
    """Return the SHA-256 of the font file that rcParams resolve to in this process."""
    path = mpl.font_manager.findfont(mpl.font_manager.FontProperties())
    return hashlib.sha256(Path(path).read_bytes()).hexdigest()


def drawing_versions() -> dict[str, str]:
    """Return the versions of the packages that draw."""
    return {"matplotlib": mpl.__version__, "numpy": np.__version__}


def _log_levels() -> dict[str, int]:
    levels = {"": logging.getLogger().level}
    for name, logger in logging.root.manager.loggerDict.items():
        if isinstance(logger, logging.Logger) and logger.level:
            levels[name] = logger.level
    return levels


def _user_colormaps() -> dict[str, Any]:
    builtin = getattr(mpl.colormaps, "_builtin_cmaps", ())
    return {name: mpl.colormaps[name] for name in mpl.colormaps if name not in builtin}


def _user_colour_sequences() -> dict[str, Any]:
    builtin = getattr(mpl.color_sequences, "_BUILTIN_COLOR_SEQUENCES", {})
    return {name: mpl.color_sequences[name] for name in mpl.color_sequences if name not in builtin}


def _user_colour_names() -> dict[str, Any]:
    colours = matplotlib.colors
    builtin: dict[str, Any] = {
        **colours.XKCD_COLORS,
        **{name.replace("grey", "gray"): value for name, value in colours.XKCD_COLORS.items()},
        **colours.CSS4_COLORS,
        **colours.TABLEAU_COLORS,
        **{name.replace("gray", "grey"): value for name, value in colours.TABLEAU_COLORS.items()},
        **colours.BASE_COLORS,
    }
    named = matplotlib.colors.get_named_colors_mapping()
    return {name: value for name, value in named.items() if builtin.get(name) != value}


def _user_scales() -> dict[str, Any]:
    mapping: dict[str, Any] = getattr(matplotlib.scale, "_scale_mapping", {})
    return {name: scale for name, scale in mapping.items() if not _is_matplotlibs(scale)}


def _user_projections() -> dict[str, type]:
    names = matplotlib.projections.get_projection_names()
    classes = {name: matplotlib.projections.get_projection_class(name) for name in names}
    return {name: cls for name, cls in classes.items() if not _is_matplotlibs(cls)}


def _user_units() -> dict[Any, Any]:
    converters = matplotlib.units.registry.items()
    # matplotlib registers none of its two converters of dates itself, but one that chooses.
    return {
        key: value
        for key, value in converters
        if not _is_matplotlibs(type(value)) or isinstance(value, matplotlib.dates.DateConverter)
    }


def _user_styles() -> dict[str, Any]:
    style: Any = sys.modules.get(_STYLE)
    own = {path.stem for path in Path(mpl.get_data_path(), "stylelib").glob("*.mplstyle")}
    library = {} if style is None else style.library
    return {name: dict(params) for name, params in library.items() if name not in own}


def _add_styles(styles: Mapping[str, Any]) -> None:
    if styles:
        library: Any = importlib.import_module(_STYLE).library
        with warnings.catch_warnings(action="ignore"):
            library.update({name: mpl.RcParams(params) for name, params in styles.items()})


def _is_matplotlibs(cls: type) -> bool:
    return cls.__module__.partition(".")[0] in ("matplotlib", "mpl_toolkits")


def _add_fonts(files: tuple[str, ...]) -> None:
    manager = mpl.font_manager.fontManager
    known = {entry.fname for entry in manager.ttflist}
    for path in files:
        if path not in known and Path(path).is_file():
            manager.addfont(path)
