"""What all open pages share: the process that draws, the files to watch, the failure to show.

This module knows nothing of HTTP.
"""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Coroutine, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

from watchfiles import awatch

from parallel_animate.errors import AnimateError
from parallel_animate.studio.failure import Failure, describe_failure
from parallel_animate.studio.pages import Page
from parallel_animate.studio.processes import StageEndedError, StageProcess
from parallel_animate.studio.source import MovieSource, ReadSource
from parallel_animate.studio.stamps import Stamp, has_changed, stamp_of

logger = logging.getLogger(__name__)

# A program may write a file in several steps.
SETTLING_MS = 20
# A change that the system does not report, such as one on a network disk, is found this late.
POLL_MS = 1000
# A frame that is being drawn when a file changes may take this long.
PATIENCE_SECONDS = 0.5


class Session:
    """A movie that is loaded again whenever its files change.

    Parameters
    ----------
    read_source : callable
        Returns the movie as its config describes it now.
    config : Path, optional
        The config, which is watched, too.
    """

    def __init__(self, read_source: ReadSource, config: Path | None = None) -> None:
        self._read_source = read_source
        self._stamps: dict[str, Stamp] = {}
        if config is not None:
            self._stamps[str(config.absolute())] = stamp_of(config)
        self._pages: set[Page] = set()
        # The number of times that the movie was loaded.
        self._n_loads = 0
        self._stage: StageProcess | None = None
        # Waits for the next load, with what the user's code has imported of installed packages.
        self._spare: StageProcess | None = None
        self._modules: list[str] = []
        self._is_loaded = self._is_preparing = False
        # What a new page is told.
        self._movie: dict[str, Any] | None = None
        self._failure: dict[str, Any] | None = None
        self._folders: frozenset[Path] = frozenset()
        self._folders_changed = asyncio.Event()
        # Files that the user's code writes itself.
        self._written: set[str] = set()
        self._n_asked = 0
        self._is_idle = asyncio.Event()
        self._is_idle.set()
        self._tasks: set[asyncio.Task[None]] = set()

    async def follow(self) -> None:
        """Load the movie, and load it again whenever one of its files changes; never returns."""
        self.load()
        async for _ in self._moments_to_look():
            if has_changed(self._stamps):
                # The code that draws may be what has written.
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._is_idle.wait(), PATIENCE_SECONDS)
            if has_changed(self._stamps):
                self.load()

    async def _moments_to_look(self) -> AsyncIterator[None]:
        """Yield when something has changed in a folder with watched files, and now and then."""
        while True:
            self._folders_changed.clear()
            folders = {Path.cwd(), *self._folders}
            changes = awatch(
                *filter(Path.is_dir, folders),
                watch_filter=None,
                step=SETTLING_MS,
                debounce=10 * SETTLING_MS,
                stop_event=self._folders_changed,
                rust_timeout=POLL_MS,
                yield_on_timeout=True,
                recursive=False,
            )
            try:
                async for _ in changes:
                    yield
            except (OSError, RuntimeError) as error:
                logger.warning(
                    "Saved files are seen after up to %g s, because the system watches no more "
                    "files: %s",
                    *(POLL_MS / 1000, error),
                )
                break
        while True:
            await asyncio.sleep(POLL_MS / 1000)
            yield

    def end(self) -> None:
        """End all processes."""
        for task in self._tasks:
            task.cancel()
        for process in (self._stage, self._spare):
            if process is not None:
                process.end()

    @contextlib.contextmanager
    def page(self) -> Iterator[Page]:
        """Add a page within the block."""
        page = Page()
        for message in (self._movie, self._failure):
            if message is not None:
                page.tell(message)
        self._pages.add(page)
        try:
            yield page
        finally:
            self._pages.remove(page)

    def load(self) -> None:
        """Start to load the movie in a new process; the one before ends, whatever it does."""
        self._n_loads += 1
        former, self._stage, self._is_loaded = self._stage, None, False
        if former is not None:
            self._start(asyncio.to_thread(former.end))
        self._stamps = {path: stamp_of(path) for path in self._stamps}
        self._tell({"kind": "loading"})
        self._start(self._load(self._n_loads))

    async def _load(self, number: int) -> None:
        stage = await self._take_process()
        if number != self._n_loads:
            await asyncio.to_thread(stage.end)
            return
        self._stage = stage
        try:
            source = self._read_source()
            self._watch({"stamps": {path: stamp_of(path) for path in source.files()}})
            answer, _ = await self._ask(stage, "load", source)
        except AnimateError as error:
            self._fail(stage, describe_failure(error))
            return
        except StageEndedError:
            if stage is self._stage:
                self._fail(stage, await stage.why_it_ended())
            return
        if answer["kind"] == "failure":
            self._fail(stage, answer["failure"])
            return
        self._is_loaded, self._failure = True, None
        self._tell_count(source, answer)
        for page in self._pages:
            page.want_again()
        # The pictures come first.
        await asyncio.sleep(0)
        with contextlib.suppress(StageEndedError):
            while not answer["is_complete"]:
                answer, _ = await self._ask(stage, "read")
                if answer["kind"] == "failure":
                    self._fail(stage, answer["failure"])
                    return
                self._tell_count(source, answer)

    async def draw(self, page: Page) -> tuple[dict[str, Any], bytes] | None:
        """Return the frame that a page wants, or a failure; None if the page will be woken again.

        Returns
        -------
        tuple of (dict, bytes), or None
            A message, and the pixels if it is a picture: RGBA, not premultiplied.
        """
        stage, position = self._stage, page.position
        page.wants_picture = False
        if stage is None or not self._is_loaded:
            return None
        try:
            header, pixels = await self._ask(stage, "draw", position)
        except StageEndedError:
            if stage is not self._stage:
                return None
            return _message(await stage.why_it_ended(), position), b""
        self._prepare(stage)
        if header["kind"] == "failure":
            return _message(header["failure"], position), b""
        return header, pixels

    def _fail(self, stage: StageProcess, failure: Failure) -> None:
        self._failure = _message(failure)
        self._tell(self._failure)
        self._prepare(stage)

    def _tell(self, message: dict[str, Any]) -> None:
        for page in self._pages:
            page.tell(message)

    def _tell_count(self, source: MovieSource, answer: dict[str, Any]) -> None:
        self._movie = {
            "kind": "movie",
            "name": source.name,
            "fps": float(source.settings.fps),
            "n_frames": answer["n_frames"],
            "is_complete": answer["is_complete"],
        }
        self._tell(self._movie)

    async def _ask(self, stage: StageProcess, *request: Any) -> tuple[dict[str, Any], bytes]:
        self._n_asked += 1
        self._is_idle.clear()
        try:
            answer, pixels = await stage.ask(*request)
            if stage is not self._stage:
                raise StageEndedError
            self._watch(answer)
            return answer, pixels
        finally:
            self._n_asked -= 1
            if not self._n_asked:
                self._is_idle.set()

    def _watch(self, answer: dict[str, Any]) -> None:
        """Watch the files that an answer names; they are removed from it."""
        self._written.update(answer.pop("written", ()))
        self._stamps.update(answer.pop("stamps", {}))
        self._stamps = {k: v for k, v in self._stamps.items() if k not in self._written}
        paths = map(Path, self._stamps)
        folders = frozenset(folder for path in paths for folder in (path, path.parent))
        if not folders <= self._folders:
            self._folders |= folders
            self._folders_changed.set()

    async def _take_process(self) -> StageProcess:
        spare, self._spare = self._spare, None
        if spare is not None:
            return spare
        return await asyncio.to_thread(StageProcess, self._modules)

    def _prepare(self, stage: StageProcess) -> None:
        """Start the process for the next load, unless it is there."""
        if self._spare is None and not self._is_preparing:
            self._is_preparing = True
            self._start(self._make_spare(stage))

    async def _make_spare(self, stage: StageProcess) -> None:
        try:
            with contextlib.suppress(StageEndedError):
                answer, _ = await stage.ask("modules")
                self._modules += answer["modules"]
            self._spare = await asyncio.to_thread(StageProcess, self._modules)
        finally:
            self._is_preparing = False

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        """Forget a task; show an error that nothing expects, which would leave the page waiting."""
        self._tasks.discard(task)
        if task.cancelled() or (error := task.exception()) is None:
            return
        logger.error("The studio could not go on.", exc_info=error)
        self._failure = _message(
            Failure("The studio could not go on", f"{error!r}. Save a file to try again.")
        )
        self._tell(self._failure)


def _message(failure: Failure, position: int | None = None) -> dict[str, Any]:
    return {"kind": "failure", "position": position, **asdict(failure)}
