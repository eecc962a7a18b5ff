"""The studio's page on 127.0.0.1, and the connection between a page and the session.

Every request needs the token in the printed address, and a Host of this machine: pages of other
sites can neither read nor start anything, whatever name they give this address.
"""

import asyncio
import contextlib
import hmac
import json
import os
import secrets
import socket
from collections.abc import Awaitable, Callable
from pathlib import Path

from aiohttp import WSMsgType, web
from yarl import URL

from parallel_animate.errors import SettingsError
from parallel_animate.studio.pages import Page
from parallel_animate.studio.session import Session
from parallel_animate.studio.source import ReadSource

PAGE = Path(__file__).with_name("page.html")
LOOPBACK = "127.0.0.1"
HOSTS = (LOOPBACK, "localhost")
TOKEN_BYTES = 24
LARGEST_MESSAGE = 1000
LARGEST_POSITION = 2**53
# Nothing from elsewhere, and no script or style but those in the page.
POLICY = (
    "default-src 'none'; connect-src 'self'; img-src data:; script-src 'nonce-{nonce}'; "
    "style-src 'nonce-{nonce}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
NO_TOKEN = (
    "The address has no valid token. Use the whole address that parallel-animate studio has "
    "printed.\n"
)


async def serve(
    read_source: ReadSource, config: Path | None, port: int, on_address: Callable[[str], None]
) -> None:
    """Serve the page until this task is cancelled; then no process is left.

    Parameters
    ----------
    read_source, config : callable, Path or None
        As for `Session`.
    port : int
        The port; 0 takes a free one.
    on_address : callable
        Gets the page's address as soon as it works.

    Raises
    ------
    SettingsError
        If the port cannot be used.
    """
    listener = _listening(port)
    token = secrets.token_urlsafe(TOKEN_BYTES)
    session = Session(read_source, config)
    runner = web.AppRunner(_application(session, token), access_log=None, shutdown_timeout=1)
    await runner.setup()
    try:
        await web.SockSite(runner, listener).start()
        on_address(f"http://{LOOPBACK}:{listener.getsockname()[1]}/?token={token}")
        await session.follow()
    finally:
        session.end()
        await runner.cleanup()
        listener.close()


def _listening(port: int) -> socket.socket:
    try:
        return socket.create_server((LOOPBACK, port))
    except OSError as error:
        reason = os.strerror(error.errno or 0)
        raise SettingsError(
            f"--port: {port} cannot be used ({reason}). Name another one, or leave the option out "
            "to take a free one."
        ) from error


def _application(session: Session, token: str) -> web.Application:
    @web.middleware
    async def guard(
        request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
    ) -> web.StreamResponse:
        if not _may_enter(request, token):
            return web.Response(status=403, text=NO_TOKEN)
        return await handler(request)

    async def live(request: web.Request) -> web.StreamResponse:
        return await _live(request, session)

    application = web.Application(middlewares=[guard])
    application.add_routes([web.get("/", _page), web.get("/live", live)])
    return application


def _may_enter(request: web.Request, token: str) -> bool:
    try:
        host = URL(f"http://{request.host}").host
    except ValueError:
        return False
    origin = request.headers.get("Origin", f"http://{request.host}")
    given = request.query.get("token", "")
    return (
        host in HOSTS
        and origin == f"http://{request.host}"
        and hmac.compare_digest(given.encode("utf-8", "replace"), token.encode())
    )


async def _page(request: web.Request) -> web.Response:
    nonce = secrets.token_urlsafe(TOKEN_BYTES)
    headers = {
        "Content-Security-Policy": POLICY.format(nonce=nonce),
        "Cache-Control": "no-store",
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
    }
    text = PAGE.read_text(encoding="utf-8").replace("$nonce", nonce)
    return web.Response(text=text, content_type="text/html", headers=headers)


async def _live(request: web.Request, session: Session) -> web.WebSocketResponse:
    # Compressing pixels takes longer than sending them to this machine.
    connection = web.WebSocketResponse(compress=False, max_msg_size=LARGEST_MESSAGE)
    await connection.prepare(request)
    with session.page() as page:
        sending = asyncio.create_task(_send(connection, session, page))
        try:
            async for message in connection:
                if message.type is not WSMsgType.TEXT or not _obey(message.data, session, page):
                    await connection.close(code=1003)
        finally:
            sending.cancel()
            with contextlib.suppress(asyncio.CancelledError, ConnectionError):
                await sending
    return connection


def _obey(text: str, session: Session, page: Page) -> bool:
    """Do what a page asks for; return whether it was a known request."""
    try:
        message = json.loads(text)
    except ValueError:
        return False
    match message:
        case {"show": int(position)} if 0 <= position < LARGEST_POSITION:
            page.want(position)
        case {"reload": True}:
            session.load()
        case _:
            return False
    return True


async def _send(connection: web.WebSocketResponse, session: Session, page: Page) -> None:
    """Send a page its messages, and the frames that it wants."""
    while True:
        await page.wake.wait()
        page.wake.clear()
        for message in page.take_messages():
            await connection.send_json(message)
        if page.wants_picture and (answer := await session.draw(page)) is not None:
            header, pixels = answer
            await connection.send_json(header)
            if pixels:
                await connection.send_bytes(pixels)
