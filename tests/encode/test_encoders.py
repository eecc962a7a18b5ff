"""The choice of the encoder, tested with ffmpeg programs that behave as on different machines."""

import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from movies import Numbers

from parallel_animate import (
    EncoderUnavailableError,
    FFmpegError,
    FFmpegNotFoundError,
    PixelAnimator,
    SettingsError,
    subprocesses,
)
from parallel_animate.encode.conversion_test import converts_alike
from parallel_animate.encode.encoders import (
    NVENC,
    X264,
    Encoder,
    choose_encoder,
    codec_arguments,
    commands_to_choose,
    on_this_machine,
)
from parallel_animate.encode.ffmpeg import build_of, candidates
from parallel_animate.inputs.frames import Frame
from parallel_animate.render.preflight import choose_encoder_for
from parallel_animate.settings import video_settings

SetProgram = Callable[[str], Path]

NO_NVENC = {
    "no driver": "[h264_nvenc @ 0x1] Cannot load libcuda.so.1",
    "no NVENC unit": "[h264_nvenc @ 0x1] OpenEncodeSessionEx failed: unsupported device (2)",
    "not built in": "Unknown encoder 'h264_nvenc'",
    "session limit": "[h264_nvenc @ 0x1] OpenEncodeSessionEx failed: out of memory (10)",
}


@pytest.fixture
def ffmpeg_with_nvenc(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> SetProgram:
    """Install a fake ffmpeg as the only one; it runs shell code if asked for NVENC."""
    real = candidates()[0]

    def set_program(nvenc: str) -> Path:
        program = tmp_path / "ffmpeg"
        program.write_text(
            f'#!/bin/sh\ncase "$*" in *h264_nvenc*) {nvenc};; esac\nexec {real} "$@"\n'
        )
        program.chmod(0o755)
        monkeypatch.setattr("parallel_animate.encode.ffmpeg._bundled_programs", lambda: ())
        monkeypatch.setenv("IMAGEIO_FFMPEG_EXE", str(program))
        monkeypatch.setenv("PATH", "")
        build_of.cache_clear()
        return program

    return set_program


@pytest.mark.parametrize("case", NO_NVENC)
def test_auto_falls_back_and_logs_why(
    ffmpeg_with_nvenc: SetProgram, caplog: pytest.LogCaptureFixture, case: str
) -> None:
    caplog.set_level(logging.INFO)
    program = ffmpeg_with_nvenc(f'echo "{NO_NVENC[case]}" >&2; exit 1')
    encoder = choose_encoder(video_settings(fps=30))
    assert (encoder.name, encoder.ffmpeg, encoder.preset) == (X264, str(program), "veryfast")
    assert NO_NVENC[case] in caplog.text
    assert len(caplog.records) == 1


@pytest.mark.parametrize("options", [{}, {"video_mode": "cpu"}, {"codec": "hevc"}])
def test_all_that_the_choice_asks_for_can_be_started_early(
    monkeypatch: pytest.MonkeyPatch, options: dict[str, Any]
) -> None:
    settings = video_settings(fps=30, **options)
    build_of.cache_clear()
    converts_alike.cache_clear()
    started = []
    start = subprocesses._start

    def counting(command: Any, ends: Any) -> Any:
        started.append(command)
        return start(command, ends)

    monkeypatch.setattr(subprocesses, "_start", counting)
    with subprocesses.started_early(commands_to_choose(settings)):
        early = list(started)
        encoder = choose_encoder(settings)
    assert started == early != []
    assert encoder == choose_encoder(settings)
    # The version and the conversion are asked for once in a process.
    assert len(started) == 2 * len(early) - 2
    assert commands_to_choose(settings) == early[:-2]


@pytest.mark.slow
def test_an_nvenc_that_hangs_is_given_up(
    ffmpeg_with_nvenc: SetProgram, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A broken driver may hang; all programs are tried at the same time."""
    caplog.set_level(logging.INFO)
    monkeypatch.setattr("parallel_animate.encode.encoders.ANSWER_SECONDS", 10)
    program = ffmpeg_with_nvenc("/bin/sleep 600")
    encoder = choose_encoder(video_settings(fps=30))
    assert (encoder.name, encoder.ffmpeg) == (X264, str(program))
    assert f"{program} did not answer within 10 seconds and was stopped." in caplog.text


@pytest.mark.parametrize("case", NO_NVENC)
def test_gpu_is_an_error_that_lists_the_attempts(ffmpeg_with_nvenc: SetProgram, case: str) -> None:
    program = ffmpeg_with_nvenc(f'echo "{NO_NVENC[case]}" >&2; exit 1')
    with pytest.raises(EncoderUnavailableError) as caught:
        choose_encoder(video_settings(fps=30, video_mode="gpu"))
    assert str(program) in str(caught.value)
    assert NO_NVENC[case] in str(caught.value)
    assert "video_mode='cpu'" in str(caught.value)


def test_auto_chooses_a_working_nvenc_and_cpu_never_tries_it(ffmpeg_with_nvenc: SetProgram) -> None:
    ffmpeg_with_nvenc("exit 0")
    encoder = choose_encoder(video_settings(fps=30))
    assert (encoder.name, encoder.preset) == (NVENC, "p4")
    ffmpeg_with_nvenc("touch asked; exit 0")
    assert choose_encoder(video_settings(fps=30, video_mode="cpu")).name == X264


def first_frame() -> Frame:
    return Frame.of(0, 0)


TOO_SMALL = "[h264_nvenc @ 0x1] Frame Dimension less than the minimum supported value"


def test_a_frame_below_nvencs_minimum_goes_to_libx264(
    ffmpeg_with_nvenc: SetProgram, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    ffmpeg_with_nvenc(f'case "$*" in *size=256x256*) exit 0;; esac; echo "{TOO_SMALL}" >&2; exit 1')
    settings = video_settings(fps=30)
    assert choose_encoder_for(Numbers((4.8, 2.7)), settings, first_frame).name == NVENC
    assert choose_encoder_for(Numbers((1.0, 0.8)), settings, first_frame).name == X264
    assert TOO_SMALL in caplog.text
    settings = video_settings(fps=30, video_mode="gpu")
    with pytest.raises(EncoderUnavailableError, match="minimum supported value"):
        choose_encoder_for(Numbers((1.0, 0.8)), settings, first_frame)


class Picture(PixelAnimator):
    """Has the size that its params ask for."""

    def update(self, frame_idx: int, params: tuple[int, int]) -> Any:
        return np.zeros((*params, 3), np.uint8)


def test_pixels_have_the_size_of_the_movies_first_frame(ffmpeg_with_nvenc: SetProgram) -> None:
    ffmpeg_with_nvenc(f'case "$*" in *size=256x256*) exit 0;; esac; echo "{TOO_SMALL}" >&2; exit 1')
    settings = video_settings(fps=30)
    for size, chosen in (((300, 400), NVENC), ((40, 60), X264)):
        first = Frame.of(7, size)
        assert choose_encoder_for(Picture(), settings, lambda first=first: first).name == chosen


@pytest.mark.parametrize(("mode", "preset"), [("auto", "veryfast"), ("gpu", "veryfast")])
def test_an_x264_preset_with_nvenc_is_an_error(
    ffmpeg_with_nvenc: SetProgram, mode: str, preset: str
) -> None:
    ffmpeg_with_nvenc("exit 0")
    with pytest.raises(SettingsError, match="video_preset"):
        choose_encoder(video_settings(fps=30, video_mode=mode, video_preset=preset))


def test_an_nvenc_preset_without_nvenc_is_an_error(ffmpeg_with_nvenc: SetProgram) -> None:
    ffmpeg_with_nvenc("exit 1")
    with pytest.raises(SettingsError, match=r"for libx264, which .*; found 'p4'"):
        choose_encoder(video_settings(fps=30, video_preset="p4"))


def test_a_parameter_that_ffmpeg_refuses_is_an_error_before_any_frame() -> None:
    with pytest.raises(FFmpegError, match="tune"):
        choose_encoder(
            video_settings(
                fps=30, video_mode="cpu", video_extra_ffmpeg_params=["-tune", "nonsense"]
            )
        )


def test_ffmpegs_arguments_keep_the_contract() -> None:
    settings = video_settings(fps=30, video_quality=18, video_extra_ffmpeg_params=["-g", "30"])
    x264 = codec_arguments(X264, "veryfast", settings)
    assert x264 == [
        *("-c:v", "libx264", "-preset", "veryfast", "-crf", "18", "-profile:v", "high"),
        *("-bf", "0", "-threads", "1"),
        *("-x264-params", "stitchable=1:open_gop=0:cpu-independent=1", "-g", "30"),
    ]
    nvenc = " ".join(codec_arguments(NVENC, "p4", settings))
    assert "-c:v h264_nvenc -preset p4 -rc constqp -qp 18" in nvenc
    assert "-bf 0" in nvenc


def test_a_job_uses_the_planned_ffmpeg_build_or_refuses() -> None:
    ffmpeg = candidates()[0]
    planned = Encoder(X264, "/elsewhere/ffmpeg", build_of(ffmpeg), "veryfast")
    assert on_this_machine(planned).ffmpeg == ffmpeg
    with pytest.raises(FFmpegNotFoundError, match="different builds"):
        on_this_machine(Encoder(X264, ffmpeg, "4.0 (abc)", "veryfast"))
