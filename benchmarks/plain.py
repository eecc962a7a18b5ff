"""Compare save_animation with matplotlib's own save() on animations as people write them.

Both write H.264 at their defaults, each in a fresh process, in turn.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from plain_animations import PLAIN_ANIMATIONS
from processes import log, run
from records import describe_machine, format_table, save, spread

HERE = Path(__file__).resolve().parent
WAYS = {"ours": "save_animation", "matplotlib": "Animation.save"}
CODE = """
import sys
import imageio_ffmpeg
import matplotlib as mpl

mpl.use("agg")
mpl.rcParams["animation.ffmpeg_path"] = imageio_ffmpeg.get_ffmpeg_exe()
from parallel_animate import save_animation

folder, way, name, n_frames, n_workers, movie = sys.argv[1:]
sys.path.insert(0, folder)
from plain_animations import PLAIN_ANIMATIONS

animation = PLAIN_ANIMATIONS[name].make(int(n_frames))
if way == "ours":
    save_animation(animation, movie, num_workers=int(n_workers), video_mode="cpu")
else:
    animation.save(movie, writer="ffmpeg")
"""


@dataclass(frozen=True)
class Saving:
    """One movie, made in a fresh process.

    Attributes
    ----------
    turn
        Counts the rounds.
    animation
        Key of `PLAIN_ANIMATIONS`.
    way
        Key of `WAYS`.
    n_frames, workers
        What ran; only save_animation has workers.
    seconds, cpu_seconds
        Wall-clock time; user and system time of all processes. Both include the start of Python.
    """

    turn: int
    animation: str
    way: str
    n_frames: int
    workers: int
    seconds: float
    cpu_seconds: float


def measure(
    names: Sequence[str], n_frames: int | None, repeats: int, workers: int
) -> Iterator[Saving]:
    """Make all movies in both ways, in turns, and yield each measurement as it is made."""
    for name in names:
        count = n_frames or PLAIN_ANIMATIONS[name].n_frames
        for turn in range(1, repeats + 1):
            for way in WAYS:
                with tempfile.TemporaryDirectory() as folder:
                    movie = str(Path(folder, "movie.mp4"))
                    command = [sys.executable, "-c", CODE, str(HERE), way, name, str(count)]
                    cost = run(f"{name} with {WAYS[way]}", [*command, str(workers), movie])
                log(f"{name}, turn {turn}, {WAYS[way]}: {cost.cpu_seconds:.1f} CPU s")
                yield Saving(turn, name, way, count, workers, cost.seconds, cost.cpu_seconds)


def pairs(savings: Sequence[Saving]) -> Iterator[tuple[str, list[tuple[Saving, Saving]]]]:
    """Yield each animation's name, and ours and matplotlib's movie of each turn."""
    for name in dict.fromkeys(saving.animation for saving in savings):
        ours, theirs = (
            [saving for saving in savings if (saving.animation, saving.way) == (name, way)]
            for way in WAYS
        )
        yield name, list(zip(ours, theirs, strict=True))


def time_ratios(savings: Sequence[Saving]) -> Iterator[tuple[str, str]]:
    """Yield what was saved, in words, and how much longer matplotlib took."""
    for name, of_turns in pairs(savings):
        what = f"{PLAIN_ANIMATIONS[name].title}, {of_turns[0][0].n_frames} frames"
        ratios = [theirs.seconds / ours.seconds for ours, theirs in of_turns]
        yield f"{what}, against {WAYS['matplotlib']}", spread(ratios, 2, "x")


def report(savings: Sequence[Saving]) -> str:
    """Return a Markdown table: how much longer matplotlib takes, within each turn."""
    rows: list[Sequence[str]] = [
        ("animation", "frames", WAYS["ours"], WAYS["matplotlib"], "time ratio", "CPU ratio")
    ]
    for name, of_turns in pairs(savings):
        rows.append(
            (
                PLAIN_ANIMATIONS[name].title,
                str(of_turns[0][0].n_frames),
                spread([ours.seconds for ours, _ in of_turns], 1, " s"),
                spread([theirs.seconds for _, theirs in of_turns], 1, " s"),
                spread([b.seconds / a.seconds for a, b in of_turns], 2, "x"),
                spread([b.cpu_seconds / a.cpu_seconds for a, b in of_turns], 2, "x"),
            )
        )
    return format_table(rows)


def main(argv: Sequence[str] | None = None) -> None:
    """Measure what the command line names, and print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.ArgumentDefaultsHelpFormatter
    )
    add = parser.add_argument
    names = list(PLAIN_ANIMATIONS)
    add("--animations", nargs="+", choices=names, default=names, help="what to draw")
    add("--frames", type=int, help="frames of each movie (default: by animation)")
    add("--repeats", type=int, default=3, help="turns of each way")
    add("--workers", type=int, default=2, help="worker processes of save_animation")
    add("--csv", type=Path, help="also write every measurement to this file")
    args = parser.parse_args(argv)
    machine = describe_machine()
    savings = list(measure(args.animations, args.frames, args.repeats, args.workers))
    if args.csv:
        save(args.csv, savings, machine)
    print(report(savings))


if __name__ == "__main__":
    main()
