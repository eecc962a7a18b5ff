"""Animations of the kinds that people write with matplotlib; not a test file.

Each function builds a new one. Half of them draw a frame from its argument alone, the others
continue from the frame before. Both kinds are common.
"""

import math
import random
from collections.abc import Iterator
from functools import partial
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.animation import Animation, ArtistAnimation, FuncAnimation, TimedAnimation
from matplotlib.figure import Figure

SIZE = (3.2, 2.4)


def sine_wave() -> Animation:
    """The first example of every tutorial: a line, an init_func, blit."""
    fig, ax = plt.subplots(figsize=SIZE)
    x = np.arange(0, 2 * np.pi, 0.05)
    (line,) = ax.plot(x, np.sin(x))

    def init() -> Any:
        line.set_ydata(np.full_like(x, np.nan))
        return (line,)

    def animate(i: int) -> Any:
        line.set_ydata(np.sin(x + i / 5))
        return (line,)

    return FuncAnimation(fig, animate, frames=12, init_func=init, interval=20, blit=True)


def decay() -> Animation:
    """A generator function; points are appended, and the axes double when the curve leaves them."""
    fig, ax = plt.subplots(figsize=SIZE)
    (line,) = ax.plot([], [], lw=2)
    ax.grid()
    times: list[float] = []
    values: list[float] = []

    def generate() -> Iterator[tuple[float, float]]:
        for count in range(14):
            t = count / 2
            yield t, math.sin(2 * math.pi * t / 3) * math.exp(-t / 10)

    def init() -> Any:
        ax.set_ylim(-1.1, 1.1)
        ax.set_xlim(0, 2)
        times.clear()
        values.clear()
        line.set_data(times, values)
        return (line,)

    def run(data: tuple[float, float]) -> Any:
        times.append(data[0])
        values.append(data[1])
        left, right = ax.get_xlim()
        if data[0] >= right:
            ax.set_xlim(left, 2 * right)
            ax.figure.canvas.draw()
        line.set_data(times, values)
        return (line,)

    return FuncAnimation(fig, run, generate, init_func=init, interval=10, save_count=100)


def random_walk_3d() -> Animation:
    """Lines in three dimensions, cut from walks that were made before; fargs."""
    fig = plt.figure(figsize=SIZE)
    ax = fig.add_subplot(projection="3d")
    rng = np.random.default_rng(19)
    walks = [np.cumsum(rng.normal(0, 0.05, (14, 3)), axis=0) + 0.5 for _ in range(5)]
    lines = [ax.plot([], [], [])[0] for _ in walks]
    ax.set(xlim3d=(0, 1), ylim3d=(0, 1), zlim3d=(0, 1), xlabel="x")

    def update(number: int, walks: Any, lines: Any) -> Any:
        for line, walk in zip(lines, walks, strict=True):
            line.set_data_3d(walk[:number].T)
        ax.view_init(azim=3 * number)
        return lines

    return FuncAnimation(fig, update, 14, fargs=(walks, lines), interval=100)


def rain() -> Animation:
    """Drops that grow and fade; in each frame a global random number restarts one."""
    np.random.seed(1968)
    fig = plt.figure(figsize=SIZE)
    ax = fig.add_axes((0, 0, 1, 1), frameon=False)
    ax.set(xlim=(0, 1), xticks=[], ylim=(0, 1), yticks=[])
    place, size = np.random.uniform(0, 1, (20, 2)), np.random.uniform(20, 200, 20)
    colour = np.zeros((20, 4))
    drops = ax.scatter(*place.T, s=size, lw=0.5, edgecolors=colour, facecolors="none")

    def update(frame: int) -> None:
        colour[:, 3] = np.clip(colour[:, 3] - 0.1, 0, 1)
        size[:] += 10
        place[frame % 20] = np.random.uniform(0, 1, 2)
        size[frame % 20], colour[frame % 20] = 5, (0, 0, 0, 1)
        drops.set_edgecolors(colour)
        drops.set_sizes(size)
        drops.set_offsets(place)

    return FuncAnimation(fig, update, interval=10, save_count=12)


def pendulum() -> Animation:
    """A swing that was integrated before; a line, a trace, and the time as text; blit."""
    fig, ax = plt.subplots(figsize=SIZE)
    ax.set(xlim=(-2, 2), ylim=(-2, 1), aspect="equal")
    angle = 1.2 * np.cos(np.linspace(0, 6, 15))
    x, y = 1.5 * np.sin(angle), -1.5 * np.cos(angle)
    (rod,) = ax.plot([], [], "o-", lw=2)
    (trace,) = ax.plot([], [], ".-", lw=1, ms=2)
    label = ax.text(0.05, 0.9, "", transform=ax.transAxes)

    def animate(i: int) -> Any:
        rod.set_data([0, x[i]], [0, y[i]])
        trace.set_data(x[:i], y[:i])
        label.set_text(f"time = {i * 0.05:.1f}s")
        return rod, trace, label

    return FuncAnimation(fig, animate, len(y), interval=50, blit=True)


class _Coin:
    """The distribution of a coin's bias after each throw."""

    def __init__(self, ax: Any, chance: float) -> None:
        self.heads = 0
        self.chance = chance
        self.x = np.linspace(0, 1, 80)
        (self.line,) = ax.plot([], [], "k-")
        self.rng = np.random.default_rng(3)
        ax.set(xlim=(0, 1), ylim=(0, 6))
        ax.axvline(chance, linestyle="--")

    def start(self) -> Any:
        self.line.set_data([], [])
        return (self.line,)

    def __call__(self, throws: int) -> Any:
        if throws == 0:
            self.heads = 0
            return self.start()
        self.heads += bool(self.rng.random() < self.chance)
        tails = throws - self.heads
        log = self.heads * np.log(self.x + 1e-9) + tails * np.log(1 - self.x + 1e-9)
        density = np.exp(log - log.max())
        self.line.set_data(self.x, density / density.mean())
        return (self.line,)


def bayes_update() -> Animation:
    """A callable object that counts its calls."""
    fig, ax = plt.subplots(figsize=SIZE)
    coin = _Coin(ax, chance=0.7)
    return FuncAnimation(fig, coin, init_func=coin.start, frames=16, interval=100, blit=True)


def images() -> Animation:
    """An ArtistAnimation of images, each with its own title."""
    fig, ax = plt.subplots(figsize=SIZE)
    x, y = np.meshgrid(np.linspace(0, 2 * np.pi, 40), np.linspace(0, 2 * np.pi, 30))
    artists: list[list[Any]] = []
    for i in range(11):
        image = ax.imshow(np.sin(x + i / 3) + np.cos(y + i / 5), animated=True)
        if i == 0:
            ax.imshow(np.sin(x) + np.cos(y))
        title = ax.text(0.5, 1.02, f"step {i}", transform=ax.transAxes, ha="center")
        artists.append([image, title])
    return ArtistAnimation(fig, artists, interval=50, blit=True, repeat_delay=1000)


def histogram() -> Animation:
    """Bars of a histogram whose heights are set; functools.partial passes the data."""
    rng = np.random.default_rng(19680801)
    bins = np.linspace(-4, 4, 30)
    data = [rng.standard_normal(500) for _ in range(12)]
    fig, ax = plt.subplots(figsize=SIZE)
    _, _, bars = ax.hist(data[0], bins, lw=1, ec="yellow", fc="green", alpha=0.5)
    ax.set_ylim(top=80)

    def animate(frame: int, bars: Any) -> Any:
        for count, bar in zip(np.histogram(data[frame], bins)[0], bars, strict=True):
            bar.set_height(count)
        return bars.patches

    return FuncAnimation(fig, partial(animate, bars=bars), len(data), repeat=False, blit=True)


def scatter_with_colour_bar() -> Animation:
    """Points whose places and values are set; the colour bar follows their limits."""
    rng = np.random.default_rng(0)
    fig, ax = plt.subplots(figsize=SIZE)
    points = ax.scatter(rng.random(40), rng.random(40), c=rng.random(40), s=30)
    fig.colorbar(points)

    def update(frame: dict[str, Any]) -> None:
        points.set_offsets(frame["places"])
        points.set_array(frame["values"])
        points.set_clim(0, frame["values"].max())
        ax.set_title(frame["name"])

    frames = [
        {"places": rng.random((40, 2)), "values": (i + 1) * rng.random(40), "name": f"day {i}"}
        for i in range(10)
    ]
    return FuncAnimation(fig, update, frames=frames, interval=40)


def bar_race() -> Animation:
    """Everything is cleared and drawn again; limits follow the data."""
    rng = np.random.default_rng(5)
    names = np.array(["Ada", "Bo", "Cleo", "Dan"])
    totals = np.cumsum(rng.random((12, 4)), axis=0)
    fig, ax = plt.subplots(figsize=SIZE)

    def draw(i: int) -> None:
        ax.clear()
        order = np.argsort(totals[i])
        bars = ax.barh(names[order], totals[i][order], color=np.array(list("rgbc"))[order])
        ax.bar_label(bars, fmt="%.2f")
        ax.set_title(f"{2000 + i}", size=14)
        ax.margins(x=0.15)

    return FuncAnimation(fig, draw, frames=range(12))


def text_timer() -> Animation:
    """Only text, through pyplot's current figure; a formatted clock."""
    fig = plt.figure(figsize=SIZE)
    clock = fig.text(0.5, 0.5, "", size=30, ha="center")
    plt.axis("off")

    def tick(seconds: float) -> None:
        clock.set_text(f"{int(seconds) // 60:02d}:{seconds % 60:05.2f}")
        plt.title(f"after {seconds:g} s")
        plt.gcf().suptitle("clock")

    return FuncAnimation(fig, tick, frames=np.arange(55, 65, 0.73))


def contour() -> Animation:
    """Contours drawn again after pyplot's cla(), with a colour map by name."""
    fig = plt.figure(figsize=SIZE)
    x, y = np.meshgrid(np.linspace(-2, 2, 30), np.linspace(-2, 2, 30))

    def animate(i: int) -> None:
        plt.cla()
        plt.contourf(x, y, np.sin(x * i / 3) + np.cos(y - i / 4), 8, cmap="plasma")
        plt.xlabel("x")
        plt.ylabel(f"y {i}")

    return FuncAnimation(fig, animate, frames=9, interval=100)


class _Orbit:
    """The object whose method draws keeps the animation as an attribute; a click pauses it."""

    def __init__(self) -> None:
        self.fig, self.ax = plt.subplots(figsize=SIZE)
        self.canvas = self.fig.canvas
        self.ax.set(xlim=(-1.5, 1.5), ylim=(-1.5, 1.5), aspect="equal")
        (self.planet,) = self.ax.plot([], [], "bo")
        self.is_paused = False
        self.animation = FuncAnimation(self.fig, self.update, frames=12, blit=True, interval=30)
        self.canvas.mpl_connect("button_press_event", self.toggle)

    def toggle(self, event: Any) -> None:
        self.is_paused = not self.is_paused

    def update(self, i: int) -> Any:
        self.planet.set_data([math.cos(i / 2)], [math.sin(i / 2)])
        if i == 11:
            self.animation.event_source.stop()
            self.animation.pause()
        return (self.planet,)


def orbit() -> Animation:
    return _Orbit().animation


def fahrenheit() -> Animation:
    """Several axes: shared, twinned, and one that follows another's limits by a callback."""
    fig, (upper, lower) = plt.subplots(2, 1, figsize=SIZE, sharex=True)
    right = upper.twinx()
    x = np.linspace(0, 10, 60)
    (celsius,) = upper.plot(x, x)
    (error,) = lower.semilogy(x, 1 + x, "r")

    def convert(axes: Any) -> None:
        right.set_ylim(*(limit * 1.8 + 32 for limit in axes.get_ylim()))

    upper.callbacks.connect("ylim_changed", convert)

    def update(i: int) -> None:
        celsius.set_ydata(20 + i * np.sin(x + i))
        upper.set_ylim(20 - i - 1, 20 + i + 1)
        error.set_ydata(10 ** (1 + np.cos(x + i)))
        lower.relim()
        lower.autoscale_view()
        lower.set_xlim(0, 5 + i / 2)

    return FuncAnimation(fig, update, frames=10)


def unchained() -> Animation:
    """Lines that shift by one value a frame; the new value is a global random number."""
    np.random.seed(7)
    fig = plt.figure(figsize=SIZE, facecolor="black")
    ax = fig.add_subplot(frameon=False)
    data = np.random.uniform(0, 1, (12, 60))
    x = np.linspace(-1, 1, data.shape[-1])
    lines = [
        ax.plot((1 - i / 30) * x, i + np.exp(-(x**2)) * row, color="w", lw=1.5 - i / 20)[0]
        for i, row in enumerate(data)
    ]
    ax.set(ylim=(-1, 14), xticks=[], yticks=[])

    def update(*_: Any) -> Any:
        data[:, 1:] = data[:, :-1]
        data[:, 0] = np.random.uniform(0, 1, len(data))
        for i, (line, row) in enumerate(zip(lines, data, strict=True)):
            line.set_ydata(i + np.exp(-(x**2)) * row)
        return lines

    return FuncAnimation(fig, update, interval=10, save_count=9)


def simulation() -> Animation:
    """The generator moves the particles; the function only reads them."""
    fig, ax = plt.subplots(figsize=SIZE)
    particles = np.random.default_rng(2).random((30, 2))
    (dots,) = ax.plot([], [], ".")

    def steps() -> Iterator[int]:
        for step in range(10):
            particles[:] = (particles + 0.03) % 1
            yield step

    def update(step: int) -> Any:
        dots.set_data(*particles.T)
        return (dots,)

    ax.set(xlim=(0, 1), ylim=(0, 1))
    return FuncAnimation(fig, update, frames=steps, save_count=30)


def stream_of_arrays() -> Animation:
    """A running generator yields everything a frame needs; quiver and imshow."""
    fig, ax = plt.subplots(figsize=SIZE)
    y, x = np.mgrid[0:6, 0:8]
    image = ax.imshow(np.zeros((6, 8)), vmin=-1, vmax=1, cmap="coolwarm")
    arrows = ax.quiver(x, y, np.ones_like(x), np.zeros_like(y), scale=20)

    def fields() -> Iterator[np.ndarray]:
        for i in range(13):
            yield np.sin(x + i / 3) * np.cos(y - i / 4)

    def show(field: np.ndarray) -> Any:
        image.set_data(field)
        arrows.set_UVC(field, -field)
        return image, arrows

    return FuncAnimation(fig, show, frames=fields(), save_count=13, blit=True)


def read_once() -> Animation:
    """Like `stream_of_arrays`, but without repeat, so matplotlib consumes the first frame."""
    fig, ax = plt.subplots(figsize=SIZE)
    wedge = ax.pie([1, 2, 3], startangle=0)[0][0]

    def turn(angle: float) -> None:
        wedge.set_theta2(angle)
        wedge.set_facecolor(plt.get_cmap("hsv")(angle / 360))

    return FuncAnimation(
        fig, turn, frames=(10.0 * i for i in range(1, 12)), repeat=False, save_count=50
    )


def filled_area() -> Animation:
    """An artist is removed and made again every frame; each gets the next colour of the cycle."""
    fig, ax = plt.subplots(figsize=SIZE, subplot_kw={"projection": "polar"})
    angle = np.linspace(0, 2 * np.pi, 60)
    areas = [ax.fill_between(angle, 0, 1, alpha=0.4)]

    def update(i: int) -> None:
        areas.pop().remove()
        areas.append(ax.fill_between(angle, 0, 1 + np.sin(3 * angle + i), alpha=0.4))
        ax.set_rlim(0, 2)

    return FuncAnimation(fig, update, frames=9)


def confetti() -> Animation:
    """Random numbers from the module random."""
    random.seed(4)
    fig, ax = plt.subplots(figsize=SIZE)
    dots = ax.scatter([], [])
    ax.set(xlim=(0, 1), ylim=(0, 1))

    def update(i: int) -> None:
        dots.set_offsets([[random.random(), random.random()] for _ in range(10)])

    return FuncAnimation(fig, update, frames=8)


class _Panels(TimedAnimation):
    """A custom TimedAnimation class, in the old style, without pyplot."""

    def __init__(self) -> None:
        fig = Figure(figsize=SIZE)
        ax = fig.subplots()
        self.t = np.linspace(0, 8, 13)
        (self.line,) = ax.plot([], [], color="black")
        (self.head,) = ax.plot([], [], "ro")
        ax.set(xlim=(-1, 1), ylim=(-1, 1), aspect="equal")
        super().__init__(fig, interval=50, blit=True)

    def _draw_frame(self, framedata: int) -> None:
        t = self.t[: framedata + 1]
        self.line.set_data(np.cos(t), np.sin(2 * t))
        self.head.set_data(np.cos(t[-1:]), np.sin(2 * t[-1:]))
        self._drawn_artists = [self.line, self.head]

    def new_frame_seq(self) -> Iterator[int]:
        return iter(range(self.t.size))

    def _init_draw(self) -> None:
        super()._init_draw()
        for line in (self.line, self.head):
            line.set_data([], [])


def panels() -> Animation:
    return _Panels()


def settled_layout() -> Animation:
    """A constrained layout whose labels keep their size."""
    fig, ax = plt.subplots(figsize=SIZE, layout="constrained")
    (line,) = ax.plot([0, 1], [0, 1])
    ax.set(xlim=(0, 1), ylim=(0, 1), xlabel="time", ylabel="level")

    def update(i: int) -> None:
        line.set_ydata([0, i / 10])

    return FuncAnimation(fig, update, frames=9)


def wind() -> Animation:
    """The scale of a quiver is settled when the first frame is drawn."""
    fig, ax = plt.subplots(figsize=(3, 2))
    x, y = np.meshgrid(np.arange(0, 6, 0.7), np.arange(0, 6, 0.7))
    arrows = ax.quiver(x, y, np.cos(x), np.sin(y))

    def animate(i: int) -> None:
        arrows.set_UVC((1 + i) * np.sin(x + i), (1 + i) * np.cos(y))

    return FuncAnimation(fig, animate, frames=12)


def reads_what_a_draw_settles() -> Animation:
    """The function draws, and reads colours and the size of a text from the figure."""
    fig, ax = plt.subplots(figsize=SIZE)
    points = ax.scatter([0, 1, 2], [0, 1, 2], c=[0, 1, 2], s=90)
    label = ax.text(0, 1.5, "")
    title = ax.set_title("colour", fontsize=16)
    (bar,) = ax.barh([1.8], [0])

    def animate(i: int) -> Any:
        points.set_array(np.array([i % 3, (i + 1) % 3, i % 2]))
        label.set_text("w" * (i + 1))
        ax.xaxis.set_ticks_position("top" if i % 2 else "bottom")
        plt.draw()
        title.set_color(points.get_facecolors()[0])
        bar.set_width(label.get_window_extent().width / 100)
        bar.set_alpha(min(title.get_window_extent().y0 / fig.bbox.height, 1))

    return FuncAnimation(fig, animate, frames=9, interval=50)


PARALLEL = [
    *(sine_wave, random_walk_3d, pendulum, images, histogram, scatter_with_colour_bar, bar_race),
    *(text_timer, contour, orbit, fahrenheit, stream_of_arrays, read_once, panels),
    *(settled_layout, wind, reads_what_a_draw_settles),
]
IN_ORDER = [decay, rain, bayes_update, unchained, simulation, confetti, filled_area]
