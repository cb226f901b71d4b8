"""What the transporter shows, and to whom."""

from __future__ import annotations

from collections.abc import Iterator

from fxtop.cluster.records import Severity
from fxtop.doctor.facts import Facts
from fxtop.doctor.finding import Finding, Missing, Outcome


def monitoring(facts: Facts) -> Iterator[Outcome]:
    """Monitoring that is off, or that everybody can read: it has no login."""
    if isinstance(facts.nats, Missing):
        return
    found, file = facts.nats.server.monitoring, str(facts.nats.file)
    if found is None:
        yield Finding(
            severity=Severity.INFO,
            kind="monitoring-off",
            subject=file,
            text="the transporter's monitoring is off",
            evidence=(f"{file}: no http",),
            consequence="routes, memory and the reasons why clients were cut off can't be seen",
            remedy='add http: "127.0.0.1:8222" and restart the transporter',
        )
    elif not found.local:
        yield Finding(
            severity=Severity.WARN,
            kind="monitoring-open",
            subject=str(found.at),
            text="the transporter's monitoring listens to the network",
            evidence=(f"{found.at}  {found.host or 'all interfaces'}",),
            consequence="whoever reaches it sees every client and subject; there is no login",
            remedy='bind it to this host: http: "127.0.0.1:8222"',
        )


def clients_in_clear(facts: Facts) -> Iterator[Outcome]:
    """A client port without TLS."""
    if isinstance(facts.nats, Missing) or facts.nats.server.tls is not None:
        return
    yield Finding(
        severity=Severity.WARN,
        kind="clients-in-clear",
        subject=str(facts.nats.file),
        text="clients are not encrypted",
        evidence=(f"{facts.nats.file}: no tls block",),
        consequence="the token goes over the network in clear with every node that connects",
        remedy="add tls { cert_file, key_file } for the client port, and have the nodes connect with tls://",
    )
