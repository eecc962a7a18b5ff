"""Check this machine for what rendering needs, with advice about what is missing.

The checks run short commands and change nothing.
"""

import fcntl
import importlib.metadata
import importlib.util
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import matplotlib as mpl
import matplotlib.font_manager

from parallel_animate.cli.installation import ADVICE, OTHER, has_other, lost_files
from parallel_animate.cli.studio_command import STUDIO_ADVICE, STUDIO_PACKAGES
from parallel_animate.encode.encoders import NVENC, X264, why_not, working_codecs
from parallel_animate.encode.ffmpeg import build_of, candidates
from parallel_animate.errors import CommandError, FFmpegNotFoundError, SettingsError
from parallel_animate.formats import CODECS
from parallel_animate.local.cores import SLURM_VARIABLES, available_cores
from parallel_animate.pipeline.launch import SLURM_ADVICE, SLURM_PLUGIN, workflow_folder
from parallel_animate.render.redraw import prove
from parallel_animate.subprocesses import run_command
from parallel_animate.version import __version__

OK, WARNING, PROBLEM = "ok", "warning", "problem"
# Segments of an hour of full HD are a few gigabytes.
LITTLE_SPACE = 2e9
# SLURM's commands wait for minutes if the controller does not answer.
SLURM_SECONDS = 10
GPU_DEVICE = Path("/dev/nvidia0")


@dataclass(frozen=True)
class Finding:
    """The result of one check.

    Parameters
    ----------
    subject : str
        The thing that was checked.
    state : str
        "ok"; "warning": something works less well than it could; "problem": rendering fails.
    found : str
        What the check found.
    advice : str
        What the user can do; empty if nothing needs to be done.
    """

    subject: str
    state: str
    found: str
    advice: str = ""


def examine(folder: Path) -> list[Finding]:
    """Run all checks and return their results.

    Parameters
    ----------
    folder : Path
        The folder in which movies will be rendered.
    """
    return [
        *_packages(),
        _drawing_less(),
        *_ffmpeg(),
        *_encoders(),
        _codecs(),
        _cores(),
        *_snakemake(),
        *_slurm(),
        _studio(),
        _fonts(),
        _space("temporary folder", Path(tempfile.gettempdir()), "set TMPDIR to another disk"),
        _space("this folder", folder, "render on another disk"),
        _locks(folder),
    ]


def _packages() -> Iterator[Finding]:
    yield Finding("Python", OK, f"{sys.version.split()[0]} ({sys.executable})")
    yield Finding("parallel-animate", OK, f"{__version__} ({Path(__file__).parent.parent})")
    if lost := lost_files():
        found = f"{len(lost)} of its files are missing, {lost[0]} for example"
        yield Finding("parallel-animate", PROBLEM, found, ADVICE)
    if has_other():
        found = "is installed and shares a file with parallel-animate"
        yield Finding(OTHER, PROBLEM, found, ADVICE)
    yield Finding("matplotlib", OK, f"{mpl.__version__} ({Path(mpl.__file__).parent})")


def _drawing_less() -> Finding:
    proof = prove()
    if proof.fault:
        found = f"off: every frame is drawn in full, which takes three times as long: {proof.fault}"
        return Finding("drawing less", WARNING, found, proof.advice)
    return Finding("drawing less", OK, "on: test figures have the same pixels as a full draw")


def _ffmpeg() -> Iterator[Finding]:
    works = False
    for program in candidates():
        try:
            yield Finding("ffmpeg", OK, f"{build_of(program)} ({program})")
            works = True
        except FFmpegNotFoundError as error:
            advice = (
                "the next ffmpeg is used; remove this one, or unset IMAGEIO_FFMPEG_EXE if it is set"
            )
            yield Finding("ffmpeg", WARNING, str(error), advice)
    if not works:
        advice = "pip install imageio-ffmpeg, or set IMAGEIO_FFMPEG_EXE to an ffmpeg"
        yield Finding("ffmpeg", PROBLEM, "no working ffmpeg", advice)


def _encoders() -> Iterator[Finding]:
    reasons = {name: _why_not_any(name) for name in (X264, NVENC)}
    if not reasons[X264]:
        yield Finding(X264, OK, "encodes")
    elif not reasons[NVENC]:
        yield Finding(X264, WARNING, reasons[X264], "video_mode 'cpu' does not work here")
    else:
        yield Finding(X264, PROBLEM, reasons[X264], "pip install imageio-ffmpeg")
    has_gpu = GPU_DEVICE.exists()
    if not reasons[NVENC]:
        yield Finding(NVENC, OK, "encodes: video_mode 'auto' uses it")
    elif has_gpu:
        advice = (
            "libx264 is used; some GPUs (A100, H100, H200) have no encoder, others need a driver"
        )
        yield Finding(NVENC, WARNING, reasons[NVENC], advice)
    else:
        yield Finding(NVENC, OK, f"not available, and no {GPU_DEVICE}: libx264 is used")


def _codecs() -> Finding:
    works = working_codecs()
    lacking = [name for name in CODECS if name not in works]
    if not lacking:
        return Finding("codecs", OK, ", ".join(works))
    found = f"{', '.join(works) or 'none'}; not available: {', '.join(lacking)}"
    advice = "install another ffmpeg, and set IMAGEIO_FFMPEG_EXE to it"
    # Nobody misses a codec before it is asked for.
    return Finding("codecs", OK, found, advice)


def _why_not_any(name: str) -> str:
    """Return why an encoder works in none of the ffmpegs found; empty if it works in one."""
    reasons = []
    for program in candidates():
        reason = why_not(name, program)
        if reason is None:
            return ""
        reasons.append(f"{program}: {reason}")
    return "; ".join(reasons) or "no ffmpeg was found"


def _cores() -> Finding:
    cores, machine = available_cores(), os.cpu_count() or 1
    limits = {
        **{f"{name}={os.environ.get(name)}": os.environ.get(name) for name in SLURM_VARIABLES},
        f"LOKY_MAX_CPU_COUNT={cores}": os.environ.get("LOKY_MAX_CPU_COUNT"),
        "the CPU affinity of this process": str(_affinity(machine)),
    }
    found = f"{cores} of this machine's {machine}"
    if cores < machine:
        reasons = [name for name, value in limits.items() if value == str(cores)]
        found += f", because of {reasons[0] if reasons else 'the quota of this cgroup'}"
    advice = "request more cores for this job or session" if cores == 1 and machine > 1 else ""
    return Finding("cores", WARNING if advice else OK, found, advice)


def _affinity(machine: int) -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else machine


def _snakemake() -> Iterator[Finding]:
    versions = {
        name: distribution.version
        for distribution in importlib.metadata.distributions()
        if (name := distribution.name.lower()).startswith("snakemake") and "interface" not in name
    }
    if "snakemake" not in versions:
        advice = "pip install 'snakemake>=9': 'run' and the workflow need it"
        yield Finding("snakemake", PROBLEM, "not installed", advice)
        return
    plugins = [f"{name} {version}" for name, version in sorted(versions.items())][1:]
    text = ", ".join(plugins) or "no plugins"
    yield Finding("snakemake", OK, f"{versions['snakemake']}; {text}")
    try:
        yield Finding("workflow", OK, str(workflow_folder()))
    except SettingsError as error:
        yield Finding("workflow", PROBLEM, str(error), "reinstall parallel-animate")


def _slurm() -> Iterator[Finding]:
    if shutil.which("sbatch") is None:
        yield Finding("SLURM", OK, "no sbatch on the PATH: movies are rendered on this machine")
        return
    try:
        lines = _ask_slurm("sinfo", "--noheader", "--format=%P %D %a")
        yield Finding("SLURM", OK, f"partitions (name, nodes, state): {', '.join(lines)}")
    except CommandError as error:
        advice = "start 'parallel-animate run --profile slurm' on a machine where sinfo works"
        yield Finding("SLURM", WARNING, _last_line(error), advice)
        return
    try:
        _ask_slurm("sacct", "--noheader", "--starttime=now")
        yield Finding("SLURM accounting", OK, "sacct answers")
    except CommandError as error:
        advice = "job states come from squeue, which forgets a job soon after its end"
        yield Finding("SLURM accounting", WARNING, _last_line(error), advice)
    try:
        importlib.metadata.version(SLURM_PLUGIN)
    except importlib.metadata.PackageNotFoundError:
        found = f"{SLURM_PLUGIN} is not installed"
        yield Finding("SLURM plugin", WARNING, found, SLURM_ADVICE)


def _ask_slurm(*command: str) -> list[str]:
    return run_command(command, timeout=SLURM_SECONDS).stdout.splitlines()


def _last_line(error: CommandError) -> str:
    return str(error).splitlines()[-1]


def _studio() -> Finding:
    missing = [name for name in STUDIO_PACKAGES if importlib.util.find_spec(name) is None]
    if missing:
        found = f"not available, since {' and '.join(missing)} is not installed: {STUDIO_ADVICE}"
        return Finding("studio", OK, found)
    versions = (f"{name} {importlib.metadata.version(name)}" for name in STUDIO_PACKAGES)
    return Finding("studio", OK, ", ".join(versions))


def _fonts() -> Finding:
    cache = Path(mpl.get_cachedir())
    font = matplotlib.font_manager.findfont(matplotlib.font_manager.FontProperties())
    found = f"{Path(font).name} for text; list of fonts in {cache}"
    if not list(cache.glob("fontlist-*.json")) or cache.is_relative_to(tempfile.gettempdir()):
        advice = (
            "every process makes the list again, which takes seconds: set MPLCONFIGDIR to a "
            "writable folder that outlives this session"
        )
        return Finding("fonts", WARNING, found, advice)
    return Finding("fonts", OK, found)


def _space(subject: str, folder: Path, advice: str) -> Finding:
    try:
        with tempfile.TemporaryFile(dir=folder):
            free = shutil.disk_usage(folder).free
    except OSError as error:
        return Finding(subject, PROBLEM, f"{folder} cannot be written: {error.strerror}", advice)
    found = f"{folder}: {free / 1e9:.1f} GB free"
    return (
        Finding(subject, WARNING, found, advice)
        if free < LITTLE_SPACE
        else Finding(subject, OK, found)
    )


def _locks(folder: Path) -> Finding:
    try:
        with tempfile.TemporaryFile(dir=folder) as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        advice = "start only one run at a time in this folder: nothing stops a second one"
        return Finding("file locks", WARNING, f"none in {folder}: {error.strerror}", advice)
    return Finding("file locks", OK, f"work in {folder}")
