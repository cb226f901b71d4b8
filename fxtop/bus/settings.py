"""What a connection needs to know, as one frozen value. Secrets are callables, read anew at each connect."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from fxtop.bus.buffer import MAX_MESSAGES
from fxtop.protocol.ids import ClusterSlug
from fxtop.protocol.subjects import wildcard

SecretReader = Callable[[], str]
"""Reads a secret from where it is kept. Raises ValueError or OSError with a sentence where it can't."""

OBSERVED_KINDS: Final = ("hb", "facts", "session", "sessions", "bye", "job", "audit", "intent")


def subscriptions(cluster: ClusterSlug, kinds: Iterable[str] = OBSERVED_KINDS) -> tuple[str, ...]:
    """What is listened to: one wildcard for each kind of message (protocol 2 and 4), a console's kinds by default."""
    return tuple(wildcard(cluster, kind) for kind in kinds)


@dataclass(frozen=True, slots=True, kw_only=True)
class BusSettings:
    """How to reach a cluster's NATS servers, and what to listen to there."""

    servers: tuple[str, ...] = field(repr=False)
    """URLs, ``tls://host:port``, ``nats://host:port`` or ``host:port``. May hold a login, so they are never shown as
    they stand; see `fxtop.bus.addresses`."""
    cluster_subjects: tuple[str, ...] = ()
    """Subscriptions that are there from the start; `subscriptions` makes a console's."""
    sync_on_connect: bool = False
    """Whether to ask every agent for its state on each connect (protocol 3): yes for whoever shows the cluster."""

    token: SecretReader | None = field(default=None, repr=False)
    user: SecretReader | None = field(default=None, repr=False)
    password: SecretReader | None = field(default=None, repr=False)
    nkey_seed: Path | None = None
    """File of a user's nkey seed."""
    creds: Path | None = None
    """NATS credentials file (JWT and seed)."""

    tls: bool = False
    """Whether TLS is demanded; a server without it then gets nothing at all from us. ``tls://`` demands it too."""
    ca: Path | None = None
    """PEM file of the CAs to trust; None means the system's."""
    cert: Path | None = None
    key: Path | None = None
    server_name: str | None = None
    """The name that the servers' certificates must hold, where it isn't the URL's host."""
    tls_first: bool = False
    """Whether the server expects the TLS handshake before it says anything (``handshake_first``)."""

    name: str = "fxtop"
    """Our name in the servers' lists of connections."""
    inbox_prefix: str = "_INBOX"
    ping_interval: float = 5.0
    """Seconds between two measurements of the round trip; twice that without an answer ends the connection."""
    connect_timeout: float = 2.0
    """Seconds for each step of a connect."""
    retry_first: float = 0.25
    retry_last: float = 8.0
    """Seconds to wait after the first and after many failed rounds over all servers."""
    most_waiting: int = MAX_MESSAGES
    """Messages that may wait to be taken; the oldest make room for more."""
    discover: bool = True
    """Whether servers that a server tells us of are tried when none of the configured ones answers."""
