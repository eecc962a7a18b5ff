"""Things people do in update() besides changing artists."""

import io

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
from matplotlib.widgets import Slider

from corpus.registry import STEPS, TOGGLE, blank, case, hills, one_axes, wave


@case()
def returns_the_artists_it_changed():
    fig, ax = one_axes()
    (line,) = ax.plot(wave(0))
    text = ax.text(5, 0.5, "")

    def update(i, s):
        line.set_ydata(wave(s))
        text.set_text(str(s))
        return line, text

    return fig, update


@case()
def returns_only_some_of_them():
    fig, ax = one_axes()
    (line,) = ax.plot(wave(0))
    (other,) = ax.plot(wave(1))

    def update(i, s):
        line.set_ydata(wave(s))
        other.set_color(f"C{s + 1}")
        return [line]

    return fig, update


@case()
def artists_marked_as_animated():
    fig, ax = one_axes()
    (line,) = ax.plot(wave(0), animated=True)
    ax.plot(wave(1), lw=6, alpha=0.5)
    (other,) = ax.plot(wave(2))

    def update(i, s):
        line.set_ydata(wave(s))
        other.set_animated(s % 2 == 1)
        return (line,)

    return fig, update


@case()
def draws_the_canvas_itself():
    fig, ax = one_axes()
    (line,) = ax.plot(wave(0))

    def update(i, s):
        line.set_ydata(wave(s))
        fig.canvas.draw()

    return fig, update


@case()
def asks_for_a_draw_when_idle():
    fig, ax = one_axes()
    (line,) = ax.plot(wave(0))

    def update(i, s):
        line.set_ydata(wave(s))
        fig.canvas.draw_idle()
        fig.canvas.flush_events()

    return fig, update


@case()
def draws_in_the_middle_of_update():
    fig, ax = one_axes()
    (line,) = ax.plot(wave(0))
    text = ax.text(0, 0, "measured", fontsize=20)

    def update(i, s):
        text.set_text("w" * s)
        fig.canvas.draw()
        line.set_ydata(wave(s))
        text.set_x(60 - text.get_window_extent().width / 10)

    return fig, update


@case()
def slides_a_slider():
    fig, ax = one_axes()
    (line,) = ax.plot(wave(0))
    slider = Slider(fig.add_axes((0.3, 0.01, 0.4, 0.04)), "value", 0, 40)
    slider.on_changed(lambda value: line.set_ydata(wave(value)))

    def update(i, s):
        slider.set_val(s % 40)

    return fig, update


@case()
def measures_after_an_idle_draw():
    fig, ax = one_axes()
    (line,) = ax.plot(wave(0), label="wave")

    def update(i, s):
        line.set_ydata(wave(s))
        line.set_label("w" * (1 + s % 5))
        ax.legend(loc="upper left")
        fig.canvas.draw_idle()
        box = ax.get_legend().get_window_extent()
        line.set_linewidth(box.width / 40)

    return fig, update


@case()
def draws_before_and_after_each_change():
    fig, ax = one_axes()
    (line,) = ax.plot(wave(0))
    text = ax.text(5, 0, "0")

    def update(i, s):
        fig.canvas.draw()
        line.set_ydata(wave(s))
        fig.canvas.draw()
        text.set_text(f"{s}")
        text.set_position((s % 40, 0.5))
        fig.canvas.draw()
        ax.set_ylim(-2 - s % 3, 2)

    return fig, update


@case()
def paints_a_line_by_hand_that_is_gone_in_the_frame():
    fig, ax = one_axes()
    (line,) = ax.plot(wave(0))

    def update(i, s):
        fig.canvas.draw()
        line.set_ydata(wave(s + 3))
        ax.draw_artist(line)
        line.set_ydata(wave(s))

    return fig, update


@case()
def draws_the_canvas_while_a_layout_runs():
    fig, ax = plt.subplots(layout="constrained")
    (line,) = ax.plot(wave(0))

    def update(i, s):
        line.set_ydata(wave(s) * 10 ** (s % 4))
        ax.relim()
        ax.autoscale_view()
        fig.canvas.draw()
        ax.set_title(f"{ax.get_position().x0:.3f}")

    return fig, update


@case()
def saves_a_picture_of_each_frame():
    """savefig draws at another dpi and marks all artists as drawn."""
    fig, ax = one_axes()
    (line,) = ax.plot(wave(0))

    def update(i, s):
        line.set_ydata(wave(s))
        fig.savefig(io.BytesIO(), dpi=40)

    return fig, update


@case((0, 1, 1, 0, 2, 2, 3, 0))
def saves_vector_graphics_of_some_frames():
    fig, ax = one_axes()
    (line,) = ax.plot(wave(0))

    def update(i, s):
        line.set_ydata(wave(s))
        if s == 2:
            fig.savefig(io.BytesIO(), format="svg", bbox_inches="tight")

    return fig, update


@case()
def draws_without_rendering():
    fig, ax = one_axes()
    (line,) = ax.plot(wave(0))

    def update(i, s):
        line.set_ydata(wave(s))
        ax.set_ylim(-1, 1 + s)
        fig.draw_without_rendering()

    return fig, update


@case()
def blits_by_hand():
    """The recipe of the blitting tutorial; the whole figure is still drawn afterwards."""
    fig, ax = one_axes()
    (line,) = ax.plot(wave(0), animated=True)
    (shown,) = ax.plot(wave(1))

    def update(i, s):
        fig.canvas.draw()
        background = fig.canvas.copy_from_bbox(fig.bbox)
        line.set_ydata(wave(s))
        shown.set_ydata(wave(-s))
        ax.draw_artist(line)
        fig.canvas.restore_region(background)

    return fig, update


@case()
def picture_of_itself_in_the_figure():
    fig = blank(300, 200)
    left, right = fig.subplots(1, 2)
    (line,) = left.plot(wave(0))
    image = right.imshow(np.zeros((2, 2, 4), np.uint8))

    def update(i, s):
        line.set_ydata(wave(s))
        image.set_visible(False)
        fig.canvas.draw()
        picture = np.array(fig.canvas.buffer_rgba())
        image.set_visible(True)
        image.set_data(picture)
        image.set_extent((0, 30, 0, 20))

    return fig, update


@case()
def marks_everything_as_drawn():
    fig, ax = one_axes()
    (line,) = ax.plot(wave(0))

    def update(i, s):
        line.set_ydata(wave(s))
        line.stale = False
        ax.stale = False
        fig.stale = False

    return fig, update


@case(TOGGLE)
def rc_params_changed_in_update():
    """One is read when tick labels are made, the other when artists are made."""
    fig, ax = one_axes()
    ax.plot(wave(0))

    def update(i, on):
        mpl.rcParams["axes.unicode_minus"] = not on
        mpl.rcParams["lines.linewidth"] = 5 if on else 1
        ax.lines[-1].remove()
        ax.plot(wave(0), "g")

    return fig, update


@case((100, 72, 72, 100, 50, 50, 100, 100))
def dpi_changes_and_the_size_in_pixels_does_not():
    fig, ax = one_axes(300, 200)
    ax.plot(wave(0))

    def update(i, dpi):
        fig.set_dpi(dpi)
        fig.set_size_inches(300 / dpi, 200 / dpi)

    return fig, update


@case()
def loop_over_all_artists():
    fig, ax = one_axes()
    ax.plot(wave(0))
    ax.set_title("title")

    def update(i, s):
        for artist in fig.findobj(lambda artist: hasattr(artist, "set_alpha")):
            artist.set_alpha(1 - s / 10)

    return fig, update


@case()
def properties_copied_from_another_artist():
    fig, ax = one_axes()
    lines = [ax.plot(wave(k), lw=k + 1, color=f"C{k}")[0] for k in range(6)]
    copy = ax.plot(wave(0) / 2)[0]
    return fig, lambda i, s: copy.update_from(lines[s])


@case(STEPS)
def images_by_imshow_on_top_of_each_other():
    """A slow habit: a new image each frame; they are only removed when there are three."""
    fig, ax = one_axes()

    def update(i, s):
        ax.imshow(hills(s), alpha=0.8)
        if len(ax.images) > 3:
            ax.images[0].remove()

    return fig, update
