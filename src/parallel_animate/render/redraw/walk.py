"""Find everything that an artist's look depends on.

A `Walk` visits everything that an artist refers to: containers, arrays, transforms, paths,
colormaps, tick locators. If it finds something that it does not know, such as a user's function or
object, the artist is *opaque*: its look may depend on anything.
"""

import datetime
import enum
import re
import threading
import types
import weakref
from collections import OrderedDict, deque
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
from matplotlib import transforms
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.axis import Axis, Tick, Ticker
from matplotlib.cbook import CallbackRegistry
from matplotlib.figure import FigureBase
from matplotlib.ft2font import FT2Font
from matplotlib.path import Path
from matplotlib.transforms import Affine2D, Bbox, TransformNode

# A comparison of more objects takes longer than most draws.
MAX_OBJECTS = 20_000
# Comparing costs about a millisecond for 5 MB.
MAX_BYTES = 32 * 2**20

ATOMS = (
    str, bytes, int, float, complex, bool, type(None), type(Ellipsis), type(NotImplemented),
    np.generic, np.dtype, enum.Enum, type, types.ModuleType, slice, range, re.Pattern,
    datetime.date, datetime.time, datetime.timedelta, datetime.tzinfo,
    weakref.ReferenceType, FT2Font, CallbackRegistry,
    type(threading.Lock()), type(threading.RLock()),
)  # fmt: skip
# Most functions of NumPy are objects of a class of its own.
NUMPY_FUNCTION: type = type(np.average)
# Packages whose classes keep their state in attributes and containers.
KNOWN = ("matplotlib.", "mpl_toolkits.")
# Packages whose objects are skipped: they have no state that matters here.
ATOM_PACKAGES = ("dateutil", "cycler", "itertools", "kiwisolver", "PIL")

# Attributes for where an artist belongs, who listens to it, or what a draw has cached. They are
# compared by identity like the rest, but not walked.
REFERENCES = frozenset(
    {
        "axes",
        "_axes",
        "axis",
        "figure",
        "_parent_figure",
        "_callbacks",
        "callbacks",
        "_picker",
        "_mouseover",
        "_mouseover_set",
        "_renderer",
        "stale_callback",
        "_remove_method",
        "_imcache",
        "_xorig",
        "_yorig",
        "_twinned_axes",
        "_get_lines",
        "_get_patches_for_fill",
        "_subplotspec",
        "canvas",
    }
)
# Attributes that transforms derive from others and cache.
TRANSFORM_CACHES = frozenset(
    {
        "_parents",
        "_invalid",
        "_inverted",
        "_transformed_path",
        "_transformed_points",
        "_affine",
        "_mtx",
        "_points",
    }
)
# The parts that a tick draws; most figures show only half of them.
TICK_PARTS = frozenset({"tick1line", "tick2line", "gridline", "label1", "label2"})
# What decides whether an artist is shown: its attribute, and methods that may be overridden on it.
SHOWING = ("_visible", "get_visible", "draw")
# Transforms whose parts can change but not be replaced.
FIXED_TRANSFORMS = (
    transforms.BboxTransform,
    transforms.BboxTransformFrom,
    transforms.BboxTransformTo,
    transforms.BlendedAffine2D,
    transforms.BlendedGenericTransform,
    transforms.CompositeAffine2D,
    transforms.CompositeGenericTransform,
    transforms.IdentityTransform,
    transforms.TransformedBbox,
)


class Opaque(Exception):
    """The walk found something whose effect on the artist's look cannot be known."""


class Walk:
    """The mutable containers and the arrays that can be reached from some roots."""

    def __init__(self, roots: Iterable[Any], known: frozenset[int]) -> None:
        self.seen: set[int] = set()
        self.objects: list[Any] = []
        self.containers: list[Any] = []
        self.attribute_names: list[tuple[dict[str, Any], str]] = []
        self.arrays: list[Any] = []
        # What decides about an axis' ticks cannot be known, so the axis must be asked for them.
        self.asks = False
        self._known = known
        self._n_bytes = 0
        self._todo: list[Any] = []
        for root in roots:
            if is_hidden(root):
                # It is not drawn. Artists that depend on its place refer to it and walk it.
                self.containers.append(vars(root))
                continue
            # An Axes or a subfigure as a root includes everything in it.
            self.visit(vars(root) if isinstance(root, Axes | FigureBase) else root)
        while self._todo:
            found = self._todo.pop()
            visitor_of(type(found))(self, found)

    def visit(self, found: Any) -> None:
        """Record an object, if it is new and can change."""
        kind = type(found)
        # Most values are numbers, strings and None.
        if kind in _skipped:
            return
        if visitor_of(kind) is Walk.skip:
            _skipped.add(kind)
            return
        key = id(found)
        if key in self.seen or key in self._known:
            return
        self.seen.add(key)
        # Kept alive, so no new object gets its id while this watch exists.
        self.objects.append(found)
        if len(self.objects) > MAX_OBJECTS:
            raise Opaque
        self._todo.append(found)

    def skip(self, found: Any) -> None:
        """Skip an object that cannot change or does not matter."""

    def opaque(self, found: Any) -> None:
        """Give up: nothing is known about this type."""
        raise Opaque

    def sequence(self, found: Any) -> None:
        """Visit the items of a list, set or deque, which can change."""
        self.containers.append(found)
        for item in found:
            self.visit(item)

    def frozen_sequence(self, found: Any) -> None:
        """Visit the items of a tuple or frozenset."""
        for item in found:
            self.visit(item)

    def mapping(self, found: Any) -> None:
        """Visit the values of a dict or of an object that behaves like one."""
        self.containers.append(found)
        for item in found.values():
            self.visit(item)

    def attributes(self, found: Any) -> None:
        """Visit an object's attributes."""
        content = vars(found)
        self.containers.append(content)
        for name, value in content.items():
            if type(value) not in _skipped and name not in REFERENCES:
                self.visit(value)

    def tick(self, found: Any) -> None:
        """Visit a tick's parts; for hidden parts, record only what may show them."""
        content = vars(found)
        self.containers.append(content)
        for name, value in content.items():
            if name in TICK_PARTS and is_hidden(value):
                self.attribute_names += [(vars(value), shows) for shows in SHOWING]
            elif type(value) not in _skipped and name not in REFERENCES:
                self.visit(value)

    def axis(self, found: Any) -> None:
        """Visit an axis; what cannot be known only decides about its ticks, such as a converter."""
        content = vars(found)
        self.containers.append(content)
        for name, value in content.items():
            if type(value) not in _skipped and name not in REFERENCES:
                if visitor_of(type(value)) is Walk.opaque:
                    self.asks = True
                else:
                    self.visit(value)

    def ticker(self, found: Any) -> None:
        """Visit a locator and a formatter, which may be anything that gives ticks and labels."""
        content = vars(found)
        self.containers.append(content)
        for value in content.values():
            try:
                part = Walk([value], self._known.union(self.seen))
            except Opaque:
                self.asks = True
            else:
                self._add(part)

    def _add(self, part: "Walk") -> None:
        self.seen |= part.seen
        self.objects += part.objects
        self.containers += part.containers
        self.attribute_names += part.attribute_names
        self.arrays += part.arrays
        self._n_bytes += part._n_bytes

    def array(self, found: Any) -> None:
        """Record an array; views of a whole array are recorded once, as that array."""
        base = found.base
        if isinstance(base, np.ndarray) and base.size == found.size:
            self.visit(base)
        else:
            self._content(found)

    def masked_array(self, found: Any) -> None:
        """Record an array and its mask, which can be replaced."""
        self.containers.append(vars(found))
        self._content(np.ma.getdata(found))
        mask = np.ma.getmask(found)
        if mask is not np.ma.nomask:
            self._content(mask)

    def _content(self, found: Any) -> None:
        self._n_bytes += found.nbytes
        if found.dtype.hasobject or self._n_bytes > MAX_BYTES:
            raise Opaque
        self.arrays.append(found)

    def transform(self, found: Any) -> None:
        """Visit the parts of a transform, without what it derives from them."""
        content = vars(found)
        if isinstance(found, Affine2D | Bbox):
            name = "_mtx" if isinstance(found, Affine2D) else "_points"
            self.attribute_names.append((content, name))
            self.arrays.append(content[name])
            return
        is_fixed = type(found) in FIXED_TRANSFORMS
        for name, value in content.items():
            if name not in TRANSFORM_CACHES:
                self.visit(value)
                if not is_fixed:
                    self.attribute_names.append((content, name))

    def path(self, found: Path) -> None:
        """Record a path's vertices, codes and attributes."""
        self.attributes(found)

    def method(self, found: Any) -> None:
        """Visit the object that a method is bound to, if the method is known."""
        if not is_known_function(found.__func__):
            raise Opaque
        self.visit(found.__self__)

    def builtin(self, found: Any) -> None:
        """Visit the object that a builtin method is bound to; for a function, its module."""
        self.visit(found.__self__)

    def function(self, found: Any) -> None:
        """Skip a known function; another one may do anything."""
        if not is_known_function(found):
            raise Opaque

    def partial(self, found: Any) -> None:
        """Visit the parts of a functools.partial."""
        for part in (found.func, found.args, found.keywords):
            self.visit(part)

    def other_axes(self, found: Any) -> None:
        """Record the place and the limits of an Axes that an artist refers to."""
        for part in geometry(found):
            self.visit(part)


def is_hidden(found: Any) -> bool:
    """Return whether an artist of a matplotlib class is hidden by set_visible(False)."""
    if not isinstance(found, Artist) or not is_artist_known(found):
        return False
    content = vars(found)
    return content.get("_visible") is False and content.keys().isdisjoint(SHOWING[1:])


# What else places the parts of a polar Axes.
OF_POLAR_AXES = (
    *("_realViewLim", "_originViewLim", "_direction", "_theta_offset", "_r_label_position"),
    *("transShift", "transWedge", "transProjection", "transProjectionAffine"),
    "_yaxis_text_transform",
)


def geometry(axes: Any) -> list[Any]:
    """Return the boxes and transforms for an Axes' position and limits."""
    names = ("_viewLim", "bbox", "transData", "transAxes", "transScale", "transLimits")
    more = ("_xaxis_transform", "_yaxis_transform", *OF_POLAR_AXES)
    return [getattr(axes, name) for name in (*names, *more) if hasattr(axes, name)]


def is_known_function(function: Any) -> bool:
    """Return whether a function is part of matplotlib or NumPy."""
    module = getattr(function, "__module__", None) or ""
    return module.startswith((*KNOWN, "numpy", "builtins", "operator"))


def choose_visitor(kind: type) -> Callable[[Walk, Any], None]:
    """Return the method that visits objects of a type."""
    rules: list[tuple[Any, Callable[[Walk, Any], None]]] = [
        (ATOMS, Walk.skip),
        (np.ma.MaskedArray, Walk.masked_array),
        (np.ndarray, Walk.array),
        (types.MethodType, Walk.method),
        (types.BuiltinFunctionType, Walk.builtin),
        ((types.FunctionType, np.ufunc, NUMPY_FUNCTION), Walk.function),
    ]
    for types_, visitor in rules:
        if issubclass(kind, types_):
            return visitor
    exact: dict[type, Callable[[Walk, Any], None]] = {
        list: Walk.sequence,
        set: Walk.sequence,
        deque: Walk.sequence,
        tuple: Walk.frozen_sequence,
        frozenset: Walk.frozen_sequence,
        dict: Walk.mapping,
        OrderedDict: Walk.mapping,
    }
    if kind in exact:
        return exact[kind]
    return choose_by_package(kind)


def choose_by_package(kind: type) -> Callable[[Walk, Any], None]:
    """Return the method that visits objects of a class from some package."""
    if kind.__module__ == "functools" and kind.__name__ == "partial":
        return Walk.partial
    if kind.__module__.partition(".")[0] in ATOM_PACKAGES:
        return Walk.skip
    if not kind.__module__.startswith(KNOWN):
        return Walk.opaque
    for base, visitor in (
        (Tick, Walk.tick),
        (Axis, Walk.axis),
        (Ticker, Walk.ticker),
        (Axes, Walk.other_axes),
        (FigureBase, Walk.skip),
        (TransformNode, Walk.transform),
        (list, Walk.sequence),
        (tuple, Walk.frozen_sequence),
        (dict, Walk.mapping),
    ):
        if issubclass(kind, base):
            return visitor
    return Walk.attributes if kind.__dictoffset__ else Walk.opaque


_visitors: dict[type, Callable[[Walk, Any], None]] = {}
_skipped: set[type] = set()


def visitor_of(kind: type) -> Callable[[Walk, Any], None]:
    """Return the method that visits objects of a type, chosen once per type."""
    visitor = _visitors.get(kind)
    if visitor is None:
        visitor = _visitors[kind] = choose_visitor(kind)
    return visitor


def is_artist_known(artist: Artist) -> bool:
    """Return whether an artist's class is one of matplotlib's own."""
    return type(artist).__module__.startswith(KNOWN)
