"""Local source modules: which ones a file imports, which parts matter, and how to run a copy.

A module is local if it belongs neither to the standard library nor to an installed package. This
module knows only Python source files.
"""

import ast
import functools
import hashlib
import importlib.abc
import importlib.util
import io
import linecache
import site
import sys
import sysconfig
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any


@dataclass(frozen=True)
class SourceModule:
    """A copy of a local module.

    Parameters
    ----------
    name : str
        The module's name, as it is imported.
    path : str
        The original file.
    text : str
        The source code.
    is_package : bool
        True for an ``__init__.py``.
    """

    name: str
    path: str
    text: str
    is_package: bool = False

    def digest(self) -> str:
        """Return the SHA-256 of the code without comments, docstrings and layout."""
        return hashlib.sha256(canonical_tree(parse_source(self.text)).encode()).hexdigest()


def canonical_tree(node: object) -> str:
    """Return a syntax tree as text, without comments, docstrings and positions.

    ``ast.dump()`` is not used, since its form changes between versions of Python.
    """
    if isinstance(node, ast.AST):
        fields = {name: value for name, value in ast.iter_fields(node) if value not in (None, [])}
        fields.pop("type_comment", None)
        inside = ",".join(f"{name}={canonical_tree(value)}" for name, value in fields.items())
        return f"{type(node).__name__}({inside})"
    if isinstance(node, list):
        # A string on its own line does nothing, wherever it is.
        return f"[{','.join(canonical_tree(item) for item in node if not _is_text(item))}]"
    return repr(node)


def _is_text(node: object) -> bool:
    return (
        isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    )


@functools.cache
def installed_roots() -> tuple[Path, ...]:
    """Return the folders of the standard library and of installed packages."""
    paths = [*sysconfig.get_paths().values(), *site.getsitepackages(), site.getusersitepackages()]
    own = Path(__file__).parent.parent
    # Neither "scripts" (programs) nor "data" (everything under a prefix) is a folder of packages.
    skip = {sysconfig.get_path("scripts"), sysconfig.get_path("data")}
    return (*(Path(path).resolve() for path in paths if path not in skip), own)


@functools.cache
def is_local(path: str | Path | None) -> bool:
    """Return whether a file is the user's own code."""
    if path is None:
        return False
    file = Path(path)
    if file.is_symlink():
        file = file.resolve()
    return file.suffix == ".py" and not _is_installed(file.parent) and file.is_file()


@functools.cache
def _is_installed(folder: Path) -> bool:
    # By folder, since resolving each of a thousand modules takes 40 ms.
    resolved = folder.resolve()
    inside = any(resolved.is_relative_to(root) for root in installed_roots())
    return inside or bool({"site-packages", "dist-packages"} & set(resolved.parts))


# Finds a module that is no part of a package, given its name and folders such as sys.path.
Finder = Callable[[str, Sequence[str]], ModuleSpec | None]


def find_as_imported(name: str, search_path: Sequence[str]) -> ModuleSpec | None:
    """Return the spec of the module that an import gives in this process."""
    if loaded := _loaded_spec(name):
        return loaded
    for finder in sys.meta_path:
        if isinstance(finder, NeighbourFinder) and (spec := finder.find_spec(name)):
            return spec
    return PathFinder.find_spec(name, list(search_path))


def collect_sources(
    name: str, path: Path, search_path: Sequence[str], find: Finder = find_as_imported
) -> list[SourceModule]:
    """Return a module and the local modules that it imports, directly or not, in a fixed order.

    Imports are found by reading the code: those inside functions count, and imports by a computed
    name are missed.

    Parameters
    ----------
    name : str
        The module's name.
    path : Path
        The module's file.
    search_path : sequence of str
        Folders to search for imports, as in ``sys.path``.
    find : callable
        Finds a module in these folders.
    """
    found: dict[str, SourceModule] = {}
    waiting = [(name, path)]
    while waiting:
        module_name, module_path = waiting.pop()
        if module_name in found:
            continue
        text = _read_source(module_path)
        is_package = module_path.name == "__init__.py"
        found[module_name] = SourceModule(module_name, str(module_path), text, is_package)
        tree = [parse_source(text)]
        waiting.extend(local_imports(tree, module_name, is_package, search_path, find))
    return sorted(found.values(), key=lambda module: module.name)


def local_imports(
    nodes: Iterable[ast.AST],
    module: str,
    is_package: bool,
    search_path: Sequence[str],
    find: Finder = find_as_imported,
) -> list[tuple[str, Path]]:
    """Return name and file of each local module that some code imports, also within functions."""
    return [
        found
        for node in nodes
        for imported in _imported_names(node, module, is_package)
        for found in _local_files(imported, search_path, find)
    ]


@functools.lru_cache(maxsize=512)
def parse_source(text: str | bytes) -> ast.Module:
    """Return the syntax tree of a module; of one that cannot be parsed, its text as a constant.

    It may be half written, or in another version of Python and never imported.
    """
    try:
        return ast.parse(text)
    except (SyntaxError, ValueError):
        content = text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass")
        digest = hashlib.sha256(content).hexdigest()
        # Not text that stands alone, which would not count.
        return ast.parse(f"source = {digest!r}")


def _read_source(path: Path) -> str:
    try:
        return importlib.util.decode_source(path.read_bytes())
    except (SyntaxError, UnicodeDecodeError):
        return path.read_bytes().decode("latin-1")


def _imported_names(tree: ast.AST, module: str, is_package: bool) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                parts = module.split(".") if is_package else module.split(".")[:-1]
                parents = parts[: len(parts) - (node.level - 1)]
                base = ".".join([*parents, base]).strip(".")
            if base:
                yield base
                yield from (f"{base}.{alias.name}" for alias in node.names if alias.name != "*")


def _local_files(name: str, search_path: Sequence[str], find: Finder) -> Iterator[tuple[str, Path]]:
    """Yield the local files of a dotted name: the packages that contain it, and the module."""
    parts = name.split(".")
    folders: Sequence[str] = search_path
    for depth in range(1, len(parts) + 1):
        prefix = ".".join(parts[:depth])
        if depth == 1:
            spec = find(prefix, folders)
        else:
            spec = PathFinder.find_spec(prefix, list(folders)) or _loaded_spec(prefix)
        if spec is None or (spec.origin is None and not spec.submodule_search_locations):
            return
        if is_local(spec.origin):
            yield prefix, Path(str(spec.origin))
        if not spec.submodule_search_locations:
            return
        folders = list(spec.submodule_search_locations)


def _loaded_spec(name: str) -> ModuleSpec | None:
    # An editable installation may use its own finder.
    return getattr(sys.modules.get(name), "__spec__", None)


class SourceOnlyLoader(SourceFileLoader):
    """A loader that neither reads nor writes compiled copies.

    Python takes a compiled copy for current if the source has the same size and the same time, in
    seconds. An edit within a second, or a file that gets its old time back, would not be seen.
    """

    def path_stats(self, path: Any) -> Any:
        """Raise OSError, which Python's loader treats as a file without a compiled copy."""
        raise OSError(f"{path} is loaded from its source")


def load_from_source(spec: ModuleSpec) -> bool:
    """Let a module of the user be loaded by `SourceOnlyLoader`; return False for others."""
    if type(spec.loader) is not SourceFileLoader or not is_local(spec.origin):
        return False
    spec.loader = SourceOnlyLoader(spec.loader.name, spec.loader.path)
    return True


class NeighbourFinder(importlib.abc.MetaPathFinder):
    """An import hook for modules that lie beside the user's file.

    Parameters
    ----------
    modules : mapping
        Name of each module -> the folder that holds it.
    """

    def __init__(self, modules: Mapping[str, Path]) -> None:
        self.modules = modules

    def find_spec(
        self, fullname: str, path: object = None, target: object = None
    ) -> ModuleSpec | None:
        """Return the spec of one of the modules, or None for other modules."""
        if (folder := self.modules.get(fullname)) is None:
            return None
        spec = PathFinder.find_spec(fullname, [str(folder)])
        if spec is not None:
            load_from_source(spec)
        return spec


class SnapshotFinder(importlib.abc.MetaPathFinder, importlib.abc.InspectLoader):
    """An import hook for copies of modules, under their original names and files.

    Parameters
    ----------
    modules : sequence of SourceModule
        The copies.
    """

    def __init__(self, modules: Sequence[SourceModule]) -> None:
        self._modules = {module.name: module for module in modules}

    def find_spec(
        self, fullname: str, path: object = None, target: object = None
    ) -> ModuleSpec | None:
        """Return the spec of a copied module, or None for other modules."""
        module = self._modules.get(fullname)
        if module is None:
            if not any(name.startswith(f"{fullname}.") for name in self._modules):
                return None
            # A folder without __init__.py has no code, only modules.
            namespace = ModuleSpec(fullname, None, is_package=True)
            namespace.submodule_search_locations = []
            return namespace
        spec = ModuleSpec(fullname, self, origin=module.path, is_package=module.is_package)
        spec.has_location = True
        if module.is_package:
            spec.submodule_search_locations = [str(Path(module.path).parent)]
        return spec

    def is_package(self, fullname: str) -> bool:
        """Return whether the copied module is a package."""
        return self._modules[fullname].is_package

    def get_source(self, fullname: str) -> str:
        """Return the copied source."""
        return self._modules[fullname].text

    def get_code(self, fullname: str) -> CodeType:
        """Compile the copy under the name of its original file."""
        module = self._modules[fullname]
        return compile(module.text, module.path, "exec", dont_inherit=True)

    def install(self) -> None:
        """Make imports in this process find the copies first, and tracebacks show their lines."""
        for name in self._modules:
            give_way(name)
        sys.meta_path.insert(0, self)
        for module in self._modules.values():
            _show_lines_of(module.path, module.text)


def give_way(name: str) -> None:
    """Let the next import of a name give another module than the installed one that is loaded."""
    if is_installed(sys.modules.get(name)):
        del sys.modules[name]


def is_installed(module: ModuleType | ModuleSpec | None) -> bool:
    """Return whether a module belongs to the standard library or to an installed package."""
    path = module.origin if isinstance(module, ModuleSpec) else getattr(module, "__file__", None)
    return path is not None and Path(path).is_absolute() and _is_installed(Path(path).parent)


def source_text(file_name: str) -> str | None:
    """Return the source text of a file of user code; None if it is installed or unknown.

    Parameters
    ----------
    file_name : str
        The file name in a code object, which may be the name of a notebook cell.
    """
    if _is_installed(Path(file_name).parent):
        return None
    linecache.checkcache(file_name)
    return "".join(linecache.getlines(file_name)) or None


def remember_source(file_name: str, text: str) -> None:
    """Make tracebacks in this process show these lines, unless it already has the file's lines."""
    if file_name not in linecache.cache:
        _show_lines_of(file_name, text)


def _show_lines_of(file_name: str, text: str) -> None:
    # Not splitlines(): Python does not treat a form feed as the end of a line.
    lines = io.StringIO(text).readlines()
    # Without an mtime, linecache ignores later changes of the file.
    linecache.cache[file_name] = (len(text), None, lines, file_name)


def module_file(module: ModuleType) -> Path | None:
    """Return the file of a module, or None if the module is not local."""
    path = getattr(module, "__file__", None)
    return Path(path) if path is not None and is_local(path) else None
