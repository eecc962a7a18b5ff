"""The files of one call of make_video, which show the same frames: the first, and those of also."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from parallel_animate.encode.concat import prepare_output
from parallel_animate.encode.supplements import NO_SUPPLEMENTS, Supplements, supplements_of
from parallel_animate.errors import SettingsError
from parallel_animate.formats import format_of, place_of
from parallel_animate.settings import RenderOptions, VideoSettings, settings_of_another_file
from parallel_animate.validation import check_path, in_words


@dataclass(frozen=True)
class OutputFile:
    """A file of the movie.

    Parameters
    ----------
    path : Path
        The file.
    settings : VideoSettings
        Its settings; those of all files draw the same frames.
    supplements : Supplements
        What it gets besides its frames.
    """

    path: Path
    settings: VideoSettings
    supplements: Supplements


def output_files(
    output_file: str | os.PathLike[str], options: RenderOptions
) -> tuple[OutputFile, ...]:
    """Return the files of a movie, the first one first, after a check of all of them.

    Missing folders are created.

    Raises
    ------
    SettingsError
        If ``also`` holds no paths, a suffix names no known format, a file is given twice or lies
        in a folder of numbered pictures, or a format cannot show the same frames.
    OSError
        As `prepare_output`.
    """
    others = [check_path("also", item) for item in _listed(options.also)]
    settings = [
        settings_of_another_file(options.settings, format_of(path, "also")) for path in others
    ]
    supplements = supplements_of(options)
    _check_places([check_path("output_file", output_file), *others])
    first = OutputFile(prepare_output(output_file), options.settings, supplements)
    # The poster is a file of its own, which is written once.
    added = Supplements(**{**vars(supplements), "poster": None, "poster_frame": 0})
    return (
        first,
        *(
            OutputFile(
                prepare_output(path, "also"),
                other,
                NO_SUPPLEMENTS if other.output.is_picture else added,
            )
            for path, other in zip(others, settings, strict=True)
        ),
    )


def _listed(also: object) -> Sequence[object]:
    """Return the files of ``also``, which may be a single one."""
    if also is None:
        return ()
    if isinstance(also, str | os.PathLike):
        return (also,)
    if not isinstance(also, Sequence) or isinstance(also, bytes):
        raise SettingsError(
            "also must be a file or a list of files, such as ['wave.gif', 'wave.webm'], found "
            f"{in_words(also)}."
        )
    return also


def _check_places(paths: Sequence[Path]) -> None:
    """Raise SettingsError if two files have one place, or one lies in a folder of pictures."""
    places: dict[Path, Path] = {}
    for path in paths:
        place = Path(os.path.realpath(place_of(path)))
        if place in places:
            raise SettingsError(
                f"also: {str(path)!r} is given twice, or is the same place as "
                f"{str(places[place])!r}; give each file a name of its own."
            )
        places[place] = path
    for place, path in places.items():
        for folder in place.parents:
            if folder in places:
                raise SettingsError(
                    f"also: {str(path)!r} lies in the folder of the numbered pictures "
                    f"{str(places[folder])!r}, which holds nothing else; choose another folder."
                )
