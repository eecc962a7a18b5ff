"""Pickle a matplotlib animation with its figure and functions, and load it again.

Figure and functions are in one pickle, so that a copied function refers to the artists of the
copied figure. Parts that belong to the screen (canvas, timer, frames drawn so far) are left out.
"""

import contextlib
import functools
import gc
import hashlib
import io
import pickle
import sys
from collections import deque
from collections.abc import Callable, Iterable
from types import FunctionType
from typing import Any

import matplotlib as mpl
from matplotlib.animation import Animation
from matplotlib.artist import Artist
from matplotlib.backend_bases import FigureCanvasBase, FigureManagerBase, TimerBase
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.cbook import CallbackRegistry
from matplotlib.widgets import LockDraw

from parallel_animate.errors import AnimatorLoadError, FrameError
from parallel_animate.funcanimation.copied_classes import CopiedClasses
from parallel_animate.inputs.matplotlib_changes import user_additions
from parallel_animate.inputs.matplotlib_private import figure_registry
from parallel_animate.inputs.pickling import (
    PICKLING_ERRORS,
    Pickler,
    dump,
    find_unpicklable,
    local_modules_by_value,
)
from parallel_animate.render.isolation import RandomState, pyplot_of

# Events of a canvas, and of a figure for its tool bar. A figure that is on no screen needs only the
# draw event.
_SCREEN_EVENTS = {*FigureCanvasBase.events, "_axes_change_event"} - {"draw_event"}
# Packages whose objects read no list of artists but as described in `parts._PartPickler`, and which
# change nothing outside the figure when they draw.
KNOWN = {
    *("matplotlib", "numpy", "builtins", "abc", "cloudpickle", "collections", "cycler"),
    *("dateutil", "datetime", "functools", "itertools", "parallel_animate", "weakref"),
}
KNOWN_TOOLKIT = "mpl_toolkits.mplot3d."
# Attributes of an animation that it needs on the screen only.
_SCREEN_STATE = frozenset(
    {
        *("_tee_from", "_first_draw_id", "_close_id", "_resize_id"),
        *("_base64_video", "_video_size", "_html_representation"),
    }
)
# Attributes of a copy that affect no pixel.
_NO_PIXELS = frozenset(
    {
        *("event_source", "frame_seq", "_iter_gen", "_save_seq", "_save_count", "_blit_cache"),
        *("_interval", "_repeat", "_repeat_delay", "_cache_frame_data", "_draw_was_started"),
    }
)


@functools.cache
def is_known(module: str) -> bool:
    """Return whether a module belongs to the `KNOWN` packages."""
    return module.partition(".")[0] in KNOWN or module.startswith(KNOWN_TOOLKIT)


def module_of(obj: Any) -> str:
    """Return the module of an object's class, or of a class or function."""
    kind = obj if isinstance(obj, type | FunctionType) else type(obj)
    return kind.__module__ or ""


def has_matplotlibs_code_only() -> bool:
    """Return whether matplotlib's own modules and classes hold no code of the user."""
    return all(isinstance(added, dict | list) for added in user_additions().values())


class AnimationPickler(Pickler):
    """Pickles animations, callbacks, canvases and timers, which matplotlib itself does not pickle.

    A colour bar follows its image by a callback; without the callback a copy would draw other
    pixels.
    """

    def reducer_override(self, obj: Any) -> Any:
        """Return how to rebuild an object, in the form that pickle wants."""
        if isinstance(obj, Animation):
            return object.__new__, (type(obj),), self.animation_state(obj)
        if isinstance(obj, CallbackRegistry):
            return object.__new__, (type(obj),), _registry_state(obj)
        if isinstance(obj, FigureCanvasBase):
            return object.__new__, (FigureCanvasAgg,), _canvas_state(obj)
        if isinstance(obj, FigureManagerBase):
            return type(None), ()
        if isinstance(obj, TimerBase):
            return TimerBase, (obj.interval,)
        return super().reducer_override(obj)

    def animation_state(self, animation: Animation) -> dict[str, Any]:
        """Return the attributes that a copy gets."""
        state = {key: part for key, part in vars(animation).items() if key not in _SCREEN_STATE}
        return {
            **state,
            "event_source": TimerBase(),
            "frame_seq": iter(()),
            "_save_seq": deque(maxlen=0),
            "_cache_frame_data": False,
            "_blit_cache": {},
            # Otherwise matplotlib warns when it deletes a copy that was never shown.
            "_draw_was_started": True,
        }


class _FramelessPickler(AnimationPickler):
    """An `AnimationPickler` without the frames of a FuncAnimation; copies get them later."""

    def animation_state(self, animation: Animation) -> dict[str, Any]:
        state = super().animation_state(animation)
        return {**state, "_iter_gen": tuple} if "_iter_gen" in state else state


class _ArtistsPickler(AnimationPickler):
    """Finds out whether all objects are of packages whose code is known."""

    def __init__(self, file: io.BytesIO, with_sources: bool) -> None:
        super().__init__(file, with_sources)
        self.finds_known_only = True

    def reducer_override(self, obj: Any) -> Any:
        """Return how to rebuild an object, in the form that pickle wants."""
        self.finds_known_only &= is_known(module_of(obj))
        return super().reducer_override(obj)


class _TryingPickler(_FramelessPickler):
    """Also loads the pickle, because some objects can be pickled but not loaded."""

    def __init__(self, file: io.BytesIO, with_sources: bool) -> None:
        super().__init__(file, with_sources)
        self._written = file

    def dump(self, obj: Any) -> None:
        super().dump(obj)
        registry = figure_registry()
        figures, report = registry.figs.copy(), sys.unraisablehook
        failure = ""
        # A partly rebuilt object may raise another error when it is deleted, which can be ignored.
        sys.unraisablehook = lambda unraisable: None
        try:
            CopiedClasses().load(self.with_places(self._written.getvalue()))
        except Exception as error:  # noqa: BLE001 - the user's objects may raise anything
            failure = f"rebuilding it fails with {type(error).__name__}: {error}"
        finally:
            if failure:
                gc.collect()
            registry.figs, sys.unraisablehook = figures, report
        if failure:
            raise pickle.PicklingError(failure)


def _registry_state(registry: CallbackRegistry) -> dict[str, Any]:
    kept = registry._pickled_cids  # type: ignore[attr-defined]
    callbacks: dict[str, dict[int, Any]] = {}
    for signal, connected in registry.callbacks.items():
        for cid, reference in connected.items():
            callback = reference()
            if cid in kept or _concerns_drawing(signal, callback):
                callbacks.setdefault(signal, {})[cid] = callback
    cids = [cid for connected in callbacks.values() for cid in connected]
    return {
        **vars(registry),
        "callbacks": callbacks,
        "_func_cid_map": None,
        # __setstate__ goes on counting from here.
        "_cid_gen": max(cids, default=-1) + 1,
    }


def _concerns_drawing(signal: str, callback: Any) -> bool:
    is_of_the_screen = isinstance(
        getattr(callback, "__self__", None), (Animation, FigureCanvasBase, FigureManagerBase)
    )
    return callback is not None and signal not in _SCREEN_EVENTS and not is_of_the_screen


def _canvas_state(canvas: FigureCanvasBase) -> dict[str, Any]:
    """Return the state of a canvas that was made for a figure on no screen."""
    screen = ("manager", "_button", "_key", "mouse_grabber", "toolbar")
    return {
        **dict.fromkeys(screen),
        "figure": canvas.figure,
        "widgetlock": LockDraw(),
        "_is_idle_drawing": False,
        "_is_saving": True,
        "_device_pixel_ratio": 1,
        "_blit_backgrounds": {},
    }


def dump_animation(
    animation: Animation,
    first: Iterable[Any] = (),
    has_frames: bool = False,
    random_state: RandomState | None = None,
    with_sources: bool = False,
) -> bytes:
    """Return an animation as pickle bytes.

    Parameters
    ----------
    animation : Animation
        The animation; it is not changed.
    first : iterable
        The data of the first frame, if a FuncAnimation without ``init_func`` starts with it.
    has_frames : bool
        True also pickles the source of a FuncAnimation's frames.
    random_state : RandomState, optional
        Start of the copy's random numbers.
    with_sources : bool
        True adds the text of user files, for tracebacks in other processes.

    Raises
    ------
    AnimatorLoadError
        If the animation cannot be pickled; the message names the cause.
    """
    pickler = AnimationPickler if has_frames else _FramelessPickler
    return dump_with(pickler, animation, tuple(first), random_state, with_sources)


def dump_artists(animation: Animation, random_state: RandomState) -> tuple[bytes, bool]:
    """Return an ArtistAnimation as pickle bytes, and whether only code of `KNOWN` packages runs.

    Raises as `dump_animation`.
    """
    picklers: list[_ArtistsPickler] = []

    def make(file: io.BytesIO, with_sources: bool) -> _ArtistsPickler:
        picklers.append(_ArtistsPickler(file, with_sources))
        return picklers[-1]

    data = dump_with(make, animation, (), random_state, with_sources=True)
    return data, picklers[-1].finds_known_only and has_matplotlibs_code_only()


def load_checked(
    animation: Animation, data: bytes
) -> tuple[Animation, RandomState | None, CopiedClasses]:
    """Return a copy, as `load_animation`, or raise AnimatorLoadError, which names the cause."""
    try:
        return load_animation(data)
    except Exception:
        check_copy(animation)
        raise


def check_copy(animation: Animation) -> None:
    """Raise AnimatorLoadError, which names the cause, if an animation cannot be copied."""
    dump_with(_TryingPickler, animation, (), None, with_sources=False)


def dump_with(
    pickler: Callable[..., Pickler],
    animation: Animation,
    first: tuple[Any, ...],
    random_state: RandomState | None,
    with_sources: bool,
) -> bytes:
    """Return an animation as pickle bytes, written by a pickler; raises as `dump_animation`."""
    manager = animation._fig.canvas.manager  # type: ignore[attr-defined]
    number = None if manager is None else manager.num
    # The figure comes first: pyplot uses it as soon as it is rebuilt, so it must be complete then.
    content = (animation._fig, animation, first, number, random_state)  # type: ignore[attr-defined]
    with local_modules_by_value(), pyplot_of({} if manager is None else {number: manager}):
        try:
            return dump(content, pickler, with_sources)
        except PICKLING_ERRORS as error:
            state = vars(animation)
            parts = {
                "the function": state.get("_func"),
                "init_func": state.get("_init_func"),
                "fargs": state.get("_args"),
                "the figure": animation._fig,  # type: ignore[attr-defined]
                "the animation": animation,
            }
            blamed = ((name, part) for name, part in parts.items() if _fails(part, pickler))
            name, part = next(blamed, ("the animation", content))
            where, reason = find_unpicklable(part, name, pickler=pickler)
            raise AnimatorLoadError(
                f"The animation cannot be copied: {where} cannot be pickled ({reason}). "
                "Create it within the function to have the animation rendered in parallel."
            ) from error


def _fails(part: object, pickler: Callable[..., Pickler]) -> bool:
    try:
        dump(part, pickler)
    except PICKLING_ERRORS:
        return True
    return False


def load_animation(data: bytes) -> tuple[Animation, RandomState | None, CopiedClasses]:
    """Return a copy of an animation, the start of its random numbers, and its classes.

    The copy's figure has the same number in pyplot as the original.
    """
    classes = CopiedClasses()
    # In interactive mode pyplot would draw every new figure.
    with mpl.rc_context({"interactive": False}):
        figure, animation, first, number, random_state = classes.load(data)
    # matplotlib 3.10 keeps the size of a figure on a screen with another pixel ratio.
    figure.dpi_scale_trans.clear().scale(figure.dpi)
    if vars(animation).get("_iter_gen") is tuple:
        animation._iter_gen = lambda: iter(first)
    manager = figure.canvas.manager
    if manager is not None:
        registry = figure_registry()
        registry.figs.pop(manager.num)
        manager.num = figure._number = number
        registry.set_active(manager)
    else:
        FigureCanvasAgg(figure)
    return animation, random_state, classes


def describe_animation(data: bytes) -> list[object]:
    """Return the parts of a pickled animation that affect pixels, for a digest."""
    copy = load_animation(data)[0]
    figure = copy._fig  # type: ignore[attr-defined]
    state = {key: part for key, part in vars(copy).items() if key not in _NO_PIXELS}
    listeners = [
        reference()
        for artist in figure.findobj()
        for registry in (vars(artist).get("callbacks"), vars(artist).get("_callbacks"))
        if isinstance(registry, CallbackRegistry)
        for connected in registry.callbacks.values()
        for reference in connected.values()
    ]
    functions = [listener for listener in listeners if isinstance(listener, FunctionType)]
    return [type(copy), state, functions]


def fingerprint(animation: Animation) -> str:
    """Return a digest that changes with the figure or with any object the function refers to."""
    return hashlib.sha256(dump_animation(animation)).hexdigest()


class _FramePickler(Pickler):
    """Refuses artists, because their copies would belong to no figure."""

    def reducer_override(self, obj: Any) -> Any:
        if isinstance(obj, (Artist, Animation)):
            raise FrameError(
                f"the data of a frame holds a {type(obj).__name__} of the figure, which cannot be "
                "copied without the figure; use numbers as frames, and look the artist up in the "
                "function"
            )
        return super().reducer_override(obj)


def dump_frame(data: object) -> bytes:
    """Return the data of a frame as pickle bytes.

    Raises
    ------
    FrameError
        If the data cannot be pickled, or hold a part of the figure.
    """
    # Most frames are numbers, which need no module.
    is_plain = type(data) in (int, float, str)
    with contextlib.nullcontext() if is_plain else local_modules_by_value():
        try:
            return dump(data, _FramePickler)
        except PICKLING_ERRORS as error:
            if isinstance(error, FrameError):
                raise
            raise FrameError(f"the data of a frame cannot be pickled ({error})") from error


def load_frame(content: bytes, classes: CopiedClasses | None = None) -> Any:
    """Return the data of a frame, with the classes of a copy or with new copies of the classes."""
    return (classes or CopiedClasses()).load(content)
