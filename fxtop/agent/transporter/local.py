"""Which NATS server is the one on this host: the one that greets on its client port here."""

from __future__ import annotations

from fxtop.agent.collectors.port import CollectError
from fxtop.bus.greeting import Greeting, NoGreeting, greet
from fxtop.config.servers import DEFAULT_PORT


class LocalServer:
    """The server at ``address`` (``host:port``), remembered once it has greeted.

    Each greeting is a connection that the server counts, so it is only asked for when nobody knows better.
    """

    def __init__(self, address: str) -> None:
        host, colon, port = address.rpartition(":")
        self._host = (host if colon else address).strip("[]")
        self._port = int(port) if colon else DEFAULT_PORT
        self._known: Greeting | None = None

    async def known(self) -> Greeting:
        """What it said when it was last asked; asked for where it never was. Raises CollectError."""
        return self._known or await self.asked()

    async def asked(self) -> Greeting:
        """What it says now. Raises CollectError, and then what it said before stays known."""
        try:
            self._known = await greet(self._host, self._port)
        except NoGreeting as error:
            raise CollectError(str(error)) from error
        return self._known


def address_flaw(address: str) -> str | None:
    """Why ``address`` can't be a server's, a clause without a subject; None where it can."""
    host, colon, port = address.rpartition(":")
    if colon and not (port.isascii() and port.isdigit() and 0 < int(port) < 65536):
        return "has to be a host and a port, such as 127.0.0.1:4222"
    return None if (host if colon else address) else "names no host"
