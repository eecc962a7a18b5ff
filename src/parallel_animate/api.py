"""The public door: the class that users derive from, and what it does.

Each method hands over to a module that is imported when it is called, so that a worker or a
Snakefile that imports this module pays for nothing.
"""

from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from os import PathLike
from typing import TYPE_CHECKING, Any

from parallel_animate.inputs.animator import AnimatorBase

if TYPE_CHECKING:
    from PIL.Image import Image


class Animator(AnimatorBase):
    """A matplotlib animation: a figure, and how it changes from frame to frame.

    Frames are rendered in chunks, by several processes at once. So that every frame looks the same
    whichever process draws it, ``update`` must set all that changes, and must not rely on an
    earlier frame having been drawn. Load heavy data in a function under ``functools.cache``: it is
    then loaded once per process, not once per chunk.
    """

    def preview(
        self,
        frame_idx: int,
        params: Any,
        savefig_params: Mapping[str, Any] | None = None,
        *,
        chunk_start: int | None = None,
    ) -> "Image":
        """Draw one frame as the movie will show it, before it is encoded.

        A copy of this object is drawn, so that nothing of it stays behind.

        Parameters
        ----------
        frame_idx : int
            Id of the frame.
        params : Any
            What ``update`` gets for it.
        savefig_params : mapping, optional
            As in `make_video`: ``dpi``.
        chunk_start : int, optional
            Id of the first frame of the chunk that the frame belongs to: ``setup()`` is seeded
            from it, so it matters where that uses random numbers. None (default) means the frame's
            own id.

        Returns
        -------
        PIL.Image.Image
            RGB, of the movie's size; a notebook shows it, and ``save`` writes it.

        Raises
        ------
        FrameError
            If the frame's id is negative.
        SetupError
            If ``setup()`` returns no Figure.
        RenderError
            If ``setup()`` or ``update()`` raises.
        """
        from parallel_animate.render.preview import preview_frame

        return preview_frame(self, frame_idx, params, savefig_params, chunk_start)

    def make_video(
        self,
        output_file: str | PathLike[str],
        param_by_frame: Iterable[Any],
        fps: int | float | str | Fraction,
        n_frames: int | None = None,
        num_workers: int = -1,
        disable_progress_bar: bool | None = None,
        plotting_log_interval: int | None = None,
        saving_log_interval: int | None = None,
        savefig_params: Mapping[str, Any] | None = None,
        video_mode: str = "auto",
        video_quality: int | None = None,
        video_preset: str | None = None,
        video_extra_ffmpeg_params: Sequence[str] | None = None,
        reuse_figure_object: bool = True,
        preload_factor: int = 8,
        *,
        chunk_size: int | None = None,
        work_dir: str | PathLike[str] | None = None,
        redraw: str = "auto",
        video_backend: str = "ffmpeg",
    ) -> None:
        """Render the animation into an H.264 MP4 file.

        Parameters
        ----------
        output_file : str or Path
            The movie (``.mp4``, ``.m4v`` or ``.mov``). Folders on the way are made. The file gets
            its name only when it is complete and verified.
        param_by_frame : iterable
            What ``update`` gets, one item per frame; a generator is consumed as rendering goes on.
            An object with only a length and items is asked for one after another. Items may be
            `IndexedFrameParams`, in any order and with gaps.
        fps : int, Fraction, str or float
            Frames per second, exact: 30, ``Fraction(30000, 1001)``, "30000/1001". A float means
            its nearest fraction with a denominator of at most 1001 (29.97 means 30000/1001).
        n_frames : int, optional
            Render only that many items; also the total of the progress bar.
        num_workers : int
            Number of worker processes. 1 renders in this process, on this very object; -1 (default)
            uses every core that this process may use (affinity, cgroup, SLURM allocation), -2 all
            but one, and so on.
        disable_progress_bar : bool, optional
            As tqdm's ``disable``: None (default) shows the bar on a terminal only.
        plotting_log_interval, saving_log_interval : int, optional
            Log at INFO after every so many frames that a worker drew, or that the join checked.
            None (default) logs nothing of that kind.
        savefig_params : mapping, optional
            ``dpi`` is honoured; other keys are ignored with a warning, since the frame is the
            whole canvas.
        video_mode : {"auto", "gpu", "cpu"}
            "gpu" means NVENC and fails where that does not work; "cpu" means libx264; "auto"
            (default) tries the one and then takes the other.
        video_quality : int, optional
            0 (lossless in 4:4:4) to 51 (worst); None (default) means 20, visually lossless.
        video_preset : str, optional
            libx264: "ultrafast" to "placebo"; NVENC: "p1" to "p7". None (default) means
            "veryfast" or "p4": a slower preset costs more time than drawing many figures.
        video_extra_ffmpeg_params : sequence of str, optional
            Appended to the encode command, say ``["-tune", "animation"]``. What would break the
            size, the timing or the join is refused.
        reuse_figure_object : bool
            False calls ``setup()`` for every frame.
        preload_factor : int
            About ``num_workers * preload_factor`` frames are queued ahead of the workers, and
            never less than the chunk that is being filled.
        chunk_size : int, optional
            Frames per segment. None (default): ceil(n/32) held between 25 and 250, or 50 where the
            number of frames is not known.
        work_dir : str or Path, optional
            Keep chunks and segments there: the same call then renders only what is missing or has
            changed. None (default) means a temporary folder.
        redraw : {"auto", "full"}
            "full" draws the whole figure for every frame. "auto" (default) draws what has changed
            and replays the rest, with the same pixels: artists whose state it cannot tell are drawn
            every time, and some frames of each chunk are drawn both ways and compared (a difference
            renders the chunk in full, with a warning).
        video_backend : {"ffmpeg", "pvio"}
            What writes the segments.

        Raises
        ------
        SettingsError
            If an argument cannot be used.
        NoFramesError
            If ``param_by_frame`` is empty.
        FrameError
            If a frame id is negative or comes twice, or params cannot be pickled.
        SetupError
            If ``setup()`` returns no Figure.
        RenderError
            If ``setup()`` or ``update()`` raises, or a worker process dies.
        FFmpegError
            If no ffmpeg works, the encoder is not available, or ffmpeg fails.
        SegmentError
            If a segment or the joined movie is not what it must be.
        OSError
            If the output folder cannot be written.
        """
        from parallel_animate.local.make_video import make_video

        make_video(
            self,
            output_file,
            param_by_frame,
            fps,
            n_frames=n_frames,
            num_workers=num_workers,
            disable_progress_bar=disable_progress_bar,
            plotting_log_interval=plotting_log_interval,
            saving_log_interval=saving_log_interval,
            savefig_params=savefig_params,
            video_mode=video_mode,
            video_quality=video_quality,
            video_preset=video_preset,
            video_extra_ffmpeg_params=video_extra_ffmpeg_params,
            reuse_figure_object=reuse_figure_object,
            preload_factor=preload_factor,
            chunk_size=chunk_size,
            work_dir=work_dir,
            redraw=redraw,
            video_backend=video_backend,
        )
