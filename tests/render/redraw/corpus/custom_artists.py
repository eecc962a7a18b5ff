"""Artists of users' own classes."""

import matplotlib as mpl
import numpy as np
from matplotlib.artist import Artist, allow_rasterization
from matplotlib.collections import PathCollection
from matplotlib.image import AxesImage
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.path import Path
from matplotlib.text import Text

from corpus.registry import LATE, SCROLL, STEPS, TOGGLE, case, hills, one_axes, wave

CLOCK = {"now": 0}


class Dial(Artist):
    """Reads a module-level dictionary and draws with the renderer's own methods."""

    def draw(self, renderer):
        gc = renderer.new_gc()
        gc.set_linewidth(4)
        gc.set_foreground("red")
        angle = CLOCK["now"]
        path = Path([(150, 110), (150 + 60 * np.cos(angle), 110 + 60 * np.sin(angle))])
        renderer.draw_path(gc, path, mpl.transforms.IdentityTransform())
        gc.restore()


@case()
def artist_of_outside_state():
    fig, ax = one_axes()
    ax.add_artist(Dial())
    ax.plot(wave(0))

    def update(i, s):
        CLOCK["now"] = s

    return fig, update


class Clock(Text):
    """Reads its text from outside when it is drawn."""

    @allow_rasterization
    def draw(self, renderer):
        self.set_text(f"now {CLOCK['now']}")
        super().draw(renderer)


@case()
def text_that_asks_the_time_when_drawn():
    fig, ax = one_axes()
    ax.plot(wave(0))
    ax.add_artist(Clock(0.1, 0.5, "", transform=ax.transAxes, figure=fig, fontsize=18))

    def update(i, s):
        CLOCK["now"] = s * 100

    return fig, update


class ComputedLine(Line2D):
    """Its data is a property."""

    step = 0

    def get_ydata(self, orig=True):
        return wave(type(self).step)

    def draw(self, renderer):
        self.set_ydata(self.get_ydata())
        super().draw(renderer)


@case()
def line_with_computed_data():
    fig, ax = one_axes(ylim=(-1, 1))
    ax.add_line(ComputedLine(range(60), wave(0)))
    ax.set_xlim(0, 60)

    def update(i, s):
        ComputedLine.step = s

    return fig, update


class JitteredLine(Line2D):
    """Draws random numbers when it is drawn."""

    def draw(self, renderer):
        self.set_ydata(wave(0) + np.random.normal(scale=0.05, size=60))
        super().draw(renderer)


@case()
def line_with_random_numbers_when_drawn():
    fig, ax = one_axes(xlim=(0, 60), ylim=(-1.5, 1.5))
    ax.add_line(JitteredLine(range(60), wave(0)))
    (other,) = ax.plot(wave(1))
    return fig, lambda i, s: other.set_ydata(wave(s))


class GrowingPatch(Patch):
    """Its path depends on an attribute; setting it marks nothing as stale."""

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.size = 1

    def get_path(self):
        return Path(Path.unit_rectangle().vertices * self.size)


@case()
def patch_with_a_computed_path():
    fig, ax = one_axes(xlim=(0, 8), ylim=(0, 8))
    patch = ax.add_patch(GrowingPatch(fc="c", ec="k", hatch="//"))

    def update(i, s):
        patch.size = 1 + s

    return fig, update


class Stars(PathCollection):
    """Changes its offsets in get_offsets()."""

    shift = 0

    def get_offsets(self):
        return np.ma.array([[k, (k * 2 + self.shift) % 6] for k in range(6)])


@case()
def collection_with_computed_offsets():
    fig, ax = one_axes(xlim=(-1, 6), ylim=(-1, 6))
    offsets = np.zeros((6, 2))
    stars = Stars([Path.unit_regular_star(5)], [80], offsets=offsets, offset_transform=ax.transData)
    stars.set_transform(mpl.transforms.IdentityTransform())
    ax.add_collection(stars, autolim=False)

    def update(i, s):
        stars.shift = s

    return fig, update


class ThresholdedImage(AxesImage):
    """Overrides make_image()."""

    threshold = 0.0

    def make_image(self, renderer, magnification=1.0, unsampled=False):
        picture, *rest = super().make_image(renderer, magnification, unsampled)
        picture[picture[..., 0] > 255 * self.threshold, :3] = 255
        return picture, *rest


@case()
def image_with_its_own_make_image():
    fig, ax = one_axes()
    image = ThresholdedImage(ax, extent=(0, 16, 0, 16))
    image.set_data(hills(0))
    ax.add_image(image)
    ax.set(xlim=(0, 16), ylim=(0, 16))

    def update(i, s):
        image.threshold = s / 6

    return fig, update


@case(TOGGLE)
def draw_replaced_on_one_artist():
    fig, ax = one_axes()
    (line,) = ax.plot(wave(0), lw=3)
    draw = line.draw
    state = {"on": 0}

    def twice(renderer):
        draw(renderer)
        if state["on"]:
            renderer.draw_path(
                renderer.new_gc(), Path([(50, 50), (250, 150)]), mpl.transforms.IdentityTransform()
            )

    line.draw = twice
    return fig, lambda i, on: state.update(on=on)


@case(LATE)
def artist_that_hides_itself_late():
    fig, ax = one_axes()

    class Shy(Line2D):
        def get_visible(self):
            return not CLOCK["now"]

    ax.add_line(Shy(range(60), wave(0), lw=6))
    ax.set(xlim=(0, 60), ylim=(-1, 1))

    def update(i, on):
        CLOCK["now"] = on

    return fig, update


@case(SCROLL)
def limits_read_when_drawn():
    """An artist writes the limits of its axes into the figure."""

    class Limits(Artist):
        def draw(self, renderer):
            label.set_text(f"{ax.get_xlim()[0]:.1f}")
            label.draw(renderer)

    fig, ax = one_axes()
    ax.plot(wave(0))
    label = ax.text(0.1, 0.1, "", transform=ax.transAxes, visible=True)
    ax.add_artist(Limits())
    return fig, lambda i, s: ax.set_xlim(s, 60)


@case(STEPS)
def get_children_of_ones_own():
    class Fleet(Artist):
        """A group whose members are not children of the axes."""

        def __init__(self, axes):
            super().__init__()
            self.members = [Line2D([0, 60], [k, k], transform=axes.transData) for k in (-0.5, 0.5)]

        def get_children(self):
            return self.members

        def draw(self, renderer):
            for member in self.members:
                member.draw(renderer)

    fig, ax = one_axes(xlim=(0, 60), ylim=(-1, 1))
    fleet = Fleet(ax)
    ax.add_artist(fleet)
    for member in fleet.members:
        member.set_figure(fig)
    return fig, lambda i, s: fleet.members[1].set_color(f"C{s}")
