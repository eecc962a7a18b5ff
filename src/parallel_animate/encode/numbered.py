"""A folder of numbered pictures as the output of a movie: written whole, checked, replaced.

The pictures are made in a folder beside the final one, which then takes its name. An index, a file
among the pictures, says which of them this package wrote. A folder with any other file is refused,
so replacing it removes only what was written here.
"""

import contextlib
import json
import os
from pathlib import Path

from parallel_animate.atomic_files import link_target, publish, remove_tree, temporary_path
from parallel_animate.encode.packets import wrong
from parallel_animate.errors import SegmentError, SettingsError
from parallel_animate.formats import INDEX_NAME, format_of, index_of, picture_name
from parallel_animate.frame_rate import format_fps
from parallel_animate.settings import VideoSettings

SIGNATURE, END = b"\x89PNG\r\n\x1a\n", b"IEND\xaeB`\x82"
# Snakemake removes the index of a job that fails; the pictures are still known to be ours.
INDEX_COPY = f".{INDEX_NAME}"
# A folder with thousands of other files is described by a few of them.
MOST_NAMED = 3


def check_folder(output: Path) -> Path:
    """Return the folder of the pictures of an output, which a link may lead to.

    Raises
    ------
    SettingsError
        If it holds the working folder, or anything that this package did not write as pictures.
    """
    parent = output.parent
    # A name is needed, for a folder beside it.
    folder = link_target(parent.resolve() if parent.name == os.pardir else parent)
    if Path.cwd().is_relative_to(folder.resolve()):
        raise SettingsError(
            f"output_file {str(output)!r}: pictures need a folder of their own, such as "
            f"frames/{picture_name(output)}."
        )
    if folder.exists() and not folder.is_dir():
        raise SettingsError(f"output_file {str(output)!r}: {folder} is a file, not a folder.")
    if others := _others_in(folder):
        some = ", ".join(others[:MOST_NAMED])
        raise SettingsError(
            f"output_file {str(output)!r}: pictures need a folder of their own, and {folder} holds "
            f"other files ({some}{', ...' if len(others) > MOST_NAMED else ''}). Move them, or "
            "choose another folder."
        )
    return folder


def _others_in(folder: Path) -> list[str]:
    """Return the names in a folder that are not those of its index."""
    try:
        names = set(os.listdir(folder))
    except FileNotFoundError:
        return []
    for name in sorted(names & {INDEX_NAME, INDEX_COPY}):
        with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
            content = json.loads((folder / name).read_text(encoding="utf-8"))
            names -= {content["pictures"] % number for number in range(len(content["bytes"]))}
            names -= {INDEX_NAME, INDEX_COPY}
    return sorted(names)


def publish_pictures(temporary: Path, output: Path, n_frames: int, settings: VideoSettings) -> None:
    """Give a folder of pictures its index and its name; the folder before is then removed.

    Raises
    ------
    SettingsError
        As `check_folder`; the folder is then unchanged.
    """
    pattern = picture_name(output)
    pictures = [temporary / (pattern % number) for number in range(n_frames)]
    for picture in pictures:
        # Under its own name: this only brings it to the disk.
        publish(picture, picture)
    content = {
        "pictures": pattern,
        "fps": format_fps(settings.fps),
        "bytes": [picture.stat().st_size for picture in pictures],
    }
    for name in (INDEX_NAME, INDEX_COPY):
        index = temporary / name
        index.write_text(json.dumps(content) + "\n", encoding="utf-8")
        publish(index, index)
    folder = check_folder(output)
    if not folder.exists():
        publish(temporary, folder)
        return
    before = temporary_path(folder)
    folder.rename(before)
    try:
        publish(temporary, folder)
    except OSError:
        before.rename(folder)
        raise
    remove_tree(before)


def check_pictures(path: Path, n_frames: int) -> None:
    """Raise SegmentError unless a folder holds n_frames whole pictures, and no other one."""
    pattern = picture_name(path)
    names = {pattern % number for number in range(n_frames)}
    found = set(os.listdir(path.parent)) - {INDEX_NAME, INDEX_COPY}
    if found != names:
        raise wrong(path, "number of pictures", n_frames, len(found))
    for name in sorted(names):
        with (path.parent / name).open("rb") as file:
            start = file.read(len(SIGNATURE))
            file.seek(-min(len(END), os.fstat(file.fileno()).st_size), os.SEEK_END)
            if start != SIGNATURE or file.read() != END:
                raise SegmentError(
                    f"{path.parent / name} is not a complete picture.",
                    path=str(path.parent / name),
                    expected="a complete PNG file",
                    found="another one",
                )


def pictures_fault(path: Path) -> str:
    """Return why a folder does not hold the pictures of its index; empty if it does."""
    folder = path.parent
    try:
        content = json.loads(index_of(path).read_text(encoding="utf-8"))
        pattern, sizes = content["pictures"], content["bytes"]
        for number, size in enumerate(sizes):
            if (found := (folder / (pattern % number)).stat().st_size) != size:
                return f"{pattern % number} has {found} bytes instead of {size}"
    except FileNotFoundError as error:
        return f"{error.filename} is missing"
    except (OSError, ValueError, KeyError, TypeError) as error:
        return f"its index cannot be read: {error}"
    return ""


def movie_size(path: Path) -> int:
    """Return the number of bytes of a movie, which may be numbered pictures.

    Raises
    ------
    OSError
        If it is missing.
    """
    if not format_of(path).is_numbered:
        return path.stat().st_size
    folder = path.parent
    return sum((folder / name).stat().st_size for name in os.listdir(folder))
