"""Small animations with matplotlib's artists and users' habits; README.md explains the split.

Importing this package imports every theme, which fills `CASES`.
"""

from importlib import import_module
from pathlib import Path

from corpus.registry import CASES, Case, is_held_out

__all__ = ["CASES", "DEVELOPMENT", "HELD_OUT", "Case"]

for path in sorted(Path(__file__).parent.glob("*.py")):
    if path.stem not in ("__init__", "registry"):
        import_module(f"corpus.{path.stem}")

# Case names, in the order of the themes. Run the held-out ones only when the code is final.
DEVELOPMENT = tuple(name for name in CASES if not is_held_out(name))
HELD_OUT = tuple(name for name in CASES if is_held_out(name))
