"""The page that lists all movies of a project: results/index.html."""

import html
from pathlib import Path
from urllib.parse import quote

from parallel_animate.atomic_files import replace_text
from parallel_animate.encode.numbered import movie_size
from parallel_animate.project.plan import read_plan
from parallel_animate.project.work_folder import WorkFolder
from parallel_animate.report.document import document, facts_line
from parallel_animate.report.page import POSTER

STYLE = Path(__file__).with_name("index.css")


def make_index(index: Path) -> list[str]:
    """Write a page with a link to the page of every movie; return the names of the movies.

    Parameters
    ----------
    index : Path
        The file, in the folder of the movies (``results/index.html``). The folder ``work`` is
        beside that folder.
    """
    results = index.parent
    items = {}
    for page in sorted(results.glob("*/index.html")):
        name = page.parent.name
        plan = read_plan(results.parent / "work" / name)
        if plan is None:
            continue
        movie = WorkFolder(results.parent / "work" / name).movie(plan.output)
        if movie.is_file():
            facts = facts_line(plan.n_frames, plan.size, plan.fps, movie_size(movie))
            items[name] = _item(name, facts)
    text = "1 movie" if len(items) == 1 else f"{len(items)} movies"
    listed = "\n".join(items.values())
    body = (
        f'<header>\n<h1>Movies</h1>\n<p class="facts">{text}</p>\n</header>\n<main>\n'
        f'<ul class="movies">\n{listed}\n</ul>\n</main>'
    )
    replace_text(index, document("Movies", body, STYLE.read_text(encoding="utf-8")))
    return list(items)


def _item(name: str, facts: str) -> str:
    folder = quote(name)
    image = f'<img alt="" loading="lazy" src="{folder}/{POSTER}">'
    texts = f"<h2>{html.escape(name)}</h2><p>{html.escape(facts)}</p>"
    return f'<li><a href="{folder}/index.html">{image}{texts}</a></li>'
