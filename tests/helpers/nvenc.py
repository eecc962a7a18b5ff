"""A fake ffmpeg: asked for NVENC, it encodes with libx264 if a test's condition allows it.

Not a test file: tests import it.
"""

from pathlib import Path

from parallel_animate.encode.ffmpeg import candidates

SCRIPT = """\
#!/bin/bash
case "$*" in *h264_nvenc*) ;; *) exec {real} "$@" ;; esac
words=()
for word in "$@"; do last=$word; done
{condition}
while [ $# -gt 0 ]; do
    case "$1" in
        h264_nvenc) words+=(libx264 -x264-params stitchable=1) ;;
        -rc | -preset | -strict_gop) shift ;;
        *) words+=("$1") ;;
    esac
    shift
done
{real} "${{words[@]}}"
"""


def write_ffmpeg(folder: Path, condition: str) -> Path:
    """Write the program; the condition is shell code that runs before NVENC is used."""
    program = folder / "ffmpeg"
    program.write_text(SCRIPT.format(real=candidates()[0], condition=condition))
    program.chmod(0o755)
    return program
