"""A page about a finished movie: player, pictures, settings, versions and verification.

The verification reads the movie and its segments again; it relies on no result of the join.
"""

import hashlib
import html
import io
import json
import os
import platform
import string
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any
from urllib.parse import quote

from PIL import Image

from parallel_animate.atomic_files import replace_text
from parallel_animate.encode.concat import check_joined
from parallel_animate.encode.convert import check_times
from parallel_animate.encode.encoders import on_this_machine
from parallel_animate.encode.mp4 import read_sample_tables
from parallel_animate.encode.numbered import movie_size
from parallel_animate.encode.packets import read_packets
from parallel_animate.encode.segment import has_segment
from parallel_animate.errors import SegmentError
from parallel_animate.formats import format_of, shown_file
from parallel_animate.frame_rate import format_fps
from parallel_animate.local.player import data_address
from parallel_animate.project.chunk_files import JoinFile, fetch
from parallel_animate.project.folder_lock import folder_in_use
from parallel_animate.project.job_records import JobRecord, read_records
from parallel_animate.project.plan import Plan, read_plan
from parallel_animate.project.work_folder import WorkFolder
from parallel_animate.report.pictures import draw_contact_sheet, draw_costs, draw_timeline
from parallel_animate.report.status_text import format_seconds
from parallel_animate.version import __version__

TEMPLATE = Path(__file__).with_name("page.html")
# A Snakemake report opens the page as a base64 address, and Chromium opens no address above 2 MiB.
# Parts that do not fit are loaded from the files next to the page.
MAX_PAGE = 1_500_000
SHEET, TIMELINE, COSTS = "contact-sheet.png", "timeline.svg", "costs.svg"
# What the player does if it finds no movie.
NO_MOVIE = "player.hidden = true; elsewhere.hidden = false"


@dataclass(frozen=True)
class Check:
    """The check of a promise.

    Parameters
    ----------
    promise : str
        The promise.
    wanted, found : str
        The value that it requires, and the value in the files.
    holds : bool
        True if the promise is kept.
    """

    promise: str
    wanted: str
    found: str
    holds: bool


def make_page(join_path: Path, movie: Path, page: Path) -> list[Check]:
    """Write the page of a movie and the pictures next to it, and return the checks.

    Parameters
    ----------
    join_path : Path
        The join file from which the movie was made.
    movie : Path
        File of the movie.
    page : Path
        File of the page.

    Raises
    ------
    SegmentError, FFmpegError
        If the movie or a segment is missing or cannot be read.
    """
    work = WorkFolder(join_path.parent.parent)
    with folder_in_use(work):
        return _make_page(fetch(join_path), work, movie, page)


def _make_page(join: JoinFile, work: WorkFolder, movie: Path, page: Path) -> list[Check]:
    ffmpeg = on_this_machine(join.encoder).ffmpeg
    records = read_records(work.root, [name for name, _ in join.segments])
    folder = page.parent
    folder.mkdir(parents=True, exist_ok=True)
    positions, position = [], 0
    for name, n_frames in join.segments:
        positions.append((work.segment(name), position, int(name.partition("-")[0])))
        position += n_frames
    paths = [path for path, _, _ in positions]
    try:
        draw_contact_sheet(
            positions,
            ffmpeg,
            folder / SHEET,
            float(1 / join.settings.fps),
            join.settings.keeps_alpha,
        )
        payload = sum(sum(read_sample_tables(path).sizes) for path in paths)
    finally:
        # A damaged segment is set aside, so that the next run renders it again.
        n_whole = sum(map(has_segment, paths))
    draw_timeline(list(records.values()), folder / TIMELINE)
    draw_costs(join.segments, records, folder / COSTS)
    checks = verify(join, movie, ffmpeg, n_whole, payload)
    plan = read_plan(work.root)
    replace_text(page, _page(movie, folder, join, plan, records, checks))
    return checks


def verify(join: JoinFile, movie: Path, ffmpeg: str, n_whole: int, payload: int) -> list[Check]:
    """Check that a movie keeps all promises, given its intact segments and the bytes in them."""
    settings = join.settings
    n_frames = sum(count for _, count in join.segments)
    times = f"{format_fps(settings.fps)} frames per second, from 0, without a gap"
    whole = _equal("segments as they were written", len(join.segments), n_whole, "whole")
    if not settings.is_joined:
        in_time = _holds(check_times, movie, movie, n_frames, settings, ffmpeg)
        return [_in_time(times, in_time), whole]
    packets = read_packets(movie, ffmpeg)
    in_time = _holds(check_joined, movie, packets, n_frames, settings)
    checks = [
        _equal("every frame once", n_frames, len(packets), "frames"),
        _in_time(times, in_time),
        whole,
        _equal("no byte of a frame changed by the join", payload, sum(packets.sizes), "bytes"),
    ]
    if settings.output.time_base is None:
        # Matroska and WebM have neither exact durations nor an index in front.
        duration = sum(packets.durations) * packets.time_base
        checks[2:2] = [
            _equal("duration", _seconds(n_frames / settings.fps), _seconds(duration)),
            _equal("one kind of stream", join.extradata, read_sample_tables(movie).extradata),
        ]
        checks.append(Check("plays before it is loaded", "index first", *_index_first(movie)))
    return checks


def _in_time(times: str, holds: bool) -> Check:
    return Check("frame i is shown at i / fps", times, times if holds else "other times", holds)


def _holds(check: Callable[..., None], *arguments: object) -> bool:
    try:
        check(*arguments)
    except SegmentError:
        return False
    return True


def _equal(promise: str, wanted: object, found: object, unit: str = "") -> Check:
    texts = [f"{value} {unit}".rstrip() for value in (wanted, found)]
    return Check(promise, texts[0], texts[1], wanted == found)


def _seconds(seconds: Fraction) -> str:
    return f"{float(seconds):.6f} s"


def _index_first(movie: Path) -> tuple[str, bool]:
    with movie.open("rb") as file:
        start = file.read(4096)
    is_first = b"moov" in start and b"mdat" not in start[: start.find(b"moov")]
    return ("index first" if is_first else "index last"), is_first


def _page(
    movie: Path,
    folder: Path,
    join: JoinFile,
    plan: Plan | None,
    records: Mapping[str, JobRecord],
    checks: Sequence[Check],
) -> str:
    encoder = join.encoder
    settings = dict(plan.config) if plan is not None else {}
    settings |= {"encoder": f"{encoder.name}, preset {encoder.preset}"}
    versions = {
        "parallel-animate": __version__,
        **{k: v for k, v in (plan.versions if plan else {}).items() if isinstance(v, str) and v},
        "ffmpeg": encoder.build,
        "Python": platform.python_version(),
    }
    size = plan.size if plan is not None else ("?", "?")
    n_frames = sum(count for _, count in join.segments)
    facts = (
        f"{n_frames} frames of {size[0]}x{size[1]} pixels, {format_fps(join.settings.fps)} per "
        f"second, {format_seconds(float(n_frames / join.settings.fps))}, "
        f"{movie_size(movie) / 1e6:.1f} MB; {_work_done(list(records.values()))}"
    )
    with movie.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    template = TEMPLATE.read_text(encoding="utf-8")
    texts = {
        "title": html.escape(folder.name if format_of(movie).is_numbered else movie.stem),
        "facts": html.escape(facts),
        "checks": "\n".join(map(_check_row, checks)),
        "digest": digest,
        "settings": _rows(settings),
        "versions": _rows(versions),
    }
    room = MAX_PAGE - len(template) - sum(map(len, texts.values()))
    return string.Template(template).substitute(texts, **_media(movie, folder, room))


def _work_done(records: Sequence[JobRecord]) -> str:
    finished = [record for record in records if record.state == "finished"]
    if not finished:
        return "no job recorded its time"
    seconds = sum(record.seen - record.started for record in finished)
    nodes = sorted({record.node for record in finished})
    return f"rendered in {format_seconds(seconds)} of one core, on {', '.join(nodes)}"


def _media(movie: Path, folder: Path, room: int) -> dict[str, str]:
    """Return the parts that are no text: inside the page while there is room, else as links."""
    media = {}
    for name, forms in (
        ("player", _players(movie, folder)),
        ("timeline", _drawing(folder / TIMELINE)),
        ("costs", _drawing(folder / COSTS)),
        ("sheet", _picture(folder / SHEET)),
    ):
        media[name] = next((form for form in forms if len(form) <= room), forms[-1])
        room -= len(media[name])
    return media


def _players(movie: Path, folder: Path) -> list[str]:
    """Return players of the file next to the page, the first one with the movie if it is small.

    In a Snakemake report no file is next to the page.
    """
    kind, movie = format_of(movie), shown_file(movie)
    address = quote(os.path.relpath(movie, folder))
    inside = None
    if movie.stat().st_size <= MAX_PAGE:
        inside = data_address(movie.read_bytes(), kind.media_type)
    if kind.is_picture:
        addresses = [address] if inside is None else [inside, address]
        texts = f'id="player" alt="{html.escape(movie.name)}" onerror="{NO_MOVIE}"'
        return [f'<img {texts} src="{source}">' for source in addresses]
    beside = f'<source src="{address}" type="{kind.media_type}"'
    forms = [f'{beside} onerror="{NO_MOVIE}">']
    if inside is not None:
        forms.insert(0, f'{beside}><source src="{inside}" type="{kind.media_type}">')
    player = '<video id="player" controls loop muted playsinline preload="auto">'
    return [f"{player}{sources}</video>" for sources in forms]


def _drawing(path: Path) -> list[str]:
    svg = path.read_text(encoding="utf-8")
    return [svg[svg.index("<svg") :], f'<img alt="{path.stem}" src="{path.name}">']


def _picture(path: Path) -> list[str]:
    """Return the addresses of a picture: as PNG data, as smaller JPEG data, and of its file."""
    smaller = io.BytesIO()
    with Image.open(path) as image:
        image.convert("RGB").save(smaller, "JPEG", quality=85)
    return [
        data_address(path.read_bytes(), "image/png"),
        data_address(smaller.getvalue(), "image/jpeg"),
        path.name,
    ]


def _check_row(check: Check) -> str:
    mark = "yes" if check.holds else "NO"
    cells = "".join(
        f"<td>{html.escape(x)}</td>" for x in (check.promise, check.wanted, check.found)
    )
    return f'<tr class="{mark.lower()}">{cells}<td>{mark}</td></tr>'


def _rows(values: Mapping[str, Any]) -> str:
    texts = {key: v if isinstance(v, str) else json.dumps(v) for key, v in values.items()}
    return "\n".join(
        f"<tr><td>{html.escape(key)}</td><td>{html.escape(text)}</td></tr>"
        for key, text in texts.items()
    )
