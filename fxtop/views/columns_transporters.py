"""The columns of transporters (NATS servers)."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final, TypeVar

from fxtop.cluster.records import TransporterRow
from fxtop.views import format as fmt
from fxtop.views.column import Cell, Column, Look, Tone
from fxtop.views.column_kinds import (
    COUNT,
    DURATION,
    LATENCY,
    SHARE,
    SIZE,
    figure,
    flag,
    heard_columns,
    status,
    text,
    text_cell,
    trend,
    unknown_cell,
    wide,
)
from fxtop.views.states import transporter_status

if TYPE_CHECKING:
    from fxtop.cluster.records import Sighting
    from fxtop.cluster.store import Store
    from fxtop.protocol.transporter import TransporterHeartbeat

T = TypeVar("T")

SLOW: Final = COUNT._replace(tone=lambda count: Tone.WARN if count else Tone.NORMAL)
PORT: Final = COUNT._replace(show=lambda port: f"{port:.0f}")
SOON: Final = 30 * fmt.DAY
"""Seconds before an expiry from which it is shown as a warning; in the last week it is critical."""
URGENT: Final = 7 * fmt.DAY


def expiry_cell(expires: float | None, look: Look, never: str) -> Cell:
    """How long something is still good: ``41d``, ``expired``, or ``never`` as given."""
    if expires is None:
        return Cell(never, Tone.MUTED)
    left = expires - look.now
    if left <= 0:
        return Cell("expired", Tone.CRIT)
    tone = Tone.CRIT if left < URGENT else Tone.WARN if left < SOON else Tone.NORMAL
    return Cell(fmt.duration(left), tone)


def slowest_route(row: TransporterRow) -> float | None:
    """The longest round trip to another server, in seconds; None where none was measured."""
    routes = row.beat.routes if row.beat and row.beat.knows("routes") else ()
    times = [route.rtt for route in routes if route.rtt is not None]
    return max(times, default=None)


def peers(row: TransporterRow) -> int | None:
    """Other servers that it is routed to. A cluster keeps several routes to each. None where they aren't known."""
    if row.beat is None or not row.beat.knows("routes"):
        return None
    return len({route.remote_id for route in row.beat.routes})


def routes_cell(row: TransporterRow, look: Look) -> Cell:
    """``2/2``: servers reached of those configured; fewer than configured is a fault."""
    count = peers(row)
    if count is None or row.beat is None:
        return unknown_cell(look)
    configured = row.beat.configured_routes
    if configured is None:
        return Cell(f"{count}/{fmt.unknown(look)}")
    return Cell(f"{count}/{configured}", Tone.WARN if count < configured else Tone.NORMAL)


def _beat(get: Callable[[TransporterHeartbeat], T | None]) -> Callable[[TransporterRow], T | None]:
    """``get`` of the agent's heartbeat, or None where no agent sits beside the server."""
    return lambda row: get(row.beat) if row.beat else None


def _seen(
    get: Callable[[TransporterHeartbeat | Sighting], T | None],
) -> Callable[[TransporterRow], T | None]:
    """``get`` of the heartbeat, else of what the shared token shows of the server."""

    def value(row: TransporterRow) -> T | None:
        source = row.beat or row.sighting
        return get(source) if source else None

    return value


def counted(name: str) -> Callable[[TransporterRow], float | None]:
    """The figure ``name`` as the agent tells it, else as the shared token shows it; None where neither knows."""

    def value(row: TransporterRow) -> float | None:
        if row.beat and row.beat.knows(name):
            source: object = row.beat
        else:
            source = row.sighting
        found: float | None = getattr(source, name, None)
        return found

    return value


def message_rate(row: TransporterRow) -> float | None:
    """Messages a second, both ways."""
    return None if row.in_rate is None or row.out_rate is None else row.in_rate + row.out_rate


def via(row: TransporterRow) -> str:
    """How it is known: the agent's own way, or the token alone."""
    if row.beat:
        return row.beat.via
    return "token" if row.sighting else ""


def _certificate_cell(row: TransporterRow, store: Store, look: Look) -> Cell:
    if row.beat is None or row.beat.cert_expires is None:
        return unknown_cell(look)
    return expiry_cell(row.beat.cert_expires, look, "")


STATE: Final[Column[TransporterRow]] = status(
    "state",
    "ok, slow (it cut off slow consumers since this console started), leaving (lame duck mode), stale, lost or left.",
    lambda row, store, look: transporter_status(row),
    width=9,
    fixed=True,
)
NAME: Final[Column[TransporterRow]] = Column(
    id="name",
    title="Name",
    help="The server's configured name, or its id; a filter takes both.",
    value=lambda row, store, look: row.name,
    cell=lambda row, store, look: text_cell(row.name, look),
    aliases=lambda row, store, look: (row.id,),
    width=10,
    max_width=30,
    weight=2,
    fixed=True,
)
ROUTES: Final[Column[TransporterRow]] = Column(
    id="routes",
    title="Route",
    help="Other servers that it is connected to, of those in its configuration.",
    value=lambda row, store, look: peers(row),
    cell=lambda row, store, look: routes_cell(row, look),
    whole=lambda row, store, look: row.beat.configured_routes if row.beat else None,
    unit="number",
    width=5,
    right=True,
)
CERTIFICATE: Final[Column[TransporterRow]] = Column(
    id="cert_expires",
    title="Cert",
    help="How long its certificate is still good.",
    value=lambda row, store, look: row.beat.cert_expires if row.beat else None,
    cell=_certificate_cell,
    unit="moment",
    width=7,
    right=True,
)
AGE, LIVENESS, SKEW = heard_columns("the server, or the agent beside it,")

TRANSPORTER_COLUMNS: Final[tuple[Column[TransporterRow], ...]] = (
    STATE,
    NAME,
    figure("connections", "Clts", "Connected clients.", counted("connections"), width=4),
    figure("nodes", "Nodes", "Nodes that say they are connected to it.", lambda row: len(row.nodes)),
    ROUTES,
    figure("in_rate", "In/s", "Messages a second into the server.", lambda row: row.in_rate, volatile=True),
    figure("out_rate", "Out/s", "Messages a second out of the server.", lambda row: row.out_rate, volatile=True),
    AGE,
    figure("bytes_rate", "B/s", "Bytes a second, both ways.", lambda row: row.bytes_rate, SIZE, volatile=True),
    figure(
        "slow",
        "Slow",
        "Slow consumers that it cut off since this console started.",
        lambda row: row.slow_since_start,
        SLOW,
        width=4,
    ),
    figure("rtt", "RTT", "Round trip to the farthest of its routes.", slowest_route, LATENCY, width=6, volatile=True),
    figure("island", "Isl", "Servers with the same number see each other.", lambda row: row.island or None, width=3),
    CERTIFICATE,
    flag("tls_required", "TLS", "Whether clients must use TLS.", _beat(lambda beat: beat.tls_required)),
    text("version", "Version", "Version of the NATS server.", _seen(lambda seen: seen.version)),
    *wide(
        trend(
            "messages",
            "Messages",
            "Messages a second both ways, and their recent past.",
            message_rate,
            lambda row: row.msgs,
        ),
        figure("uptime", "Up", "Time since it started.", counted("uptime"), DURATION, volatile=True),
        figure("subscriptions", "Subs", "Subscriptions.", counted("subscriptions")),
        figure("cpu", "CPU", "Share of one core in use.", counted("cpu"), SHARE, volatile=True),
        figure("mem", "Mem", "Resident memory.", counted("mem"), SIZE, volatile=True),
        figure(
            "total_connections",
            "Total",
            "Connections since it started.",
            counted("total_connections"),
            volatile=True,
        ),
        figure(
            "slow_consumers",
            "SlowAll",
            "Slow consumers that it cut off since it started.",
            counted("slow_consumers"),
            width=7,
        ),
        flag("jetstream", "JS", "Whether JetStream is on.", _seen(lambda seen: seen.jetstream)),
        flag("lame_duck", "Lame", "Whether it is asking its clients to leave.", _beat(lambda beat: beat.lame_duck)),
        text("host", "Host", "Its host.", _seen(lambda seen: seen.host), width=14, max_width=40, weight=1),
        figure("port", "Port", "Its client port.", _beat(lambda beat: beat.port), PORT),
        text("via", "Via", "How it is known: http, sys or info by the agent beside it, token by the token alone.", via),
        text("server", "Server id", "Its NATS server id.", lambda row: row.id, width=12, max_width=56, weight=1),
        LIVENESS,
        SKEW,
    ),
)
