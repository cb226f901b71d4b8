"""Rows as JSON: the protocol's own field names, with ``age``, ``liveness`` and ``skew`` beside them.

Made from the structs that came off the bus, so that a field which the protocol gains is here without anybody's doing.
What was never heard is null: unknown is a value.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, Final

import msgspec

from fxtop.cluster.voices import UNOFFICIALLY
from fxtop.protocol.license import LicenseHeartbeat
from fxtop.protocol.node import NodeFacts, NodeHeartbeat
from fxtop.protocol.session import SessionBody
from fxtop.protocol.transporter import TransporterHeartbeat
from fxtop.protocol.wire import Wire

if TYPE_CHECKING:
    from fxtop.bus.port import BusStatus
    from fxtop.cluster.records import Finding, JobRow, NodeRow, PoolRow, Row, SessionRow, TransporterRow, UserRow
    from fxtop.cluster.store import Store
    from fxtop.cluster.voices import Overheard
    from fxtop.sources.moleculer.listener import MoleculerListener

_ENVELOPE: Final = frozenset({"v", "ts", "boot", "seq"})
_OURS: Final = frozenset({"heard", "rev", "acting"})
"""Fields of our rows that mean nothing outside this process."""
_FILLED_IN: Final = ("host", "cpu", "interval", "services", "versions", "metadata")
"""Fields of a node that FastX's own bus may tell where no agent does."""


def node(row: NodeRow, store: Store) -> dict[str, Any]:
    """A node's heartbeat and facts as one object, and in ``unofficial`` what FastX's own bus tells of it, or null.

    Fields that no agent tells are taken from there, where it knows them.
    """
    fields = {**_fields(NodeHeartbeat, row.beat), **_fields(NodeFacts, row.facts)}
    told = _overheard(row.unofficial, store) if row.unofficial else None
    known = {name: told[name] for name in _FILLED_IN if told[name] not in (None, [], {})} if told else {}
    filled = {name: value for name, value in known.items() if fields[name] is None}
    return fields | filled | {"node": row.id, "unofficial": told} | _heard(row, store)


def _overheard(told: Overheard, store: Store) -> dict[str, Any]:
    now = store.clock.monotonic()
    return {
        "source": UNOFFICIALLY,
        "host": told.hostname or None,
        "addresses": list(told.addresses),
        "cpu": told.cpu,
        "interval": told.interval,
        "services": list(told.services),
        "versions": told.versions,
        "metadata": told.metadata,
        "age": round(now - told.latest.heard, 3),
        "liveness": told.latest.liveness(now),
        "brokers": [
            {
                "id": voice.key.broker,
                "prefix": voice.key.prefix,
                "protocol": voice.protocol,
                "interval": round(voice.interval, 3),
                "age": round(now - voice.heard, 3),
                "liveness": voice.liveness(now),
            }
            for voice in told.voices
        ],
    }


def session(row: SessionRow, store: Store) -> dict[str, Any]:
    """A session, and whether it has a seat."""
    return {**_fields(SessionBody, row.body), "seat": row.seat, **_heard(row, store)}


def user(row: UserRow, _store: Store) -> dict[str, Any]:
    """A user with the number of sessions in each state."""
    return {name: getattr(row, name) for name in row.__struct_fields__ if name not in _OURS}


def transporter(row: TransporterRow, store: Store) -> dict[str, Any]:
    """A transporter's heartbeat, or as much of one as the token alone shows."""
    fields = _fields(TransporterHeartbeat, row.beat)
    if row.beat is None and row.sighting is not None:
        seen = msgspec.to_builtins(row.sighting)
        fields |= {name: value for name, value in seen.items() if name in fields and name != "via"}
    return {
        **fields,
        "server": row.id,
        "in_rate": row.in_rate,
        "out_rate": row.out_rate,
        "bytes_rate": row.bytes_rate,
        "island": row.island,
        "nodes": sorted(row.nodes),
        "sources": [name for name, part in (("agent", row.beat), ("token", row.sighting)) if part is not None],
        **_heard(row, store),
    }


def pool(row: PoolRow, store: Store) -> dict[str, Any]:
    """A pool of seats with its server's state and its holders."""
    server = store.licenses.get(row.key.server)
    beat = _fields(LicenseHeartbeat, server.beat if server else None)
    return {
        "server": row.key.server,
        **{name: beat[name] for name in ("reachable", "error", "uptime")},
        **msgspec.to_builtins(row.pool),
        "denials": row.denials,
        "holders": [
            {
                **msgspec.to_builtins(held.holder),
                "seat": held.state,
                "sessions": [str(key) for key in held.sessions],
            }
            for held in row.holders
        ],
        **_heard(row, store),
    }


def job(row: JobRow, store: Store) -> dict[str, Any]:
    """A request and what came of it."""
    fields = {name: value for name, value in msgspec.to_builtins(row).items() if name not in _OURS}
    renamed = {"request": fields.pop("id"), "node": fields.pop("target"), "status": fields.pop("state")}
    return {**renamed, **fields, **_heard(row, store)}


def bus(status: BusStatus, store: Store, moleculer: MoleculerListener | None = None) -> dict[str, Any]:
    """The state of the bus, what became of the messages that came in, and what was learned of FastX's own bus."""
    intake = store.intake
    fields = msgspec.to_builtins(status)
    fields["since"] = round(store.clock.monotonic() - status.since, 3)
    return {
        "cluster": store.cluster,
        **fields,
        "accepted": intake.accepted,
        "old": intake.old,
        "lost": intake.lost,
        "rejected": [
            {"reason": reason, "kind": kind, "count": count} for (reason, kind), count in intake.rejected.most_common()
        ],
        "moleculer": None
        if moleculer is None
        else {"discover": moleculer.discovers, "namespaces": msgspec.to_builtins(moleculer.namespaces)},
    }


def _heard(row: Row, store: Store) -> dict[str, Any]:
    return {"age": round(store.age(row), 3), "liveness": row.liveness, "skew": row.skew}


def _fields(kind: type[Wire], message: Wire | None) -> dict[str, Any]:
    """The fields of ``kind`` without the envelope; all null where there is no message."""
    known = msgspec.to_builtins(message) if message is not None else {}
    return {name: known.get(name) for name in _names(kind)}


@cache
def _names(kind: type[Wire]) -> tuple[str, ...]:
    """Names of the fields of ``kind`` without the envelope. Looking them up takes msgspec a millisecond."""
    return tuple(field.encode_name for field in msgspec.structs.fields(kind) if field.encode_name not in _ENVELOPE)


def finding(row: Finding, _store: Store) -> dict[str, Any]:
    """Something that is wrong now, with what was seen of it, and the rows that it rests on by their tables."""
    return {**trouble(row), "rows": [{"kind": ref.kind, "id": str(ref.id)} for ref in row.rows]}


def trouble(row: Finding) -> dict[str, Any]:
    """A finding of the console or of the doctor: how bad, by which rule, with what, what follows, what to do."""
    return {
        "severity": row.severity,
        "kind": row.kind,
        "subject": row.subject,
        "text": row.text,
        "evidence": list(row.evidence),
        "consequence": row.consequence,
        "remedy": row.remedy,
    }
