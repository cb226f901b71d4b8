"""Where the servers are: the configured ones first, then those that a server told us of."""

from __future__ import annotations

import ipaddress
import random
from collections.abc import Iterable, Sequence
from typing import Any, Final
from urllib.parse import ParseResult, SplitResult, unquote, urlsplit

import msgspec

DEFAULT_PORT: Final = 4222
SCHEMES: Final = ("nats", "tls")


class Address(msgspec.Struct, frozen=True):
    """One server. A login that stood in its URL is kept apart, so that ``url`` can be shown."""

    host: str
    port: int
    tls: bool = False
    """Whether the URL demands TLS."""
    tls_name: str | None = None
    """The name that its certificate must hold, where it isn't ``host``."""
    user: str | None = None
    """User, or the token where there is no password."""
    password: str | None = None

    def __repr__(self) -> str:
        """All but the login."""
        return f"Address({self.url!r})"

    def __rich_repr__(self) -> list[tuple[str, Any]]:
        """The same for Rich, which would show all fields of a struct."""
        return [("url", self.url)]

    @property
    def place(self) -> str:
        """``host:port``, as shown in sentences."""
        return f"{_bracketed(self.host)}:{self.port}"

    @property
    def url(self) -> str:
        """The URL without any secret."""
        return f"{'tls' if self.tls else 'nats'}://{self.place}"


def parse(text: str) -> Address:
    """The address that ``text`` names; ValueError with a sentence (and without any secret) where it names none."""
    url = text if "://" in text else f"nats://{text}"
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise ValueError("a server's URL can't be read: write it as tls://host:4222") from None
    if parts.scheme not in SCHEMES:
        raise ValueError(f"a server's URL begins with '{parts.scheme}://': only nats:// and tls:// are known")
    if not parts.hostname:
        raise ValueError("a server's URL has no host: write it as tls://host:4222")
    user, password = _login(parts)
    return Address(parts.hostname, port or DEFAULT_PORT, parts.scheme == "tls", user=user, password=password)


class AddressBook:
    """All servers that may be tried, and in which order."""

    def __init__(self, servers: Sequence[str], rng: random.Random) -> None:
        if not servers:
            raise ValueError("no server is configured: name one with --server tls://host:4222")
        self.configured = tuple(parse(server) for server in servers)
        self._learned: dict[str, Address] = {}
        self._rng = rng

    def learn(self, urls: Iterable[ParseResult], told_by: Address) -> None:
        """Keep servers that ``told_by`` announced. An address in digits is checked by the teller's name.

        Certificates seldom hold addresses; nats-server announces them.
        """
        for url in urls:
            if url.hostname:
                name = (told_by.tls_name or told_by.host) if _is_ip(url.hostname) else None
                address = Address(
                    url.hostname, url.port or DEFAULT_PORT, told_by.tls, name, told_by.user, told_by.password
                )
                self._learned[address.place] = address

    def round(self, avoid: Address | None = None) -> list[Address]:
        """Every server once: configured ones shuffled, then learned ones shuffled, never ``avoid``."""
        known = {address.place for address in self.configured}
        learned = [address for place, address in self._learned.items() if place not in known]
        order = [*self._shuffled(self.configured), *self._shuffled(learned)]
        return [address for address in order if avoid is None or address.place != avoid.place]

    def _shuffled(self, addresses: Sequence[Address]) -> list[Address]:
        return self._rng.sample(addresses, len(addresses))


def _login(parts: SplitResult) -> tuple[str | None, str | None]:
    user = unquote(parts.username) if parts.username else None
    return user, unquote(parts.password) if parts.password else None


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _is_ip(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
