"""What the docs say about installing and citing agrees with pyproject.toml and the package."""

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml
from movies import read_frames
from project import ROOT

import parallel_animate

PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
PAGE = (ROOT / "docs/installation.md").read_text()
URL = yaml.safe_load((ROOT / "mkdocs.yml").read_text())["repo_url"]
NOTEBOOK = ROOT / "examples/first_movie.ipynb"


def test_the_page_names_every_extra_and_no_other() -> None:
    table = PAGE.partition("| extra |")[2].partition("\n\n")[0]
    rows = [line.split("|")[1] for line in table.splitlines()[2:]]
    named = set(re.findall(r"`(\w+)`", " ".join(rows)))
    assert named == set(PROJECT["optional-dependencies"])
    for extras in re.findall(r"\.\[([\w,]+)\]", PAGE):
        assert named.issuperset(extras.split(","))


def test_all_addresses_of_the_repository_are_one() -> None:
    environment = yaml.safe_load((ROOT / "docs/environment.yml").read_text())
    *packages, pip = environment["dependencies"]
    assert packages == [f"python{PROJECT['requires-python']}", "pip"]
    assert pip == {"pip": [f"{PROJECT['name']} @ git+{URL}"]}
    found = re.findall(r"git\+([^\s\"'\\]+)", PAGE + NOTEBOOK.read_text())
    assert len(found) >= 3
    assert set(found) == {URL}


def test_the_citation_is_valid_and_that_of_this_version() -> None:
    cited = yaml.safe_load((ROOT / "CITATION.cff").read_text())
    # Required by CFF 1.2.0.
    assert {"cff-version", "message", "title", "authors"} <= cited.keys()
    assert cited["cff-version"] == "1.2.0"
    assert cited["version"] == parallel_animate.__version__
    assert (cited["title"], cited["license"]) == (PROJECT["name"], PROJECT["license"])
    assert cited["repository-code"] == URL
    assert cited["keywords"] == PROJECT["keywords"]
    (author,) = cited["authors"]
    assert author["name"].lower() in (ROOT / "LICENSE").read_text().lower()


def test_the_notebook_holds_no_outputs_and_installs_only_what_is_missing() -> None:
    nbformat = pytest.importorskip("nbformat")
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    nbformat.validate(notebook)
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert not any(cell.outputs or cell.execution_count for cell in cells)
    guard, _, install = cells[0].source.partition("\nexcept ImportError:\n")
    assert guard == "try:\n    import parallel_animate"
    assert install.startswith("    %pip install ")
    assert "%pip" not in "".join(cell.source for cell in cells[1:])


@pytest.mark.slow
def test_the_notebook_runs_and_plays_its_movies(tmp_path: Path) -> None:
    nbformat = pytest.importorskip("nbformat")
    nbclient = pytest.importorskip("nbclient")
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    place = {"metadata": {"path": str(tmp_path)}}
    nbclient.NotebookClient(notebook, timeout=120, resources=place).execute()
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    shown = [output.data for cell in cells for output in cell.outputs if "data" in output]
    assert shown[0]["text/plain"] == repr(parallel_animate.__version__)
    assert "image/png" in shown[1]
    pages = [data["text/html"] for data in shown if "text/html" in data]
    tags = [tag for page in pages for tag in ("<video", "<img") if tag in page]
    assert tags == ["<video", "<img", "<video"]
    for name, n_frames in {"wave": 120, "spiral": 60}.items():
        assert sum(1 for _ in read_frames(tmp_path / f"{name}.mp4")) == n_frames
    assert (tmp_path / "wave.gif").stat().st_size < 2_000_000
