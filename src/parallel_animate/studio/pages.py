"""An open page: which frame it shows, and which messages it waits for.

The page and the server send each other JSON; `page.html` has the other half.
"""

import asyncio
from typing import Any


class Page:
    """An open page."""

    def __init__(self) -> None:
        self.position = 0
        self.wants_picture = False
        self.wake = asyncio.Event()
        self._messages: dict[str, dict[str, Any]] = {}

    def want(self, position: int) -> None:
        """Ask for a frame; one that was asked for before and is not drawn yet is left out."""
        self.position = position
        self.want_again()

    def want_again(self) -> None:
        """Ask for the same frame again."""
        self.wants_picture = True
        self.wake.set()

    def tell(self, message: dict[str, Any]) -> None:
        """Add a message, which replaces one of its kind that was not sent yet."""
        kind = message["kind"]
        self._messages.pop(kind, None)
        self._messages[kind] = message
        self.wake.set()

    def take_messages(self) -> list[dict[str, Any]]:
        """Return the messages in order, and forget them."""
        messages, self._messages = list(self._messages.values()), {}
        return messages
