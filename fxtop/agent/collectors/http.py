"""Asking a server on this machine by HTTP."""

from __future__ import annotations

import http.client
from typing import Final, NamedTuple
from urllib.parse import urlsplit

from fxtop.agent.collectors.port import CollectError

MAX_BODY: Final = 8 * 1024 * 1024


class Page(NamedTuple):
    """An answer, whatever its status."""

    status: int
    body: bytes


def fetch(base: str, paths: tuple[str, ...], timeout: float = 3.0) -> list[Page]:
    """The pages at ``paths`` under the URL ``base``, over one connection. Blocks: call it in a thread.

    Raises:
        CollectError: the server didn't answer, as a sentence.
    """
    url = urlsplit(base)
    kind = http.client.HTTPSConnection if url.scheme == "https" else http.client.HTTPConnection
    connection = kind(url.hostname or "", url.port, timeout=timeout)
    try:
        return [_get(connection, url.path.rstrip("/") + path) for path in paths]
    except (OSError, http.client.HTTPException) as error:
        raise CollectError(f"{base} didn't answer: {error or type(error).__name__}.") from error
    finally:
        connection.close()


def _get(connection: http.client.HTTPConnection, path: str) -> Page:
    connection.request("GET", path)
    response = connection.getresponse()
    return Page(response.status, response.read(MAX_BODY))
