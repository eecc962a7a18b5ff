"""Animators and params for another process: as pickle bytes, or as copies of their source."""

import importlib
import importlib.util
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any

from parallel_animate.inputs.animator import AnimatorBase
from parallel_animate.inputs.frames import LazyParams
from parallel_animate.inputs.neighbours import prefer, preferred_neighbours
from parallel_animate.inputs.pickling import dump_animator, load
from parallel_animate.inputs.source_modules import (
    SnapshotFinder,
    SourceModule,
    collect_sources,
    module_file,
)
from parallel_animate.inputs.targets import (
    check_animator_class,
    instantiate,
    load_module,
    load_object,
    split_target,
)


@dataclass(frozen=True)
class PickledAnimator:
    """An animator object as pickle bytes, for another process.

    Parameters
    ----------
    data : bytes
        Pickle bytes.
    neighbours : mapping
        Modules that the user's code imports in place of installed ones, and their folders.
    """

    data: bytes
    neighbours: Mapping[str, Path] = field(default_factory=dict)

    @classmethod
    def of(cls, animator: AnimatorBase) -> "PickledAnimator":
        """Pickle an animator; AnimatorLoadError names the attribute that cannot be pickled."""
        return cls(dump_animator(animator), preferred_neighbours())

    def build(self) -> AnimatorBase:
        """Return the animator."""
        prefer(self.neighbours)
        animator: AnimatorBase = load(self.data)
        return animator


@dataclass(frozen=True)
class SourceAnimator:
    """An animator that another process builds from copies of its source.

    Parameters
    ----------
    module : str
        Name of the module that holds the class.
    name : str
        Name of the class.
    kwargs : mapping
        Keyword arguments for the class.
    sources : tuple of SourceModule
        Copies of the module, if it is local, and of the local modules that it imports.
    """

    module: str
    name: str
    kwargs: Mapping[str, Any] = field(default_factory=dict)
    sources: tuple[SourceModule, ...] = ()

    @classmethod
    def of(cls, target: str, kwargs: Mapping[str, Any]) -> "SourceAnimator":
        """Load a class by its target and copy its sources.

        Raises
        ------
        AnimatorLoadError
            If the target cannot be loaded or is not a subclass of Animator.
        """
        module_name, name = split_target(target)
        module = load_module(module_name)
        check_animator_class(load_object(target), target)
        return cls(module.__name__, name, dict(kwargs), local_sources(module))

    def build_here(self) -> AnimatorBase:
        """Return the animator; use it in the process that loaded the class."""
        return instantiate(getattr(sys.modules[self.module], self.name), self.kwargs)

    def build(self) -> AnimatorBase:
        """Import the copies and return the animator."""
        SnapshotFinder(self.sources).install()
        animator_class = getattr(importlib.import_module(self.module), self.name)
        return instantiate(animator_class, self.kwargs)


@dataclass(frozen=True)
class SourceParams:
    """Params that another process reads, from copies of their provider's source.

    Parameters
    ----------
    module : str
        Name of the module.
    name : str
        Name of the object in it: the params, or a function that returns them.
    sources : tuple of SourceModule
        Copies of the module, if it is local, and of the local modules that it imports.
    """

    module: str
    name: str
    sources: tuple[SourceModule, ...] = ()

    @classmethod
    def of(cls, target: str) -> "SourceParams":
        """Copy the sources of a target, which `load_params` has loaded before."""
        module_name, name = split_target(target)
        module = load_module(module_name)
        return cls(module.__name__, name, local_sources(module))

    def build(self) -> LazyParams:
        """Import the copies and return the params."""
        SnapshotFinder(self.sources).install()
        provider = getattr(importlib.import_module(self.module), self.name)
        return LazyParams(provider() if callable(provider) else provider)


def local_sources(module: ModuleType) -> tuple[SourceModule, ...]:
    """Return copies of a module, if it is local, and of the local modules that it imports."""
    path = module_file(module)
    return tuple(collect_sources(module.__name__, path, sys.path)) if path else ()
