"""The details of a transporter."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from fxtop.views import format as fmt
from fxtop.views.column import Look, Tone
from fxtop.views.column_kinds import COUNT
from fxtop.views.columns_transporters import counted, expiry_cell, peers, via
from fxtop.views.details_parts import (
    Line,
    Section,
    Series,
    heard_lines,
    line,
    lines_of,
    maybe,
    section,
    series,
    state_line,
)
from fxtop.views.states import transporter_status

if TYPE_CHECKING:
    from fxtop.cluster.records import Sighting, TransporterRow
    from fxtop.protocol.transporter import TransporterHeartbeat


def transporter_sections(row: TransporterRow, look: Look) -> Iterator[Section]:
    """What is known of a NATS server, by an agent beside it or by the token alone."""
    yield section("State", _state(row), heard_lines(row, row.interval, look), look=look)
    source = row.beat or row.sighting
    if source:
        yield section("Traffic", _traffic(row), look=look)
    if row.beat:
        yield section("Server", _server(row, row.beat, look), look=look)
        yield section("Routes", _routes(row, row.beat), look=look)
    elif row.sighting:
        yield section("Server", _sighted(row.sighting), look=look)


def transporter_series(row: TransporterRow) -> tuple[Series, ...]:
    """Its recent past."""
    return (series("Messages a second", row.msgs, COUNT),)


def _state(row: TransporterRow) -> Iterator[Line]:
    yield state_line(transporter_status(row))
    yield line("Id", row.id)
    known = {"token": "the shared token alone; no agent sits beside it", "": "nothing yet"}
    agent = "the agent beside it" if row.beat is None or row.beat.beside else "an agent on another host"
    yield line("Known by", known.get(via(row), f"{agent} ({via(row)})"))
    yield maybe("Island", row.island or None)
    yield line("Nodes connected", str(len(row.nodes)))


def _traffic(row: TransporterRow) -> Iterator[Line]:
    yield maybe("Messages in", row.in_rate, lambda rate: f"{fmt.number(rate)} a second")
    yield maybe("Messages out", row.out_rate, lambda rate: f"{fmt.number(rate)} a second")
    yield maybe("Bytes both ways", row.bytes_rate, lambda rate: f"{fmt.spoken_size(int(rate))} a second")
    now, total, slow = (counted(name)(row) for name in ("connections", "total_connections", "slow_consumers"))
    yield maybe("Clients", now, lambda count: f"{count:.0f} now" + _since(total, "it started"))
    yield maybe("Subscriptions", counted("subscriptions")(row), lambda count: f"{count:.0f}")
    cut = f"{row.slow_since_start} since this console started{_since(slow, 'it did')}"
    yield line("Slow consumers cut off", cut, Tone.WARN if row.slow_since_start else Tone.NORMAL)


def _since(count: float | None, when: str) -> str:
    return "" if count is None else f", {count:.0f} since {when}"


def _server(row: TransporterRow, beat: TransporterHeartbeat, look: Look) -> Iterator[Line]:
    yield line("Address", f"{beat.host}:{beat.port}" if beat.host else f"port {beat.port}")
    yield line("Version", f"nats-server {beat.version}")
    yield maybe("Up for", counted("uptime")(row), fmt.spoken_duration)
    yield maybe("Memory in use", beat.mem if beat.knows("mem") else None, fmt.spoken_size)
    yield maybe("CPU in use", counted("cpu")(row), lambda share: f"{fmt.percent(share)} of one core")
    yield line("TLS", "required" if beat.tls_required else "not required", _warn_unless(beat.tls_required))
    tone = expiry_cell(beat.cert_expires, look, "").tone
    yield maybe("Certificate expires", beat.cert_expires, lambda at: fmt.moment_ago(at, look), tone)
    yield line(
        "Leaving", "yes, it asks its clients to go" if beat.lame_duck else "no", _warn_unless(not beat.lame_duck)
    )
    yield maybe("Configuration read", beat.config_loaded, lambda at: fmt.moment_ago(at, look))
    yield maybe("Its file changed", beat.config_changed, lambda at: fmt.moment_ago(at, look))
    yield line("JetStream", "on" if beat.jetstream else "off")


def _sighted(sighting: Sighting) -> Iterator[Line]:
    yield line("Host", sighting.host)
    yield line("Version", f"nats-server {sighting.version}")
    yield line("Cluster", sighting.cluster or "none")
    yield line("JetStream", "on" if sighting.jetstream else "off")
    yield from lines_of("Clients by name", sighting.clients)


def _routes(row: TransporterRow, beat: TransporterHeartbeat) -> Iterator[Line]:
    reached, configured = peers(row), beat.configured_routes
    missing = reached is not None and configured is not None and reached < configured
    yield maybe("Servers reached", reached, tone=Tone.WARN if missing else Tone.NORMAL)
    yield maybe("Configured", configured)
    slowest: dict[str, float | None] = {}
    for route in beat.routes:
        known = slowest.get(route.remote_name)
        slowest[route.remote_name] = route.rtt if known is None else max(known, route.rtt or 0.0)
    for name, rtt in sorted(slowest.items()):
        yield maybe(f"To {name}", rtt, fmt.latency)


def _warn_unless(good: bool) -> Tone:
    return Tone.NORMAL if good else Tone.WARN
