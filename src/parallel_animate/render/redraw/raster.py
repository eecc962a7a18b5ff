"""An Agg raster that can record what is drawn on it, and where.

`Raster` works below matplotlib's renderer. It gets paths, markers, images and glyphs, whatever
artist they come from, and can replay a recorded sequence with exactly the same pixels.
"""

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from matplotlib.backend_bases import GraphicsContextBase
from matplotlib.backends import _backend_agg
from matplotlib.transforms import Bbox
from numpy.typing import NDArray

# matplotlib's Agg, in C++.
AggRaster: Any = _backend_agg.RendererAgg  # type: ignore[attr-defined]

# Pixels added around the geometry: snapping moves a vertex by half a pixel, antialiasing adds one,
# and clip boxes are rounded.
BLEED = 3


class Box(NamedTuple):
    """A region of the canvas in pixels, y upwards, as Agg counts."""

    x0: float
    y0: float
    x1: float
    y1: float

    def union(self, other: "Box") -> "Box":
        """Return the smallest box that holds both."""
        return Box(
            min(self.x0, other.x0),
            min(self.y0, other.y0),
            max(self.x1, other.x1),
            max(self.y1, other.y1),
        )

    def intersection(self, other: "Box") -> "Box":
        """Return the common part; if there is none, its low ends are above its high ends."""
        return Box(
            max(self.x0, other.x0),
            max(self.y0, other.y0),
            min(self.x1, other.x1),
            min(self.y1, other.y1),
        )

    def meets(self, other: "Box") -> bool:
        """Return whether the boxes have a point in common."""
        return (
            self.x0 <= other.x1
            and other.x0 <= self.x1
            and self.y0 <= other.y1
            and other.y0 <= self.y1
        )

    def holds(self, other: "Box") -> bool:
        """Return whether the other box lies within this one."""
        return (
            self.x0 <= other.x0
            and self.y0 <= other.y0
            and self.x1 >= other.x1
            and self.y1 >= other.y1
        )

    def area(self) -> float:
        """Return its number of pixels, 0 for an empty intersection."""
        return max(self.x1 - self.x0, 0) * max(self.y1 - self.y0, 0)

    def grown(self, by: float) -> "Box":
        """Return the box, enlarged by a margin on each side."""
        return Box(self.x0 - by, self.y0 - by, self.x1 + by, self.y1 + by)


EVERYWHERE = Box(-math.inf, -math.inf, math.inf, math.inf)
NOWHERE = Box(math.inf, math.inf, -math.inf, -math.inf)


class Call(NamedTuple):
    """A low-level call: the method's name and its arguments, which never change later.

    The box is the largest region it may touch.
    """

    method: str
    arguments: tuple[Any, ...]
    options: dict[str, Any]
    box: Box


class Recording(NamedTuple):
    """The calls of an artist's draw, and the largest region they may touch.

    A recording is not whole if only the region was wanted.
    """

    calls: tuple[Call, ...]
    box: Box
    is_whole: bool


class FrozenContext(GraphicsContextBase):
    """A copy of a graphics context that keeps none of the figure's transforms."""

    def __init__(self, gc: GraphicsContextBase) -> None:
        super().__init__()
        source: Any = gc
        self.copy_properties(gc)
        if source._cliprect is not None:
            self._cliprect = Bbox(np.array(source._cliprect.get_points()))
        path, transform = source.get_clip_path()
        self._clip: tuple[Any, Any] = (path, None if transform is None else matrix(transform))

    def get_clip_path(self) -> tuple[Any, Any]:
        """Return the copied clip path and the matrix of its transform."""
        return self._clip


def matrix(transform: Any) -> NDArray[np.float64]:
    """Return a copy of an affine transform's matrix, (3, 3) float64."""
    found = transform.get_matrix() if hasattr(transform, "get_matrix") else transform
    return np.array(found, dtype=np.float64)


class Raster(AggRaster):  # type: ignore[misc]
    """matplotlib's Agg raster with a recorder.

    It records what is drawn between `start` and `stop`; otherwise it draws like its base class.

    Parameters
    ----------
    width, height : int
        In pixels.
    dpi : float
        Dots per inch.
    """

    def __init__(self, width: int, height: int, dpi: float) -> None:
        super().__init__(width, height, dpi)
        self._pixels_per_point = dpi / 72
        self._height = height
        self._calls: list[Call] | None = None
        self._box: Box | None = None
        # Number of calls that changed pixels, without replays; shows if other code has drawn here.
        self.n_calls = 0

    def start(self, keep_calls: bool) -> None:
        """Measure what is drawn from now on, and keep its calls if wanted."""
        self._calls = [] if keep_calls else None
        self._box = NOWHERE

    def stop(self) -> Recording:
        """Return what was drawn since `start`."""
        assert self._box is not None, "stop() without start()"
        recording = Recording(tuple(self._calls or ()), self._box, self._calls is not None)
        self._calls = self._box = None
        return recording

    def replay(self, calls: Sequence[Call]) -> None:
        """Draw a recording again."""
        for method, arguments, options, _ in calls:
            getattr(AggRaster, method)(self, *arguments, **options)

    def _measure(self, gc: Any, box: Box) -> Box:
        clipped = box.intersection(clip_box(gc))
        self._box = self._box.union(clipped)  # type: ignore[union-attr]
        return clipped

    def _keep(self, box: Box, method: str, *arguments: Any, **options: Any) -> None:
        assert self._calls is not None
        self._calls.append(Call(method, arguments, options, box))

    def draw_path(self, gc: Any, path: Any, transform: Any, rgbFace: Any = None) -> None:
        """Draw a path."""
        self.n_calls += 1
        super().draw_path(gc, path, transform, rgbFace)
        if self._box is None:
            return
        placed = matrix(transform)
        reach = EVERYWHERE if gc.get_sketch_params() else self._reach(gc, path, placed)
        box = self._measure(gc, reach)
        if self._calls is not None:
            self._keep(box, "draw_path", FrozenContext(gc), path, placed, rgbFace)

    def draw_markers(
        self,
        gc: Any,
        marker_path: Any,
        marker_transform: Any,
        path: Any,
        transform: Any,
        rgbFace: Any = None,
    ) -> None:
        """Draw a marker at each vertex of a path."""
        self.n_calls += 1
        super().draw_markers(gc, marker_path, marker_transform, path, transform, rgbFace)
        if self._box is None:
            return
        marker_placed, placed = matrix(marker_transform), matrix(transform)
        marker = self._reach(gc, marker_path, marker_placed)
        points = extent(path.vertices, placed)
        reach = NOWHERE
        if gc.get_sketch_params():
            reach = EVERYWHERE
        elif points is not NOWHERE and marker is not NOWHERE:
            reach = Box(*(a + b for a, b in zip(marker, points, strict=True)))
        box = self._measure(gc, reach)
        if self._calls is not None:
            places = (marker_path, marker_placed, path, placed)
            self._keep(box, "draw_markers", FrozenContext(gc), *places, rgbFace)

    def draw_text_image(self, image: Any, x: float, y: float, angle: float, gc: Any) -> None:
        """Draw a bitmap of text, (height, width) uint8 or what has such a buffer."""
        self.n_calls += 1
        super().draw_text_image(image, x, y, angle, gc)
        if self._box is None:
            return
        bitmap = np.array(image)
        height, width = bitmap.shape
        low = self._height - y
        reach = 0.0 if angle == 0 else math.hypot(width, height)
        box = Box(x - reach, low - reach, x + width + reach, low + height + reach)
        # Unrotated text is copied pixel by pixel.
        box = self._measure(gc, box.grown(BLEED if angle else 1))
        if self._calls is not None:
            self._keep(box, "draw_text_image", bitmap, x, y, angle, FrozenContext(gc))

    def draw_image(self, gc: Any, x: float, y: float, image: Any) -> None:
        """Draw an image, (height, width, 4) uint8."""
        self.n_calls += 1
        super().draw_image(gc, x, y, image)
        if self._box is None:
            return
        height, width = image.shape[:2]
        box = self._measure(gc, Box(x, y, x + width, y + height).grown(BLEED))
        if self._calls is not None:
            self._keep(box, "draw_image", FrozenContext(gc), x, y, np.array(image))

    def draw_path_collection(self, gc: Any, *arguments: Any, **options: Any) -> None:
        """Draw paths at offsets."""
        self.n_calls += 1
        super().draw_path_collection(gc, *arguments, **options)
        self._record_unmeasured("draw_path_collection", gc, arguments, options)

    def draw_quad_mesh(self, gc: Any, *arguments: Any) -> None:
        """Draw a mesh of quadrilaterals."""
        self.n_calls += 1
        super().draw_quad_mesh(gc, *arguments)
        self._record_unmeasured("draw_quad_mesh", gc, arguments, {})

    def draw_gouraud_triangles(self, gc: Any, *arguments: Any) -> None:
        """Draw shaded triangles."""
        self.n_calls += 1
        super().draw_gouraud_triangles(gc, *arguments)
        self._record_unmeasured("draw_gouraud_triangles", gc, arguments, {})

    def clear(self) -> None:
        """Make all pixels transparent."""
        self.n_calls += 1
        super().clear()

    def restore_region(self, *arguments: Any) -> None:
        """Put back pixels that were copied."""
        self.n_calls += 1
        super().restore_region(*arguments)

    def _record_unmeasured(
        self, method: str, gc: Any, arguments: tuple[Any, ...], options: dict[str, Any]
    ) -> None:
        # Without a clip box, they may be anywhere.
        if self._box is None:
            return
        box = self._measure(gc, EVERYWHERE)
        if self._calls is not None:
            frozen = (frozen_argument(argument) for argument in arguments)
            named = {name: frozen_argument(value) for name, value in options.items()}
            self._keep(box, method, FrozenContext(gc), *frozen, **named)

    def _reach(self, gc: Any, path: Any, placed: NDArray[np.float64]) -> Box:
        box = extent(path.vertices, placed)
        # Agg's miter joins extend by the miter limit, 4, times half the line width. A stroke from
        # one point to another has no joins, and its caps extend by half the line width.
        reach = 0.75 if len(path.vertices) <= 2 else 2.5
        return box.grown(reach * gc.get_linewidth() * self._pixels_per_point + BLEED)


def frozen_argument(argument: Any) -> Any:
    """Return a copy of a drawing call's argument that no other code can change."""
    if hasattr(argument, "get_matrix"):
        return matrix(argument)
    if isinstance(argument, np.ndarray):
        return argument.copy()
    if isinstance(argument, list):
        return list(argument)
    return argument


def extent(vertices: Any, placed: NDArray[np.float64]) -> Box:
    """Return the box of points, (n, 2), under an affine transform; curves stay within it, too."""
    points = np.asarray(vertices, dtype=np.float64)
    if len(points) == 0:
        return NOWHERE
    with np.errstate(invalid="ignore", over="ignore"):
        x = points[:, 0] * placed[0, 0] + points[:, 1] * placed[0, 1] + placed[0, 2]
        y = points[:, 0] * placed[1, 0] + points[:, 1] * placed[1, 1] + placed[1, 2]
    x0, y0, x1, y1 = x.min(), y.min(), x.max(), y.max()
    if not math.isfinite(x0 + y0 + x1 + y1):
        finite = np.isfinite(x) & np.isfinite(y)
        if not finite.any():
            return NOWHERE
        x, y = x[finite], y[finite]
        x0, y0, x1, y1 = x.min(), y.min(), x.max(), y.max()
    return Box(float(x0), float(y0), float(x1), float(y1))


def clip_box(gc: Any) -> Box:
    """Return the box to which a graphics context clips."""
    return EVERYWHERE if gc._cliprect is None else box_of(gc._cliprect)


def box_of(rectangle: Any) -> Box:
    """Return a clip rectangle as Agg rounds it, with a margin of a pixel."""
    (x0, y0), (x1, y1) = rectangle.get_points()
    return Box(
        math.floor(min(x0, x1) + 0.5) - 1,
        math.floor(min(y0, y1) + 0.5) - 1,
        math.floor(max(x0, x1) + 0.5) + 1,
        math.floor(max(y0, y1) + 0.5) + 1,
    )
