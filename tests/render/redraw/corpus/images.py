"""Images and meshes."""

import numpy as np
from matplotlib.colors import BoundaryNorm, ListedColormap, LogNorm, TwoSlopeNorm
from matplotlib.image import BboxImage, FigureImage, NonUniformImage, PcolorImage
from matplotlib.offsetbox import AnnotationBbox, OffsetImage
from matplotlib.transforms import Affine2D, Bbox, TransformedBbox

from corpus.registry import LATE, SCROLL, STEPS, TOGGLE, blank, case, hills, one_axes


@case()
def imshow_set_data():
    fig, ax = one_axes()
    image = ax.imshow(hills(0))
    return fig, lambda i, s: image.set_data(hills(s))


@case()
def video_frame_with_a_marker():
    fig, ax = one_axes()
    video = np.random.default_rng(0).integers(0, 255, (8, 40, 60, 3), dtype=np.uint8)
    image = ax.imshow(video[0])
    (marker,) = ax.plot(0, 0, "r+", ms=15, mew=2)

    def update(i, s):
        image.set_data(video[s])
        marker.set_data([8 * s], [5 * s])

    return fig, update


@case(("nearest", "bilinear", "bilinear", "bicubic", "lanczos", "hanning", "none", "nearest"))
def interpolation_changes():
    fig, ax = one_axes()
    image = ax.imshow(hills(0, 7))
    return fig, lambda i, name: image.set_interpolation(name)


@case()
def alpha_array_over_a_background():
    fig, ax = one_axes()
    ax.plot([0, 15], [0, 15], lw=8)
    image = ax.imshow(hills(1), alpha=np.linspace(0, 1, 256).reshape(16, 16))
    return fig, lambda i, s: image.set_alpha(
        np.roll(np.linspace(0, 1, 256), 30 * s).reshape(16, 16)
    )


@case()
def extent_and_limits_move():
    fig, ax = one_axes()
    image = ax.imshow(hills(0), extent=(0, 4, 0, 4), aspect="auto")
    ax.set(xlim=(-1, 8), ylim=(-1, 8))
    return fig, lambda i, s: image.set_extent((s / 2, 4 + s / 2, 0, 4 + s / 3))


@case()
def colour_limits_cmap_and_norm():
    fig, ax = one_axes()
    image = ax.imshow(hills(0))

    def update(i, s):
        image.set_clim(-1, 1 - s / 4 + 0.5)
        image.set_cmap(["viridis", "gray", "RdBu"][s % 3])
        if s >= 5:
            image.set_norm(TwoSlopeNorm(0.2, -1, 1))

    return fig, update


@case()
def masked_rgba_and_bad_colour():
    fig = blank(320, 160)
    left, right = fig.subplots(1, 2)
    image = left.imshow(hills(0), cmap=ListedColormap(["r", "g", "b"]).with_extremes(bad="k"))
    rgba = right.imshow(np.zeros((8, 8, 4)))

    def update(i, s):
        image.set_data(np.ma.masked_less(hills(s), -0.3))
        rgba.set_data(np.dstack([hills(s, 8) % 1] * 4))

    return fig, update


@case()
def enlarged_images_of_each_kind():
    fig = blank(320, 240)
    axes = fig.subplots(2, 2)
    colours = ListedColormap(["r", "g", "b"]).with_extremes(bad="k")
    cells = axes[0, 0].imshow(hills(0, 9) > 0, cmap="binary")
    holes = axes[0, 1].imshow(hills(0, 9), cmap=colours, origin="lower", alpha=0.7)
    tiles = axes[1, 0].imshow(np.zeros((5, 7, 3)), interpolation="nearest")
    steps = axes[1, 1].imshow(np.zeros((6, 6), np.uint8), vmax=9, extent=(-1, 2, 3, 0))

    def update(i, s):
        cells.set_data(hills(s, 9) > 0.1 * s)
        holes.set_data(np.where(hills(s, 9) > 0.5, np.nan, hills(s, 9)))
        tiles.set_data(np.dstack([hills(s, 7)[:5] % 1] * 3))
        steps.set_data(np.ma.masked_equal(np.arange(36, dtype=np.uint8).reshape(6, 6) % (s + 2), 1))
        axes[1, 1].set_xlim(-1, 1 + s % 3)

    return fig, update


@case(SCROLL)
def enlarged_colours_turn_transparent():
    fig, ax = one_axes()
    colours = np.dstack([hills(k, 9) % 1 for k in range(3)])
    image = ax.imshow(colours, interpolation="nearest")

    def update(i, s):
        alpha = np.full((9, 9), 1.0 if s in (0, 1, 4, 7) else 0.2)
        image.set_data(np.dstack([np.roll(colours, s, axis=0), alpha]))

    return fig, update


@case()
def image_rotated_by_its_transform():
    fig, ax = one_axes()
    image = ax.imshow(hills(0), extent=(-2, 2, -1, 1), clip_on=True)
    ax.set(xlim=(-4, 4), ylim=(-3, 3))
    return fig, lambda i, s: image.set_transform(Affine2D().rotate_deg(15 * s) + ax.transData)


@case()
def pcolormesh_array():
    fig, ax = one_axes()
    mesh = ax.pcolormesh(hills(0), shading="auto")
    return fig, lambda i, s: mesh.set_array(hills(s))


@case()
def pcolormesh_gouraud_and_lognorm():
    fig = blank(320, 160)
    left, right = fig.subplots(1, 2)
    smooth = left.pcolormesh(hills(0), shading="gouraud")
    log = right.pcolormesh(np.exp(hills(0, 6)), norm=LogNorm(0.3, 3), edgecolors="w", lw=0.3)

    def update(i, s):
        smooth.set_array(hills(s))
        log.set_array(np.exp(hills(s, 6)))

    return fig, update


@case(TOGGLE)
def pcolor_and_pcolorfast():
    fig = blank(400, 160)
    axes = fig.subplots(1, 3)
    collection = axes[0].pcolor(hills(0, 8), edgecolors="k")
    even = axes[1].pcolorfast(hills(0, 8))
    uneven = axes[2].pcolorfast([0, 1, 3, 7], [0, 2, 3], hills(0, 8)[:2, :3])
    assert isinstance(uneven, PcolorImage)

    def update(i, on):
        collection.set_array(hills(on, 8))
        even.set_data(hills(on, 8))
        uneven.set_data([0, 1, 3, 7], [0, 2, 3], hills(on, 8)[:2, :3])

    return fig, update


@case()
def non_uniform_image():
    fig, ax = one_axes()
    image = NonUniformImage(ax, interpolation="bilinear", extent=(0, 9, 0, 9))
    ax.add_image(image)
    ax.set(xlim=(0, 9), ylim=(0, 9))
    x = np.linspace(0, 3, 8) ** 2
    return fig, lambda i, s: image.set_data(x, x, hills(s, 8))


@case()
def figure_images():
    fig, ax = one_axes()
    ax.patch.set_alpha(0.5)
    below = fig.figimage(hills(0, 60), xo=20, yo=20, cmap="gray")
    above = fig.figimage(np.zeros((20, 30, 3), np.uint8), xo=150, yo=100, zorder=9)
    assert isinstance(above, FigureImage)

    def update(i, s):
        below.set_data(hills(s, 60))
        above.set_data(np.full((20, 30, 3), 40 * s, np.uint8))
        above.ox = 150 + 10 * s

    return fig, update


@case()
def bbox_image():
    fig, ax = one_axes()
    image = BboxImage(TransformedBbox(Bbox.unit(), ax.transAxes), cmap="magma")
    image.set_data(hills(0))
    ax.add_artist(image)
    return fig, lambda i, s: image.set_data(hills(s))


@case()
def offset_image_moves():
    fig, ax = one_axes()
    box = AnnotationBbox(OffsetImage(hills(0), zoom=2), (0.2, 0.5), bboxprops={"fc": "w"})
    ax.add_artist(box)

    def update(i, s):
        box.xybox = (0.2 + s / 10, 0.5)
        box.offsetbox.set_data(hills(s))

    return fig, update


@case(LATE)
def spy_and_matshow_late():
    fig = blank(320, 160)
    left, right = fig.subplots(1, 2)
    matrix = (np.arange(100).reshape(10, 10) % 7 == 0) * 1.0
    points = left.spy(matrix, markersize=4)
    image = right.matshow(matrix)

    def update(i, on):
        points.set_color("r" if on else "k")
        image.set_data(matrix.T[::-1] if on else matrix)

    return fig, update


@case(SCROLL)
def two_images_overlap_with_alpha():
    fig, ax = one_axes()
    ax.imshow(hills(0), extent=(0, 4, 0, 4))
    above = ax.imshow(hills(2), extent=(2, 6, 2, 6), alpha=0.5, cmap="gray", zorder=3)
    ax.set(xlim=(0, 6), ylim=(0, 6))
    return fig, lambda i, s: above.set_alpha(0.2 + s / 10)


@case()
def boundary_norm_and_resampled_picture():
    fig, ax = one_axes(aspect="auto")
    norm = BoundaryNorm([-1, -0.4, 0, 0.2, 1], 4)
    image = ax.imshow(hills(0, 300), norm=norm, cmap="tab10", interpolation_stage="rgba")
    return fig, lambda i, s: image.set_data(hills(s, 300))


@case(STEPS)
def histogram_of_two_dimensions_and_hexbin():
    fig = blank(340, 170)
    left, right = fig.subplots(1, 2)
    x, y = np.random.default_rng(0).normal(size=(2, 500))
    counts, *_, mesh = left.hist2d(x, y, bins=12)
    cells = right.hexbin(x, y, gridsize=12)
    values = cells.get_array().copy()

    def update(i, s):
        mesh.set_array(np.roll(counts, s).T)
        cells.set_array(np.roll(values, 3 * s))

    return fig, update


@case()
def resampling_options():
    fig, ax = one_axes()
    image = ax.imshow(hills(0, 40), interpolation="lanczos", origin="lower")

    def update(i, s):
        image.set_resample(s % 2 == 0)
        image.set_filterrad(2 + s)
        image.set_interpolation_stage("rgba" if s > 2 else "data")

    return fig, update
