"""Short messages from worker processes to this one: frames drawn, warnings, log records.

Datagrams on a socket pair: they arrive whole and need no lock, so a worker that is killed in the
middle of one leaves nothing half read and nobody waiting.
"""

import contextlib
import logging
import pickle
import socket
import threading
import warnings
from collections.abc import Callable
from typing import Any, Self

from parallel_animate.warn_once import ATTRIBUTE, is_new

logger = logging.getLogger(__name__)

# A log record with a long message; macOS takes 2 KiB unless the buffer is made larger.
MAX_MESSAGE = 60_000


class Mailbox:
    """The receiving end.

    Parameters
    ----------
    receive : callable
        Called with each message, in a thread of the mailbox.
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
        # Behind all that was posted; recv() of an empty message ends the thread.
        self.address.send(b"")
        self._thread.join()
        self._inside.close()
        self.address.close()
        if self._failure is not None:
            logger.warning("A record of a worker could not be logged: %r", self._failure)

    def _run(self) -> None:
        while message := self._inside.recv(2 * MAX_MESSAGE):
            self._deliver(message)

    def _deliver(self, message: bytes) -> None:
        try:
            self._receive(pickle.loads(message))
        except Exception as error:  # noqa: BLE001 - a log handler of the user's may raise anything
            # If this thread ended, the workers would wait for ever.
            self._failure = error


def post(address: socket.socket, message: object) -> None:
    """Send a message; it is lost if nobody is there any more or it is too long."""
    data = pickle.dumps(message)
    if len(data) <= MAX_MESSAGE:
        with contextlib.suppress(OSError):
            address.send(data)


class MailHandler(logging.Handler):
    """A logging handler that posts records.

    Parameters
    ----------
    address : socket
        The mailbox's.
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
    """Post a warning, in place of ``warnings.showwarning``, whose arguments it takes."""
    message, category, filename, lineno, *rest = warning
    line = rest[1] if len(rest) > 1 else place.get("line")
    post(address, ("warning", warnings.formatwarning(message, category, filename, lineno, line)))


def deliver_record(fields: dict[str, Any]) -> None:
    """Hand a posted record to this process's loggers; what several workers warn of, once."""
    if ATTRIBUTE in fields and not is_new(fields[ATTRIBUTE]):
        return
    record = logging.makeLogRecord(fields)
    logging.getLogger(record.name).handle(record)
