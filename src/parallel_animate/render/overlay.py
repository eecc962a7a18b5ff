"""Titles and labels on top of a figure, as ordinary artists that depend on the frame's number."""

import os
from collections.abc import Mapping
from typing import Any

import numpy as np
from matplotlib import rcParams
from matplotlib.colors import to_rgba
from matplotlib.figure import Figure
from matplotlib.image import BboxImage
from matplotlib.patches import Rectangle
from matplotlib.text import Text
from matplotlib.transforms import Bbox, TransformedBbox
from numpy.typing import NDArray
from PIL import Image

from parallel_animate.errors import FrameError, SettingsError
from parallel_animate.validation import (
    check_choice,
    check_count,
    check_flag,
    check_path,
    check_positive,
    in_words,
)

# The order in which artists are drawn: above all those of the figure's own, which are near 0.
MARKS_ZORDER, COVER_ZORDER, TITLE_ZORDER = 10_000, 10_001, 10_002
# Shares of the figure's height or width.
BAR_HEIGHT, MARGIN = 0.015, 0.02
TITLE_HEIGHT, SUBTITLE_HEIGHT, SUBTITLE_SIZE = 0.51, 0.47, 0.6
BAR_COLOR, TRACK_COLOR = "#0072B2", "#D9D9D9"
# Corner -> share of the width and of the height, and how text is aligned there.
CORNERS: Mapping[str, tuple[float, float, str, str]] = {
    "upper left": (0, 1, "left", "top"),
    "upper right": (1, 1, "right", "top"),
    "lower left": (0, 0, "left", "bottom"),
    "lower right": (1, 0, "right", "bottom"),
}


class Overlay:
    """Titles and labels on top of a figure: a title card, fades, a label, a progress bar, a logo.

    Make it at the end of ``setup()``, and call `show` in ``update()``. It adds ordinary artists to
    the figure. They depend on nothing but the arguments of `show`, so each frame may be drawn
    alone, in any process::

        def setup(self):
            ...
            self.overlay = Overlay(figure, len(days), title="Waves", title_frames=60, fade_in=15)
            return figure

        def update(self, frame_idx, params):
            ...
            self.overlay.show(frame_idx, f"day {params}")

    Lengths are numbers of frames, which at 30 frames per second are seconds times 30.

    Parameters
    ----------
    figure : Figure
        The figure.
    n_frames : int
        The number of the movie's frames, for the end of a fade and of the progress bar.
    title, subtitle : str
        Texts of a card that covers the first frames; empty (default) means no such text.
    title_frames : int
        How many frames show the card.
    fade_in : int
        During this many frames after the card, or from the first frame, the cover becomes
        transparent.
    fade_out : int
        During this many frames at the end, the cover becomes opaque; the last one shows only it.
    label_place, logo_place : {"upper left", "upper right", "lower left", "lower right"}
        The corners of the label that `show` gets, and of the logo.
    progress_bar : bool
        True shows at the lower edge how much of the movie is over.
    logo : str, Path or ndarray, optional
        A picture: a file, or (height, width, 3 or 4) uint8. It keeps its shape.
    logo_width : float
        Width of the logo as a share of that of the figure, above 0 and up to 1.
    color, text_color : color
        Colour of the cover, of the card and behind the label, and of the texts.
    fontsize : float, optional
        Size of the title in points; None (default) means twice matplotlib's ``font.size``. The
        subtitle is 0.6 times as large; the label has matplotlib's size.

    Raises
    ------
    SettingsError
        If an argument cannot be used, or the card and the fades are longer than the movie.
    """

    def __init__(
        self,
        figure: Figure,
        n_frames: int,
        *,
        title: str = "",
        subtitle: str = "",
        title_frames: int = 0,
        fade_in: int = 0,
        fade_out: int = 0,
        label_place: str = "lower left",
        progress_bar: bool = False,
        logo: str | os.PathLike[str] | NDArray[np.uint8] | None = None,
        logo_place: str = "upper right",
        logo_width: float = 0.12,
        color: Any = "white",
        text_color: Any = "black",
        fontsize: float | None = None,
    ) -> None:
        if not isinstance(figure, Figure):
            raise SettingsError(f"An Overlay needs the figure, found {in_words(figure)}.")
        self._n_frames = check_count("n_frames", n_frames)
        self._title_frames = check_count("title_frames", title_frames, 0)
        self._fade_in = check_count("fade_in", fade_in, 0)
        self._fade_out = check_count("fade_out", fade_out, 0)
        self._check_lengths(bool(title or subtitle))
        for name, place in (("label_place", label_place), ("logo_place", logo_place)):
            check_choice(name, place, tuple(CORNERS))
        cover_color, ink = _color("color", color), _color("text_color", text_color)
        self._cover = _rectangle(figure, 1, 1, cover_color, COVER_ZORDER)
        size = None if fontsize is None else check_positive("fontsize", fontsize)
        self._titles = _titles(figure, title, subtitle, size, ink)
        self._bar: Rectangle | None = None
        if check_flag("progress_bar", progress_bar):
            _rectangle(figure, 1, BAR_HEIGHT, TRACK_COLOR, MARKS_ZORDER)
            self._bar = _rectangle(figure, 0, BAR_HEIGHT, BAR_COLOR, MARKS_ZORDER)
        self._label = _label(figure, label_place, ink, cover_color, self._bar is not None)
        width = check_positive("logo_width", logo_width)
        if width > 1:
            raise SettingsError(f"logo_width must be 1 or less, found {in_words(logo_width)}.")
        if logo is not None:
            _add_logo(figure, _picture(logo), logo_place, width, self._bar is not None)
        self.show(0)

    def _check_lengths(self, has_title: bool) -> None:
        if has_title and not self._title_frames:
            raise SettingsError(
                "title_frames must be the number of frames that show the title, such as 60; found "
                "0."
            )
        length = self._title_frames + self._fade_in + self._fade_out
        if length > self._n_frames:
            raise SettingsError(
                f"The title card and the fades take {length} frames, and the movie has "
                f"{self._n_frames}; make them shorter."
            )

    def show(self, frame_idx: int, label: object = "") -> None:
        """Bring titles and labels into the state of a frame.

        Parameters
        ----------
        frame_idx : int
            The frame's number, from 0, as ``update()`` gets it.
        label : object
            The text of the label, such as the time that the frame shows; empty means no label.

        Raises
        ------
        FrameError
            If the movie has no such frame, according to ``n_frames``.
        """
        position = check_count("frame_idx", frame_idx, 0)
        if position >= self._n_frames:
            raise FrameError(
                f"The Overlay was made for {self._n_frames} frames, numbered from 0 to "
                f"{self._n_frames - 1}; found frame {position}. Give n_frames of the whole movie."
            )
        opening, closing = self._opening(position), self._closing(position)
        _show(self._cover, max(opening, closing))
        for title in self._titles:
            _show(title, opening)
        if self._bar is not None:
            self._bar.set_width((position + 1) / self._n_frames)
        text = str(label)
        self._label.set_text(text)
        self._label.set_visible(bool(text))

    def _opening(self, position: int) -> float:
        """Return how opaque the card is in a frame, 0 to 1."""
        after = position - self._title_frames
        if after < 0:
            return 1.0
        return 1 - after / self._fade_in if after < self._fade_in else 0.0

    def _closing(self, position: int) -> float:
        """Return how opaque the cover at the end is in a frame, 0 to 1."""
        covered = position + 1 - (self._n_frames - self._fade_out)
        return covered / self._fade_out if covered > 0 else 0.0


def _show(artist: Any, alpha: float) -> None:
    """Make an artist opaque to a degree, 0 to 1; an invisible one costs no drawing."""
    artist.set_visible(alpha > 0)
    artist.set_alpha(alpha)


def _color(name: str, color: Any) -> tuple[float, float, float]:
    try:
        return to_rgba(color)[:3]
    except ValueError as error:
        raise SettingsError(f"{name} must be a colour, found {in_words(color)}.") from error


def _rectangle(figure: Figure, width: float, height: float, color: Any, zorder: float) -> Rectangle:
    """Add a rectangle without an edge at the lower left; its sides are shares of the figure's."""
    rectangle = Rectangle(
        (0, 0), width, height, transform=figure.transFigure, color=color, linewidth=0, zorder=zorder
    )
    figure.add_artist(rectangle)
    rectangle.set_in_layout(False)
    return rectangle


def _titles(
    figure: Figure, title: object, subtitle: object, size: float | None, ink: Any
) -> list[Text]:
    """Add the texts of the title card: the title in the middle, or above it with a subtitle."""
    points = 2 * rcParams["font.size"] if size is None else size
    texts = [
        (str(title), points, (TITLE_HEIGHT, "bottom") if subtitle else (0.5, "center")),
        (str(subtitle), points * SUBTITLE_SIZE, (SUBTITLE_HEIGHT, "top")),
    ]
    added = []
    for text, fontsize, (height, alignment) in texts:
        if text:
            artist = figure.text(0.5, height, text, ha="center", color=ink, fontsize=fontsize)
            artist.set(va=alignment, zorder=TITLE_ZORDER, in_layout=False)
            added.append(artist)
    return added


def _label(figure: Figure, place: str, ink: Any, back: Any, is_above_bar: bool) -> Text:
    x, y, ha, va = CORNERS[place]
    bottom = BAR_HEIGHT if is_above_bar else 0
    height = MARGIN + bottom if y == 0 else 1 - MARGIN
    width, whole_height = figure.get_size_inches()
    # The margin is equally wide on all sides.
    side = MARGIN * whole_height / width
    text = figure.text(side if x == 0 else 1 - side, height, "", ha=ha, va=va, color=ink)
    text.set(zorder=MARKS_ZORDER, in_layout=False, visible=False)
    text.set_bbox({"facecolor": back, "alpha": 0.7, "linewidth": 0, "pad": 2})
    return text


def _picture(logo: Any) -> NDArray[np.uint8]:
    if not isinstance(logo, np.ndarray):
        path = check_path("logo", logo)
        try:
            with Image.open(path) as image:
                return np.asarray(image.convert("RGBA"))
        except OSError as error:
            raise SettingsError(
                f"logo: {str(path)!r} cannot be read as a picture: {error}"
            ) from error
    if logo.ndim != 3 or logo.shape[2] not in (3, 4) or logo.dtype != np.uint8 or not logo.size:
        raise SettingsError(
            "logo must be a file or an array (height, width, 3 or 4) of uint8, found the shape "
            f"{logo.shape} of {logo.dtype}."
        )
    return logo


def _add_logo(
    figure: Figure, picture: NDArray[np.uint8], place: str, share: float, is_above_bar: bool
) -> None:
    x, y, _, _ = CORNERS[place]
    width, height = figure.get_size_inches()
    own_height, own_width = picture.shape[:2]
    tall = share * width / height * own_height / own_width
    side, bottom = MARGIN * height / width, MARGIN + (BAR_HEIGHT if is_above_bar else 0)
    left = side if x == 0 else 1 - side - share
    lower = bottom if y == 0 else 1 - MARGIN - tall
    box = TransformedBbox(Bbox.from_bounds(left, lower, share, tall), figure.transFigure)
    logo = BboxImage(box, zorder=MARKS_ZORDER)
    logo.set_data(picture)
    figure.add_artist(logo)
    logo.set_in_layout(False)
