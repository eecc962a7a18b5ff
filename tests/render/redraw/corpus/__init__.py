"""Small animations over matplotlib's artists and habits; README.md says why and how they are split.

Importing this package imports every theme, and so fills `CASES`.
"""

from importlib import import_module
from pathlib import Path

from corpus.registry import CASES, Case, is_held_out

__all__ = ["CASES", "DEVELOPMENT", "HELD_OUT", "Case"]

for path in sorted(Path(__file__).parent.glob("*.py")):
    if path.stem not in ("__init__", "registry"):
        import_module(f"corpus.{path.stem}")

# Names, in the order of the themes. The second part is run only when nothing is to be changed any
# more.
DEVELOPMENT = tuple(name for name in CASES if not is_held_out(name))
HELD_OUT = tuple(name for name in CASES if is_held_out(name))
