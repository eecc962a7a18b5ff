"""The config on its way from Snakemake to the command that plans."""

import io
import sys
from pathlib import Path

import pytest
import yaml

from parallel_animate.errors import SettingsError
from parallel_animate.pipeline.config import config_as_json, read_movies
from parallel_animate.pipeline.schema import MOVIE_SCHEMA

MOVIE = {"animator": "animator.py:Movie", "params": "frames.py:frames", "fps": 25}


def test_a_config_arrives_unchanged(monkeypatch: pytest.MonkeyPatch) -> None:
    config = {"movies": {"wave": {**MOVIE, "kwargs": {"title": "Wärme", "limits": [0, 1.5]}}}}
    monkeypatch.setattr(sys, "stdin", io.StringIO(config_as_json(config)))
    assert read_movies("-") == config["movies"]


def test_a_value_that_yaml_reads_as_a_date_is_named_with_a_remedy() -> None:
    config = yaml.safe_load("movies: {wave: {kwargs: {start: 2020-01-02}}}")
    with pytest.raises(SettingsError, match=r"datetime\.date\(2020, 1, 2\), a date.*in quotes"):
        config_as_json(config)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("chunk_size: big", "chunk_size must be an integer of 1 or more, or 'auto'; found 'big'"),
        ("chunk_size: -3", "chunk_size must be an integer of 1 or more, or 'auto'; found -3"),
        ("n_frames: 2.5", "n_frames must be an integer of 1 or more; found 2.5"),
        ("kwargs: [1]", r"kwargs must be a mapping of keys to values; found \[1\]"),
        ("inputs: data.txt", "inputs must be a list of strings; found 'data.txt'"),
        ("inputs: [1]", r"inputs\[0\] must be text; found 1"),
        ("savefig_params: {dpi: x}", r"savefig_params\['dpi'\] must be a number above 0"),
        ("redraw: no", "redraw must be one of auto, full; found False"),
        ("video_quality: 60", "video_quality must be an integer from 0 to 51; found 60"),
        ("fps: yes", "fps must be a number above 0, or text such as '30000/1001'; found True"),
        ("fps: .inf", "fps must be a number above 0, or text such as '30000/1001'; found inf"),
        ("scale: .nan", "scale must be a number above 0; found nan"),
        (f"every: 1{'0' * 30}", "every must be an integer of 1 or more; found 1000"),
        ('params: "a\\0:b"', "params holds a null character"),
        ('inputs: ["a\\0"]', "inputs holds a null character"),
        *(
            (f"{key}: {value}", rf"{key}(\[0\])? must be ")
            for key in MOVIE_SCHEMA
            for value in ("null", "!!binary eA==", "2020-01-02", "[[]]")
        ),
    ],
    ids=lambda text: text.partition(";")[0][:40],
)
def test_a_value_of_another_type_is_one_sentence(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "movies.yaml"
    entry = {"animator": "a.py:A", "params": "a.py:p", "fps": "12"}
    key = text.partition(":")[0]
    lines = [f"{k}: {v}" for k, v in entry.items() if k != key] + [text]
    path.write_text("movies:\n  wave:\n" + "".join(f"    {line}\n" for line in lines))
    with pytest.raises(SettingsError, match=f"^movie 'wave': {message}"):
        read_movies(str(path))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("movies: {m: {}, m: {}}", "has the key 'm' twice"),
        ('movies: {"m\\n": {}}', "cannot be a movie's name"),
        (f"movies: {{{'x' * 20}: {{}}}}", "a part of it comes 20 times"),
        ("movies: {m: 3}\njob_minute: 5", "unknown key 'job_minute'. Did you mean 'job_minutes'"),
        ("movies: {m: 3}\njob_minutes: 0", "job_minutes must be a number above 0 and up to 5256"),
        ("movies: {m: 3}\njob_minutes: .inf", "job_minutes must be a number above 0 and up to"),
        ("movies: {m: 3}\ncores_per_job: .nan", "cores_per_job must be an integer of 1 or more"),
    ],
)
def test_names_and_keys_that_mislead_are_refused(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "movies.yaml"
    path.write_text(text)
    with pytest.raises(SettingsError, match=message):
        read_movies(str(path))
