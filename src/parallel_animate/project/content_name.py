"""The one definition of what decides the bytes of a chunk, and the names that follow from it.

Both drivers name segments here, so each can use those of the other.
"""

from collections.abc import Mapping, Sequence

from parallel_animate.encode.encoders import Encoder
from parallel_animate.inputs.frames import Chunk
from parallel_animate.inputs.matplotlib_state import Drawing, describe_drawing, drawing_versions
from parallel_animate.inputs.value_digest import digest_of
from parallel_animate.settings import VideoSettings, describe_settings

# Raised when the way from params to bytes changes; it is part of every name. It is not our
# version: a patch release must not redo a render of 20 hours.
BYTE_FORMAT = 2


def recipe_name(
    animator: str,
    data_files: Mapping[str, str],
    settings: VideoSettings,
    encoder: Encoder,
    drawing: Drawing,
    provider: Sequence[object] = (),
) -> str:
    """Return the digest of all that decides a movie's pixels and bytes, beside its params.

    Parameters
    ----------
    animator : str
        The digest of the animator: its state and its code
        (`parallel_animate.inputs.value_digest.digest_object`).
    data_files : mapping of str to str
        The files that setup() and update() read, and the inputs that were declared: path ->
        digest of the content.
    settings : VideoSettings
        Of the movie.
    encoder : Encoder
        Of the movie.
    drawing : Drawing
        The state of matplotlib once the user's modules are imported, before setup().
    provider : sequence
        What provides the params, where they are read in the jobs and so are in no name.
    """
    return digest_of(
        [
            BYTE_FORMAT,
            animator,
            sorted(data_files.items()),
            describe_settings(settings),
            [encoder.name, encoder.build, encoder.preset],
            describe_drawing(drawing),
            drawing_versions(),
            list(provider),
        ]
    )


def chunk_name(recipe: str, chunk: Chunk) -> str:
    """Return the name of a chunk's files: START-STOP-DIGEST, a half-open range of frame ids.

    Parameters
    ----------
    recipe : str
        The movie's `recipe_name`.
    chunk : Chunk
        Its frames. Params that are read in the jobs do not count: what provides them is part of
        the recipe.
    """
    frames = [(frame.id, frame.params if frame.source is None else None) for frame in chunk.frames]
    return f"{chunk.start:07d}-{chunk.stop:07d}-{digest_of([recipe, frames])}"


def join_name(metadata: Sequence[str], extradata: str, chunks: Sequence[tuple[str, int]]) -> str:
    """Return the name of a join file.

    Parameters
    ----------
    metadata : sequence of str
        The ``-metadata`` options of the movie.
    extradata : str
        What every segment has.
    chunks : sequence of (str, int)
        Name and number of frames of each chunk, in the order in which they play.
    """
    return digest_of([BYTE_FORMAT, list(metadata), extradata, [list(chunk) for chunk in chunks]])
