"""State that is settled while drawing, or kept elsewhere; reviews found it, so none is held out.

Limits, norms, formatters and scales with functions, rcParams and named colours, drawn buffers.
"""

import io
import pickle

import matplotlib as mpl
import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.patches import ConnectionPatch, FancyArrowPatch
from matplotlib.patheffects import Normal, PathPatchEffect
from matplotlib.projections import register_projection
from matplotlib.text import Text
from mpl_toolkits.axes_grid1.inset_locator import inset_axes, mark_inset

from corpus.registry import blank, case, one_axes

TWICE_THREE = (0, 0, 0, 1, 1, 2, 2, 0, 0, 3)
NUMBERS = np.arange(100.0).reshape(10, 10)


def plot_again(ax, x, y):
    """Plot another line; the limits are computed when they are first read."""
    for line in ax.lines:
        line.remove()
    ax.relim()
    ax.plot(x, y)


@case(TWICE_THREE)
def an_inset_finds_its_limits_below_its_indicator():
    fig, ax = one_axes()
    ax.plot(np.arange(100), np.arange(100))
    inset = ax.inset_axes([0.6, 0.1, 0.35, 0.35])
    inset.plot([10, 20], [10, 20])
    ax.indicate_inset_zoom(inset)

    def update(i, p):
        plot_again(inset, [10, 20 + 10 * p], [10, 30 + 10 * p])

    return fig, update


@case(TWICE_THREE)
def a_marked_inset_finds_its_limits():
    fig, ax = one_axes()
    ax.plot(np.arange(100), np.arange(100))
    inset = inset_axes(ax, "30%", "30%", loc=4)
    inset.plot([10, 20], [10, 20])
    mark_inset(ax, inset, 1, 2)

    def update(i, p):
        plot_again(inset, [10, 20 + 10 * p], [10, 30 + 10 * p])

    return fig, update


@case(TWICE_THREE)
def a_connection_to_axes_that_are_drawn_later():
    fig = blank()
    a, b = fig.subplots(1, 2)
    a.add_artist(
        ConnectionPatch((0.5, 0.5), (0.5, 0.5), "data", "data", axesA=a, axesB=b, color="r")
    )

    def update(i, p):
        plot_again(b, [0, 1 + p], [0, 1 + p])

    return fig, update


@case(TWICE_THREE)
def a_connection_of_the_figure_to_polar_axes():
    fig = blank()
    a, b = fig.add_subplot(121), fig.add_subplot(122, projection="polar")
    fig.add_artist(
        ConnectionPatch((0.5, 0.5), (1, 0.5), "data", "data", axesA=a, axesB=b, color="r")
    )

    def update(i, p):
        plot_again(b, [0, 1], [0, 1 + p])

    return fig, update


@case(TWICE_THREE)
def new_limits_move_a_span_in_axes_that_were_drawn_before():
    fig = blank()
    a, b = fig.subplots(2, 1)
    follow_limits(b, a)

    def update(i, p):
        plot_again(b, [10 + 5 * p, 20 + 10 * p], [0, 1])

    return fig, update


@case(TWICE_THREE)
def new_limits_move_a_span_in_axes_that_are_drawn_later():
    fig = blank()
    b, a = fig.subplots(2, 1)
    follow_limits(b, a)

    def update(i, p):
        plot_again(b, [10 + 5 * p, 20 + 10 * p], [0, 1])

    return fig, update


def follow_limits(leader, follower):
    follower.plot(np.arange(100))
    leader.plot([10, 20], [0, 1])
    span = follower.axvspan(10, 20, color="y")

    def follow(axes):
        start, stop = axes.get_xlim()
        span.set_x(start)
        span.set_width(stop - start)

    leader.callbacks.connect("xlim_changed", follow)


@case(TWICE_THREE)
def a_locator_of_axes_reads_the_limits_of_others():
    fig = blank()
    a, b = fig.subplots(1, 2)
    b.set_axes_locator(
        lambda axes, renderer: mpl.transforms.Bbox.from_bounds(
            0.6, 0.1 + a.get_xlim()[1] / 30, 0.3, 0.5
        )
    )

    def update(i, p):
        plot_again(a, [0, 1 + p], [0, 1])

    return fig, update


@case(TWICE_THREE)
def shared_axes_of_equal_aspect_find_their_limits():
    fig = blank()
    axs = fig.subplots(2, 2, sharex="col", sharey="row")
    for ax in axs.flat:
        ax.plot([0, 1], [0, 1])
    axs[0, 0].set_aspect("equal")
    axs[1, 1].set_aspect("equal")

    def update(i, p):
        plot_again(axs[1, 0], [0, 1 + p], [0, 2 + p])

    return fig, update


@case(TWICE_THREE)
def the_norm_of_an_image_with_a_colorbar_is_found_by_drawing():
    fig, ax = one_axes()
    image = ax.imshow(NUMBERS)
    fig.colorbar(image)

    def update(i, p):
        with image.norm.callbacks.blocked():
            image.norm.vmin = image.norm.vmax = None
        image.set_data(NUMBERS * (p + 1))

    return fig, update


@case(TWICE_THREE)
def a_norm_that_two_axes_share_is_found_by_drawing():
    fig = blank()
    a, b = fig.subplots(1, 2)
    norm = mpl.colors.Normalize()
    image = a.imshow(NUMBERS, norm=norm)
    b.scatter(range(10), range(10), c=np.arange(10) * 10, norm=norm)

    def update(i, p):
        with norm.callbacks.blocked():
            norm.vmin = norm.vmax = None
        image.set_data(NUMBERS * (p + 1))

    return fig, update


@case(TWICE_THREE)
def a_fresh_norm_each_frame():
    fig, ax = one_axes()
    image = ax.imshow(NUMBERS)
    fig.colorbar(image)

    def update(i, p):
        image.set_data(NUMBERS * (p + 1))
        image.norm = mpl.colors.Normalize()

    return fig, update


@case(TWICE_THREE)
def the_formatter_is_the_method_of_a_string():
    fig, ax = one_axes()
    (line,) = ax.plot([0, 1], [0, 1])
    ax.yaxis.set_major_formatter("{:.1f}%".format)

    def update(i, p):
        line.set_ydata([p, 1])

    return fig, update


@case(TWICE_THREE)
def the_formatter_is_the_method_of_a_dict_that_changes():
    fig, ax = one_axes()
    ax.plot([0, 1], [0, 1])
    names = {}
    ax.yaxis.set_major_formatter(mpl.ticker.FuncFormatter(names.get))

    def update(i, p):
        names[1.0] = "x" * p

    return fig, update


@case(TWICE_THREE)
def the_formatter_is_a_vectorized_function():
    fig, ax = one_axes()
    ax.plot([0, 1], [0, 1])
    state = {"n": 1}
    ax.yaxis.set_major_formatter(
        np.vectorize(lambda value, place: f"{value:.1f}" + "x" * state["n"])
    )

    def update(i, p):
        state["n"] = 1 + p

    return fig, update


@case(TWICE_THREE)
def the_formatter_is_a_ufunc_of_a_function():
    fig, ax = one_axes()
    ax.plot([0, 1], [0, 1])
    state = {"n": 1}
    ufunc = np.frompyfunc(lambda value, place: f"{value:.1f}" + "x" * state["n"], 2, 1)
    ax.yaxis.set_major_formatter(mpl.ticker.FuncFormatter(ufunc))

    def update(i, p):
        state["n"] = 1 + p

    return fig, update


@case(TWICE_THREE)
def the_scale_is_a_vectorized_function():
    fig, ax = one_axes()
    state = {"power": 1.0}
    ax.set_yscale(
        "function",
        functions=(
            np.vectorize(lambda y: y ** state["power"] if y > 0 else y, otypes=[float]),
            np.vectorize(lambda y: y, otypes=[float]),
        ),
    )
    ax.set_ylim(0, 1)
    ax.plot([0, 0.3, 0.6, 1], [0, 0.3, 0.6, 1])

    def update(i, p):
        state["power"] = 1.0 + p

    return fig, update


@case()
def ticks_by_the_index_of_the_data():
    fig, ax = one_axes()
    (line,) = ax.plot([0], [0])
    ax.set(xlim=(0, 30), ylim=(0, 1))
    ax.xaxis.set_major_locator(mpl.ticker.IndexLocator(2, 1))

    def update(i, p):
        line.set_data(np.arange(2 + i), np.zeros(2 + i))
        ax.relim()

    return fig, update


@case(TWICE_THREE)
def a_log_axis_knows_the_smallest_positive_value_of_the_data():
    fig, ax = one_axes()
    (line,) = ax.plot([1, 10], [1, 10])
    ax.plot([1, 2, 10], [5, 0, 7])
    ax.set_yscale("log", nonpositive="clip")
    ax.set_ylim(0.1, 100)

    def update(i, p):
        line.set_ydata([10.0**-p, 10])
        ax.relim()

    return fig, update


@case(TWICE_THREE)
def a_list_in_rcparams_is_edited_in_place():
    mpl.rcParams["font.sans-serif"] = ["DejaVu Sans"]
    fig, ax = one_axes()
    ax.set_title("title")

    def update(i, p):
        mpl.rcParams["font.sans-serif"][:] = (["DejaVu Serif"] if p else []) + ["DejaVu Sans"]

    return fig, update


@case(TWICE_THREE)
def a_named_colour_changes_its_meaning():
    colours = mpl.colors.get_named_colors_mapping()
    colours["mine"] = (0, 0, 0)
    fig, ax = one_axes()
    ax.plot([0, 1], [0, 1], color="mine")

    def update(i, p):
        colours["mine"] = (p / 3, 0, 0)

    return fig, update


@case(TWICE_THREE)
def the_method_that_lays_texts_out_is_replaced_for_some_frames():
    fig, ax = one_axes()
    (line,) = ax.plot([0, 1], [0, 1])
    layout = Text._get_layout

    def moved(self, renderer):
        box, lines, corner = layout(self, renderer)
        return mpl.transforms.Bbox.from_bounds(0, 0, box.width + 9, box.height), lines, corner

    def update(i, p):
        line.set_ydata([p, 1])
        Text._get_layout = moved if p == 2 else layout

    return fig, update


@case(TWICE_THREE)
def the_figure_is_drawn_by_another_canvas_too():
    fig, ax = one_axes()
    (line,) = ax.plot([0, 1], [0, 1])
    ax.annotate("b", (0.5, 0.5), (0.2, 0.8), arrowprops={})

    def update(i, p):
        line.set_ydata([p, 1])
        FigureCanvasAgg(fig).draw()

    return fig, update


@case(TWICE_THREE)
def the_figure_is_saved_at_another_resolution():
    fig, ax = one_axes()
    (line,) = ax.plot([0, 1], [0, 1])
    ax.set_title("a")
    ax.annotate("b", (0.5, 0.5), (0.2, 0.8), arrowprops={})

    def update(i, p):
        line.set_ydata([p, 1])
        if i % 3 == 1:
            fig.savefig(io.BytesIO(), dpi=50, bbox_inches="tight")

    return fig, update


@case(TWICE_THREE)
def a_copy_of_the_figure_is_drawn_too():
    fig, ax = one_axes()
    (line,) = ax.plot([0, 1], [0, 1], label="a")
    ax.legend()

    def update(i, p):
        copy = pickle.loads(pickle.dumps(fig))
        line.set_ydata([p, 1])
        FigureCanvasAgg(copy).draw()

    return fig, update


@case(TWICE_THREE)
def an_artist_is_drawn_in_update_and_changed_again():
    fig, ax = one_axes()
    (line,) = ax.plot([0, 1], [0, 1])

    def update(i, p):
        line.set_ydata([p, 1])
        if i:
            ax.draw_artist(line)
            line.set_ydata([1, p])

    return fig, update


@case(TWICE_THREE)
def pixels_are_painted_into_the_buffer_by_update():
    fig, ax = one_axes()
    (line,) = ax.plot([0, 1], [0, 1])

    def update(i, p):
        line.set_ydata([p, 1])
        if i:
            np.asarray(fig.canvas.buffer_rgba())[:20, :, 0] = 9

    return fig, update


@case(TWICE_THREE)
def the_same_line_is_in_the_axes_twice():
    fig, ax = one_axes()
    (line,) = ax.plot([0, 1], [0, 1], alpha=0.5, lw=5)
    ax._children.append(line)
    (other,) = ax.plot([0, 1], [1, 0])

    def update(i, p):
        other.set_ydata([p, 0])

    return fig, update


@case(TWICE_THREE)
def arrows_and_lines_much_wider_than_their_paths():
    fig, ax = one_axes()
    (tip,) = ax.plot([0, 0.5, 0.52], [0, 0.9, 0], lw=40, solid_joinstyle="miter", clip_on=False)
    (star,) = ax.plot([0.5], [0.5], "*", ms=30, mew=20, markeredgecolor="r", clip_on=False)
    (cap,) = ax.plot([0.2, 0.2], [0.5, 0.8], lw=30, solid_capstyle="projecting", clip_on=False)

    def update(i, p):
        tip.set_xdata([0, 0.5, 0.51 + 0.02 * p])
        star.set_xdata([0.5 + 0.1 * p])
        cap.set_xdata([0.2 + p / 9] * 2)

    return fig, update


@case(TWICE_THREE)
def vertices_that_are_not_finite():
    fig, ax = one_axes()
    (line,) = ax.plot([0, np.nan, 1, np.inf, 2], [0, 1, np.inf, 1, 2], "-o", clip_on=False, lw=8)
    ax.set(xlim=(0, 2), ylim=(0, 2))

    def update(i, p):
        line.set_ydata([0, p, np.inf, 1, 2 - p / 2])

    return fig, update


@case((0, 0, 0, 1, 1, 2, 0, 0, 1, 3))
def an_annotation_on_an_arrow_that_is_shown_late():
    """The arrow gets the resolution in its first draw, before the annotation reads it."""
    fig, ax = one_axes()
    ax.set(xlim=(0, 10), ylim=(0, 10))
    ax.text(4.2, 2, "below the note")
    arrow = FancyArrowPatch((1, 1), (4, 4), mutation_scale=20, visible=False, clip_on=False)
    ax.add_patch(arrow).set_zorder(4)
    ax.annotate("note", (1, 0), xycoords=arrow, zorder=5)

    def update(i, p):
        arrow.set(visible=p > 0)
        arrow.set_positions((1, 1 + p / 4), (4, 4))

    return fig, update


class TupleAxis(mpl.axis.XAxis):
    """Like the axis of the skewed plot in matplotlib's gallery: its interval is not an array."""

    def get_view_interval(self):
        return tuple(self.axes.viewLim.intervalx)


class AxesOfATuple(Axes):
    name = "corpus_axes_of_a_tuple"

    def _init_axis(self):
        super()._init_axis()
        self.spines.bottom.axis = self.spines.top.axis = self.xaxis = TupleAxis(self)


@case(TWICE_THREE)
def an_axis_class_whose_view_interval_is_a_tuple():
    register_projection(AxesOfATuple)
    fig, ax = one_axes(projection="corpus_axes_of_a_tuple")
    (line,) = ax.plot([0, 1, 2])

    def update(i, p):
        line.set_ydata([0, p, 2])
        ax.set_xlim(0, 2 + p)

    return fig, update


@case(TWICE_THREE)
def a_formatter_of_a_3d_axes_reads_outside_state():
    fig = blank(300, 240)
    ax = fig.add_subplot(projection="3d")
    ax.plot([0, 1], [0, 1], [0, 1])
    state = {"p": 0}
    ax.zaxis.set_major_formatter(lambda value, place: f"{value + state['p']:.1f}")
    return fig, lambda i, p: state.update(p=p)


class Renamer(Artist):
    """Draws nothing, and gives a legend a title when it is drawn for the eighth time."""

    def __init__(self, legend):
        super().__init__()
        self.legend, self.n_draws = legend, 0

    def draw(self, renderer):
        self.n_draws += 1
        if self.n_draws == 8:
            self.legend.set_title("renamed")


@case((0,) * 12)
def a_legend_in_the_best_place_is_changed_by_a_draw_before():
    fig, ax = one_axes()
    (line,) = ax.plot([0, 10], [0, 1], label="line")
    ax.add_artist(Renamer(ax.legend(loc="best")))
    return fig, lambda i, p: line.set_ydata([0, 1 + i / 20])


@case(tuple(range(12)))
def a_filter_moves_a_line_out_of_its_box():
    fig, ax = one_axes(xlim=(0, 10), ylim=(0, 10))
    (line,) = ax.plot([], [], lw=3)

    def update(i, p):
        line.set_data([2, 8], [1 + p / 10] * 2)
        line.set_agg_filter((lambda image, dpi: (image, 0, -50)) if i == 5 else None)

    return fig, update


@case(tuple(range(12)))
def a_path_effect_paints_outside_the_box():
    fig, ax = one_axes(xlim=(0, 10), ylim=(0, 10))
    outside = PathPatchEffect((0, 20), facecolor="none", edgecolor="red", lw=3, clip_on=False)
    (line,) = ax.plot([], [], lw=3, path_effects=[outside, Normal()])
    return fig, lambda i, p: line.set_data([0, 10], [1 + p / 10 if i != 5 else 9.5] * 2)


@case(tuple(range(12)))
def a_line_gets_a_draw_of_its_own_that_paints_outside_the_box():
    fig, ax = one_axes(xlim=(0, 10), ylim=(0, 10))
    (line,) = ax.plot([], [], lw=3)

    def draw(renderer):
        line.set_clip_on(False)
        type(line).draw(line, renderer)

    def update(i, p):
        line.set_clip_on(True)
        line.set_data([2, 8], [1 + p / 10] * 2 if i != 5 else [11, 11])
        vars(line).pop("draw", None)
        if i == 5:
            line.draw = draw

    return fig, update
