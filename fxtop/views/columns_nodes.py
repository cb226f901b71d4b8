"""The columns of nodes."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final, TypeVar

from fxtop.cluster.records import NodeRow
from fxtop.views import format as fmt
from fxtop.views.column import Cell, Column, Look
from fxtop.views.column_kinds import (
    COUNT,
    DECIMAL,
    DURATION,
    SHARE,
    SIZE,
    acting,
    elapsed,
    figure,
    heard_columns,
    status,
    text,
    text_cell,
    threshold,
    trend,
    unknown_cell,
    wide,
    words,
)
from fxtop.views.names import short
from fxtop.views.overheard import brokers_of, cpu_of, host_of, services_of
from fxtop.views.states import HEARD, node_status

if TYPE_CHECKING:
    from fxtop.cluster.store import Store
    from fxtop.protocol.node import NodeFacts, NodeHeartbeat

T = TypeVar("T")

CPU: Final = SHARE._replace(tone=lambda share: threshold(share, 0.85, 0.95))
MEMORY: Final = SHARE._replace(tone=lambda share: threshold(share, 0.85, 0.95))


def session_count(row: NodeRow) -> int | None:
    """Sessions of any state, as the heartbeat counts them."""
    return row.beat.sessions.total if row.beat else None


def mem_share(row: NodeRow) -> float | None:
    """Memory in use as a share of all; None where the node doesn't know its memory."""
    if row.beat is None or not row.beat.mem_total:
        return None
    return row.beat.mem_used / row.beat.mem_total


def sessions_cell(row: NodeRow, look: Look) -> Cell:
    """``12/40``: sessions of capacity; without a capacity only the sessions."""
    count = session_count(row)
    if count is None or row.beat is None:
        return unknown_cell(look)
    if not row.beat.capacity:
        return Cell(fmt.number(count))
    tone = threshold(count / row.beat.capacity, 0.9, 1.0)
    return Cell(f"{fmt.number(count)}/{fmt.number(row.beat.capacity)}", tone)


def transporter_names(row: NodeRow) -> list[str] | None:
    """Names of the NATS servers that the node says it is connected to."""
    return [link.name for link in row.facts.transporters] if row.facts else None


def drain_text(row: NodeRow) -> str | None:
    """Who drains the node and why; empty where nobody does."""
    if row.beat is None:
        return None
    drain = row.beat.drain
    return f"{drain.by}: {drain.reason}" if drain else ""


def _beat(get: Callable[[NodeHeartbeat], T | None]) -> Callable[[NodeRow], T | None]:
    """``get`` of a row's heartbeat, or None before the first."""
    return lambda row: get(row.beat) if row.beat else None


def _facts(get: Callable[[NodeFacts], T | None]) -> Callable[[NodeRow], T | None]:
    """``get`` of a row's facts, or None where none were heard."""
    return lambda row: get(row.facts) if row.facts else None


def _state(row: NodeRow) -> str | None:
    if row.beat:
        return row.beat.state
    return None if row.by_agent else HEARD


def _capacity(row: NodeRow, store: Store, look: Look) -> float | None:
    return row.beat.capacity if row.beat else None


def _node_cell(row: NodeRow, store: Store, look: Look) -> Cell:
    return text_cell(short(row.id, look.domain), look)


def _node_aliases(row: NodeRow, store: Store, look: Look) -> tuple[str, ...]:
    return (short(row.id, look.domain), row.host)


STATE: Final[Column[NodeRow]] = status(
    "state",
    "active, draining or drained as the agent enforces it; stale, lost or left where the node is silent; "
    "heard where only FastX's own bus tells of it.",
    lambda row, store, look: node_status(row),
    _state,
    width=10,
    fixed=True,
)
NODE: Final[Column[NodeRow]] = Column(
    id="node",
    title="Node",
    help="The node's id, without the domain that all nodes share.",
    value=lambda row, store, look: row.id,
    cell=_node_cell,
    constant=True,
    aliases=_node_aliases,
    width=10,
    max_width=30,
    weight=2,
    fixed=True,
)
SESSIONS: Final[Column[NodeRow]] = Column(
    id="sessions",
    title="Sess",
    help="Sessions of any state, and the number that the node is meant to carry.",
    value=lambda row, store, look: session_count(row),
    cell=lambda row, store, look: sessions_cell(row, look),
    whole=_capacity,
    unit="number",
    width=7,
    right=True,
    descending=True,
)
MEM: Final[Column[NodeRow]] = Column(
    id="mem",
    title="Mem",
    help="Memory in use as a share of all; a filter takes sizes too.",
    value=lambda row, store, look: mem_share(row),
    cell=lambda row, store, look: unknown_cell(look) if (share := mem_share(row)) is None else MEMORY.cell(share),
    whole=lambda row, store, look: row.beat.mem_total if row.beat else None,
    unit="share",
    width=4,
    right=True,
    volatile=True,
    descending=True,
)
AGE, LIVENESS, SKEW = heard_columns("the node")

NODE_COLUMNS: Final[tuple[Column[NodeRow], ...]] = (
    STATE,
    NODE,
    SESSIONS,
    trend(
        "cpu",
        "CPU",
        "Share of all cores in use, and its recent past.",
        cpu_of,
        lambda row: row.cpu,
        CPU,
    ),
    MEM,
    AGE,
    figure("load1", "Load1", "Load average of 1 minute.", _beat(lambda beat: beat.load.one), DECIMAL, volatile=True),
    figure(
        "weight",
        "Wt",
        "Placement weight; new sessions go to nodes in its proportion.",
        _beat(lambda beat: beat.weight),
        DECIMAL,
        width=4,
    ),
    words(
        "transporter",
        "Transp",
        "Transporters (NATS servers) that the node is connected to.",
        transporter_names,
        width=8,
        max_width=24,
        weight=1,
    ),
    acting("node", lambda row: row.acting),
    text("drain", "Drain", "Who drains the node, and why.", drain_text, width=16, max_width=48, weight=2),
    *wide(
        words(
            "services",
            "Services",
            "FastX services that the node runs.",
            services_of,
            width=16,
            max_width=48,
            weight=1,
        ),
        text(
            "version",
            "FastX",
            "FastX version.",
            _facts(lambda facts: facts.versions.get("fastx")),
            width=8,
            max_width=16,
        ),
        figure("uptime", "Up", "Time since the host booted.", _beat(lambda beat: beat.uptime), DURATION, volatile=True),
        figure(
            "load5", "Load5", "Load average of 5 minutes.", _beat(lambda beat: beat.load.five), DECIMAL, volatile=True
        ),
        figure(
            "load15",
            "Load15",
            "Load average of 15 minutes.",
            _beat(lambda beat: beat.load.fifteen),
            DECIMAL,
            width=6,
            volatile=True,
        ),
        figure(
            "cores",
            "Cores",
            "Logical cores.",
            _beat(lambda beat: beat.cores),
        ),
        figure(
            "mem_used",
            "MemUsed",
            "Memory in use, which is total minus available.",
            _beat(lambda beat: beat.mem_used),
            SIZE,
            width=7,
            volatile=True,
        ),
        figure("mem_total", "MemTotal", "Memory of the host.", _beat(lambda beat: beat.mem_total), SIZE, width=8),
        figure("pending", "Pend", "Sessions that wait to be started.", _beat(lambda beat: beat.sessions.pending)),
        figure(
            "running",
            "Run",
            "Sessions that are connected, or whose connection isn't known.",
            _beat(lambda beat: beat.sessions.running),
        ),
        figure("disconnected", "Disc", "Sessions without a client.", _beat(lambda beat: beat.sessions.disconnected)),
        figure(
            "capacity", "Cap", "Sessions that the node is meant to carry.", _beat(lambda beat: beat.capacity), COUNT
        ),
        elapsed(
            "draining",
            "DrainFor",
            "How long the node has been draining.",
            _beat(lambda beat: beat.drain.since if beat.drain else None),
            width=8,
        ),
        text(
            "ticket",
            "Ticket",
            "Ticket of the drain.",
            _beat(lambda beat: (beat.drain.ticket or "") if beat.drain else ""),
            width=10,
        ),
        text(
            "host",
            "Host",
            "Fully qualified name.",
            host_of,
            width=20,
            max_width=48,
        ),
        words(
            "unofficial",
            "FastX bus",
            "What FastX's own bus calls the node, where that bus is listened to: heard unofficially.",
            brokers_of,
            width=9,
            max_width=30,
            weight=1,
        ),
        text("agent", "Agent", "Version of the agent.", _facts(lambda facts: facts.versions.get("agent")), width=8),
        text("os", "OS", "Operating system.", _facts(lambda facts: facts.versions.get("os")), width=12, max_width=30),
        text(
            "provider",
            "Provider",
            "What tells the agent of sessions.",
            _facts(lambda facts: facts.provider),
        ),
        LIVENESS,
        SKEW,
    ),
)
