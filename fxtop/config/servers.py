"""Server URLs as people write them, and the login that may stand in them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final, NamedTuple
from urllib.parse import SplitResult, unquote, urlsplit

from fxtop.protocol.text import inert

DEFAULT_SERVER: Final = "nats://127.0.0.1:4222"
DEFAULT_PORT: Final = 4222
SCHEMES: Final = ("nats", "tls")

_SEPARATORS = re.compile(r"[\s,;]+")


class UrlLogin(NamedTuple):
    """What stood before the ``@``; without a password it is a token (nats-server 2.15)."""

    user: str
    password: str | None

    def __repr__(self) -> str:
        return "UrlLogin(…)"


class Servers(NamedTuple):
    """URLs without a login, and the one login that they shared."""

    urls: tuple[str, ...]
    login: UrlLogin | None


def parse_servers(texts: Iterable[str]) -> Servers:
    """The servers of ``texts``, each of which may be a list with commas; doubles are left out.

    Raises:
        ValueError: a sentence without any secret, where a server can't be read or logins differ.
    """
    parsed = [_parse(part) for text in texts for part in _SEPARATORS.split(text) if part]
    logins = {login for _, login in parsed if login is not None}
    if len(logins) > 1:
        raise ValueError("the servers' URLs hold different logins: give one login for all, best in a token file")
    return Servers(tuple(dict.fromkeys(url for url, _ in parsed)), logins.pop() if logins else None)


def is_tls(url: str) -> bool:
    """Whether ``url`` asks for TLS."""
    return url.startswith("tls://")


def _parse(text: str) -> tuple[str, UrlLogin | None]:
    try:
        parts = urlsplit(text if "://" in text else f"nats://{text}")
        port = parts.port
        host = parts.hostname
    except ValueError:
        raise ValueError("a server's URL can't be read: write it as tls://host:4222") from None
    if parts.scheme not in SCHEMES:
        raise ValueError(
            f"a server's URL begins with '{inert(parts.scheme, 20)}://': only nats:// and tls:// are known"
        )
    if not host or not host.isprintable() or parts.path.strip("/") or parts.query or parts.fragment:
        raise ValueError("a server's URL is not just a host and a port: write it as tls://host:4222")
    bracketed = f"[{host}]" if ":" in host else host
    return f"{parts.scheme}://{bracketed}:{port or DEFAULT_PORT}", _login(parts)


def _login(parts: SplitResult) -> UrlLogin | None:
    if not parts.username:
        return None
    return UrlLogin(unquote(parts.username), unquote(parts.password) if parts.password else None)
