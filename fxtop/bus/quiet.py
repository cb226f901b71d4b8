"""Keeping libraries from writing to a terminal that somebody is looking at."""

from __future__ import annotations

import logging
from typing import Final

CHATTER: Final = "returning true from eof_received()"
"""What asyncio says at the end of each TLS connection that nats-py upgraded; it means nothing."""


class _NoChatter(logging.Filter):
    def filter(self, record: logging.LogRecord) -> bool:
        return CHATTER not in str(record.msg)


_FILTER = _NoChatter()


def hush() -> None:
    """Silence asyncio's chatter, and keep nats-py's log lines off stderr; a configured log still gets those."""
    logging.getLogger("asyncio").addFilter(_FILTER)  # the same filter twice counts once
    library = logging.getLogger("nats")
    if not any(isinstance(handler, logging.NullHandler) for handler in library.handlers):
        library.addHandler(logging.NullHandler())
