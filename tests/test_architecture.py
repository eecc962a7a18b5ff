"""The shape of the package: two users of subprocess, no work at import, a short root.

The rooms and the direction of imports are contracts of import-linter in pyproject.toml.
"""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import parallel_animate

SRC = Path(parallel_animate.__file__).parent
# encode.ffmpeg writes to a program while it runs; subprocesses runs all others to their end.
USERS_OF_SUBPROCESS = {"encode.ffmpeg", "subprocesses"}
# Public names whose modules are heavy: they are imported on first use.
IMPORTED_LATE = {
    *("Movie", "Overlay", "Timeline", "join_movies", "movie_grid", "movie_of", "save_animation"),
    "packaged_snakefile",
}
MOST_MODULES_IN_THE_ROOT = 12
MOST_LINES_OF_A_MODULE = 450
MOST_LINES_OF_A_FUNCTION = 60


def imports_of(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module


def modules() -> list[str]:
    paths = (path.relative_to(SRC).with_suffix("") for path in SRC.rglob("*.py"))
    # The template of a new project is not part of the package.
    parts = (path.parts for path in paths if "template" not in path.parts)
    names = (".".join(part).removesuffix(".__init__") for part in parts)
    return sorted(name for name in names if name != "__init__")


def path_of(module: str) -> Path:
    path = SRC.joinpath(*module.split("."))
    return path / "__init__.py" if path.is_dir() else path.with_suffix(".py")


def test_two_modules_use_subprocess_and_none_pyplot_or_snakemake() -> None:
    for module in modules():
        names = set(imports_of(path_of(module)))
        assert "matplotlib.pyplot" not in names
        assert not any(name.partition(".")[0] == "snakemake" for name in names)
        assert ("subprocess" in names) is (module in USERS_OF_SUBPROCESS), module
        # The only launcher: it becomes Snakemake's command, so it needs no subprocess.
        if module != "pipeline.launch":
            assert "os.exec" not in (path_of(module)).read_text(), module


@pytest.mark.parametrize(
    ("statement", "absent"),
    [
        ("import parallel_animate", ["matplotlib", "numpy", "loky", "tqdm"]),
        (
            "import parallel_animate.project.plan, parallel_animate.pipeline.config, "
            "parallel_animate.report.status",
            ["matplotlib", "numpy", "loky"],
        ),
        ("import parallel_animate.local.make_video", ["matplotlib.pyplot", "snakemake"]),
        ("import parallel_animate.studio.server", ["matplotlib", "numpy", "loky"]),
    ],
)
def test_imports_are_light(statement: str, absent: list[str]) -> None:
    code = f"{statement}; import sys; print([m for m in {absent} if m in sys.modules])"
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert result.stdout.strip() == "[]"


def test_the_public_names_are_these() -> None:
    public = {name for name in vars(parallel_animate) if not name.startswith("_")}
    rooms = {name.partition(".")[0] for name in modules()}
    modules_and_names = public - rooms
    assert modules_and_names == set(parallel_animate.__all__) - {"__version__", *IMPORTED_LATE}
    assert all(callable(getattr(parallel_animate, name)) for name in IMPORTED_LATE)
    assert (SRC / "py.typed").is_file()


def test_files_and_functions_stay_short() -> None:
    assert len(list(SRC.glob("*.py"))) <= MOST_MODULES_IN_THE_ROOT
    for module in modules():
        text = path_of(module).read_text()
        assert text.count("\n") <= MOST_LINES_OF_A_MODULE, module
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef):
                is_documented = ast.get_docstring(node) is not None
                body = node.body[1:] if is_documented else node.body
                n_lines = body[-1].end_lineno - body[0].lineno + 1 if body else 0
                assert n_lines <= MOST_LINES_OF_A_FUNCTION, f"{module}: {node.name}"
