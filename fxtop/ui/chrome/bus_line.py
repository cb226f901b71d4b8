"""The state of the bus in one line, always on screen; and the sentence of the banner when it is down."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct

from fxtop.bus.port import BusPhase, BusStatus
from fxtop.ui.chrome.line import Span
from fxtop.views.column import Look
from fxtop.views.format import clock_time, duration, latency, number, plural, size

_GLYPHS = {
    BusPhase.CONNECTED: ("●", "*", "$fx-ok"),
    BusPhase.CONNECTING: ("◌", "o", "$fx-warn"),
    BusPhase.RECONNECTING: ("◌", "o", "$fx-crit"),
    BusPhase.DOWN: ("✖", "x", "$fx-crit"),
    BusPhase.STOPPED: ("✖", "x", "$fx-crit"),
}


NO_ROOM = "full"
"""The reason of messages that were refused because so much is known already (`fxtop.cluster.tables`)."""


class Losses(Struct, frozen=True):
    """What did not come in, or came in and was not taken."""

    rejected: Mapping[str, int]
    """By reason."""
    lost: int
    dropped: int


def bus_spans(status: BusStatus, losses: Losses, monotonic: float, ascii_only: bool) -> list[Span]:
    """The line, most important first."""
    glyph, plain, style = _GLYPHS[status.phase]
    spans = [Span(f"{plain if ascii_only else glyph} bus {status.phase}", f"{style} bold"), *_flooded(losses)]
    if status.connected:
        spans += _connected(status)
    else:
        spans.append(Span(f" for {duration(monotonic - status.since)}", style))
    if status.last_error and not status.connected:
        spans.append(Span(f"  {status.last_error}", style))
    spans += _losses(losses)
    if status.reconnects:
        spans.append(Span(f"  {plural(status.reconnects, 'reconnect')}"))
    if status.last_error and status.connected:
        spans.append(Span(f"  last error: {status.last_error}", "$fx-muted"))
    return spans


def banner_text(status: BusStatus, look: Look, *, heard: bool) -> str | None:
    """What to shout across the screen, or None while the bus is up; ``heard`` is whether anything ever was."""
    if not status.broken:
        return None
    gone = look.monotonic - status.since
    why = f" {status.last_error}" if status.last_error else ""
    shown = "what is shown is from before." if heard else "nothing is known of the cluster."
    return f"BUS {status.phase.upper()} since {clock_time(look.now - gone, look)} ({duration(gone)}): {shown}{why}"


def _connected(status: BusStatus) -> list[Span]:
    where = status.server_name or status.server or "?"
    secure = "tls" if status.tls else "no tls"
    rtt = latency(status.rtt) if status.rtt is not None else "rtt unknown"
    spans = [
        Span(f" to {where} ({secure})"),
        Span(f"  {rtt}  {number(status.msgs_per_s)} msg/s  {_rate(status.bytes_per_s)}"),
    ]
    if status.lame_duck:
        spans.append(Span("  server is going down for maintenance", "$fx-warn"))
    return spans


def _rate(bytes_per_s: float) -> str:
    """Bytes a second; a trickle isn't counted, for what is written of it to a thin line would be more than it is."""
    return "<1K/s" if 0 < bytes_per_s < 1024 else f"{size(bytes_per_s)}/s"


def _losses(losses: Losses) -> list[Span]:
    rejected = sum(losses.rejected.values())
    reasons = ", ".join(f"{reason} {count}" for reason, count in sorted(losses.rejected.items(), key=lambda r: -r[1]))
    return [
        Span(f"  rejected {rejected}" + (f" ({reasons})" if rejected else ""), "$fx-warn" if rejected else ""),
        Span(f"  lost {losses.lost}", "$fx-warn" if losses.lost else ""),
    ]


def _flooded(losses: Losses) -> list[Span]:
    """What is shown is not all there is: that is said before anything else, and always has room."""
    refused = losses.rejected.get(NO_ROOM, 0)
    return [
        *([Span(f"  dropped here {losses.dropped}", "$fx-crit")] if losses.dropped else []),
        *([Span(f"  no room for {refused}", "$fx-crit")] if refused else []),
    ]
