"""Pictures and colours changed without any setter."""

import warnings

import matplotlib as mpl
import numpy as np
from matplotlib.colors import ListedColormap, Normalize

from corpus.registry import TOGGLE, case, hills, one_axes, wave


@case()
def array_of_an_image():
    fig, ax = one_axes()
    image = ax.imshow(hills(0))

    def update(i, s):
        image.get_array()[...] = hills(s)

    return fig, update


@case()
def users_array_behind_an_image():
    fig, ax = one_axes()
    data = hills(0)
    image = ax.imshow(data)

    def update(i, s):
        data[...] = hills(s)
        image.set_data(data)

    return fig, update


@case()
def array_of_a_scatter():
    fig, ax = one_axes()
    points = ax.scatter(range(6), range(6), c=range(6), s=90)

    def update(i, s):
        points.get_array()[:] = np.roll(np.arange(6), s)

    return fig, update


@case()
def sizes_and_face_colours_of_a_scatter():
    fig, ax = one_axes()
    points = ax.scatter(range(6), range(6), s=np.full(6, 50.0), c=["r"] * 6)

    def update(i, s):
        points.get_facecolors()[:, 1] = s / 6
        points.get_sizes()[:] = 50 + 30 * s

    return fig, update


@case(TOGGLE)
def limits_of_a_norm():
    fig, ax = one_axes()
    norm = Normalize(-1, 1)
    ax.imshow(hills(0), norm=norm)
    ax.scatter(range(9), range(9), c=np.linspace(-1, 1, 9), norm=norm, ec="w")

    def update(i, on):
        norm.vmax = 0.3 if on else 1

    return fig, update


@case()
def table_inside_a_colormap():
    fig, ax = one_axes()
    cmap = mpl.colormaps["viridis"].copy()
    cmap(0.5)  # fills its table
    image = ax.imshow(hills(0), cmap=cmap)

    def update(i, s):
        image.get_cmap()._lut[:100, 0] = s / 6

    return fig, update


@case(TOGGLE)
def extremes_of_a_colormap():
    fig, ax = one_axes()
    cmap = ListedColormap(["r", "g", "b"])
    image = ax.imshow(np.ma.masked_less(hills(0), -0.5), cmap=cmap, vmin=0, vmax=0.5)

    def update(i, on):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", PendingDeprecationWarning)
            image.cmap.set_extremes(bad="k" if on else "w", under="c", over="m" if on else "y")
        image.changed()

    return fig, update


@case()
def colour_array_given_again():
    fig, ax = one_axes()
    colour = np.array([0.0, 0.0, 1.0])
    ax.plot(wave(0), lw=4, color=colour)
    patch = ax.add_patch(mpl.patches.Rectangle((10, -0.5), 20, 1, fc=colour))

    def update(i, s):
        colour[:] = s / 6, 0, 1 - s / 6
        patch.set_facecolor(colour)

    return fig, update


@case()
def rgba_picture_painted_pixel_by_pixel():
    fig, ax = one_axes()
    picture = np.zeros((20, 30, 4), np.uint8)
    picture[..., 3] = 255
    image = ax.imshow(picture)

    def update(i, s):
        image._A[...] = (0, 0, 0, 255)
        image._A[3 * s, :, 0] = 255
        image._A[:, 4 * s, 1:3] = 200

    return fig, update
