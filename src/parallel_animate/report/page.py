"""The page about a finished movie: player, frames, origin, settings, cost, verification."""

import hashlib
import html
import os
import platform
import string
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from urllib.parse import quote

from parallel_animate.atomic_files import replace_data, replace_text
from parallel_animate.encode.encoders import on_this_machine
from parallel_animate.encode.mp4 import read_sample_tables
from parallel_animate.encode.numbered import movie_size
from parallel_animate.encode.segment import has_segment
from parallel_animate.errors import SettingsError
from parallel_animate.formats import format_of, place_of, shown_file
from parallel_animate.local.player import Video, data_address, player_html
from parallel_animate.project.chunk_files import JoinFile, fetch
from parallel_animate.project.folder_lock import folder_in_use
from parallel_animate.project.job_records import JobRecord, read_records
from parallel_animate.project.plan import Plan, read_plan
from parallel_animate.project.work_folder import WorkFolder
from parallel_animate.report.document import document, facts_line, format_bytes, rows
from parallel_animate.report.movie_files import MovieFile
from parallel_animate.report.origin import origin
from parallel_animate.report.pictures import draw_contact_sheet, draw_costs, draw_timeline
from parallel_animate.report.status_text import format_seconds
from parallel_animate.report.stills import Segments, Still, jpeg
from parallel_animate.report.stored_params import stored_param_texts
from parallel_animate.report.verification import Check, verify
from parallel_animate.version import __version__

TEMPLATE = Path(__file__).with_name("page.html")
STYLE = Path(__file__).with_name("page.css")
# A Snakemake report opens the page as a base64 address, and Chromium opens no address above 2 MiB.
# Parts that do not fit are loaded from the files next to the page.
MAX_PAGE = 1_500_000
# Of the texts of all params, in a page that must hold the movie, too.
MAX_PARAMS = 200_000
SHEET, POSTER, TIMELINE, COSTS = "contact-sheet.png", "poster.jpg", "timeline.svg", "costs.svg"
MISSING = (
    "The movie is not next to this page. In a Snakemake report it plays under the i next to the "
    "eye that opens this page."
)


@dataclass(frozen=True)
class Source:
    """What a page is made from.

    Parameters
    ----------
    join : JoinFile
        How the movie was joined.
    plan : Plan or None
        The movie's plan, if it is still there.
    work : WorkFolder
        The movie's work folder.
    movie : Path
        File of the movie.
    records : mapping
        Chunk -> record of its job.
    """

    join: JoinFile
    plan: Plan | None
    work: WorkFolder
    movie: Path
    records: Mapping[str, JobRecord]

    @property
    def fps(self) -> Fraction:
        """Frames per second."""
        return self.join.settings.fps

    @property
    def chunks(self) -> list[str]:
        """Names of the chunks, in playing order."""
        return [name for name, _ in self.join.segments]

    def segments(self, ffmpeg: str) -> Segments:
        """Return the movie's segments."""
        parts = [(self.work.segment(name), count) for name, count in self.join.segments]
        return Segments(parts, self.fps, self.join.settings.keeps_alpha, ffmpeg)


def check_compared(movie: Path, other: MovieFile) -> None:
    """Raise SettingsError unless two movies can be shown under the same slider."""
    for path in (movie, other.path):
        if format_of(path).is_picture:
            raise SettingsError(
                f"--compare: {path} is a picture for browsers, which show it without a slider. Use "
                "movies that end in .mp4, .m4v, .mov or .webm."
            )


def make_page(
    join_path: Path, movie: Path, page: Path, compared: MovieFile | None = None
) -> list[Check]:
    """Write the page of a movie and the pictures next to it, and return the checks.

    Parameters
    ----------
    join_path : Path
        The join file from which the movie was made.
    movie : Path
        File of the movie.
    page : Path
        File of the page.
    compared : MovieFile, optional
        Another version of the movie, which the page shows beside it.

    Raises
    ------
    SegmentError, FFmpegError
        If the movie or a segment is missing or cannot be read.
    """
    work = WorkFolder(join_path.parent.parent)
    with folder_in_use(work):
        join: JoinFile = fetch(join_path)
        records = read_records(work.root, [name for name, _ in join.segments])
        source = Source(join, read_plan(work.root), work, movie, records)
        return _make_page(source, page, compared)


def _make_page(source: Source, page: Path, compared: MovieFile | None) -> list[Check]:
    join, folder = source.join, page.parent
    ffmpeg = on_this_machine(join.encoder).ffmpeg
    folder.mkdir(parents=True, exist_ok=True)
    segments = source.segments(ffmpeg)
    paths = [path for path, _ in segments.parts]
    try:
        stills, poster = segments.stills(), segments.poster()
        payload = sum(sum(read_sample_tables(path).sizes) for path in paths)
    finally:
        # A damaged segment is set aside, so that the next run renders it again.
        n_whole = sum(map(has_segment, paths))
    draw_contact_sheet(stills, folder / SHEET)
    replace_data(folder / POSTER, jpeg(poster.image))
    draw_timeline(list(source.records.values()), folder / TIMELINE)
    draw_costs(join.segments, source.records, folder / COSTS)
    checks = verify(join, source.movie, ffmpeg, n_whole, payload)
    replace_text(page, _page(source, folder, stills, checks, compared))
    return checks


def _page(
    source: Source,
    folder: Path,
    stills: Sequence[Still],
    checks: Sequence[Check],
    compared: MovieFile | None,
) -> str:
    with source.movie.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    n_broken = sum(not check.holds for check in checks)
    texts = {
        "title": html.escape(_title(source.movie)),
        "facts": html.escape(_facts(source)),
        "notice": _notice(n_broken, len(checks)),
        "open": " open" if n_broken else "",
        "work": html.escape(_work_done(list(source.records.values()))),
        "checks": "\n".join(map(_check_row, checks)),
        "digest": digest,
        **_tables(source),
    }
    players = _players(source, folder, stills, compared)
    template, style = (path.read_text(encoding="utf-8") for path in (TEMPLATE, STYLE))
    room = MAX_PAGE - sum(map(len, (template, style, document("", ""), *texts.values())))
    body = string.Template(template).substitute(texts, **_media(players, folder, room))
    return document(_title(source.movie), body, style)


def _title(movie: Path) -> str:
    """Return the name of a movie, which is that of the folder if it is numbered pictures."""
    return place_of(movie).parent.name if format_of(movie).is_numbered else movie.stem


def _facts(source: Source) -> str:
    size = source.plan.size if source.plan is not None else ("?", "?")
    n_frames = sum(count for _, count in source.join.segments)
    return facts_line(n_frames, size, source.fps, movie_size(source.movie))


def _notice(n_broken: int, n_checks: int) -> str:
    if not n_broken:
        return ""
    return (
        f'<p class="broken" role="alert">{n_broken} of {n_checks} checks of this movie failed; see '
        "Verification below.</p>\n"
    )


def _tables(source: Source) -> dict[str, str]:
    plan, encoder = source.plan, source.join.encoder
    settings = dict(plan.config) if plan is not None else {}
    known = {k: v for k, v in (plan.versions if plan else {}).items() if isinstance(v, str) and v}
    versions = {
        "parallel-animate": __version__,
        **known,
        "ffmpeg": encoder.build,
        "Python": platform.python_version(),
    }
    # The work folder is PROJECT/work/NAME.
    made = origin(plan, source.work.root.parent.parent) if plan is not None else {}
    return {
        "origin": rows(made),
        "settings": rows(settings | {"encoder": f"{encoder.name}, preset {encoder.preset}"}),
        "versions": rows(versions),
    }


def _work_done(records: Sequence[JobRecord]) -> str:
    finished = [record for record in records if record.state == "finished"]
    if not finished:
        return "No job recorded its time."
    seconds = sum(record.seen - record.started for record in finished)
    nodes = sorted({record.node for record in finished})
    return f"Rendered in {format_seconds(seconds)} of one core, on {', '.join(nodes)}."


def _media(players: Sequence[str], folder: Path, room: int) -> dict[str, str]:
    """Return the parts that are no text: inside the page while there is room, else as links."""
    media = {}
    for name, forms in (
        ("player", players),
        ("timeline", _drawing(folder / TIMELINE)),
        ("costs", _drawing(folder / COSTS)),
    ):
        media[name] = next((form for form in forms if len(form) <= room), forms[-1])
        room -= len(media[name])
    return media


def _players(
    source: Source, folder: Path, stills: Sequence[Still], compared: MovieFile | None
) -> list[str]:
    """Return players of the file next to the page, the first one with the movie if it is small.

    In a Snakemake report no file is next to the page.
    """
    movie, kind = shown_file(source.movie), format_of(source.movie)
    beside = quote(os.path.relpath(movie, folder))
    forms = [[beside]]
    if movie.stat().st_size <= MAX_PAGE and compared is None:
        forms.insert(0, [beside, data_address(movie.read_bytes(), kind.media_type)])
    if kind.is_picture:
        return [_picture(movie, addresses[-1], beside, stills) for addresses in forms]
    texts = stored_param_texts(source.work.root, source.chunks)
    params = texts if sum(map(len, texts)) <= MAX_PARAMS else ()
    size = source.plan.size if source.plan is not None else stills[0].image.size
    more = _frames(stills, is_player=True) + _download(movie, beside)
    players = []
    for addresses in forms:
        video = Video(movie.name, addresses, kind.media_type, source.fps, size, poster=POSTER)
        videos = _side_by_side(video, source, compared, folder)
        players.append(player_html(videos, params, "", more=more, missing=MISSING))
    return players


def _side_by_side(
    video: Video, source: Source, compared: MovieFile | None, folder: Path
) -> list[Video]:
    """Return the video of a movie, and that of the version that it is compared with."""
    if compared is None:
        return [video]
    address = quote(os.path.relpath(compared.path, folder))
    other = compared.video([address], f"{compared.path.name}: {compared.facts}")
    return [replace(video, caption=f"{video.name}: {_facts(source)}"), other]


def _picture(movie: Path, address: str, beside: str, stills: Sequence[Still]) -> str:
    """Return an animated picture, which browsers show without controls."""
    missing = "elsewhere.hidden = false; this.hidden = true"
    image = f'<img alt="{html.escape(movie.name)}" onerror="{missing}" src="{address}">'
    absent = f'<p id="elsewhere" role="alert" hidden>{html.escape(MISSING)}</p>'
    return f"{image}{absent}{_frames(stills, is_player=False)}{_download(movie, beside)}"


def _frames(stills: Sequence[Still], is_player: bool) -> str:
    """Return frames of the movie; in a player they are buttons that jump there."""
    items = []
    for still in stills:
        image = f'<img alt="" src="{still.address}">{still.text}'
        start, end = "<figure>", "</figure>"
        if is_player:
            words = f'data-frame="{still.frame}" aria-label="Go to {still.text}"'
            start = f'<button type="button" class="still" {words}>'
            end = "</button>"
        items.append(f"<li>{start}{image}{end}</li>")
    return f'<ol class="frames" aria-label="Frames of the movie">{"".join(items)}</ol>'


def _download(movie: Path, address: str) -> str:
    name = html.escape(movie.name)
    words = f'class="download" download="{name}" href="{address}"'
    return f"<a {words}>Download {name}, {format_bytes(movie.stat().st_size)}</a>"


def _drawing(path: Path) -> list[str]:
    svg = path.read_text(encoding="utf-8")
    image = f'<img alt="{path.stem}" src="{path.name}">'
    return [svg[svg.index("<svg") :], image]


def _check_row(check: Check) -> str:
    mark = "yes" if check.holds else "NO"
    cells = "".join(
        f"<td>{html.escape(x)}</td>" for x in (check.promise, check.wanted, check.found)
    )
    return f'<tr class="{mark.lower()}">{cells}<td>{mark}</td></tr>'
