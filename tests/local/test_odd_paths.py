"""Any path that the system allows works, and a link stays a link."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from command_line import HELPERS
from movies import Numbers, read_numbers

from parallel_animate import SettingsError

NAMES = {
    "no UTF-8": b"na\xefve",
    "line break": b"a\nb",
    "carriage return": b"a\rb",
    "quotes": b"a 'b\" $HOME `c`",
    "format": b"a%d%%{movie}{}",
    "address": b"a:b?c=d#e&f;g",
    "pattern": b"a*[x]?\\n",
    "dash": b"-a",
}
FRAMES = [(i, i) for i in range(4)]


def render(movie: Path | bytes | str, n_workers: int = 1, **options: object) -> None:
    Numbers().make_video(
        movie, range(4), 25, num_workers=n_workers, chunk_size=2, video_mode="cpu", **options
    )


def shown(movie: Path) -> list[tuple[int, int]]:
    # PyAV takes only text as a path.
    copy = Path("copy.mp4")
    copy.write_bytes(movie.read_bytes())
    return read_numbers(copy)


@pytest.mark.parametrize(
    ("name", "n_workers"), [*((name, 1) for name in NAMES), ("no UTF-8", 2), ("line break", 2)]
)
def test_output_work_dir_and_temporary_folder_may_have_any_name(
    in_tmp: Path, own_tempdir: Path, name: str, n_workers: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = in_tmp / os.fsdecode(NAMES[name])
    (folder / "tmp").mkdir(parents=True)
    monkeypatch.setenv("TMPDIR", str(folder / "tmp"))
    movie = folder / f"{folder.name}.mp4"
    render(movie, n_workers, work_dir=folder / "work" if n_workers == 1 else None)
    assert shown(movie) == FRAMES
    assert list((folder / "tmp").iterdir()) == []


def test_the_command_prints_names_that_are_no_text(tmp_path: Path) -> None:
    folder = tmp_path / os.fsdecode(b"na\xefve")
    result = subprocess.run(
        [sys.executable, "-m", "parallel_animate", "init", str(folder / "pond")],
        env={**os.environ, "PYTHONPATH": str(HELPERS), "PYTHONIOENCODING": "utf-8:strict"},
        capture_output=True,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    assert b"na\xefve/pond/movies.yaml" in result.stdout


def test_a_link_stays_and_the_movie_is_where_it_leads(in_tmp: Path) -> None:
    (in_tmp / "disk").mkdir()
    (in_tmp / "results").mkdir()
    (in_tmp / "disk/old.mp4").write_bytes(b"old")
    links = {"results/m.mp4": "../disk/old.mp4", "new.mp4": "disk/new.mp4", "two.mp4": "new.mp4"}
    for link, target in links.items():
        (in_tmp / link).symlink_to(target)
    for link, target in {"results/m.mp4": "old", "new.mp4": "new", "two.mp4": "new"}.items():
        render(link)
        assert (in_tmp / link).is_symlink()
        assert read_numbers(in_tmp / f"disk/{target}.mp4") == FRAMES
    assert {path.name for path in (in_tmp / "disk").iterdir()} == {"old.mp4", "new.mp4"}


def test_a_link_that_leads_nowhere_is_refused_before_the_first_frame(in_tmp: Path) -> None:
    (in_tmp / "loop.mp4").symlink_to("pool.mp4")
    (in_tmp / "pool.mp4").symlink_to("loop.mp4")
    (in_tmp / "gone.mp4").symlink_to("/no/such/disk/m.mp4")
    (in_tmp / "folder").mkdir()
    (in_tmp / "folder.mp4").symlink_to("folder")
    for name, kind, message in (
        ("loop.mp4", OSError, "cannot be written: Too many levels of symbolic links"),
        ("gone.mp4", OSError, "cannot be written: No such file or directory"),
        ("folder.mp4", SettingsError, "is a folder; add a file name"),
    ):
        with pytest.raises(kind, match=message) as caught:
            render(name)
        assert name in str(caught.value)
    assert not Path("/no").exists()
    assert list((in_tmp / "folder").iterdir()) == []


def test_an_output_below_a_file_is_one_sentence(in_tmp: Path) -> None:
    (in_tmp / "file").touch()
    with pytest.raises(OSError, match=r"output_file '.*file/m.mp4' cannot be written: "):
        render("file/m.mp4")
    with pytest.raises(OSError, match=r"work_dir '.*file' cannot be used: "):
        render("m.mp4", work_dir="file")
