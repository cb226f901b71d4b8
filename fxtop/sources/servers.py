"""NATS servers as the shared token alone shows them (nats-server 2.15, facts of its account monitoring).

Any client may ask ``$SYS.REQ.ACCOUNT.PING.CONNZ`` and ``STATZ``; each server of the cluster answers for itself, about
the asker's account. So the number of answers is the list of servers, and no agent is needed.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from typing import Final, TypeVar

import msgspec

from fxtop.bus.port import Answer, Bus
from fxtop.cluster.records import Sighting
from fxtop.protocol.ids import ServerId
from fxtop.protocol.text import ID_BOUND, NAME_BOUND, inert

CONNZ: Final = "$SYS.REQ.ACCOUNT.PING.CONNZ"
STATZ: Final = "$SYS.REQ.ACCOUNT.PING.STATZ"
CONNZ_OPTIONS: Final = b'{"limit":1024}'
"""1024 is nats-server's own limit for one answer."""
STATZ_OPTIONS: Final = b'{"include_unused":true}'
"""Without it a server on which nobody of the account is connected doesn't answer at all, as if it were lost."""


class Counters(msgspec.Struct):
    """Messages and bytes since the server's start."""

    msgs: int = 0
    bytes: int = 0


class ServerHeader(msgspec.Struct):
    """Who answers."""

    id: str
    name: str = ""
    host: str = ""
    cluster: str = ""
    ver: str = ""
    jetstream: bool = False


class AccountStats(msgspec.Struct):
    """One account's figures on one server; ``sent`` and ``received`` are the server's view."""

    conns: int = 0
    total_conns: int = 0
    num_subscriptions: int = 0
    sent: Counters = msgspec.field(default_factory=Counters)
    received: Counters = msgspec.field(default_factory=Counters)
    slow_consumers: int = 0


class Stats(msgspec.Struct):
    """The body of a ``STATZ`` answer."""

    account_statz: list[AccountStats] = []


class StatzReply(msgspec.Struct):
    """An answer to ``STATZ``; ``data`` is missing where ``error`` stands."""

    server: ServerHeader
    data: Stats


class Connection(msgspec.Struct):
    """One client; those without a name don't send the field."""

    name: str = ""


class Connections(msgspec.Struct):
    """The body of a ``CONNZ`` answer."""

    connections: list[Connection] = []


class ConnzReply(msgspec.Struct):
    """An answer to ``CONNZ``."""

    server: ServerHeader
    data: Connections


Reply = TypeVar("Reply")

_statz = msgspec.json.Decoder(StatzReply)
_connz = msgspec.json.Decoder(ConnzReply)


async def sightings(bus: Bus, *, via: str | None = None, within: float = 2.0, quiet: float = 0.3) -> list[Sighting]:
    """The servers that answer over ``bus``, by name.

    A server whose counters didn't come in time is left out of this round: a zero would be taken for one.

    Args:
        bus: A connected bus.
        via: The configured server that shows them; None means the one that ``bus`` is connected to.
        within: Seconds for all answers.
        quiet: Seconds without a further answer after which all are in.

    Raises:
        BusError: there is no connection, it was lost meanwhile, or the login may not ask.
    """
    connz, statz = await asyncio.gather(
        bus.gather(CONNZ, CONNZ_OPTIONS, within=within, quiet=quiet),
        bus.gather(STATZ, STATZ_OPTIONS, within=within, quiet=quiet),
    )
    return merge(connz, statz, via=bus.status.server or "" if via is None else via)


def merge(connz: Sequence[Answer], statz: Sequence[Answer], *, via: str) -> list[Sighting]:
    """Sightings from the answers to both questions; answers that can't be read count as none."""
    clients = {reply.server.id: reply.data.connections for reply in _decoded(_connz, connz)}
    seen = {
        reply.server.id: _sighting(reply, clients.get(reply.server.id, ()), via) for reply in _decoded(_statz, statz)
    }
    return sorted(seen.values(), key=lambda sighting: (sighting.name, sighting.server))


def _decoded(decoder: msgspec.json.Decoder[Reply], answers: Sequence[Answer]) -> Iterable[Reply]:
    for answer in answers:
        try:
            yield decoder.decode(answer.payload)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            continue


def _sighting(reply: StatzReply, clients: Iterable[Connection], via: str) -> Sighting:
    accounts = reply.data.account_statz
    server = reply.server
    return Sighting(
        server=ServerId(inert(server.id, ID_BOUND)),
        name=inert(server.name or server.id, NAME_BOUND),
        host=inert(server.host, NAME_BOUND),
        version=inert(server.ver, NAME_BOUND),
        cluster=inert(server.cluster, NAME_BOUND),
        connections=sum(account.conns for account in accounts),
        total_connections=sum(account.total_conns for account in accounts),
        subscriptions=sum(account.num_subscriptions for account in accounts),
        in_msgs=sum(account.received.msgs for account in accounts),
        out_msgs=sum(account.sent.msgs for account in accounts),
        in_bytes=sum(account.received.bytes for account in accounts),
        out_bytes=sum(account.sent.bytes for account in accounts),
        slow_consumers=sum(account.slow_consumers for account in accounts),
        jetstream=server.jetstream,
        clients=tuple(sorted(inert(client.name, NAME_BOUND) for client in clients if client.name)),
        via=via,
    )
