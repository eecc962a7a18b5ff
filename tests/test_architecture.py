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
    ["inputs", "encode", "project", "render", "local", "pipeline", "cli"],
    [
        "atomic_files",
        "encode.seal",
        "frame_rate",
        "ffmpeg_options",
        "inputs.source_modules",
        "inputs.pickling",
        "inputs.frames",
        "settings",
        "inputs.animator",
    ],
    ["pipeline.launch", "pipeline.config", "pipeline.new_project", "local.fast_import"],
    [
        "encode.ffmpeg",
        "encode.encoders",
        "render.canvas",
        "render.isolation",
        "inputs.value_digest",
        "inputs.matplotlib_state",
        "inputs.targets",
        "inputs.opened_files",
    ],
    ["encode.packets", "encode.mp4", "encode.pvio", "encode.segment", "render.progress"],
    [
        *(
            "render.redraw",
            "render.redraw.raster",
            "render.redraw.text",
            "render.redraw.memo",
            "render.redraw.walk",
            "render.redraw.state",
        ),
        *(
            "render.redraw.order",
            "render.redraw.outlook",
            "render.redraw.layers",
            "render.redraw.replay",
            "render.redraw.canvas",
        ),
        *("render.redraw.proof", "render.redraw.selfcheck"),
    ],
    ["render.chunk"],
    [
        "project.plan",
        "project.job_records",
        "pipeline.batches",
        "pipeline.slurm",
        "project.chunk_files",
        "encode.concat",
        "render.preflight",
        "render.order_check",
        "render.job",
        "local.messages",
        "local.worker",
        "local.pool",
        "pipeline.batch_job",
    ],
    ["local.make_video", "pipeline.try_movie", "pipeline.plan_files", "pipeline.plan_movies"],
    [
        *(
            "funcanimation",
            "funcanimation.copied_classes",
            "funcanimation.pickled",
            "funcanimation.playback",
        ),
        *("funcanimation.frame_source", "funcanimation.animators", "funcanimation.trial"),
        *("funcanimation.in_order", "funcanimation.movie", "funcanimation.save"),
    ],
    [
        *("report", "report.status", "report.status_text", "report.failures"),
        *("report.player", "report.pictures", "report.page"),
    ],
    ["pipeline.preview_movie", "cli.doctor"],
    ["cli.commands", "cli.main"],
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
    parts = (path.parts for path in paths if "template" not in path.parts)
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
        if (module, other) in (
            ("inputs.animator", "local.make_video"),
            ("inputs.animator", "pipeline.preview_movie"),
        ):
            continue
        if package == "parallel_animate" and other:
            assert ORDER[other] < ORDER[module], f"{module} imports {other}"


def test_what_only_one_module_may_use() -> None:
    for module in modules():
        names = set(imports_of(path_of(module)))
        assert "matplotlib.pyplot" not in names
        assert not any(name.partition(".")[0] == "snakemake" for name in names)
        if module != "encode.ffmpeg":
            assert "subprocess" not in names, module
        # The one launcher: it becomes Snakemake's command, and so needs no subprocess.
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
