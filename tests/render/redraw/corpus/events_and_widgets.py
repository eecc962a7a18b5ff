"""Callbacks that change artists, and widgets in figures."""

import warnings

import numpy as np
from matplotlib.backend_bases import MouseEvent
from matplotlib.widgets import (
    Button,
    CheckButtons,
    Cursor,
    EllipseSelector,
    LassoSelector,
    MultiCursor,
    PolygonSelector,
    RadioButtons,
    RangeSlider,
    RectangleSelector,
    Slider,
    SpanSelector,
    TextBox,
)

from corpus.registry import LATE, SCROLL, STEPS, TOGGLE, blank, case, hills, one_axes, wave


@case()
def text_set_by_a_draw_event():
    """The callback comes after the draw, so the text shows in the next frame."""
    fig, ax = one_axes()
    (line,) = ax.plot(wave(0))
    text = ax.text(5, 0.5, "none")
    drawn = []

    def after(event):
        drawn.append(1)
        text.set_text(f"{len(drawn)} draws")

    def update(i, s):
        if not drawn:
            fig.canvas.mpl_connect("draw_event", after)
            drawn.append(0)
        line.set_ydata(wave(s))

    return fig, update


@case()
def artist_drawn_in_a_draw_event():
    """The callback draws an animated artist, as in the tutorials on blitting."""
    fig, ax = one_axes()
    (line,) = ax.plot(wave(0), "r", animated=True)
    ax.plot(wave(1))
    connected = []

    def on_draw(event):
        ax.draw_artist(line)

    def update(i, s):
        if not connected:
            connected.append(fig.canvas.mpl_connect("draw_event", on_draw))
        line.set_ydata(wave(s))

    return fig, update


@case()
def draw_event_connected_in_setup():
    fig, ax = one_axes()
    (line,) = ax.plot(wave(0))
    fig.canvas.mpl_connect("draw_event", lambda event: ax.set_title(f"{line.get_ydata()[0]:.2f}"))
    return fig, lambda i, s: line.set_ydata(wave(s))


@case(SCROLL)
def limits_changed_callback():
    fig, ax = one_axes()
    ax.plot(np.arange(200), np.tile(wave(0), 4)[:200])
    text = ax.text(0.1, 0.9, "", transform=ax.transAxes)
    ax.callbacks.connect("xlim_changed", lambda axes: text.set_text(f"{axes.get_xlim()[0]:.0f}"))
    return fig, lambda i, s: ax.set_xlim(10 * s, 10 * s + 50)


@case()
def limits_callback_resamples_the_line():
    fig, ax = one_axes()
    (line,) = ax.plot([0, 1], [0, 0])

    def resample(axes):
        x = np.linspace(*axes.get_xlim(), 50)
        line.set_data(x, np.sin(x**2))

    ax.callbacks.connect("xlim_changed", resample)
    ax.set_ylim(-1, 1)
    return fig, lambda i, s: ax.set_xlim(0, 2 + s)


@case(TOGGLE)
def callback_of_an_artist():
    fig, ax = one_axes()
    (line,) = ax.plot(wave(0))
    (shadow,) = ax.plot(wave(0) - 0.1, "0.7", zorder=1)
    line.add_callback(lambda artist: shadow.set_ydata(artist.get_ydata() - 0.1))
    return fig, lambda i, on: line.set_ydata(wave(on))


@case()
def colour_limits_callback():
    fig, ax = one_axes()
    image = ax.imshow(hills(0))
    image.callbacks.connect("changed", lambda mappable: ax.set_title(f"{mappable.norm.vmax:.1f}"))
    return fig, lambda i, s: image.set_clim(-1, 1 + s)


@case()
def slider_moved_by_update():
    fig, ax = one_axes()
    fig.subplots_adjust(bottom=0.35)
    (line,) = ax.plot(wave(0))
    slider = Slider(fig.add_axes((0.2, 0.1, 0.6, 0.08)), "phase", 0, 6)
    slider.on_changed(lambda value: line.set_ydata(wave(value)))
    fig.slider = slider
    return fig, lambda i, s: slider.set_val(s)


@case(TOGGLE)
def range_slider_and_button():
    fig, ax = one_axes()
    fig.subplots_adjust(bottom=0.4)
    image = ax.imshow(hills(0))
    slider = RangeSlider(fig.add_axes((0.2, 0.15, 0.6, 0.06)), "range", -1, 1)
    button = Button(fig.add_axes((0.8, 0.02, 0.18, 0.1)), "Reset")
    slider.on_changed(lambda limits: image.set_clim(*limits))
    fig.widgets = slider, button

    def update(i, on):
        slider.set_val((-0.5, 0.5) if on else (-1, 1))
        button.label.set_text("Again" if on else "Reset")

    return fig, update


@case()
def check_and_radio_buttons():
    fig, ax = one_axes(360, 220)
    fig.subplots_adjust(left=0.45)
    lines = ax.plot(np.c_[wave(0), wave(1)])
    check = CheckButtons(fig.add_axes((0.02, 0.5, 0.28, 0.35)), ["first", "second"], [True, True])
    radio = RadioButtons(fig.add_axes((0.02, 0.1, 0.28, 0.35)), ["red", "green", "blue"])
    check.on_clicked(lambda label: lines[0].set_visible(check.get_status()[0]))
    radio.on_clicked(lambda label: lines[1].set_color(label))
    fig.widgets = check, radio

    def update(i, s):
        radio.set_active(s % 3)
        if check.get_status()[0] != (s % 2 == 0):
            check.set_active(0)

    return fig, update


@case()
def text_box():
    fig, ax = one_axes()
    fig.subplots_adjust(bottom=0.3)
    box = TextBox(fig.add_axes((0.3, 0.05, 0.5, 0.1)), "title", initial="none")
    box.on_submit(ax.set_title)
    fig.box = box
    return fig, lambda i, s: box.set_val("abc"[: s % 4])


@case(LATE)
def cursors_left_in_the_figure_late():
    fig = blank(320, 160)
    axes = fig.subplots(1, 2)
    for ax in axes:
        ax.plot(wave(0))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # matplotlib 3.11 wants no canvas
        several = MultiCursor(None, axes)
    fig.widgets = Cursor(axes[0], useblit=False, color="r"), several

    def update(i, on):
        fig.widgets[0].linev.set_visible(bool(on))
        fig.widgets[0].linev.set_xdata([20 + 10 * on] * 2)

    return fig, update


@case()
def mouse_moved_by_update():
    fig, ax = one_axes()
    ax.plot(wave(0))
    fig.cursor = None

    def update(i, s):
        if fig.cursor is None:
            fig.cursor = Cursor(ax, useblit=False, color="r")
        event = MouseEvent("motion_notify_event", fig.canvas, 60 + 25 * s, 80 + 10 * s)
        fig.canvas.callbacks.process(event.name, event)

    return fig, update


@case()
def selectors_with_extents():
    fig, ax = one_axes()
    ax.plot(wave(0))
    ax.set(xlim=(0, 60), ylim=(-1, 1))
    nothing = lambda *events: None  # noqa: E731
    rectangle = RectangleSelector(ax, nothing, useblit=False, interactive=True)
    ellipse = EllipseSelector(ax, nothing, useblit=False)
    span = SpanSelector(ax, nothing, "horizontal", useblit=False, interactive=True)
    fig.widgets = rectangle, ellipse, span, LassoSelector(ax, nothing, useblit=False)

    def update(i, s):
        rectangle.extents = (5, 10 + 5 * s, -0.5, 0.5)
        span.extents = (40, 42 + 2 * s)

    return fig, update


@case((0, 1, 1, 2, 0, 3, 3, 0))
def polygon_selector():
    fig, ax = one_axes(xlim=(0, 6), ylim=(0, 6))
    selector = PolygonSelector(ax, lambda vertices: None, useblit=False)
    fig.selector = selector

    def update(i, s):
        selector.verts = [(1, 1), (5, 1), (4, 2 + s)]

    return fig, update


@case(STEPS)
def legend_dragged_and_lines_picked():
    fig, ax = one_axes()
    (line,) = ax.plot(wave(0), label="pick me", picker=5)
    legend = ax.legend(loc="upper right")
    legend.set_draggable(True)
    fig.canvas.mpl_connect("pick_event", lambda event: event.artist.set_color("r"))
    return fig, lambda i, s: line.set_linewidth(1 + s)


@case((0, 0, 0, 1, 1, 1, 2, 2, 0))
def resize_event_sent_by_update():
    fig, ax = one_axes()
    ax.plot(wave(0))
    seen = []

    def update(i, s):
        if not seen:
            fig.canvas.mpl_connect("resize_event", lambda event: ax.set_title(str(seen[-1])))
        seen.append(s)
        event = type("Resize", (), {"name": "resize_event", "canvas": fig.canvas})()
        fig.canvas.callbacks.process("resize_event", event)

    return fig, update
