"""What a movie has besides its frames: texts, chapters, captions, sound and a poster.

Pure data and checks, which read no file: `parallel_animate.encode.supplement_files` does, and
`parallel_animate.encode.completion` adds them to a joined movie.
"""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path

from parallel_animate.errors import SettingsError
from parallel_animate.formats import FORMATS, MP4
from parallel_animate.settings import RenderOptions
from parallel_animate.validation import check_count, check_path, in_words

POSTER_SUFFIXES = (".png", ".jpg", ".jpeg")
CAPTION_SUFFIXES = (".srt", ".vtt")
SUPPLEMENT_FILES = ("captions", "audio", "poster")
# The parameters of `supplements`, except the kind of file.
SUPPLEMENTS = ("title", "author", "comment", "chapters", *SUPPLEMENT_FILES, "poster_frame")


@dataclass(frozen=True, kw_only=True)
class Supplements:
    """What a movie has besides its frames. The join adds it, so it affects no segment.

    Parameters
    ----------
    title, author, comment : str or None
        Texts in the file.
    chapters : tuple of (int, str)
        Frame id and name of the first frame of each chapter.
    captions : Path or None
        A file of subtitles, SRT or WebVTT.
    audio : Path or None
        A file with sound.
    poster : Path or None
        The picture to write, PNG or JPEG.
    poster_frame : int
        Id of the frame that it shows.
    """

    title: str | None = None
    author: str | None = None
    comment: str | None = None
    chapters: tuple[tuple[int, str], ...] = ()
    captions: Path | None = None
    audio: Path | None = None
    poster: Path | None = None
    poster_frame: int = 0

    @property
    def are_muxed(self) -> bool:
        """Whether the file of the movie holds any of them."""
        return replace(self, poster=None, poster_frame=0) != NO_SUPPLEMENTS

    @property
    def need_frames(self) -> bool:
        """Whether they fit only some numbers of frames."""
        return bool(self.chapters or self.captions or self.poster)


NO_SUPPLEMENTS = Supplements()


def supplements(
    *,
    title: object = None,
    author: object = None,
    comment: object = None,
    chapters: object = None,
    captions: object = None,
    audio: object = None,
    poster: object = None,
    poster_frame: object = 0,
    output: str = MP4.name,
) -> Supplements:
    """Validate what a movie has besides its frames, named as in ``Animator.make_video``.

    No file is read.

    Raises
    ------
    SettingsError
        If a value cannot be used, or the kind of file cannot hold it.
    """
    found = Supplements(
        title=None if title is None else _text("title", title),
        author=None if author is None else _text("author", author),
        comment=None if comment is None else _text("comment", comment),
        chapters=() if chapters is None else _chapters(chapters),
        captions=_file("captions", captions, CAPTION_SUFFIXES),
        audio=_file("audio", audio),
        poster=_file("poster", poster, POSTER_SUFFIXES),
        poster_frame=check_count("poster_frame", poster_frame, minimum=0),
    )
    if found.poster is None and found.poster_frame:
        raise SettingsError("poster_frame needs poster, the picture to write, such as 'wave.png'.")
    kind = FORMATS[output]
    if kind.is_picture and (given := [name for name, value in vars(found).items() if value]):
        raise SettingsError(
            f"{given[0]} cannot be added to a {kind.suffix}: it holds pictures only. Write a .mp4, "
            ".mov, .mkv or .webm."
        )
    return found


def supplements_of(options: RenderOptions) -> Supplements:
    """Validate what a movie has besides its frames, given the options of ``make_video``."""
    given = {name: getattr(options, name) for name in SUPPLEMENTS}
    return supplements(**given, output=options.output)


def _text(name: str, value: object) -> str:
    if not isinstance(value, str) or not value.strip():
        raise SettingsError(f"{name} must be text, found {in_words(value)}.")
    if "\0" in value or value.encode(errors="ignore").decode() != value:
        raise SettingsError(f"{name} holds a character that no file can hold: {in_words(value)}.")
    return value


def _file(name: str, value: object, suffixes: Sequence[str] = ()) -> Path | None:
    if value is None:
        return None
    path = check_path(name, value)
    if suffixes and path.suffix.lower() not in suffixes:
        raise SettingsError(f"{name} must end in {' or '.join(suffixes)}; found {path.name!r}.")
    return path


def _chapters(value: object) -> tuple[tuple[int, str], ...]:
    """Return the chapters of a list of pairs, which must be in ascending order."""
    if not isinstance(value, Sequence) or isinstance(value, (str, bytes)):
        raise SettingsError(
            "chapters must be a list of frame ids and names such as [(0, 'Start'), (120, 'Storm')],"
            f" found {in_words(value)}."
        )
    chapters = []
    for item in value:
        if not isinstance(item, Sequence) or isinstance(item, (str, bytes)) or len(item) != 2:
            raise SettingsError(
                "chapters must hold pairs of a frame id and a name such as (120, 'Storm'), found "
                f"{in_words(item)}."
            )
        number = check_count("chapters: a frame id", item[0], minimum=0)
        name = _text("chapters: a name", item[1])
        if name.endswith("\\"):
            # At the end of a line of its metadata, ffmpeg reads even an escaped one as a mark.
            raise SettingsError(f"chapters: a name cannot end with a backslash: {in_words(name)}.")
        chapters.append((number, name))
    for (before, _), (after, name) in pairwise(chapters):
        if after <= before:
            raise SettingsError(
                f"chapters must be in ascending order of frame ids; {name!r} begins at frame "
                f"{after}, after a chapter that begins at frame {before}."
            )
    return tuple(chapters)


def in_positions(supplements: Supplements, frame_ids: Sequence[int], every: int = 1) -> Supplements:
    """Return supplements whose chapters and poster name frames by their positions in the movie.

    Parameters
    ----------
    supplements : Supplements
        What is to be added.
    frame_ids : sequence of int
        The ids of the movie's frames, ascending.
    every : int
        Above 1, the movie is a draft with one frame in this many, which stands for those after it.

    Raises
    ------
    SettingsError
        If a frame does not exist, or frames come before the first chapter.
    """

    def position_of(name: str, frame_id: int) -> int:
        position = bisect_right(frame_ids, frame_id) - 1
        nearest = frame_ids[max(position, 0)]
        if not 0 <= frame_id - nearest < every:
            raise SettingsError(
                f"{name}: the movie has no frame {frame_id}; its {len(frame_ids)} frames have the "
                f"ids {frame_ids[0]} to {frame_ids[-1]}."
            )
        return position

    if not (supplements.chapters or supplements.poster):
        return supplements
    # In a draft, two may begin at one frame.
    chapters = {position_of("chapters", number): name for number, name in supplements.chapters}
    if chapters and 0 not in chapters:
        raise SettingsError(
            f"chapters: the first one must begin at the movie's first frame, {frame_ids[0]}, since "
            f"every frame belongs to a chapter; found {supplements.chapters[0][0]}."
        )
    poster_frame = 0
    if supplements.poster is not None:
        poster_frame = position_of("poster_frame", supplements.poster_frame)
    return replace(supplements, chapters=tuple(chapters.items()), poster_frame=poster_frame)
