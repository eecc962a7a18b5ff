"""The config on its way from Snakemake to the command that plans."""

import io
import sys

import pytest
import yaml

from parallel_animate.errors import SettingsError
from parallel_animate.pipeline.config import config_as_json, read_movies

MOVIE = {"animator": "animator.py:Movie", "params": "frames.py:frames", "fps": 25}


def test_a_config_arrives_unchanged(monkeypatch: pytest.MonkeyPatch) -> None:
    config = {"movies": {"wave": {**MOVIE, "kwargs": {"title": "Wärme", "limits": [0, 1.5]}}}}
    monkeypatch.setattr(sys, "stdin", io.StringIO(config_as_json(config)))
    assert read_movies("-") == config["movies"]


def test_a_value_that_yaml_reads_as_a_date_is_named_with_a_remedy() -> None:
    config = yaml.safe_load("movies: {wave: {kwargs: {start: 2020-01-02}}}")
    with pytest.raises(SettingsError, match=r"datetime\.date\(2020, 1, 2\), a date.*in quotes"):
        config_as_json(config)
