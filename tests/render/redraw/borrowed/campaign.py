"""Compare every frame of the figures of matplotlib's own tests, drawn less and in full.

    python tests/render/redraw/borrowed/campaign.py --seed 1
    python tests/render/redraw/borrowed/campaign.py --seed 2 test_axes test_text

Prints a table. For each module it counts the figures compared, the frames replayed, the figures
left out (they cannot be drawn, or no two plain draws of them are equal), and those that differ. The
exit status is 1 if any figure differs.
"""

import argparse
import os
import signal
import sys
import tempfile
from pathlib import Path
from types import FrameType

import matplotlib as mpl
from tqdm import tqdm

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from borrowed.compare import Comparison, compare
from borrowed.figures import module_paths, sources_in

# Seconds after which a figure is left out.
LIMIT = 120


class OutOfTime(BaseException):
    """Not an Exception: exceptions of tests and changes are ignored."""


def give_up(number: int, frame: FrameType | None) -> None:
    raise OutOfTime


def compare_module(path: Path, seed: int) -> Comparison:
    result = Comparison()
    for source in tqdm(sources_in(path), desc=path.stem, leave=False, disable=None):
        signal.alarm(LIMIT)
        try:
            result.add(compare(source, seed))
        except OutOfTime:
            result.left_out += 1
        finally:
            signal.alarm(0)
    return result


def row(name: str, result: Comparison) -> str:
    counts = (result.figures, result.replayed, result.left_out, len(result.different))
    return f"| {name} | {' | '.join(map(str, counts))} |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--seed", type=int, default=1, help="of the changes (default: 1)")
    parser.add_argument("modules", nargs="*", metavar="MODULE", help="default: all there are")
    options = parser.parse_args()
    paths = module_paths()
    mpl.use("agg")
    signal.signal(signal.SIGALRM, give_up)
    total = Comparison()
    print(f"matplotlib {mpl.__version__}, seed {options.seed}\n")
    print("| module | figures | replayed frames | left out | different |\n|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as scratch:
        os.chdir(scratch)
        for name in options.modules or paths:
            result = compare_module(paths[name], options.seed)
            total.add(result)
            print(row(name, result), *result.different, sep="\n", flush=True)
        os.chdir("/")
    print(row("**all**", total))
    sys.exit(bool(total.different))


if __name__ == "__main__":
    main()
