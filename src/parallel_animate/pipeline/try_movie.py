"""Load a movie's code and try its settings, encoder and first frames, before it is planned."""

import logging
import os
import shutil
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any

import cloudpickle

from parallel_animate.encode.encoders import NVENC, Encoder, on_this_machine
from parallel_animate.encode.pvio import check_pvio
from parallel_animate.errors import EncoderUnavailableError, FFmpegError, NoFramesError
from parallel_animate.formats import OutputFormat
from parallel_animate.frame_rate import parse_fps
from parallel_animate.inputs.animator import AnimatorBase
from parallel_animate.inputs.frame_stream import ordered_frames, read_in_jobs
from parallel_animate.inputs.frames import Frame, LazyParams, count_frames, first_pictures
from parallel_animate.inputs.matplotlib_state import Environment, capture_environment
from parallel_animate.inputs.opened_files import OpenedFiles
from parallel_animate.inputs.portable import SourceAnimator, SourceParams, local_sources
from parallel_animate.inputs.targets import absolute_target, load_module, load_params, split_target
from parallel_animate.inputs.value_digest import ObjectDigest, digest_object
from parallel_animate.pipeline.config import movie_settings
from parallel_animate.project.plan import Plan
from parallel_animate.project.staleness import input_digest, input_files
from parallel_animate.render.data_files import N_FRAMES, data_files, record_reads
from parallel_animate.render.preflight import Trial, choose_encoder_for, try_animator
from parallel_animate.settings import VideoSettings

logger = logging.getLogger(__name__)

# Planning tries the encoder on its own machine, and all segments must come from that encoder.
ON_GPU = "plan on a node with a GPU: srun --gpus=1 parallel-animate plan CONFIG."


@dataclass(frozen=True)
class TriedMovie:
    """A movie whose code was loaded and tried.

    Parameters
    ----------
    settings : VideoSettings
        The movie's settings.
    source : SourceAnimator
        The animator for jobs.
    animator : AnimatorBase
        The animator in this process; only copies of it are drawn.
    encoder : Encoder
        The chosen encoder.
    trial : Trial
        The results of drawing a few frames.
    frames : iterator of Frame
        All frames, not consumed yet.
    n_frames : int or None
        Number of frames, if it is known.
    environment : Environment
        The state of matplotlib after the user's modules are imported and before setup().
    digest : str
        Digest of the animator: its state and its code.
    data_files : dict of str to str
        Other files that affect pixels, besides code and params: path -> digest of the content.
    job_files : dict of str to str
        The same files for jobs, which must find them unchanged: without files that the animator
        itself writes.
    provider : SourceParams, optional
        Source of the params, if jobs read them.
    lazy : LazyParams, optional
        The params of that source, in this process.
    """

    settings: VideoSettings
    source: SourceAnimator
    animator: AnimatorBase
    encoder: Encoder
    trial: Trial
    frames: Iterator[Frame]
    n_frames: int | None
    environment: Environment
    digest: str
    data_files: dict[str, str]
    job_files: dict[str, str]
    provider: SourceParams | None = None
    lazy: LazyParams | None = None


def try_movie(config: Mapping[str, Any], previous: Plan | None, opened: OpenedFiles) -> TriedMovie:
    """Load the user's code and draw a few frames.

    Parameters
    ----------
    config : mapping
        The movie's entry in the config file.
    previous : Plan or None
        The movie's present plan.
    opened : OpenedFiles
        Records which files the user's code opens.

    Raises
    ------
    AnimateError
        If a setting, the user's code or the encoder does not work.
    """
    here = Path.cwd()
    settings = movie_settings(config)
    if settings.backend == "pvio":
        check_pvio(settings)
    # The user's modules may change the working folder, so the targets must not depend on it.
    animator_target = absolute_target(config["animator"])
    params_target = absolute_target(config["params"])
    inputs = _inputs(config, opened)
    with opened.recorded_as("import"):
        source = SourceAnimator.of(animator_target, config.get("kwargs", {}))
        animator = source.build_here()
    os.chdir(here)
    with opened.recorded_as("params"):
        params = load_params(params_target, parse_fps(config["fps"]))
        _pickle_by_value(params_target, source)
        lazy = read_in_jobs(params)
        provider = None if lazy is None else SourceParams.of(params_target)
        frames = ordered_frames(params, config.get("n_frames"), config.get("every", 1))
        first, pictures = first_pictures(frames, N_FRAMES)
        # Read once: items that jobs read may be large.
        tried = [Frame.of(frame.id, frame.params, must_pickle=False) for frame in pictures]
    if not first:
        raise NoFramesError(f"{config['params']} gives no frames, so there is nothing to render.")
    environment = capture_environment()
    digest = digest_object(animator)
    record_reads(opened, animator, tried, settings, digest.caches)
    os.chdir(here)
    with opened.recorded_as("trial"):
        encoder = _encoder(animator, tried[0], settings, previous, config)
        trial = _trial(source.build_here(), tried, settings, encoder)
    n_frames = count_frames(params, config.get("n_frames"), config.get("every", 1))
    data = inputs | _data_files(opened, source, provider)
    return TriedMovie(
        settings=settings,
        source=source,
        animator=animator,
        encoder=encoder,
        trial=trial,
        frames=chain(first, frames),
        n_frames=n_frames,
        environment=environment,
        digest=_reproducible(digest, source),
        data_files=data,
        job_files={path: data[path] for path in data if not opened.is_own(path)},
        provider=provider,
        lazy=lazy,
    )


def _reproducible(digest: ObjectDigest, source: SourceAnimator) -> str:
    """Return the digest of an animator, or that of its class and kwargs.

    An object may differ each time it is built, say by a random number from __init__(). Its digest
    would then change with every plan, and every plan would render the whole movie again.
    """
    animator = source.build_here()
    if digest_object(animator).digest == digest.digest:
        return digest.digest
    return digest_object([type(animator), dict(source.kwargs)]).digest


def _inputs(config: Mapping[str, Any], opened: OpenedFiles) -> dict[str, str]:
    """Record the declared inputs as they are now; return the digest of each."""
    for name in config.get("inputs", []):
        for path in input_files(Path(name)):
            opened.see(path, "inputs")
    return {path: input_digest(Path(path), opened.digests) for path in config.get("inputs", [])}


def _data_files(
    opened: OpenedFiles, source: SourceAnimator, provider: SourceParams | None
) -> dict[str, str]:
    """Return the files that the animator or its modules read, and the params' if jobs read them.

    Code that is not copied for the jobs counts as data, such as a module that is imported by a
    computed name.
    """
    phases = ["import", "animator", *(["params"] if provider is not None else [])]
    copies = {module.path for module in (*source.sources, *(provider.sources if provider else ()))}
    code = {
        path: opened.digest(path)
        for phase in phases
        for path in opened.code_files(phase)
        if str(opened.here / path) not in copies
    }
    return data_files(opened, phases) | code


def _trial(
    animator: AnimatorBase, frames: Sequence[Frame], settings: VideoSettings, encoder: Encoder
) -> Trial:
    try:
        return try_animator(animator, frames, settings, encoder)
    except FFmpegError as error:
        if encoder.name != NVENC:
            raise
        raise EncoderUnavailableError(
            f"The movie is encoded with NVENC, which does not work on this machine: {error}\nIf "
            f"the machine has no GPU, {ON_GPU}"
        ) from error


def _encoder(
    animator: AnimatorBase,
    first: Frame,
    settings: VideoSettings,
    previous: Plan | None,
    config: Mapping[str, Any],
) -> Encoder:
    """Return the movie's encoder: the one of the last plan if the settings are the same."""
    keys = ("video_mode", "video_preset", "video_quality", "video_extra_ffmpeg_params")
    if (
        previous is not None
        and all(previous.config.get(key) == config.get(key) for key in keys)
        and _kind(movie_settings(previous.config)) == _kind(settings)
    ):
        try:
            return on_this_machine(Encoder(**previous.encoder))
        except FFmpegError as error:
            logger.info("Choosing the encoder again: %s", error)
    has_cluster = shutil.which("sbatch") is not None
    try:
        return choose_encoder_for(animator, settings, lambda: first)
    except EncoderUnavailableError as error:
        if has_cluster and settings.mode == "gpu":
            raise EncoderUnavailableError(
                f"{error}\nTo use the cluster's GPUs, {ON_GPU}"
            ) from error
        raise


def _kind(settings: VideoSettings) -> tuple[OutputFormat, str, str | None]:
    return settings.output, settings.codec, settings.chosen


def _pickle_by_value(params_target: str, source: SourceAnimator) -> None:
    """Pickle params together with the classes of the provider's modules, which a job lacks."""
    known = {module.name for module in source.sources}
    provider = load_module(split_target(params_target)[0])
    for module in local_sources(provider):
        if module.name not in known and module.name in sys.modules:
            cloudpickle.register_pickle_by_value(sys.modules[module.name])
