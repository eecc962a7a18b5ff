"""Import the user's modules from their source, never from Python's compiled copies of it.

Python takes a compiled copy for current if the source has the same size and the same time, in
seconds. An edit within a second, or a file that gets its old time back, would not be seen.
"""

import importlib.abc
import sys
from collections.abc import Sequence
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from types import ModuleType
from typing import Any

from parallel_animate.inputs.source_modules import is_local


class SourceOnlyLoader(SourceFileLoader):
    """A loader that neither reads nor writes compiled copies."""

    def path_stats(self, path: Any) -> Any:
        """Raise OSError, which Python's loader treats as a file without a compiled copy."""
        raise OSError(f"{path} is loaded from its source")


class SourceOnlyFinder(importlib.abc.MetaPathFinder):
    """An import hook that finds the user's modules as Python does, and loads their source."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Return the spec of a user's module, or None for other modules."""
        spec = PathFinder.find_spec(fullname, path, target)
        if spec is None or type(spec.loader) is not SourceFileLoader or not is_local(spec.origin):
            return None
        spec.loader = SourceOnlyLoader(spec.loader.name, spec.loader.path)
        return spec


def load_source_only() -> None:
    """Load the user's modules from their source from now on in this process."""
    if not any(isinstance(finder, SourceOnlyFinder) for finder in sys.meta_path):
        # Other finders, such as those of editable installations, stay in front.
        places = [number for number, finder in enumerate(sys.meta_path) if finder is PathFinder]
        sys.meta_path.insert(places[0] if places else len(sys.meta_path), SourceOnlyFinder())
