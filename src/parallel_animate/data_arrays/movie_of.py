"""``movie_of``: a movie of an xarray DataArray in one line."""

from collections.abc import Callable, Iterable
from fractions import Fraction
from os import PathLike
from typing import TYPE_CHECKING, Any

from matplotlib.figure import Figure

from parallel_animate.api import Animator
from parallel_animate.data_arrays.pictures import KINDS, DataArrayAnimator, DrawnSteps
from parallel_animate.data_arrays.steps import Steps, check_plane, checked_steps
from parallel_animate.errors import SettingsError
from parallel_animate.inputs.timeline import Timeline
from parallel_animate.render.tracebacks import short_traceback
from parallel_animate.validation import check_choice, check_count, in_words

if TYPE_CHECKING:
    from PIL.Image import Image

    from parallel_animate.local.movie import Movie


class DataArrayMovie:
    """A movie of a DataArray, not rendered yet: what `movie_of` returns.

    Attributes
    ----------
    animator : Animator
        Draws the steps; its params are their numbers.
    steps : range
        The numbers of all steps, one for each frame.
    """

    def __init__(self, animator: Animator, n_steps: int) -> None:
        self.animator = animator
        self.steps = range(n_steps)

    @short_traceback
    def make_video(
        self,
        output_file: str | PathLike[str],
        fps: int | float | str | Fraction,
        *,
        steps: "Iterable[int] | Timeline | None" = None,
        **options: Any,
    ) -> "Movie":
        """Render the movie.

        Parameters
        ----------
        output_file : str or Path
            The movie, as for `Animator.make_video`.
        fps : int, Fraction, str or float
            Frames per second.
        steps : iterable of int, or Timeline, optional
            The numbers of the steps to show; None (default) means all of them.
        **options
            All others of `Animator.make_video`, such as ``num_workers`` and ``work_dir``.

        Returns
        -------
        Movie
            The movie, which a notebook plays.
        """
        shown = self.steps if steps is None else steps
        return self.animator.make_video(output_file, shown, fps, **options)

    @short_traceback
    def preview(self, step: int = 0) -> "Image":
        """Draw one step as the movie will show it."""
        number = check_count("step", step, 0, len(self.steps) - 1)
        return self.animator.preview(number, number)


@short_traceback
def movie_of(
    data_array: Any,
    dim: str = "time",
    *,
    draw: Callable[[Figure, Any], Any] | None = None,
    limits: tuple[float, float] | None = None,
    percentiles: tuple[float, float] = (1, 99),
    kind: str = "auto",
    x: str | None = None,
    y: str | None = None,
    cmap: str | None = None,
    title: Callable[[Any], str] | None = None,
    figsize: tuple[float, float] = (8, 5),
) -> DataArrayMovie:
    """Prepare a movie of an xarray DataArray, a frame for each step along a dimension.

    Data that is opened lazily stays lazy: each process reads the step that it draws.

    Parameters
    ----------
    data_array : xarray.DataArray
        The data; a step has two dimensions, unless ``draw`` is given.
    dim : str
        The dimension whose steps are the frames.
    draw : callable, optional
        Draws a step itself: it gets an empty figure and the step, a DataArray in memory. The
        parameters below are then not used, except ``figsize``.
    limits : tuple of (float, float), optional
        The values of the first and the last colour, in all frames. None (default) takes them from
        the percentiles.
    percentiles : tuple of (float, float)
        The percentiles of the values that become the limits, taken from up to 16 steps.
    kind : {"auto", "imshow", "pcolormesh"}
        "auto" (default) draws an image if both coordinates are even, otherwise a mesh.
    x, y : str, optional
        The coordinates to draw along, which may have two dimensions. None (default) means those of
        the last dimension and of the one before it.
    cmap : str, optional
        The colour map; None (default) means matplotlib's.
    title : callable, optional
        Gets a step and returns its title. None (default) shows the coordinate of ``dim``.
    figsize : tuple of (float, float)
        Size of the figure in inches.

    Returns
    -------
    DataArrayMovie
        The movie, to preview or to render.

    Raises
    ------
    SettingsError
        If the data or an option cannot be used.
    FrameError
        If there are no steps.
    """
    found = checked_steps(data_array, dim)
    if draw is not None:
        return DataArrayMovie(DrawnSteps(found, draw, figsize), len(found))
    check_choice("kind", kind, KINDS)
    check_plane(found)
    colours = _pair("limits", limits) if limits is not None else _limits(found, percentiles)
    animator = DataArrayAnimator(found, colours, kind, x, y, cmap, figsize, title)
    return DataArrayMovie(animator, len(found))


def _limits(steps: Steps, percentiles: tuple[float, float]) -> tuple[float, float]:
    low, high = _pair("percentiles", percentiles)
    if not 0 <= low < high <= 100:
        raise SettingsError(
            f"percentiles must be two numbers from 0 to 100, found {in_words(percentiles)}."
        )
    return steps.limits((low, high))


def _pair(name: str, values: object) -> tuple[float, float]:
    try:
        low, high = map(float, values)  # type: ignore[call-overload]
    except (TypeError, ValueError) as error:
        raise SettingsError(f"{name} must be two numbers, found {in_words(values)}.") from error
    if not low < high:
        raise SettingsError(f"{name} must be in ascending order, found {in_words(values)}.")
    return low, high
