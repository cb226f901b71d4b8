"""Asking a server on this machine by HTTP."""

from __future__ import annotations

import http.client
import ssl
from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple
from urllib.parse import urlsplit

from fxtop.agent.collectors.port import CollectError

MAX_BODY: Final = 8 * 1024 * 1024


class Page(NamedTuple):
    """An answer, whatever its status."""

    status: int
    body: bytes


def fetch(
    base: str,
    paths: Iterable[str],
    *,
    headers: Mapping[str, str] | None = None,
    trust: ssl.SSLContext | None = None,
    timeout: float = 3.0,
) -> list[Page]:
    """The pages at ``paths`` under the URL ``base``, over one connection. Blocks: call it in a thread.

    Args:
        base: the server's URL.
        paths: what to ask for.
        headers: go with each question; nothing is sent before TLS stands, where the URL asks for it.
        trust: whom to trust behind ``https``; None means whom the system trusts.
        timeout: seconds without a word after which it is given up.

    Raises:
        CollectError: the server didn't answer, as a sentence.
    """
    connection = _connection(base, trust, timeout)
    above = urlsplit(base).path.rstrip("/")
    try:
        return [_get(connection, above + path, headers or {}) for path in paths]
    except (OSError, http.client.HTTPException) as error:
        raise CollectError(f"{base} didn't answer: {error or type(error).__name__}.") from error
    finally:
        connection.close()


def _connection(base: str, trust: ssl.SSLContext | None, timeout: float) -> http.client.HTTPConnection:
    url = urlsplit(base)
    if url.scheme == "https":
        return http.client.HTTPSConnection(url.hostname or "", url.port, timeout=timeout, context=trust)
    return http.client.HTTPConnection(url.hostname or "", url.port, timeout=timeout)


def _get(connection: http.client.HTTPConnection, path: str, headers: Mapping[str, str]) -> Page:
    connection.request("GET", path, headers=dict(headers))
    response = connection.getresponse()
    return Page(response.status, response.read(MAX_BODY))
