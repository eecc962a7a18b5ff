"""The only definition of the inputs that affect a chunk's bytes, and the names made from them.

Both drivers name segments here, so each can use the other's segments.
"""

from collections.abc import Mapping, Sequence

from parallel_animate.encode.encoders import Encoder
from parallel_animate.encode.supplements import NO_SUPPLEMENTS, SUPPLEMENT_FILES, Supplements
from parallel_animate.formats import MP4
from parallel_animate.inputs.frames import Chunk, Frame
from parallel_animate.inputs.matplotlib_state import Drawing, describe_drawing, drawing_versions
from parallel_animate.inputs.value_digest import digest_of
from parallel_animate.settings import (
    VideoSettings,
    describe_drawing_settings,
    describe_settings,
)

# Part of every name; raise it when the same params result in other bytes. It is not the package's
# version, since a patch release must not repeat a render of 20 hours.
BYTE_FORMAT = 2


def recipe_name(
    animator: str,
    data_files: Mapping[str, str],
    settings: VideoSettings,
    encoder: Encoder,
    drawing: Drawing,
    provider: Sequence[object] = (),
) -> str:
    """Return a digest of everything that affects a movie's pixels and bytes, except its params.

    Parameters
    ----------
    animator : str
        The digest of the animator: its state and its code
        (`parallel_animate.inputs.value_digest.digest_object`).
    data_files : mapping of str to str
        The files that setup() and update() read, and the declared inputs: path -> digest of the
        content.
    settings : VideoSettings
        The movie's settings.
    encoder : Encoder
        The movie's encoder.
    drawing : Drawing
        The state of matplotlib after the user's modules are imported, before setup().
    provider : sequence
        The provider of the params, if the jobs read the params themselves: these are then in no
        chunk's name.
    """
    return digest_of(
        [
            BYTE_FORMAT,
            animator,
            sorted(data_files.items()),
            *describe_encoding(settings, encoder),
            describe_drawing(drawing),
            drawing_versions(),
            list(provider),
        ]
    )


def drawing_name(
    animator: str,
    data_files: Mapping[str, str],
    settings: VideoSettings,
    drawing: Drawing,
    provider: Sequence[object] = (),
) -> str:
    """Return a digest of everything that affects the pixels of frames, except their params.

    Movies with the same digest, frames and params can be drawn once, and encoded for each. The
    parameters are those of `recipe_name`.
    """
    return digest_of(
        [
            BYTE_FORMAT,
            animator,
            sorted(data_files.items()),
            describe_drawing_settings(settings),
            describe_drawing(drawing),
            drawing_versions(),
            list(provider),
        ]
    )


def describe_encoding(settings: VideoSettings, encoder: Encoder) -> list[object]:
    """Return what affects a segment's bytes besides its frames, as plain values."""
    return [describe_settings(settings), [encoder.name, encoder.build, encoder.preset]]


def chunk_name(recipe: str, chunk: Chunk, first: Frame | None = None) -> str:
    """Return the name of a chunk's files: START-STOP-DIGEST, with a half-open range of frame ids.

    Parameters
    ----------
    recipe : str
        The movie's `recipe_name`.
    chunk : Chunk
        The chunk's frames. Params that the jobs read do not count: their provider is part of the
        recipe.
    first : Frame, optional
        The movie's first frame, if all chunks are drawn after it. It counts for the first chunk,
        too, although that is drawn alike: a chunk without it was drawn where none was needed.
    """
    content: list[object] = [recipe, [_described(frame) for frame in chunk.frames]]
    if first is not None:
        content.append(["after", _described(first)])
    return f"{chunk.start:07d}-{chunk.stop:07d}-{digest_of(content)}"


def _described(frame: Frame) -> tuple[int, object]:
    return frame.id, frame.params if frame.source is None else None


def in_order_name(parts: Sequence[str]) -> str:
    """Return the name of the one chunk of a movie that is drawn in order.

    Parameters
    ----------
    parts : sequence of str
        The names, from `chunk_name`, of the chunks that the movie would have otherwise.
    """
    start, stop = parts[0].split("-")[0], parts[-1].split("-")[1]
    return f"{start}-{stop}-{digest_of(['in order', list(parts)])}"


def join_name(
    metadata: Sequence[str],
    extradata: str,
    chunks: Sequence[tuple[str, int]],
    settings: VideoSettings,
    supplements: Supplements = NO_SUPPLEMENTS,
    files: Sequence[tuple[str, str]] = (),
) -> str:
    """Return the name of a join file.

    Parameters
    ----------
    metadata : sequence of str
        The movie's ``-metadata`` options.
    extradata : str
        The extradata of every segment.
    chunks : sequence of (str, int)
        Name and number of frames of each chunk, in playing order.
    settings : VideoSettings
        The movie's settings.
    supplements : Supplements
        What the movie gets besides its frames.
    files : sequence of (str, str)
        The files with sound and captions: path and digest of the content.
    """
    output: list[object] = []
    if settings.output != MP4:
        output.append(settings.output.name)
    if not settings.is_joined:
        output.append(settings.quality)
    # Only if there are any, so that other movies are not joined again.
    if supplements != NO_SUPPLEMENTS:
        paths = {name: str(getattr(supplements, name)) for name in SUPPLEMENT_FILES}
        output += [sorted({**vars(supplements), **paths}.items()), list(files)]
    if settings.chosen:
        output.append(settings.chosen)
    return digest_of(
        [BYTE_FORMAT, list(metadata), extradata, [list(chunk) for chunk in chunks], *output]
    )
