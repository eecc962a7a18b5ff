"""Import the user's modules from their source, never from Python's compiled copies of it."""

import importlib.abc
import sys
from collections.abc import Sequence
from importlib.machinery import ModuleSpec, PathFinder
from types import ModuleType

from parallel_animate.inputs.source_modules import load_from_source


class SourceOnlyFinder(importlib.abc.MetaPathFinder):
    """An import hook that finds the user's modules as Python does, and loads their source."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Return the spec of a user's module, or None for other modules."""
        spec = PathFinder.find_spec(fullname, path, target)
        return spec if spec is not None and load_from_source(spec) else None


def load_source_only() -> None:
    """Load the user's modules from their source from now on in this process."""
    if not any(isinstance(finder, SourceOnlyFinder) for finder in sys.meta_path):
        # Other finders, such as those of editable installations, stay in front.
        places = [number for number, finder in enumerate(sys.meta_path) if finder is PathFinder]
        sys.meta_path.insert(places[0] if places else len(sys.meta_path), SourceOnlyFinder())
