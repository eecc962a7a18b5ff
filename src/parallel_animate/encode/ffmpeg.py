"""Find the ffmpeg program, build its command lines, and run it.

This module knows command lines; it knows nothing of chunks or plans. The commands were measured on
ffmpeg 5.1, 7.0 and 9.0.
"""

import contextlib
import errno
import fcntl
import functools
import hashlib
import importlib.util
import logging
import os
import shutil
import subprocess
import tempfile
import weakref
from collections.abc import Sequence
from pathlib import Path
from typing import IO, Self

from parallel_animate.errors import CommandError, FFmpegError, FFmpegNotFoundError
from parallel_animate.frame_rate import TimeGrid
from parallel_animate.subprocesses import (
    ANSWER_SECONDS,
    KILL_WAIT_SECONDS,
    failed_command,
    kill_group,
    run_command,
    run_commands,
)

logger = logging.getLogger(__name__)

# The largest pipe of an unprivileged process on Linux (fs.pipe-max-size).
PIPE_BYTES = 2**20
# Pixel formats without a matrix of colours.
RGB_FORMATS = ("rgb24", "rgba", "bgr0")
BT709_TAGS = "setparams=range=tv:colorspace=bt709:color_primaries=bt709:color_trc=bt709"
# Take the sync samples of an MP4 file from its table. ffmpeg's H.264 parser marks every I-frame as
# one; x264 makes I-frames that are no IDR frames where pictures change all over, and a player that
# seeks to such a frame shows a wrong picture (measured on ffmpeg 9.0).
AS_MARKED = ("-fflags", "+nofillin+noparse")


def candidates() -> list[str]:
    """Return the ffmpeg programs to try, best first, whether or not they work.

    ``IMAGEIO_FFMPEG_EXE`` comes first, since the user set it. Then comes imageio-ffmpeg's own
    program, which is recent and the same for everybody, then ``ffmpeg`` on the PATH.
    """
    found = [os.environ.get("IMAGEIO_FFMPEG_EXE"), *_bundled_programs(), shutil.which("ffmpeg")]
    return list(dict.fromkeys(program for program in found if program))


@functools.cache
def _bundled_programs() -> tuple[str, ...]:
    # imageio_ffmpeg.get_ffmpeg_exe() stops at IMAGEIO_FFMPEG_EXE, even if that one is broken.
    spec = importlib.util.find_spec("imageio_ffmpeg")
    if spec is None or not spec.submodule_search_locations:
        return ()
    folder = Path(next(iter(spec.submodule_search_locations)), "binaries")
    return tuple(sorted(str(path) for path in folder.glob("ffmpeg-*")))


def version_command(ffmpeg: str) -> list[str]:
    """Return the command that prints an ffmpeg build's version and configuration."""
    return [ffmpeg, "-hide_banner", "-version"]


@functools.cache
def build_of(ffmpeg: str) -> str:
    """Return an ffmpeg build's identity: its version, and a digest of its configuration.

    Raises
    ------
    FFmpegNotFoundError
        If the program cannot be run.
    """
    try:
        answer = run(version_command(ffmpeg), ANSWER_SECONDS)
        lines = answer.stdout.splitlines()
    except FFmpegError as error:
        raise FFmpegNotFoundError(
            f"{ffmpeg} is not a working ffmpeg: {error}", command=error.command
        ) from error
    digest = hashlib.sha256("\n".join(lines).encode()).hexdigest()[:12]
    words = lines[0].split() if lines else []
    return f"{words[2] if len(words) > 2 else 'unknown'} ({digest})"


def encode_command(
    ffmpeg: str,
    codec: Sequence[str],
    size: tuple[int, int],
    grid: TimeGrid,
    output: Sequence[str],
    pixel_format: str = "yuv420p",
    is_converted: bool = False,
) -> list[str]:
    """Return the command that encodes raw frames from stdin into a segment.

    Parameters
    ----------
    ffmpeg : str
        The ffmpeg program.
    codec : sequence of str
        The encoder's arguments.
    size : tuple of (int, int)
        Width and height in pixels, even.
    grid : TimeGrid
        The times of the frames.
    output : sequence of str
        The container and file, such as ``["-f", "mp4", "segment.mp4"]``.
    pixel_format : str
        The pixel format of the encoded frames.
    is_converted : bool
        Whether the frames come in this pixel format and BT.709; otherwise they are those of Agg.
    """
    source, filters = "rgb0", colour_filter(pixel_format)
    if is_converted:
        source, filters = pixel_format, BT709_TAGS
    return [
        *(ffmpeg, "-hide_banner", "-y", "-v", "error", "-xerror"),
        *("-f", "rawvideo", "-pix_fmt", source, "-s", f"{size[0]}x{size[1]}"),
        *("-r", f"{grid.fps.numerator}/{grid.fps.denominator}", "-i", "-", "-an"),
        *("-vf", filters),
        *codec,
        *timing_arguments(grid),
        *output,
    ]


def colour_filter(pixel_format: str) -> str:
    """Return the filter that converts RGB to BT.709, limited range, and tags the frames with it.

    RGB that is encoded as RGB is not converted.

    Tags alone do not convert, and ffmpeg before 9 ignores -color_* options here. The flags cut the
    colour error of a thin red line to a third, at no measurable cost.
    """
    if pixel_format in RGB_FORMATS:
        return f"format={pixel_format}"
    return (
        "scale=out_color_matrix=bt709:out_range=tv:flags=area+accurate_rnd+full_chroma_inp,"
        f"format={pixel_format},{BT709_TAGS}"
    )


def timing_arguments(grid: TimeGrid) -> list[str]:
    """Return the arguments for exact frame times, and for bytes that hold no date."""
    return [
        *("-fps_mode", "passthrough", "-video_track_timescale", str(grid.timescale)),
        *("-flags:v", "+bitexact", "-fflags", "+bitexact"),
    ]


def join_command(
    ffmpeg: str,
    concat_list: Path,
    grid: TimeGrid,
    output: Path,
    container: str = "mp4",
    b_frame_delay: int = 0,
    metadata: Sequence[str] = (),
) -> list[str]:
    """Return the command that joins segments by stream copy.

    Parameters
    ----------
    ffmpeg : str
        The ffmpeg program.
    concat_list : Path
        A list for ffmpeg's concat demuxer.
    grid : TimeGrid
        The times of the frames.
    output : Path
        The file to write.
    container : str
        ffmpeg's name of the container: "mp4", "mov", "matroska" or "webm".
    b_frame_delay : int
        Frames by which the encoder delays its output. More than 0 sets new dts for all packets,
        since the dts of segments with B-frames overlap where two segments meet.
    metadata : sequence of str
        ``-metadata`` options.
    """
    setts: list[str] = []
    if b_frame_delay:
        tick = grid.tick
        setts = [
            "-bsf:v",
            f"setts=pts=round(PTS/{tick})*{tick}:dts=(N-{b_frame_delay})*{tick}:duration={tick}",
        ]
    container_options = ["-video_track_timescale", str(grid.timescale), "-movflags", "+faststart"]
    if container not in ("mp4", "mov"):
        container_options = []
    return [
        *(ffmpeg, "-hide_banner", "-nostdin", "-y", "-v", "warning", "-xerror"),
        *("-f", "concat", "-safe", "0", "-auto_convert", "0", *AS_MARKED),
        *("-i", str(concat_list)),
        *("-map", "0:v:0", "-c", "copy", *setts, *metadata),
        *container_options,
        *("-fflags", "+bitexact", "-f", container, str(output)),
    ]


def packets_command(ffmpeg: str, path: Path) -> list[str]:
    """Return the command that lists every packet of a file's video stream."""
    return [
        *(ffmpeg, "-hide_banner", "-nostdin", "-v", "error", "-xerror", *AS_MARKED),
        *("-i", str(path), "-map", "0:v:0", "-c", "copy", "-f", "framecrc", "-"),
    ]


def still_command(ffmpeg: str, path: Path, start: float, width: int, picture: Path) -> list[str]:
    """Return the command that writes a segment's first frame at or after a time as a picture.

    It is at most ``width`` pixels wide. ``start`` is in seconds, as for `frame_command`.
    """
    return [
        *(ffmpeg, "-hide_banner", "-nostdin", "-y", "-v", "error", *AS_MARKED),
        *("-ss", f"{start:.6f}", "-i", str(path), "-map", "0:v:0", "-frames:v", "1"),
        *("-vf", f"scale=w='min({width},iw)':h=-1:flags=area", "-update", "1", str(picture)),
    ]


def frame_command(ffmpeg: str, path: Path, start: float, picture: Path) -> list[str]:
    """Return the command that writes a movie's first frame at or after a time as a picture.

    ffmpeg seeks to the sync sample before ``start`` (seconds) and decodes from there. The colours
    are converted back as `colour_filter` has converted them.
    """
    to_rgb = "scale=in_color_matrix=bt709:in_range=tv:flags=accurate_rnd+full_chroma_int"
    return [
        *(ffmpeg, "-hide_banner", "-nostdin", "-y", "-v", "error", *AS_MARKED),
        *("-ss", f"{start:.6f}", "-i", str(path), "-map", "0:v:0", "-frames:v", "1"),
        *("-vf", f"{to_rgb},format=rgb24", "-update", "1", str(picture)),
    ]


def still_frames_command(ffmpeg: str, codec: Sequence[str], size: tuple[int, int]) -> list[str]:
    """Return the command that encodes two frames and discards them, to prove an encoder works."""
    return [
        *(ffmpeg, "-hide_banner", "-nostdin", "-v", "error", "-xerror", "-f", "lavfi"),
        *("-i", f"color=size={size[0]}x{size[1]}:rate=25", "-frames:v", "2", "-an"),
        *("-pix_fmt", "yuv420p", *codec, "-f", "null", "-"),
    ]


def run(command: Sequence[str], timeout: float | None = None) -> subprocess.CompletedProcess[str]:
    """Run an ffmpeg command to its end and return its output.

    Parameters
    ----------
    command : sequence of str
        Program and arguments; the last one is the output file.
    timeout : float, optional
        Seconds after which ffmpeg is killed; None means never.

    Raises
    ------
    FFmpegError
        As `run_command` raises CommandError; with advice if the disk is full.
    """
    try:
        return run_command(command, timeout)
    except CommandError as error:
        raise _ffmpeg_error(error) from error


def errors_of(commands: Sequence[Sequence[str]], timeout: float) -> list[FFmpegError | None]:
    """Run ffmpeg commands at the same time; return the error of each, or None if it succeeded."""
    results = run_commands(commands, timeout)
    return [_ffmpeg_error(found) if isinstance(found, CommandError) else None for found in results]


def _ffmpeg_error(error: CommandError) -> FFmpegError:
    return FFmpegError(
        f"{error}{_advice(error.command, error.stderr)}",
        command=error.command,
        returncode=error.returncode,
        stderr=error.stderr,
    )


def _advice(command: Sequence[str], stderr: str) -> str:
    if os.strerror(errno.ENOSPC) not in stderr:
        return ""
    # The output file is the last argument of every command here.
    return (
        f"\nThe disk with {Path(command[-1]).parent} is full. Make room, or choose another "
        "disk (output_file, work_dir; TMPDIR for temporary files). Then run the same command "
        "again: finished chunks in a work folder are kept."
    )


def widen_pipe(descriptor: int) -> None:
    """Let a pipe hold 1 MiB instead of 64 KiB, if the system allows it.

    Writer and reader then take fewer turns per frame: 5 to 10 % less CPU time in both. The kernel
    may refuse if a user has many pipes (pipe-user-pages-soft), which does no harm.
    """
    resize = getattr(fcntl, "F_SETPIPE_SZ", None)
    if resize is not None:
        with contextlib.suppress(OSError):
            fcntl.fcntl(descriptor, resize, PIPE_BYTES)


# The encoders of this process.
_encoders: "weakref.WeakSet[EncoderProcess]" = weakref.WeakSet()


class EncoderProcess:
    """An ffmpeg process that reads raw frames from a pipe.

    Leaving the ``with`` block always ends the process; call `finish` first to complete the file.

    Parameters
    ----------
    command : sequence of str
        The command, from `encode_command`.

    Raises
    ------
    FFmpegError
        If ffmpeg cannot start.
    """

    def __init__(self, command: Sequence[str]) -> None:
        self.command = tuple(command)
        # A file, not a pipe: nobody has to read it while frames are written.
        self._stderr: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115
        try:
            # A separate process group, so that ^C at the terminal does not cut its file short.
            self._process = subprocess.Popen(
                self.command,
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=self._stderr,
                process_group=0,
            )
        except OSError as error:
            self._stderr.close()
            raise FFmpegError(
                f"{command[0]} could not start: {error.strerror}.", command=command
            ) from error
        assert self._process.stdin is not None
        widen_pipe(self._process.stdin.fileno())
        _encoders.add(self)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()
        self._stderr.close()

    def write(self, frame: memoryview) -> None:
        """Send the bytes of one frame.

        Raises
        ------
        FFmpegError
            If ffmpeg has ended; with the end of its stderr.
        """
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(frame)
        except OSError as error:
            raise self._failure() from error

    def finish(self) -> None:
        """Close the pipe and wait until ffmpeg has closed its file.

        Raises
        ------
        FFmpegError
            If ffmpeg's exit status is not 0.
        """
        assert self._process.stdin is not None
        try:
            self._process.stdin.close()
        except OSError as error:
            raise self._failure() from error
        if self._process.wait():
            raise self._failure()
        if messages := self._messages():
            logger.warning("ffmpeg reported: %s", messages)

    def kill(self) -> None:
        """Kill the process if it is running; its file is then incomplete."""
        kill_group(self._process)
        if self._process.stdin is not None and not self._process.stdin.closed:
            try:
                self._process.stdin.close()
            except BrokenPipeError:
                # Nobody reads the rest of the frame.
                logger.debug("ffmpeg ended before its pipe was closed")

    def redirect(self, descriptor: int) -> None:
        """Let this process, a fork, write to another file instead of the pipe."""
        if self._process.stdin is not None and not self._process.stdin.closed:
            os.dup2(descriptor, self._process.stdin.fileno(), inheritable=False)

    def _messages(self) -> str:
        self._stderr.seek(0)
        return self._stderr.read().decode(errors="replace").strip()

    def _failure(self) -> FFmpegError:
        try:
            returncode = self._process.wait(KILL_WAIT_SECONDS)
        except subprocess.TimeoutExpired:
            self.kill()
            returncode = self._process.returncode
        return _ffmpeg_error(failed_command(self.command, returncode, self._messages()))


def _leave_encoders() -> None:
    """Let go of the pipes of all encoders in a process that was just forked.

    An encoder ends once nobody can write to its pipe, and a pool of processes that the user's
    function starts may live as long as this one. Something must take what is still in a buffer.
    """
    if encoders := list(_encoders):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        for encoder in encoders:
            encoder.redirect(nowhere)
        os.close(nowhere)


os.register_at_fork(after_in_child=_leave_encoders)
