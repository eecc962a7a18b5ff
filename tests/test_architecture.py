"""The shape of the package: imports go down, one user of subprocess, no work at import."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import parallel_animate

SRC = Path(parallel_animate.__file__).parent
# Higher layers import lower ones only; modules of one layer may import those before them in a row.
LAYERS = [
    ["errors"],
    ["files", "seal", "rates", "extras", "sources", "pickling", "frames", "settings", "animator"],
    ["launch", "config", "starter", "quick"],
    ["ffmpeg", "encoders", "canvas", "figures", "digest", "environment", "loading", "opened"],
    ["probe", "mp4", "pvio_backend", "segment", "progress"],
    [
        *("redraw", "redraw.raster", "redraw.text", "redraw.memo", "redraw.walk", "redraw.state"),
        *("redraw.order", "redraw.outlook", "redraw.layers", "redraw.replay", "redraw.canvas"),
        *("redraw.proof", "redraw.selfcheck"),
    ],
    ["render"],
    [
        "plan",
        "records",
        "batches",
        "slurm",
        "store",
        "concat",
        "preflight",
        "frame_order",
        "jobs",
        "mailbox",
        "worker",
        "pool",
        "batch_jobs",
    ],
    ["video", "movie_trial", "plan_files", "planning"],
    [
        *("animations", "animations.copied_classes", "animations.pickled", "animations.playback"),
        *("animations.frame_source", "animations.animators", "animations.trial"),
        *("animations.in_order", "animations.movie", "animations.save"),
    ],
    [
        *("report", "report.status", "report.status_text", "report.failures"),
        *("report.player", "report.pictures", "report.page"),
    ],
    ["preview", "doctor"],
    ["commands", "cli"],
    ["__main__"],
]
ORDER = {name: place for place, name in enumerate(n for layer in LAYERS for n in layer)}


def imports_of(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module


def modules() -> list[str]:
    paths = (path.relative_to(SRC).with_suffix("") for path in SRC.rglob("*.py"))
    # The template of a new project is no part of the package.
    parts = (path.parts for path in paths if path.parts[0] != "template")
    names = (".".join(part).removesuffix(".__init__") for part in parts)
    return sorted(name for name in names if name != "__init__")


def path_of(module: str) -> Path:
    path = SRC.joinpath(*module.split("."))
    return path / "__init__.py" if path.is_dir() else path.with_suffix(".py")


def test_every_module_has_a_layer() -> None:
    assert modules() == sorted(ORDER)


@pytest.mark.parametrize("module", modules())
def test_imports_go_down(module: str) -> None:
    for name in imports_of(path_of(module)):
        package, _, other = name.partition(".")
        # The delegates upwards: make_video and preview, imported when they are called.
        if (module, other) in (("animator", "video"), ("animator", "preview")):
            continue
        if package == "parallel_animate" and other:
            assert ORDER[other] < ORDER[module], f"{module} imports {other}"


def test_what_only_one_module_may_use() -> None:
    for module in modules():
        names = set(imports_of(path_of(module)))
        assert "matplotlib.pyplot" not in names
        assert not any(name.partition(".")[0] == "snakemake" for name in names)
        if module != "ffmpeg":
            assert "subprocess" not in names, module
        # The one launcher: it becomes Snakemake's command, and so needs no subprocess.
        if module != "launch":
            assert "os.exec" not in (path_of(module)).read_text(), module


@pytest.mark.parametrize(
    ("statement", "absent"),
    [
        ("import parallel_animate", ["matplotlib", "numpy", "loky", "tqdm"]),
        (
            "import parallel_animate.plan, parallel_animate.config, parallel_animate.report.status",
            ["matplotlib", "numpy", "loky"],
        ),
        ("import parallel_animate.video", ["matplotlib.pyplot", "snakemake"]),
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
    modules_and_names = public - {name for name in modules() if name in public}
    assert modules_and_names == set(parallel_animate.__all__) - {"__version__", "save_animation"}
    assert callable(parallel_animate.save_animation), "imported when it is asked for"
    assert (SRC / "py.typed").is_file()
