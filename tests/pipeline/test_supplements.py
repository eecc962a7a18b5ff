"""Sound, captions, chapters, texts and a poster of the config: only the join is made again."""

import os
import wave
from pathlib import Path

import av
import numpy as np
import pytest
import yaml
from command_line import animate
from PIL import Image
from project import MOVIE, Project

from parallel_animate import SettingsError
from parallel_animate.pipeline.config import read_movies
from parallel_animate.project.chunk_files import JoinFile, fetch

CAPTIONS = "1\n00:00:00,000 --> 00:00:00,200\nCalm\n\n2\n00:00:00,200 --> 00:00:00,400\nStorm\n"
SUPPLEMENTS = {
    "title": "Wave",
    "author": "Ann",
    "comment": "of eleven frames",
    "chapters": [[0, "Calm"], [6, "Storm"]],
    "captions": "captions.srt",
    "audio": "sounds/tone.wav",
    "poster": "png",
    "poster_frame": 6,
}


def write_sound(path: Path, frequency: int) -> None:
    path.parent.mkdir(exist_ok=True)
    tone = 9000 * np.sin(np.arange(48_000) * 2 * np.pi * frequency / 48_000)
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(48_000)
        file.writeframes(tone.astype("<i2").tobytes())


def video_packets(path: Path) -> list[tuple[int | None, bytes]]:
    with av.open(str(path)) as container:
        return [(packet.pts, bytes(packet)) for packet in container.demux(video=0) if packet.size]


def frequency_of(path: Path) -> float:
    with av.open(str(path)) as container:
        frames = [frame.to_ndarray()[0] for frame in container.decode(audio=0)]
        spectrum = np.abs(np.fft.rfft(np.concatenate(frames)))
        return float(spectrum.argmax() * 48_000 / (2 * (len(spectrum) - 1)))


def chapters_of(path: Path) -> list[tuple[float, str]]:
    with av.open(str(path)) as container:
        return [
            (float(chapter["start"] * chapter["time_base"]), chapter["metadata"]["title"])
            for chapter in container.chapters()
        ]


def shown(poster: Path, movie: Path) -> list[int]:
    """Return which frames of a movie a poster shows."""
    with Image.open(poster) as image, av.open(str(movie)) as container:
        pixels = np.asarray(image.convert("RGB")).astype(int)
        frames = [
            frame.to_ndarray(format="rgb24").astype(int) for frame in container.decode(video=0)
        ]
    errors = [np.abs(frame - pixels).mean() for frame in frames]
    return [number for number, error in enumerate(errors) if error < 1]


@pytest.mark.slow
def test_a_change_makes_the_join_again_and_draws_nothing(tmp_path: Path) -> None:
    sound, captions = tmp_path / "sounds/tone.wav", tmp_path / "captions.srt"
    movie, poster = tmp_path / "results/wave.mp4", tmp_path / "results/wave.png"
    write_sound(sound, 1000)
    captions.write_text(CAPTIONS)
    wave_movie = {**MOVIE, **SUPPLEMENTS}
    project = Project(tmp_path, wave=wave_movie)
    project.render("all", "pages")
    assert 'class="no"' not in (tmp_path / "results/wave/index.html").read_text()
    packets = video_packets(movie)
    assert len(packets) == 11
    assert chapters_of(movie) == [(0, "Calm"), (pytest.approx(6 / 25), "Storm")]
    assert frequency_of(movie) == pytest.approx(1000, abs=10)
    assert shown(poster, movie) == [6]

    # Another content, with the size and the time of the first.
    before = sound.stat()
    write_sound(sound, 2000)
    os.utime(sound, ns=(before.st_atime_ns, before.st_mtime_ns))
    poster.unlink()
    assert project.render() == {"concat_segments": 1}
    assert frequency_of(movie) == pytest.approx(2000, abs=10)
    assert video_packets(movie) == packets
    assert shown(poster, movie) == [6]

    def plan(status: int) -> str:
        said = animate("plan", "config/config.yaml", folder=tmp_path)
        assert said.returncode == status, said.stderr
        return said.stderr

    poster.unlink()
    assert "its poster wave.png is missing); it is joined again" in plan(0)
    captions.write_text(CAPTIONS.replace("00:00:00,400", "00:00:09,000"))
    assert "end at 9.000 s, after the movie, which lasts 0.440 s" in plan(1)
    project.configure(wave=MOVIE)
    assert project.render() == {"concat_segments": 1}
    assert video_packets(movie) == packets
    with av.open(str(movie)) as container:
        assert [stream.type for stream in container.streams] == ["video"]


@pytest.mark.slow
def test_a_draft_has_chapters_and_poster_at_the_frames_that_stand_for_theirs(
    tmp_path: Path,
) -> None:
    write_sound(tmp_path / "sounds/tone.wav", 1000)
    (tmp_path / "captions.srt").write_text(CAPTIONS)
    draft = {**MOVIE, **SUPPLEMENTS, "every": 4, "poster_frame": 7}
    project = Project(tmp_path, draft=draft)
    assert animate("plan", "config/config.yaml", folder=tmp_path).returncode == 0
    (path,) = project.folder.glob("work/draft/joins/*.join")
    join: JoinFile = fetch(path)
    # The frames are 0, 4 and 8; frame 4 stands for 4 to 7.
    assert [count for _, count in join.segments] == [3]
    assert join.supplements.chapters == ((0, "Calm"), (1, "Storm"))
    assert join.supplements.poster_frame == 1


def test_wrong_entries_are_refused_when_the_config_is_read(tmp_path: Path) -> None:
    config = tmp_path / "movies.yaml"
    for wrong, message in (
        ({"chapters": [[0, "Calm"], [6]]}, "chapters[1] must be a list: an integer of 0 or more"),
        ({"chapters": {"0": "Calm"}}, "chapters must be a list of pairs such as [120, Storm]"),
        ({"chapters": [[6, "Storm"], [0, "Calm"]]}, "chapters must be in ascending order"),
        ({"captions": "captions.txt"}, "captions must end in .srt or .vtt; found 'captions.txt'"),
        ({"poster": "bmp"}, "poster must be one of png, jpg, jpeg; found 'bmp'"),
        ({"title": ""}, "title must be text, found ''"),
        ({"output": "gif"}, "title cannot be added to a .gif"),
    ):
        config.write_text(yaml.safe_dump({"movies": {"wave": {**MOVIE, **SUPPLEMENTS, **wrong}}}))
        with pytest.raises(SettingsError) as caught:
            read_movies(str(config))
        assert str(caught.value).startswith("movie 'wave': ")
        assert message in str(caught.value)
