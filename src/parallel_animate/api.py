"""The public entry point: the classes that users derive from.

Each method imports the module that does its work when it is called, so importing this module costs
a worker or a Snakefile next to nothing.
"""

from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from os import PathLike
from typing import TYPE_CHECKING, Any

from parallel_animate.formats import output_name
from parallel_animate.inputs.animator import AnimatorBase, FigureAnimatorBase, PixelAnimatorBase
from parallel_animate.render.tracebacks import short_traceback
from parallel_animate.settings import RenderOptions

if TYPE_CHECKING:
    from PIL.Image import Image

    from parallel_animate.inputs.timeline import Timeline
    from parallel_animate.local.movie import Movie


class Renderable(AnimatorBase):
    """What can be done with every animation."""

    @short_traceback
    def preview(
        self,
        frame_idx: int,
        params: Any,
        savefig_params: Mapping[str, Any] | None = None,
        *,
        chunk_start: int | None = None,
    ) -> "Image":
        """Draw one frame as the movie will show it, before it is encoded.

        A copy of this object is drawn, so this object does not change.

        Parameters
        ----------
        frame_idx : int
            The frame's id.
        params : Any
            The frame's params, which ``update`` gets.
        savefig_params : mapping, optional
            As in `make_video`: only ``dpi`` is used.
        chunk_start : int, optional
            Id of the first frame of the frame's chunk. It seeds ``setup()``, so it matters only if
            ``setup()`` uses random numbers. None (default) means the frame's own id.

        Returns
        -------
        PIL.Image.Image
            RGB, in the movie's size. A notebook displays it; ``save()`` writes it to a file.

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

    @short_traceback
    def make_video(
        self,
        output_file: str | PathLike[str],
        param_by_frame: "Iterable[Any] | Timeline",
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
        transparent: bool = False,
        title: str | None = None,
        author: str | None = None,
        comment: str | None = None,
        chapters: Sequence[tuple[int, str]] | None = None,
        captions: str | PathLike[str] | None = None,
        audio: str | PathLike[str] | None = None,
        poster: str | PathLike[str] | None = None,
        poster_frame: int = 0,
        codec: str | None = None,
        also: str | PathLike[str] | Sequence[str | PathLike[str]] | None = None,
    ) -> "Movie":
        """Render the animation into a movie: an H.264 MP4 file, or what the suffix names.

        Some frames are also drawn alone. If one of them depends on the frames before, a warning
        explains why, and the whole movie is rendered in order in one process, from its first frame
        to its last.

        Parameters
        ----------
        output_file : str or Path
            The movie. Its suffix decides: ``.mp4``, ``.m4v``, ``.mov`` and ``.mkv`` (H.264),
            ``.webm`` (VP9), ``.gif``, ``.webp`` or ``.apng``. ``frames/%06d.png`` is a folder of
            numbered pictures, from 0. Missing folders are created. The file or folder gets its name
            only when it is complete and verified. A link stays, and the movie is where it leads.
        param_by_frame : iterable
            The params that ``update`` gets, one item per frame. A generator is consumed while the
            movie renders; an object with only a length and items is read one item at a time. Items
            may be `IndexedFrameParams`, in any order and with gaps. A `Timeline` plans holds and
            speeds in seconds.
        fps : int, Fraction, str or float
            Exact frames per second: 30, ``Fraction(30000, 1001)``, "30000/1001". A float means the
            nearest fraction with a denominator of at most 1001 (29.97 means 30000/1001).
        n_frames : int, optional
            Render only this many items; also the progress bar's total.
        num_workers : int
            Number of worker processes. 1 renders in this process, with this object itself; -1
            (default) uses every core that this process may use (affinity, cgroup, SLURM
            allocation), -2 all but one, and so on.
        disable_progress_bar : bool, optional
            As tqdm's ``disable``: None (default) shows the bar on a terminal and in a notebook.
        plotting_log_interval, saving_log_interval : int, optional
            Log a line at INFO each time a worker has drawn, or the join has checked, this many
            frames. None (default) logs no such lines.
        savefig_params : mapping, optional
            ``dpi`` and ``transparent`` are used; other keys are ignored with a warning, since a
            frame is the whole canvas.
        video_mode : {"auto", "gpu", "cpu"}
            "gpu" means NVENC, and fails if NVENC does not work; "cpu" means libx264; "auto"
            (default) uses NVENC if it works, otherwise libx264.
        video_quality : int, optional
            0 (lossless in H.264 and 4:4:4) to 51 (worst); None (default) means 20, visually
            lossless. For H.264, HEVC, AV1 and VP9 only.
        video_preset : str, optional
            libx264: "ultrafast" to "placebo"; NVENC: "p1" to "p7". None (default) means
            "veryfast" or "p4": with a slower preset, encoding can take longer than drawing.
        video_extra_ffmpeg_params : sequence of str, optional
            Appended to the encode command, for example ``["-tune", "animation"]``. Parameters that
            would break the size, the timing or the join are refused.
        reuse_figure_object : bool
            True (default) calls ``setup()`` once per chunk; False calls it for every frame.
        preload_factor : int
            About ``num_workers * preload_factor`` frames are queued ahead of the workers, but
            never fewer than fill the current chunk.
        chunk_size : int, optional
            Frames per segment. None (default) depends on the number of frames alone: up to 199
            frames are cut into an even number of about equal segments, of 13 to 38 frames; up to
            1024 into at most 8 or 16 segments, of 25 to 64; more into at most 32, of 40 to 250.
            If the number is unknown, it is 50.
        work_dir : str or Path, optional
            Folder that keeps chunks and segments: the same call then renders only what is missing
            or has changed. None (default) means a temporary folder. A movie that is rendered in
            order is one segment.
        redraw : {"auto", "full"}
            "full" draws the whole figure for every frame. "auto" (default) draws only what has
            changed and replays the rest, with identical pixels. Artists whose state it cannot
            compare are drawn every time. Some frames of each chunk are drawn both ways and
            compared; if they differ, the whole chunk is drawn in full, with a warning.
        video_backend : {"ffmpeg", "pvio"}
            The program or library that writes the segments.
        transparent : bool
            True draws figures and axes without their backgrounds, as
            ``savefig(transparent=True)``. ``.mov`` (then ProRes 4444), ``.webm``, ``.webp``,
            ``.apng``, ``.gif`` and ``.png`` keep the transparency; elsewhere, frames are composited
            over white. Every frame is then drawn in full.
        title, author, comment : str, optional
            Texts in the file. These and what follows are for ``.mp4``, ``.m4v``, ``.mov``,
            ``.mkv`` and ``.webm``. They are added when the segments are joined, so a change draws
            no frame again.
        chapters : sequence of (int, str), optional
            Frame id and name of each chapter, such as ``[(0, "Calm"), (120, "Storm")]``, in
            ascending order. The first one begins at the movie's first frame.
        captions : str or Path, optional
            An SRT or WebVTT file in UTF-8, whose captions do not overlap and end with the movie.
        audio : str or Path, optional
            A file with sound. It is cut, or silence is added, to the movie's length. It is copied
            if it is long enough and the kind of file takes its codec, and encoded otherwise (AAC;
            Opus in ``.mkv`` and ``.webm``).
        poster : str or Path, optional
            A picture to write, ``.png`` or ``.jpg``: one frame as the movie shows it.
        poster_frame : int
            Id of the frame on the poster; 0 by default.
        codec : str, optional
            The video codec, if it is not the usual one of the kind of file: "h264", "hevc",
            "hevc-10bit", "av1", "av1-10bit", "vp9", "h264-rgb" (lossless), "ffv1" (lossless),
            "prores" or "png". An encoder's name in ffmpeg, such as "libx265", means its codec.
            Each kind of file can hold some of them.
        also : str, Path or sequence of these, optional
            More files of the same frames, such as "wave.gif" or ["wave.gif", "wave.webm"]; each
            frame is drawn once for all. Each file is the one that this method alone would write
            under its name without ``codec``, ``video_quality``, ``video_preset``,
            ``video_extra_ffmpeg_params`` and ``video_backend``, which are for ``output_file``
            alone. Texts, sound, captions and chapters are left out of files that hold pictures
            only; the poster is written once.

        Returns
        -------
        Movie
            The movie, which a notebook plays. Its ``also`` holds those of the other files.

        Raises
        ------
        SettingsError
            If an argument cannot be used.
        NoFramesError
            If ``param_by_frame`` is empty.
        FrameError
            If a frame id is negative or used twice, or params cannot be pickled.
        SetupError
            If ``setup()`` returns no Figure.
        RenderError
            If ``setup()`` or ``update()`` raises, or a worker process dies.
        FFmpegError
            If no ffmpeg works, the encoder is not available, or ffmpeg fails.
        SegmentError
            If a segment or the joined movie is damaged, or does not hold what it should.
        OSError
            If the output folder cannot be written.
        """
        from parallel_animate.local.make_video import make_video

        options = RenderOptions(
            fps=fps,
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
            output=output_name(output_file),
            transparent=transparent,
            title=title,
            author=author,
            comment=comment,
            chapters=chapters,
            captions=captions,
            audio=audio,
            poster=poster,
            poster_frame=poster_frame,
            codec=codec,
            also=also,
        )
        return make_video(self, output_file, param_by_frame, options)


class Animator(FigureAnimatorBase, Renderable):
    """A matplotlib animation: a figure, and how it changes from frame to frame.

    Several processes render the frames at once, in chunks. For every frame to look the same
    whichever process draws it, ``update`` must set everything that changes, and must not rely on
    an earlier frame. Load heavy data in a function under ``functools.cache``: it is then loaded
    once per process, not once per chunk.
    """


class PixelAnimator(PixelAnimatorBase, Renderable):
    """An animation whose frames are arrays of pixels, which matplotlib does not draw.

    ``update()`` returns a frame as an RGB or RGBA array, made with Pillow, NumPy, PyVista or
    anything else. ``setup()`` may prepare what ``update()`` needs and keep it as attributes.
    Everything else is as for `Animator`. The options ``redraw`` and ``dpi`` make no difference.
    """
