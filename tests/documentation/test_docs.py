"""The docs agree with the code, and every page is in the navigation."""

import ast
import importlib.util
import re
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import av
import numpy as np
import pytest
import yaml
from extract_example import python_blocks
from PIL import Image
from project import ROOT

from parallel_animate.pipeline.schema import MOVIE_SCHEMA

DOCS = ROOT / "docs"
EXAMPLES = list((ROOT / "examples").glob("*.py"))


def script(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"docs_{name}", DOCS / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("name", ["cli.md", "config.md"])
def test_the_reference_matches_the_code(name: str) -> None:
    made = script("generate").pages()[name]
    assert (DOCS / "reference" / name).read_text() == made, "make reference"


def test_the_reference_names_every_command_and_every_key() -> None:
    cli = (DOCS / "reference/cli.md").read_text()
    config = (DOCS / "reference/config.md").read_text()
    for command in ("init", "preview", "run", "status", "doctor", "render", "plan", "clean"):
        assert f"\n## {command}\n" in cli
    assert all(f"| `{key}` |" in config for key in MOVIE_SCHEMA)


def pages_in(nav: object) -> set[str]:
    if isinstance(nav, str):
        return {nav}
    items = nav.values() if isinstance(nav, dict) else nav
    assert isinstance(items, list | type({}.values()))
    return set().union(*map(pages_in, items))


def test_every_page_is_in_the_navigation() -> None:
    config = yaml.safe_load((ROOT / "mkdocs.yml").read_text())
    assert pages_in(config["nav"]) == {str(p.relative_to(DOCS)) for p in DOCS.rglob("*.md")}


def test_every_picture_is_shown_and_small() -> None:
    text = "\n".join(page.read_text() for page in [*DOCS.rglob("*.md"), ROOT / "README.md"])
    pictures = list((DOCS / "images").iterdir())
    for picture in pictures:
        assert f"images/{picture.name}" in text
        # The README's picture has a limit of its own.
        assert picture.stat().st_size < 150_000 or picture.name == "readme.webp"
    assert sum(picture.stat().st_size for picture in pictures) < 3_000_000


def test_each_loop_is_a_small_movie_with_words_and_its_code() -> None:
    loop = re.compile(
        r"\[!\[(.+)\]\(images/(\w+)\.png\)\{([^}]*)\}\]\(images/(\w+)\.mp4\)\{\.loop\}"
    )
    for page in ("index.md", "gallery.md"):
        text = (DOCS / page).read_text()
        loops = loop.findall(text)
        assert len(loops) == text.count("{.loop}") == (1 if page == "index.md" else 13)
        assert text.rstrip().endswith('--8<-- "docs/loops.html"')
        for words, picture, attributes, movie in loops:
            assert len(words) > 15
            assert picture == movie
            with Image.open(DOCS / f"images/{picture}.png") as image:
                width, height = image.size
            assert attributes.endswith(f"width={width} height={height}")
            with av.open(str(DOCS / f"images/{movie}.mp4")) as file:
                (video,) = file.streams
                assert video.frames > 30
                assert video.width / video.height == pytest.approx(width / height, rel=0.01)


def test_the_code_of_the_landing_page_is_that_of_the_readme() -> None:
    """The README's runs in other tests. Comments are shorter beside the movie."""
    landing, readme = (python_blocks(page)[0] for page in (DOCS / "index.md", ROOT / "README.md"))
    assert ast.dump(ast.parse(landing)) == ast.dump(ast.parse(readme))


def test_the_gallery_shows_the_update_of_each_example() -> None:
    shown = re.findall(
        r'--8<-- "(examples/\w+\.py):(\d+):(\d+)"', (DOCS / "gallery.md").read_text()
    )
    assert {name for name, _, _ in shown} == {f"examples/{p.name}" for p in EXAMPLES}
    for name, first, last in shown:
        functions = ast.walk(ast.parse((ROOT / name).read_text()))
        (update,) = (f for f in functions if isinstance(f, ast.FunctionDef) and f.name == "update")
        assert (update.lineno, update.end_lineno) == (int(first), int(last)), f"lines of {name}"


def test_the_docs_load_nothing_from_other_servers() -> None:
    """Fonts, scripts and pictures are local, so the docs can be read without a network."""
    config = yaml.safe_load((ROOT / "mkdocs.yml").read_text())
    assert config["theme"]["font"] is False
    assert not {"extra_javascript", "extra_css"} & set(config)
    for page in DOCS.rglob("*.md"):
        assert not re.search(r"!\[[^]]*\]\(https?:", page.read_text()), page


def test_every_example_has_a_picture_in_the_gallery() -> None:
    gallery = (DOCS / "gallery.md").read_text()
    for example in (ROOT / "examples").glob("*.py"):
        assert f"examples/{example.name}" in gallery
        assert Path(DOCS, "images", f"{example.stem}.png").is_file()


def test_make_lint_finds_every_phrase_to_avoid(tmp_path: Path) -> None:
    """A phrase of several words must be in both files of the prose check to be found."""
    pytest.importorskip("codespell_lib", reason="the tools of make lint are not installed")
    lines = (ROOT / ".ci/prose.txt").read_text().splitlines()
    phrases = [line.partition("->")[0] for line in lines]
    (tmp_path / "page.md").write_text("".join(f"It {phrase} is.\n" for phrase in phrases))
    command = [sys.executable, "-m", "codespell_lib", "--config", ".ci/prose.cfg", str(tmp_path)]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    found = [line.partition(".md:")[2].partition(" ==>")[0] for line in result.stdout.splitlines()]
    assert found == [f"{number}: {phrase}" for number, phrase in enumerate(phrases, 1)]


@pytest.mark.slow
# imageio-ffmpeg, with which pvio reads shuffled's video, leaves its pipes open where ffmpeg has
# ended before the reader is closed.
@pytest.mark.filterwarnings("ignore:unclosed file:ResourceWarning")
@pytest.mark.parametrize("name", ["wave", *(path.stem for path in EXAMPLES)])
def test_a_picture_of_the_gallery_is_a_frame_of_its_movie(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT)
    drawn = script("pictures").picture(name)
    with Image.open(DOCS / "images" / f"{name}.png") as picture:
        kept = picture.convert("RGB")
    assert kept.size == drawn.size
    # The picture has 256 colours.
    difference = np.abs(np.asarray(kept, float) - np.asarray(drawn, float)).mean()
    assert difference < 3, "make pictures"
