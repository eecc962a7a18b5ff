"""Every private or undocumented matplotlib name that this package uses, with the reason.

matplotlib may rename any of them in a minor version. `missing_names` lists those that are gone or
take other arguments, so that their users can do without them or report it. A test compares the
table with the names in the source. This module does nothing with the names itself.
"""

import importlib.util
import inspect
import re
from collections.abc import Callable, Iterable
from types import ModuleType
from typing import Any, NamedTuple

import matplotlib as mpl

# The versions that this package was compared with.
FOLLOWED_VERSIONS = ((3, 10), (3, 11))

# The user of a name, and what happens if the name is missing.
REDRAW = "redraw"  # Every frame is drawn in full, and a warning is logged.
SAVE_ANIMATION = "save_animation"  # An error before anything is done.
STATE = "state"  # A default is used.


class PrivateName(NamedTuple):
    """A name that matplotlib does not promise to keep.

    Parameters
    ----------
    user : str
        `REDRAW`, `SAVE_ANIMATION` or `STATE`.
    owner : str
        The class, as "matplotlib.text:Text", or module, as "matplotlib.scale:", that has it.
    name : str
        The name.
    kind : str
        "static": the class or module has it. "object": its objects have it once they are made.
        "skipped": an attribute that is left out, and may be missing.
    why : str
        What it is used for.
    signature : str
        A method's parameters; empty if they are unknown, as in C++.
    is_replaced : bool
        A function of this package replaces it, and takes exactly these parameters.
    since, until : tuple of (int, int), optional
        The first version that has it, and the first version that no longer has it.
    """

    user: str
    owner: str
    name: str
    kind: str
    why: str
    signature: str = ""
    is_replaced: bool = False
    since: tuple[int, int] | None = None
    until: tuple[int, int] | None = None

    def __str__(self) -> str:
        """Return the name as in Python: "matplotlib.text.Text._get_layout"."""
        return f"{self.owner.rstrip(':').replace(':', '.')}.{self.name}"

    def is_of(self, version: tuple[int, int]) -> bool:
        """Return whether a version of matplotlib should have it, according to the table."""
        return (self.since or version) <= version and (self.until is None or version < self.until)


def _names(
    user: str, owner: str, kind: str, names: str, why: str, **more: Any
) -> list[PrivateName]:
    return [PrivateName(user, _place(owner), name, kind, why, **more) for name in names.split()]


def _method(user: str, owner: str, call: str, why: str, **more: Any) -> PrivateName:
    name, _, parameters = call.rstrip(")").partition("(")
    return PrivateName(user, _place(owner), name, "static", why, signature=parameters, **more)


def _place(owner: str) -> str:
    return f"matplotlib{owner}" if owner.startswith(":") else f"matplotlib.{owner}"


_3_11 = (3, 11)

TABLE: tuple[PrivateName, ...] = (
    # Drawing less: caches within a draw.
    _method(REDRAW, "text:Text", "_get_layout(self, renderer)", "cached", is_replaced=True),
    _method(REDRAW, "axis:Axis", "_update_ticks(self)", "cached", is_replaced=True),
    *_names(
        REDRAW,
        "text:Text",
        "object",
        "_text _fontproperties _rotation_mode _horizontalalignment _verticalalignment "
        "_multialignment _linespacing _usetex _parse_math _wrap",
        "decide the layout of a text",
    ),
    *_names(REDRAW, "text:Text", "object", "_renderer", "a text remembers what it was drawn with"),
    *_names(REDRAW, "axis:Axis", "static", "majorTicks minorTicks", "the ticks that exist"),
    *(
        _method(REDRAW, "axis:Axis", f"{name}(self, numticks)", "adds copies", is_replaced=True)
        for name in ("get_major_ticks", "get_minor_ticks")
    ),
    _method(REDRAW, "axis:Axis", "_get_tick(self, major)", "makes copies", is_replaced=True),
    *_names(REDRAW, "artist:Artist", "object", "_clippath", "how ticks are clipped"),
    _method(
        REDRAW, "axes:Axes", "_update_patch_limits(self, patch)", "quick for bars", is_replaced=True
    ),
    _method(
        REDRAW,
        "image:AxesImage",
        "_make_image(self, A, in_bbox, out_bbox, clip_bbox, magnification, unsampled, "
        "round_to_pixel_border)",
        "quick if it is enlarged",
        is_replaced=True,
    ),
    _method(
        REDRAW,
        "image:",
        "_resample(image_obj, data, out_shape, transform, resample, alpha)",
        "the same",
        is_replaced=True,
    ),
    *_names(REDRAW, "image:AxesImage", "static", "_get_scalar_alpha", "the same"),
    _method(REDRAW, "_api:", "warn_external(message, category)", "its line", is_replaced=True),
    *_names(
        REDRAW, "axis:Axis", "object", "_major_tick_kw _minor_tick_kw", "what ticks are made of"
    ),
    *_names(REDRAW, "axis:Axis", "static", "_tick_class", "the same"),
    *_names(REDRAW, "artist:Artist", "object", "_transform", "what copies have of their own"),
    *_names(REDRAW, "axis:Tick", "static", "_pad", "places the labels of copies"),
    *_names(REDRAW, "axes:Axes", "static", "_set_artist_props", "the same"),
    _method(REDRAW, "axis:Axis", "_copy_tick_props(self, src, dest)", "the same"),
    *_names(REDRAW, "cbook:CallbackRegistry", "object", "_signals", "of a tick that is copied"),
    *_names(REDRAW, "axis:Axis", "object", "offsetText label", "what an axis draws beside ticks"),
    # Drawing less: a renderer that remembers bitmaps and calls.
    *_names(REDRAW, "backends:", "static", "_backend_agg", "the Agg raster, in C++"),
    *_names(
        REDRAW,
        "backends._backend_agg:RendererAgg",
        "static",
        "draw_path draw_markers draw_text_image draw_image draw_path_collection draw_quad_mesh "
        "draw_gouraud_triangles clear restore_region",
        "the calls that are recorded",
    ),
    *_names(REDRAW, "backends.backend_agg:", "static", "get_hinting_flag", "key of a bitmap"),
    *_names(REDRAW, "backends.backend_agg:RendererAgg", "object", "_renderer", "the raster"),
    _method(REDRAW, "backends.backend_agg:RendererAgg", "_update_methods(self)", "another raster"),
    _method(REDRAW, "backends.backend_agg:RendererAgg", "_prepare_font(self, font_prop)", "glyphs"),
    _method(
        REDRAW,
        "backends.backend_agg:RendererAgg",
        "_draw_text_glyphs_and_boxes(self, gc, x, y, angle, glyphs, boxes)",
        "overridden: draws cached glyphs",
        since=_3_11,
        is_replaced=True,
    ),
    *_names(
        REDRAW,
        "ft2font:FT2Font",
        "static",
        "_layout _render_glyph _set_transform",
        "glyphs of a string, and their bitmaps",
        since=_3_11,
    ),
    *_names(
        REDRAW,
        "backend_bases:GraphicsContextBase",
        "object",
        "_cliprect",
        "copied and measured without its transform",
    ),
    # Drawing less: the order of painting, as in Figure.draw and Axes.draw.
    _method(REDRAW, "figure:FigureBase", "_get_draw_artists(self, renderer)", "before a draw"),
    *_names(
        REDRAW,
        "figure:FigureBase",
        "object",
        "_localaxes _align_label_groups subfigs suppressComposite",
        "what a figure draws, and which labels it aligns",
    ),
    *_names(REDRAW, "figure:Figure", "object", "_layout_engine", "none in a draw that only checks"),
    _method(REDRAW, "axes:Axes", "_unstale_viewLim(self)", "limits, before a draw"),
    _method(REDRAW, "axes:Axes", "_update_title_position(self, renderer)", "before a draw"),
    *_names(REDRAW, "axes:Axes", "static", "_twinned_axes", "twins, whose ticks move a title"),
    *_names(
        REDRAW,
        "axes:Axes",
        "object",
        "_children child_axes _axis_map _frameon axison legend_ _left_title _right_title "
        "_rasterization_zorder",
        "what an Axes draws",
    ),
    *_names(REDRAW, "axes:Axes", "object", "_stale_viewlims", "limits that a draw would find"),
    *_names(REDRAW, "artist:Artist", "object", "_animated _visible", "whether it is drawn"),
    *_names(REDRAW, "cbook:Grouper", "object", "_mapping", "whether labels are aligned"),
    *_names(REDRAW, "cbook:CallbackRegistry", "object", "callbacks", "callbacks draw as well"),
    # Drawing less: what an artist's look depends on.
    *_names(
        REDRAW,
        "axes:Axes",
        "object",
        "_viewLim _xaxis_transform _yaxis_transform",
        "the place and the limits of an Axes",
    ),
    *_names(
        REDRAW,
        "projections.polar:PolarAxes",
        "object",
        "_realViewLim _originViewLim _direction _theta_offset _r_label_position "
        "_yaxis_text_transform",
        "the place and the limits of a polar Axes",
    ),
    *_names(REDRAW, "transforms:Affine2D", "object", "_mtx", "the transform's whole state"),
    *_names(REDRAW, "transforms:Bbox", "object", "_points", "the box's whole state"),
    *_names(REDRAW, "transforms:TransformNode", "object", "_parents", "what depends on limits"),
    *_names(REDRAW, "transforms:TransformNode", "object", "_invalid", "what a draw computes again"),
    *_names(REDRAW, "lines:Line2D", "object", "_transformed_path", "the same"),
    *_names(
        REDRAW,
        "lines:Line2D",
        "object",
        "_path _xorig _yorig _invalidx _invalidy",
        "a line's data, and whether to convert them again",
    ),
    *_names(REDRAW, "text:Text", "object", "_bbox_patch", "the box around it, no child"),
    *_names(REDRAW, "spines:Spine", "object", "_position", "whether limits place it"),
    *_names(
        REDRAW,
        "legend:Legend",
        "object",
        "_loc_real _legend_box _bbox_to_anchor",
        "where it stands, and whether it chooses that",
    ),
    *_names(
        REDRAW,
        "artist:Artist",
        "skipped",
        "_axes _parent_figure _callbacks _picker _mouseover _remove_method _stale",
        "an artist's owners and listeners",
    ),
    *_names(
        REDRAW,
        "axes:Axes",
        "skipped",
        "_mouseover_set _get_lines _get_patches_for_fill _subplotspec",
        "attributes that do not affect an Axes's look",
    ),
    *_names(REDRAW, "image:AxesImage", "skipped", "_imcache", "made by a draw"),
    *_names(
        REDRAW,
        "transforms:TransformNode",
        "skipped",
        "_invalid _inverted _affine _transformed_path _transformed_points",
        "values that transforms derive and cache",
    ),
    # save_animation: an animation, its frames and its figure.
    *_names(SAVE_ANIMATION, ":", "static", "_pylab_helpers", "pyplot's list of figures"),
    *_names(SAVE_ANIMATION, "_pylab_helpers:Gcf", "static", "figs set_active", "that list"),
    _method(SAVE_ANIMATION, "animation:Animation", "_init_draw(self)", "before the first frame"),
    _method(
        SAVE_ANIMATION, "animation:Animation", "_draw_next_frame(self, framedata, blit)", "a frame"
    ),
    _method(SAVE_ANIMATION, "animation:Animation", "_post_draw(self, framedata, blit)", "its end"),
    *_names(
        SAVE_ANIMATION,
        "animation:Animation",
        "object",
        "_fig _draw_was_started",
        "its figure, and a mark against a needless warning",
    ),
    *_names(
        SAVE_ANIMATION,
        "animation:FuncAnimation",
        "object",
        "_func _args _init_func _iter_gen _save_count",
        "its functions and its frames",
    ),
    *_names(SAVE_ANIMATION, "animation:ArtistAnimation", "object", "_framedata", "its frames"),
    *_names(SAVE_ANIMATION, "animation:TimedAnimation", "object", "_interval", "its frame rate"),
    *_names(
        SAVE_ANIMATION,
        "animation:Animation",
        "skipped",
        "_tee_from _first_draw_id _close_id _resize_id _base64_video _video_size "
        "_html_representation _save_seq _blit_cache _repeat _repeat_delay _cache_frame_data",
        "its life on the screen, left out of a copy",
    ),
    _method(
        SAVE_ANIMATION, "backend_bases:FigureCanvasBase", "_idle_draw_cntx(self)", "no early draw"
    ),
    *_names(
        SAVE_ANIMATION,
        "backend_bases:FigureCanvasBase",
        "object",
        "_is_saving _is_idle_drawing _device_pixel_ratio _button _key",
        "a canvas that saves, on no screen",
    ),
    *_names(
        SAVE_ANIMATION,
        "backends.backend_agg:FigureCanvasAgg",
        "skipped",
        "_blit_backgrounds",
        "empty in a copy",
        since=_3_11,
    ),
    _method(SAVE_ANIMATION, "figure:Figure", "_set_dpi(self, dpi, forward)", "no window resized"),
    *_names(SAVE_ANIMATION, "figure:Figure", "skipped", "_original_dpi", "dpi without pixel ratio"),
    *_names(SAVE_ANIMATION, "figure:Figure", "skipped", "_number", "its number in pyplot"),
    *_names(SAVE_ANIMATION, "figure:Figure", "skipped", "_axes_change_event", "for the tool bar"),
    *_names(
        SAVE_ANIMATION,
        "cbook:CallbackRegistry",
        "object",
        "_pickled_cids _func_cid_map _cid_gen",
        "callbacks that a copy keeps",
    ),
    # The state of a process: where drawing starts from, and what is restored.
    *_names(STATE, ":RcParams", "static", "_get _set", "rcParams as they are (read_param)"),
    *_names(STATE, "pyplot:", "static", "_backend_mod", "pyplot's backend, removed for a while"),
    *_names(STATE, "cm:ColormapRegistry", "object", "_builtin_cmaps", "to find the user's"),
    *_names(
        STATE,
        "colors:ColorSequenceRegistry",
        "static",
        "_BUILTIN_COLOR_SEQUENCES",
        "to find the user's",
    ),
    *_names(STATE, "scale:", "static", "_scale_mapping", "to find the user's"),
    *_names(
        STATE,
        "path:Path",
        "static",
        "_unit_rectangle _unit_circle _unit_circle_righthalf",
        "paths that artists share, restored after drawing",
    ),
)


def matplotlib_version() -> tuple[int, int]:
    """Return the major and minor version of the installed matplotlib."""
    major, minor = re.findall(r"\d+", mpl.__version__)[:2]
    return int(major), int(minor)


def is_followed() -> bool:
    """Return whether this package was compared with the installed version of matplotlib."""
    return matplotlib_version() in FOLLOWED_VERSIONS


def versions_to_install() -> str:
    """Return the versions that this package was compared with, as a requirement for pip."""
    (low, high) = FOLLOWED_VERSIONS[0], FOLLOWED_VERSIONS[-1]
    return f"matplotlib>={low[0]}.{low[1]},<{high[0]}.{high[1] + 1}"


def missing_names(user: str, specimens: Iterable[Any] = ()) -> list[str]:
    """Return the names in the table that the installed matplotlib lacks or has changed.

    Parameters
    ----------
    user : str
        Check only this user's names: `REDRAW`, `SAVE_ANIMATION` or `STATE`.
    specimens : iterable
        matplotlib objects. Names that only objects have are looked up in these, and are skipped if
        none is of their class.

    Returns
    -------
    list of str
        As "matplotlib.text.Text._get_layout"; with the parameters if they have changed.
    """
    version, objects = matplotlib_version(), list(specimens)
    reasons = (
        f"{entry}{_difference(entry)}"
        for entry in TABLE
        if entry.user == user and entry.is_of(version) and not _exists(entry, objects)
    )
    return list(dict.fromkeys(reasons))


def _exists(entry: PrivateName, specimens: list[Any]) -> bool:
    if entry.kind == "skipped":
        return True
    owner = find_owner(entry)
    if entry.kind == "object":
        mine = (thing for thing in specimens if owner is not None and isinstance(thing, owner))
        return all(hasattr(thing, entry.name) for thing in mine)
    if hasattr(owner, entry.name):
        return _has_signature(entry, owner)
    return isinstance(owner, ModuleType) and _has_module(owner, entry.name)


def find_owner(entry: PrivateName) -> Any:
    """Return the class or module that should have the name; None if it does not exist."""
    module, _, name = entry.owner.partition(":")
    try:
        found = importlib.import_module(module)
    except ImportError:
        return None
    return getattr(found, name, None) if name else found


def _has_module(package: ModuleType, name: str) -> bool:
    try:
        return importlib.util.find_spec(f"{package.__name__}.{name}") is not None
    except ImportError:
        return False


def _has_signature(entry: PrivateName, owner: Any) -> bool:
    if not entry.signature:
        return True
    known = entry.signature.split(", ")
    parameters = list(_parameters(getattr(owner, entry.name)))
    names = [parameter.name for parameter in parameters]
    if entry.is_replaced:
        return names == known
    added = parameters[len(known) :]
    return names[: len(known)] == known and all(p.default is not p.empty for p in added)


def _parameters(function: Callable[..., Any]) -> Iterable[inspect.Parameter]:
    try:
        return inspect.signature(function).parameters.values()
    except (TypeError, ValueError):
        return ()


def _difference(entry: PrivateName) -> str:
    """Return what to add to a name that exists with other parameters; else an empty string."""
    owner = find_owner(entry)
    if not entry.signature or not hasattr(owner, entry.name):
        return ""
    names = ", ".join(p.name for p in _parameters(getattr(owner, entry.name)))
    return f"({entry.signature}), which is now ({names})"


def figure_registry() -> Any:
    """Return the class in which pyplot keeps its figures, ``Gcf``."""
    from matplotlib._pylab_helpers import Gcf

    return Gcf


# Read and write rcParams without side effects, such as choosing a backend. matplotlib promises to
# keep both names although they are private; versions without them use the dict's own methods.
read_param: Callable[[Any, str], Any] = getattr(mpl.RcParams, "_get", dict.__getitem__)
write_param: Callable[[Any, str, Any], None] = getattr(mpl.RcParams, "_set", dict.__setitem__)
