"""A new project, `run`, and the packaged workflow in another Snakefile and in a wheel."""

import importlib.util
import os
import subprocess
import sys
from fractions import Fraction
from pathlib import Path

import pytest
import yaml
from command_line import HELPERS
from extract_example import blocks
from movies import read_frames, read_numbers, read_times
from project import BIN, MOVIE, ROOT, Project, job_counts

from parallel_animate.errors import SettingsError
from parallel_animate.pipeline.launch import (
    check_executor,
    find_config,
    packaged_snakefile,
    refuse_broken_links,
    snakemake_command,
)
from parallel_animate.pipeline.new_project import make_project

REST = """
configfile: "movies.yaml"

{module}

rule all:
    default_target: True
    input:
        "film/results/wave.mp4",
    output:
        "size.txt",
    shell:
        "wc -c < {{input}} > {{output}}"
"""


def run(*command: str | Path, folder: Path, expect: int = 0) -> str:
    tests = str(HELPERS)
    # As in a shell with the environment activated.
    path = os.pathsep.join([str(Path(command[0]).parent), os.environ["PATH"]])
    result = subprocess.run(
        [str(word) for word in command],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=200,
        env={**os.environ, "PYTHONPATH": tests, "PATH": path},
        check=False,
    )
    said = result.stdout + result.stderr
    assert result.returncode == expect, said
    return said


def test_the_command_has_config_profile_cores_and_extra_options(
    in_tmp: Path,
) -> None:
    workflow = ROOT / "workflow"
    assert packaged_snakefile() == str(workflow / "Snakefile")
    config = Path("/project/movies.yaml")
    start = [
        *(sys.executable, "-m", "snakemake_logger_plugin_parallel_animate"),
        *("--snakefile", packaged_snakefile()),
        *("--configfile", "/project/movies.yaml", "--workflow-profile"),
    ]

    def shown(what: str) -> list[str]:
        return ["--logger", "parallel-animate", "--logger-parallel-animate-show", what]

    default = str(workflow / "profiles/default")
    movies = shown("movies")
    numbers = ["--cores", "3", "-n"]
    assert snakemake_command(config, 3, None, ["-n"]) == [*start, default, *movies, *numbers]
    assert snakemake_command(config, None, "default") == [*start, default, *movies]
    mine = ["--profile", "mine"]
    assert snakemake_command(config, None, "mine") == [*start, default, *movies, *mine]
    slurm = str(workflow / "profiles/slurm")
    assert snakemake_command(config, None, "slurm", (), "log") == [*start, slurm, *shown("log")]


def test_a_missing_plugin_of_an_executor_is_one_sentence_that_tells_how_to_install_it(
    in_tmp: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for profile, passed_on, advice in (
        ("mine", [], "executor 'bricks' needs .*: pip install snakemake-executor-plugin-bricks."),
        (None, ["-e", "clouds"], "'clouds' needs snakemake-executor-plugin-clouds, which is not"),
        (None, ["--executor=clouds"], "'clouds' needs snakemake-executor-plugin-clouds"),
    ):
        (in_tmp / "mine").mkdir(exist_ok=True)
        (in_tmp / "mine/config.yaml").write_text("executor: bricks\n")
        with pytest.raises(SettingsError, match=advice):
            check_executor(profile, passed_on)
    # As where the extra "slurm" is not installed.
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(SettingsError, match=r"pip install snakemake-executor-plugin-slurm, or pip"):
        check_executor("slurm", [])
    check_executor(None, ["--executor", "local"])


def test_a_link_that_leads_nowhere_is_named_before_snakemake_starts(in_tmp: Path) -> None:
    for name in ("results/m.mp4", "results/m/index.html", "results/index.html"):
        link = in_tmp / name
        link.parent.mkdir(exist_ok=True)
        link.symlink_to(in_tmp / "elsewhere")
        with pytest.raises(SettingsError, match=f"{name} is a link to .*elsewhere, which does not"):
            refuse_broken_links({"k": {}, "m": {}})
        (in_tmp / "elsewhere").touch()
        refuse_broken_links({"k": {}, "m": {}})
        (in_tmp / "elsewhere").unlink()
        link.unlink()


@pytest.mark.slow
def test_links_stay_and_movie_and_page_are_where_they_lead(tmp_path: Path) -> None:
    project = Project(tmp_path, wave=MOVIE)
    (tmp_path / "results/wave").mkdir(parents=True)
    (tmp_path / "disk").mkdir()
    for name, target in {"wave.mp4": "m.mp4", "wave/index.html": "page.html"}.items():
        (tmp_path / "disk" / target).touch()
        os.utime(tmp_path / "disk" / target, (10**9, 10**9))
        link = tmp_path / "results" / name
        link.symlink_to(tmp_path / "disk" / target)
        os.utime(link, (10**9, 10**9), follow_symlinks=False)
    project.snakemake("--cores", "2", "pages")
    assert (tmp_path / "results/wave.mp4").is_symlink()
    assert (tmp_path / "results/wave/index.html").is_symlink()
    assert read_numbers(tmp_path / "disk/m.mp4") == [(i, 2 * i) for i in range(11)]
    assert "<html" in (tmp_path / "disk/page.html").read_text()


def test_a_projects_profiles_take_precedence_over_the_packages(in_tmp: Path) -> None:
    make_project(in_tmp / "film")
    os.chdir(in_tmp / "film")
    config = Path("/project/movies.yaml")
    for name in ("default", "slurm"):
        assert str(in_tmp / "film/profiles" / name) in snakemake_command(config, 1, name)


def test_a_config_is_found_or_the_searched_places_are_named(in_tmp: Path) -> None:
    with pytest.raises(SettingsError, match=r"movies\.yaml, config/config\.yaml.*init NAME"):
        find_config(in_tmp, None)
    (in_tmp / "config.yaml").touch()
    (in_tmp / "movies.yaml").touch()
    assert find_config(in_tmp, None) == in_tmp / "movies.yaml"
    assert find_config(in_tmp, "config.yaml") == in_tmp / "config.yaml"


def test_a_project_is_only_made_in_an_empty_folder(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").touch()
    with pytest.raises(SettingsError, match="not empty"):
        make_project(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]
    with pytest.raises(SettingsError, match="letters, digits"):
        make_project(tmp_path / "a b")
    files = make_project(tmp_path / "new/film")
    assert all(path.is_file() for path in files)
    readme = (tmp_path / "new/film/README.md").read_text()
    assert readme.startswith("# film\n")
    assert len(readme.splitlines()) <= 10


@pytest.mark.slow
def test_another_workflow_includes_this_one_under_a_prefix(tmp_path: Path) -> None:
    Project(tmp_path, wave=MOVIE)
    (module,) = blocks(ROOT / "README.md", "snakemake")
    (tmp_path / "Snakefile").write_text(REST.format(module=module))
    (tmp_path / "movies.yaml").write_text(
        yaml.safe_dump({"animations": {"movies": {"wave": MOVIE}}, "other": 1})
    )
    said = run(BIN / "snakemake", "--cores", "2", folder=tmp_path)
    assert job_counts(said) == {"animate_render_chunk": 3, "animate_concat_segments": 1}
    assert read_numbers(tmp_path / "film/results/wave.mp4") == [(i, 2 * i) for i in range(11)]
    for name in ("work", "results"):
        assert not (tmp_path / name).exists(), "all of its files are under the prefix"


@pytest.mark.slow
@pytest.mark.timeout(900)  # uv installs the package with all its dependencies
def test_a_new_project_renders_from_an_installed_wheel(tmp_path: Path) -> None:
    python = tmp_path / "venv/bin/python"
    uv = [str(BIN / "uv"), "--quiet"]
    subprocess.run([*uv, "venv", "--python", sys.executable, tmp_path / "venv"], check=True)
    subprocess.run([*uv, "build", "--wheel", "--out-dir", tmp_path, str(ROOT)], check=True)
    wheels = tmp_path.glob("*.whl")
    subprocess.run([*uv, "pip", "install", "--python", python, *wheels], check=True)
    command = python.parent / "parallel-animate"
    run(command, "init", "film", folder=tmp_path)
    film = tmp_path / "film"
    where = f"import parallel_animate; print({str(ROOT)!r} in parallel_animate.__file__)"
    assert "False" in run(python, "-c", where, folder=film)
    # Otherwise the speed of the machine decides how many chunks there are.
    config = (film / "movies.yaml").read_text()
    (film / "movies.yaml").write_text(config.replace("fps: 20", "fps: 20\n    chunk_size: 60"))

    # from another folder; a bad Snakemake option returns Snakemake's own status
    said = run(command, "run", "--verbose", "--cores", "2", "-d", film, "--", "--until",
               "render_chunk", folder=tmp_path)  # fmt: skip
    assert "pond: 240 of 240 frames to render" in said
    assert job_counts(said) == {"render_chunk": 4}
    run(command, "run", "--", "--no-such-option", folder=film, expect=2)

    # the same command resumes; the project's own Snakefile finds nothing left to do
    said = run(command, "run", folder=film)
    assert "pond: 0 of 240 frames to render" in said
    assert "\nresults/pond.mp4  240 frames, 12.0 s, 960x540, " in f"\n{said}"
    assert "MB, joined in " in said
    frames = list(read_frames(film / "results/pond.mp4"))
    assert len(frames) == 240
    assert frames[0].shape == (540, 960, 3)
    snakemake = python.parent / "snakemake"
    said = run(snakemake, "--cores", "2", folder=film)
    assert "results/pond.mp4  240 frames, 12.0 s, 960x540, " in said
    assert "MB, unchanged\n" in said

    # the report of all pages needs more packages than Snakemake itself
    run(command, "run", "--pages", folder=film)
    run(snakemake, "--cores", "1", "pages", "--report", "report.html", folder=film)
    assert (film / "report.html").stat().st_size > (film / "results/pond.mp4").stat().st_size


@pytest.mark.slow
def test_a_draft_has_fewer_and_smaller_frames_in_separate_files(tmp_path: Path) -> None:
    project = Project(tmp_path, wave=MOVIE)
    draft = ("run", "--every", "3", "--scale", "0.5", "--cores", "2")
    run(BIN / "parallel-animate", *draft, folder=tmp_path)
    movie = tmp_path / "results/wave-draft.mp4"
    assert [path.name for path in movie.parent.iterdir()] == ["wave-draft.mp4"]
    assert read_numbers(movie) == [(i, 2 * i) for i in (0, 3, 6, 9)]
    assert next(read_frames(movie)).shape == (40, 80, 3)
    times, rate, _ = read_times(movie)
    assert rate == Fraction(25, 3)
    assert times == [Fraction(i, 25) for i in (0, 3, 6, 9)]
    before = project.files()
    said = run(BIN / "parallel-animate", *draft, "--verbose", folder=tmp_path)
    assert "wave-draft: 0 of 4" in said
    run(BIN / "parallel-animate", "run", folder=tmp_path)
    assert len(read_numbers(tmp_path / "results/wave.mp4")) == 11
    assert {name: project.files()[name] for name in before} == before
