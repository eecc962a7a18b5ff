"""An Agg renderer that lays out and rasterizes each piece of text once.

matplotlib 3.11 renders text glyph by glyph from Python, 3.10 string by string; both at every draw.
The bitmap of a glyph (or a string) depends only on the font, its size, the hinting and the phase
within a pixel. Here, all of these are part of the key that a bitmap is kept under.
"""

import math
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.backends import backend_agg
from matplotlib.backends.backend_agg import RendererAgg

from parallel_animate.render.redraw.raster import Raster

# Most entries of each kind, a few MB. Text that turns or grows steadily adds new ones all the time.
LIMIT = 8192
# FreeType's fixed point numbers: 26.6 for positions, 16.16 for matrices.
SUBPIXELS = 64
ONE = 0x10000
hinting_flag: Any = backend_agg.get_hinting_flag
# rcParams that affect how text becomes bitmaps.
FONT_KEYS = tuple(key for key in mpl.rcParams if key.startswith(("font.", "mathtext.", "text.")))


class TextCache:
    """Bitmaps and layouts by everything that affects them, for all figures of this process."""

    def __init__(self) -> None:
        self.bitmaps: dict[Any, Any] = {}
        self.layouts: dict[Any, Any] = {}
        self._settings: tuple[Any, ...] = ()

    def refresh(self) -> None:
        """Forget everything if rcParams about fonts have changed, or if there is too much."""
        settings = font_settings()
        if settings != self._settings:
            self.bitmaps.clear()
            self.layouts.clear()
            self._settings = settings
        for kept in (self.bitmaps, self.layouts):
            if len(kept) > LIMIT:
                kept.clear()


text_cache = TextCache()


class RasterRenderer(RendererAgg):
    """matplotlib's Agg renderer, which draws on a `Raster`."""

    def __init__(self, width: float, height: float, dpi: float) -> None:
        super().__init__(width, height, dpi)  # type: ignore[no-untyped-call]
        self.raster = Raster(int(width), int(height), dpi)
        self._renderer: Any = self.raster
        self._update_methods()  # type: ignore[no-untyped-call]


def font_settings() -> tuple[Any, ...]:
    """Return the values of the rcParams that affect how text becomes bitmaps."""
    params: Any = mpl.rcParams
    return tuple(
        tuple(value) if isinstance(value, list) else value for value in map(params._get, FONT_KEYS)
    )


class GlyphRenderer(RasterRenderer):
    """Text of matplotlib 3.11: keeps a layout per string and a bitmap per glyph."""

    def draw_text(
        self,
        gc: Any,
        x: float,
        y: float,
        s: str,
        prop: Any,
        angle: float,
        ismath: Any = False,
        mtext: Any = None,
    ) -> None:
        """Draw a string."""
        if ismath:
            self.draw_mathtext(gc, x, y, s, prop, angle)  # type: ignore[no-untyped-call]
            return
        features = mtext.get_fontfeatures() if mtext is not None else None
        language = mtext.get_language() if mtext is not None else None
        key = (s, hash(prop), self.dpi, _hashable(features), _hashable(language))
        glyphs = text_cache.layouts.get(key)
        if glyphs is None:
            font = self._prepare_font(prop)  # type: ignore[no-untyped-call]
            items = font._layout(s, flags=hinting_flag(), features=features, language=language)
            size = prop.get_size_in_points()
            glyphs = [
                (item.ft_object, size, item.glyph_index, 0, 1, item.x, item.y) for item in items
            ]
            text_cache.layouts[key] = glyphs
        self._draw_text_glyphs_and_boxes(gc, x, y, angle, glyphs, ())

    def _draw_text_glyphs_and_boxes(
        self, gc: Any, x: float, y: float, angle: float, glyphs: Any, boxes: Any
    ) -> None:
        cos, sin = math.cos(math.radians(angle)), math.sin(math.radians(angle))
        antialiased = gc.get_antialiased()
        for glyph in glyphs:
            dx, dy = glyph[5:]
            place_x = round(SUBPIXELS * (x + dx * cos - dy * sin))
            place_y = round(SUBPIXELS * (self.height - y + dx * sin + dy * cos))
            phase = (place_x % SUBPIXELS, place_y % SUBPIXELS)
            key = (*glyph[:5], self.dpi, angle, antialiased, phase)
            kept = text_cache.bitmaps.get(key)
            if kept is None:
                kept = text_cache.bitmaps[key] = self._bitmap(glyph, cos, sin, phase, antialiased)
            bitmap, left, bottom = kept
            self._renderer.draw_text_image(
                bitmap,
                left + place_x // SUBPIXELS,
                int(self.height) - place_y // SUBPIXELS + bottom,
                0,
                gc,
            )
        boxes = list(boxes)
        if boxes:
            super()._draw_text_glyphs_and_boxes(gc, x, y, angle, (), boxes)  # type: ignore[no-untyped-call]

    def _bitmap(
        self, glyph: Any, cos: float, sin: float, phase: tuple[int, int], antialiased: bool
    ) -> tuple[Any, int, int]:
        from matplotlib.ft2font import RenderMode

        font, size, index, slant, extend = glyph[:5]
        font.set_size(size, self.dpi)
        rotation = np.array([[cos, -sin], [sin, cos]]) @ [[extend, extend * slant], [0, 1]]
        font._set_transform((ONE * rotation).round().astype(int), list(phase))
        mode = RenderMode.NORMAL if antialiased else RenderMode.MONO
        bitmap = font._render_glyph(index, hinting_flag(), mode)
        pixels = np.array(bitmap.buffer)
        if not antialiased:
            pixels *= 0xFF
        return pixels, bitmap.left, pixels.shape[0] - bitmap.top


class StringRenderer(RasterRenderer):
    """Text of matplotlib 3.10: keeps a bitmap per string, which is rotated when it is drawn."""

    def draw_text(
        self,
        gc: Any,
        x: float,
        y: float,
        s: str,
        prop: Any,
        angle: float,
        ismath: Any = False,
        mtext: Any = None,
    ) -> None:
        """Draw a string."""
        if ismath:
            self.draw_mathtext(gc, x, y, s, prop, angle)  # type: ignore[no-untyped-call]
            return
        key = (s, hash(prop), self.dpi, gc.get_antialiased())
        kept = text_cache.bitmaps.get(key)
        if kept is None:
            font = self._prepare_font(prop)  # type: ignore[no-untyped-call]
            font.set_text(s, 0, flags=hinting_flag())
            font.draw_glyphs_to_bitmap(antialiased=gc.get_antialiased())
            left, bottom = font.get_bitmap_offset()
            kept = (np.array(font), left / 64, bottom / 64, font.get_descent() / 64)
            text_cache.bitmaps[key] = kept
        bitmap, left, bottom, descent = kept
        place_x = round(x + left + descent * math.sin(math.radians(angle)))
        place_y = round(y + bottom + descent * math.cos(math.radians(angle)))
        self._renderer.draw_text_image(bitmap, place_x, place_y + 1, angle, gc)


def _hashable(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def renderer_class() -> type[RasterRenderer]:
    """Return the renderer class for the installed matplotlib."""
    return GlyphRenderer if hasattr(RendererAgg, "_draw_text_glyphs_and_boxes") else StringRenderer
