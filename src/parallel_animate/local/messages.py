"""Short messages from worker processes to this one: frames drawn, warnings, log records.

They are datagrams on a socket pair, which arrive whole and need no lock. A worker that is killed
while it sends one leaves no partial message behind and blocks nobody.
"""

import contextlib
import logging
import pickle
import socket
import threading
import warnings
from collections.abc import Callable
from typing import Any, Self

from parallel_animate.render.warn_once import ATTRIBUTE, is_new

logger = logging.getLogger(__name__)

# Enough for a log record with a long message. macOS allows 2 KiB unless the buffer is enlarged.
MAX_MESSAGE = 60_000


class Mailbox:
    """The receiving end of the socket pair.

    Parameters
    ----------
    receive : callable
        Called with each message, in the mailbox's thread.
    """

    def __init__(self, receive: Callable[[Any], None]) -> None:
        self._receive = receive
        self._failure: Exception | None = None
        self._inside, self.address = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
        for end in (self._inside, self.address):
            end.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4 * MAX_MESSAGE)
        self._thread = threading.Thread(target=self._run, name="mailbox", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Deliver what has arrived, then close."""
        # It comes after everything that was posted; an empty message ends the thread.
        self.address.send(b"")
        self._thread.join()
        self._inside.close()
        self.address.close()
        if self._failure is not None:
            logger.warning("A worker's log record could not be logged: %r", self._failure)

    def _run(self) -> None:
        while message := self._inside.recv(2 * MAX_MESSAGE):
            self._deliver(message)

    def _deliver(self, message: bytes) -> None:
        try:
            self._receive(pickle.loads(message))
        except Exception as error:  # noqa: BLE001 - the user's log handler may raise anything
            # If this thread ended, the workers would wait forever.
            self._failure = error


def post(address: socket.socket, message: object) -> None:
    """Send a message; it is lost if the receiver has gone or the message is too long."""
    data = pickle.dumps(message)
    if len(data) <= MAX_MESSAGE:
        with contextlib.suppress(OSError):
            address.send(data)


class MailHandler(logging.Handler):
    """A logging handler that posts records.

    Parameters
    ----------
    address : socket
        The address of the mailbox.
    """

    def __init__(self, address: socket.socket) -> None:
        super().__init__()
        self._address = address

    def emit(self, record: logging.LogRecord) -> None:
        """Post a record as text: its arguments may not be picklable."""
        fields = dict(vars(record), msg=record.getMessage(), exc_info=None)
        if record.exc_info:
            fields["exc_text"] = logging.Formatter().formatException(record.exc_info)
        plain = {k: v for k, v in fields.items() if isinstance(v, (str, int, float, type(None)))}
        post(self._address, ("log", {**plain, "args": ()}))


def mail_warning(address: socket.socket, *warning: Any, **place: Any) -> None:
    """Post a warning; replaces ``warnings.showwarning`` and has the same arguments."""
    message, category, filename, lineno, *rest = warning
    line = rest[1] if len(rest) > 1 else place.get("line")
    post(address, ("warning", warnings.formatwarning(message, category, filename, lineno, line)))


def deliver_record(fields: dict[str, Any]) -> None:
    """Pass a posted record to this process's loggers, once if several workers give one warning."""
    if ATTRIBUTE in fields and not is_new(fields[ATTRIBUTE]):
        return
    record = logging.makeLogRecord(fields)
    logging.getLogger(record.name).handle(record)
